"""Whose file it is: one caseworker's files for the supervisor, cover, and the hand-over for whoever is asked to take over."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.actions import end_cover, put_in_cover
from tutela.access.queries import agency_of, covers_on, files_by_worker, members_of, supervised_teams
from tutela.cases.queries import entry_of, names_of
from tutela.closure.queries import closed_among, transfer_of, transfers_waiting
from tutela.consent.queries import holds, standing_of
from tutela.consent.rules import CHILD
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force
from tutela.supervision.queries import supervised_files
from tutela.web.frame import Reader, id_from, show, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import answer_parts, child_lines, due_words, form_url, term

if TYPE_CHECKING:
    from tutela.consent.models import Consent
    from tutela.forms.definition import Answers

_NOT_FOR_THE_RECEIVER = {"best_interest", "to"}


@signed_in
def caseload(request: HttpRequest, reader: Reader, user_id: UUID) -> HttpResponse:
    """Every open file of one caseworker, each with its own consent and its own decision: there is no "all at once" (R57)."""
    files = _files_of(user_id, reader)
    commands.read_list("caseload.read", by=reader.user, at=reader.at, files=files)
    lines, due = child_lines(files, reader=reader), open_deadlines(files)
    cover_url = reverse("team_cover", args=[user_id]) if _in_own_team(user_id, reader) else ""
    consents, covers, pack = standing_of(files), covers_on(files, day=reader.day), _pack(reader)
    asked = {one.file_id: one for one in transfers_waiting(files)}
    for one in reversed(due):
        task = of_deadline(one)
        lines[one.file_id] |= {"next": task.title, "due": due_words(task.due_at, task.overdue_after, reader)}
    for file_id, line in lines.items():
        line |= {
            "consent": _consent_lines(consents[file_id], pack, reader),
            "asked": _asked_words(asked[file_id], reader) if file_id in asked else "",
            "covered": covers[file_id].stand_in.name if file_id in covers else "",
            "hand_over_url": form_url("closure.transfer", file_id),
            "allocate_url": form_url("closure.allocation", file_id),
            "cover_url": f"{cover_url}?file={file_id}" if cover_url else "",
        }
    context = {
        "heading": names_of([user_id])[user_id], "files": list(lines.values()),
        "cover_url": cover_url, "back_url": reverse("team"),
    }  # fmt: skip
    return show(request, reader, "pages/team_caseload.html", context)


@signed_in
def cover(request: HttpRequest, reader: Reader, user_id: UUID) -> HttpResponse:
    """Put in a stand-in for a colleague, for all files of the team or, with `file`, for one (R104)."""
    files, file_id = _files_of(user_id, reader), _uuid(request.GET.get("file"))
    if (file_id and file_id not in files) or not _in_own_team(user_id, reader):
        raise NotFound
    who, about = (
        names_of([user_id])[user_id],
        child_lines([file_id], reader=reader)[file_id] if file_id else None,
    )

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            put_in_cover, sheet_id, covered_for=user_id, stand_in=str(answers["stand_in"]), file_id=file_id,
            since=_day(answers["since"]), until=_day(answers["until"]),
            confidential=answers.get("confidential") == "yes", by=reader.user, day=reader.day,
        )  # fmt: skip
        commands.act(
            "cover.put_in", run, by=reader.user, at=reader.at, action="cover", cover=str(sheet_id),
            reason=str(answers.get("reason", "")),
        )  # fmt: skip
        messages.success(request, gettext("Somebody stands in. See that each child is told who comes."))
        return reverse("team")

    here = reverse("team_cover", args=[user_id])
    sheet = Sheet(
        code="access.cover", action=f"{here}?file={file_id}" if file_id else here, back_url=reverse("team"),
        begin={"since": reader.day.isoformat()},
        more={"heading": say("A stand-in for {who}", who=who), "about": about},
    )  # fmt: skip
    commands.read_list("cover.opened", by=reader.user, at=reader.at, files=reader.shown)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def cover_end(request: HttpRequest, reader: Reader, cover_id: UUID) -> HttpResponse:
    """End a cover before its last day."""
    if request.method != "POST":
        raise NotFound
    run = partial(end_cover, cover_id, by=reader.user, day=reader.day)
    commands.act("cover.ended", run, by=reader.user, at=reader.at, action="cover", cover=str(cover_id))
    return redirect("team")


@signed_in
def hand_over(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The one page that whoever is asked to take over a file may read, and nothing else of it until they accept (R56)."""
    file = commands.read("hand_over.read", file_id, by=reader.user, at=reader.at, action="receive")
    asked = transfer_of(file.id)
    if asked is None:
        raise NotFound
    entry = entry_of(asked.entry_id, file_id=file.id, classes=frozenset({"case", "identity"}))
    context = {
        "child": child_lines([file.id], reader=reader)[file.id], "by": asked.entry.done_by.name,
        "answer_by": asked.answer_by,
        "parts": [one for one in answer_parts(entry) if one["name"] not in _NOT_FOR_THE_RECEIVER],
        "answer_url": form_url("closure.transfer_answer", file.id), "back_url": reverse("today"),
    }  # fmt: skip
    return show(request, reader, "pages/hand_over.html", context)


def _in_own_team(user_id: UUID, reader: Reader) -> bool:
    """Whether somebody works in a team of the reader’s; whoever is named for one file only puts in no stand-in."""
    return user_id in {one.user_id for one in members_of(supervised_teams(reader.user, reader.day))}


def _files_of(user_id: UUID, reader: Reader) -> list[UUID]:
    """The open files of somebody that the reader supervises. Raises NotFound where the reader supervises nobody."""
    if "supervisor" not in reader.roles:
        raise NotFound
    own = set(supervised_files(reader.user, day=reader.day))
    files = [one for one in files_by_worker([user_id])[user_id] if one in own]
    teams = supervised_teams(reader.user, reader.day)
    members = {one.user_id for one in members_of(teams)}
    if not files and user_id not in members:
        raise NotFound
    shut = closed_among(files)
    return [one for one in files if one not in shut]


def _consent_lines(said: dict[str, Consent], pack: Pack, reader: Reader) -> list[dict[str, Any]]:
    """What each person agreed to and refused, as it holds today."""
    return [
        {
            "label": gettext("The child") if person == CHILD else gettext("A caregiver or other person"),
            "value": _consent_words(one, pack, reader),
        }
        for person, one in sorted(said.items(), key=lambda pair: pair[0] != CHILD)
    ]


def _consent_words(one: Consent, pack: Pack, reader: Reader) -> str:
    agreed, refused = (
        ", ".join(term(pack, "consent_purpose", code) for code in one.contents.get(name, []))
        for name in ("agreed", "refused")
    )
    words = [
        gettext("Agrees: {what}").format(what=agreed) if agreed else "",
        gettext("Says no: {what}").format(what=refused) if refused else "",
        "" if holds(one, day=reader.day) else gettext("It has run out. Ask again."),
    ]
    return "\n".join(filter(None, words))


def _asked_words(asked: Any, reader: Reader) -> Any:
    if asked.answer_by < reader.day:
        return say("{who} was asked and did not answer.", who=asked.to.name)
    return say("{who} is asked to take over, until {day}.", who=asked.to.name, day=asked.answer_by)


def _pack(reader: Reader) -> Pack:
    """The pack of the agency for which the supervisor works. Raises NotFound for who works nowhere."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    return pack_in_force(agency.id, reader.day)


def _day(answer: Any) -> date:
    return date.fromisoformat(str(answer))


def _uuid(value: str | None) -> UUID | None:
    return id_from(value) if value else None
