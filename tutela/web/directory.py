"""Services: who can help near a child, how fresh that is, what may be handed out, and what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.barriers import bars
from tutela.access.office import agencies
from tutela.access.queries import agency_of
from tutela.forms.definition import Option
from tutela.foundation.refusals import NotFound
from tutela.pages.dates import exact
from tutela.protocols.packs import Pack
from tutela.published.queries import form_in_force, form_version, pack_in_force
from tutela.referral.queries import gaps_of
from tutela.service_directory import actions
from tutela.service_directory.queries import (
    KnownService,
    directory,
    handed_out,
    matching,
    noted_gaps,
    service_of,
)
from tutela.supervision.queries import supervised_files
from tutela.web.frame import Reader, show, signed_in
from tutela.web.printing import foot_of
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import answer_words, term

if TYPE_CHECKING:
    from tutela.forms.definition import Answers

_Result = TypeVar("_Result")
_FORM = "service_directory.service"


@signed_in
def listing(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Every service that the agency knows, and those that fit. Posted: what is looked for stands in no address."""
    found = services_found(request, reader)
    context = found | {
        "here": reverse("services"),
        "main": {"words": gettext("Add a service"), "url": reverse("service_new")},
        "links": [
            {"words": gettext("List to hand out"), "url": reverse("services_list")},
            {"words": gettext("There is no service for a need here"), "url": reverse("service_gap_new")},
            *([{"words": gettext("What is missing"), "url": reverse("service_gaps")}] if "supervisor" in reader.roles else []),
        ],
    }  # fmt: skip
    return show(request, reader, "pages/services.html", context)


def services_found(
    request: HttpRequest, reader: Reader, *, ask: Callable[[KnownService], str] | None = None
) -> dict[str, Any]:
    """The search, and the services that it finds, as `pages/services.html` takes them. `ask`: where one is asked."""
    agency, pack = _agency(reader), _pack(reader)
    asked = {name: request.POST.get(name, "").strip()[:200] for name in ("words", "sector", "area")}
    every = _act("services.read", partial(directory, agency), reader)
    return {
        "services": [service_card(one, pack, reader, ask) for one in matching(every, **asked)],
        "any": bool(every), "asked": asked, "looked_for": any(asked.values()),
        "sectors": _options(pack, "service_sector", {one.told["sector"] for one in every}),
        "areas": _options(pack, "area", {code for one in every for code in one.told.get("areas", [])}),
    }  # fmt: skip


def service_card(
    one: KnownService, pack: Pack, reader: Reader, ask: Callable[[KnownService], str] | None = None
) -> dict[str, Any]:
    """A service on a list: enough to choose it."""
    told, fresh = one.told, one.freshness(pack=pack, day=reader.day)
    return {
        "name": told["name"], "organisation": told["organisation"], "sector": term(pack, "service_sector", told["sector"]),
        "kind": term(pack, "service_kind", told["kind"]), "fresh": fresh.words, "state": fresh.state,
        "concern": one.concern, "for_whom": told.get("for_whom", ""), "hours": told.get("hours", ""),
        "areas": ", ".join(term(pack, "area", code) for code in told.get("areas", [])),
        "url": reverse("service", args=[one.id]), "ask": ask(one) if ask else "",
    }  # fmt: skip


@signed_in
def service(request: HttpRequest, reader: Reader, service_id: UUID) -> HttpResponse:
    """Everything that is known of one service; one tap says that it is still right."""
    known, pack = _known(reader, service_id, "service.read"), _pack(reader)
    fresh = known.freshness(pack=pack, day=reader.day)
    questions = form_version(known.form).questions
    told = {**known.told, **known.contact} | _named_agency(known)
    parts = [
        {"label": question.label.get("en", ""), "value": words}
        for question in questions
        if question.name not in ("name", "organisation")
        and (words := answer_words(question, told.get(question.name, "")))
    ]
    context = {
        "service": service_card(known, pack, reader), "back_url": reverse("services"), "parts": parts, "fresh": fresh,
        "verified": known.verified_on, "verified_by": known.verified_by,
        "urls": {name: reverse(f"service_{name}", args=[known.id]) for name in ("change", "verify", "concern", "lift")},
    }  # fmt: skip
    return show(request, reader, "pages/service.html", context)


@signed_in
def add(request: HttpRequest, reader: Reader) -> HttpResponse:
    """A new service, as written on its sheet."""
    return _sheet(request, reader, None)


@signed_in
def change(request: HttpRequest, reader: Reader, service_id: UUID) -> HttpResponse:
    """What is new about a service; its sheet begins with what is known."""
    return _sheet(request, reader, service_id)


@signed_in
def check(request: HttpRequest, reader: Reader, service_id: UUID) -> HttpResponse:
    """One tap: somebody asked the service, and it is still right."""
    _posted(request)
    run = partial(actions.verify, service_id, agency_id=_agency(reader), by=reader.user, day=reader.day)
    _act("service.verified", run, reader, service=str(service_id))
    messages.success(request, gettext("Checked today. Thank you."))
    return redirect("service", service_id=service_id)


@signed_in
def concern(request: HttpRequest, reader: Reader, service_id: UUID) -> HttpResponse:
    """Nobody should be sent there for now, and why."""
    known, back = _known(reader, service_id, "service.read"), reverse("service", args=[service_id])

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            actions.raise_concern, service_id, str(answers["reason"]), sheet_id, agency_id=_agency(reader),
            by=reader.user, day=reader.day,
        )  # fmt: skip
        _act("service.concern", run, reader, service=str(service_id))
        return back

    sheet = Sheet(
        code="service_directory.concern", action=reverse("service_concern", args=[service_id]), back_url=back, begin={},
        more={"whom": known.words},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def lift(request: HttpRequest, reader: Reader, service_id: UUID) -> HttpResponse:
    """The concern is over."""
    _posted(request)
    run = partial(actions.lift_concern, service_id, agency_id=_agency(reader), by=reader.user, day=reader.day)
    _act("service.concern_lifted", run, reader, service=str(service_id))
    messages.success(request, gettext("The safety concern is lifted. This service may be asked again."))
    return redirect("service", service_id=service_id)


@signed_in
def handed_out_page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """A list for families and colleagues elsewhere, to print: never a shelter, a focal person or a private phone (R123)."""
    pack, foot = _pack(reader), foot_of(reader, named=False)
    run = partial(handed_out, _agency(reader), pack=pack, day=reader.day)
    sectors: dict[str, list[dict[str, Any]]] = {}
    for one in _act("services.printed", run, reader, reference=foot.reference):
        sector = term(pack, "service_sector", one.told["sector"])
        sectors.setdefault(sector, []).append(_public(one, pack))
    groups = [{"title": sector, "services": sectors[sector]} for sector in sorted(sectors)]
    context = {"groups": groups, "day": reader.day, "back_url": reverse("services"), "foot": foot}
    return show(request, reader, "pages/services_list.html", context)


@signed_in
def gap(request: HttpRequest, reader: Reader) -> HttpResponse:
    """There is no service for a need here."""

    def save(answers: Answers, sheet_id: UUID) -> str:
        actions.open_directory(_agency(reader))  # the keyring commits first (design §5)
        run = partial(
            actions.note_gap, answers, sheet_id, agency_id=_agency(reader), by=reader.user, day=reader.day
        )
        _act("gap.noted", run, reader)
        messages.success(request, gettext("Noted. Supervisors see it under “What is missing”."))
        return reverse("services")

    sheet = Sheet(
        code="service_directory.gap", action=reverse("service_gap_new"), back_url=reverse("services"), begin={}, more={}
    )  # fmt: skip
    if request.method != "POST":
        _act("gap.opened", lambda: None, reader)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def gaps(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What is missing, for supervisors: how many children, by sector and area; nobody's name (R46)."""
    if "supervisor" not in reader.roles:
        raise NotFound
    pack, files = _pack(reader), supervised_files(reader.user, day=reader.day)
    found = _act(
        "gaps.read", lambda: [*noted_gaps(_agency(reader)), *gaps_of(files)], reader, files=len(files)
    )
    totals: Counter[tuple[str, str]] = Counter()
    for one in found:
        totals[one.sector, one.area] += one.children
    listed = sorted(found, key=lambda one: one.noted_on, reverse=True)
    context = {
        "back_url": reverse("services"),
        "columns": [gettext("Sector"), gettext("Area"), gettext("Children")],
        "totals": [
            {"cells": [term(pack, "service_sector", sector), term(pack, "area", area), str(children)]}
            for (sector, area), children in totals.most_common()
        ],
        "noted_columns": [gettext("Sector"), gettext("Area"), gettext("Children"), gettext("Why"), gettext("Noted on")],
        "noted": [
            {"cells": [
                term(pack, "service_sector", one.sector), term(pack, "area", one.area), str(one.children),
                term(pack, "gap_reason", one.why), exact(one.noted_on),
            ]}
            for one in listed
        ],
    }  # fmt: skip
    return show(request, reader, "pages/service_gaps.html", context)


def _sheet(request: HttpRequest, reader: Reader, service_id: UUID | None) -> HttpResponse:
    agency = _agency(reader)
    known = _known(reader, service_id, "service.opened") if service_id else None
    form = form_in_force(_FORM, agency_id=agency, day=reader.day).version

    def save(answers: Answers, sheet_id: UUID) -> str:
        actions.open_directory(agency)  # the keyring commits first (design §5)
        run = partial(
            actions.keep_service, answers, sheet_id, form=request.POST.get("version") or form, agency_id=agency,
            by=reader.user, at=reader.at, day=reader.day, service_id=service_id,
        )  # fmt: skip
        kept = _act("service.kept", run, reader)
        messages.success(request, gettext("Saved in the directory."))
        return reverse("service", args=[kept])

    here = reverse("service_change", args=[service_id]) if service_id else reverse("service_new")
    back = reverse("service", args=[service_id]) if service_id else reverse("services")
    begin = {**known.told, **known.contact} if known else {}
    sheet = Sheet(
        code=_FORM,
        action=here,
        back_url=back,
        begin=begin,
        more={},
        offered={"agency": _agencies(agency, reader)},
    )
    if known is None and request.method != "POST":
        _act("service.opened", lambda: None, reader)
    return answer_sheet(request, reader, sheet, save=save)


def _act(verb: str, run: Callable[[], _Result], reader: Reader, **detail: Any) -> _Result:
    """Do it, for those who keep the directory, with its row in the log. Raises NotFound, Forbidden."""
    return commands.act(verb, run, by=reader.user, at=reader.at, action="keep_directory", **detail)


def _known(reader: Reader, service_id: UUID, verb: str) -> KnownService:
    run = partial(service_of, service_id, agency_id=_agency(reader))
    return _act(verb, run, reader, service=str(service_id))


def _agency(reader: Reader) -> UUID:
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    return agency.id


def _pack(reader: Reader) -> Pack:
    return pack_in_force(_agency(reader), reader.day)


def _agencies(own: UUID, reader: Reader) -> list[Option]:
    """The other agencies that work with this installation, but for those from which a barrier keeps this one (R105)."""
    return [
        Option.model_construct(code=str(one.id), label={"en": one.name}, hint={}, retired=False)
        for one in agencies()
        if one.id != own and not bars(own, one.id, reader.day)
    ]


def _named_agency(known: KnownService) -> dict[str, str]:
    """The agency that offers a service, by its name."""
    names = {str(one.id): one.name for one in agencies()} if known.told.get("agency") else {}
    return {"agency": names.get(known.told.get("agency", ""), "")}


def _posted(request: HttpRequest) -> None:
    if request.method != "POST":
        raise NotFound


def _options(pack: Pack, vocabulary: str, codes: Iterable[str]) -> list[dict[str, str]]:
    """The terms of a list that any service has, in the order of the list."""
    there = set(codes)
    return [
        {"code": code, "words": term(pack, vocabulary, code)}
        for code in pack.vocabulary(vocabulary).codes
        if code in there
    ]


def _public(one: KnownService, pack: Pack) -> dict[str, Any]:
    """What a list that is handed out says of a service: nothing that anybody wrote about quality, nobody's own phone."""
    told = one.told
    return {
        "name": told["name"], "organisation": told["organisation"], "kind": term(pack, "service_kind", told["kind"]),
        "lines": [
            {"label": label, "value": value}
            for label, value in (
                (gettext("For whom"), told.get("for_whom", "")),
                (gettext("Where"), told.get("address", "")),
                (gettext("Areas"), ", ".join(term(pack, "area", code) for code in told.get("areas", []))),
                (gettext("Open"), told.get("hours", "")),
                (gettext("Phone"), told.get("office_phone", "")),
                (gettext("Cost"), told.get("cost", "")),
                (gettext("Languages"), ", ".join(term(pack, "language_list", code) for code in told.get("languages", []))),
                (gettext("Good to know"), ", ".join(term(pack, "service_access", code) for code in told.get("access", []))),
            )
            if value
        ],
    }  # fmt: skip
