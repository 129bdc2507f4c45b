"""Facts about what happened after the plan was made."""

from tutela.cases.models import Fact


class Contact(Fact):
    """A visit, a call, a talk, or an attempt at one (R47)."""

    LABEL = "follow_up.contact"


class Review(Fact):
    """A look at whether the plan still fits the child (R49)."""

    LABEL = "follow_up.review"
