"""Locking the house, and having it evacuated: for the worst day, so each page says plainly what it does and cannot do (R91)."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from tutela import commands
from tutela.custody import actions, evacuating, queries, rules
from tutela.custody.owning import log_stays
from tutela.custody.places import backup_places
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.vault.keeper import keeper
from tutela.web.frame import Reader, show, signed_in
from tutela.web.second_factor import fresh_second_factor

if TYPE_CHECKING:
    from tutela.custody.models import Evacuation


@signed_in
def lock(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Close every file at once; whoever may do it needs nobody's word."""
    commands.check_allowed("lock", by=reader.user, at=reader.at, act="custody.locked")
    if request.method != "POST":
        return _show_lock(request, reader)
    reason = request.POST.get("reason", "")
    try:
        actions.check_reason(reason)
        commands.act(
            "custody.locked",
            evacuating.lock,
            by=reader.user,
            at=reader.at,
            action="lock",
            field_class="clear",
            reason=reason,
        )
    except (NotFound, Forbidden, Unavailable):
        raise
    except Refused as refused:
        return _show_lock(request, reader, refused=refused)
    return redirect("lock_the_house")


@fresh_second_factor
@signed_in
def evacuate(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Ask for everything here to be destroyed, together with somebody else or, in need, alone."""
    commands.check_allowed("lock", by=reader.user, at=reader.at, act="custody.evacuation_asked")
    if request.method != "POST":
        return _show_evacuate(request, reader)
    reason, alone = request.POST.get("reason", ""), request.POST.get("alone") == "yes"
    ask = partial(actions.ask_to_evacuate, reason=reason, alone=alone, by=reader.user, at=reader.at)
    try:
        asked = commands.act(
            "custody.evacuation_asked", ask, by=reader.user, at=reader.at, action="evacuate", field_class="clear",
            reason=reason, alone=alone,
        )  # fmt: skip
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        return _show_evacuate(request, reader, refused=refused)
    return redirect("evacuation", evacuation_id=asked.id)


@fresh_second_factor
@signed_in
def evacuation(request: HttpRequest, reader: Reader, evacuation_id: UUID) -> HttpResponse:
    """One evacuation: the second person agrees, or whoever is alone confirms once more; then it happens."""
    commands.check_allowed("lock", by=reader.user, at=reader.at, act="custody.evacuation_agreed")
    one = queries.evacuation(evacuation_id)
    if request.method != "POST":
        return _show_one(request, reader, one)
    try:
        one = _agreed(request, reader, one)
        return _carry_out(request, reader, one)
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        return _show_one(request, reader, one, refused=refused)


def finish_elsewhere() -> None:
    """Destroy in a process that outlives this one, which is stopped on the way."""
    subprocess.Popen(
        [sys.executable, "-m", "tutela.cli.main", "evacuate", "--finish"],
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _agreed(request: HttpRequest, reader: Reader, one: Evacuation) -> Evacuation:
    """The evacuation with everybody's word on it. Raises Refused where one is missing."""
    if not queries.is_open(one, at=reader.at):
        raise Conflict(
            Unmet("too_late", say("This was asked too long ago. Whoever still wants it asks again."))
        )
    if request.POST.get("destroy") != "yes":
        raise Refused(Unmet("not_confirmed", say("Tick the box that says what will be destroyed.")))
    if one.agreed_at is None and not (one.alone and one.asked_by_id == reader.user.id):
        agree = partial(actions.agree_to_evacuate, one.id, by=reader.user, at=reader.at)
        one = commands.act(
            "custody.evacuation_agreed",
            agree,
            by=reader.user,
            at=reader.at,
            action="lock",
            field_class="clear",
        )
    elif reader.user.id not in (one.asked_by_id, one.agreed_by_id):
        raise NotFound
    return one


def _carry_out(request: HttpRequest, reader: Reader, one: Evacuation) -> HttpResponse:
    """Lock, write the last bundle, and where that lies somewhere, or its loss was accepted, destroy."""
    without_copy = request.POST.get("lose") == "yes"
    commands.act(
        "custody.evacuating",
        lambda: None,
        by=reader.user,
        at=reader.at,
        action="lock",
        field_class="clear",
        without_copy=without_copy,
    )
    copied = evacuating.copy_everywhere([] if without_copy else None)
    whole = [told.place for told in copied if not told.problem]
    if not whole and not without_copy:
        return _show_one(request, reader, one, problems=[told.problem for told in copied], status=409)
    evacuating.begin(copied_to=whole, without_copy=without_copy)
    response = show(
        request, reader, "pages/evacuation.html", {"going": True, "places": [str(place) for place in whole]}
    )
    finish_elsewhere()
    return response


def _show_lock(request: HttpRequest, reader: Reader, *, refused: Refused | None = None) -> HttpResponse:
    context = {
        "locked": _is_locked(), "reasons": _reasons(), "unmet": refused.unmet if refused else [],
        "evacuate_url": reverse("evacuate"),
    }  # fmt: skip
    return show(request, reader, "pages/lock.html", context, status=refused.status if refused else 200)


def _show_evacuate(request: HttpRequest, reader: Reader, *, refused: Refused | None = None) -> HttpResponse:
    asked = queries.waiting(at=reader.at)
    context = {
        "reasons": _reasons(), "unmet": refused.unmet if refused else [], "chosen": request.POST.get("reason", ""),
        "alone": request.POST.get("alone") == "yes", "places": _places(), "lost": _lost(reader), "log_stays": log_stays(),
        "agencies": queries.agencies_here(), "may_ask": "manager" in reader.roles, "waiting": asked,
        "waiting_url": reverse("evacuation", kwargs={"evacuation_id": asked.id}) if asked else "",
        "lock_url": reverse("lock_the_house"),
    }  # fmt: skip
    return show(request, reader, "pages/evacuate.html", context, status=refused.status if refused else 200)


def _show_one(
    request: HttpRequest, reader: Reader, one: Evacuation, *, refused: Refused | None = None,
    problems: list[str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "asked": one, "why": dict(_reasons()).get(one.reason, ""), "mine": one.asked_by_id == reader.user.id,
        "open": queries.is_open(one, at=reader.at), "until": rules.answer_until(one.agreed_at or one.asked_at),
        "decided": one.agreed_at is not None or one.alone, "places": _places(), "lost": _lost(reader), "log_stays": log_stays(),
        "failed": problems is not None, "problems": problems or [], "unmet": refused.unmet if refused else [],
        "lock_url": reverse("lock_the_house"),
    }  # fmt: skip
    return show(
        request, reader, "pages/evacuation.html", context, status=refused.status if refused else status
    )


def _reasons() -> list[tuple[str, str]]:
    words = {
        "threat": gettext("People or the office are threatened"),
        "authorities": gettext("Somebody wants to search or take the machines"),
        "device": gettext("A device is lost or taken"),
        "exercise": gettext("An exercise"),
        "other": gettext("Something else"),
    }
    return [(code, words[code]) for code in actions.REASONS]


def _places() -> list[dict[str, str]]:
    return [{"name": str(place), "problem": evacuating.problem_of(place)} for place in backup_places()]


def _lost(reader: Reader) -> str:
    """How much would be lost without a last bundle."""
    minutes = evacuating.unsaved_minutes(at=reader.at)
    if minutes is None:
        return gettext("everything, since no bundle was ever written")
    return ngettext(
        "what was written in the last minute", "what was written in the last {minutes} minutes", minutes
    ).format(minutes=minutes)


def _is_locked() -> bool:
    try:
        return keeper().status()["state"] != "open"
    except Unavailable:
        return True
