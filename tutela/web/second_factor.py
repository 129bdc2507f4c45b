"""A second factor: who must have one, and who has to show it once more before a page that can do great harm (ADR 0034)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import index
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import remove_webauthn
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext

from tutela.access.deciding import keeps_people, sees_who_a_child_is
from tutela.access.people import FACTORS
from tutela.access.queries import roles_on, today_of
from tutela.foundation import clock
from tutela.web.frame import Reader, View, signed_in
from tutela.web.given_password import OWN_PASSWORD, knows_only_a_given_one

if TYPE_CHECKING:
    from tutela.access.models import User

FRESH = 300  # seconds for which somebody need not show again who they are
# What can be reached without a second factor by whoever must have one: setting one up, and going away.
_REACHED_WITHOUT = {
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "account_reauthenticate",
    "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout", "account_login", "healthz", "readyz",
    "still_here", "session_lock", "back", "unlock",
}  # fmt: skip


def has_one(user: User) -> bool:
    """Whether `user` has a passkey, a security key or one-time codes."""
    return bool(is_mfa_enabled(user, FACTORS))


def must_have_one(user: User) -> bool:
    """Whether some role of theirs, today, may see who a child is or what is written about it, or say who may.

    The table of rights says so.
    """
    at = clock.now()
    roles = roles_on(user, today_of(user, at=at))
    return settings.SECOND_FACTOR and (sees_who_a_child_is(roles) or keeps_people(roles))


class AskForOne:
    """Whoever must have a second factor and has none is led to setting one up, and reaches nothing else until then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *called: Any) -> HttpResponse | None:
        """Before any page but those that are needed to set one up."""
        place = request.resolver_match.url_name if request.resolver_match else None
        if not settings.SECOND_FACTOR or place in _REACHED_WITHOUT or not request.user.is_authenticated:
            return None
        if place == OWN_PASSWORD and knows_only_a_given_one(request):
            return None  # first a password that nobody else knows
        return redirect("mfa_index") if _lacks_one(request) else None


def _lacks_one(request: HttpRequest) -> bool:
    """A session that is known to have one is asked no more: taking somebody's factors away ends their sessions."""
    user = cast("User", request.user)
    if request.session.get("has_factor") or _shown(request):
        return False
    if has_one(user):
        request.session["has_factor"] = True
        return False
    return must_have_one(user)


def _shown(request: HttpRequest) -> bool:
    return any(_is_factor(one) for one in get_authentication_records(request, request.user))


def fresh_second_factor(view: View) -> View:
    """A page for whoever has just shown again who they are; others are asked first, and then come back to it.

    Within five minutes: their second factor, or the password where they have none and need none. What was posted is kept
    nowhere: they come back to the page, which says so. Their draft is there as ever.
    """

    @wraps(view)
    def page(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if is_fresh(request):
            return view(request, *arguments, **named)
        if request.method == "POST":
            messages.warning(
                request, gettext("It was not sent yet: first we asked who you are. Send it again.")
            )
        return redirect_to_login(request.get_full_path(), login_url=resolve_url(_where_to_show(request)))

    return page


def is_fresh(request: HttpRequest) -> bool:
    """Whether whoever reads has shown their second factor within five minutes, or the password where that is enough."""
    user = cast("User", request.user)
    return may_change_factors(request) and (_shown(request) or not (has_one(user) or must_have_one(user)))


def may_change_factors(request: HttpRequest) -> bool:
    """The same before a factor is added or taken away: the first one, and its recovery codes, follow the password.

    Whoever has one shows it when they sign in; a session in which none was shown began before there was one.
    """
    records = get_authentication_records(request, request.user)
    fresh = [one for one in records if time.time() - one["at"] < FRESH]
    return any(_is_factor(one) for one in fresh) or bool(fresh and not _shown(request))


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Your second factors, in the time of your place of work."""
    response: HttpResponse = index(request).render()
    return response


@login_required
def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a passkey or security key: not the last factor of somebody who must have one."""
    key = get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
    adapter = get_adapter()
    if not adapter.can_delete_authenticator(key):
        messages.error(request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
    response: HttpResponse = remove_webauthn(request, pk=pk)
    return response


def _is_factor(record: dict[str, Any]) -> bool:
    return bool(record["method"] == "mfa")


def _where_to_show(request: HttpRequest) -> str:
    user = cast("User", request.user)
    if is_mfa_enabled(user, [Authenticator.Type.WEBAUTHN]):
        return "mfa_reauthenticate_webauthn"
    if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return "mfa_reauthenticate"
    return "mfa_index" if must_have_one(user) else "account_reauthenticate"
