"""What every signed-in page has: who reads, when, where they work, and the menu that their role uses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from tutela.access import queries as access
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound
from tutela.foundation.remembering import remembering
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force

if TYPE_CHECKING:
    from tutela.access.models import User


@dataclass(frozen=True)
class Reader:
    """Somebody who is signed in, at one moment, at their place of work."""

    user: User
    at: datetime
    shown: set[UUID] = field(
        default_factory=set, compare=False
    )  # files with a line on this page, for the log

    @cached_property
    def zone(self) -> ZoneInfo:
        return access.zone_of(access.agency_of(self.user, self.at.date()))

    @cached_property
    def day(self) -> date:
        return clock.local_day(self.at, self.zone)

    @cached_property
    def pack(self) -> Pack:
        """The pack by which they work today. Raises NotFound for whoever works nowhere."""
        agency = access.agency_of(self.user, self.at.date())
        if agency is None:
            raise NotFound
        return pack_in_force(agency.id, self.day)

    @cached_property
    def roles(self) -> set[str]:
        return access.roles_on(self.user, self.day)


_CLOSE_THE_HOUSE = {"supervisor", "manager", "administrator"}

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """A page for people who are signed in; never kept by a cache, in the time of their place of work."""

    @wraps(view)
    def page(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        reader = Reader(cast("User", request.user), clock.now())
        # While a page is only read, every question is asked once.
        reading = remembering() if request.method == "GET" else nullcontext()
        with timezone.override(reader.zone), reading:
            return view(request, reader, *arguments, **named)

    return never_cache(login_required(page))


def show(
    request: HttpRequest, reader: Reader, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page `template` with its frame around it."""
    return render(request, template, frame(request, reader) | context, status=status)


def frame(request: HttpRequest, reader: Reader) -> dict[str, Any]:
    """Menu, account and home, as `pages/base.html` takes them."""
    return {
        "menu": [
            {
                "words": words,
                "url": reverse(name),
                "current": request.resolver_match is not None and request.resolver_match.url_name == name,
            }
            for name, words, roles in _menu()
            if roles & reader.roles
        ],
        "account": {
            "name": reader.user.name,
            "sign_out_url": reverse("account_logout"),
            "password_url": reverse("account_change_password"),
            "incident_url": reverse("incident_new") if reader.roles else "",
            "safeguarding_url": reverse("safeguarding") if reader.roles else "",
            "lock_url": reverse("lock_the_house") if reader.roles & _CLOSE_THE_HOUSE else "",
        },
        "home_url": reverse("today"),
        "beside_url": reverse("beside_me"),
        "beside_me": is_beside(request),
    }


def id_from(written: str | None) -> UUID:
    """An id that came with a request. Raises NotFound for anything that is none."""
    try:
        return UUID(written or "")
    except ValueError:
        raise NotFound from None


def is_beside(request: HttpRequest) -> bool:
    """Whether somebody is beside the reader, who must see no name, risk or threat (R125)."""
    return request.session.get("beside_me") is True


def _menu() -> list[tuple[str, str, set[str]]]:
    return [
        ("today", gettext("Today"), {"caseworker"}),
        ("cases", gettext("Cases"), {"caseworker", "supervisor", "best_interests_reviewer"}),
        ("typing", gettext("To type"), {"data_entry"}),
        ("intake", gettext("Intake"), {"caseworker", "supervisor"}),
        ("find", gettext("Find"), {"caseworker", "supervisor"}),
        ("services", gettext("Services"), {"caseworker", "supervisor", "coordinator"}),
        ("referred", gettext("Referred to us"), {"caseworker", "supervisor", "tracing_officer"}),
        ("team", gettext("Team"), {"supervisor"}),
        ("oversight", gettext("Oversight"), {"manager", "safeguarding_focal_point"}),
        ("codes", gettext("Codes"), {"manager"}),
        ("register_keeping", gettext("How long files are kept"), {"manager"}),
        ("people", gettext("People"), {"administrator"}),
        ("data_protection", gettext("Data protection"), {"data_protection_focal_point"}),
        (
            "exports",
            gettext("Exports"),
            {"information_officer", "supervisor", "manager", "data_protection_focal_point"},
        ),
    ]
