"""Today: what is due, per child, and where to begin."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import invitations_of
from tutela.cases.queries import files_of
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.foundation.refusals import NotFound
from tutela.pages.styleguide import context as styleguide_context
from tutela.web.frame import Reader, is_beside, show, signed_in
from tutela.web.showing import child_lines, form_url, task_view

_AHEAD = 14  # days that the page looks ahead; what comes later stands on the file


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The day of a caseworker; a supervisor's begins with the team."""
    if "caseworker" not in reader.roles:
        return (
            redirect("team")
            if "supervisor" in reader.roles
            else show(request, reader, "pages/nothing_here.html", {})
        )
    files = list(files_of(reader.user, day=reader.day).values_list("id", flat=True))
    due = open_deadlines(files)
    commands.read_list("today.read", by=reader.user, at=reader.at, files=len(files))
    late = [one for one in due if one.overdue_after < reader.at]
    today = [
        one for one in due if one not in late and one.due_at.astimezone(reader.zone).date() <= reader.day
    ]
    coming = [one for one in due if one not in late and one not in today and _is_near(one, reader)]
    identify = form_url("intake.identification", None)
    context = {
        "day": reader.day, "late": _by_child(late, reader), "due_today": _by_child(today, reader),
        "coming": _by_child(coming, reader), "offered": _offered(reader),
        "main": {"words": gettext("Record an identification"), "url": identify},
        "search": {"url": reverse("find"), "label": gettext("Find a child by name or code")},
    }  # fmt: skip
    return show(request, reader, "pages/today.html", context)


@signed_in
def beside_me(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Cover names, risk, threats and stories on every page, or show them again; then back to where one was (R125)."""
    if request.method != "POST":
        raise NotFound
    request.session["beside_me"] = not is_beside(request)
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "today")


@signed_in
def styleguide(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Every component in every state, with invented data."""
    return show(request, reader, "pages/styleguide.html", styleguide_context())


def _offered(reader: Reader) -> list[dict[str, Any]]:
    """The files that the reader is asked to take over, with the hand-over to read first (R56)."""
    asked = {one.file_id: one for one in invitations_of(reader.user, reader.day)}
    return [
        line | {"due": asked[file_id].until, "url": reverse("file_hand_over", kwargs={"file_id": file_id})}
        for file_id, line in child_lines(list(asked), reader=reader).items()
    ]


def _is_near(one: OpenDeadline, reader: Reader) -> bool:
    return (one.due_at.astimezone(reader.zone).date() - reader.day).days <= _AHEAD


def _by_child(due: list[OpenDeadline], reader: Reader) -> list[dict[str, Any]]:
    files: list[UUID] = list(dict.fromkeys(one.file_id for one in due))
    lines = child_lines(files, reader=reader)
    for one in due:
        view = task_view(of_deadline(one), one.file_id, may={"write"}, reader=reader)
        lines[one.file_id].setdefault("tasks", []).append(view)
    return [lines[file_id] for file_id in files]
