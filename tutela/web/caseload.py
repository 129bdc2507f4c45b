"""Lists of files: the cases of the reader, and finding a child."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.deciding import roles_that_may
from tutela.cases.queries import files_of
from tutela.closure.queries import closed_among, died_among
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.deadlines.tasks import current_steps
from tutela.web.emergency import opened_now
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import child_lines, due_words, form_url, pager, step_words

_A_PAGE = 25
_FINDS = set(roles_that_may("find"))


@signed_in
def cases(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The registered cases within reach, the most recently opened first."""
    files = files_of(reader.user, day=reader.day).filter(case__isnull=False).order_by("-opened_on", "id")
    closed = request.GET.get("show") == "closed"
    shut = closed_among(files.values_list("id", flat=True))
    ids = [file_id for file_id in files.values_list("id", flat=True) if (file_id in shut) == closed]
    pages = Paginator(ids, _A_PAGE).get_page(request.GET.get("page"))
    commands.read_list("cases.read", by=reader.user, at=reader.at, files=list(pages.object_list))
    lines = child_lines(list(pages.object_list), reader=reader)
    for one in reversed(open_deadlines(lines)):
        task = of_deadline(one)
        lines[one.file_id] |= {"next": task.title, "due": due_words(task.due_at, task.overdue_after, reader)}
    for file_id, step in current_steps(lines).items():
        lines[file_id]["step"] = step_words(step)
    for file_id in died_among(lines):
        lines[file_id]["step"] = gettext("The child has died")
    start = f"{reverse('cases')}?show=closed&page=" if closed else f"{reverse('cases')}?page="
    context = {
        "heading": gettext("Cases"), "cases": list(lines.values()), "pages": pager(pages, start),
        "filters": [
            {"words": gettext("Open"), "url": reverse("cases"), "current": not closed},
            {"words": gettext("Closed"), "url": f"{reverse('cases')}?show=closed", "current": closed},
        ],
        "search": _search() if _FINDS & reader.roles else None,
    }  # fmt: skip
    return show(request, reader, "pages/case_list.html", context)


@signed_in
def find(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Find a child by name or code. Posted, so that what was looked for stands in no address."""
    query = request.POST.get("q", "").strip()[:200] if request.method == "POST" else ""
    context: dict[str, Any] = {
        "search": _search(value=query),
        "asked": bool(query),
        "emergencies": opened_now(reader),
    }
    if query:
        found = commands.find(query, by=reader.user, at=reader.at)
        context["found"] = list(child_lines(found, reader=reader).values())
        if "caseworker" in reader.roles:
            words = gettext("Record an identification")
            context["identify"] = {"words": words, "url": form_url("intake.identification", None)}
    return show(request, reader, "pages/find.html", context)


def _search(value: str = "") -> dict[str, Any]:
    return {
        "url": reverse("find"),
        "label": gettext("Name or code"),
        "value": value,
        "action": gettext("Find"),
    }
