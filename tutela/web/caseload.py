"""Lists of files: the cases of the reader, the identifications that wait, and finding a child."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.cases.queries import files_of
from tutela.closure.queries import closed_among, died_among
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.deadlines.tasks import current_step
from tutela.intake.queries import identifications
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import child_lines, due_words, form_url, pager, step_words, term

_A_PAGE = 25


@signed_in
def cases(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The registered cases within reach, the most recently opened first."""
    files = files_of(reader.user, day=reader.day).filter(case__isnull=False).order_by("-opened_on", "id")
    closed = request.GET.get("show") == "closed"
    shut = closed_among(files.values_list("id", flat=True))
    ids = [file_id for file_id in files.values_list("id", flat=True) if (file_id in shut) == closed]
    pages = Paginator(ids, _A_PAGE).get_page(request.GET.get("page"))
    commands.read_list("cases.read", by=reader.user, at=reader.at, files=len(pages.object_list))
    lines = child_lines(list(pages.object_list), reader=reader)
    for one in reversed(open_deadlines(lines)):
        task = of_deadline(one)
        lines[one.file_id] |= {"next": task.title, "due": due_words(task.due_at, task.overdue_after, reader)}
    for file_id, line in lines.items():
        line["step"] = step_words(current_step(file_id))
    for file_id in died_among(lines):
        lines[file_id]["step"] = gettext("The child has died")
    start = f"{reverse('cases')}?show=closed&page=" if closed else f"{reverse('cases')}?page="
    context = {
        "heading": gettext("Cases"), "cases": list(lines.values()), "pages": pager(pages, start),
        "filters": [
            {"words": gettext("Open"), "url": reverse("cases"), "current": not closed},
            {"words": gettext("Closed"), "url": f"{reverse('cases')}?show=closed", "current": closed},
        ],
        "search": _search(),
    }  # fmt: skip
    return show(request, reader, "pages/case_list.html", context)


@signed_in
def intake(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Children who are not registered yet, the most urgent first."""
    files = {file.id: file for file in files_of(reader.user, day=reader.day).filter(case__isnull=True)}
    due = {one.file_id: one for one in reversed(open_deadlines(files))}
    commands.read_list("intake.read", by=reader.user, at=reader.at, files=len(files))
    found = sorted(
        identifications(files), key=lambda one: due[one.file_id].due_at if one.file_id in due else reader.at
    )
    lines = child_lines(list(files), reader=reader)
    waiting = [_waiting(one, lines[one.file_id], reader, due.get(one.file_id)) for one in found]
    main = {"words": gettext("Record an identification"), "url": form_url("intake.identification", None)}
    context = {"main": main if "caseworker" in reader.roles else None, "waiting": waiting}
    return show(request, reader, "pages/intake.html", context)


@signed_in
def find(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Find a child by name or code. Posted, so that what was looked for stands in no address."""
    query = request.POST.get("q", "").strip()[:200] if request.method == "POST" else ""
    context: dict[str, Any] = {"search": _search(value=query), "asked": bool(query)}
    if query:
        found = commands.find(query, by=reader.user, at=reader.at)
        context["found"] = list(child_lines(found, reader=reader).values())
        if "caseworker" in reader.roles:
            words = gettext("Record an identification")
            context["identify"] = {"words": words, "url": form_url("intake.identification", None)}
    return show(request, reader, "pages/find.html", context)


def _waiting(identification: Any, line: dict[str, Any], reader: Reader, due: Any) -> dict[str, Any]:
    told, entry = identification.contents, identification.entry
    pack = pack_in_force(entry.file.agency_id, reader.day)
    priority = gettext("Priority: {level}").format(level=term(pack, "triage", told["triage"]))
    return line | {
        "when": entry.happened_on, "source": term(pack, "identification_source", told["source"]), "priority": priority,
        "why": told.get("triage_why", ""), "action": gettext("Register"),
        "due": due_words(due.due_at, due.overdue_after, reader) if due else None,
    }  # fmt: skip


def _search(value: str = "") -> dict[str, Any]:
    return {
        "url": reverse("find"),
        "label": gettext("Name or code"),
        "value": value,
        "action": gettext("Find"),
    }
