"""Devices on which somebody has signed in before: their wrong passwords are counted apart from everybody else's.

So nobody who guesses at a colleague's name, from next to them or from anywhere, locks that colleague out of their own
phone (ADR 0035). A known device is let off nothing else: password and second factor are asked for as anywhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

_SALT = "tutela.known-device"
_KEPT = 180 * 86_400  # seconds
_PEOPLE = 8  # who share one device; the one who signed in longest ago is forgotten


def device_of(request: HttpRequest, username: str) -> str:
    """Names this device, where `username` has signed in on it before; else nothing."""
    return _known(request).get(_of(username), "")


def is_known(request: HttpRequest, credentials: Mapping[str, str] | None) -> bool:
    """The same, as axes asks it."""
    return bool(device_of(request, (credentials or {}).get("username") or ""))


def counted_as(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """Under what axes counts who tries. No name: people type their password into the wrong field."""
    return _of((credentials or {}).get("username") or request.POST.get("login", ""))


def remember(request: HttpRequest, response: HttpResponse, *, username: str) -> None:
    """Somebody has signed in here. The cookie names nobody."""
    known = _known(request)
    who = _of(username)
    device = known.pop(who, "") or secrets.token_urlsafe(16)
    last = dict([*known.items(), (who, device)][-_PEOPLE:])
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME, signing.dumps(last, salt=_SALT), max_age=_KEPT,
        secure=settings.HTTPS, httponly=True, samesite="Lax",
    )  # fmt: skip


def _known(request: HttpRequest) -> dict[str, str]:
    cookie = request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, "")
    try:
        known: dict[str, str] = signing.loads(cookie, salt=_SALT, max_age=_KEPT)
    except signing.BadSignature:
        return {}
    return known


def _of(username: str) -> str:
    return salted_hmac(_SALT, username.lower(), algorithm="sha256").hexdigest()[:32]
