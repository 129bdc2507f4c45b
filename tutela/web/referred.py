"""Referred to us: what a colleague elsewhere asks of somebody here, read exactly as it was told, and answered (§20)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.deciding import roles_that_may
from tutela.cases.queries import entry_of
from tutela.commands import Received, Submission
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import Words, say
from tutela.published.queries import pack_in_force
from tutela.referral.receiving import received_packet, said_by
from tutela.web.frame import Reader, is_beside, show, signed_in
from tutela.web.sheets import Sheet, answer_sheet, sheet_id_of
from tutela.web.showing import answer_parts, term

if TYPE_CHECKING:
    from tutela.forms.definition import Answers

_RECEIVES = set(roles_that_may("answer_referral"))
_ANSWER, _OUTCOME = "referral.service_answer", "referral.service_outcome"


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The referrals that the reader receives, and until when. No child is named or described here."""
    if not _RECEIVES & reader.roles:
        raise NotFound
    received = commands.received_by(reader.user, day=reader.day)
    files = {one.file.id for one in received}
    commands.read_list("referred.read", by=reader.user, at=reader.at, files=files)
    section = {
        "heading": gettext("Open to you"),
        "items": [_line(one, reader) for one in received],
        "empty": gettext("Nothing is referred to you just now."),
    }
    context = {
        "page_title": gettext("Referred to us"), "sections": [section],
        "lede": gettext("Other organisations ask for your help. You read what they chose to tell you, and answer."),
    }  # fmt: skip
    return show(request, reader, "pages/lists.html", context)


@signed_in
def packet(request: HttpRequest, reader: Reader, referral_id: UUID) -> HttpResponse:
    """Exactly what was told, what the reader answered, and the way to answer."""
    received = commands.read_received(referral_id, verb="packet.received", by=reader.user, at=reader.at)
    told, held_back = ({}, False) if is_beside(request) else received_packet(received.course)
    pack = pack_in_force(received.file.agency_id, reader.day)
    order, labels = ["need", *pack.vocabulary("packet_field").codes], {"need": gettext("What they ask for")}
    context = {
        "course": {"provider": received.course.provider, "asked_on": received.course.asked_on},
        "agency": received.file.agency.name, "by": received.course.referral.entry.done_by.name,
        "until": received.grant.until, "held_back": held_back, "said": _said(received, reader),
        "rows": [
            {"label": labels.get(field) or term(pack, "packet_field", field), "value": told[field]}
            for field in sorted(told, key=order.index)
        ],
        "write": _main(received, reader), "links": _links(received, reader), "back_url": reverse("referred"),
    }  # fmt: skip
    return show(request, reader, "pages/referred.html", context)


@signed_in
def answer(request: HttpRequest, reader: Reader, referral_id: UUID) -> HttpResponse:
    """Accept, or say why not."""
    return _sheet(request, reader, referral_id, _ANSWER, "referred_answer", say("Answer the referral"))


@signed_in
def outcome(request: HttpRequest, reader: Reader, referral_id: UUID) -> HttpResponse:
    """Whether it began, what was done, and how it was."""
    return _sheet(request, reader, referral_id, _OUTCOME, "referred_outcome", say("Say how it goes"))


def _sheet(
    request: HttpRequest, reader: Reader, referral_id: UUID, form: str, place: str, heading: Words
) -> HttpResponse:
    if request.method == "POST" and commands.was_sent(sheet_id_of(request), by=reader.user):
        return redirect("referred")  # the first time ended the right to write it
    received = commands.read_received(referral_id, verb="packet.answered", by=reader.user, at=reader.at)

    def save(answers: Answers, sheet_id: UUID) -> str:
        written = {**answers, "which": received.course.words}
        commands.submit(
            Submission(form, received.file.id, written, sheet_id, version=request.POST.get("version") or None),
            by=reader.user, at=reader.at,
        )  # fmt: skip
        messages.success(request, gettext("Sent. Whoever asked you reads it on their side."))
        still = any(one.course.id == referral_id for one in commands.received_by(reader.user, day=reader.day))
        return reverse("referred_packet", args=[referral_id]) if still else reverse("referred")

    sheet = Sheet(
        code=form, action=reverse(place, args=[referral_id]), back_url=reverse("referred_packet", args=[referral_id]),
        begin={}, more={"main": gettext("Send the answer"), "heading": heading},
        agency_id=received.file.agency_id, left_out={"which"},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


def _line(one: Received, reader: Reader) -> dict[str, Any]:
    return {
        "title": say("Asked by {who}", who=one.file.agency.name), "why": one.course.provider,
        "url": reverse("referred_packet", args=[one.course.id]),
        "lines": [say("Asked on {day}", day=one.course.asked_on), _state(one, reader)],
        "due": {"what": say("You can read it until:"), "when": one.grant.until},
    }  # fmt: skip


def _state(one: Received, reader: Reader) -> Any:
    return say("You have answered") if said_by(reader.user, one.course) else say("It waits for your answer")


def _said(received: Received, reader: Reader) -> list[dict[str, Any]]:
    """What the reader answered, the newest first; of what others wrote on the file, nothing."""
    said = []
    for entry_id in reversed(said_by(reader.user, received.course)):
        entry = entry_of(entry_id, file_id=received.file.id, classes=frozenset({"case"}))
        parts = [part for part in answer_parts(entry) if part["name"] != "which"]
        said.append({"on": entry.happened_on, "parts": parts})
    return said


def _main(received: Received, reader: Reader) -> dict[str, str]:
    answered = said_by(reader.user, received.course) or not received.course.is_under_way
    words = gettext("Say how it goes") if answered else gettext("Accept or say no")
    place = "referred_outcome" if answered else "referred_answer"
    return {"words": words, "url": reverse(place, args=[received.course.id])}


def _links(received: Received, reader: Reader) -> list[dict[str, str]]:
    """The other thing that can be written just now."""
    if not received.course.is_under_way:
        return []
    answered = said_by(reader.user, received.course)
    words = gettext("Answer anew") if answered else gettext("It has begun already")
    place = "referred_answer" if answered else "referred_outcome"
    return [{"words": words, "url": reverse(place, args=[received.course.id])}]
