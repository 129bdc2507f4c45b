"""Who stands in for supervisors: pages about colleagues that open no file."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.deputies import could_stand_in, deputies_of, end_deputy, places_of, put_in_deputy
from tutela.forms.definition import Option
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.pages.dates import exact
from tutela.web.frame import Reader, id_from, show, signed_in
from tutela.web.second_factor import fresh_second_factor
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import person_options

if TYPE_CHECKING:
    from tutela.access.models import Membership
    from tutela.forms.definition import Answers


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The deputies of the supervisors for whom the reader may put one in."""
    commands.may_here("deputise", by=reader.user, at=reader.at, act="deputies.read")
    found = deputies_of(places_of(reader.user, reader.day), reader.day)
    context = {
        "page_title": gettext("Who stands in for supervisors"),
        "lede": gettext("A deputy agrees to decisions until the last day, and on no case of their own."),
        "links": [{"words": gettext("Put in a deputy"), "url": reverse("deputy")}],
        "sections": [{
            "heading": gettext("Now and later"), "empty": gettext("Nobody stands in."), "items": [_line(one) for one in found],
        }],
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@fresh_second_factor
@signed_in
def deputy(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Let somebody agree to decisions in the place of a supervisor, from a day to a day."""
    commands.may_here("deputise", by=reader.user, at=reader.at, act="deputy.opened")
    places = places_of(reader.user, reader.day)
    people = {user for place in places for user in could_stand_in(place, reader.day)}

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            put_in_deputy, sheet_id, place=id_from(str(answers["place"])), deputy=str(answers["deputy"]),
            since=_day(answers["since"]), until=_day(answers["until"]), by=reader.user, day=reader.day,
        )  # fmt: skip
        _act("deputy.put_in", run, reader, deputy=str(sheet_id))
        messages.success(request, gettext("They stand in. Tell the team whom to ask."))
        return reverse("deputies")

    sheet = Sheet(
        code="access.deputy", action=reverse("deputy"), back_url=reverse("deputies"),
        begin={"since": reader.day.isoformat()} | ({"place": places[0].id.hex} if len(places) == 1 else {}), more={},
        offered={
            "place": [_place(one) for one in places],
            "deputy": person_options(sorted(people, key=lambda one: one.name)),
        },
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def end(request: HttpRequest, reader: Reader, membership_id: UUID) -> HttpResponse:
    """A deputy ends before the last day."""
    if request.method != "POST":
        raise NotFound
    run = partial(end_deputy, membership_id, by=reader.user, day=reader.day)
    _act("deputy.ended", run, reader, deputy=str(membership_id))
    return redirect("deputies")


def _act(verb: str, run: Any, reader: Reader, **detail: Any) -> None:
    commands.act(
        verb, run, by=reader.user, at=reader.at, action="deputise", field_class="clear", **detail
    )  # fmt: skip


def _line(one: Membership) -> dict[str, Any]:
    whom = one.stands_for.name if one.stands_for else ""
    return {
        "title": say("{who} for {whom}", who=one.user.name, whom=whom),
        "lines": [one.team.name if one.team else "", _days(one)],
        "post": {"words": gettext("End now"), "url": reverse("deputy_end", args=[one.id])},
    }


def _place(one: Membership) -> Option:
    label = f"{one.user.name} · {one.team.name}" if one.team else one.user.name
    return Option.model_construct(code=one.id.hex, label={"en": label}, hint={}, retired=False)


def _days(one: Membership) -> str:
    since = exact(one.since)
    return f"{since} – {exact(one.until)}" if one.until else gettext("since {day}").format(day=since)


def _day(answer: Any) -> date:
    return date.fromisoformat(str(answer))
