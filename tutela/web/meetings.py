"""The management meeting of a team: codes, what is due and what blocks; no family, and no name (R50)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.assessment.queries import risk_levels
from tutela.cases.queries import code_of, files_by_id
from tutela.closure.queries import closed_among, reopened_at
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.follow_up.actions import note_meeting
from tutela.follow_up.queries import meeting_notes, unreached
from tutela.foundation.refusals import NotFound
from tutela.pages.spoken import spoken
from tutela.supervision.queries import supervised_files
from tutela.vault import keyring
from tutela.web.frame import Reader, show, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import due_words, term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutela.forms.definition import Answers


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The team’s cases by their codes: risk, the next thing due, what is in the way; and the notes of earlier meetings."""
    files = _supervised(reader)
    commands.read_list("meeting.read", by=reader.user, at=reader.at, files=files)
    held = meeting_notes(reader.user)
    context = {
        "rows": by_code(files, reader), "write_url": reverse("team_meeting_notes"),
        "notes": [{"when": when, "text": text} for when, text in held],
    }  # fmt: skip
    return show(request, reader, "pages/meeting.html", context)


@signed_in
def notes(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Keep what was agreed; a sheet that names a child comes back with a sentence."""
    files, back = _supervised(reader), reverse("team_meeting")

    def save(answers: Answers, sheet_id: UUID) -> str:
        keyring.mint_user_key(reader.user.id)  # the keyring commits first (design §5)
        run = partial(
            note_meeting, sheet_id, str(answers["notes"]), on=reader.day, files=files, by=reader.user
        )
        commands.act("meeting.noted", run, by=reader.user, at=reader.at, action="find", files=len(files))
        messages.success(request, gettext("The notes are kept. Only you can read them."))
        return back

    sheet = Sheet(
        code="follow_up.meeting_notes", action=reverse("team_meeting_notes"), back_url=back, begin={}, more={}
    )
    return answer_sheet(request, reader, sheet, save=save)


def _supervised(reader: Reader) -> list[UUID]:
    if "supervisor" not in reader.roles:
        raise NotFound
    return supervised_files(reader.user, day=reader.day)


def by_code(files: Sequence[UUID], reader: Reader) -> list[dict[str, Any]]:
    """One a registered case. Nothing but its code says whose it is: no age, no label, no address that leads to the file."""
    cases, risks, closed = files_by_id(files), risk_levels(files), closed_among(files)
    due: dict[UUID, list[OpenDeadline]] = {}
    for one in open_deadlines(files):
        due.setdefault(one.file_id, []).append(one)
    missed = {one.asking.file_id for one in unreached(files, since=reopened_at(files))}
    return [
        {
            "code": code, "risk": risks.get(file_id, ""), "due": _due(due.get(file_id, []), reader),
            "blocks": _blocks(due.get(file_id, []), file_id in missed, reader),
        }
        for file_id in files
        if (code := code_of(cases[file_id])) and file_id not in closed
    ]  # fmt: skip


def _due(found: Sequence[OpenDeadline], reader: Reader) -> dict[str, Any] | None:
    """The first thing that is due."""
    if not found:
        return None
    first = of_deadline(found[0])
    return {"what": first.title, "when": due_words(first.due_at, first.overdue_after, reader)}


def _blocks(found: Sequence[OpenDeadline], missed: bool, reader: Reader) -> list[str]:
    """Why things wait: reasons, never whose they are."""
    reasons = [
        f"{spoken(of_deadline(one).title)}: {term(reader.pack, 'set_aside_reason', one.set_aside)}"
        for one in found
        if one.set_aside
    ]
    return reasons + ([gettext("Not reached at the last attempt")] if missed else [])
