"""Incidents: anybody who works in an agency reports one, the data-protection focal point sees it through (R92)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela.data_protection import actions
from tutela.data_protection.queries import CLOSED, TOLD, KnownIncident, incident_of, incidents_of
from tutela.pages.dates import exact
from tutela.web.frame import Reader, signed_in
from tutela.web.registers import agency_id_of, files_from, in_register, looked, pack_here, show_register
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import term

if TYPE_CHECKING:
    from tutela.forms.definition import Answers
    from tutela.protocols.packs import Pack


@signed_in
def report(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Somebody noticed something: a short form, for everybody."""
    looked("incident.opened", reader, action="report_incident")
    agency_id = agency_id_of(reader)

    def save(answers: Answers, sheet_id: UUID) -> str:
        found_at = datetime.fromisoformat(str(answers["found_on"])).replace(tzinfo=reader.zone)
        run = partial(
            actions.report_incident, answers, sheet_id, agency_id=agency_id, found_at=found_at,
            pack=pack_here(reader, agency_id), day=reader.day, by=reader.user, at=reader.at,
            files=files_from(str(answers.get("codes", "")), agency_id=agency_id),
        )  # fmt: skip
        in_register("incident.reported", run, reader, action="report_incident", incident=str(sheet_id))
        messages.success(request, gettext("Thank you. The data-protection focal point sees it now."))
        return reverse("today")

    here = reverse("incident_new")
    sheet = Sheet(code="data_protection.incident", action=here, back_url=reverse("today"), begin={}, more={})
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def listing(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Every incident, the newest first, and how long is left to tell whom it concerns."""
    looked("incidents.listed", reader)
    agency_id = agency_id_of(reader)
    pack = pack_here(reader, agency_id)
    incidents = [_line(one, pack) for one in incidents_of(agency_id)]
    context = {"incidents": incidents, "new_url": reverse("incident_new")}
    return show_register(request, reader, "pages/register_incidents.html", "register_incidents", context)


@signed_in
def incident(request: HttpRequest, reader: Reader, incident_id: UUID) -> HttpResponse:
    """One incident: what is known, what was done, whom it concerns."""
    looked("incident.read", reader, incident=str(incident_id))
    agency_id = agency_id_of(reader)
    pack = pack_here(reader, agency_id)
    found = incident_of(incident_id, agency_id=agency_id)
    context = _line(found, pack) | {
        "rows": _rows(found),
        "steps": [
            {
                "title": term(pack, "incident_step", step.kind), "when": step.done_at, "by": step.by.name,
                "what": told["what"],
            }
            for step, told in found.steps
        ],
        "codes": [code for _, code in found.codes if code],
        "step_url": "" if found.has(CLOSED) else reverse("register_incident_step", args=[found.id]),
        "back_url": reverse("register_incidents"),
    }  # fmt: skip
    return show_register(request, reader, "pages/register_incident.html", "register_incidents", context)


@signed_in
def step(request: HttpRequest, reader: Reader, incident_id: UUID) -> HttpResponse:
    """Write down what was done about it."""
    looked("incident.read", reader, incident=str(incident_id))
    agency_id = agency_id_of(reader)
    found = incident_of(incident_id, agency_id=agency_id)
    back = reverse("register_incident", args=[found.id])

    def save(answers: Answers, sheet_id: UUID) -> str:
        kind = str(answers["kind"])
        run = partial(
            actions.take_step, answers, sheet_id, incident_id=found.id, kind=kind, agency_id=agency_id,
            files=files_from(str(answers.get("codes", "")), agency_id=agency_id), by=reader.user, at=reader.at,
        )  # fmt: skip
        in_register("incident.step", run, reader, incident=str(found.id), kind=kind)
        messages.success(request, gettext("Written down."))
        return back

    here = reverse("register_incident_step", args=[found.id])
    sheet = Sheet(code="data_protection.incident_step", action=here, back_url=back, begin={}, more={})
    return answer_sheet(request, reader, sheet, save=save)


def _line(found: KnownIncident, pack: Pack) -> dict[str, Any]:
    told = any(found.has(one) for one in TOLD)
    return {
        "title": term(pack, "incident_kind", str(found.told["kind"])), "found": found.found_at, "by": found.by,
        "due": None if told or found.has(CLOSED) else found.tell_by, "closed": found.has(CLOSED),
        "children": len(found.codes), "url": reverse("register_incident", args=[found.id]),
    }  # fmt: skip


def _rows(found: KnownIncident) -> list[dict[str, Any]]:
    rows = [
        (gettext("Found"), exact(found.found_at)),
        (gettext("Reported by"), found.by),
        (gettext("What is known"), found.told["what"]),
        (gettext("Done at once"), found.told.get("contained", "")),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]
