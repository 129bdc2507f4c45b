"""How long files are kept, what holds them, and how they end: two people, and a proof (R90, R91)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.cases.queries import code_of, files_by_id
from tutela.data_protection import actions
from tutela.data_protection.queries import (
    Ending,
    destruction_of,
    destructions_of,
    endings_of,
    hold_on,
)
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.pages.dates import exact
from tutela.web.frame import Reader, signed_in
from tutela.web.registers import agency_id_of, in_register, looked, pack_here, show_register
from tutela.web.second_factor import fresh_second_factor
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile
    from tutela.data_protection.models import Destruction
    from tutela.forms.definition import Answers
    from tutela.protocols.packs import Pack


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Closed files by their codes, whose time is over first; what waits for a second person; what was destroyed."""
    looked("keeping.listed", reader, action="agree_destruction")
    agency_id = agency_id_of(reader)
    pack = pack_here(reader, agency_id)
    found = endings_of(agency_id, pack=pack, day=reader.day)
    context = {
        "over": [_ending(one, reader) for one in found if one.is_over(reader.day) and not one.proposed],
        "waiting": [_proposed(one.proposed, one.code, pack) for one in found if one.proposed],
        "rest": [_ending(one, reader) for one in found if not one.is_over(reader.day) and not one.proposed],
        "done": [
            {"code": code_of(one.file), "on": one.done_at, "url": reverse("register_destruction", args=[one.id])}
            for one in destructions_of(agency_id)
        ],
        "keeps_register": _keeps(reader),
    }  # fmt: skip
    return show_register(request, reader, "pages/register_keeping.html", "register_keeping", context)


@signed_in
def hold(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Hold a file, with the reason."""
    file = _file(reader, file_id)
    back = reverse("register_keeping")

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(actions.hold, answers, sheet_id, file=file, by=reader.user, day=reader.day)
        in_register("file.held", run, reader, file_id=file.id)
        messages.success(
            request, gettext("The file is held. It cannot be destroyed until the hold is ended.")
        )
        return back

    here = reverse("register_hold", args=[file.id])
    more = {"about": {"code": code_of(file)}}
    sheet = Sheet(code="data_protection.hold", action=here, back_url=back, begin={}, more=more)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def hold_end(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Read why a file is held, and end it."""
    file = _file(reader, file_id)
    found = hold_on(file.id, agency_id=file.agency_id)
    if found is None:
        raise NotFound
    if request.method == "POST":
        run = partial(actions.end_hold, file=file, by=reader.user, day=reader.day)
        in_register("hold.ended", run, reader, file_id=file.id)
        messages.success(request, gettext("The hold is ended."))
        return redirect("register_keeping")
    row, reason = found
    context = {
        "heading": gettext("End the hold on this file?"),
        "facts": [
            {"label": gettext("Case code"), "value": code_of(file)},
            {"label": gettext("Held since"), "value": exact(row.since)},
            {"label": gettext("Held by"), "value": row.by.name},
            {"label": gettext("Reason"), "value": reason},
        ],
        "action": reverse("register_hold_end", args=[file.id]),
        "main": gettext("End the hold"),
        "back": {"words": gettext("Back"), "url": reverse("register_keeping")},
    }
    return show_register(request, reader, "pages/confirm.html", "register_keeping", context)


@signed_in
def propose(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Ask that a file be destroyed."""
    file = _file(reader, file_id)
    back = reverse("register_keeping")

    def save(answers: Answers, sheet_id: UUID) -> str:
        reason = str(answers["reason"])
        run = partial(actions.propose_destruction, reason, sheet_id, file=file, by=reader.user, at=reader.at)
        in_register("destruction.proposed", run, reader, file_id=file.id, reason=reason)
        messages.success(request, gettext("Asked for. A manager or another focal point agrees, or does not."))
        return back

    here = reverse("register_destroy", args=[file.id])
    more = {"about": {"code": code_of(file)}}
    sheet = Sheet(code="data_protection.destruction", action=here, back_url=back, begin={}, more=more)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def destruction(request: HttpRequest, reader: Reader, destruction_id: UUID) -> HttpResponse:
    """A destruction that waits for a second person; or its certificate once it is done."""
    looked("destruction.read", reader, action="agree_destruction", destruction=str(destruction_id))
    agency_id = agency_id_of(reader)
    row = destruction_of(destruction_id, agency_id=agency_id)
    facts = _facts(row, pack_here(reader, agency_id))
    if row.done_at is not None:
        context: dict[str, Any] = {
            "rows": facts, "proof": row.proof, "holds": actions.proof_of(row) == row.proof,
            "gone_on": row.backups_gone_on, "back_url": reverse("register_keeping"),
            "back_words": gettext("Back to how long files are kept"),
        }  # fmt: skip
        return render(request, "pages/destruction_paper.html", context)
    context = {
        "facts": facts,
        "own": row.proposed_by_id == reader.user.id,
        "agree_url": reverse("register_destruction_agree", args=[row.id]),
        "withdraw_url": reverse("register_destruction_withdraw", args=[row.id]) if _keeps(reader) else "",
        "back_url": reverse("register_keeping"),
    }
    return show_register(request, reader, "pages/register_destruction.html", "register_keeping", context)


@fresh_second_factor
@signed_in
def agree(request: HttpRequest, reader: Reader, destruction_id: UUID) -> HttpResponse:
    """Agree, as a second person: the keys of the file are destroyed."""
    if request.method != "POST":
        return redirect("register_destruction", destruction_id)
    try:
        commands.destroy_file(destruction_id, agency_id=agency_id_of(reader), by=reader.user, at=reader.at)
        messages.success(request, gettext("The keys are destroyed. Nobody can open the file any more."))
    except (NotFound, Forbidden):
        raise
    except Refused as refused:
        messages.warning(request, str(refused.unmet[0].words))
    return redirect("register_destruction", destruction_id)


@signed_in
def withdraw(request: HttpRequest, reader: Reader, destruction_id: UUID) -> HttpResponse:
    """Nothing is destroyed after all."""
    if request.method != "POST":
        raise NotFound
    run = partial(
        actions.withdraw_destruction,
        destruction_id,
        agency_id=agency_id_of(reader),
        by=reader.user,
        at=reader.at,
    )
    in_register("destruction.withdrawn", run, reader, destruction=str(destruction_id))
    messages.success(request, gettext("Nothing is destroyed."))
    return redirect("register_keeping")


def _file(reader: Reader, file_id: UUID) -> CaseFile:
    """A file of the reader's agency that they may hold or end, without opening anything of it. Raises NotFound."""
    looked("keeping.read", reader, file_id=file_id)
    file = files_by_id([file_id]).get(file_id)
    if file is None or file.agency_id != agency_id_of(reader):
        raise NotFound
    return file


def _keeps(reader: Reader) -> bool:
    return "data_protection_focal_point" in reader.roles


def _ending(one: Ending, reader: Reader) -> dict[str, Any]:
    held = one.held_since is not None
    keeps = _keeps(reader)
    return {
        "code": one.code, "closed": one.closed_on, "until": one.kept_until, "held": one.held_since,
        "hold_url": reverse("register_hold", args=[one.file_id]) if keeps and not held else "",
        "end_url": reverse("register_hold_end", args=[one.file_id]) if keeps and held else "",
        "destroy_url": reverse("register_destroy", args=[one.file_id]) if keeps and not held else "",
    }  # fmt: skip


def _proposed(row: Destruction, code: str, pack: Pack) -> dict[str, Any]:
    return {
        "code": code, "reason": term(pack, "destruction_reason", row.reason), "by": row.proposed_by.name,
        "url": reverse("register_destruction", args=[row.id]),
    }  # fmt: skip


def _facts(row: Destruction, pack: Pack) -> list[dict[str, Any]]:
    rows = [
        (gettext("Case code"), code_of(row.file)),
        (gettext("Why"), term(pack, "destruction_reason", row.reason)),
        (gettext("Asked for by"), row.proposed_by.name),
        (gettext("Asked for on"), exact(row.proposed_at)),
        (gettext("Agreed to by"), row.agreed_by.name if row.agreed_by else ""),
        (gettext("Destroyed on"), exact(row.done_at) if row.done_at else ""),
        (gettext("The keys were"), row.keys),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]
