"""To type: what somebody types for a colleague from paper; giving it, ending it, and looking at it afterwards (§20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela import commands
from tutela.access.queries import typing_of
from tutela.access.rules import last_day
from tutela.access.typists import to_be_looked_at, to_be_typed, typed_by, typists_of
from tutela.cases.drafts import OpenDraft, Place, draft_at
from tutela.cases.queries import agency_id_of, codes_of
from tutela.commands import Submission
from tutela.forms.answers import read_posted
from tutela.forms.definition import Form, Option, in_language
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.published.queries import form_in_force, titles_in_force
from tutela.web.file_frame import pack_of
from tutela.web.forms import moment_of
from tutela.web.frame import Reader, show, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, person_options

if TYPE_CHECKING:
    from tutela.access.models import TypingTask
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers


# --- Whoever types -------------------------------------------------------------------------------------------


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the reader is to type: the case code and the name of the form, and nothing else."""
    if "data_entry" not in reader.roles:
        raise NotFound
    tasks = list(typing_of(reader.user, reader.day).order_by("until", "id"))
    files = {one.file_id for one in tasks}
    commands.read_list("typing.read", by=reader.user, at=reader.at, files=files)
    codes = codes_of(files)
    items = [
        {
            "code": codes.get(one.file_id, ""), "url": reverse("typing_form", args=[one.id]), "lines": [_title(one, reader)],
            "due": {"what": say("To be typed:"), "when": one.until},
        }
        for one in tasks
    ]  # fmt: skip
    section = {
        "heading": gettext("Given to you"),
        "items": items,
        "empty": gettext("Nothing is given to you to type."),
    }
    context = {
        "page_title": gettext("To type"), "sections": [section],
        "lede": gettext("What stands on paper, typed for a colleague. Type what is written, and nothing else."),
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def form(request: HttpRequest, reader: Reader, typing_id: UUID) -> HttpResponse:
    """The empty form, and taking what was typed, once."""
    if request.method == "POST" and _typed_already(typing_id, reader):
        return redirect("typing")
    task = commands.open_to_type(typing_id, by=reader.user, at=reader.at)
    asked = form_in_force(task.form_code, agency_id=agency_id_of(task.file_id), day=reader.day)
    kept = draft_at(Place(task.form_code, task.file_id), by=reader.user)
    typed: dict[str, Any] = kept.typed if kept and kept.entry_id == commands.entry_id_of(task.id) else {}
    happened = request.POST.get("happened_at", typed.get("happened_at", ""))  # it stands on the paper
    precision = request.POST.get("happened_precision") or typed.get("precision", "day")

    def save(answers: Answers, sheet_id: UUID) -> str:
        moment = moment_of(happened, precision=precision, reader=reader)
        submission = Submission(
            form=task.form_code, file=task.file_id, answers=_as_typed(asked, answers), entry_id=commands.entry_id_of(task.id),
            version=request.POST.get("version") or None, happened_at=moment, done_by=task.worker,
            precision="day" if precision == "day" else "minute",
        )  # fmt: skip
        commands.submit(submission, by=reader.user, at=reader.at)
        messages.success(request, gettext("Sent. Your colleague looks at it; you cannot read it any more."))
        return reverse("typing")

    more = {
        "whom": codes_of([task.file_id]).get(task.file_id, ""), "happened_at": happened, "happened_precision": precision,
        "draft_url": reverse("typing_draft", args=[task.id]), "back_always": False, "main": gettext("Send what I typed"),
    }  # fmt: skip
    sheet = Sheet(
        code=task.form_code, action=reverse("typing_form", args=[task.id]), back_url=reverse("typing"),
        begin=typed.get("answers", {}), more=more, agency_id=agency_id_of(task.file_id),
        left_out={one.name for one in asked.questions if not commands.is_typed(one)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def keep(request: HttpRequest, reader: Reader, typing_id: UUID) -> HttpResponse:
    """Keep what is typed so far, sealed for whoever types."""
    if request.method != "POST":
        raise NotFound
    task = commands.open_to_type(typing_id, by=reader.user, at=reader.at, leaves_row=False)
    asked = form_in_force(task.form_code, agency_id=agency_id_of(task.file_id), day=reader.day)
    typed = {
        "answers": _as_typed(asked, read_posted(asked, dict(request.POST.lists()))),
        "happened_at": request.POST.get("happened_at", ""),
        "precision": "day" if request.POST.get("happened_precision") == "day" else "minute",
    }
    draft = OpenDraft(commands.entry_id_of(task.id), asked.version, 0, typed)
    commands.keep_draft(Place(task.form_code, task.file_id), draft, by=reader.user, at=reader.at)
    return JsonResponse({"kept": True})


# --- Whoever has it typed ------------------------------------------------------------------------------------


@signed_in
def give(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Give forms of a file to somebody to type."""
    file = commands.read("typing.offered", file_id, by=reader.user, at=reader.at, action="have_typed")

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.have_typed(
            sheet_id, file.id, forms=[str(one) for one in answers["forms"]], typist=str(answers["to"]),
            worker=str(answers["worker"]), until=date.fromisoformat(str(answers["until"])), by=reader.user, at=reader.at,
        )  # fmt: skip
        messages.success(request, gettext("Given. It stands on their list now."))
        return reverse("file_access", args=[file.id])

    workers = commands.whose_paper(file, day=reader.day)
    latest = last_day("typing", reader.day, pack=pack_of(reader, file))
    sheet = Sheet(
        code="access.typing", action=reverse("file_typing", args=[file.id]), back_url=reverse("file_access", args=[file.id]),
        begin={"until": latest.isoformat(), "worker": workers[0].username if workers else ""},
        more={"about": child_lines([file.id], reader=reader)[file.id]},
        offered={
            "forms": _forms(file, reader), "worker": person_options(workers),
            "to": person_options(typists_of(file.agency_id, file_id=file.id, day=reader.day)),
        },
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def end(request: HttpRequest, reader: Reader, file_id: UUID, typing_id: UUID) -> HttpResponse:
    """Take back what is not typed yet."""
    if request.method != "POST":
        raise NotFound
    commands.end_typing(typing_id, file_id, by=reader.user, at=reader.at)
    messages.success(request, gettext("It is not to be typed any more."))
    return redirect("file_access", file_id=file_id)


@signed_in
def confirm(request: HttpRequest, reader: Reader, file_id: UUID, entry_id: UUID) -> HttpResponse:
    """What was typed is right."""
    if request.method != "POST":
        raise NotFound
    commands.confirm_typed(file_id, entry_id, by=reader.user, at=reader.at)
    messages.success(request, gettext("Noted: it is as you wrote it."))
    return redirect("file_entry", file_id=file_id, entry_id=entry_id)


def section(file: CaseFile, may: set[str], reader: Reader) -> dict[str, Any] | None:
    """For the Access tab: what somebody is to type, with the way to end it and to give more."""
    if "have_typed" not in may:
        return None
    return {
        "heading": gettext("Typed by a colleague"),
        "lede": gettext("They see the case code and an empty form, and read nothing of this file."),
        "items": [
            {
                "title": one.typist.name,
                "lines": [_title(one, reader), say("For {who}, until {day}", who=one.worker.name, day=one.until)],
                "post": {"words": gettext("End now"), "url": reverse("file_typing_end", args=[file.id, one.id])},
            }
            for one in to_be_typed(file.id, reader.day)
        ],
        "links": [{"words": gettext("Have a form typed"), "url": reverse("file_typing", args=[file.id])}],
    }  # fmt: skip


def to_look_at(files: Sequence[UUID], reader: Reader) -> list[dict[str, Any]]:
    """What was typed for the reader, who has not looked at it yet, for their day."""
    waiting = to_be_looked_at(files, worker=reader.user) if files else []
    lines = child_lines(list(dict.fromkeys(one.file_id for one in waiting)), reader=reader) if waiting else {}
    return [
        lines[one.file_id] | {
            "form": _title(one, reader), "who": one.typist.name,
            "url": reverse("file_entry", args=[one.file_id, one.entry_id]),
        }
        for one in waiting
    ]  # fmt: skip


def typed_notice(file_id: UUID, entry_id: UUID) -> dict[str, str] | None:
    """Who typed an entry at which nobody has looked yet, and where one says that it is right."""
    task = typed_by(entry_id)
    if task is None or task.confirmed_on is not None:
        return None
    return {"who": task.typist.name, "url": reverse("file_typing_right", args=[file_id, entry_id])}


def _forms(file: CaseFile, reader: Reader) -> list[Option]:
    """What can be typed, by the titles of the forms in force."""
    titles = commands.form_titles(file, day=reader.day)
    return [
        Option.model_construct(code=code, label=titles[code], hint={}, retired=False)
        for code in sorted(commands.TYPED)
        if code in titles
    ]


def _title(task: TypingTask, reader: Reader) -> str:
    titles = titles_in_force(agency_id=agency_id_of(task.file_id), day=reader.day)
    return in_language(titles.get(task.form_code, {}), get_language() or "en") or task.form_code


def _as_typed(asked: Form, answers: Answers) -> Answers:
    """The answers without those that are not typed, whatever was posted."""
    typed = {one.name for one in asked.questions if commands.is_typed(one)}
    return {name: answer for name, answer in answers.items() if name in typed}


def _typed_already(typing_id: UUID, reader: Reader) -> bool:
    task = typed_by(commands.entry_id_of(typing_id))
    return task is not None and task.typist == reader.user
