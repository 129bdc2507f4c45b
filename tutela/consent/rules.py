"""Who is asked for what, by the age of the child, and what follows from what each of them said (R7, R8, R12, R13, R16)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, Rule, rule_on
from tutela.protocols.written import Row

KEYS = ("consent.bands", "consent.caregivers", "consent.override.answer", "consent.urgent.covers")
_SITUATIONS, _LAWS = "consent.situations", "mandatory_reporting.laws"  # a country's pack may have them

CHILD = "child"  # whose word a consent is, where it is no other person's id

# Whoever bears one of these safety marks (list `safety_mark`) is not asked for consent (R109).
NOT_ASKED_MARKS = frozenset({"must_not_be_told", "must_not_be_contacted", "suspected_of_harm"})


@dataclass(frozen=True)
class ConsentBand:
    """What is asked of the child and of the caregiver, in the words of the list `consent_needed`."""

    band: str
    child: str
    caregiver: str
    citation: str


def bands(*, pack: Pack, day: date) -> tuple[ConsentBand, ...]:
    """Every band, youngest first."""
    rule = rule_on("consent.bands", day=day, pack=pack)
    return tuple(_band(row, rule) for row in rule.rows)


def consent_for(age: int, *, pack: Pack, day: date) -> ConsentBand:
    """The band of a child of `age` completed years. Raises Refused outside the ages of the bands."""
    (band,) = consent_for_range(age, age, pack=pack, day=day)
    return band


def consent_for_range(youngest: int, oldest: int, *, pack: Pack, day: date) -> tuple[ConsentBand, ...]:
    """Every band that a child may be in who is between `youngest` and `oldest` completed years (R16).

    In doubt the person is a child: a range that begins below the age of majority has the bands of its
    children. Raises Refused for a range that holds no child, or is turned round.
    """
    rule = rule_on("consent.bands", day=day, pack=pack)
    if youngest > oldest:
        raise Refused(
            Unmet(
                "ages_turned_round",
                say("The youngest age is above the oldest one. Exchange them."),
                rule.citation,
            )
        )
    found = tuple(
        _band(row, rule)
        for row in rule.rows
        if int(row["youngest"]) <= oldest and youngest <= int(row["oldest"])
    )
    if youngest < min(int(row["youngest"]) for row in rule.rows) or not found:
        raise Refused(_outside(youngest, rule))
    return found


def who_consents(
    ages: tuple[int, int] | None, *, situations: Collection[str] = (), pack: Pack, day: date
) -> tuple[ConsentBand, ...]:
    """What is asked of child and caregiver; nothing where the age is not known. `ages`: youngest and oldest completed years.

    What the law of a country says of a child who heads a household, is married or is a parent comes before the age
    (`consent.situations` of its pack; the guidelines leave it to the law). Whoever is of age consents alone.
    """
    if rule := _rule(_SITUATIONS, day=day, pack=pack):
        own = [row for row in rule.rows if row["situation"] in situations]
        if own:
            return (_band(own[0] | {"band": own[0]["situation"]}, rule),)
    if ages is None:
        return ()
    try:
        return consent_for_range(*ages, pack=pack, day=day)
    except Refused as refused:
        return (ConsentBand("of_age", "consent", "not_needed", refused.unmet[0].citation),)


# The answers of the list `consent_answer`.
Answer = Literal["given", "refused", "withdrawn", "expired", "not_sought", ""]
_NO = ("refused", "withdrawn")


@dataclass(frozen=True)
class Said:
    """What one person says to one purpose. Whoever carries a safety mark is left out by who asks (R109)."""

    who: str  # `child`, or the id of a person
    answer: Answer
    caregiver: bool = False  # a parent or caregiver
    in_place: bool = False  # answers in place of one (R12)
    able: bool = True  # False: too young, or not able to decide for now


Outcome = Literal[
    "agreed", "child_says_no", "child_not_asked", "caregiver_says_no", "caregiver_not_asked", "nobody_asked", "waits",
]  # fmt: skip


@dataclass(frozen=True)
class Stands:
    """How one purpose stands, and on whose yes it rests."""

    outcome: Outcome
    rests_on: tuple[str, ...] = ()


def stands(said: Iterable[Said], needed: Sequence[ConsentBand]) -> Stands:
    """How a purpose stands by what each person said and what is needed at this age; in every band that the child may be in.

    A child's no is never overwritten. A child who may consent is enough alone (R13); below that age the child assents and
    a parent, a caregiver or, where none can be asked, somebody in their place consents (R8, R12). Where the age is not
    known, a yes of either counts while the child has not said no.
    """
    told = list(said)
    found = [_in_band(told, band) for band in needed] or [_age_unknown(told)]
    failed = [one for one in found if one.outcome != "agreed"]
    return failed[0] if failed else found[0]


def _in_band(said: list[Said], band: ConsentBand) -> Stands:
    child = _child(said)
    if child.answer in _NO:
        return Stands("child_says_no")
    yes = child.answer == "given"
    if yes and (band.child in ("consent", "assent_or_consent") or band.caregiver == "not_needed"):
        return Stands("agreed", (CHILD,))
    if not yes and child.able and band.child != "assent_by_maturity":
        return Stands("child_not_asked" if any(one.answer for one in said) else "nobody_asked")
    agreeing = [one.who for one in _adults(said) if one.answer == "given"]
    if agreeing:
        return Stands("agreed", (*((CHILD,) if yes else ()), *agreeing))
    says_no = any(one.answer in _NO for one in said if one.caregiver)
    return Stands("caregiver_says_no" if says_no else "caregiver_not_asked")


def _age_unknown(said: list[Said]) -> Stands:
    if _child(said).answer in _NO:
        return Stands("child_says_no")
    agreeing = [one.who for one in said if one.answer == "given"]
    if agreeing:
        return Stands("agreed", tuple(agreeing))
    return Stands("caregiver_says_no" if any(one.answer in _NO for one in said) else "nobody_asked")


def _child(said: list[Said]) -> Said:
    return next((one for one in said if one.who == CHILD), Said(CHILD, ""))


def _adults(said: list[Said]) -> list[Said]:
    """Whose consent counts beside the child's: caregivers, and somebody in their place while none of them says no."""
    caregivers = [one for one in said if one.caregiver]
    if any(one.answer in _NO for one in caregivers):
        return caregivers
    return [*caregivers, *(one for one in said if one.in_place and not one.caregiver)]


def apart(said: Iterable[Said]) -> set[str]:
    """Who says different things about one purpose: some yes, some no (R8). Empty where nobody is apart."""
    counted = [one for one in said if one.who == CHILD or one.caregiver or one.in_place]
    yes = {one.who for one in counted if one.answer == "given"}
    no = {one.who for one in counted if one.answer in _NO}
    return yes | no if yes and no else set()


def withheld_from(said: Said, *, excluded: bool) -> Said:
    """What somebody says to a recipient whom they exclude: no (R9)."""
    return replace(said, answer="refused") if excluded else said


def ask_again(
    *, ended: bool, bands_then: Collection[str], bands_now: Collection[str], offered: Collection[str],
    now: Collection[str],
) -> list[Words]:  # fmt: skip
    """Why somebody is asked anew (R13): what they agreed to ended, the child is in another band, a purpose is new.

    `offered`: the purposes on the page when they were asked; `now`: those that there are now.
    """
    why = []
    if ended:
        why.append(say("What was agreed is no longer valid."))
    if bands_then and bands_now and set(bands_then) != set(bands_now):
        why.append(say("The child has come into another age group since, and more is the child’s to decide."))
    if set(now) - set(offered):
        why.append(say("There is a purpose that nobody asked about then."))
    return why


def withdrawal_rule(levels: Iterable[str], *, pack: Pack) -> str:
    """The rule by which a supervisor decides on a withdrawal, for the first of `levels` that has one; else empty (R13).

    `levels`: the risk levels that held when consent was withdrawn or later, or the triage priority before there is one.
    """
    for level in levels:
        runs_as = (rule.value for rule in pack.rules.get(f"deadline.{level}.runs_as", ()))
        for one in (level, *runs_as):
            if f"consent.withdrawal.decision.{one}" in pack.rules:
                return f"consent.withdrawal.decision.{one}"
    return ""


def interpreter_flag(who: str) -> Words | None:
    """What to say where somebody interpreted who should not (R117), by the list `interpreter_who`."""
    return {
        "relative": say("A relative interpreted. Ask again with an interpreter whom the child chooses."),
        "child": say("Another child interpreted. Ask again with an interpreter whom the child chooses."),
    }.get(who)


@dataclass(frozen=True)
class ReportingLaw:
    """One duty to report, as a pack states it (R76)."""

    law: str
    who: str
    what: str
    when: str
    to_whom: str
    data: str
    consequences: str
    look_again: date | None  # the day on which it is to be looked at anew


def reporting_laws(*, pack: Pack, day: date) -> tuple[tuple[ReportingLaw, ...], str]:
    """The duties to report in the country of a pack, and where that stands; none where the pack does not say (R76)."""
    rule = _rule(_LAWS, day=day, pack=pack)
    return (tuple(_law(row) for row in rule.rows), rule.citation) if rule else ((), "R76; S2 Annex 2")


def _law(row: Row) -> ReportingLaw:
    def of(name: str) -> str:
        return str(row.get(name, ""))

    again = of("look_again")
    return ReportingLaw(
        of("law"), of("who"), of("what"), of("when"), of("to_whom"), of("data"), of("consequences"),
        date.fromisoformat(again) if again else None,
    )  # fmt: skip


def _rule(key: str, *, day: date, pack: Pack) -> Rule | None:
    return rule_on(key, day=day, pack=pack) if key in pack.rules else None


def _band(row: Row, rule: Rule) -> ConsentBand:
    return ConsentBand(str(row["band"]), str(row["child"]), str(row["caregiver"]), rule.citation)


def _outside(age: int, rule: Rule) -> Unmet:
    words = say(
        "Consent by age is for children of {youngest} to {oldest} completed years; {age} is outside.",
        youngest=min(int(row["youngest"]) for row in rule.rows),
        oldest=max(int(row["oldest"]) for row in rule.rows),
        age=age,
    )
    return Unmet("age_outside", words, rule.citation)
