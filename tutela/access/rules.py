"""For how long a file is opened to whoever says why (requirements §20, R86). Pure."""

from datetime import date

from tutela.foundation.clock import days_after
from tutela.protocols.packs import Pack, rule_on

KEYS = ("access.on_reason", "access.safeguarding", "access.confidential", "access.referral", "access.typing")


def last_day(purpose: str, day: date, *, pack: Pack) -> date:
    """Until when, at most, something that is opened for `purpose` on `day` stays open."""
    return days_after(day, rule_on(f"access.{purpose}", day=day, pack=pack).number)
