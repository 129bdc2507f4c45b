"""Facts about consent."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import models

from tutela.cases.models import Fact


class Explanation(Fact):
    """How the work, the file and its limits were explained, and what the child said (R10)."""

    LABEL = "consent.explanation"


class Consent(Fact):
    """What one person agreed to, refused and took back, purpose by purpose (R7–R9, R13)."""

    LABEL = "consent.consent"
    AMENDABLE: ClassVar[bool] = False

    @property
    def until(self) -> date | None:
        """The last day on which it holds; None where it holds until the person changes their mind."""
        if self.contents.get("once") == "yes":
            return self.given_on
        return date.fromisoformat(self.contents["until"]) if self.contents.get("until") else None

    @property
    def given_on(self) -> date:
        """The day on which the person was asked; a withdrawal since then leaves it as it was."""
        asked = self.contents.get("asked")
        return date.fromisoformat(asked["on"]) if asked else self.entry.happened_on

    @property
    def given_in(self) -> UUID:
        """The entry that says what is still agreed to."""
        asked = self.contents.get("asked")
        return UUID(asked["entry"]) if asked else self.entry_id

    @property
    def asked_with(self) -> str:
        """The version of the form with which the person was asked."""
        asked = self.contents.get("asked")
        return str(asked["form"]) if asked else self.entry.form_id


class NotAsked(Fact):
    """Why somebody was not asked (R8, R12): it holds until that person answers."""

    LABEL = "consent.not_asked"
    AMENDABLE: ClassVar[bool] = False


class WithdrawalDecision(Fact):
    """What follows from a withdrawal at high risk, as the supervisor decided (R13)."""

    LABEL = "consent.withdrawal_decision"
    AMENDABLE: ClassVar[bool] = False


class Withdrawal(Fact):
    """One person took back what they had agreed to (R13)."""

    LABEL = "consent.withdrawal"
    AMENDABLE: ClassVar[bool] = False

    decision = models.ForeignKey(WithdrawalDecision, on_delete=models.PROTECT, null=True, related_name="+")


class ServicesDecided(Fact):
    """After a withdrawal, what becomes of each service that has begun, as decided with the child (R13)."""

    LABEL = "consent.services_decided"
    AMENDABLE: ClassVar[bool] = False


class Consultation(Fact):
    """What the supervisor answered where people said different things about one purpose (R8)."""

    LABEL = "consent.consultation"
    AMENDABLE: ClassVar[bool] = False


class OverrideAnswer(Fact):
    """Whether the supervisor agrees to go on without consent (R11)."""

    LABEL = "consent.override_answer"
    AMENDABLE: ClassVar[bool] = False


class Override(Fact):
    """A wish to go on without consent, for the child's best interests and on a legal basis; it counts once agreed (R11)."""

    LABEL = "consent.override"
    AMENDABLE: ClassVar[bool] = False

    answer = models.ForeignKey(OverrideAnswer, on_delete=models.PROTECT, null=True, related_name="+")


class MandatoryReport(Fact):
    """Where a decision on a duty to report stands; its reasons stay in the confidential part of the entry (R77)."""

    LABEL = "consent.mandatory_report"
    AMENDABLE: ClassVar[bool] = False


class UrgentAnswer(Fact):
    """What the supervisor answered to an urgent action (R11)."""

    LABEL = "consent.urgent_answer"
    AMENDABLE: ClassVar[bool] = False


class UrgentAction(Fact):
    """Something done at once for life, safety or health, on a stated basis; the supervisor answers (R11, R18)."""

    LABEL = "consent.urgent_action"

    answer = models.ForeignKey(UrgentAnswer, on_delete=models.PROTECT, null=True, related_name="actions")
