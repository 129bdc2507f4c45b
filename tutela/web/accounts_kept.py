"""Pages that ask before something is done about a colleague's account: another password, a lost phone, shut out, let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from tutela import commands
from tutela.access.people import files_that_wait
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.foundation.words import say
from tutela.web.frame import Reader, show, signed_in
from tutela.web.people import colleague_here, show_password
from tutela.web.second_factor import fresh_second_factor

if TYPE_CHECKING:
    from tutela.access.people import Colleague


@fresh_second_factor
@signed_in
def password(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """Another password for somebody who forgot theirs."""
    about = {
        "heading": gettext("Another password for {who}"), "main": gettext("Make a password"),
        "lede": gettext("Be sure that it is them: meet them, or call a number you know. Every session of theirs ends."),
    }  # fmt: skip
    return _ask(request, reader, person_id, about, _another_password)


@fresh_second_factor
@signed_in
def let_in(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """Somebody who was shut out comes in again, with a password of today."""
    about = {
        "heading": gettext("Let {who} in again"), "main": gettext("Let them in and make a password"),
        "lede": gettext("Roles that have not ended hold again. What reaches far waits for a second person."),
    }  # fmt: skip
    return _ask(request, reader, person_id, about, _in_again)


@fresh_second_factor
@signed_in
def second_factor(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """Somebody lost their phone, and their recovery codes too."""
    about = {
        "heading": gettext("Take the second factor of {who} away"), "main": gettext("Take it away"),
        "lede": gettext(
            "Be sure that it is them: meet them, or call a number you know. Every session of theirs ends, and they set up "
            "a new one when they sign in."
        ),
    }  # fmt: skip

    def run(one: Colleague) -> str:
        gone = commands.reset_second_factor(person_id, by=reader.user, at=reader.at)
        words = ngettext("{n} second factor was taken away.", "{n} second factors were taken away.", gone)
        return words.format(n=gone)

    return _ask(request, reader, person_id, about, _said(run))


@signed_in
def sessions(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """A phone was lost that somebody is signed in with."""
    about = {
        "heading": gettext("End every session of {who}"), "main": gettext("End them"),
        "lede": gettext("Such as when a phone was lost. They can sign in again at once."),
    }  # fmt: skip

    def run(one: Colleague) -> str:
        ended = commands.sign_out(person_id, by=reader.user, at=reader.at)
        return ngettext("{n} session ended.", "{n} sessions ended.", ended).format(n=ended)

    return _ask(request, reader, person_id, about, _said(run))


@signed_in
def shut_out(request: HttpRequest, reader: Reader, person_id: UUID) -> HttpResponse:
    """Somebody must not come in any more, from now on."""
    about = {
        "heading": gettext("Shut {who} out"), "main": gettext("Shut them out"),
        "lede": gettext("Nobody signs in as them from now on, and every session ends. What they wrote stays."),
    }  # fmt: skip

    def run(one: Colleague) -> str:
        commands.shut_out(person_id, by=reader.user, at=reader.at)
        return gettext("{who} is shut out.").format(who=one.user.name)

    return _ask(request, reader, person_id, about, _said(run), files=True)


_Do = Callable[[HttpRequest, Reader, "Colleague"], HttpResponse]


def _said(run: Callable[[Colleague], str]) -> _Do:
    """Do it, say what was done, and go back to the person."""

    def done(request: HttpRequest, reader: Reader, one: Colleague) -> HttpResponse:
        messages.success(request, run(one))
        return redirect("person", person_id=one.user.id)

    return done


def _another_password(request: HttpRequest, reader: Reader, one: Colleague) -> HttpResponse:
    return _password(request, reader, one, enable=False)


def _in_again(request: HttpRequest, reader: Reader, one: Colleague) -> HttpResponse:
    if one.state != "shut_out":
        return redirect("person", person_id=one.user.id)
    return _password(request, reader, one, enable=True)


def _password(request: HttpRequest, reader: Reader, one: Colleague, *, enable: bool) -> HttpResponse:
    words = commands.give_password(one.user.id, enable=enable, by=reader.user, at=reader.at)
    told = {"who": one.user.name, "username": one.user.username, "waits": False}
    return show_password(request, reader, one.user.id, words, told)


def _ask(
    request: HttpRequest,
    reader: Reader,
    person_id: UUID,
    about: dict[str, str],
    do: _Do,
    *,
    files: bool = False,
) -> HttpResponse:
    """Ask on a page, and do it when that is posted. What is refused stands on the page."""
    one, _ = colleague_here(person_id, reader, verb="user.opened")
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return do(request, reader, one)
        except (NotFound, Forbidden):
            raise
        except Refused as said:
            refused = said
    context: dict[str, Any] = about | {
        "heading": about["heading"].format(who=one.user.name), "action": request.path,
        "back": {"words": gettext("Go back"), "url": reverse("person", args=[person_id])},
        "unmet": refused.unmet if refused else (),
    }  # fmt: skip
    if files and (waiting := files_that_wait(one.user)):
        value = say("{n}. Their supervisor gives them to somebody else, on the Team page.", n=waiting)
        context["facts"] = [{"label": gettext("Files that wait then"), "value": value}]
    return show(request, reader, "pages/confirm.html", context, status=refused.status if refused else 200)
