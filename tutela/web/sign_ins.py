"""Who came in, who tried, who left: rows of the log. Django, allauth and axes say so in signals and in no other way (ADR 0033).

Nobody's typed name stands in a row: people type their password into the wrong field. Where the name is somebody's, their
id does.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed
from axes.signals import user_locked_out
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal
from django.http import HttpRequest

from tutela import commands
from tutela.access.actions import chose_password
from tutela.access.queries import find_user
from tutela.foundation import clock


def listen() -> None:
    """From now on each sign-in leaves its row. Where the row cannot be written, nobody is signed in."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_failed)
    user_locked_out.connect(_locked_out)
    authentication_step_completed.connect(_again)
    password_changed.connect(_password_changed)
    for verb, signal in _second_factors().items():
        signal.connect(second_factor_row(verb), weak=False)


def held_back(credentials: Mapping[str, Any]) -> None:
    """Somebody tried too often and was not even asked; called by the adapter of allauth."""
    _row("sign_in.locked_out", None, **_whose(credentials.get("username")))


def _signed_in(*, user: Any, **_: Any) -> None:
    _row("signed_in", user)


def _signed_out(*, user: Any, **_: Any) -> None:
    if user is not None:  # else nobody was signed in
        _row("signed_out", user)


def _failed(*, credentials: dict[str, Any], **_: Any) -> None:
    _row("sign_in.failed", None, **_whose(credentials.get("username")))


def _locked_out(*, request: HttpRequest, **_: Any) -> None:
    credentials = getattr(request, "axes_credentials", None) or {}
    _row("sign_in.locked_out", None, **_whose(credentials.get("username")))


def _again(*, user: Any, method: str, reauthenticated: bool = False, **_: Any) -> None:
    if reauthenticated:
        _row("signed_in.again", user, method=method)


def _password_changed(*, user: Any, **_: Any) -> None:
    commands.act("password.changed", partial(chose_password, user), by=user, at=clock.now())


def _second_factors() -> dict[str, Signal]:
    if not apps.is_installed("allauth.mfa"):
        return {}
    from allauth.mfa import signals

    return {
        "second_factor.added": signals.authenticator_added,
        "second_factor.removed": signals.authenticator_removed,
        "second_factor.renewed": signals.authenticator_reset,
        "second_factor.failed": signals.authentication_failed,
    }


def second_factor_row(verb: str) -> Callable[..., None]:
    """What listens to a signal of `allauth.mfa`: the row `verb` with the kind of the factor."""

    def told(*, user: Any, authenticator: Any, **_: Any) -> None:
        _row(verb, user, kind=str(authenticator.type))

    return told


def _whose(username: str | None) -> dict[str, Any]:
    user = find_user(username) if username else None
    return {"user": str(user.id)} if user else {}


def _row(verb: str, by: Any, **detail: Any) -> None:
    commands.act(verb, lambda: None, by=by, at=clock.now(), **detail)
