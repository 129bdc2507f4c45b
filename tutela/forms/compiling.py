"""From a form as written in a pack to a form that stands alone: options filled in, conditions parsed once."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from tutela.forms import conditions
from tutela.forms.definition import ATTACHED, Form, Option, Question
from tutela.protocols.packs import Pack

_CONDITIONS = ("show_if", "check", "calculation")


class BadForm(Exception):
    """A form in a pack that cannot be compiled. The message names the question and says what to mend."""


def compiled_forms(pack: Pack) -> dict[str, Form]:
    """Every form of a pack by code, compiled with the lists of the pack. Raises BadForm."""
    options = options_of(pack)
    return {
        code: compile_form(_read(source.content), options_of=options)
        for code, source in pack.form_sources().items()
    }


def options_of(pack: Pack) -> dict[str, tuple[Option, ...]]:
    """The options of every list of a pack."""
    return {name: _options(pack, name) for name in pack.vocabularies}


def compile_form(written: Form, *, options_of: Mapping[str, tuple[Option, ...]]) -> Form:
    """The form that is published. `options_of` gives the options of each list by name. Raises BadForm."""
    asked: set[str] = set()
    sections = [
        section.model_copy(
            update={
                "questions": tuple(_compiled(question, options_of, asked) for question in section.questions)
            }
        )
        for section in written.sections
    ]
    return written.model_copy(update={"sections": tuple(sections)})


def _read(content: dict[str, Any]) -> Form:
    try:
        return Form.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadForm(
            f"{content.get('code', 'A form')}, {'.'.join(map(str, first['loc']))}: {first['msg']}."
        ) from error


def _options(pack: Pack, name: str) -> tuple[Option, ...]:
    """The terms of a list as options; what was retired by the day of the pack stays readable."""
    return tuple(
        Option(code=term.code, label=term.label, hint=term.hint, retired=not term.is_active(pack.version))
        for term in pack.vocabulary(name).terms
    )


def _compiled(question: Question, options_of: Mapping[str, tuple[Option, ...]], asked: set[str]) -> Question:
    if question.name in asked:
        raise BadForm(f"Two questions are called {question.name}. Give one of them another name.")
    asked.add(question.name)
    changes: dict[str, Any] = {
        name: _tree(question, name, asked) for name in _CONDITIONS if getattr(question, name)
    }
    if question.list:
        if question.list not in options_of:
            raise BadForm(
                f"Question {question.name} takes its options from {question.list}, which the pack does not have."
            )
        changes["options"] = options_of[question.list]
    if question.questions:
        inside = set(asked)
        for inner in question.questions:
            if inner.type in ATTACHED:
                raise BadForm(
                    f"In {question.name}, {inner.name} is a {inner.type}, which stands outside rows only."
                )
            if inner.seal in ("identity", "confidential") and inner.seal != question.seal:
                raise BadForm(
                    f"In {question.name}, {inner.name} is more private than its rows. Seal the rows alike."
                )
        changes["questions"] = tuple(_compiled(inner, options_of, inside) for inner in question.questions)
    return question.model_copy(update=changes)


def _tree(question: Question, name: str, asked: set[str]) -> list[Any]:
    try:
        tree = conditions.parse(getattr(question, name))
    except conditions.BadCondition as error:
        raise BadForm(f"Question {question.name}, {name}: {error}") from error
    if ahead := conditions.questions_in(tree) - asked:
        raise BadForm(f"Question {question.name}, {name}: {', '.join(sorted(ahead))} is not asked before it.")
    return tree
