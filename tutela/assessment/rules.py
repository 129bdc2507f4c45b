"""What an assessment must not pass over: health care after sexual violence (R72; S2 §3.3.2); and who sees it (R37)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, rule_on

APPROVAL = "assessment.approval"
KEYS = (
    APPROVAL,
    "health_care.offered_now",
    "health_care.settled",
    "risk.lowering_needs_agreement",
    "urgent_need.response",
    "urgent_need.response.overdue_after",
)


@dataclass(frozen=True)
class HealthCareOffer:
    """Health care is always offered; `now` means before anything else. `words` are for the caseworker."""

    when: Literal["now", "still"]
    words: Words
    citation: str


def health_care_offer(recency: str, *, pack: Pack, day: date) -> HealthCareOffer:
    """How health care is offered after sexual violence of that `recency` (list `incident_recency`).

    Not to know counts as recent. No hour is asked for and nothing counts down (R72). Raises Refused for any
    other code.
    """
    rule = rule_on("health_care.offered_now", day=day, pack=pack)
    if recency not in pack.vocabulary("incident_recency").codes:
        raise Refused(Unmet("unknown_recency", say("Choose when it happened from the list."), rule.citation))
    if recency in rule.codes:
        now = say("Offer health care now. Sooner is better: some treatment helps only in the first days.")
        return HealthCareOffer("now", now, rule.citation)
    return HealthCareOffer(
        "still", say("Offer health care. It still helps after a longer time."), rule.citation
    )


def asks_for_word(*, pack: Pack, day: date) -> bool:
    """Whether a finished assessment is put before a supervisor (R37)."""
    # A pack that was published before there was this rule asks nobody: facts of its time are made again by it.
    return APPROVAL in pack.rules and rule_on(APPROVAL, day=day, pack=pack).is_yes
