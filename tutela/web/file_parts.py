"""The rest of the file behind plain tabs: people, plan, consent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela.cases.queries import child_of, people_around
from tutela.cases.rules import ages_on
from tutela.closure.queries import is_closed
from tutela.consent.queries import explained, holds, standing, urgent_actions
from tutela.consent.rules import NOT_ASKED_MARKS, ConsentBand, consent_for_range
from tutela.foundation.refusals import Refused
from tutela.pages.dates import exact
from tutela.planning.queries import objectives, plan_actions, plans
from tutela.protocols.packs import Pack
from tutela.web.family import siblings
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person
    from tutela.consent.models import Consent, UrgentAction
    from tutela.planning.models import PlanAction


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
        "family": siblings(reader, file.id, may),
    }
    name = child.contents.get("name", "") if child else ""
    return show_file(request, reader, file, may, "file_people", context, name=name)


@signed_in
def plan(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What should change, and who does what until when."""
    file, may = read_file(reader, file_id, "plan.read")
    pack, versions = pack_of(reader, file), plans(file.id)
    words = gettext("Change the plan") if versions else gettext("Make the plan")
    context = {
        "main": {"words": words, "url": form_url("planning.plan", file.id)}
        if "write" in may and not is_closed(file.id)
        else None,
        "about": [
            {"label": gettext("Made on"), "value": exact(versions[-1].entry.happened_on)},
            {"label": gettext("Version"), "value": str(len(versions))},
            {"label": gettext("We can stop when"), "value": versions[-1].contents.get("closure_criteria", "")},
        ]
        if versions
        else [],
        "objectives": [
            {
                "text": one.contents["text"], "measure": one.contents.get("measure", ""),
                "horizon": term(pack, "objective_horizon", one.contents.get("horizon", "")),
            }
            for one in objectives(file.id)
        ],
        "loose": [_action(one, pack) for one in plan_actions(file.id)],
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_plan", context)


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


def _action(action: PlanAction, pack: Pack) -> dict[str, Any]:
    told = action.contents
    status = told.get("status", "")
    return {
        "what": told["what"], "who": term(pack, "action_who", told.get("who", "")), "due": action.due_on,
        "status": term(pack, "action_status", status), "done": status == "completed",
    }  # fmt: skip


def _needed(child: Person | None, pack: Pack, day: date) -> list[dict[str, Any]]:
    """What is asked of whom at this age; both, where the age is not sure; nothing, where it is not known (R8, R16)."""
    between = ages_on(day, known=child.contents) if child else None
    if between is None:
        return []
    try:
        bands = consent_for_range(*between, pack=pack, day=day)
    except Refused:
        return []
    doubt = [_age_in_doubt(*between)] if len(bands) > 1 else []
    told = child.contents if child else {}
    born = [_birth_as_told(told, pack)] if told.get("birth_told") else []
    return [*born, *(_band(band, pack) for band in bands), *doubt]


def _birth_as_told(told: dict[str, Any], pack: Pack) -> dict[str, Any]:
    """The day of birth, and beside it what was told and how it was counted (R16)."""
    day = (
        exact(date.fromisoformat(told["birth_date"]))
        if told.get("birth_date")
        else gettext("No day is known")
    )
    how = term(pack, "birth_calendar", told.get("birth_calendar", ""))
    guess = gettext("It is a guess.") if told.get("estimated") == "yes" else ""
    words = gettext("Told as “{told}”, {how}.").format(told=told["birth_told"], how=how[:1].lower() + how[1:])
    return {"label": gettext("Born"), "value": day, "note": f"{words} {guess}".strip()}


def _age_in_doubt(youngest: int, oldest: int) -> dict[str, Any]:
    """Where the age may lie in several bands, the child's maturity decides between them (R16)."""
    words = gettext(
        "The child may be {youngest} to {oldest} years old. Ask for what the child understands and can decide, write it down "
        "under “Age and papers of the child”, and ask in the way that asks more of you."
    )
    value = words.format(youngest=youngest, oldest=oldest)
    return {"label": gettext("The age is not sure"), "value": value, "note": "S2 §3.4-1; R16"}


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
