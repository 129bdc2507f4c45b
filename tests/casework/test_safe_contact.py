"""How each person can be reached safely, and who is left out of everything (R109, R110, R122)."""

from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela.cases.finding import find_files
from tutela.cases.models import Entry, Person
from tutela.cases.queries import child_of, entry_of, people_around
from tutela.consent.people import (
    SafeContact,
    contacts_of,
    people_who_may_be_involved,
    people_who_may_be_involved_of,
    reached_through_somebody_marked,
)
from tutela.consent.queries import basis_for_sharing
from tutela.deadlines.tasks import tasks_on
from tutela.forms import conditions
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db

OTHER = {
    "number": "0700 222", "whose": "neighbour", "safe": ["may_text"], "when": "Evenings", "say": "From the library",
    "answers": "Only Nadia", "confirmed": "2026-03-01", "where": "At the clinic",
}  # fmt: skip
HOUSE = {"place": "Third house after the well", "safe": ["may_visit", "no_vehicle_or_logo"]}


def put_on_file(cast: Cast, file: UUID, **answers: Any) -> UUID:
    submit("cases.person", answers, by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


def of(person: Person | None) -> list[SafeContact]:
    assert person is not None
    return contacts_of(person)


def titles(file: UUID) -> list[str]:
    return [str(one.title) for one in tasks_on(file, day=START.date())]


@pytest.mark.covers("R110")
def test_each_number_and_address_says_for_itself_what_is_safe(cast: Cast) -> None:
    file = a_file(cast)
    first = {
        "phone": "0700 111", "phone_whose": "own", "safe_contact": ["may_call", "never_visit"],
        "safe_contact_when": "Mornings", "safe_contact_notes": "About school", "safe_contact_answers": "She",
        "safe_contact_confirmed": "2026-03-02", "safe_contact_where": "By phone",
    }  # fmt: skip
    put_on_file(cast, file, **first, other_contacts=[OTHER, HOUSE])
    own, neighbours, house = of(people_around(file)[0])
    assert (own.number, own.whose, own.safe) == ("0700 111", "own", ("may_call", "never_visit"))
    assert (own.when, own.say, own.answers, own.where) == ("Mornings", "About school", "She", "By phone")
    assert own.confirmed == START.date()
    assert (neighbours.number, neighbours.answers, neighbours.where) == (
        "0700 222",
        "Only Nadia",
        "At the clinic",
    )
    assert (house.place, house.safe) == (HOUSE["place"], ("may_visit", "no_vehicle_or_logo"))


@pytest.mark.covers("R110")
def test_the_child_can_be_reached_safely_too_and_keeps_its_name(cast: Cast) -> None:
    file = a_case(cast)
    told = {"phone": "0700 900", "safe_contact": ["only_as_agreed"], "other_contacts": [OTHER]}
    submit("cases.child_contact", told, by=cast.caseworker, file=file)
    child = child_of(file)
    assert child is not None and child.contents["name"] == "Tomas" and child.sex == "male"
    assert [one.number for one in of(child)] == ["0700 900", "0700 222"]
    submit(
        "cases.child_contact",
        {"phone": "0700 901", "safe_contact": None},
        by=cast.caseworker,
        file=file,
        at=later(1),
    )
    first, _ = of(child_of(file))
    assert (first.number, first.safe) == ("0700 901", ("only_as_agreed",))


@pytest.mark.covers("R110")
def test_a_child_is_found_by_any_of_the_numbers(cast: Cast) -> None:
    file = a_case(cast)
    put_on_file(cast, file, phone="0700 111 111", other_contacts=[{**OTHER, "number": "0700 222 222"}])
    for number in ("0700111111", "0700 222222"):
        assert find_files(number, by=cast.caseworker, day=START.date()) == [file]


def test_a_day_of_confirming_that_has_not_come_is_refused(cast: Cast) -> None:
    told = {"other_contacts": [{**OTHER, "confirmed": "2026-03-03"}]}
    said = refusal("cases.person", told, by=cast.caseworker, file=a_file(cast))
    assert said == {"other_contacts.0.confirmed": "future"}


@pytest.mark.covers("R109")
@pytest.mark.parametrize("mark", ["must_not_be_told", "must_not_be_contacted", "suspected_of_harm"])
def test_a_mark_takes_somebody_out_of_everything(cast: Cast, mark: str) -> None:
    file, other = a_file(cast), a_file(cast)
    mother = put_on_file(cast, file)
    father = put_on_file(cast, file, name="Abdul", relationship="father", safety_mark=[mark])
    uncle = put_on_file(cast, other, name="Yusuf", relationship="other_relative")
    assert [one.person_id for one in people_who_may_be_involved(file)] == [mother]
    found = people_who_may_be_involved_of([file, other])
    assert {key: [one.person_id for one in people] for key, people in found.items()} == {
        file: [mother],
        other: [uncle],
    }
    assert father not in {one.about for one in tasks_on(file, day=START.date())}
    assert basis_for_sharing(file, recipient="other_agencies", day=START.date(), about=father) is None


@pytest.mark.covers("R109", "R110")
def test_a_caregiver_who_is_suspected_and_holds_the_only_number_has_to_be_replaced(cast: Cast) -> None:
    """The bad day: the father is suspected, and his is the number that everybody calls."""
    file = a_case(cast)
    father = put_on_file(
        cast, file, name="Abdul", relationship="father", phone="0700 111", safe_contact=["may_call"]
    )
    assert "Find another way to reach the child" not in titles(file)
    marked = {
        "name": "Abdul", "relationship": "father", "phone": "0700 111", "safe_contact": ["may_call"],
        "safety_mark": ["suspected_of_harm"],
    }  # fmt: skip
    submit("cases.person", marked, by=cast.caseworker, file=file, about=father)
    assert [one.person_id for one in reached_through_somebody_marked(file, day=START.date())] == [father]
    assert "Find another way to reach the child" in titles(file)
    put_on_file(cast, file, name="Nadia", relationship="teacher", phone="0700 333")
    assert "Find another way to reach the child" in titles(file)  # nobody has asked whether that is safe
    put_on_file(
        cast, file, name="Halima", relationship="other_relative", phone="0700 222", safe_contact=["may_call"]
    )
    assert "Find another way to reach the child" not in titles(file)


def test_the_childs_own_safe_number_is_another_way(cast: Cast) -> None:
    file = a_case(cast)
    put_on_file(cast, file, relationship="father", phone="0700 111", safety_mark=["must_not_be_contacted"])
    assert "Find another way to reach the child" in titles(file)
    submit("cases.child_contact", by=cast.caseworker, file=file)
    assert "Find another way to reach the child" not in titles(file)


@pytest.mark.covers("R122")
def test_what_the_survivor_wishes_about_staff_is_confidential_and_tells_nobody(cast: Cast) -> None:
    """The way to complain is offered; the wish is kept where only the caseworker reads; no task, no row for anybody else."""
    file = a_case(cast)
    before = titles(file)
    told = {
        "name": "A driver", "relationship": "other", "safety_mark": ["suspected_of_harm"], "suspected_kind": "un_ngo_staff",
        "safeguarding_wish": "wishes", "safeguarding_words": "If nobody learns that it was me",
    }  # fmt: skip
    entry = submit("cases.person", told, by=cast.caseworker, file=file).entry_id
    open_to_supervisor = entry_of(entry, file_id=file, classes=frozenset({"case", "identity"}))
    assert not {"suspected_kind", "safeguarding_wish", "safeguarding_words"} & set(open_to_supervisor.answers)
    assert entry_of(entry, file_id=file).answers["safeguarding_wish"] == "wishes"
    assert "suspected_kind" not in people_around(file)[0].contents
    assert titles(file) == before
    assert Entry.objects.get(id=entry).sealed_confidential is not None


@pytest.mark.covers("R122")
def test_the_way_to_complain_is_offered_for_staff_of_aid_organisations_only(cast: Cast) -> None:
    file = a_file(cast)
    agency = Entry.objects.get(file=file).file.agency_id
    questions = {
        one.name: one for one in form_in_force("cases.person", agency_id=agency, day=START.date()).questions
    }
    offer = questions["safeguarding_offer"]
    assert "informs nobody by itself" in offer.label["en"]
    for kind, offered in (("un_ngo_staff", True), ("employer", False), ("", False)):
        assert conditions.holds(offer.show_if, {"suspected_kind": kind}, today=START.date()) is offered  # type: ignore[arg-type]
    assert not any(questions[name].required for name in ("suspected_kind", "safeguarding_wish"))
