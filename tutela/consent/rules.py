"""Who is asked for what, by the age of the child (R8, R16; S2 §3.4-1)."""

from dataclasses import dataclass
from datetime import date

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack, Rule, rule_on
from tutela.protocols.written import Row

KEYS = ("consent.bands", "consent.override.answer")

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
