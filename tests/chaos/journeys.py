"""What is written about one invented child after the other: every form that the kill tests send, in one possible order.

Codes stand in the order of their lists, which is the order in which the house keeps them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

CASEWORKER, COLLEAGUE, SUPERVISOR = "amara", "daniel", "samira"

_NAMES = ("Tamu", "Wren", "Ilse", "Oriel", "Moss", "Juno", "Pax", "Senna")
_WORDS = [
    "water",
    "school",
    "brick",
    "garden",
    "night",
    "market",
    "goat",
    "river",
    "football",
    "song",
    "bus",
    "rain",
]


@dataclass(frozen=True)
class Step:
    """One submission: which form, by whom, with which answers; about the mother, or in place of the last of its kind."""

    form: str
    answers: dict[str, Any]
    by: str = CASEWORKER
    about_mother: bool = False
    amends: bool = False


def journey(chance: Random, *, today: date) -> Iterator[Step]:
    """From identification to closure, and open once more; no two children and no two submissions are alike."""
    name = f"{chance.choice(_NAMES)} {chance.randrange(10**6)}"
    yield from _first_contact(chance, name)
    yield from _support(chance, today)
    yield from _hands(chance)
    yield from _closing(chance, today)


def _first_contact(chance: Random, name: str) -> Iterator[Step]:
    purposes = ["participation", "data_collection_storage", "share_for_services"]
    yield Step("intake.identification", {
        "name": name, "sex": chance.choice(["female", "male"]), "age": str(chance.randrange(18)), "source": "school",
        "referrer": "A teacher", "place": _said(chance), "reported": _said(chance), "triage": "medium",
    })  # fmt: skip
    yield Step("intake.screening", {
        "is_child_why": _said(chance), "at_risk": "yes", "at_risk_why": _said(chance), "appropriate": "unknown",
        "outcome": "eligible",
    })  # fmt: skip
    yield Step("consent.explanation", {"language": "Swahili", "said": _said(chance), "confirmed": "yes"})
    yield Step("consent.consent", {"agreed": purposes, "form": "spoken", "witness": _said(chance)})
    yield Step("cases.person", {
        "name": f"Mother of {name}", "relationship": "mother", "phone": "+254 700 000 111",
        "safe_contact": ["may_call", "may_visit"], "safe_contact_notes": _said(chance),
    })  # fmt: skip
    yield Step("consent.consent", {"agreed": purposes[:2], "form": "written"}, about_mother=True)
    yield Step("intake.registration", {
        "name": name, "birth_date": f"{chance.randrange(2009, 2024)}-03-09", "description": _said(chance),
        "area": "river_district", "care_arrangement": "parental_care", "concerns": _said(chance),
    })  # fmt: skip
    yield Step("assessment.initial", {
        "seen": "saw", "situation": _said(chance), "judgement": _said(chance), "threats": ["exploitation"],
        "protective_factors": ["friends", "caring_adult"], "risk_level": chance.choice(["low", "medium", "high"]),
        "risk_reason": _said(chance), "finished": "yes",
    })  # fmt: skip


def _support(chance: Random, today: date) -> Iterator[Step]:
    yield Step("planning.plan", {
        "objectives": [{"text": _said(chance), "horizon": "short"}, {"text": _said(chance), "measure": "The register"}],
        "actions": [{"what": _said(chance), "who": "caseworker", "kind": "direct", "status": "ongoing"}],
        "child_took_part": "took_part",
    })  # fmt: skip
    yield _contact(chance)
    yield Step(
        "consent.urgent_action",
        {
            "what": _said(chance),
            "basis": chance.choice(["vital_interests", "urgent_best_interests"]),
            "reason": _said(chance),
        },
    )
    yield Step("consent.urgent_answer", {"answer": "agree", "advice": _said(chance)}, by=SUPERVISOR)
    yield Step("referral.done", {
        "provider": f"Sewing course {_said(chance)}", "recipient": "other_agencies", "need": _said(chance),
        "told": _said(chance),
    })  # fmt: skip
    yield Step("follow_up.set_aside", {
        "step": "follow_up", "reason": "no_fuel", "details": _said(chance),
        "next_on": (today + timedelta(days=3)).isoformat(),
    })  # fmt: skip
    yield _contact(chance)
    yield _contact(chance, amends=True)


def _hands(chance: Random) -> Iterator[Step]:
    """A colleague is asked, takes over, and the supervisor gives the file back."""
    yield Step("closure.transfer", {
        "to": COLLEAGUE, "reason": "relocation", "wishes": "agree", "child_told": "told", "urgent": _said(chance),
    })  # fmt: skip
    yield Step("closure.transfer_answer", {"accepted": "yes", "read": "yes"}, by=COLLEAGUE)
    yield Step(
        "closure.allocation", {"to": CASEWORKER, "reason": "nearer", "child_told": "told"}, by=SUPERVISOR
    )


def _closing(chance: Random, today: date) -> Iterator[Step]:
    grounds = dict.fromkeys(["objectives_met", "safe", "no_further_risk", "stable"], "yes")
    yield Step(
        "closure.request", {"reason": "goals_met_safe_no_concern", **grounds, "justification": _said(chance)}
    )
    yield Step("closure.answer", {"agreed": "yes", "actions": _said(chance)}, by=SUPERVISOR)
    yield Step("closure.closure", {
        "discussed_on": today.isoformat(), "child_view": _said(chance), "objection": "none",
        "knows_how_to_return": "yes", "follow_up_safe": "yes", "follow_up_way": "elsewhere",
    })  # fmt: skip
    yield _contact(chance)
    yield Step("closure.reopening", {
        "reason": "child_asks", "what": _said(chance), "risk_level": "medium", "risk_reason": _said(chance),
    })  # fmt: skip
    yield _contact(chance)


def _contact(chance: Random, *, amends: bool = False) -> Step:
    answers = {
        "kind": "home_visit_scheduled", "reached": "child_alone", "situation": _said(chance),
        "progress": "going_on",
    }  # fmt: skip
    return Step("follow_up.contact", answers, amends=amends)


def _said(chance: Random) -> str:
    """A sentence that nobody else says, and that fits every field."""
    words = " ".join(chance.choices(_WORDS, k=chance.randrange(3, 20)))
    return f"{words} {chance.randrange(10**9)}"
