"""Who is a child for case management, who is seen first, and what our criteria say (R2, R3, R5, R16, R29). Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from tutela.foundation.clock import months_after
from tutela.protocols.packs import Pack, rule_on

KEYS = (
    "intake.reduce_after", "intake.ends_here", "intake.consent_that_keeps", "intake.separated", "intake.unaccompanied",
    "intake.infant_until", "deadline.not_known.runs_as", "age.majority", "age.best_interests_until", "screening.matrix",
    "screening.matrix.review_every", "screening.care_reform",
)  # fmt: skip

ANY = "any"  # in a row of the matrix: whatever is ticked there, and nothing
_YES, _NO = "yes", "no"
_CHILD, _ADULT = "child", "adult"  # of the list screening_child

_JUDGED_URGENT, _COUNTS_AS_URGENT = -2, -1  # places before every level; what a person judged goes first

ByAge = Literal["child", "in_doubt_a_child", "young_adult", "grown_up"]


def by_age(youngest: int, oldest: int, *, pack: Pack, day: date) -> ByAge:
    """What somebody between `youngest` and `oldest` completed years is for R2. In doubt a child (R16)."""
    majority = rule_on("age.majority", day=day, pack=pack).number
    until = rule_on("age.best_interests_until", day=day, pack=pack).number
    if oldest < majority:
        return "child"
    if youngest < majority:
        return "in_doubt_a_child"
    return "young_adult" if youngest <= until else "grown_up"


def eligible(answers: Mapping[str, Any]) -> bool | None:
    """Whether all three questions are answered yes (R2); None while one is open and none is answered no.

    Somebody of 18 to 21 for whom a best interests procedure may go on passes for a child (R59, R129).
    """
    child = answers.get("is_child", "")
    three = (
        "" if not child else _NO if child == _ADULT else _YES, answers.get("at_risk", ""),
        answers.get("appropriate", ""),
    )  # fmt: skip
    if _NO in three:
        return False
    return True if set(three) == {_YES} else None


@dataclass(frozen=True)
class Advice:
    """One row of the criteria that applies: to what was ticked, and what it says. An empty side stands for anything."""

    vulnerability: str
    threat: str
    reason: str
    says: str  # of the list criteria_advice


@dataclass(frozen=True)
class Criteria:
    """Everything the criteria say about what was ticked, side by side; `silent_on` is what no row speaks of.

    `answers_agree`: what the three questions come to (see `eligible`). Nothing is added up and nothing decided.
    """

    advice: tuple[Advice, ...]
    silent_on: tuple[str, ...]
    answers_agree: bool | None
    version: date
    review_on: date
    citation: str

    @property
    def to_be_reviewed(self) -> str:
        """The day from which the criteria are to be looked at again, as ISO."""
        return self.review_on.isoformat()


def criteria(answers: Mapping[str, Any], *, pack: Pack, day: date) -> Criteria:
    """What the criteria of `pack` say about the answers of a screening."""
    matrix = rule_on("screening.matrix", day=day, pack=pack)
    threats, vulnerabilities = answers.get("threats", ()), answers.get("vulnerabilities", ())
    advice = (
        *_of_matrix(matrix.rows, threats, vulnerabilities),
        *_of_care_reform({*answers.get("triggers", ()), *answers.get("exclusions", ())}, pack, day),
    )
    spoken_of = {code for one in advice for code in (one.vulnerability, one.threat)}
    silent = tuple(code for code in (*vulnerabilities, *threats) if code not in spoken_of)
    version = last_verified("screening.matrix", pack=pack, day=day)
    every = rule_on("screening.matrix.review_every", day=day, pack=pack).number
    return Criteria(advice, silent, eligible(answers), version, months_after(version, every), matrix.citation)


def last_verified(key: str, *, pack: Pack, day: date) -> date:
    """The day on which the value that holds on `day` was last compared with its source. Raises NotInPack."""
    rule_on(key, day=day, pack=pack)
    return next(one.verified_on for one in pack.rules[key] if one.holds_on(day))


def _of_matrix(
    rows: Collection[Mapping[str, Any]], threats: Collection[str], vulnerabilities: Collection[str]
) -> Iterator[Advice]:
    for row in rows:
        vulnerability, threat = str(row["vulnerability"]), str(row["threat"])
        if (vulnerability == ANY or vulnerability in vulnerabilities) and (
            threat == ANY or threat in threats
        ):
            yield Advice(_named(vulnerability), _named(threat), "", str(row["says"]))


def _of_care_reform(ticked: Collection[str], pack: Pack, day: date) -> Iterator[Advice]:
    for row in rule_on("screening.care_reform", day=day, pack=pack).rows:
        if row["reason"] in ticked:
            yield Advice("", "", str(row["reason"]), str(row["says"]))


def _named(code: str) -> str:
    return "" if code == ANY else code


@dataclass(frozen=True, order=True)
class Rank:
    """Where a child stands among those who wait: the lowest first (R29, R116). It is no score, and is never kept or shown."""

    place: int
    not_infant: bool
    not_alone: bool

    @property
    def urgent(self) -> bool:
        """Whether somebody is to go at once."""
        return self.place < 0


def rank(*, triage: str, with_whom: str, age: int | None, pack: Pack, day: date) -> Rank:
    """Urgent first, then as the clock of the triage priority runs, infants and children alone before others.

    An infant who may be separated counts as urgent: what tells where it comes from is soon lost.
    """
    infant = age is not None and age <= rule_on("intake.infant_until", day=day, pack=pack).number
    separated = with_whom in rule_on("intake.separated", day=day, pack=pack).codes
    alone = with_whom in rule_on("intake.unaccompanied", day=day, pack=pack).codes
    levels = rule_on("deadline.levels", day=day, pack=pack).codes
    (runs_as,) = rule_on("deadline.not_known.runs_as", day=day, pack=pack).codes
    place = levels.index(triage if triage in levels else runs_as)
    if triage == levels[0]:
        place = _JUDGED_URGENT
    elif infant and separated:
        place = _COUNTS_AS_URGENT
    return Rank(place, not infant, not alone)
