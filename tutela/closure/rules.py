"""What must be there before a case is closed, and what follows (R51–R54, R58; S2 §3.4-6).

Closing has three parts, each by somebody or at a time of its own: the caseworker asks, the supervisor agrees,
and the child and family are talked with. Agreement permits, it does not close; neither does a birthday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.foundation.clock import age_on, local_day, months_after
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "closure.criteria", "closure.stable_first", "closure.declined", "closure.uncontactable",
    "closure.uncontactable.after", "closure.without_discussion", "closure.adult_transition",
    "closure.adult_transition.settled", "closure.follow_up", "deadline.any_level.post_closure_follow_up",
    "closure.declined.asked", "closure.uncontactable.attempts", "closure.no_receiver", "closure.after_initial",
    "closure.after_initial.risk", "closure.death", "closure.follow_up.refused", "closure.feedback",
    "transition.alert", "transition.asked_again", "age.majority", "age.best_interests_until",
    "best_interests.after_majority",
)  # fmt: skip

_REASONS = "S2 §3.4-6; R51"
_SEQUENCE = "S2 §3.4-6; R52"


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the caseworker asks for, and on which grounds; and what the file itself says about them.

    `stable`: several contacts show that the child stays well. `unreachable_since`: the day after which nobody
    reached the child. `declining_adult_suspected`: the adult who no longer wishes support is suspected of
    harming the child; `declining_adult`: who that is to the child. `child_asked`: a code of that list.
    `still_at_risk_at_18`: a code of that list. `receiver_sought`: somebody asked whether others can take over.

    From the file: `suspected`, what those with the mark “suspected of harm” are to the child, empty where nobody knows;
    `attempts`, the days on which somebody tried to reach the child, and `reached`, the last on which that came about;
    `assessed`, whether the initial assessment is finished, and `risk`, the level that holds; `surely_child`, whether
    the person is under age however one reads what is known; `died`, whether a death is recorded.
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
    declining_adult: str = ""
    child_asked: str = ""
    child_view: str = ""
    receiver_sought: bool = False
    suspected: frozenset[str] = frozenset()
    attempts: tuple[date, ...] = ()
    reached: date | None = None
    assessed: bool = False
    risk: str = ""
    surely_child: bool = False
    died: bool = False


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """What was agreed about a contact after closing: `safe` is yes, no or empty; `way` a code of `follow_up_way`."""

    safe: str = ""
    way: str = ""


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
        *_death(request, pack, day),
        *_criteria(request, pack, day),
        *_stability(request, pack, day),
        *_declined(request, pack, day),
        *_uncontactable(request, pack, day),
        *_no_receiver(request, pack, day),
        *_after_initial(request, pack, day),
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


def missing_for_follow_up(reason: str, agreed: FollowUp, *, pack: Pack, day: date) -> list[Unmet]:
    """What must be settled with the child about a contact after closing, where the reason calls for one (R52)."""
    if not calls_for_follow_up(reason, pack=pack, day=day):
        return []
    if reason in rule_on("closure.without_discussion", day=day, pack=pack).codes:
        return []  # there was nobody to settle it with
    if agreed.safe == "":
        words = say("Say whether a visit in the next months is safe and welcome.")
        return [Unmet("follow_up_unanswered", words, _SEQUENCE, "follow_up_safe")]
    if agreed.safe == "yes" and agreed.way == "":
        words = say("Say in which way, as the child agreed; or that the child does not wish it.")
        return [Unmet("no_way_of_follow_up", words, _SEQUENCE, "follow_up_way")]
    return []


def is_refused(agreed: FollowUp, *, pack: Pack, day: date) -> bool:
    """Whether a contact after closing would be unsafe or unwelcome; then there is none, whatever the reason (R52)."""
    return agreed.safe == "no" or agreed.way in _codes_where_there("closure.follow_up.refused", pack, day)


def asks_for_feedback(reason: str, *, pack: Pack, day: date) -> bool:
    """Whether the child or family is asked what the work was like; never after a death (R52, R54)."""
    return reason in _codes_where_there("closure.feedback", pack, day)


@dataclass(frozen=True, kw_only=True)
class BestInterests:
    """Whether a refugee's best interests procedure goes on after 18: on which ground (a code), and with whose consent."""

    goes_on: bool = False
    ground: str = ""
    consent: bool = False


def missing_for_best_interests(
    asked: BestInterests, *, age: int | None, pack: Pack, day: date
) -> list[Unmet]:
    """What keeps the procedure from going on after 18; `age`: completed years, where known (R59)."""
    if not asked.goes_on:
        return []
    rule = rule_on("best_interests.after_majority", day=day, pack=pack)
    until = rule_on("age.best_interests_until", day=day, pack=pack)
    missing = []
    if asked.ground not in rule.codes:
        words = say(
            "It goes on only if it began before 18, or if the young person is the main carer of a child."
        )
        missing.append(Unmet("no_ground", words, rule.citation, "best_interests_ground"))
    if not asked.consent:
        words = say("It goes on only with the young person’s consent. Ask, or let it end.")
        missing.append(Unmet("no_consent", words, rule.citation, "best_interests_consent"))
    if age is not None and age >= until.number:
        words = say("It ends at {age}. Look for a service for adults together.", age=until.number)
        missing.append(Unmet("too_old", words, until.citation, "best_interests"))
    return missing


def is_near_eighteen(born: tuple[date, date], *, pack: Pack, day: date) -> bool:
    """Whether it is time to look ahead to 18; `born` is the earliest and the latest birthday. In doubt it is time (R58)."""
    return months_after(born[0], rule_on("transition.alert", day=day, pack=pack).number) <= day


def is_surely_child(born: tuple[date, date], *, pack: Pack, day: date) -> bool:
    """Whether somebody is under age however one reads what is known of the birthday."""
    return age_on(day, born=born[0]) < rule_on("age.majority", day=day, pack=pack).number


def is_surely_grown(born: tuple[date, date], *, pack: Pack, day: date) -> bool:
    """Whether somebody is of age however one reads it; in doubt the person is a child (R16)."""
    return age_on(day, born=born[1]) >= rule_on("age.majority", day=day, pack=pack).number


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


def _codes_where_there(key: str, pack: Pack, day: date) -> tuple[str, ...]:
    """The codes of a rule; none where a case was closed under an older pack that did not have it."""
    return rule_on(key, day=day, pack=pack).codes if key in pack.rules else ()


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
    """The child's own word, and no word of somebody who is suspected: a mark on a person counts beside the answer."""
    rule = rule_on("closure.declined", day=day, pack=pack)
    if request.reason not in rule.codes:
        return
    who = request.declining_adult
    if request.declining_adult_suspected or (who and who in request.suspected):
        words = say(
            "The adult who declines is suspected of harming the child. Ask the supervisor what to do."
        )
        yield Unmet("declined_by_suspected", words, rule.citation, "reason")
        return
    if request.suspected and not who:
        words = say("Somebody on this file is marked as suspected of harm. Say which adult declines.")
        yield Unmet("who_declines", words, rule.citation, "declining_adult")
    if "" in request.suspected:
        words = say(
            "Somebody is marked as suspected of harm. Say under People who that is to the child, then ask again."
        )
        yield Unmet("suspected_unknown", words, rule.citation, "declining_adult")
    asked = rule_on("closure.declined.asked", day=day, pack=pack)
    if request.child_asked not in asked.codes:
        words = say("Ask the child too, alone where that is safe, and say how you asked.")
        yield Unmet("child_not_asked", words, asked.citation, "child_asked")
    if not request.child_view.strip():
        words = say("Write down what the child wishes, apart from what the adults said.")
        yield Unmet("no_child_wish", words, asked.citation, "child_view")


def _death(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    """A recorded death is the only reason that fits, and no other way to close for it: then every reminder has stopped."""
    rule = rule_on("closure.death", day=day, pack=pack)
    if request.died and request.reason not in rule.codes:
        words = say("It is recorded that the child has died. Choose that reason.")
        yield Unmet("has_died", words, rule.citation, "reason")
    if request.reason in rule.codes and not request.died:
        words = say("Write down first that the child has died. Every reminder stops with it.")
        yield Unmet("death_not_recorded", words, rule.citation, "reason")


def _no_receiver(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    rule = rule_on("closure.no_receiver", day=day, pack=pack)
    if request.reason in rule.codes and not request.receiver_sought:
        words = say("Ask first whether somebody where the child is now can take over. Then nothing is lost.")
        yield Unmet("receiver_not_sought", words, rule.citation, "receiver_sought")


def _after_initial(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    """No concern is what a finished assessment found, not a guess; and a higher risk level says something else."""
    if request.reason not in rule_on("closure.after_initial", day=day, pack=pack).codes:
        return
    rule = rule_on("closure.after_initial.risk", day=day, pack=pack)
    if not request.assessed:
        words = say("Finish the initial assessment first.")
        yield Unmet("not_assessed", words, rule.citation, "reason")
    elif request.risk not in rule.codes:
        words = say(
            "The risk level says that there is a concern. Change it first, with the reason, or choose another one."
        )
        yield Unmet("risk_says_otherwise", words, rule.citation, "reason")


def _uncontactable(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    if request.reason not in rule_on("closure.uncontactable", day=day, pack=pack).codes:
        return
    rule = rule_on("closure.uncontactable.after", day=day, pack=pack)
    if request.unreachable_since is None:
        words = say("Say since when nobody has reached the child.")
        yield Unmet("unreachable_since_unknown", words, rule.citation, "unreachable_since")
        return
    since = max(request.unreachable_since, request.reached or request.unreachable_since)
    possible = months_after(since, rule.number)
    if day < possible:
        words = say(
            "This reason is open from {day}. Until then, go on trying to reach the child.",
            day=possible.isoformat(),
        )
        yield Unmet("not_long_enough", words, rule.citation, "unreachable_since")
        return
    least = rule_on("closure.uncontactable.attempts", day=day, pack=pack)
    tried = len({one for one in request.attempts if since <= one <= day})
    if tried < least.number:
        words = say(
            "The file shows {tried} days on which somebody tried to reach the child since then; {least} are needed. "
            "Write down each attempt as a contact that was an attempt.",
            tried=tried,
            least=least.number,
        )
        yield Unmet("too_few_attempts", words, least.citation, "unreachable_since")


def _adult_transition(request: Request, pack: Pack, day: date) -> Iterator[Unmet]:
    """Turning eighteen closes nothing: somebody has to be there for whoever is still at risk."""
    if request.reason not in rule_on("closure.adult_transition", day=day, pack=pack).codes:
        return
    if request.surely_child:
        grown = rule_on("age.majority", day=day, pack=pack)
        words = say(
            "By what is on file, this person is not {age} yet. Look ahead, and go on.", age=grown.number
        )
        yield Unmet("not_grown_up", words, grown.citation, "reason")
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
