"""Facts about how safe a child is."""

from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class Assessment(Fact):
    """One assessment: initial or comprehensive, finished or not yet (R19, R20)."""

    LABEL = "assessment.assessment"


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
