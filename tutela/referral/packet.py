"""What a service is told: chosen field by field from what is on file, and kept exactly as it was told (R42).

It is sealed with the identity key inside its entry, so that whoever reads the story without names does not open it.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from tutela.cases.models import Person, child_id
from tutela.cases.queries import case_of, child_of, current_person, last_entry, people_around
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.forms.definition import in_language
from tutela.foundation.clock import age_on
from tutela.intake.queries import registration_of
from tutela.protocols.packs import Pack
from tutela.vault import sealing

_LABEL = "referral.packet"
_CAREGIVERS = frozenset(
    {"mother", "father", "step_parent", "grandparent", "foster_carer", "guardian", "other_caregiver"}
)


def offer(file_id: UUID, *, about: UUID | None, pack: Pack, day: date) -> dict[str, str]:
    """What is on file just now, by the codes of the list packet_field; what is not on file is left out.

    `about`: an adult on the file for whom the service is asked; of the child then stands only the case code.
    """
    person = current_person(file_id, about) if about else child_of(file_id)
    if person is None:
        return {}
    known = person.contents
    case, name = case_of(file_id), str(known.get("name", ""))
    told = {
        "code": case.code if case else "", "first_name": name.partition(" ")[0], "full_name": name,
        "age": _age(known, day), "sex": _words(pack, "sex", known.get("sex", "")), "language": _language(file_id, about),
        "safe_contact": _safe_contact(file_id, person, pack),
    }  # fmt: skip
    if person.is_the_child:
        told |= {"area": _area(file_id, pack), "caregiver": _caregiver(file_id, known, pack)}
    return {field: value for field, value in told.items() if value}


def chosen(offered: Mapping[str, str], share: Iterable[str], *, need: str, action: str) -> dict[str, str]:
    """The packet: what is asked for, and those of the offered fields that were chosen. Nothing else."""
    known = {**offered, **({"plan_action": action} if action else {})}
    return {"need": need} | {field: known[field] for field in share if field in known}


def seal_packet(told: Mapping[str, str], *, file_id: UUID, entry_id: UUID) -> str:
    """A packet as its entry keeps it."""
    sealed = sealing.seal(dict(told), file=file_id, seal_class="identity", row=entry_id, label=_LABEL)
    return b64encode(sealed).decode()


def open_packet(kept: str, *, file_id: UUID, entry_id: UUID) -> dict[str, str]:
    """A packet as it was told. Raises Unavailable, Tampered."""
    told: dict[str, str] = sealing.open_sealed(
        b64decode(kept), file=file_id, seal_class="identity", row=entry_id, label=_LABEL
    )
    return told


def _age(known: Mapping[str, Any], day: date) -> str:
    if born := known.get("birth_date"):
        return str(age_on(day, born=date.fromisoformat(born)))
    return f"about {day.year - int(known['birth_year'])}" if known.get("birth_year") else ""


def _language(file_id: UUID, about: UUID | None) -> str:
    """The language in which this person was last spoken with about consent, or to whom all was explained."""
    for form in ("consent.consent", "consent.explanation"):
        last = last_entry(form, file_id=file_id, about=about)
        if last is None and about is not None and about == child_id(file_id):
            last = last_entry(form, file_id=file_id, about=None)
        if last is not None and last.answers.get("language"):
            return str(last.answers["language"])
    return ""


def _area(file_id: UUID, pack: Pack) -> str:
    registration = registration_of(file_id)
    return _words(pack, "area", registration.area) if registration else ""


def _caregiver(file_id: UUID, child: Mapping[str, Any], pack: Pack) -> str:
    """Caregivers by name and relation. Nobody with a safety mark (R109)."""
    people = [one for one in _safe(people_around(file_id)) if one.contents.get("relationship") in _CAREGIVERS]
    named = [_named(one, pack) for one in people]
    return "; ".join(named) if people_around(file_id) else str(child.get("caregiver_name", ""))


def _safe_contact(file_id: UUID, person: Person, pack: Pack) -> str:
    """Numbers with what is safe beside each (R110): of this person, and for a child of the caregivers."""
    around = people_around(file_id) if person.is_the_child else []
    people = [person, *(one for one in around if one.contents.get("relationship") in _CAREGIVERS)]
    return "\n".join(line for one in _safe(people) if (line := _number(one, pack)))


def _number(person: Person, pack: Pack) -> str:
    known = person.contents
    rules = known.get("safe_contact", [])
    if not known.get("phone") or "never_call" in rules:
        return ""
    how = [*(_words(pack, "safe_contact", code) for code in rules), known.get("safe_contact_notes", "")]
    safe = "; ".join(filter(None, how)) or "Nobody has asked yet whether it is safe to call."
    return f"{_named(person, pack)}: {known['phone']} ({safe})"


def _named(person: Person, pack: Pack) -> str:
    name = person.contents.get("name", "")
    relation = _words(pack, "person_relationship", person.contents.get("relationship", ""))
    return f"{name} ({relation})" if name and relation else name or relation


def _safe(people: Iterable[Person]) -> list[Person]:
    return [one for one in people if not NOT_ASKED_MARKS & set(one.contents.get("safety_mark", []))]


def _words(pack: Pack, vocabulary: str, code: str) -> str:
    labels = {term.code: in_language(term.label, "en") for term in pack.vocabulary(vocabulary).terms}
    return labels.get(code, code)
