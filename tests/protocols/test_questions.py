"""Forms are short, every question serves a decision, and what is off by default is nowhere in the default pack (R126, R127)."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from tutela.forms.compiling import compiled_forms
from tutela.forms.conditions import holds, questions_in
from tutela.forms.definition import Form, Question
from tutela.protocols import packs

PACK = packs.load(packs.DEFAULT)
FORMS = compiled_forms(PACK)
MOST = {"follow_up.contact": 6, "intake.registration": 12, "assessment.initial": 10}  # R126


def questions(form: Form) -> Iterator[Question]:
    for question in form.questions:
        yield question
        yield from question.questions


def asked(questions: Iterator[Question] | tuple[Question, ...]) -> list[Question]:
    return [one for one in questions if one.type not in ("note", "calculate")]


@pytest.mark.covers("R126")
@pytest.mark.parametrize("code", sorted(MOST))
def test_a_form_asks_no_more_than_its_budget(code: str) -> None:
    """Whatever is answered: of questions that show for one answer each, such as what was tried, only one is asked."""
    assert 0 < max(len(shown) for shown in each_way(FORMS[code])) <= MOST[code]


def each_way(form: Form) -> Iterator[list[Question]]:
    """The questions that are asked for each combination of answers on which others depend."""
    all_asked = asked(form.questions)
    deciding = {
        name for one in all_asked if isinstance(one.show_if, list) for name in questions_in(one.show_if)
    }
    choices = [
        [(one.name, code) for code in ("", *(option.code for option in one.options))]
        for one in all_asked
        if one.name in deciding
    ]
    for way in product(*choices):
        answers = dict(way)
        yield [
            one for one in all_asked
            if not isinstance(one.show_if, list) or holds(one.show_if, answers, today=date(2026, 1, 1))
        ]  # fmt: skip


@pytest.mark.covers("R126")
def test_a_registration_needs_three_answers_at_most() -> None:
    assert sum(one.required for one in asked(FORMS["intake.registration"].questions)) <= 3


@pytest.mark.covers("R30", "R126")
@pytest.mark.parametrize("row", ["objectives", "actions"])
def test_a_plan_asks_eight_questions_at_most_for_each_row(row: str) -> None:
    """What is asked only after another answer, such as how much for what has to be paid, comes on top."""
    (repeat,) = [one for one in FORMS["planning.plan"].questions if one.name == row]
    assert 0 < len([one for one in asked(repeat.questions) if not one.show_if]) <= 8


@pytest.mark.covers("R126")
@pytest.mark.parametrize("code", sorted(FORMS))
def test_every_question_names_the_decision_it_serves(code: str) -> None:
    assert [one.name for one in asked(questions(FORMS[code])) if not one.decision.strip()] == []


@pytest.mark.covers("R86")
@pytest.mark.parametrize("code", ["assessment.initial", "assessment.comprehensive"])
def test_what_was_seen_and_what_is_made_of_it_are_two_boxes(code: str) -> None:
    labels = [one.label["en"] for one in questions(FORMS[code])]
    assert labels.index("What I saw and heard") < labels.index("What I make of it, and why")


OFF = re.compile(
    r"ethnic|religio|sexual orientation|tribe|caste\b|kind of disability|type of disability|diagnos(?!is is asked)",
    re.I,
)
WORDS = re.compile(
    r"perpetrator|abuser|offender|inappropriate care|\bwife\b|captured|surrender|special education|\bowner\b", re.I
)  # fmt: skip


def words() -> Iterator[tuple[str, str]]:
    """Every word that somebody may read in the default pack."""
    for code, form in FORMS.items():
        for part in (
            form.title,
            form.intro,
            *(label for section in form.sections for label in (section.label, section.hint)),
        ):
            yield code, part.get("en", "")
        for question in questions(form):
            yield f"{code}.{question.name}", f"{question.label.get('en', '')} {question.hint.get('en', '')}"
    for vocabulary in PACK.vocabularies.values():
        for term in vocabulary.terms:
            yield f"{vocabulary.name}.{term.code}", f"{term.label['en']} {term.hint.get('en', '')}"


@pytest.mark.covers("R127")
def test_nothing_asks_for_what_is_off_by_default() -> None:
    asking = [
        where
        for where, text in words()
        if OFF.search(text) or re.search(r"ethnic|religion|orientation", where)
    ]
    assert asking == []


@pytest.mark.covers("R127")
def test_no_word_blames_or_brands() -> None:
    assert [where for where, text in words() if WORDS.search(text)] == []


@pytest.mark.covers("R75", "R127")
def test_difficulty_is_asked_by_function_and_degree_and_never_by_kind_of_disability() -> None:
    form = FORMS["assessment.circumstances"]
    degrees = [one for one in form.questions if one.list == "difficulty"]
    assert [one.name for one in degrees] == ["seeing", "hearing", "walking", "communicating", "self_care"]
    assert [term.code for term in PACK.vocabulary("difficulty").terms[:4]] == [
        "none",
        "some",
        "a_lot",
        "cannot",
    ]
    assert not any(one.required for one in form.questions)
