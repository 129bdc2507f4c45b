"""Roles that wait for a second person, and who let whom in, as what: for those who watch over each other (ADR 41)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.office import staff_of
from tutela.access.people import names_in, role_words, waiting_in
from tutela.audit.queries import about_people
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound
from tutela.pages.dates import exact
from tutela.pages.spoken import spoken
from tutela.protocols.packs import rule_on
from tutela.web.acts import ACTS, act_words
from tutela.web.frame import Reader, show, signed_in
from tutela.web.second_factor import fresh_second_factor
from tutela.web.showing import pager

if TYPE_CHECKING:
    from tutela.access.models import Agency, RoleAsked
    from tutela.audit.models import AuditRow

_A_PAGE = 50
_LOOKED = {"user.read", "user.opened"}  # changes nothing
_CHANGES = [act for act in ACTS if act.startswith("user.") and act not in _LOOKED]


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What waits for a second person, and what changed lately."""
    agency = commands.may_here("agree_role", by=reader.user, at=reader.at, act="roles.read")
    commands.read_list("roles.read", by=reader.user, at=reader.at, files=[])
    days = rule_on("access.roles_shown", day=reader.day, pack=reader.pack).number
    since = clock.end_of_day(clock.days_after(reader.day, -days), reader.zone)
    names = names_in(staff_of(agency.id))
    rows = about_people([UUID(one) for one in names], acts=_CHANGES, since=since)
    pages = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": [_waiting(one, reader) for one in waiting_in(agency.id)], "days": days,
        "columns": [gettext("When"), gettext("Who"), gettext("What"), gettext("Whom"), gettext("Role")],
        "rows": [_row(one, names) for one in pages.object_list],
        "pages": pager(pages, f"{reverse('role_changes')}?page="),
    }  # fmt: skip
    return show(request, reader, "pages/roles.html", context)


@fresh_second_factor
@signed_in
def answer(request: HttpRequest, reader: Reader, asked_id: UUID) -> HttpResponse:
    """Agree to a role that somebody else gave, or not; or take back one's own."""
    agreed = request.POST.get("agreed")
    if request.method == "POST" and agreed in ("yes", "no"):
        commands.answer_role(asked_id, agreed=agreed == "yes", by=reader.user, at=reader.at)
        words = gettext("The role is given.") if agreed == "yes" else gettext("The role is not given.")
        messages.success(request, words)
    elif request.method == "POST":
        raise NotFound
    return redirect("role_changes")  # also after they showed who they are: what they meant is asked again


def roles_that_wait(agency: Agency, reader: Reader) -> dict[str, Any]:
    """For the pages of those who may agree: how many roles wait, and where."""
    waiting = [one for one in waiting_in(agency.id) if _may_agree(one, reader)]
    return {"roles_waiting": len(waiting), "roles_url": reverse("role_changes")}


def _may_agree(one: RoleAsked, reader: Reader) -> bool:
    return reader.user.id not in (one.asked_by_id, one.user_id)


def _waiting(one: RoleAsked, reader: Reader) -> dict[str, Any]:
    team = f", {one.team.name}" if one.team else ""
    asked_by = one.asked_by.name if one.asked_by else ""
    return {
        "who": one.user.name, "username": one.user.username, "role": f"{role_words(one.role)}{team}", "asked_by": asked_by,
        "asked_at": one.asked_at, "since": one.since, "url": reverse("role_answer", args=[one.id]),
        "may_agree": _may_agree(one, reader), "mine": one.asked_by_id == reader.user.id,
    }  # fmt: skip


def _row(row: AuditRow, names: Mapping[str, str]) -> dict[str, Any]:
    role = role_words(str(row.detail.get("role", "")))
    what = spoken(act_words(row.act, allowed=row.allowed, titles={}, language=""))
    return {
        "cells": [
            exact(row.at), names.get(str(row.by), "") if row.by else gettext("The command line"),
            gettext("{what}. It begins when a second person agrees").format(what=what) if row.detail.get("waits") else what,
            names.get(str(row.detail["user"]), ""), role,
        ]
    }  # fmt: skip
