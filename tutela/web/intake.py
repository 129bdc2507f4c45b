"""Intake: the children who wait for somebody, the most urgent first, and what ended before there was a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import agency_of, files_of_supervised_teams, responsible_for
from tutela.cases.queries import children_of, files_of
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.intake.queries import (
    Ending,
    endings_of,
    ends_here,
    identifications,
    reduced_under,
    referrals_by_source,
    screenings,
)
from tutela.intake.rules import Rank, rank
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import child_lines, due_words, form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person
    from tutela.intake.models import Identification, Screening


@dataclass(frozen=True)
class Known:
    """A child who is not registered, with what the lists need, opened in one batch."""

    identification: Identification
    screening: Screening | None
    due: OpenDeadline | None
    ending: Ending | None
    pack: Pack
    rank: Rank


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Children who are not registered yet: those who wait, and those for whom another help was found."""
    files = list(files_of(reader.user, day=reader.day).filter(case__isnull=True))
    known = not_registered(files, reader)
    commands.read_list("intake.read", by=reader.user, at=reader.at, files=list(known))
    lines = child_lines(list(known), reader=reader)
    mine = {file_id for file_id, user in responsible_for(known).items() if user == reader.user}
    waiting = [file_id for file_id, one in known.items() if not ends_here(one.screening)]
    ended = [file_id for file_id, one in known.items() if ends_here(one.screening)]
    caseworker = "caseworker" in reader.roles
    context = {
        "main": _link(gettext("Record an identification"), form_url("intake.identification", None)) if caseworker else None,
        "group": _link(gettext("Write down several children at once"), reverse("intake_group")) if caseworker else None,
        "criteria": _link(gettext("Our criteria"), reverse("intake_criteria")),
        "waiting": [
            lines[file_id] | _waiting(known[file_id], file_id, reader, may_write=file_id in mine)
            for file_id in in_order(waiting, known)
        ],
        "ended": [lines[file_id] | _ended(known[file_id]) for file_id in ended],
        "sources": _sources(reader) if "supervisor" in reader.roles else None,
    }  # fmt: skip
    return show(request, reader, "pages/intake.html", context)


def not_registered(files: Iterable[CaseFile], reader: Reader) -> dict[UUID, Known]:
    """What is known of these files, in a handful of queries whatever their number."""
    by_id = {file.id: file for file in files}
    packs = {
        agency: pack_in_force(agency, reader.day) for agency in {one.agency_id for one in by_id.values()}
    }
    endings: dict[UUID, Ending] = {}
    for agency, pack in packs.items():
        own = [one for one in by_id.values() if one.agency_id == agency]
        endings |= endings_of(own, pack=pack, day=reader.day)
    screened, children = screenings(by_id), children_of(by_id)
    due = {one.file_id: one for one in reversed(open_deadlines(by_id)) if one.step == "registration"}
    return {
        one.file_id: Known(
            one, screened.get(one.file_id), due.get(one.file_id), endings.get(one.file_id),
            packs[by_id[one.file_id].agency_id],
            _rank(one, children.get(one.file_id), packs[by_id[one.file_id].agency_id], reader.day),
        )
        for one in identifications(by_id)
    }  # fmt: skip


def in_order(file_ids: Iterable[UUID], known: Mapping[UUID, Known]) -> list[UUID]:
    """The most urgent first: by triage, infants and children alone before others, then by when they are due (R29)."""

    def place(file_id: UUID) -> tuple[Rank, str, int]:
        one = known[file_id]
        due = one.due.due_at.isoformat() if one.due else ""
        return one.rank, due, _number(one.identification.contents.get("slip", ""))

    return sorted(file_ids, key=place)


def _number(slip: str) -> int:
    digits = "".join(letter for letter in slip if letter.isdecimal())
    return int(digits) if digits else 0


def _rank(identification: Identification, child: Person | None, pack: Pack, day: date) -> Rank:
    told = identification.contents
    age = day.year - child.birth_year if child and child.birth_year else None
    return rank(triage=told["triage"], with_whom=told.get("with_whom", ""), age=age, pack=pack, day=day)


def _waiting(one: Known, file_id: UUID, reader: Reader, *, may_write: bool) -> dict[str, Any]:
    told, entry, pack = one.identification.contents, one.identification.entry, one.pack
    urgent = one.rank.urgent
    return {
        "when": entry.happened_on, "source": term(pack, "identification_source", told["source"]),
        "priority": gettext("Priority: {level}").format(level=term(pack, "triage", told["triage"])),
        "urgent": gettext("Urgent: a very young child who may be separated")
        if urgent and told["triage"] != "high" else "",
        "why": told.get("triage_why", ""), "slip": told.get("slip", ""),
        "screening": _screening(one.screening, pack),
        **({"responsible": ""} if may_write else {}),  # one knows that it is oneself
        "due": due_words(one.due.due_at, one.due.overdue_after, reader) if one.due else None,
        "ends_on": one.ending.on if one.ending else None,
        "actions": [
            _link(gettext("Screen"), form_url("intake.screening", file_id)),
            _link(gettext("Register"), form_url("intake.registration", file_id)),
        ] if may_write else [],
    }  # fmt: skip


def _screening(screening: Screening | None, pack: Pack) -> str:
    if screening is None:
        return gettext("Not screened yet")
    return gettext("Screened by {who}: {outcome}").format(
        who=screening.entry.done_by.name,
        outcome=term(pack, "screening_outcome", screening.contents["outcome"]),
    )


def _ended(one: Known) -> dict[str, Any]:
    screening = one.screening
    return {
        "source": term(one.pack, "identification_source", one.identification.contents["source"]),
        "outcome": term(one.pack, "screening_outcome", screening.contents["outcome"]) if screening else "",
        "when": screening.entry.happened_on if screening else None,
        "ends_on": one.ending.on if one.ending else None,
    }


def _sources(reader: Reader) -> dict[str, Any] | None:
    """How often each source told us of a child, and how often another help followed: counts for the team, no names (R4)."""
    reduced = reduced_under(reader.user, day=reader.day)
    files = files_of_supervised_teams(reader.user, reader.day)
    found = referrals_by_source(files, reduced=reduced)
    agency = agency_of(reader.user, reader.day)
    if agency is None or not any(one.elsewhere for one in found):
        return None
    pack = pack_in_force(agency.id, reader.day)
    columns = [gettext("Who told us"), gettext("Children"), gettext("Another help followed")]
    rows = [
        {"cells": [term(pack, "identification_source", one.source), str(one.came), str(one.elsewhere)]}
        for one in found
    ]
    return {"columns": columns, "rows": rows}


def _link(words: str, url: str) -> dict[str, str]:
    return {"words": words, "url": url}
