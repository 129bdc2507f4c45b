"""What must be there before a case is closed, and what follows (R51–R54, R58; S2 §3.4-6).

Closing has three parts, each by somebody or at a time of its own: the caseworker asks, the supervisor agrees,
and the child and family are talked with. Agreement permits, it does not close; neither does a birthday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.foundation.clock import local_day, months_after
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "closure.criteria", "closure.stable_first", "closure.declined", "closure.uncontactable",
    "closure.uncontactable.after", "closure.without_discussion", "closure.adult_transition",
    "closure.adult_transition.settled", "closure.follow_up", "deadline.any_level.post_closure_follow_up",
)  # fmt: skip

_REASONS = "S2 §3.4-6; R51"
_SEQUENCE = "S2 §3.4-6; R52"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the caseworker asks for, and on which grounds.

    `stable`: several contacts show that the child stays well. `unreachable_since`: the day after which nobody
    reached the child. `declining_adult_suspected`: the adult who no longer wishes support is suspected of
    harming the child. `still_at_risk_at_18`: a code of that list.
    """

    by: UUID
    reason: str = ""
    objectives_met: bool = False
    safe: bool = False
    no_further_risk: bool = False
    stable: bool = False
    justification: str = ""
    unreachable_since: date | None = None
    declining_adult_suspected: bool = False
    still_at_risk_at_18: str = ""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the supervisor answered."""

    by: UUID
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class Discussion:
    """The talk with the child and family. `objection` is a code of the list `closure_objection`."""

    on: date | None = None
    child_view: str = ""
    knows_how_to_return: bool = False
    objection: str = ""


def missing_for_closure(
    request: Request, agreement: Agreement | None, discussion: Discussion | None, *, pack: Pack, day: date
) -> list[Unmet]:
    """Everything that keeps this case from being closed on `day`; empty where it can be."""
    return [
        *missing_for_request(request, pack=pack, day=day),
        *missing_for_agreement(request, agreement),
        *missing_for_discussion(request, discussion, pack=pack, day=day),
    ]


def missing_for_request(request: Request, *, pack: Pack, day: date) -> list[Unmet]:
    """What the request lacks for its reason (R51, R53, R58)."""
    if request.reason not in pack.vocabulary("closure_reason").codes:
        return [Unmet("no_reason", say("Choose the reason for closing."), _REASONS, "reason")]
    return [
        *_criteria(request, pack, day),
        *_stability(request, pack, day),
        *_declined(request, pack, day),
        *_uncontactable(request, pack, day),
        *_adult_transition(request, pack, day),
    ]


def missing_for_agreement(request: Request, agreement: Agreement | None) -> list[Unmet]:
    """What is missing until somebody other than who asked agrees (R52)."""
    if agreement is None:
        words = say("The supervisor has not agreed yet. Ask for it, with the reasons.")
        return [Unmet("not_agreed", words, _SEQUENCE)]
    if agreement.by == request.by:
        words = say("Whoever asks to close a case cannot agree to it. Ask another supervisor.")
        return [Unmet("own_agreement", words, _SEQUENCE)]
    if not agreement.agreed:
        words = say(
            "The supervisor has not agreed, and says what is to be done first. Do that, then ask again."
        )
        return [Unmet("returned", words, _SEQUENCE)]
    return []


def missing_for_discussion(
    request: Request, discussion: Discussion | None, *, pack: Pack, day: date
) -> list[Unmet]:
    """What the talk with child and family lacks; nothing, where there is nobody to talk with (R52, R54)."""
    if request.reason in rule_on("closure.without_discussion", day=day, pack=pack).codes:
        return []
    if discussion is None or discussion.on is None or discussion.on > day:
        words = say("The case stays open until closing has been discussed with the child and family.")
        return [Unmet("not_discussed", words, _SEQUENCE, "discussed_on")]
    return list(_discussed(discussion))


def calls_for_follow_up(reason: str, *, pack: Pack, day: date) -> bool:
    """Whether a case closed for that reason is followed up; never after a death (R52, R54)."""
    return reason in rule_on("closure.follow_up", day=day, pack=pack).codes


def follow_up_due(closed_at: datetime, reason: str, *, pack: Pack, zone: ZoneInfo) -> datetime | None:
    """By when the child is followed up after closing, or None where the reason calls for none.

    Whether contact is safe and wished is asked before; where it is not, there is none either (R52).
    """
    day = local_day(closed_at, zone)
    if not calls_for_follow_up(reason, pack=pack, day=day):
        return None
    return falls(closed_at, rule_on("deadline.any_level.post_closure_follow_up", day=day, pack=pack), zone)


def _criteria(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    """The three criteria, for the reason that stands on them; for every other one, a justification (R27)."""
    rule = rule_on("closure.criteria", day=day, pack=pack)
    if request.reason not in rule.codes:
        if not request.justification.strip():
            yield Unmet(
                "no_justification",
                say("Say why the case is closed for this reason."),
                rule.citation,
                "justification",
            )
        return
    if not request.objectives_met:
        yield Unmet(
            "objectives_open",
            say("The objectives of the plan are not met yet."),
            rule.citation,
            "objectives_met",
        )
    if not request.safe:
        words = say("It is not recorded that the child is safe and cared for.")
        yield Unmet("not_safe", words, rule.citation, "safe")
    if not request.no_further_risk:
        words = say("It is not recorded that no further risks are known.")
        yield Unmet("further_risk", words, rule.citation, "no_further_risk")


def _stability(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    rule = rule_on("closure.stable_first", day=day, pack=pack)
    if request.reason in rule.codes and not request.stable:
        words = say("Follow up until several contacts show that the child stays well, then close.")
        yield Unmet("not_stable", words, rule.citation, "stable")


def _declined(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    rule = rule_on("closure.declined", day=day, pack=pack)
    if request.reason in rule.codes and request.declining_adult_suspected:
        words = say(
            "The adult who declines is suspected of harming the child. Ask the supervisor what to do."
        )
        yield Unmet("declined_by_suspected", words, rule.citation, "reason")


def _uncontactable(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    if request.reason not in rule_on("closure.uncontactable", day=day, pack=pack).codes:
        return
    rule = rule_on("closure.uncontactable.after", day=day, pack=pack)
    if request.unreachable_since is None:
        words = say("Say since when nobody has reached the child.")
        yield Unmet("unreachable_since_unknown", words, rule.citation, "unreachable_since")
        return
    possible = months_after(request.unreachable_since, rule.number)
    if day < possible:
        words = say(
            "This reason is open from {day}. Until then, go on trying to reach the child.",
            day=possible.isoformat(),
        )
        yield Unmet("not_long_enough", words, rule.citation, "unreachable_since")


def _adult_transition(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    """Turning eighteen closes nothing: somebody has to be there for whoever is still at risk."""
    if request.reason not in rule_on("closure.adult_transition", day=day, pack=pack).codes:
        return
    rule = rule_on("closure.adult_transition.settled", day=day, pack=pack)
    if request.still_at_risk_at_18 not in pack.vocabulary("still_at_risk_at_18").codes:
        words = say("Say whether the young person is still at risk, and who supports them from now on.")
        yield Unmet("at_risk_unanswered", words, rule.citation, "still_at_risk_at_18")
    elif request.still_at_risk_at_18 not in rule.codes:
        words = say(
            "The young person is still at risk and nobody else is there. Go on until that has changed."
        )
        yield Unmet("still_at_risk", words, rule.citation, "still_at_risk_at_18")


def _discussed(discussion: Discussion) -> Iterator[Unmet]:
    if not discussion.child_view.strip():
        yield Unmet("no_child_view", say("Record what the child thinks of closing."), _SEQUENCE, "child_view")
    if not discussion.knows_how_to_return:
        words = say("Make sure that they know how to come back and how to complain.")
        yield Unmet("no_way_back", words, _SEQUENCE, "knows_how_to_return")
    if discussion.objection == "":
        yield Unmet("objection_unanswered", say("Say whether anybody objects."), _SEQUENCE, "objection")
    elif discussion.objection != "none":
        words = say(
            "Somebody objects, so the case stays open. Talk again, or take it back to the supervisor."
        )
        yield Unmet("objection", words, _SEQUENCE, "objection")
