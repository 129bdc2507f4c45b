"""Brothers and sisters, each with a file of their own, and one visit written once for all of them (R115)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext

from tutela import commands
from tutela.cases.families import family_of, link_family, part_family
from tutela.cases.queries import files_of
from tutela.commands import Submission
from tutela.forms.answers import check, read_posted
from tutela.forms.definition import Answers, Form, Option, Question
from tutela.forms.offering import answers_under, questions_of, section_of, sheet_of
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.planning.queries import plan_actions
from tutela.web.file_frame import read_file
from tutela.web.forms import local_text, moment_of
from tutela.web.frame import Reader, show, signed_in
from tutela.web.own_files import own_files
from tutela.web.quick_note import child_options
from tutela.web.sheets import Sheet, answer_sheet, sheet_id_of
from tutela.web.showing import child_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORM = "follow_up.family_visit"
_ONCE = ("kind", "next_on", "household")  # asked once, for every child
_ONCE_INTRO = gettext_noop(
    "What is true for all of them, once. On the next page each child has a part of their own."
)
_SHARED_HINT = gettext_noop(
    "What you saw of the home and the adults. It is offered to each child’s part, where you can change it."
)
_EACH_INTRO = gettext_noop(
    "Each part goes on that child’s file and on no other. What you wrote about the household stands in each; "
    "change it where it is not about that child."
)
_EACH = ("household", "reached", "own_view", "situation", "actions", "risk_changed", "confidential")


def siblings(reader: Reader, file_id: UUID, may: set[str]) -> dict[str, Any]:
    """What the People tab shows of the family: files that the reader may open, and what they may do with them."""
    within = set(files_of(reader.user, day=reader.day).values_list("id", flat=True))
    family = family_of(file_id, within=within)
    lines = child_lines(family, reader=reader)
    if family:
        commands.read_list("family.read", by=reader.user, at=reader.at, files=family)
    visit = reverse("file_family_visit", kwargs={"file_id": file_id})
    return {
        "siblings": [line | {"id": other} for other, line in lines.items()],
        "link_url": reverse("file_family", kwargs={"file_id": file_id}) if "write" in may else "",
        "visit_url": visit if "write" in may and family else "",
    }


@signed_in
def link(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Say that another file is of the same family, or take it back."""
    _, may = read_file(reader, file_id, "family.opened")
    if "write" not in may:
        raise NotFound
    here = reverse("file_family", kwargs={"file_id": file_id})
    back = reverse("file_people", kwargs={"file_id": file_id})
    others = [one for one in own_files(reader) if one != file_id]
    commands.read_list("family.offered", by=reader.user, at=reader.at, files=others)
    act = partial(commands.act, by=reader.user, at=reader.at, action="write", file_id=file_id)
    if request.method == "POST" and (apart := _one_of(request.POST.get("apart", ""), reader)):
        act("family.parted", partial(part_family, file_id, apart), other=str(apart))
        return redirect(back)

    def save(answers: Answers, sheet_id: UUID) -> str:
        other = UUID(str(answers["other"]))
        run = partial(link_family, file_id, other, by=reader.user, at=reader.at)
        act("family.linked", run, other=str(other))
        return back

    more = {"about": child_lines([file_id], reader=reader)[file_id]}
    sheet = Sheet(
        code="follow_up.family_link", action=here, back_url=back, begin={}, more=more,
        offered={"other": child_options(others, reader)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def visit(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """First what is true for all and who was there, then each child’s own part; sent once, filed on each child’s file."""
    form = commands.form_for(_FORM, file_id=file_id, by=reader.user, at=reader.at)
    within = set(own_files(reader))
    family = [file_id, *family_of(file_id, within=within)]
    commands.read_list("family.read", by=reader.user, at=reader.at, files=family)
    if request.method != "POST":
        commands.read("form.opened", file_id, by=reader.user, at=reader.at, form=_FORM)
        everybody = _Written({"children": [one.hex for one in family]}, new_id())
        return _show(request, reader, file_id, _first(form, family, reader), everybody)
    if "children" in request.POST.getlist("step"):
        return _take(request, reader, file_id, form, family)
    return _go_on(request, reader, file_id, form, family)


@dataclass(frozen=True)
class _Written:
    """What stands on the sheet: the answers, its id, and when the visit was."""

    answers: Mapping[str, Any]
    sheet_id: UUID
    happened_at: str = ""
    precision: str = "minute"


def _first(form: Form, family: Sequence[UUID], reader: Reader) -> Form:
    """What is asked once: how, who was there, the household, the next date."""
    there = Question(
        name="children", type="choices", required=True, label={"en": gettext("Which children is this about")},
        hint={"en": gettext("Leave out who was not there.")}, options=_options(family, reader),
    )  # fmt: skip
    shared = {"label": {"en": gettext("The household")}, "hint": {"en": gettext(_SHARED_HINT)}}
    asked = (
        one.model_copy(update=shared) if one.name == "household" else one for one in questions_of(form, _ONCE)
    )
    once = section_of("visit", {"en": gettext("For all of them")}, (*asked, there))
    title, intro = {"en": gettext("One visit to the family")}, {"en": gettext(_ONCE_INTRO)}
    return sheet_of(_FORM, title, intro, [once])


def _options(family: Sequence[UUID], reader: Reader) -> tuple[Option, ...]:
    by_code = {option.code: option for option in child_options(family, reader)}
    return tuple(by_code[one.hex] for one in family)


def _go_on(
    request: HttpRequest, reader: Reader, file_id: UUID, form: Form, family: Sequence[UUID]
) -> HttpResponse:
    """From the first page to the second; nothing is written yet. The household is offered to each child’s part."""
    first = _first(form, family, reader)
    written = _posted(request, first)
    try:
        checked = check(first, written.answers, today=reader.day)
        if checked.problems:
            raise Refused(*checked.problems)
        moment_of(written.happened_at, precision=written.precision, reader=reader)
    except Refused as refused:
        return _show(request, reader, file_id, first, written, refused=refused)
    children = [UUID(one) for one in checked.answers["children"] if isinstance(one, str)]
    for one in children:
        commands.read("form.opened", one, by=reader.user, at=reader.at, form=_FORM)
    household = checked.answers.get("household", "")
    begun = {
        f"c{number}_{name}": answer
        for number, child in enumerate(children)
        for name, answer in {"household": household, "actions": _actions(child)}.items()
    }
    second = _second(form, children, reader)
    answers = {name: checked.answers.get(name, "") for name in ("kind", "next_on")} | begun
    return _show(request, reader, file_id, second, replace(written, answers=answers), children=children)


def _take(
    request: HttpRequest, reader: Reader, file_id: UUID, form: Form, family: Sequence[UUID]
) -> HttpResponse:
    """Write every child’s part, or none. A problem is told at the question of the child whom it is about."""
    posted = set(request.POST.getlist("child"))
    children = [one for one in family if one.hex in posted]
    if not children:
        raise NotFound
    second = _second(form, children, reader)
    written = _posted(request, second)
    try:
        moment = moment_of(written.happened_at, precision=written.precision, reader=reader)
        checked = check(second, written.answers, today=reader.day)
        if checked.problems:
            raise Refused(*checked.problems)
        once = {name: checked.answers[name] for name in ("kind", "next_on") if checked.answers.get(name)}
        visits = [
            Submission(
                _FORM, child, once | answers_under(f"c{number}_", checked.answers),
                derived_id(written.sheet_id, f"visit {child}"), version=form.version, happened_at=moment,
                precision="day" if written.precision == "day" else "minute",
            )
            for number, child in enumerate(children)
        ]  # fmt: skip
        commands.submit_together(visits, by=reader.user, at=reader.at)
    except NotFound:
        raise
    except Refused as refused:
        told = type(refused)(*map(_at_the_child, refused.unmet))
        return _show(request, reader, file_id, second, written, children=children, refused=told)
    saved = len(children)
    words = ngettext("Saved on {n} child’s file.", "Saved on {n} children’s files.", saved)
    messages.success(request, words.format(n=saved))
    return redirect("file", file_id=file_id)


def _second(form: Form, children: Sequence[UUID], reader: Reader) -> Form:
    """The same for all, to be looked at once more, then a part for each child."""
    labels = {option.code: option.label for option in _options(children, reader)}
    parts = [section_of("visit", {"en": gettext("For all of them")}, questions_of(form, ("kind", "next_on")))]
    parts += [
        section_of(f"c{number}", labels[child.hex], questions_of(form, _EACH, prefix=f"c{number}_"))
        for number, child in enumerate(children)
    ]
    title, intro = {"en": gettext("One visit to the family")}, {"en": gettext(_EACH_INTRO)}
    return sheet_of(_FORM, title, intro, parts)


def _actions(child: UUID) -> list[dict[str, str]]:
    """The actions of a child’s plan as they stand, to be changed where they moved."""
    told = (one.contents for one in plan_actions(child))
    return [{"what": one["what"], "status": one.get("status", "")} for one in told]


def _at_the_child(one: Unmet) -> Unmet:
    """`1.situation`, as the verb tells it, is `c1_situation` on the sheet; what is asked once has no child."""
    number, _, question = one.question.partition(".")
    if not number.isdecimal() or not question:
        return one
    return replace(
        one, question=question if question in ("kind", "next_on", "happened_at") else f"c{number}_{question}"
    )


def _posted(request: HttpRequest, sheet: Form) -> _Written:
    posted = request.POST
    answers = read_posted(sheet, dict(posted.lists()))
    precision = "day" if posted.get("happened_precision") == "day" else "minute"
    return _Written(answers, sheet_id_of(request), posted.get("happened_at", ""), precision)


def _one_of(written: str, reader: Reader) -> UUID | None:
    """A file of the reader’s, by the id that was posted."""
    return next((one for one in own_files(reader) if written in (str(one), one.hex)), None)


def _show(
    request: HttpRequest, reader: Reader, file_id: UUID, sheet: Form, written: _Written,
    *, children: Sequence[UUID] = (), refused: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    unmet = list(refused.unmet) if refused else []
    known = {question.name for question in sheet.questions} | {"happened_at"}
    problems = {one.question: one.words for one in unmet if one.question.partition(".")[0] in known}
    context = {
        "form": sheet, "answers": written.answers, "problems": problems, "language": request.LANGUAGE_CODE,
        "about": child_lines([file_id], reader=reader)[file_id],
        "action": reverse("file_family_visit", kwargs={"file_id": file_id}),
        "hidden": {"entry_id": written.sheet_id, "step": "children" if children else "household"},
        "several": {"child": [one.hex for one in children]},
        "today": reader.day.isoformat(), "happened_at": written.happened_at or local_text(reader.at, reader),
        "happened_precision": "day" if written.precision == "day" else "exact",
        "happened_problem": problems.get("happened_at"), "back_always": True,
        "back_url": reverse("file_people", kwargs={"file_id": file_id}), "sign_in_url": reverse("account_login"),
        "main": gettext("Save for each child") if children else gettext("Go on to each child"),
        "unmet": [one for one in unmet if one.question not in problems],
    }  # fmt: skip
    return show(request, reader, "pages/form_page.html", context, status=refused.status if refused else 200)
