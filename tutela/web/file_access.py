"""Access: to whom this file is open today and why, and who else is let in for a time (R64, R86, R121)."""

from __future__ import annotations

from collections.abc import Callable
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
from tutela.access.closing import ask_to_close, closings_on
from tutela.access.granting import (
    BEST_INTERESTS,
    CONFIDENTIAL,
    could_be_named,
    could_review,
    end_grant,
    name_for_confidential,
    name_reviewer,
    named_for,
    opened_by,
    why_granted,
)
from tutela.access.near import ends_on, people_of
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import Words, say
from tutela.published.queries import pack_in_force
from tutela.web import recipients, typed
from tutela.web.file_frame import read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, person_options

if TYPE_CHECKING:
    from tutela.access.models import Grant, User
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers

Section = dict[str, Any]  # heading, items, and optional lede, empty, links: see pages/standing.html

# How somebody stands to a file, the strongest first. The last two are no ordinary access: see `_shown_to`.
_WHY: tuple[tuple[str, Words], ...] = (
    ("responsible", say("Responsible caseworker")),
    ("cover", say("Stands in for the caseworker")),
    ("approves", say("Agrees to decisions")),
    ("emergency", say("Opened it in an emergency, for some hours")),
    ("best_interests", say("Reviews what is best for this child")),
    ("on_reason", say("Manager, for a reason")),
    ("safeguarding", say("Safeguarding focal point, for a report")),
)
_ORDINARY = frozenset({"responsible", "cover", "approves", "emergency", "best_interests"})

# Whose grants somebody may end, by what they may do.
_ENDED_BY = {"name_confidential": CONFIDENTIAL, "name_reviewer": BEST_INTERESTS}


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Who can read this file today, and why; each section comes from a function of its own."""
    file, may = read_file(reader, file_id, "access.read")
    sections = [section for make in _SECTIONS if (section := make(file, may, reader))]
    looked = reverse("file_access_log", args=[file.id]) if may & {"write", "agree"} else ""
    return show_file(request, reader, file, may, "file_access", {"sections": sections, "looked_url": looked})


@signed_in
def confidential(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Open the confidential section, for a time, to somebody who reads the file already."""
    file = commands.read("access.opened", file_id, by=reader.user, at=reader.at, action="name_confidential")

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = _naming(name_for_confidential, file, answers, sheet_id, reader)
        _act("confidential.opened_to", run, reader, "name_confidential", file.id, grant=str(sheet_id))
        messages.success(request, gettext("The confidential section is open to them until that day."))
        return _tab(file.id)

    people = could_be_named(file.id, by=reader.user, day=reader.day)
    sheet = _sheet("access.confidential", "file_confidential", file, people, reader)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def reviewer(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Open the file, for a time, to somebody who reviews what is best for this child (R64)."""
    file = commands.read("access.opened", file_id, by=reader.user, at=reader.at, action="name_reviewer")

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = _naming(name_reviewer, file, answers, sheet_id, reader)
        detail = {"grant": str(sheet_id), "undertaking": answers["undertaking"]}
        _act("file.opened_for_review", run, reader, "name_reviewer", file.id, **detail)
        messages.success(request, gettext("The file is open to them until that day."))
        return _tab(file.id)

    people = could_review(file.id, by=reader.user, day=reader.day)
    sheet = _sheet("access.reviewer", "file_reviewer", file, people, reader)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def ask_closing(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Ask that this file be closed to somebody (R121)."""
    file = commands.read("access.opened", file_id, by=reader.user, at=reader.at, action="ask_to_close")

    def save(answers: Answers, sheet_id: UUID) -> str:
        run = partial(
            ask_to_close, sheet_id, file.id, to=str(answers["to"]), why=str(answers["why"]), by=reader.user, day=reader.day
        )  # fmt: skip
        _act("safeguarding.closing_asked", run, reader, "ask_to_close", file.id, closing=str(sheet_id))
        messages.success(request, gettext("Asked. A focal point or a manager decides."))
        return _tab(file.id)

    everybody = dict.fromkeys(one.user for one in people_of(file.agency_id, reader.day))
    people = [one for one in everybody if one != reader.user]
    sheet = _sheet("access.closing_asked", "file_closing", file, people, reader)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def grant_end(request: HttpRequest, reader: Reader, file_id: UUID, grant_id: UUID) -> HttpResponse:
    """End what was opened to somebody before its last day."""
    if request.method != "POST":
        raise NotFound
    file, may = read_file(reader, file_id, "access.opened")
    of_others = {purpose for action, purpose in _ENDED_BY.items() if action in may}
    run = partial(end_grant, grant_id, file.id, by=reader.user, day=reader.day, of_others=of_others)
    ended = _act("grant.ended", run, reader, "read", file.id, grant=str(grant_id))
    return redirect("today" if ended.user == reader.user else _tab(file.id))


# --- What stands on the page ---------------------------------------------------------------------------------


def _readers(file: CaseFile, may: set[str], reader: Reader) -> Section:
    """To whom the file is open today; of what is no ordinary access, only what the reader may know (R121)."""
    seen = _shown_to(may, reader)
    items = []
    for one in commands.readers_of(file, day=reader.day, at=reader.at):
        why = [(relation, words) for relation, words in _WHY if relation in one.relations & seen]
        if not why:
            continue
        until = ends_on(one.user, file.id, reader.day)
        lines = [
            say("{why}, until {day}", why=words, day=until[relation]) if relation in until else words
            for relation, words in why
        ]
        if one.confidential:
            lines.append(say("Reads the confidential section too"))
        items.append({"title": one.user.name, "lines": lines})
    return {
        "heading": gettext("Who can read this file today"), "items": items,
        "lede": gettext(
            "To other colleagues it is not there. Managers and safeguarding focal points can open it for a stated reason."
        ),
    }  # fmt: skip


def _shown_to(may: set[str], reader: Reader) -> frozenset[str]:
    """Caseworkers see ordinary access only; a report is seen by focal points and by nobody else (R121)."""
    seen = set(_ORDINARY)
    if "agree" in may or "manager" in reader.roles:
        seen.add("on_reason")
    if "safeguarding_focal_point" in reader.roles:
        seen |= {"on_reason", "safeguarding"}
    return frozenset(seen)


def _confidential(file: CaseFile, may: set[str], reader: Reader) -> Section | None:
    """To whom the confidential section was opened by name, for those who may open it."""
    if "name_confidential" not in may:
        return None
    seen = {
        one.user
        for one in commands.readers_of(file, day=reader.day)
        if one.relations & _shown_to(may, reader)
    }
    named = named_for(CONFIDENTIAL, file.id, reader.day)
    return {
        "heading": gettext("The confidential section"),
        "lede": gettext("The responsible caseworker reads it. Others do by name, and until a day."),
        "items": [_named(one) for one in named if one.user in seen or one.by == reader.user],
        "links": [_link(gettext("Open it to somebody"), "file_confidential", file.id)],
        "empty": gettext("Nobody is named here."),
    }


def _reviewers(file: CaseFile, may: set[str], reader: Reader) -> Section | None:
    """Who reviews what is best for this child, for those who may open the file to them; nothing where nobody could."""
    if "name_reviewer" not in may:
        return None
    named = named_for(BEST_INTERESTS, file.id, reader.day)
    people = could_review(file.id, by=reader.user, day=reader.day)
    if not named and not people:
        return None
    return {
        "heading": gettext("Review of best interests"),
        "lede": gettext("A reviewer reads this file, but for the confidential section, and until a day."),
        "items": [_named(one) for one in named],
        "links": [_link(gettext("Open it to a reviewer"), "file_reviewer", file.id)] if people else [],
        "empty": gettext("No reviewer is named here."),
    }


def _named(one: Grant) -> dict[str, Any]:
    return {
        "title": one.user.name,
        "lines": [say("Until {day}, opened by {by}", day=one.until, by=one.by.name)],
        "post": {"words": gettext("End now"), "url": reverse("file_grant_end", args=[one.file_id, one.id])},
    }


def _own_grant(file: CaseFile, may: set[str], reader: Reader) -> Section | None:
    """What is open to the reader for a reason, with the way to end it."""
    own = [one for one in opened_by(reader.user, reader.day) if one.file_id == file.id]
    if not own:
        return None
    items = [
        {
            "title": gettext("Open to you"), "lines": [say("Until {day}", day=one.until)], "why": why_granted(one),
            "post": {"words": gettext("I am done: close it"), "url": reverse("file_grant_end", args=[file.id, one.id])},
        }
        for one in own
    ]  # fmt: skip
    return {"heading": gettext("For a time"), "items": items}


def _closing(file: CaseFile, may: set[str], reader: Reader) -> Section | None:
    """What the caseworker asked for, and the way to ask."""
    if "ask_to_close" not in may:
        return None
    own = [one for one in closings_on(file.id) if one.asked_by_id == reader.user.id]
    return {
        "heading": gettext("Close it to somebody"),
        "lede": gettext("A relative on the file, or somebody the child fears, must not read it. They are not told."),
        "items": [
            {
                "title": one.user.name,
                "lines": [say("Closed since {day}", day=one.since) if one.since else say("Asked, not decided yet")],
            }
            for one in own
        ],
        "links": [_link(gettext("Ask for it"), "file_closing", file.id)],
    }  # fmt: skip


# What the page shows, from top to bottom. Each takes the file, what the reader may do on it, and the reader.
_SECTIONS: tuple[Callable[[CaseFile, set[str], Reader], Section | None], ...] = (
    _readers, recipients.section, typed.section, _own_grant, _confidential, _reviewers, _closing,
)  # fmt: skip


def _sheet(code: str, place: str, file: CaseFile, people: list[User], reader: Reader) -> Sheet:
    return Sheet(
        code=code, action=reverse(place, args=[file.id]), back_url=_tab(file.id),
        begin={"until": reader.day.isoformat()} if place in ("file_confidential", "file_reviewer") else {},
        more={"about": child_lines([file.id], reader=reader)[file.id]}, offered={"to": person_options(people)},
    )  # fmt: skip


def _naming(
    name: Callable[..., None], file: CaseFile, answers: Answers, sheet_id: UUID, reader: Reader
) -> Callable[[], None]:
    """Letting in whoever was chosen on the sheet, until the day that was chosen."""
    return partial(
        name, sheet_id, file.id, to=str(answers["to"]), why=str(answers["why"]),
        until=date.fromisoformat(str(answers["until"])), by=reader.user, day=reader.day,
        pack=pack_in_force(file.agency_id, reader.day),
    )  # fmt: skip


def _act(verb: str, run: Callable[[], Any], reader: Reader, action: Any, file_id: UUID, **detail: Any) -> Any:
    return commands.act(verb, run, by=reader.user, at=reader.at, action=action, file_id=file_id, **detail)


def _tab(file_id: UUID) -> str:
    return reverse("file_access", args=[file_id])


def _link(words: str, place: str, file_id: UUID) -> dict[str, str]:
    return {"words": words, "url": reverse(place, args=[file_id])}
