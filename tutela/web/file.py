"""The file: what is next and why, the story, one entry, and the name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela import commands
from tutela.cases.entries import EVERY_CLASS
from tutela.cases.labels import labels_of
from tutela.cases.queries import child_of, entries_with_corrections, first_written, line_of
from tutela.closure.queries import death_of
from tutela.deadlines.starts import forms_to_start
from tutela.deadlines.tasks import tasks_on
from tutela.forms.definition import in_language
from tutela.foundation.refusals import NotFound
from tutela.web.file_frame import read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import answer_parts, child_lines, entry_views, form_url, pager, task_view
from tutela.web.typed import typed_notice

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers

_A_PAGE = 25  # entries, each with what corrected it


@signed_in
def story(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What is next, and what was written, newest first. Names and the confidential section stay closed here."""
    file, may = read_file(reader, file_id, "file.read")
    pages = Paginator(first_written(file.id), _A_PAGE).get_page(request.GET.get("page"))
    entries = entry_views(
        entries_with_corrections(pages.object_list, file_id=file.id, classes=frozenset({"case"}))
    )
    died = death_of(file.id) is not None
    for one in entries:
        one["url"] = reverse("file_entry", kwargs={"file_id": file.id, "entry_id": one["id"]})
        one["action"] = gettext("Read it all")
    main = {"words": gettext("Note a contact"), "url": form_url("follow_up.contact", file.id)}
    context = {
        "tasks": [
            task_view(task, file.id, may=may, reader=reader)
            | ({"action": gettext("Write it down")} if died else {})
            for task in tasks_on(file.id, day=reader.day)
        ],
        "entries": entries,
        "pages": pager(pages, f"{reverse('file', kwargs={'file_id': file.id})}?page="),
        "main": main if may & {"write", "write_urgent"} and not died else None,
        "starts": _starts(reader, file, may),
        "died": died,
    }
    return show_file(request, reader, file, may, "file", context)


@signed_in
def entry(request: HttpRequest, reader: Reader, file_id: UUID, entry_id: UUID) -> HttpResponse:
    """One entry as a whole, names included, and what corrected it."""
    file, may = read_file(reader, file_id, "entry.read", entry=str(entry_id))
    classes = EVERY_CLASS if "confidential" in may else EVERY_CLASS - {"confidential"}
    line = line_of(entry_id, file_id=file.id, classes=classes)
    newest = line[-1]
    (view,) = entry_views(line)
    view["parts"] = answer_parts(newest)
    if "confidential" in newest.unread:
        closed = gettext("Closed to you. It is opened to a person by name, for a reason.")
        view["parts"].append({"label": gettext("Confidential section"), "text": closed})
    correct = form_url(newest.form.code, file.id, amends=newest.id, about=newest.about)
    may_correct = "write" in may and commands.KINDS[newest.form.code].amendable
    links = [{"words": gettext("Correct this entry"), "url": correct}] if may_correct else []
    context = {
        "entry": view,
        "links": links,
        "typed": typed_notice(file.id, newest.id) if "write" in may else None,
    }
    return show_file(request, reader, file, may, "file", context, template="pages/entry_page.html")


@signed_in
def name(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The child's name, for whoever asked for it with one tap; the tap is logged (R125)."""
    if request.method != "POST":
        raise NotFound
    file, may = read_file(reader, file_id, "name.read")
    child = child_of(file.id)
    known = child.contents.get("name") if child else ""
    back = {"words": gettext("Back to the file"), "url": reverse("file", kwargs={"file_id": file.id})}
    return show_file(
        request, reader, file, may, "file", {"back": back}, template="pages/file_name.html",
        name=known or gettext("No name is known yet"),
    )  # fmt: skip


@signed_in
def label(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What the reader calls this child on their own lists (R125)."""
    file, may = read_file(reader, file_id, "label.opened")
    if "write_urgent" in may:  # opened in an emergency: it is on no list of theirs (R120)
        raise NotFound
    here, back = (reverse(name, kwargs={"file_id": file.id}) for name in ("file_label", "file"))

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.set_label(file.id, str(answers.get("label", "")), by=reader.user, at=reader.at)
        return back

    own = labels_of(reader.user, files=[file.id])
    more = {"about": child_lines([file.id], reader=reader)[file.id]}
    sheet = Sheet(
        code="cases.private_label",
        action=here,
        back_url=back,
        begin={"label": own.get(file.id, "")},
        more=more,
    )
    return answer_sheet(request, reader, sheet, save=save)


def _starts(reader: Reader, file: CaseFile, may: set[str]) -> list[dict[str, Any]]:
    """What else the reader can write down, in whatever order the day goes (R111)."""
    titles, language = commands.form_titles(file, day=reader.day), get_language() or "en"
    groups = [
        {
            "title": group.title,
            "forms": [
                {"words": in_language(titles[code], language), "url": form_url(code, file.id)}
                for code in group.forms
                if code in titles and commands.may_begin(code, may)
            ],
        }
        for group in forms_to_start(file.id)
    ]
    return [group for group in groups if group["forms"]]
