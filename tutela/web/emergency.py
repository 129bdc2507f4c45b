"""Opening one file in an emergency, ending it, and the review by somebody who was not part of it (R120)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela import commands
from tutela.audit.queries import rows_of_person
from tutela.cases.queries import codes_of, files_of
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import Words, say
from tutela.pages.dates import exact
from tutela.pages.spoken import spoken
from tutela.published.queries import titles_in_force
from tutela.supervision import emergencies
from tutela.vault.errors import NoKeys, Tampered
from tutela.web.acts import act_words
from tutela.web.frame import Reader, show, signed_in
from tutela.web.second_factor import fresh_second_factor, is_fresh
from tutela.web.sheets import Sheet, answer_sheet, show_again
from tutela.web.showing import child_lines, term

if TYPE_CHECKING:
    from tutela.access.models import EmergencyOpening
    from tutela.forms.definition import Answers

_WHO_OPENS = {"caseworker", "supervisor"}


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Open one file: asked for a fresh second factor before, and again where that is too long ago.

    What was typed is then shown again and never put aside: words about a child do not wait in a session.
    """
    if request.method == "POST" and not is_fresh(request):
        return _not_fresh(request)
    return _guarded(request)


@fresh_second_factor
@signed_in
def _guarded(request: HttpRequest, reader: Reader) -> HttpResponse:
    def save(answers: Answers, sheet_id: UUID) -> str:
        file_id = commands.open_in_emergency(
            sheet_id, code=str(answers["code"]), reason=str(answers["reason"]), words=str(answers["words"]),
            by=reader.user, at=reader.at,
        )  # fmt: skip
        return reverse("file", kwargs={"file_id": file_id})

    return answer_sheet(request, reader, _sheet(reader), save=save)


@signed_in
def _not_fresh(request: HttpRequest, reader: Reader) -> HttpResponse:
    words = say(
        "It is too long ago that you showed who you are. Do it again in another tab: open Find there and choose to open a "
        "file in an emergency. Then come back here and save."
    )
    return show_again(request, reader, _sheet(reader), Refused(Unmet("not_fresh", words, "R120")))


def _sheet(reader: Reader) -> Sheet:
    if not _WHO_OPENS & reader.roles:
        raise NotFound
    more = {"main": gettext("Open this file")}
    return Sheet(
        code="access.emergency", action=reverse("emergency"), back_url=reverse("find"), begin={}, more=more
    )


@signed_in
def end(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Close again what the reader opened in an emergency, before its time."""
    if request.method != "POST":
        raise NotFound
    commands.end_emergency(file_id, by=reader.user, at=reader.at)
    messages.success(request, gettext("The file is closed to you again."))
    return redirect("find")


def opened_now(reader: Reader) -> list[dict[str, Any]]:
    """The files that the reader opened in an emergency and may still read: see case lines, and until when."""
    opened = {one.file_id: one for one in emergencies.opened_files(reader.user, at=reader.at)}
    lines = child_lines(list(opened), reader=reader)
    return [line | {"until": opened[file_id].until} for file_id, line in lines.items()]


# --- The review ----------------------------------------------------------------------------------------------


def waiting_views(openings: Iterable[EmergencyOpening]) -> list[dict[str, Any]]:
    """Openings that wait for a review: by reference and code, who, when, and until when to answer."""
    waiting = list(openings)
    codes = codes_of({one.file_id for one in waiting})
    return [
        {
            "reference": one.reference, "code": codes.get(one.file_id, ""), "who": one.user.name, "since": one.since,
            "due": one.review_by, "url": reverse("emergency_review", args=[one.id]),
        }
        for one in waiting
    ]  # fmt: skip


@signed_in
def review(request: HttpRequest, reader: Reader, opening_id: UUID) -> HttpResponse:
    """What was done with an opening, and the answer to it."""
    opening = commands.look_at_emergency(opening_id, by=reader.user, at=reader.at)
    back = reverse("team" if "supervisor" in reader.roles else "data_protection")
    facts = _facts(opening, reader)
    may_answer = reader.user in emergencies.reviewers_of(opening, at=reader.at)
    if emergencies.is_settled(opening) or not may_answer:
        context = facts | {"back_url": back, "waits": not emergencies.is_settled(opening)}
        return show(request, reader, "pages/emergency.html", context)

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.review_emergency(
            opening_id, sheet_id, verdict=str(answers["verdict"]), words=str(answers["words"]), by=reader.user,
            at=reader.at,
        )  # fmt: skip
        messages.success(request, gettext("Your answer is kept."))
        return back

    more = {"first": render_to_string("pages/emergency_facts.html", facts)}
    sheet = Sheet(
        code="access.emergency_review", action=reverse("emergency_review", args=[opening_id]), back_url=back, begin={},
        more=more,
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


def _facts(opening: EmergencyOpening, reader: Reader) -> dict[str, Any]:
    """Who, when, why, what was done meanwhile, and what was said to it. The words are for whoever may read the file."""
    reads_file = files_of(reader.user, day=reader.day).filter(id=opening.file_id).exists()
    reason, words = _reason(opening, reader)
    ended = opening.ended_at or opening.until
    rows = [
        (gettext("Reference"), opening.reference),
        (gettext("Case"), codes_of([opening.file_id]).get(opening.file_id, "")),
        (gettext("Opened by"), opening.user.name), (gettext("Opened"), exact(opening.since)),
        (gettext("Open until"), exact(ended)), (gettext("To be answered by"), exact(opening.review_by)),
        (gettext("What was happening"), reason), *([(gettext("In their words"), words)] if reads_file else []),
    ]  # fmt: skip
    done = rows_of_person(opening.user_id, file_id=opening.file_id, since=opening.since, until=ended)
    titles, language = titles_in_force(agency_id=opening.agency_id, day=reader.day), get_language() or "en"
    return {
        "facts": [{"label": label, "value": value} for label, value in rows],
        "columns": [gettext("When"), gettext("What")],
        "done": [
            {
                "cells": [
                    exact(row.at),
                    spoken(act_words(row.act, allowed=row.allowed, titles=titles, language=language)),
                ]
            }
            for row in done
        ],
        "said": _said(opening, reader),
    }  # fmt: skip


def _reason(opening: EmergencyOpening, reader: Reader) -> tuple[str | Words, str]:
    try:
        told = emergencies.reason_of(opening)
    except (NoKeys, Tampered):  # its keys were destroyed since, or it was changed
        return say("It cannot be read any more."), ""
    return term(reader.pack, "emergency_reason", told["reason"]), told["words"]


def _said(opening: EmergencyOpening, reader: Reader) -> list[dict[str, Any]]:
    try:
        said = emergencies.reviews_of(opening)
    except (NoKeys, Tampered):
        return []
    return [
        {
            "label": term(reader.pack, "emergency_verdict", one.verdict), "value": words,
            "note": say("{who}, {when}", who=one.by.name, when=exact(one.at)),
        }
        for one, words in said
    ]  # fmt: skip
