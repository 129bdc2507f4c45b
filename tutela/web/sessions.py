"""Where somebody is signed in, and how long a session lasts (ADR 0035)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from tutela import commands
from tutela.access import sessions
from tutela.foundation import clock
from tutela.web.frame import Reader, show, signed_in

_WRITTEN_EVERY = 60  # seconds between two notes that a session is in use: each is written to disk
_WITHOUT_A_SESSION = ("/healthz", "/readyz")  # they answer while the database does not
# The first that is found, from the names that browsers and systems give themselves.
_BROWSERS = (
    ("Edg", "Edge"), ("SamsungBrowser", "Samsung Internet"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


class EndWhatIsIdle:
    """Ends a session that was not used for long, or began long ago. The browser covers its page by itself before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in _WITHOUT_A_SESSION:
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _end_or_go_on(request)
        response = self.get_response(request)
        if request.session.modified and "began" not in request.session and request.user.is_authenticated:
            _end_or_go_on(request)  # they signed in with this request
        return response


def _end_or_go_on(request: HttpRequest) -> None:
    session, now = request.session, int(clock.now().timestamp())
    seen, began = session.get("seen", now), session.get("began", now)
    if now - seen > settings.SESSION_IDLE or now - began > settings.SESSION_COOKIE_AGE:
        logout(request)
    elif "seen" not in session or now - seen >= _WRITTEN_EVERY:
        session["seen"], session["began"] = now, began
        session["browser"] = _browser(request.headers.get("User-Agent", ""))


def _browser(said: str) -> str:
    browser = next((name for sign, name in _BROWSERS if sign in said), "")
    system = next((name for sign, name in _SYSTEMS if sign in said), "")
    return " / ".join(filter(None, (browser, system)))


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Where you are signed in; ends one session, or all the others."""
    if request.method == "POST":
        return _end(request, reader)
    here = request.session.session_key
    rows = [
        _row(one, here=one.session_key == here) for one in sessions.sessions_of(reader.user, at=reader.at)
    ]
    return show(request, reader, "account/sessions.html", {"sessions": rows, "others": len(rows) > 1})


def _row(one: Any, *, here: bool) -> dict[str, Any]:
    browser = one.browser or gettext("A browser that does not say its name")
    return {"browser": browser, "here": here, "handle": one.handle, "began": one.began, "seen": one.seen}


def _end(request: HttpRequest, reader: Reader) -> HttpResponse:
    here = request.session.session_key or ""
    run = partial(sessions.end_sessions, reader.user, which=request.POST.get("which", ""), keep=here)
    ended = commands.act("session.ended", run, by=reader.user, at=reader.at)
    if ended:
        messages.success(request, gettext("Signed out there. Whoever uses it has to sign in again."))
    return redirect("sessions")


@require_safe
def still_here(request: HttpRequest) -> HttpResponse:
    """For a page that is open: whose session this is, and the token that its forms need now. 401 where there is none."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    response = JsonResponse({"reader": str(request.user.pk)})
    response["X-CSRFToken"] = get_token(request)
    return response


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Ends the session behind a page that has covered itself. The page stays open; what is typed on it stays too."""
    logout(request)
    return HttpResponse(status=204)


@signed_in
def back(request: HttpRequest, reader: Reader) -> HttpResponse:
    """After signing in again beside a page that was covered."""
    return render(request, "account/back.html")
