"""What the pages of the data-protection registers share: whose they are, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from tutela import commands
from tutela.access.queries import agency_of
from tutela.data_protection.queries import files_called
from tutela.data_protection.register import open_register
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, show

if TYPE_CHECKING:
    from tutela.access.deciding import Action

_Result = TypeVar("_Result")
_TABS = (
    ("data_protection", gettext_lazy("What waits"), {"data_protection_focal_point"}),
    ("register_requests", gettext_lazy("Requests"), {"data_protection_focal_point"}),
    ("register_keeping", gettext_lazy("How long files are kept"), {"data_protection_focal_point", "manager"}),
    ("register_incidents", gettext_lazy("Incidents"), {"data_protection_focal_point"}),
)  # fmt: skip


def agency_id_of(reader: Reader) -> UUID:
    """The agency whose registers these are. Raises NotFound for whoever works nowhere."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    open_register(agency.id)  # the keyring commits first (design §5)
    return agency.id


def in_register(
    verb: str, run: Callable[[], _Result], reader: Reader, *, action: Action = "keep_register", **detail: Any
) -> _Result:
    """Do something in the registers, for whoever may, with its row in the log. Raises NotFound, Forbidden."""
    return commands.act(verb, run, by=reader.user, at=reader.at, action=action, field_class="clear", **detail)


def looked(verb: str, reader: Reader, *, action: Action = "keep_register", **detail: Any) -> None:
    """Leave the row that a register was looked at, before it is sent."""
    in_register(verb, lambda: None, reader, action=action, **detail)


def show_register(
    request: HttpRequest, reader: Reader, template: str, tab: str, context: dict[str, Any]
) -> HttpResponse:
    """A page of the registers under its tab."""
    tabs = [
        {"words": words, "url": reverse(place), "current": place == tab}
        for place, words, roles in _TABS
        if roles & reader.roles
    ]
    return show(request, reader, template, {"tabs": tabs} | context)


def pack_here(reader: Reader, agency_id: UUID) -> Pack:
    """The pack by which the agency works today."""
    return pack_in_force(agency_id, reader.day)


def files_from(written: str, *, agency_id: UUID) -> list[UUID]:
    """The files whose case codes somebody wrote, one on each line. Raises Refused, naming the first that is none of theirs."""
    codes = [line.strip().upper() for line in written.splitlines() if line.strip()]
    found = files_called(codes, agency_id=agency_id)
    for number, code in enumerate(codes, start=1):
        if code not in found:
            words = say("Line {number} is no case code of your agency. Look at it again.", number=number)
            raise Refused(Unmet("unknown_code", words, "R92", "codes"))
    return [found[code] for code in dict.fromkeys(codes)]
