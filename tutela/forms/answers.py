"""Reading what was posted, and checking it against one published version of a form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from unicodedata import normalize

from tutela.forms import conditions
from tutela.forms.definition import ATTACHED, Answer, Answers, Form, Question, Seal, Tree
from tutela.forms.values import Misread, read_value
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say

MOST_ROWS = 50


@dataclass(frozen=True)
class Checked:
    """Answers in their one spelling, and what is wrong with them, each at its question."""

    answers: Answers
    problems: tuple[Unmet, ...] = ()


def read_posted(form: Form, posted: Mapping[str, Sequence[str]]) -> Answers:
    """The answers in a posted page: one field a question, `repeat.index.inner` for rows, whose indexes may have gaps."""
    answers: Answers = {}
    for question in form.questions:
        if question.type == "repeat":
            if rows := _posted_rows(question, posted):
                answers[question.name] = rows
        elif (answer := _posted_value(question, posted.get(question.name, ()))) is not None:
            answers[question.name] = answer
    return answers


def check(form: Form, answers: Mapping[str, Any], *, today: date) -> Checked:
    """Clean `answers` and say what is missing, malformed, out of range, unknown, or no longer applies."""
    run = _Check(today=today)
    known = {question.name for question in form.questions}
    for name in sorted(set(answers) - known):
        run.problem(name[:60], "unknown_question", say("This form does not ask “{name}”.", name=name[:60]))
    clean = run.questions(form.questions, answers, path="", around={})
    return Checked(clean, tuple(run.problems))


def split_by_seal(form: Form, answers: Answers) -> dict[Seal, Answers]:
    """The answers apart by how private their question is; `clear` ones travel with the case."""
    apart: dict[Seal, Answers] = {}
    for question in form.questions:
        if question.name in answers:
            seal: Seal = "case" if question.seal == "clear" else question.seal
            apart.setdefault(seal, {})[question.name] = answers[question.name]
    return apart


def facts_of(form: Form, answers: Answers) -> dict[str, list[dict[str, Answer]]]:
    """The facts that the answers feed: record → rows of field → answer. A repeat gives one row a row."""
    facts: dict[str, list[dict[str, Answer]]] = {}
    for question in form.questions:
        if question.type == "repeat":
            for row in cast(list[dict[str, Answer]], answers.get(question.name, [])):
                for record, fields in _grouped(question.questions, row).items():
                    facts.setdefault(record, []).append(fields)
    for record, fields in _grouped(form.questions, answers).items():
        facts.setdefault(record, []).insert(0, fields)
    return facts


def _grouped(
    questions: Iterator[Question] | Sequence[Question], answers: Mapping[str, Answer]
) -> dict[str, dict[str, Answer]]:
    grouped: dict[str, dict[str, Answer]] = {}
    for question in questions:
        if question.fact and question.type != "repeat" and question.name in answers:
            record, _, name = question.fact.partition(".")
            grouped.setdefault(record, {})[name] = answers[question.name]
    return grouped


def _posted_rows(question: Question, posted: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    start = f"{question.name}."
    indexes = {key[len(start) :].partition(".")[0] for key in posted if key.startswith(start)}
    rows = []
    for index in sorted((one for one in indexes if one.isdecimal() and len(one) <= 6), key=int):
        row = {
            inner.name: value
            for inner in question.questions
            if (value := _posted_value(inner, posted.get(f"{start}{index}.{inner.name}", ()))) is not None
        }
        if row:  # a spare row that nobody filled in is no row
            rows.append(row)
    return rows


def _posted_value(question: Question, values: Sequence[str]) -> str | list[str] | None:
    filled = [value for value in values if value.strip()]
    if question.type in ("note", "calculate") or not filled:
        return None
    return filled if question.type in {"choices", *ATTACHED} else filled[-1]


@dataclass
class _Check:
    """One pass over a form in the order of its page, as the browser does it."""

    today: date
    problems: list[Unmet] = field(default_factory=list)

    def problem(self, path: str, code: str, words: Any) -> None:
        self.problems.append(Unmet(code, words, question=path))

    def questions(
        self,
        questions: Iterator[Question] | Sequence[Question],
        given: Mapping[str, Any],
        *,
        path: str,
        around: Mapping[str, str],
    ) -> Answers:
        clean: Answers = {}
        seen = dict(around)
        for question in questions:
            answer = self.question(question, given.get(question.name), path + question.name, seen)
            if answer:
                clean[question.name] = answer
            seen[question.name] = conditions.as_text(answer) if answer else ""
        return clean

    def question(self, question: Question, given: Any, path: str, seen: Mapping[str, str]) -> Answer:
        if question.type == "calculate":
            return conditions.value_text(cast(Tree, question.calculation), seen, today=self.today)
        if not self.applies(question, seen):
            if given:
                self.problem(
                    path,
                    "does_not_apply",
                    say(
                        "This question does not apply any more. Clear the answer, or change the one it depends on."
                    ),
                )
            return ""
        answer = self.clean(question, given, path, seen)
        if question.required and not answer and not self.refused_at(path):
            self.problem(path, "needed", say("This answer is needed."))
        if (
            answer
            and question.check
            and not conditions.holds(
                cast(Tree, question.check), seen, today=self.today, itself=conditions.as_text(answer)
            )
        ):
            self.problem(
                path,
                "check",
                say(question.check_words.get("en") or "This answer cannot be right. Look at it again."),
            )
        return answer

    def applies(self, question: Question, seen: Mapping[str, str]) -> bool:
        return not question.show_if or conditions.holds(cast(Tree, question.show_if), seen, today=self.today)

    def refused_at(self, path: str) -> bool:
        return any(one.question == path for one in self.problems)

    def clean(self, question: Question, given: Any, path: str, seen: Mapping[str, str]) -> Answer:
        if given in (None, "", []) or question.type == "note":
            return ""
        if question.type == "repeat":
            return self.rows(question, given, path, seen)
        try:
            return read_value(question, normalised(given), today=self.today)
        except Misread as error:
            self.problem(path, error.code, error.words)
            return ""

    def rows(self, question: Question, given: Any, path: str, seen: Mapping[str, str]) -> Answer:
        if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
            self.problem(path, "malformed", say("This answer could not be read. Enter it again."))
            return []
        if len(given) > MOST_ROWS:
            self.problem(path, "too_many", say("There can be at most {most} of these.", most=MOST_ROWS))
            return []
        rows: list[dict[str, Any]] = []
        for index, row in enumerate(given):
            known = {inner.name for inner in question.questions}
            for name in sorted(set(row) - known):
                self.problem(
                    f"{path}.{index}.{name[:60]}",
                    "unknown_question",
                    say("This form does not ask “{name}”.", name=name[:60]),
                )
            rows.append(self.questions(question.questions, row, path=f"{path}.{index}.", around=seen))
        return rows


def normalised(given: Any) -> Any:
    """Text in its one Unicode spelling (NFC); lists of codes as they are."""
    return normalize("NFC", given) if isinstance(given, str) else given
