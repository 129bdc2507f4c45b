"""Facts about closing a case. Each is an event with who and when; whether a case is closed follows from them."""

from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class ClosureRequest(Fact):
    """A caseworker asks the supervisor to agree that the case may be closed (R52)."""

    LABEL = "closure.request"
    AMENDABLE: ClassVar[bool] = False


class ClosureAnswer(Fact):
    """The supervisor agrees, or returns the request with what to do first. Agreement permits; it does not close."""

    LABEL = "closure.answer"
    AMENDABLE: ClassVar[bool] = False

    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, related_name="answer")


class Closure(Fact):
    """The case was discussed with the child and closed by the caseworker (R52)."""

    LABEL = "closure.closure"
    AMENDABLE: ClassVar[bool] = False

    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, related_name="closure")


class Reopening(Fact):
    """The case is open again, under its code, with its history (R55)."""

    LABEL = "closure.reopening"
    AMENDABLE: ClassVar[bool] = False


class Death(Fact):
    """The child has died. It is never corrected; a new event of the supervisor says that it was an error (R54)."""

    LABEL = "closure.death"
    AMENDABLE: ClassVar[bool] = False


class ApproachingEighteen(Fact):
    """What a young person needs at 18, as looked at together (R58, R59). The birthday itself closes nothing."""

    LABEL = "closure.approaching_eighteen"
    AMENDABLE: ClassVar[bool] = False
