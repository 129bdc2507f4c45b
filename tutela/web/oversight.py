"""For managers and safeguarding focal points: files opened for a reason, files closed to somebody, cases by their codes."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access import granting
from tutela.access.closing import (
    close_to,
    closing_of,
    closings_of,
    open_again,
    supervisors_beside,
    why_closed,
)
from tutela.access.near import files_of_agency, people_of
from tutela.access.queries import responsible_for, roles_on
from tutela.cases.queries import code_of, file_coded, files_by_id
from tutela.closure.queries import closed_among
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, id_from, show, signed_in
from tutela.web.meetings import by_code
from tutela.web.role_changes import roles_that_wait
from tutela.web.safeguarding import code_told, waiting_for
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import pager, person_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tutela.access.models import Agency, ClosedTo
    from tutela.forms.definition import Answers

_FOCAL_POINT = "safeguarding_focal_point"
_A_PAGE = 25


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Where a manager or a focal point begins: what is open to them for a time, and to whom files are closed."""
    agency = commands.may_here("close_to", by=reader.user, at=reader.at, act="oversight.read")
    opened = granting.opened_by(reader.user, reader.day)
    closings = closings_of(agency.id, seen_by=reader.user, day=reader.day)
    files = files_by_id([*(one.file_id for one in opened), *(one.file_id for one in closings)])
    codes = {file_id: code_of(file) for file_id, file in files.items()}
    commands.read_list("oversight.read", by=reader.user, at=reader.at, files=list(codes))
    asked, held = [one for one in closings if one.since is None], [one for one in closings if one.since]
    context = {
        "page_title": gettext("Oversight"),
        "links": _links(reader, agency), **(roles_that_wait(agency, reader) if "manager" in reader.roles else {}),
        "sections": [
            {
                "heading": gettext("Open to you for a reason"),
                "empty": gettext("No file is open to you. Open one by its code, with your reason."),
                "items": [_opened(one, codes[one.file_id]) for one in opened],
            },
            *([{
                "heading": gettext("Somebody asks to close a file"),
                "items": [_asked(one, codes[one.file_id]) for one in asked],
            }] if asked else []),
            {
                "heading": gettext("Closed to somebody"),
                "lede": gettext("They are not told, and find the file nowhere."),
                "empty": gettext("No file is closed to anybody by name."),
                "items": [_held(one, codes[one.file_id]) for one in held],
            },
        ],
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def codes(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The open cases of the agency by their codes, for managers: no name, no label, nothing that leads into a file."""
    agency = commands.may_here("list_codes", by=reader.user, at=reader.at, act="codes.read")
    files = files_of_agency(agency.id, seen_by=reader.user, day=reader.day)
    registered = files_by_id(files)
    shut = closed_among(files)
    cases = [one for one in files if one not in shut and code_of(registered[one])]
    pages = Paginator(cases, _A_PAGE).get_page(request.GET.get("page"))
    commands.read_list("codes.read", by=reader.user, at=reader.at, files=list(pages.object_list))
    context = {
        "page_title": gettext("Cases by their codes"),
        "lede": gettext("What is due and who is responsible. To read a file, open it with a reason."),
        "links": [_link(gettext("Open a file for a reason"), "open_on_reason")],
        "sections": [{
            "heading": gettext("Open cases"), "empty": gettext("No case here"),
            "items": _codes(list(pages.object_list), reader),
        }],
        "pages": pager(pages, f"{reverse('codes')}?page="),
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def open_on_reason(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Open a file by its code, for a time, to oneself, with a reason."""
    agency = commands.may_here("open_on_reason", by=reader.user, at=reader.at, act="file.opening")
    focal_point = _FOCAL_POINT in roles_on(reader.user, reader.day, agency_id=agency.id)

    def save(answers: Answers, sheet_id: UUID) -> str:
        file_id = _coded(answers, agency)
        run = partial(
            granting.open_for_reason, sheet_id, file_id, until=_day(answers["until"]), why=str(answers["why"]),
            purpose=granting.SAFEGUARDING if focal_point else granting.REASON, by=reader.user, day=reader.day,
            pack=pack_in_force(agency.id, reader.day),
        )  # fmt: skip
        verb = "safeguarding.file_opened" if focal_point else "file.opened_on_reason"
        _on_file(verb, run, reader, "open_on_reason", file_id, grant=str(sheet_id))
        return reverse("file", kwargs={"file_id": file_id})

    sheet = Sheet(
        code="access.open_on_reason", action=reverse("open_on_reason"), back_url=reverse("oversight"),
        begin={"until": reader.day.isoformat(), **_told(request, reader, agency)}, more={},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def close(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Close a file to somebody by name: as one decides oneself, or as somebody asked (`?asked=`)."""
    agency = commands.may_here("close_to", by=reader.user, at=reader.at, act="safeguarding.closing")
    asked = _asked_for(request.GET.get("asked", ""), reader, agency)

    def save(answers: Answers, sheet_id: UUID) -> str:
        file_id = _coded(answers, agency) if asked is None else asked.file_id
        run = partial(
            close_to, sheet_id, file_id, to=str(answers["to"]), instead=str(answers.get("instead", "")),
            why=str(answers["why"]), by=reader.user, day=reader.day,
        )  # fmt: skip
        _on_file("safeguarding.closed", run, reader, "close_to", file_id, closing=str(sheet_id))
        messages.success(request, gettext("The file is closed to them. Nobody is told."))
        return reverse("oversight")

    here = reverse("closing")
    sheet = Sheet(
        code="access.closing", action=f"{here}?asked={asked.id}" if asked else here, back_url=reverse("oversight"),
        begin=_as_asked(asked) if asked else _told(request, reader, agency), more={},
        offered={
            "to": person_options(one.user for one in people_of(agency.id, reader.day)),
            "instead": person_options(supervisors_beside(agency.id, reader.day)),
        },
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def closing_end(request: HttpRequest, reader: Reader, closing_id: UUID) -> HttpResponse:
    """Open a file again to whoever it was closed to, or decline what was asked for."""
    if request.method != "POST":
        raise NotFound
    agency = commands.may_here("close_to", by=reader.user, at=reader.at, act="safeguarding.opened_again")
    closing = _seen(closing_id, reader, agency)
    run = partial(open_again, closing.id, by=reader.user, day=reader.day)
    commands.act(
        "safeguarding.opened_again", run, by=reader.user, at=reader.at, action="close_to", field_class="clear",
        file_id=closing.file_id, closing=str(closing.id),
    )  # fmt: skip
    return redirect("oversight")


def _codes(files: Sequence[UUID], reader: Reader) -> list[dict[str, Any]]:
    """Each case with its risk, what is due, and who is responsible."""
    workers = responsible_for(files)
    rows = zip(files, by_code(files, reader), strict=True)  # registered and open, each of them
    return [row | {"lines": [workers[file_id].name]} for file_id, row in rows]


def _on_file(
    verb: str, run: Callable[[], Any], reader: Reader, action: Any, file_id: UUID, **detail: Any
) -> None:
    """Do it; a file that is closed to the reader answers as one that is not there."""
    try:
        commands.act(
            verb, run, by=reader.user, at=reader.at, action=action, field_class="clear", file_id=file_id, **detail
        )  # fmt: skip
    except NotFound:
        raise Refused(_unknown()) from None


def _coded(answers: Answers, agency: Agency) -> UUID:
    file_id = file_coded(str(answers["code"]), agency_id=agency.id)
    if file_id is None:
        raise Refused(_unknown())
    return file_id


def _unknown() -> Unmet:
    words = say("There is no case with this code here. Look at each letter again.")
    return Unmet("unknown_code", words, "R17", "code")


def _asked_for(asked: str, reader: Reader, agency: Agency) -> ClosedTo | None:
    return _seen(id_from(asked), reader, agency) if asked else None


def _told(request: HttpRequest, reader: Reader, agency: Agency) -> dict[str, str]:
    """The file of a safeguarding report that leads here (`?report=`), so that no code stands in an address (R122)."""
    code = code_told(request.GET.get("report", ""), reader, agency.id)
    return {"code": code} if code else {}


def _seen(closing_id: UUID, reader: Reader, agency: Agency) -> ClosedTo:
    """A closing that the reader may know of. Raises NotFound."""
    known = {one.id for one in closings_of(agency.id, seen_by=reader.user, day=reader.day)}
    if closing_id not in known:
        raise NotFound
    return closing_of(closing_id)


def _as_asked(asked: ClosedTo) -> dict[str, str]:
    file = files_by_id([asked.file_id])[asked.file_id]
    return {"code": code_of(file) or "–", "to": asked.user.username, "why": why_closed(asked)}


def _links(reader: Reader, agency: Agency) -> Sequence[dict[str, str]]:
    roles = roles_on(reader.user, reader.day, agency_id=agency.id)
    manages = [
        _link(gettext("Cases by their codes"), "codes"),
        _link(gettext("Who stands in for supervisors"), "deputies"),
        _link(gettext("Who was given which role"), "role_changes"),
    ]
    return [
        *(_what_was_told(reader, agency) if _FOCAL_POINT in roles else []),
        _link(gettext("Open a file for a reason"), "open_on_reason"),
        _link(gettext("Close a file to somebody"), "closing"),
        *(manages if "manager" in roles else []),
    ]


def _what_was_told(reader: Reader, agency: Agency) -> list[dict[str, str]]:
    """The way to safeguarding reports, and how many of them wait."""
    waits = waiting_for(reader, agency.id)
    words = gettext("What was told to you: {n} to see to").format(n=waits)
    return [_link(words if waits else gettext("What was told to you"), "safeguarding_reports")]


def _opened(grant: Any, code: str) -> dict[str, Any]:
    return {
        "code": code, "lines": [say("Open until {day}", day=grant.until)], "why": granting.why_granted(grant),
        "url": reverse("file", kwargs={"file_id": grant.file_id}),
    }  # fmt: skip


def _asked(closing: ClosedTo, code: str) -> dict[str, Any]:
    asked_by = closing.asked_by.name if closing.asked_by else ""
    return {
        "code": code,
        "lines": [say("To {who}, asks {by}", who=closing.user.name, by=asked_by)],
        "why": why_closed(closing),
        "link": {"words": gettext("Decide"), "url": f"{reverse('closing')}?asked={closing.id}"},
        "post": {"words": gettext("Leave it open"), "url": reverse("closing_end", args=[closing.id])},
    }


def _held(closing: ClosedTo, code: str) -> dict[str, Any]:
    instead = [say("{who} agrees to decisions", who=closing.instead.name)] if closing.instead else []
    return {
        "code": code,
        "lines": [say("To {who}, since {day}", who=closing.user.name, day=closing.since), *instead],
        "why": why_closed(closing),
        "post": {"words": gettext("Open it to them again"), "url": reverse("closing_end", args=[closing.id])},
    }  # fmt: skip


def _link(words: str, place: str) -> dict[str, str]:
    return {"words": words, "url": reverse(place)}


def _day(answer: Any) -> date:
    return date.fromisoformat(str(answer))
