"""Where the data-protection focal point begins: what waits in each register, emergencies, the log. No case content (§20)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.office import files_in_teams_of, staff_of
from tutela.access.queries import agency_of
from tutela.audit.queries import Asked, search
from tutela.cases.queries import file_coded, files_in
from tutela.data_protection.queries import waits_of
from tutela.forms.answers import check, read_posted
from tutela.forms.definition import Option
from tutela.forms.offering import with_options
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import Words, say
from tutela.published.queries import form_in_force
from tutela.supervision import emergencies
from tutela.web.emergency import waiting_views
from tutela.web.frame import Reader, show, signed_in
from tutela.web.registers import agency_id_of, show_register
from tutela.web.role_changes import roles_that_wait
from tutela.web.showing import term
from tutela.web.who_looked import log_columns, log_rows

if TYPE_CHECKING:
    from tutela.access.models import Agency, EmergencyReview
    from tutela.forms.definition import Answers, Form

FOCAL_POINT = "data_protection_focal_point"
_MOST_ROWS = 200  # of one search
_MOST_REVIEWS = 20  # that are shown after they were settled
_SEARCH = "access.log_search"


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What waits for the focal point, and where to look."""
    agency = _agency(reader)
    waiting = emergencies.to_review(agency.id)
    commands.read_list(
        "data_protection.read", by=reader.user, at=reader.at, files={one.file_id for one in waiting}
    )
    others = [one for one in waiting if one.user_id != reader.user.id]
    settled = emergencies.settled_last(agency.id, most=_MOST_REVIEWS)
    context = {
        "sections": [
            {"heading": gettext("What waits"), "items": _waits(agency, reader, emergencies=len(others))}
        ],
        "waiting": waiting_views(others),
        "settled": [_settled(one, reader) for one in settled],
        "columns": [gettext("Reference"), gettext("Opened by"), gettext("Answer"), gettext("Answered by")],
        **_search_form(agency, reader, {}),
        **roles_that_wait(agency, reader),
    }
    return show_register(request, reader, "pages/data_protection.html", "data_protection", context)


def _waits(agency: Agency, reader: Reader, *, emergencies: int) -> list[dict[str, Any]]:
    """Each register with what waits in it, and the ways to what is only looked at."""
    waits = waits_of(agency_id_of(reader), pack=reader.pack, day=reader.day)
    return [
        _place(
            gettext("Requests of people about their file"), "register_requests",
            _count(waits.requests, gettext("{n} to answer"), none=gettext("Nothing is to be answered")),
            due=(say("The first is due"), waits.answer_by),
        ),
        _place(
            gettext("Incidents: what leaked, was lost or was seen"), "register_incidents",
            _count(waits.incidents, gettext("{n} still open"), none=gettext("No incident is open")),
            due=(say("Tell whom it concerns"), waits.tell_by),
        ),
        _place(
            gettext("How long files are kept, and how they end"), "register_keeping",
            _count(waits.over, gettext("{n} of which the time is over"), none=gettext("No file’s time is over")),
            _count(waits.proposed, gettext("{n} for a second person to agree to"), none=""),
        ),
        _place(
            gettext("Files opened in an emergency"), "",
            _count(emergencies, gettext("{n} to review, see below"), none=gettext("Nothing is to be reviewed")),
        ),
        _place(
            gettext("Who looked at which file"), "digest",
            gettext("An overview of every week, what is unusual first"),
        ),
        _place(gettext("Who was given which role"), "role_changes"),
        _place(gettext("What left the house"), "exports", gettext("Every export: who asked, who agreed, to whom it went")),
    ]  # fmt: skip


def _count(number: int, some: str, *, none: str) -> str:
    return some.format(n=number) if number else none


def _place(
    title: str, place: str, *lines: str, due: tuple[Words, date | datetime | None] | None = None
) -> dict[str, Any]:
    """A line that leads to a register; `due`: what is due there first, and when, where anything is."""
    what, when = due or (None, None)
    return {
        "title": title, "url": reverse(place) if place else "", "lines": [one for one in lines if one],
        "due": {"what": what, "when": when} if when else None,
    }  # fmt: skip


@signed_in
def log(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The rows of the log of a case, a person or a day. Posted, so that no code stands in an address."""
    agency = _agency(reader)
    if request.method != "POST":
        raise NotFound
    form = _form(agency, reader)
    answers = read_posted(form, dict(request.POST.lists()))
    checked = check(form, answers, today=reader.day)
    problems = {one.question: one.words for one in checked.problems}
    context = _search_form(agency, reader, answers) | {
        "problems": problems,
        "back_url": reverse("data_protection"),
    }
    if not problems:
        context |= _found(agency, reader, checked.answers)
    status = 422 if problems else 200
    return show(request, reader, "pages/log_found.html", context, status=status)


def _found(agency: Agency, reader: Reader, answers: Answers) -> dict[str, Any]:
    code = str(answers.get("code", ""))
    file_id = file_coded(code, agency_id=agency.id) if code else None
    person, day = str(answers.get("person", "")), str(answers.get("day", ""))
    when = date.fromisoformat(day) if day else None
    asked = Asked(
        files=files_in(agency.id).values("id"), people=[one.id for one in staff_of(agency.id)], file_id=file_id,
        by=UUID(person) if person else None,
        since=clock.end_of_day(clock.days_after(when, -1), reader.zone) if when else None,
        until=clock.end_of_day(when, reader.zone) if when else None,
    )  # fmt: skip
    nothing = code and file_id is None
    rows = (
        []
        if nothing
        else list(search(asked, own_team=files_in_teams_of(reader.user, reader.day))[: _MOST_ROWS + 1])
    )
    commands.act(
        "log.searched", lambda: None, by=reader.user, at=reader.at, action="review", field_class="clear",
        found=len(rows[:_MOST_ROWS]),
    )  # fmt: skip
    return {
        "asked": True, "more": len(rows) > _MOST_ROWS, "most": _MOST_ROWS, "columns": log_columns(with_case=True),
        "rows": log_rows(rows[:_MOST_ROWS], agency_id=agency.id, day=reader.day, with_case=True),
    }  # fmt: skip


def _agency(reader: Reader) -> Agency:
    """The agency that the reader looks after. Raises NotFound for everybody else."""
    agency = agency_of(reader.user, reader.day)
    if agency is None or FOCAL_POINT not in reader.roles:
        raise NotFound
    return agency


def _search_form(agency: Agency, reader: Reader, answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "form": _form(agency, reader), "answers": answers, "problems": {}, "action": reverse("log_search"),
    }  # fmt: skip


def _form(agency: Agency, reader: Reader) -> Form:
    form = form_in_force(_SEARCH, agency_id=agency.id, day=reader.day)
    people = [
        Option.model_construct(code=one.id.hex, label={"en": one.name}, hint={}, retired=False)
        for one in staff_of(agency.id)
    ]
    return with_options(form, {"person": people})


def _settled(one: EmergencyReview, reader: Reader) -> dict[str, Any]:
    return {
        "cells": [
            one.opening.reference, one.opening.user.name, term(reader.pack, "emergency_verdict", one.verdict), one.by.name,
        ],
        "url": reverse("emergency_review", args=[one.opening_id]),
    }  # fmt: skip
