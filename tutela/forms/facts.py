"""The fact catalogue: every record and field that forms may feed, read from facts.yaml."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from tutela.forms.definition import Form, Question, QuestionType, Seal

_PRIVACY: tuple[Seal, ...] = ("clear", "case", "identity", "confidential")


class Field(BaseModel):
    """One fact of a record."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: QuestionType
    clear: bool = False
    needed: bool = False


class Record(BaseModel):
    """A kind of fact with its privacy class and the requirement it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    seal: Seal
    source: str
    fields: dict[str, Field]


@cache
def catalogue() -> dict[str, Record]:
    """Every record by name."""
    written = yaml.safe_load((Path(__file__).parent / "facts.yaml").read_text())
    return {name: Record.model_validate(record) for name, record in written.items()}


def fact_problems(form: Form) -> list[tuple[str, str]]:
    """Where a form does not agree with the catalogue: (question name, sentence)."""
    problems = []
    for question in (*form.questions, *(inner for outer in form.questions for inner in outer.questions)):
        if question.fact and (sentence := _disagreement(question)):
            problems.append((question.name, sentence))
    return problems


def _disagreement(question: Question) -> str:
    record_name, _, field_name = question.fact.partition(".")
    record = catalogue().get(record_name)
    if record is None or field_name not in record.fields:
        return f"The fact {question.fact} is not in the catalogue."
    field = record.fields[field_name]
    if field.type != question.type:
        return f"The fact {question.fact} is a {field.type}; the question is a {question.type}."
    if not field.clear and question.seal != record.seal:
        return f"The fact {question.fact} is sealed as {record.seal}; the question is marked {question.seal}."
    return ""
