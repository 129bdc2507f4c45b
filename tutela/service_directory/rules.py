"""How fresh what is known of a service is (R39), and what never stands on a list that is handed out (R123)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tutela.foundation.clock import months_after
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "directory.refresh.emergency",
    "directory.never_public.sectors",
    "directory.never_public.kinds",
)

State = Literal["fresh", "stale", "never_verified", "ended"]


@dataclass(frozen=True)
class Freshness:
    """How what is known of a service stands, in words for whoever is about to use it."""

    state: State
    words: Words
    citation: str


def freshness(*, verified_on: date | None, ends_on: date | None, pack: Pack, day: date) -> Freshness:
    """How a service stands on `day`: ended, never verified, verified too long ago, or fresh (S2 Annex 3).

    It is stale from the day after the limit on. Nothing of this keeps anybody from using it (R41).
    """
    rule = rule_on("directory.refresh.emergency", day=day, pack=pack)
    if ends_on is not None and ends_on < day:
        ended = say("The project ended on {day}. Ask before you send anybody.", day=ends_on)
        return Freshness("ended", ended, rule.citation)
    if verified_on is None:
        return Freshness("never_verified", say("Nobody has checked this yet. Call first."), rule.citation)
    if months_after(verified_on, rule.number) < day:
        words = say("Last checked more than {months} months ago. Call first.", months=rule.number)
        return Freshness("stale", words, rule.citation)
    return Freshness("fresh", say("Checked on {day}.", day=verified_on), rule.citation)


def may_be_handed_out(
    *, listed: bool, sector: str, kind: str, concerns: Collection[object], pack: Pack, day: date
) -> bool:
    """Whether a service may stand on a list that leaves the organisation.

    It must have said yes; shelters, safe spaces, services after gender-based violence and for children who were with armed
    groups never stand there, nor does one with a safety concern. A kind that the pack does not know stays off.
    """
    never_sectors = rule_on("directory.never_public.sectors", day=day, pack=pack).codes
    never_kinds = rule_on("directory.never_public.kinds", day=day, pack=pack).codes
    known = (
        sector in pack.vocabulary("service_sector").codes and kind in pack.vocabulary("service_kind").codes
    )
    return listed and known and not concerns and sector not in never_sectors and kind not in never_kinds
