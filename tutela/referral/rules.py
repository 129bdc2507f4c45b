"""Where a referral stands (R41). What happened says it; nothing is stored."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from tutela.foundation.clock import days_after, months_after
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "referral.answer.urgent",
    "referral.answer.usual",
    "referral.service",
    "referral.expires",
    "referral.heard",
)

Stage = Literal["sent", "accepted", "declined", "started", "completed", "not_received", "cancelled"]

# While it stands here, the child waits for the service or receives it, and the caseworker is responsible (R43).
UNDER_WAY: frozenset[Stage] = frozenset({"sent", "accepted", "started"})

_STAGES: dict[str, Stage] = {
    "accepted": "accepted", "declined": "declined", "started": "started", "completed": "completed",
    "not_received": "not_received",
}  # fmt: skip


def stage(events: Sequence[str], *, cancelled: bool = False) -> Stage:
    """Where a referral stands after `events`, codes of the lists referral_answer and referral_outcome, the oldest first.

    The newest says it; that it goes on changes nothing.
    """
    if cancelled:
        return "cancelled"
    return next((_STAGES[one] for one in reversed(events) if one in _STAGES), "sent")


def has_expired(stands: Stage, *, asked_on: date, pack: Pack, day: date) -> bool:
    """Whether nobody answered for so long that the service can no longer be counted on (R41)."""
    return (
        stands == "sent"
        and months_after(asked_on, rule_on("referral.expires", day=day, pack=pack).number) < day
    )


def heard_since(day: date, *, pack: Pack) -> date:
    """From which day on what a service answered here is new on `day`."""
    return days_after(day, -rule_on("referral.heard", day=day, pack=pack).number)


def is_settled(stands: Stage, *, feedback: bool) -> bool:
    """Whether nothing is left to do: what was completed is settled once somebody was asked how it was (R43)."""
    return feedback if stands == "completed" else stands not in UNDER_WAY
