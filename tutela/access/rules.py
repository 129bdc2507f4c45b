"""For how long a file is opened to whoever says why, and how far back roles are seen (requirements §20). Pure."""

from datetime import date

from tutela.foundation.clock import days_after
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "access.on_reason", "access.safeguarding", "access.confidential", "access.best_interests", "access.referral",
    "access.typing", "access.roles_shown",
)  # fmt: skip


def last_day(purpose: str, day: date, *, pack: Pack) -> date:
    """Until when, at most, something that is opened for `purpose` on `day` stays open."""
    return days_after(day, rule_on(f"access.{purpose}", day=day, pack=pack).number)
