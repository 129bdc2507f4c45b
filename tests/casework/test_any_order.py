"""First contact in one sitting (R111): whatever is written down first, it ends in the same facts, and nothing is refused."""

import random
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_file, submit
from tutela.assessment.queries import assessments, risk_of
from tutela.cases.models import Case
from tutela.cases.queries import child_of, people_around
from tutela.consent.queries import explained, standing, unanswered
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import current_steps, tasks_on

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R111")]


# What is written down after the identification, with the minutes after the beginning at which it happened.
SITTING: dict[str, tuple[int, dict[str, Any]]] = {
    "consent.explanation": (10, {}),
    "consent.consent": (15, {}),
    "intake.registration": (20, {"birth_date": "2013-05-06", "name": "Tomas O"}),
    "assessment.initial": (30, {"risk_level": "high"}),
    "consent.urgent_action": (35, {}),
    "cases.person": (40, {"safety_mark": ["must_not_be_told"]}),
    "planning.plan": (50, {}),
    "follow_up.contact": (55, {"progress": "begun"}),
}


def facts_after(cast: Cast, order: tuple[str, ...], *, triage: str, received: datetime) -> dict[str, Any]:
    """What stands on a file of its own after `order` was written down."""
    file = a_file(cast, triage=triage, age="12")
    for form in order:
        minutes, answers = SITTING[form]
        submit(
            form, answers, by=cast.caseworker, file=file, at=received,
            happened_at=START + timedelta(minutes=minutes), base=0,
        )  # fmt: skip
    return open_facts(file)


def open_facts(file: UUID) -> dict[str, Any]:
    child, risk = child_of(file), risk_of(file)
    assert child is not None
    return {
        "child": {name: value for name, value in child.contents.items() if name != "said"},
        "birth year": child.birth_year,
        "registered": Case.objects.filter(file_id=file).exists(),
        "risk": risk and (risk.level, risk.contents),
        "assessed": [one.contents for one in assessments(file)],
        "consent": {person: fact.contents for person, fact in standing(file).items()},
        "explained": (told := explained(file)) and told.contents,
        "urgent": [one.contents for one in unanswered(file)],
        "people": [person.contents for person in people_around(file)],
        "due": {(one.step, one.due_at, one.overdue_after, one.rule) for one in open_deadlines([file])},
        "tasks": {(str(task.title), task.form, task.action) for task in tasks_on(file, day=START.date())},
        "step": current_steps([file])[file],
    }


FIRST = (
    "consent.explanation",
    "consent.consent",
    "intake.registration",
    "assessment.initial",
    "consent.urgent_action",
)


@pytest.mark.parametrize("triage", ["high", "low"])
def test_every_order_of_a_first_contact_ends_the_same(cast: Cast, triage: str) -> None:
    received = START + timedelta(hours=1)
    orders = list(permutations(FIRST))
    chosen = [orders[0], orders[-1], *random.Random(111).sample(orders[1:-1], 10)]
    first, *others = [facts_after(cast, order, triage=triage, received=received) for order in chosen]
    assert [order for order, facts in zip(chosen[1:], others, strict=True) if facts != first] == []


def test_a_whole_day_in_any_order_ends_the_same(cast: Cast) -> None:
    """With a person, a plan and a contact, typed in the evening."""
    shuffled = random.Random(128)
    orders = [tuple(shuffled.sample(list(SITTING), len(SITTING))) for _ in range(8)]
    received = START + timedelta(hours=10)
    first, *others = [facts_after(cast, order, triage="medium", received=received) for order in orders]
    assert [order for order, facts in zip(orders[1:], others, strict=True) if facts != first] == []


def test_the_pieces_come_together_whatever_comes_first(cast: Cast) -> None:
    """So that the comparison above compares something."""
    facts = facts_after(cast, tuple(reversed(FIRST)), triage="high", received=START + timedelta(hours=1))
    assert facts["registered"] and facts["risk"] == ("high", {"reason": "Heavy work, fed at home"})
    assert facts["child"]["name"] == "Tomas O" and facts["birth year"] == 2013
    assert {step for step, *_ in facts["due"]} == {
        "assessment.finish",
        "case_plan",
        "follow_up",
        "urgent_answer",
    }
