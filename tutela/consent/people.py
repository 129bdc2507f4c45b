"""Who around the child may be asked, told, invited and reached, and how safely (R8, R14, R109, R110)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tutela.cases.models import Person
from tutela.cases.queries import agency_id_of, child_of, people_around
from tutela.cases.rules import ages_on
from tutela.consent.models import Explanation
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force
from tutela.vault import sealing


@dataclass(frozen=True)
class SafeContact:
    """A number or an address with what is safe (R110). `safe`: codes of `safe_contact`; empty: nobody has asked yet."""

    number: str = ""
    place: str = ""
    whose: str = ""  # of the list `contact_whose`
    safe: tuple[str, ...] = ()
    when: str = ""
    say: str = ""
    answers: str = ""
    confirmed: date | None = None
    where: str = ""


@dataclass(frozen=True)
class CaseworkerWish:
    """Whom the child would rather work with (R14): a code of `caseworker_wish`, and what else matters, in words."""

    sex: str
    profile: str


def is_marked(person: Person) -> bool:
    """Whether somebody carries a safety mark, and so is not asked, told, invited, written to or called (R109)."""
    return bool(NOT_ASKED_MARKS & set(person.contents.get("safety_mark", [])))


def people_who_may_be_involved(file_id: UUID) -> list[Person]:
    """Those around the child who may be asked for consent, invited, given copies, written to and asked for feedback (R109)."""
    return [one for one in people_around(file_id) if not is_marked(one)]


def people_who_may_be_involved_of(file_ids: Iterable[UUID]) -> dict[UUID, list[Person]]:
    """The same for many files, in one query; a file with nobody has an empty list."""
    found: dict[UUID, list[Person]] = {file_id: [] for file_id in file_ids}
    sealing.fetch_keys(list(found), seal_classes=["identity"])
    current = Person.objects.filter(file_id__in=list(found), is_the_child=False, ended_by__isnull=True)
    for person in current.order_by("entry__revision"):
        if not is_marked(person):
            found[person.file_id].append(person)
    return found


def caregivers(people: Iterable[Person], *, file_id: UUID, day: date) -> list[Person]:
    """The parents and caregivers among `people`: by what they are to the child, or because they look after it now (R8)."""
    codes = rule_on("consent.caregivers", day=day, pack=pack_in_force(agency_id_of(file_id), day)).codes
    return [
        one
        for one in people
        if one.contents.get("relationship") in codes or one.contents.get("cares") == "yes"
    ]


def contacts_of(person: Person) -> list[SafeContact]:
    """Every number and address of a person, with what is safe."""
    known = person.contents
    first = SafeContact(
        number=known.get("phone", ""), whose=known.get("phone_whose", ""), safe=tuple(known.get("safe_contact", ())),
        when=known.get("safe_contact_when", ""), say=known.get("safe_contact_notes", ""),
        answers=known.get("safe_contact_answers", ""), confirmed=_day(known.get("safe_contact_confirmed")),
        where=known.get("safe_contact_where", ""),
    )  # fmt: skip
    others = [_contact(row) for row in known.get("other_contacts", [])]
    return [*([first] if first.number or first.safe else []), *others]


def reached_through_somebody_marked(file_id: UUID, *, day: date) -> list[Person]:
    """Caregivers with a safety mark through whom alone the child could be reached: somebody else has to be found (R109)."""
    people = people_around(file_id)
    child = child_of(file_id)
    others = [one for one in people if not is_marked(one)] + ([child] if child else [])
    if any(_can_be_reached(one) for one in others):
        return []
    marked = [one for one in people if is_marked(one) and contacts_of(one)]
    return caregivers(marked, file_id=file_id, day=day)


def ages_of(child: Person | None, *, day: date) -> tuple[int, int] | None:
    """The youngest and the oldest that a child may be on `day`, in completed years; None where nobody knows (R16).

    Worked out on the day, from the sealed date of birth or from what is known of it; never stored ahead (R128).
    """
    return ages_on(day, known=child.contents) if child else None


def caseworker_wishes(file_ids: Iterable[UUID]) -> dict[UUID, CaseworkerWish]:
    """Whom each child would rather work with, as last said; for whoever chooses the caseworker (R14)."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    told = Explanation.objects.filter(file_id__in=ids, ended_by__isnull=True).order_by("entry__revision")
    wishes: dict[UUID, CaseworkerWish] = {}
    for one in told:
        sex = str(one.contents.get("caseworker_wish", ""))
        profile = str(one.contents.get("caseworker_profile", ""))
        if sex not in ("", "not_asked") or profile:
            wishes[one.file_id] = CaseworkerWish(sex, profile)
    return wishes


def _can_be_reached(person: Person) -> bool:
    return any(not set(one.safe) <= _NEVER for one in contacts_of(person) if one.number or one.place)


_NEVER = frozenset({"never_call", "never_text", "never_visit", "no_vehicle_or_logo"})


def _contact(row: Mapping[str, Any]) -> SafeContact:
    return SafeContact(
        number=row.get("number", ""), place=row.get("place", ""), whose=row.get("whose", ""),
        safe=tuple(row.get("safe", ())), when=row.get("when", ""), say=row.get("say", ""),
        answers=row.get("answers", ""), confirmed=_day(row.get("confirmed")), where=row.get("where", ""),
    )  # fmt: skip


def _day(written: Any) -> date | None:
    return date.fromisoformat(written) if written else None
