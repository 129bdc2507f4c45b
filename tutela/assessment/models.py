"""Facts about how safe a child is."""

from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class Assessment(Fact):
    """One assessment: initial or comprehensive, finished or not yet (R19, R20)."""

    LABEL = "assessment.assessment"


class AssessmentWordAsked(Fact):
    """That a finished assessment waits for a supervisor's word. The work goes on (R37)."""

    LABEL = "assessment.word_asked"


class AssessmentAnswer(Fact):
    """A supervisor's word; `contents` says on which assessments (R37)."""

    LABEL = "assessment.assessment_answer"
    AMENDABLE: ClassVar[bool] = False


class Need(Fact):
    """What the child needs and how far it is met, before any service is named (R24)."""

    LABEL = "assessment.need"

    position = models.PositiveSmallIntegerField()  # as the child and the caseworker put them; no score

    class Meta(Fact.Meta):
        ordering: ClassVar = ["position"]


class Circumstances(Fact):
    """What more is known of a child. Neither form nor table says of what: that would say what happened (R72–R75, R128)."""

    LABEL = "assessment.circumstances"


class RiskLevel(Fact):
    """The risk level that a person chose, with the reason, until the next (R23). Nothing else ever sets one."""

    LABEL = "assessment.risk_level"
    AMENDABLE: ClassVar[bool] = False

    level = models.CharField(max_length=12)


class Lowering(Fact):
    """A wish to lower the risk from high; it counts only once the supervisor agrees (R23)."""

    LABEL = "assessment.lowering"
    AMENDABLE: ClassVar[bool] = False

    level = models.CharField(max_length=12)
