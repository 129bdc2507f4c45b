"""Telling safeguarding focal points of somebody who works for an aid organisation, and what they did about it (R122, R85).

Whoever tells sees what they told and which steps were taken; those whom they told see the report. Nobody else comes across
it: every act here begins with `safeguarding.report`, which stands in no log that anybody else reads (R121).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import agency_of
from tutela.audit.queries import rows_about_report
from tutela.cases.queries import code_of, files_by_id, files_of
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.pages.dates import exact
from tutela.published.queries import pack_in_force
from tutela.safeguarding import actions
from tutela.safeguarding.queries import (
    KnownReport,
    report_by,
    report_to,
    reports_by,
    reports_to,
    still_there,
    told_of_file,
    whom_to_tell,
)
from tutela.safeguarding.register import open_register
from tutela.web.frame import Reader, show, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, person_options, term
from tutela.web.who_looked import log_columns, log_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from tutela.access.deciding import Action
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers
    from tutela.protocols.packs import Pack

Rows = list[dict[str, Any]]

_REPORT = "safeguarding.report"  # the form
_MOST_ROWS = 100  # of who looked at a report


# --- Telling ----------------------------------------------------------------------------------------------------


@signed_in
def own(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the reader told, and the way to tell something without a case."""
    agency_id = _agency_id(reader)
    told = _act(
        "safeguarding.reports_own",
        partial(reports_by, reader.user, agency_id=agency_id),
        reader,
        "tell_focal_point",
    )
    context = {
        "page_title": gettext("Safeguarding"),
        "lede": gettext(
            "For what concerns somebody who works for an aid organisation. Only whom you choose learns of it."
        ),
        "main": {"words": gettext("Tell a focal point"), "url": reverse("safeguarding_new")},
        "sections": [{
            "heading": gettext("What you told"), "items": [_own_line(one, reader) for one in told],
            "lede": gettext("About a child of yours, tell it from the page People of the file, beside the person."),
            "empty": gettext("You told nothing so far."),
        }],
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def new(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Tell something that is about no file, such as a complaint that somebody brought (R85)."""
    agency_id = _agency_id(reader)
    _act("safeguarding.report_opened", lambda: None, reader, "tell_focal_point")
    return _tell(request, reader, agency_id, None)


@signed_in
def on_file(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Tell what stands on a file, as the survivor wishes (R122)."""
    file = commands.read(
        "safeguarding.report_opened", file_id, by=reader.user, at=reader.at, action="report_on_file"
    )
    open_register(file.agency_id)
    return _tell(request, reader, file.agency_id, file)


@signed_in
def told(request: HttpRequest, reader: Reader, report_id: UUID) -> HttpResponse:
    """What the reader told, to whom, and what was done about it, as far as they may read it."""
    agency_id = _agency_id(reader)
    run = partial(report_by, reader.user, report_id, agency_id=agency_id)
    report = _act("safeguarding.report_own", run, reader, "tell_focal_point", report=str(report_id))
    pack = pack_in_force(agency_id, reader.day)
    context = {
        "reference": report.reference, "rows": _rows(report, pack, with_code=False),
        "steps": [
            {"title": term(pack, "safeguarding_step", one.told["kind"]), "when": one.done_on, "what": one.told.get("back", "")}
            for one in report.steps
        ],
        "gone": not report.ended and not still_there(report, agency_id=agency_id, day=reader.day),
        "back": {"words": gettext("What you told"), "url": reverse("safeguarding")},
    }  # fmt: skip
    return show(request, reader, "pages/safeguarding_report.html", context)


def _tell(request: HttpRequest, reader: Reader, agency_id: UUID, file: CaseFile | None) -> HttpResponse:
    file_id = file.id if file else None
    people = whom_to_tell(agency_id=agency_id, file_id=file_id, by=reader.user, day=reader.day)
    back = reverse("file_people", args=[file.id]) if file else reverse("safeguarding")
    if not people:
        return _nobody(request, reader, back)

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            actions.tell, answers, sheet_id, agency_id=agency_id, file_id=file_id, by=reader.user, day=reader.day, at=reader.at,
            pack=pack_in_force(agency_id, reader.day),
        )  # fmt: skip
        action: Action = "report_on_file" if file else "tell_focal_point"
        _act("safeguarding.report_sent", run, reader, action, file_id=file_id, report=str(sheet_id))
        messages.success(request, gettext("It is told. Nobody else learns of it."))
        return reverse("safeguarding")

    more: dict[str, Any] = {"main": gettext("Tell them")}
    if file:
        more["about"] = child_lines([file.id], reader=reader)[file.id]
    if file and told_of_file(reader.user, file.id):
        more["first"] = render_to_string(
            "pages/safeguarding_first.html", {"told_url": reverse("safeguarding")}
        )
    here = reverse("file_safeguarding", args=[file.id]) if file else reverse("safeguarding_new")
    sheet = Sheet(
        code=_REPORT, action=here, back_url=back, begin={}, more=more, offered={"to": person_options(people)}
    )
    return answer_sheet(request, reader, sheet, save=save)


def _nobody(request: HttpRequest, reader: Reader, back: str) -> HttpResponse:
    context = {
        "page_title": gettext("Nobody can be told here"),
        "lede": gettext(
            "Your agency has no safeguarding focal point whom you could tell. Ask its head office whom to tell, outside of "
            "this house, and name no child until you know."
        ),
        "links": [{"words": gettext("Go back"), "url": back}],
    }
    return show(request, reader, "pages/lists.html", context)


def _own_line(report: KnownReport, reader: Reader) -> dict[str, Any]:
    """A report in the list of whoever told it; with the code while its file is open to them."""
    mine = report.file_id and files_of(reader.user, day=reader.day).filter(id=report.file_id).exists()
    code = code_of(files_by_id([report.file_id])[report.file_id]) if mine and report.file_id else ""
    to = say("To {who}, on {day}", who=", ".join(one.name for one in report.focal_points), day=report.told_on)
    return {
        "title": report.reference, "url": reverse("safeguarding_told", args=[report.id]),
        "lines": [*([say("About the case {code}", code=code)] if code else []), to, _state(report, reader.pack)],
    }  # fmt: skip


def _state(report: KnownReport, pack: Pack) -> Any:
    if not report.steps:
        return say("Nothing is written down about it yet")
    last = report.steps[-1]
    what = term(pack, "safeguarding_step", last.told["kind"])
    return say("{what}: {day}", what=what, day=last.done_on)


# --- For those who were told --------------------------------------------------------------------------------------


@signed_in
def listing(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What was told to the reader, what waits before what is ended."""
    agency_id = _agency_id(reader)
    run = partial(reports_to, reader.user, agency_id=agency_id, day=reader.day)
    reports = _act("safeguarding.reports_listed", run, reader, "hear_reports")
    lines = [(one, _line(one, reader)) for one in reports]
    context = {
        "page_title": gettext("What was told to you"),
        "lede": gettext("You alone see it, and those who were told with you. The team does not learn of it."),
        "links": [{"words": gettext("Oversight"), "url": reverse("oversight")}],
        "sections": [
            {
                "heading": gettext("To see to"), "empty": gettext("Nothing waits for you."),
                "items": [line for one, line in lines if not one.ended],
            },
            *([{
                "heading": gettext("Ended"), "items": [line for one, line in lines if one.ended],
            }] if any(one.ended for one in reports) else []),
        ],
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def report(request: HttpRequest, reader: Reader, report_id: UUID) -> HttpResponse:
    """One report: what was told, what was done, who looked at it, and the ways to the file where they are wished."""
    found, agency_id = _heard(reader, report_id)
    pack = pack_in_force(agency_id, reader.day)
    asked = f"?report={found.id}"
    ways = [
        {"words": gettext("Open the file for a reason"), "url": reverse("open_on_reason") + asked},
        {"words": gettext("Close the file to somebody"), "url": reverse("closing") + asked},
    ]
    context = {
        "reference": found.reference, "due": found.due, "rows": _rows(found, pack, with_code=True),
        "steps": [
            {
                "title": term(pack, "safeguarding_step", one.told["kind"]), "when": one.done_on, "by": one.by,
                "to": one.told.get("to", ""), "what": one.told.get("what", ""), "back": one.told.get("back", ""),
            }
            for one in found.steps
        ],
        "main": {"words": gettext("Write down what was done"), "url": reverse("safeguarding_step", args=[found.id])},
        "ways": ways if found.code else [], "columns": log_columns(),
        "looked": log_rows(rows_about_report(found.id)[:_MOST_ROWS], agency_id=agency_id, day=reader.day),
        "back": {"words": gettext("What was told to you"), "url": reverse("safeguarding_reports")},
    }  # fmt: skip
    return show(request, reader, "pages/safeguarding_report.html", context)


@signed_in
def step(request: HttpRequest, reader: Reader, report_id: UUID) -> HttpResponse:
    """Write down what was done about a report."""
    found, agency_id = _heard(reader, report_id)
    back = reverse("safeguarding_report", args=[found.id])

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            actions.take_step, answers, sheet_id, report_id=found.id, agency_id=agency_id, by=reader.user, day=reader.day,
            at=reader.at,
        )  # fmt: skip
        _act("safeguarding.report_answered", run, reader, "hear_reports", report=str(found.id))
        messages.success(request, gettext("Written down."))
        return back

    sheet = Sheet(
        code="safeguarding.step", action=reverse("safeguarding_step", args=[found.id]), back_url=back,
        begin={"done_on": reader.day.isoformat()}, more={"about": {"label": found.reference, "url": back}},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


def waiting_for(reader: Reader, agency_id: UUID) -> int:
    """How many reports wait for a focal point; nobody else has any."""
    open_register(agency_id)
    found = reports_to(reader.user, agency_id=agency_id, day=reader.day)
    return sum(not one.ended for one in found)


def code_told(asked: str, reader: Reader, agency_id: UUID) -> str:
    """The case code that a report which the reader was told leads to; empty where none is asked for. Raises NotFound."""
    if not asked:
        return ""
    try:
        report_id = UUID(asked)
    except ValueError:
        raise NotFound from None
    return report_to(reader.user, report_id, agency_id=agency_id, day=reader.day).code


def _heard(reader: Reader, report_id: UUID) -> tuple[KnownReport, UUID]:
    """A report that was told to the reader, with the row that says that they read it. Raises Forbidden, NotFound."""
    agency_id = _agency_id(reader)
    run = partial(report_to, reader.user, report_id, agency_id=agency_id, day=reader.day)
    return _act("safeguarding.report_read", run, reader, "hear_reports", report=str(report_id)), agency_id


def _line(report: KnownReport, reader: Reader) -> dict[str, Any]:
    return {
        "title": report.reference, "url": reverse("safeguarding_report", args=[report.id]),
        "due": {"what": say("To be answered"), "when": report.due} if report.due else None,
        "lines": [say("From {who}, on {day}", who=report.by, day=report.told_on), _state(report, reader.pack)],
    }  # fmt: skip


# --- Both -----------------------------------------------------------------------------------------------------------


def _rows(report: KnownReport, pack: Pack, *, with_code: bool) -> Rows:
    """A report as rows of a summary list; `with_code`: for a focal point, who is led to the file where that is wished."""
    written = report.told
    rows = [
        (gettext("Told by"), report.by),
        (gettext("Told to"), ", ".join(one.name for one in report.focal_points)),
        (gettext("Told on"), exact(report.at)),
        (gettext("The survivor’s wish"), term(pack, "safeguarding_as", str(written["wish"]))),
        (gettext("Case code"), report.code if with_code else ""),
        (gettext("Who is suspected, and for whom they work"), written.get("whom", "")),
        (gettext("What was told"), written.get("what", "")),
        (gettext("How the survivor can be reached safely"), written.get("reach", "")),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _agency_id(reader: Reader) -> UUID:
    """The agency whose reports these are. Raises NotFound for whoever works nowhere."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    open_register(agency.id)  # the keyring commits first (design §5)
    return agency.id


def _act(
    verb: str, run: Callable[[], Any], reader: Reader, action: Action, *, file_id: UUID | None = None, **detail: Any
) -> Any:  # fmt: skip
    return commands.act(
        verb, run, by=reader.user, at=reader.at, action=action, file_id=file_id,
        field_class="case" if file_id else "clear", **detail,
    )  # fmt: skip
