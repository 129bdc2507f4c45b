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


class WordAsked(Fact):
    """That a version of the plan waits for a supervisor's word; `contents` says why. The work goes on (R37, R84)."""

    LABEL = "planning.word_asked"


class PlanAnswer(Fact):
    """A supervisor's word on one version of the plan (R37)."""

    LABEL = "planning.plan_answer"
    AMENDABLE: ClassVar[bool] = False


class SafetyPlan(Fact):
    """That there is a safety plan, made with whom; what it says stands in its entry (R36)."""

    LABEL = "planning.safety_plan"


class Meeting(Fact):
    """A planning meeting: who was there, and why somebody was not (R34)."""

    LABEL = "planning.meeting"


class PlanCopy(Fact):
    """Whether it was safe for the child to take the plan home, and when a copy was given (R35)."""

    LABEL = "planning.plan_copy"
