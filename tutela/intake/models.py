"""Facts about how a child became known and was registered."""

from django.db import models

from tutela.cases.models import Fact


class Identification(Fact):
    """How a child at risk became known, and how fast somebody must act (R1)."""

    LABEL = "intake.identification"


class Registration(Fact):
    """What was asked when the case was opened (R15). The code stands on the case, which no amendment changes."""

    LABEL = "intake.registration"

    area = models.CharField(max_length=40, blank=True)
