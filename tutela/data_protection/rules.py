"""What the pack says of requests, of keeping files, and of incidents. Pure."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from tutela.foundation.clock import days_after, months_after
from tutela.protocols.packs import NotInPack, Pack, rule_on

KEYS = (
    "rights.answer_within",
    "incident.tell_within",
    "retention.longer_arrangements",
    "custody.keyring_bundle_kept",
)


def answer_by(came_on: date, *, pack: Pack) -> date:
    """The last day on which a request is answered in time (R88)."""
    return days_after(came_on, rule_on("rights.answer_within", day=came_on, pack=pack).number)


def tell_by(found_at: datetime, *, day: date, pack: Pack) -> datetime:
    """Until when those who must know of an incident are told (R92)."""
    return found_at + timedelta(hours=rule_on("incident.tell_within", day=day, pack=pack).number)


def kept_until(closed_on: date, *, arrangements: Collection[str], day: date, pack: Pack) -> date | None:
    """The last day on which a closed file is kept; None where this pack sets no time, so that nothing ends by itself (R90).

    `arrangements`: every way in which the child was cared for, of the list care_arrangement. Some are kept longer.
    """
    longer = set(rule_on("retention.longer_arrangements", day=day, pack=pack).codes) & set(arrangements)
    try:
        months = rule_on(
            "retention.alternative_care" if longer else "retention.case", day=day, pack=pack
        ).number
    except NotInPack:
        return None
    return months_after(closed_on, months)


def backups_gone_on(destroyed_on: date, *, pack: Pack) -> date:
    """The day on which the last backup of the keyring from before is gone (design §5)."""
    return days_after(
        destroyed_on, rule_on("custody.keyring_bundle_kept", day=destroyed_on, pack=pack).number
    )
