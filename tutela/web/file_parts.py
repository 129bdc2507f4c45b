"""The rest of the file behind plain tabs: people, consent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela.cases.queries import child_of, people_around
from tutela.consent.queries import explained, holds, standing, urgent_actions
from tutela.consent.rules import NOT_ASKED_MARKS, ConsentBand, consent_for_range
from tutela.foundation.clock import age_on
from tutela.foundation.refusals import Refused
from tutela.pages.dates import exact
from tutela.protocols.packs import Pack
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person
    from tutela.consent.models import Consent, UrgentAction


@signed_in
def people(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The child first, then those around, safety marks before everything else."""
    file, may = read_file(reader, file_id, "people.read")
    pack, child = pack_of(reader, file), child_of(file.id)
    persons = [*([child] if child else []), *people_around(file.id)]
    add = {"words": gettext("Add a person"), "url": form_url("cases.person", file.id)}
    context = {
        "people": [_person(one, pack, file, may) for one in persons],
        "main": add if "write" in may else None,
    }
    name = child.contents.get("name", "") if child else ""
    return show_file(request, reader, file, may, "file_people", context, name=name)


@signed_in
def consent(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Who agreed to what and until when; what was done without consent."""
    file, may = read_file(reader, file_id, "consent.read")
    pack, said, told = pack_of(reader, file), standing(file.id), explained(file.id)
    said = {person: one for person, one in said.items() if holds(one, day=reader.day)}
    persons = {str(one.person_id): one for one in people_around(file.id)}
    purposes = [_purpose(code, said, persons, pack) for code in pack.vocabulary("consent_purpose").codes]
    ask = {"words": gettext("Ask the child"), "url": form_url("consent.consent", file.id)}
    context = {
        "main": ask if "write" in may else None,
        "needed": _needed(child_of(file.id), pack, reader.day),
        "purposes": [one for one in purposes if one["givers"]],
        "explained": [{"label": gettext("Explained on"), "value": exact(told.entry.happened_on)}] if told else [],
        "overrides": [_urgent(one, pack, file) for one in urgent_actions(file.id)],
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_consent", context)


def _person(person: Person, pack: Pack, file: CaseFile, may: set[str]) -> dict[str, Any]:
    known = person.contents
    relation = term(pack, "person_relationship", known.get("relationship", "")) or gettext("Around the child")
    view: dict[str, Any] = {
        "relation": gettext("The child") if person.is_the_child else relation,
        "name": known.get("name", ""), "note": known.get("description", ""),
        "marks": [term(pack, "safety_mark", code) for code in known.get("safety_mark", [])],
        "why": known.get("safety_mark_why", ""), "sex": term(pack, "sex", person.sex),
        "contacts": _contacts(known, pack),
    }  # fmt: skip
    if "write" in may and not person.is_the_child:
        view |= _next_for(person, file)
    return view


def _next_for(person: Person, file: CaseFile) -> dict[str, Any]:
    """Ask this person for consent, or, where a safety mark forbids it, write down what has changed (R109)."""
    if NOT_ASKED_MARKS & set(person.contents.get("safety_mark", [])):
        change = form_url("cases.person", file.id, about=person.person_id)
        return {"url": change, "action": gettext("Write down a change")}
    ask = form_url("consent.consent", file.id, about=person.person_id)
    return {"url": ask, "action": gettext("Ask for consent")}


def _contacts(known: dict[str, Any], pack: Pack) -> list[dict[str, Any]]:
    """Each number with what is safe, beside it (R110)."""
    if not known.get("phone"):
        return []
    safe = known.get("safe_contact", [])
    rules = [{"ok": not code.startswith("never"), "words": term(pack, "safe_contact", code)} for code in safe]
    how = known.get("safe_contact_notes", "")
    return [{"number": known["phone"], "rules": rules, "say": how, "callable": "may_call" in safe}]


def _needed(child: Person | None, pack: Pack, day: date) -> list[dict[str, Any]]:
    """What is asked of whom at this age; both, where the age is not sure; nothing, where it is not known (R8, R16)."""
    if child is None or child.birth_year is None:
        return []
    oldest = day.year - child.birth_year
    youngest = max(oldest - 1, 0)  # where only the year of birth is known
    if born := child.contents.get("birth_date"):
        youngest = oldest = age_on(day, born=date.fromisoformat(born))
    try:
        bands = consent_for_range(youngest, oldest, pack=pack, day=day)
    except Refused:
        return []
    return [_band(band, pack) for band in bands]


def _band(band: ConsentBand, pack: Pack) -> dict[str, Any]:
    child, caregiver = term(pack, "consent_needed", band.child), term(pack, "consent_needed", band.caregiver)
    return {
        "label": gettext("Aged {band}").format(band=band.band.replace("-", "–")),
        "value": gettext("The child: {child}. The caregiver: {caregiver}.").format(child=child, caregiver=caregiver),
        "note": band.citation,
    }  # fmt: skip


def _purpose(code: str, said: dict[str, Consent], persons: dict[str, Person], pack: Pack) -> dict[str, Any]:
    """One purpose: who agreed and who says no. A no of anybody stands beside every yes (R8)."""
    agreed = {person: one for person, one in said.items() if code in one.contents.get("agreed", [])}
    refused = {person: one for person, one in said.items() if code in one.contents.get("refused", [])}
    givers = [
        {
            "who": persons[person].contents["name"] if person in persons else gettext("The child"),
            "said": words, "when": one.entry.happened_on, "until": one.until,
        }
        for words, people in ((gettext("agreed"), agreed), (gettext("says no"), refused))
        for person, one in people.items()
    ]  # fmt: skip
    stands = bool(agreed) and not refused
    state = gettext("Agreed") if stands else gettext("Not agreed")
    return {
        "purpose": term(pack, "consent_purpose", code),
        "givers": givers,
        "stands": stands,
        "state": state,
    }


def _urgent(action: UrgentAction, pack: Pack, file: CaseFile) -> dict[str, Any]:
    answer = term(pack, "urgent_answer", action.answer.contents["answer"]) if action.answer else ""
    return {
        "when": action.entry.happened_on, "basis": term(pack, "urgent_basis", action.contents["basis"]),
        "reason": action.contents["reason"], "answer": answer or gettext("The supervisor has not answered yet."),
        "url": reverse("file_entry", kwargs={"file_id": file.id, "entry_id": action.entry_id}),
    }  # fmt: skip
