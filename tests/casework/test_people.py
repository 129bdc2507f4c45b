"""Who is on a file (R15, R109): what is said of the child adds up; what is new of others stands for them as a whole."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import Cast, a_file, later, submit
from tutela.cases.models import Entry, Person, child_id
from tutela.cases.queries import child_of, people_around
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Refused

pytestmark = pytest.mark.django_db


def child(file: UUID) -> dict[str, Any]:
    """What is known of the child."""
    person = child_of(file)
    assert person is not None
    known = {name: value for name, value in person.contents.items() if name not in ("said", "birth_year")}
    return {**known, "sex": person.sex, "birth_year": person.birth_year}


def amend(cast: Cast, file: UUID, form: str, revision: int, **answers: Any) -> UUID:
    row = Entry.objects.get(file=file, revision=revision)
    return submit(form, answers, by=cast.caseworker, file=file, amends=row.id, about=row.about).entry_id


def test_what_is_said_of_the_child_adds_up(cast: Cast) -> None:
    file = a_file(cast, name="Tom", sex="male", age="11", description="By the water point")
    submit("intake.registration", {"name": "Tomas", "sex": None}, by=cast.caseworker, file=file)
    assert child(file) == {
        "name": "Tomas", "sex": "male", "age": "11", "description": "By the water point", "birth_year": 2015,
        "born_between": ["2014-03-03", "2015-03-02"],
    }  # fmt: skip


def test_nothing_has_to_be_known(cast: Cast) -> None:
    file = a_file(cast, name=None)
    nothing = dict.fromkeys(("name", "sex", "area"))
    submit("intake.registration", nothing, by=cast.caseworker, file=file)
    found = child_of(file)
    assert found is None or found.contents.get("name") is None


def test_the_year_of_birth_is_that_of_the_day_on_which_an_age_was_told(cast: Cast) -> None:
    file = a_file(cast, age="11")
    submit("intake.registration", {"name": "Tomas"}, by=cast.caseworker, file=file, at=later(400))
    assert child(file)["birth_year"] == 2015
    born = {"birth_date": "2014-03-09"}
    amend(cast, file, "intake.registration", 2, **born)
    assert child(file)["birth_year"] == 2014


def test_a_baby_has_a_year_of_birth(cast: Cast) -> None:
    assert child(a_file(cast, age="0"))["birth_year"] == 2026


def test_correcting_the_identification_takes_nothing_from_the_registration(cast: Cast) -> None:
    """The correction stands where the identification stood: before the registration, which knew better."""
    file = a_file(cast, name="Tom", age="11", description="By the well")
    submit("intake.registration", {"name": "Tomas"}, by=cast.caseworker, file=file)
    amend(cast, file, "intake.identification", 1, name="Tomm", age="12", description=None)
    found = child(file)
    assert (found["name"], found["age"]) == ("Tomas", "12")
    assert "description" not in found


def test_a_wrong_answer_is_taken_back_by_a_correction(cast: Cast) -> None:
    file = a_file(cast, sex="female")
    amend(cast, file, "intake.identification", 1, sex=None)
    assert child(file)["sex"] == ""


def test_others_stand_as_the_newest_entry_says(cast: Cast) -> None:
    file = a_file(cast)
    first = submit("cases.person", {"phone": "0700 123"}, by=cast.caseworker, file=file)
    mother = derived_id(first.entry_id, "person")
    submit("cases.person", {"name": "Grace A"}, by=cast.caseworker, file=file, about=mother)
    (person,) = people_around(file)
    assert person.person_id == mother
    assert person.contents == {"name": "Grace A", "relationship": "mother"}
    assert Person.objects.filter(person_id=mother).count() == 2


def test_two_people_are_two(cast: Cast) -> None:
    file = a_file(cast)
    submit("cases.person", by=cast.caseworker, file=file)
    submit("cases.person", by=cast.caseworker, file=file)
    assert len(people_around(file)) == 2


def test_correcting_an_older_entry_takes_no_safety_mark_away(cast: Cast) -> None:
    file = a_file(cast)
    first = submit("cases.person", {"name": "Halma"}, by=cast.caseworker, file=file)
    aunt = derived_id(first.entry_id, "person")
    marked = {"name": "Halima", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", marked, by=cast.caseworker, file=file, about=aunt)
    amend(cast, file, "cases.person", 2, name="Halimah")
    (person,) = people_around(file)
    assert person.contents["name"] == "Halima"
    assert person.contents["safety_mark"] == ["suspected_of_harm"]


def test_correcting_the_newest_entry_of_a_person_corrects_the_person(cast: Cast) -> None:
    file = a_file(cast)
    first = submit("cases.person", {"safety_mark": ["must_not_be_told"]}, by=cast.caseworker, file=file)
    amend(cast, file, "cases.person", 2, safety_mark=None)
    (person,) = people_around(file)
    assert person.person_id == derived_id(first.entry_id, "person")
    assert "safety_mark" not in person.contents


def test_a_correction_is_of_the_same_person(cast: Cast) -> None:
    file = a_file(cast)
    first = submit("cases.person", by=cast.caseworker, file=file)
    second = submit(
        "cases.person", {"name": "Abdul", "relationship": "father"}, by=cast.caseworker, file=file
    )
    father = derived_id(second.entry_id, "person")
    with pytest.raises(Refused):
        submit("cases.person", by=cast.caseworker, file=file, amends=first.entry_id, about=father)
    assert {person.contents["name"] for person in people_around(file)} == {"Grace", "Abdul"}


def test_the_child_is_not_described_as_somebody_around_the_child(cast: Cast) -> None:
    file = a_file(cast)
    with pytest.raises(Refused) as refused:
        submit("cases.person", by=cast.caseworker, file=file, about=child_id(file))
    assert [one.code for one in refused.value.unmet] == ["the_child"]
    assert child(file)["name"] == "Tomas"
