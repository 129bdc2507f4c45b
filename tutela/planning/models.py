"""Facts about the plan."""

from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class Plan(Fact):
    """One version of the case plan; the newest holds (R37)."""

    LABEL = "planning.plan"


class Objective(Fact):
    """What the child, the caregiver and the caseworker want to change (R30)."""

    LABEL = "planning.objective"

    position = models.PositiveSmallIntegerField()  # as the child and the caseworker put them

    class Meta(Fact.Meta):
        ordering: ClassVar = ["position"]


class PlanAction(Fact):
    """Who does what, until when (R31)."""

    LABEL = "planning.plan_action"

    position = models.PositiveSmallIntegerField()
    due_on = models.DateField(null=True)

    class Meta(Fact.Meta):
        ordering: ClassVar = ["position"]
