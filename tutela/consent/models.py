"""Facts about consent."""

from datetime import date
from typing import ClassVar

from django.db import models

from tutela.cases.models import Fact


class Explanation(Fact):
    """How the work, the file and its limits were explained, and what the child said (R10)."""

    LABEL = "consent.explanation"


class Consent(Fact):
    """What one person agreed to and refused, purpose by purpose (R7–R9)."""

    LABEL = "consent.consent"
    AMENDABLE: ClassVar[bool] = False

    @property
    def until(self) -> date | None:
        """The last day on which it holds; None where it holds until the person changes their mind."""
        return date.fromisoformat(self.contents["until"]) if self.contents.get("until") else None


class UrgentAnswer(Fact):
    """What the supervisor answered to an urgent action (R11)."""

    LABEL = "consent.urgent_answer"
    AMENDABLE: ClassVar[bool] = False


class UrgentAction(Fact):
    """Something done at once for life, safety or health, on a stated basis; the supervisor answers (R11, R18)."""

    LABEL = "consent.urgent_action"

    answer = models.ForeignKey(UrgentAnswer, on_delete=models.PROTECT, null=True, related_name="actions")
