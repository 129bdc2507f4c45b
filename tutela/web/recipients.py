"""A colleague of the service receives a referral here: who asks chooses them, sees until when, and ends it (R42, §20)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.receiving import recipients_on
from tutela.access.rules import last_day
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.pages.spoken import spoken
from tutela.referral.queries import referral_of
from tutela.web.file_frame import pack_of
from tutela.web.frame import Reader, signed_in
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, person_options

if TYPE_CHECKING:
    from tutela.access.models import Grant
    from tutela.cases.models import CaseFile
    from tutela.forms.definition import Answers
    from tutela.referral.queries import Course


@signed_in
def name(request: HttpRequest, reader: Reader, file_id: UUID, referral_id: UUID) -> HttpResponse:
    """Choose who reads this referral at the service, and until when."""
    file = commands.read("packet.opened", file_id, by=reader.user, at=reader.at, action="write")
    course = referral_of(referral_id, file_id=file.id)
    people = commands.may_receive(course, day=reader.day)
    if not people and request.method != "POST":
        raise NotFound

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.send_referral(
            sheet_id, file.id, referral_id, to=str(answers["to"]), until=date.fromisoformat(str(answers["until"])),
            by=reader.user, at=reader.at,
        )  # fmt: skip
        messages.success(request, gettext("They can read this referral now, and answer here."))
        return reverse("file_services", args=[file.id])

    latest = last_day("referral", reader.day, pack=pack_of(reader, file))
    sheet = Sheet(
        code="referral.recipient", action=reverse("file_recipient", args=[file.id, referral_id]),
        back_url=reverse("file_services", args=[file.id]), begin={"until": latest.isoformat()},
        more={"about": child_lines([file.id], reader=reader)[file.id]}, offered={"to": person_options(people)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def end(request: HttpRequest, reader: Reader, file_id: UUID, referral_id: UUID) -> HttpResponse:
    """Nobody at the service reads this referral any more."""
    if request.method != "POST":
        raise NotFound
    commands.end_referral(file_id, referral_id, by=reader.user, at=reader.at)
    messages.success(request, gettext("They cannot read this referral any more."))
    return redirect("file_services", file_id=file_id)


def shown(course: Course, received: dict[UUID, Grant], reader: Reader, *, writes: bool) -> dict[str, Any]:
    """Who receives a referral, for the page of services: in words, with the way to end it or to choose somebody."""
    grant, place = received.get(course.id), [course.referral.file_id, course.id]
    if grant is not None:
        words = say("{who} reads this here until {day}", who=grant.user.name, day=grant.until)
        return {"received": words, "end_url": reverse("file_recipient_end", args=place) if writes else ""}
    if writes and course.is_under_way and commands.may_receive(course, day=reader.day):
        return {"send_url": reverse("file_recipient", args=place)}
    return {}


def section(file: CaseFile, may: set[str], reader: Reader) -> dict[str, Any] | None:
    """For the Access tab: who outside reads what a referral told, and nothing else."""
    received = recipients_on(file.id, reader.day)
    if not received:
        return None
    items = [
        {
            "title": one.user.name,
            "lines": [
                one.agency.name if one.agency else "",
                spoken(say("Until {day}, opened by {by}", day=one.until, by=one.by.name)),
            ],
        } | (
            {"post": {"words": gettext("End now"), "url": reverse("file_recipient_end", args=[file.id, referral_id])}}
            if "write" in may else {}
        )
        for referral_id, one in received.items()
    ]  # fmt: skip
    return {
        "heading": gettext("Who reads a referral at a service"), "items": items,
        "lede": gettext("They read exactly what that referral told, and nothing else of this file."),
    }  # fmt: skip
