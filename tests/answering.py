"""Answers to a form made from its definition, so that a new question is answered by every test that uses this."""

from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Any

from tutela.forms.answers import check
from tutela.forms.definition import ATTACHED, Answer, Form, Question

# Given a question, an answer; None leaves it empty.
Answering = Callable[[Question], Any]


def filled(form: Form, answer: Answering, *, today: date) -> dict[str, Any]:
    """Answers to every question of `form` that applies once all of them are given."""
    answers = {
        question.name: given
        for question in form.questions
        if (given := _answer(question, answer)) is not None
    }
    while out_of_place := _not_applying(form, answers, today=today):
        for name in out_of_place:
            _take_out(answers, name)
    return answers


def _take_out(answers: dict[str, Any], path: str) -> None:
    """Take out the answer at `path`, which in a row is `actions.0.cost`."""
    name, _, inside = path.partition(".")
    if inside:
        row, _, inner = inside.partition(".")
        del answers[name][int(row)][inner]
    else:
        del answers[name]


def at_random(chance: Random, *, today: date, skipping: float = 0.3) -> Answering:
    """Answers by chance: any choice, short texts, days of the last years; now and then none at all."""

    def answer(question: Question) -> Any:
        if question.type in ATTACHED:  # names something that has to be there
            return None
        if chance.random() < skipping and not question.required:
            return None
        codes = [option.code for option in question.options if not option.retired]
        makers: Mapping[str, Callable[[], Any]] = {
            "choice": lambda: chance.choice(codes),
            "choices": lambda: chance.sample(codes, chance.randint(1, min(3, len(codes)))),
            "yes_no": lambda: chance.choice(["yes", "no"]),
            "integer": lambda: str(chance.randint(int(question.minimum or 0), int(question.maximum or 99))),
            "date": lambda: _day(question, chance, today),
            "phone": lambda: f"0700 {chance.randint(100_000, 999_999)}",
            "colleague": lambda: chance.choice(["colleague", "caseworker", "nobody"]),
        }
        return makers.get(question.type, lambda: f"{question.name} {chance.randint(0, 9)}")()

    return answer


def _answer(question: Question, answer: Answering) -> Answer | None:
    if question.type in ("note", "calculate"):
        return None
    if question.type != "repeat":
        given: Answer | None = answer(question)
        return given
    return [
        {inner.name: given for inner in question.questions if (given := _answer(inner, answer)) is not None}
        for _ in range(2)
    ]


def _not_applying(form: Form, answers: Mapping[str, Any], *, today: date) -> list[str]:
    problems = check(form, answers, today=today).problems
    return [one.question for one in problems if one.code == "does_not_apply"]


def _day(question: Question, chance: Random, today: date) -> str:
    if question.minimum == "today":
        return today.replace(year=today.year + chance.randint(0, 2)).isoformat()
    return date(today.year - chance.randint(1, 12), chance.randint(1, 12), chance.randint(1, 28)).isoformat()
