"""The services on a file: what was asked of whom, where it stands, what was told and on which basis, and asking."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from tutela.access.queries import agency_of
from tutela.access.receiving import recipients_on
from tutela.cases.queries import current_person, people_around
from tutela.closure.queries import is_closed
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.foundation.refusals import Forbidden, NotFound, Unmet
from tutela.foundation.words import say
from tutela.pages.dates import exact
from tutela.protocols.packs import Pack
from tutela.referral.queries import (
    Course,
    no_longer_agreed,
    packet_of,
    referral_of,
    referrals,
    waiting_for_word_on,
)
from tutela.web import recipients
from tutela.web.directory import services_found
from tutela.web.exports import left_with
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, is_beside, signed_in
from tutela.web.printing import foot_of
from tutela.web.showing import due_words, form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person
    from tutela.service_directory.queries import KnownService

_STEPS = frozenset({"referral_answer", "referral_service"})


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What was asked of whom, and where it stands; the newest first."""
    file, may = read_file(reader, file_id, "services.read")
    pack, courses = pack_of(reader, file), referrals(file.id)
    ended = no_longer_agreed(file.id, courses, day=reader.day)
    people = {one.person_id: one for one in people_around(file.id)}
    relations = {person: one.contents.get("relationship", "") for person, one in people.items()}
    writes, closed, received = "write" in may, is_closed(file.id), recipients_on(file.id, reader.day)
    due = {one.entry_id: one for one in open_deadlines([file.id]) if one.step in _STEPS}
    find = {"words": gettext("Ask a service"), "url": reverse("file_find_service", args=[file.id])}
    context = {
        "main": find if writes and not closed else None,
        "courses": [
            _course(one, pack, reader, ended, relations, writes) | _due(one, due, reader)
            | recipients.shown(one, received, reader, writes=writes and not closed)
            for one in reversed(courses)
        ],
        "starts": _starts(file, closed) if writes else [],
        "left": left_with(file.id, reader),
        "word": form_url("referral.word", file.id) if "agree" in may and waiting_for_word_on([file.id]) else "",
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_services", context)


@signed_in
def find(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Choose a service for the child, or for an adult on the file, who agrees for herself (R42)."""
    file, may = read_file(reader, file_id, "services.looked_for")
    if "write" not in may:
        raise Forbidden(
            Unmet("not_yours", say("The responsible caseworker asks services. Tell them what you know."))
        )
    agency = agency_of(reader.user, reader.day)
    if agency is None or agency.id != file.agency_id:
        raise NotFound
    about, pack = _about(request, file), pack_of(reader, file)

    def ask(one: KnownService) -> str:
        query = {"service": str(one.id)} | ({"about": str(about)} if about else {})
        return f"{form_url('referral.referral', file.id)}?{urlencode(query)}"

    context = services_found(request, reader, ask=ask) | {
        "whom": _whom(file, about, pack), "here": request.get_full_path(),
        "outside": form_url("referral.referral", file.id, about=about), "gap": form_url("referral.gap", file.id),
        "back": {"words": gettext("Back to the services of this file"), "url": reverse("file_services", args=[file.id])},
    }  # fmt: skip
    return show_file(
        request, reader, file, may, "file_services", context, template="pages/file_find_service.html"
    )


@signed_in
def packet(request: HttpRequest, reader: Reader, file_id: UUID, entry_id: UUID) -> HttpResponse:
    """Exactly what the service was told, to read and to print. Where consent no longer stands it is not shown again."""
    foot = foot_of(reader)
    file, may = read_file(reader, file_id, "packet.printed", entry=str(entry_id), reference=foot.reference)
    course, pack = referral_of(entry_id, file_id=file.id), pack_of(reader, file)
    ended = course.id in no_longer_agreed(file.id, [course], day=reader.day)
    covered = is_beside(request) or ended
    told = {} if covered else packet_of(course)
    order = ["need", "told", *pack.vocabulary("packet_field").codes]
    labels = {"need": gettext("What we ask for"), "told": gettext("What was said")}
    context = {
        "course": {"provider": course.provider, "asked_on": course.asked_on, "done": course.told["done"]},
        "rows": [
            {"label": labels.get(field) or term(pack, "packet_field", field), "value": told[field]}
            for field in sorted(told, key=order.index)
        ],
        "ended": ended, "foot": foot, "agency": file.agency.name, "by": course.referral.entry.done_by.name,
        "back": {"words": gettext("Back to the services of this file"), "url": reverse("file_services", args=[file.id])},
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_services", context, template="pages/file_packet.html")


def _course(
    course: Course, pack: Pack, reader: Reader, ended: set[UUID], relations: dict[UUID, str], writes: bool
) -> dict[str, Any]:
    told, about = course.told, course.referral.entry.about
    expired = course.has_expired(pack=pack, day=reader.day)
    relation = term(pack, "person_relationship", relations.get(about, "")) if about else ""
    return {
        "provider": course.provider, "asked_on": course.asked_on, "need": told["need"], "stage": course.stage,
        "state": gettext("Expired: nobody answered") if expired else _stage_words(course),
        "whom": relation or gettext("The child"), "ended": course.id in ended, "open": course.is_under_way,
        "rows": _rows(course, pack), "packet_url": reverse("file_packet", args=[course.referral.file_id, course.id]),
        "links": _links(course) if writes else [],
    }  # fmt: skip


def _due(course: Course, due: dict[UUID, OpenDeadline], reader: Reader) -> dict[str, Any]:
    """What the caseworker asks or confirms next, and until when."""
    waits = due.get(course.answer.entry_id if course.answer else course.id) or due.get(course.id)
    if waits is None:
        return {}
    task = of_deadline(waits)
    return {
        "next": task.title,
        "due": due_words(task.due_at, task.overdue_after, reader),
        "citation": task.citation,
    }


def _stage_words(course: Course) -> str:
    words = {
        "sent": gettext("Asked, no answer yet"), "accepted": gettext("They accepted"), "declined": gettext("They said no"),
        "started": gettext("It has begun"), "completed": gettext("Completed"), "not_received": gettext("It did not come about"),
        "cancelled": gettext("Cancelled"),
    }[course.stage]  # fmt: skip
    if course.stage == "completed":
        return gettext("Completed and closed") if course.is_settled else gettext("Completed; ask how it was")
    return words


def _rows(course: Course, pack: Pack) -> list[dict[str, str]]:
    told, answer = course.told, course.answer.contents if course.answer else {}
    barriers = [code for one in course.outcomes for code in one.contents.get("barriers", [])]
    satisfied = next(
        (one.contents["satisfied"] for one in reversed(course.outcomes) if one.contents.get("satisfied")), ""
    )
    not_checked = [
        one for one in pack.vocabulary("referral_check").codes
        if course.stage == "sent" and not told["done"] and one not in told.get("checks", [])
    ]  # fmt: skip
    starts = answer.get("starts_on", "")
    kind = gettext("Part of the case") if told["type"] == "in_case" else gettext("On its own, without a case")
    rows = (
        (gettext("Told on the basis of"), _basis_words(course, pack)),
        (gettext("They were told"), ", ".join(term(pack, "packet_field", one) for one in told.get("share", []))),
        (gettext("Kind"), kind),
        (gettext("Action of the plan"), told.get("action", "")),
        (gettext("It begins on"), exact(date.fromisoformat(starts)) if starts else ""),
        (gettext("Why not"), term(pack, "decline_reason", answer.get("reason", ""))),
        (gettext("Going along"), _going_along(course, pack)),
        (gettext("It helped"), term(pack, "yes_no_no_answer", satisfied)),
        (gettext("What stood in the way"), ", ".join(term(pack, "barrier", one) for one in dict.fromkeys(barriers))),
        (gettext("Worth looking at before it begins"), "\n".join(term(pack, "referral_check", one) for one in not_checked)),
    )  # fmt: skip
    return [{"label": label, "value": value} for label, value in rows if value]


def _basis_words(course: Course, pack: Pack) -> str:
    """The basis in words; where there was none, plainly so."""
    kind = course.told["basis"]
    lists = [name for name in ("urgent_basis", "consent_basis") if kind in pack.vocabulary(name).codes]
    return (
        term(pack, lists[-1], kind) if kind and lists else gettext("No basis on file: the supervisor is told")
    )


def _going_along(course: Course, pack: Pack) -> str:
    if course.was_accompanied:
        return gettext("Somebody went along")
    offered = course.told.get("accompaniment", "")
    if course.stage in ("accepted", "started") and offered not in ("not_wished", "not_possible"):
        return gettext("Nobody has gone along yet. Once at least, where it is possible.")
    return term(pack, "accompaniment", offered)


def _links(course: Course) -> list[dict[str, str]]:
    """What can be written down about this referral now."""
    offered = []
    if course.is_under_way:
        offered.append(("referral.answer", gettext("Their answer")))
    if not course.is_settled:
        offered.append(("referral.outcome", gettext("How it goes")))
    if course.is_under_way or course.stage == "declined":
        offered.append(("referral.cancel", gettext("Cancel")))
    return [
        {
            "words": words,
            "url": f"{form_url(code, course.referral.file_id)}?{urlencode({'which': str(course.id)})}",
        }
        for code, words in offered
    ]


def _starts(file: CaseFile, closed: bool) -> list[dict[str, str]]:
    done = {
        "words": gettext("Already asked by phone or in person"),
        "url": form_url("referral.done", file.id),
    }
    none = {"words": gettext("No service found"), "url": form_url("referral.gap", file.id)}
    return [done] if closed else [done, none]


def _whom(file: CaseFile, about: UUID | None, pack: Pack) -> list[dict[str, Any]]:
    """For whom the service is asked, as tabs: relations only, no name; nobody with a safety mark (R109)."""
    here = reverse("file_find_service", args=[file.id])
    child = {"words": gettext("For the child"), "url": here, "current": about is None}
    return [child] + [
        {
            "words": gettext("For: {relation}").format(relation=_relation(one, pack)),
            "url": f"{here}?{urlencode({'about': str(one.person_id)})}", "current": one.person_id == about,
        }
        for one in people_around(file.id)
        if not NOT_ASKED_MARKS & set(one.contents.get("safety_mark", []))
    ]  # fmt: skip


def _relation(person: Person, pack: Pack) -> str:
    relation = term(pack, "person_relationship", person.contents.get("relationship", ""))
    return relation or gettext("Somebody around the child")


def _about(request: HttpRequest, file: CaseFile) -> UUID | None:
    if not request.GET.get("about"):
        return None
    try:
        about = UUID(request.GET["about"])
    except ValueError:
        raise NotFound from None
    if current_person(file.id, about) is None:
        raise NotFound
    return about
