"""What is wrong in the forms of a pack: a check for `tutela protocol check`, with file and line."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tutela.forms.compiling import BadForm, compile_form, options_of
from tutela.forms.definition import Form, Question
from tutela.forms.facts import catalogue, fact_problems
from tutela.protocols.checking import Checked
from tutela.protocols.reading import Finding


def forms_fit(checked: Checked) -> Iterator[Finding]:
    """Every form can be compiled, agrees with the fact catalogue, and together they feed every needed fact."""
    fed: set[str] = set()
    for located in checked.written.forms:
        try:
            form = compile_form(Form.model_validate(located.part), options_of=options_of(checked.pack))
        except ValidationError as error:
            first = error.errors()[0]
            yield located.finding(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.")
            continue
        except BadForm as error:
            yield located.finding(str(error))
            continue
        for name, sentence in (*fact_problems(form), *_unknown_codes(form)):
            yield located.finding(f"Question {name}: {sentence}", *_place_of(name, located.part))
    for source in checked.pack.form_sources().values():
        fed |= _facts_in(source.content)
    for fact in sorted(_needed() - fed):
        yield checked.header.finding(f"No form asks for the fact {fact}, which casework needs.")


def _place_of(name: str, form: dict[str, Any]) -> tuple[str | int, ...]:
    """Where a question stands in a form as it is written."""
    for number, section in enumerate(form["sections"]):
        for place, question in enumerate(section["questions"]):
            if question["name"] == name:
                return ("sections", number, "questions", place)
    return ()


def _needed() -> set[str]:
    return {
        f"{name}.{field}"
        for name, record in catalogue().items()
        for field, one in record.fields.items()
        if one.needed
    }


def _facts_in(part: Any) -> set[str]:
    """Every fact named anywhere in a form as it is written."""
    if isinstance(part, dict):
        own = {part["fact"]} if isinstance(part.get("fact"), str) else set()
        return own.union(*map(_facts_in, part.values()))
    return set().union(*map(_facts_in, part)) if isinstance(part, list) else set()


def _unknown_codes(form: Form) -> Iterator[tuple[str, str]]:
    """Conditions that look for a code that the list of their question does not have, and so are never true."""
    codes = {question.name: {option.code for option in question.options} for question in _all(form)}
    for question in _all(form):
        for tree in (question.show_if, question.check):
            for name, code in _compared(tree):
                if codes.get(name) and code and code not in codes[name]:
                    yield (
                        question.name,
                        f"its condition looks for “{code}” in {name}, which has no such option.",
                    )


def _all(form: Form) -> Iterator[Question]:
    for question in form.questions:
        yield question
        yield from question.questions


def _compared(tree: Any) -> Iterator[tuple[str, str]]:
    """Pairs of question and text that a condition compares."""
    match tree:
        case ["=" | "!=" | "selected", ["q", str(name)], str(code)]:
            yield name, code
        case list():
            for part in tree:
                yield from _compared(part)
