"""Requests about a file: noted on it, answered in the register, with a copy that tells on nobody else (R87, R88)."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela import commands
from tutela.cases.entries import EVERY_CLASS
from tutela.cases.queries import entries_of
from tutela.data_protection import actions
from tutela.data_protection.queries import (
    KnownRequest,
    KnownScreening,
    open_requests,
    request_of,
    requests_on,
    screening_of,
    suggested,
)
from tutela.data_protection.register import open_register
from tutela.exports.locking import closed_with
from tutela.exports.workbook import Sheet as Workbook
from tutela.exports.workbook import workbook_of
from tutela.forms.definition import in_language
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.pages.dates import exact
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, id_from, show, signed_in
from tutela.web.registers import agency_id_of, in_register, looked, pack_here, show_register
from tutela.web.second_factor import fresh_second_factor
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import answer_parts, term
from tutela.web.six_words import as_file, six_words, words_of

if TYPE_CHECKING:
    from tutela.cases.entries import OpenEntry
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers
    from tutela.protocols.packs import Pack

_A_COPY = "access"  # of the list rights_kind


# --- On the file ------------------------------------------------------------------------------------------------


@signed_in
def on_file(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What was asked about this file, until when it is answered, and the way to a copy."""
    file, may = read_file(reader, file_id, "requests.read")
    open_register(file.agency_id)
    pack = pack_of(reader, file)
    context = {
        "requests": [_view(one, pack) | _copy_of(one, file) for one in requests_on(file.id)],
        "new_url": reverse("file_request_new", args=[file.id]) if "note_request" in may else "",
    }
    return show_file(request, reader, file, may, "file_consent", context, template="pages/file_requests.html")


@signed_in
def note(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Write down that somebody asks."""
    file, _ = read_file(reader, file_id, "request.opened")
    back = reverse("file_requests", args=[file.id])
    open_register(file.agency_id)  # the keyring commits first (design §5)

    def save(answers: Answers, sheet_id: UUID) -> str:
        came_on = date.fromisoformat(str(answers["came_on"]))
        run = partial(
            actions.note_request, answers, sheet_id, file=file, pack=pack_of(reader, file), came_on=came_on,
            by=reader.user, at=reader.at,
        )  # fmt: skip
        commands.act(
            "request.noted", run, by=reader.user, at=reader.at, action="note_request", file_id=file.id
        )
        messages.success(request, gettext("Written down. The data-protection focal point sees it now."))
        return back

    here = reverse("file_request_new", args=[file.id])
    begin = {"came_on": reader.day.isoformat()}
    sheet = Sheet(code="data_protection.request", action=here, back_url=back, begin=begin, more={})
    return answer_sheet(request, reader, sheet, save=save)


# --- The copy ---------------------------------------------------------------------------------------------------


@signed_in
def screening(request: HttpRequest, reader: Reader, file_id: UUID, request_id: UUID) -> HttpResponse:
    """Go through the file and leave out what tells on somebody else; another person looks at it afterwards (R87)."""
    file, may, asked = _asked(reader, file_id, request_id, "screening.read")
    found = screening_of(asked, agency_id=file.agency_id)
    entries = _entries(file, may)
    back = reverse("file_requests", args=[file.id])
    if request.method == "POST":
        ticked = set(request.POST.getlist("kept"))
        given = {place for place in _places(entries) if "/".join(place) in ticked}
        sheet_id = id_from(request.POST.get("entry_id"))
        run = partial(
            actions.screen, given, sheet_id, request_id=asked.id, file=file, by=reader.user, at=reader.at
        )
        commands.act(
            "file.screened",
            run,
            by=reader.user,
            at=reader.at,
            action="screen",
            file_id=file.id,
            kept=len(given),
        )
        messages.success(request, gettext("Kept. Somebody else looks at it before the copy can be printed."))
        return redirect(back)
    kept = found.kept if found else suggested(entries, asker=str(asked.told["asker"]))
    agree_url = reverse("file_request_copy_agree", args=[file.id, asked.id])
    context = {
        "entries": [_screened(entry, kept) for entry in entries],
        "screened": {"by": found.by, "id": found.id} if found and not found.agreed_by else None,
        "agree_url": agree_url if found and not found.agreed_by and found.by_id != reader.user.id else "",
        "action": reverse("file_request_copy", args=[file.id, asked.id]),
        "entry_id": new_id(),
        "back_url": back,
    }
    return show_file(request, reader, file, may, "file_consent", context, template="pages/screening.html")


@signed_in
def agree(request: HttpRequest, reader: Reader, file_id: UUID, request_id: UUID) -> HttpResponse:
    """A second person agrees to what is left out and what is given."""
    if request.method != "POST":
        raise NotFound
    file, _, asked = _asked(reader, file_id, request_id, "screening.read")
    run = partial(
        actions.agree_to_screening, id_from(request.POST.get("screening")), request_id=asked.id, by=reader.user,
        at=reader.at,
    )  # fmt: skip
    try:
        commands.act("screening.agreed", run, by=reader.user, at=reader.at, action="screen", file_id=file.id)
        messages.success(request, gettext("Agreed. The copy can be printed."))
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        messages.warning(request, str(refused.unmet[0].words))
    return redirect("file_requests", file.id)


@signed_in
def copy(request: HttpRequest, reader: Reader, file_id: UUID, request_id: UUID) -> HttpResponse:
    """The copy on paper: what was screened and agreed to, up to the day of the screening."""
    file, may, asked, found = _screened_copy(reader, file_id, request_id)
    read_file(reader, file_id, "copy.printed", request=str(asked.id))
    context = {
        "entries": _given_of(file, may, found),
        "back_url": reverse("file_requests", args=[file.id]),
        "back_words": gettext("Back to the requests"),
        "day": reader.day,
    }
    return render(request, "pages/copy_paper.html", context)


@fresh_second_factor
@signed_in
def closed_copy(request: HttpRequest, reader: Reader, file_id: UUID, request_id: UUID) -> HttpResponse:
    """The same in a workbook that six words open: they are shown first, then it is handed out and registered."""
    file, may, asked, found = _screened_copy(reader, file_id, request_id)
    place = f"copy {asked.id}"
    words = words_of(request, place=place) if request.method == "POST" else ""
    if not words:
        late = request.method == "POST"
        back_url = reverse("file_requests", args=[file.id])
        context = {**six_words(reader, place=place), "late": late, "back_url": back_url}
        return show(request, reader, "pages/copy_closed.html", context, status=422 if late else 200)
    rows = [row for entry in _given_of(file, may, found) for row in _lines(entry)]
    commands.read("copy.taken", file.id, by=reader.user, at=reader.at, request=str(asked.id))
    mark = gettext("A copy of what is written about you, made on {day}. Keep it where only you find it.")
    sheet = Workbook(
        name=gettext("What is written"), mark=mark.format(day=exact(reader.day)), rows=rows, long=True,
        columns=[gettext("When"), gettext("What was written"), gettext("Question"), gettext("Answer")],
        notes=[
            gettext("Parts that tell about other people are left out. You can ask why something is left out."),
            gettext("You can ask for a correction. Photos, recordings and papers are shown to you, and are not in here."),
        ],
    )  # fmt: skip
    return as_file("copy.xlsx", closed_with(words, workbook_of(sheet)))


def _lines(entry: dict[str, Any]) -> list[list[str]]:
    """An entry of the copy as rows: one for each answer, or one for an entry of which no answer is given."""
    begun = [exact(entry["when"]), entry["title"]]
    told = [[part["label"], part["text"]] for part in entry["parts"] if not part["attached"]]
    return [[*begun, *one] for one in told or [["", ""]]]


def _screened_copy(
    reader: Reader, file_id: UUID, request_id: UUID
) -> tuple[CaseFile, set[str], KnownRequest, KnownScreening]:
    """What a copy is made of, once two people looked at it. Raises NotFound before."""
    file, may, asked = _asked(reader, file_id, request_id, "copy.opened")
    found = screening_of(asked, agency_id=file.agency_id)
    if found is None or not found.agreed_by:
        raise NotFound
    return file, may, asked, found


def _given_of(file: CaseFile, may: set[str], found: KnownScreening) -> list[dict[str, Any]]:
    """The entries of the copy, as they stood when they were screened."""
    entries = [one for one in _entries(file, may) if one.revision <= found.revision]
    return [view for one in entries if (view := _given(one, found))]


def _asked(
    reader: Reader, file_id: UUID, request_id: UUID, verb: str
) -> tuple[CaseFile, set[str], KnownRequest]:
    """The file, what the reader may do on it, and a request for a copy of it. Raises NotFound."""
    file, may = read_file(reader, file_id, verb, request=str(request_id))
    asked = request_of(request_id, agency_id=file.agency_id)
    if asked.file_id != file.id or "screen" not in may or _A_COPY not in asked.told["kind"]:
        raise NotFound
    return file, may, asked


def _entries(file: CaseFile, may: set[str]) -> list[OpenEntry]:
    """What the reader may open of the file, as it stands: corrected entries in their newest words."""
    classes = EVERY_CLASS if "confidential" in may else EVERY_CLASS - {"confidential"}
    found = entries_of(file.id, classes=classes)
    amended = {one.amends for one in found if one.amends}
    return [one for one in found if one.id not in amended]


def _places(entries: list[OpenEntry]) -> set[tuple[str, str]]:
    whole = {(str(entry.id), "") for entry in entries}
    return whole | {(str(entry.id), part["name"]) for entry in entries for part in answer_parts(entry)}


def _title(entry: OpenEntry) -> str:
    return in_language(entry.form.title, get_language() or "en")


def _screened(entry: OpenEntry, kept: frozenset[tuple[str, str]]) -> dict[str, Any]:
    """An entry with a box at each answer: ticked, it is in the copy."""
    whole = str(entry.id)
    return {
        "title": _title(entry), "when": entry.happened_on, "whole": f"{whole}/", "kept": (whole, "") in kept,
        "parts": [
            part | {"box": f"{whole}/{part['name']}", "kept": (whole, part["name"]) in kept}
            for part in answer_parts(entry)
        ],
    }  # fmt: skip


def _given(entry: OpenEntry, found: KnownScreening) -> dict[str, Any] | None:
    """An entry as it stands in the copy; None where it was left out as a whole. What nobody looked at is not in it."""
    whole = str(entry.id)
    if (whole, "") not in found.kept:
        return None
    parts = [part for part in answer_parts(entry) if (whole, part["name"]) in found.kept]
    return {"title": _title(entry), "when": entry.happened_on, "parts": parts}


# --- In the register --------------------------------------------------------------------------------------------


@signed_in
def waiting(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What is to be answered, and until when."""
    looked("requests.listed", reader)
    agency_id = agency_id_of(reader)
    pack = pack_here(reader, agency_id)
    requests = [
        _view(one, pack) | {"url": reverse("register_answer", args=[one.id])}
        for one in open_requests(agency_id)
    ]
    return show_register(
        request, reader, "pages/register_requests.html", "register_requests", {"requests": requests}
    )


@signed_in
def answer(request: HttpRequest, reader: Reader, request_id: UUID) -> HttpResponse:
    """Answer one request."""
    looked("request.read", reader, request=str(request_id))
    agency_id = agency_id_of(reader)
    asked = request_of(request_id, agency_id=agency_id)
    back = reverse("register_requests")

    def save(answers: Answers, sheet_id: UUID) -> str:
        answered_on = date.fromisoformat(str(answers["answered_on"]))
        run = partial(
            actions.answer_request, answers, asked.id, agency_id=agency_id, answered_on=answered_on, by=reader.user,
            at=reader.at,
        )  # fmt: skip
        in_register("request.answered", run, reader, file_id=asked.file_id)
        messages.success(request, gettext("The answer is in the register."))
        return back

    here = reverse("register_answer", args=[asked.id])
    begin = {"answered_on": reader.day.isoformat()}
    more = {"about": {"code": asked.code}, "first": _first(asked, pack_here(reader, agency_id))}
    sheet = Sheet(code="data_protection.answer", action=here, back_url=back, begin=begin, more=more)
    return answer_sheet(request, reader, sheet, save=save)


def _first(asked: KnownRequest, pack: Pack) -> str:
    """What was asked, above the answer."""
    return render_to_string("pages/components/summary_list.html", {"rows": _rows(asked, pack)})


def _view(asked: KnownRequest, pack: Pack) -> dict[str, Any]:
    return {
        "code": asked.code, "due": None if asked.answered_on else asked.due_on, "rows": _rows(asked, pack),
        "title": ", ".join(term(pack, "rights_kind", one) for one in asked.told["kind"]),
        "answered": asked.answered_on,
    }  # fmt: skip


def _rows(asked: KnownRequest, pack: Pack) -> list[dict[str, Any]]:
    """What was asked and answered, as rows of a summary list."""
    told, answered = asked.told, asked.answer
    rows = [
        (gettext("Came"), exact(asked.came_on)),
        (gettext("Who asks"), term(pack, "rights_asker", str(told["asker"]))),
        (gettext("How we know that it is them"), term(pack, "identity_check", str(told["identity"]))),
        (gettext("In their words"), told.get("what", "")),
        (gettext("Answer"), term(pack, "rights_outcome", str(answered["outcome"])) if answered else ""),
        (gettext("Why"), answered.get("why", "")),
        (gettext("Done"), answered.get("done", "")),
        (gettext("Told on"), exact(asked.answered_on) if asked.answered_on else ""),
        (gettext("Answered by"), asked.answered_by),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _copy_of(asked: KnownRequest, file: CaseFile) -> dict[str, Any]:
    """How far the copy is, where one was asked for."""
    if _A_COPY not in asked.told["kind"]:
        return {}
    found = screening_of(asked, agency_id=file.agency_id)
    place = [file.id, asked.id]
    return {
        "screen_url": reverse("file_request_copy", args=place),
        "screened_by": found.by if found else "",
        "paper_url": reverse("file_request_copy_paper", args=place) if found and found.agreed_by else "",
        "closed_url": reverse("file_request_copy_closed", args=place) if found and found.agreed_by else "",
        "agreed_by": found.agreed_by if found else "",
    }
