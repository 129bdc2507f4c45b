"""A password that somebody else gave: it lets its owner in once, to choose one that nobody else knows (ADR 41)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

OWN_PASSWORD = "account_change_password"  # noqa: S105  # the name of a page
# What can be reached before: choosing one, and going away.
_REACHED_WITH_IT = {
    OWN_PASSWORD, "account_logout", "account_login", "healthz", "readyz", "still_here", "session_lock", "back", "unlock",
}  # fmt: skip


def knows_only_a_given_one(request: HttpRequest) -> bool:
    """Whether somebody is signed in with a password that somebody else knows too; not where they came in another way."""
    if not request.user.is_authenticated or request.user.password_given_at is None:
        return False
    return any(one["method"] == "password" for one in get_authentication_records(request, request.user))


class AskForTheirOwn:
    """Whoever has a password that was given to them is led to choosing their own, and reaches nothing else until then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *called: Any) -> HttpResponse | None:
        """Before any page but those that are needed to choose one."""
        place = request.resolver_match.url_name if request.resolver_match else None
        if place in _REACHED_WITH_IT or not knows_only_a_given_one(request):
            return None
        return redirect(OWN_PASSWORD)
