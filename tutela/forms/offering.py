"""Forms as one reader meets them: choices that are the reader's own, and one sheet on which a form is asked several times.

Neither is published. What is written is kept under the published form, in the names of its own questions.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tutela.forms.definition import Answers, Form, Labels, Option, Question, Section


def with_options(form: Form, offered: Mapping[str, Sequence[Option]]) -> Form:
    """`form` with these options for the questions named: `child`, or `visits.child` inside a repeat."""
    sections = tuple(
        section.model_copy(
            update={"questions": tuple(_offering(one, one.name, offered) for one in section.questions)}
        )
        for section in form.sections
    )
    return Form.model_construct(code=form.code, title=form.title, intro=form.intro, sections=sections)


def without(form: Form, names: Collection[str]) -> Form:
    """`form` without these questions, for a page that answers them itself."""
    if not names:
        return form
    sections = tuple(
        one.model_copy(update={"questions": tuple(each for each in one.questions if each.name not in names)})
        for one in form.sections
    )
    return Form.model_construct(code=form.code, title=form.title, intro=form.intro, sections=sections)


def questions_of(form: Form, names: Iterable[str], *, prefix: str = "") -> tuple[Question, ...]:
    """The questions of `form` with these names, each under `prefix`, so that a sheet can ask them again for another child."""
    wanted = set(names)
    own = {question.name for question in form.questions}
    return tuple(_under(prefix, one, own) for one in form.questions if one.name in wanted)


def section_of(name: str, label: Labels, questions: Sequence[Question]) -> Section:
    """A part of a sheet."""
    return Section.model_construct(name=name, label=label, hint={}, questions=tuple(questions))


def sheet_of(code: str, title: Labels, intro: Labels, sections: Sequence[Section]) -> Form:
    """A sheet made of parts of a form."""
    return Form.model_construct(code=code, title=title, intro=intro, sections=tuple(sections))


def answers_under(prefix: str, answers: Answers) -> Answers:
    """The answers whose questions stand under `prefix`, by the names that the form gives them."""
    return {name.removeprefix(prefix): answer for name, answer in answers.items() if name.startswith(prefix)}


def _offering(question: Question, name: str, offered: Mapping[str, Sequence[Option]]) -> Question:
    inner = tuple(_offering(one, f"{name}.{one.name}", offered) for one in question.questions)
    changes: dict[str, Any] = {"questions": inner} if inner else {}
    if name in offered:
        changes["options"] = tuple(offered[name])
    return question.model_copy(update=changes) if changes else question


def _under(prefix: str, question: Question, own: set[str]) -> Question:
    changes: dict[str, Any] = {"name": prefix + question.name}
    for condition in ("show_if", "check", "calculation"):
        if tree := getattr(question, condition):
            changes[condition] = _renamed(tree, prefix, own)
    return question.model_copy(update=changes)


def _renamed(tree: Any, prefix: str, own: set[str]) -> Any:
    match tree:
        case ["q", str(name)] if name in own:
            return ["q", prefix + name]
        case list():
            return [_renamed(part, prefix, own) for part in tree]
    return tree
