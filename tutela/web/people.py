"""The people of an agency, for administrators: who is there, who comes in, as what, and who does not any more (ADR 41).

No file stands here, and none leads from here.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from tutela import commands
from tutela.access.people import Colleague, colleague, people_in, role_held, teams_of
from tutela.access.staffing import Post, works_elsewhere
from tutela.forms.definition import Option
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.pages.dates import exact
from tutela.web.frame import Reader, show, signed_in
from tutela.web.role_changes import roles_that_wait
from tutela.web.second_factor import fresh_second_factor
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import pager

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutela.access.models import Agency, Membership, RoleAsked
    from tutela.forms.definition import Answers

_A_PAGE = 50
_GONE = ("left", "shut_out")


# --- Everybody -----------------------------------------------------------------------------------------------


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Who works here and as what; whoever left or was shut out on a page of their own. A search is posted."""
    agency = commands.may_here("see_people", by=reader.user, at=reader.at, act="people.read")
    everybody, wanted = people_in(agency.id, reader.day), request.POST.get("q", "").strip()
    gone = request.GET.get("show") == "gone" and not wanted
    found = [
        one for one in everybody if _is_meant(one, wanted) or (not wanted and (one.state in _GONE) == gone)
    ]
    pages = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    here = reverse("people")
    commands.read_list("people.read", by=reader.user, at=reader.at, files=[])
    context = {
        "page_title": gettext("People"), "main": {"words": gettext("Admit somebody"), "url": reverse("person_new")},
        "lede": gettext("Who signs in here, as what, and since when. No child’s file opens from here."),
        "search": {"url": here, "label": gettext("Find somebody by name"), "value": wanted},
        "tabs": [] if wanted else [
            {"words": gettext("Work here"), "url": here, "current": not gone},
            {"words": gettext("Left or shut out"), "url": f"{here}?show=gone", "current": gone},
        ],
        "columns": [
            gettext("Name"), gettext("Role"), gettext("Days"), gettext("Second factor"), gettext("Last signed in"),
        ],
        "rows": [_row(one, reader) for one in pages.object_list], "wanted": wanted,
        "caption": gettext("By name"), "pages": pager(pages, f"{here}?{'show=gone&' if gone else ''}page="),
        **roles_that_wait(agency, reader),
    }  # fmt: skip
    return show(request, reader, "pages/people_here.html", context)


def _is_meant(one: Colleague, wanted: str) -> bool:
    return bool(wanted) and wanted.casefold() in f"{one.user.name} {one.user.username}".casefold()


def _row(one: Colleague, reader: Reader) -> dict[str, Any]:
    shown = one.roles or one.before[-1:]
    roles = [_role_and_team(role) for role in shown]
    waiting = [say("{role}, waits for a second person", role=_role_and_team(role)) for role in one.asked]
    return {
        "cells": [
            one.user.name, gettext("Shut out") if one.state == "shut_out" else _listed([*roles, *waiting]),
            "; ".join(_days(role) for role in shown), _factor(one), _last_seen(one, reader),
        ],
        "url": reverse("person", args=[one.user.id]),
    }  # fmt: skip


# --- One of them ---------------------------------------------------------------------------------------------


@signed_in
def person(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """One person of the agency: what they are, how they sign in, and what an administrator can do."""
    one, agency = colleague_here(person_id, reader, verb="user.read")
    oneself, elsewhere = one.user.id == reader.user.id, works_elsewhere(one.user, agency, reader.day)
    context = {
        "heading": one.user.name, "lede": _STATES[one.state](), "facts": _facts(one, reader), "back_url": reverse("people"),
        "oneself": oneself, "elsewhere": elsewhere and not oneself,
        "sections": [
            {
                "heading": gettext("Roles"), "empty": gettext("No role here: they find nothing when they sign in."),
                "items": [
                    *(_role_line(role, ends=not oneself) for role in one.roles), *(_asked_line(role) for role in one.asked),
                ],
                "links": [] if oneself else [_link(gettext("Give a role"), "person_role", person_id)],
            },
            *([{
                "heading": gettext("Before"), "items": [_role_line(role, ends=False) for role in one.before],
            }] if one.before else []),
        ],
        "ways": [] if oneself or elsewhere else _ways(one),
    }  # fmt: skip
    return show(request, reader, "pages/person_here.html", context)


def colleague_here(user_id: UUID, reader: Reader, *, verb: str) -> tuple[Colleague, Agency]:
    """Somebody of the reader's agency, with the row that they were looked at. Raises NotFound for anybody else."""
    agency = commands.may_here("keep_people", by=reader.user, at=reader.at, act=verb)

    def found() -> Colleague:
        one = colleague(user_id, agency.id, reader.day)
        if one is None:
            raise NotFound
        return one

    return commands.act(verb, found, by=reader.user, at=reader.at, user=str(user_id)), agency


_STATES = {
    "here": lambda: gettext("Works here."),
    "waiting": lambda: gettext("Signs in, and finds nothing until a second person agrees."),
    "left": lambda: gettext("Has no role here any more."),
    "shut_out": lambda: gettext("Is shut out: nobody signs in as them."),
}


def _facts(one: Colleague, reader: Reader) -> list[dict[str, Any]]:
    given = one.user.password_given_at
    password = gettext("Given on {day}, not changed yet").format(day=exact(given)) if given else ""
    return [
        {"label": gettext("Signs in as"), "value": one.user.username},
        {"label": gettext("Last signed in"), "value": _last_seen(one, reader)},
        {"label": gettext("Second factor"), "value": _factor(one)},
        *([{"label": gettext("Password"), "value": password}] if password else []),
        {"label": gettext("E-mail for notices"), "value": one.user.email},
    ]


def _ways(one: Colleague) -> list[dict[str, str]]:
    """What can be done about the account as a whole."""
    if one.state == "shut_out":
        return [_link(gettext("Let them in again"), "person_let_in", one.user.id)]
    ways = (
        (gettext("Give another password"), "person_password"), (gettext("End every session"), "person_sessions"),
        (gettext("Take the second factor away"), "person_second_factor"),
        (gettext("Change the e-mail for notices"), "person_address"), (gettext("Shut them out"), "person_shut_out"),
    )  # fmt: skip
    return [_link(words, place, one.user.id) for words, place in ways]


# --- What they are -------------------------------------------------------------------------------------------


@fresh_second_factor
@signed_in
def admit(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Somebody comes in. The page that follows shows their first password, once."""
    agency = commands.may_here("keep_people", by=reader.user, at=reader.at, act="people.admitting")

    def save(answers: Answers, sheet_id: UUID) -> HttpResponse:
        admitted = commands.admit_person(
            sheet_id, _post(answers, agency), username=str(answers["username"]), name=str(answers["name"]),
            email=str(answers.get("email", "")), by=reader.user, at=reader.at,
        )  # fmt: skip
        told = {"who": str(answers["name"]), "username": str(answers["username"]), "waits": admitted.waits}
        return show_password(request, reader, admitted.user_id, admitted.password, told)

    sheet = Sheet(
        code="access.admission", action=reverse("person_new"), back_url=reverse("people"),
        begin={"since": reader.day.isoformat()}, more={"main": gettext("Admit them")}, offered={"team": _teams(agency)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@fresh_second_factor
@signed_in
def role(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """One more role; one that reaches far waits for a second person."""
    one, agency = colleague_here(person_id, reader, verb="user.opened")

    def save(answers: Answers, sheet_id: UUID) -> str:
        post = _post(answers, agency)
        if commands.give_role(sheet_id, person_id, post, by=reader.user, at=reader.at):
            words = gettext(
                "The role waits for a second person. A manager, another administrator or the focal point agrees."
            )
        else:
            words = gettext("The role is given.")
        messages.success(request, words)
        return reverse("person", args=[person_id])

    sheet = Sheet(
        code="access.role", action=reverse("person_role", args=[person_id]), back_url=reverse("person", args=[person_id]),
        begin={"since": reader.day.isoformat()}, offered={"team": _teams(agency)},
        more={"heading": say("A role for {who}", who=one.user.name), "main": gettext("Give the role")},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@fresh_second_factor
@signed_in
def role_end(request: HttpRequest, reader: Reader, person_id: UUID, role_id: UUID) -> HttpResponse:
    """One role ends, with a day."""
    one, agency = colleague_here(person_id, reader, verb="user.opened")
    held = role_held(role_id, person_id, agency.id)
    if held is None:
        raise NotFound

    def save(answers: Answers, sheet_id: UUID) -> str:
        last_day = date.fromisoformat(str(answers["until"]))
        commands.end_role(role_id, person_id, last_day=last_day, by=reader.user, at=reader.at)
        words = gettext("The role ends with {day}.").format(day=exact(last_day))
        messages.success(request, words)
        return reverse("person", args=[person_id])

    heading = say("{who}: the role {role} ends", who=one.user.name, role=held.get_role_display())
    sheet = Sheet(
        code="access.role_end", action=reverse("person_role_end", args=[person_id, role_id]),
        back_url=reverse("person", args=[person_id]), begin={"until": reader.day.isoformat()},
        more={"heading": heading, "main": gettext("End the role")},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def address(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """Where notices for somebody go."""
    one, _ = colleague_here(person_id, reader, verb="user.opened")

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.give_address(person_id, str(answers.get("email", "")), by=reader.user, at=reader.at)
        messages.success(request, gettext("Notices go there from now on."))
        return reverse("person", args=[person_id])

    sheet = Sheet(
        code="access.address", action=reverse("person_address", args=[person_id]),
        back_url=reverse("person", args=[person_id]), begin={"email": one.user.email} if one.user.email else {},
        more={"heading": say("E-mail for notices to {who}", who=one.user.name)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


def show_password(
    request: HttpRequest, reader: Reader, user_id: UUID, words: str, told: dict[str, Any]
) -> HttpResponse:
    """The page on which a password stands, this once."""
    context = told | {"words": words, "url": reverse("person", args=[user_id])}
    return show(request, reader, "pages/password_given.html", context)


def _post(answers: Answers, agency: Agency) -> Post:
    teams = {one.id.hex: one.name for one in teams_of(agency.id)}
    return Post(
        role=str(answers["role"]), team=teams.get(str(answers.get("team", ""))),
        since=date.fromisoformat(str(answers["since"])),
        weekly_hours=int(str(answers["hours"])) if "hours" in answers else None,
    )  # fmt: skip


def _teams(agency: Agency) -> Sequence[Option]:
    return [
        Option.model_construct(code=one.id.hex, label={"en": one.name}, hint={}, retired=False)
        for one in teams_of(agency.id)
    ]


# --- In words ------------------------------------------------------------------------------------------------


def _role_line(one: Membership, *, ends: bool) -> dict[str, Any]:
    hours = [say("{n} hours a week", n=one.weekly_hours)] if one.weekly_hours else []
    ends = ends and one.stands_for is None
    url = reverse("person_role_end", args=[one.user_id, one.id]) if ends else ""
    return {
        "title": _role_and_team(one), "lines": [_days(one), *hours],
        **({"link": {"words": gettext("End this role"), "url": url}} if ends else {}),
    }  # fmt: skip


def _asked_line(one: RoleAsked) -> dict[str, Any]:
    return {
        "title": _role_and_team(one),
        "lines": [gettext("Waits for a second person"), say("From {day} at the earliest", day=one.since)],
        "link": {"words": gettext("See what waits"), "url": reverse("role_changes")},
    }


def _role_and_team(one: Membership | RoleAsked) -> str:
    named = capfirst(str(one.get_role_display()))
    words = f"{named}, {one.team.name}" if one.team else named
    stands_for = getattr(one, "stands_for", None)
    return (
        gettext("{role}, standing in for {who}").format(role=words, who=stands_for.name)
        if stands_for
        else words
    )


def _listed(roles: Sequence[Any]) -> str:
    return "; ".join(str(one) for one in roles)


def _days(one: Membership) -> str:
    since = exact(one.since)
    return f"{since} – {exact(one.until)}" if one.until else gettext("since {day}").format(day=since)


def _factor(one: Colleague) -> str:
    return gettext("Set up") if one.has_factor else gettext("None yet")


def _last_seen(one: Colleague, reader: Reader) -> str:
    last = one.user.last_login
    return exact(last.astimezone(reader.zone).date()) if last else gettext("Never")


def _link(words: str, place: str, user_id: UUID) -> dict[str, str]:
    return {"words": words, "url": reverse(place, args=[user_id])}
