"""People: the child and those around, safety marks before everything else, and how each can be reached safely (R109, R110)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela.cases.queries import child_of, last_entry, people_around
from tutela.closure.queries import is_closed
from tutela.consent.people import (
    SafeContact,
    caseworker_wishes,
    contacts_of,
    is_marked,
    reached_through_somebody_marked,
)
from tutela.protocols.packs import Pack
from tutela.web.family import siblings
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person

_SUSPECTED = "suspected_of_harm"  # of the list safety_mark
_WISHES = "wishes"  # of the list safeguarding_wish


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The child first, then those around, safety marks before everything else."""
    file, may = read_file(reader, file_id, "people.read")
    pack, child = pack_of(reader, file), child_of(file.id)
    persons = [*([child] if child else []), *people_around(file.id)]
    add = {"words": gettext("Add a person"), "url": form_url("cases.person", file.id)}
    context = {
        "people": [_person(one, pack, file, may) for one in persons],
        "main": add if "write" in may else None,
        "unreachable": bool(reached_through_somebody_marked(file.id, day=reader.day)),
        "wish": _wish(file, pack),
        "family": siblings(reader, file.id, may),
    }
    name = child.contents.get("name", "") if child else ""
    return show_file(request, reader, file, may, "file_people", context, name=name)


def _wish(file: CaseFile, pack: Pack) -> str:
    """Which caseworker the child would rather work with (R14)."""
    wish = caseworker_wishes([file.id]).get(file.id)
    return "; ".join(filter(None, (term(pack, "caseworker_wish", wish.sex), wish.profile))) if wish else ""


def _person(person: Person, pack: Pack, file: CaseFile, may: set[str]) -> dict[str, Any]:
    known, marked = person.contents, is_marked(person)
    relation = term(pack, "person_relationship", known.get("relationship", "")) or gettext("Around the child")
    return {
        "relation": gettext("The child") if person.is_the_child else relation,
        "name": known.get("name", ""), "note": known.get("description", ""),
        "lives": gettext("looks after the child") if known.get("cares") == "yes" else "",
        "marks": [term(pack, "safety_mark", code) for code in known.get("safety_mark", [])],
        "why": known.get("safety_mark_why", ""), "sex": term(pack, "sex", person.sex),
        "contacts": [_contact(one, pack, marked=marked) for one in contacts_of(person)],
        "links": [
            *(_links(person, file, marked=marked) if "write" in may else []), *_way_to_tell(person, file, may)
        ],
    }  # fmt: skip


def _links(person: Person, file: CaseFile, *, marked: bool) -> list[dict[str, str]]:
    """What can be written down about this person. Who carries a safety mark is not asked for consent (R109)."""
    if person.is_the_child:
        return [
            {
                "words": gettext("How to reach the child safely"),
                "url": form_url("cases.child_contact", file.id),
            }
        ]

    def link(words: str, form: str) -> dict[str, str]:
        return {"words": words, "url": form_url(form, file.id, about=person.person_id)}

    change = link(gettext("Write down a change"), "cases.person")
    if is_closed(file.id):
        return [change]
    why = link(gettext("Say why this person is not asked"), "consent.not_asked")
    return [why, change] if marked else [link(gettext("Ask for consent"), "consent.consent"), why, change]


def _way_to_tell(person: Person, file: CaseFile, may: set[str]) -> list[dict[str, str]]:
    """Where the survivor wishes that the safeguarding focal point is told: for whoever reads the wish (R122)."""
    if not {"report_on_file", "confidential"} <= may or _SUSPECTED not in person.contents.get(
        "safety_mark", []
    ):
        return []
    said = last_entry("cases.person", file_id=file.id, about=person.person_id)
    if said is None or said.answers.get("safeguarding_wish") != _WISHES:
        return []
    return [{
        "words": gettext("Tell a safeguarding focal point, as the survivor wishes"),
        "url": reverse("file_safeguarding", args=[file.id]),
    }]  # fmt: skip


def _contact(one: SafeContact, pack: Pack, *, marked: bool) -> dict[str, Any]:
    """A number or address with what is safe, beside it (R110). Nobody is called through somebody with a safety mark."""
    rules = [
        {"ok": not code.startswith("never"), "words": term(pack, "safe_contact", code)}
        for code in one.safe
        if not (marked and code.startswith("may_"))
    ]
    return {
        "number": one.number, "place": one.place, "whose": term(pack, "contact_whose", one.whose), "rules": rules,
        "when": one.when, "say": one.say, "answers": one.answers, "confirmed": one.confirmed, "where": one.where,
        "callable": "may_call" in one.safe and not marked,
        "warning": gettext("Do not reach the child through this person: see the safety mark.") if marked else "",
    }  # fmt: skip
