"""Registration: what may be asked and need not be known; ages that are not sure; birth dates as people tell them (R15, R16)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela.cases.models import Entry, Person
from tutela.cases.queries import case_of, child_of, entries_of
from tutela.cases.rules import ages_on
from tutela.commands import rebuild
from tutela.forms.compiling import compiled_forms
from tutela.protocols import packs

pytestmark = pytest.mark.django_db

FORMS = compiled_forms(packs.load("interagency_2024"))


def known(file: UUID) -> dict[str, Any]:
    child = child_of(file)
    assert child is not None
    return child.contents


def age(cast: Cast, file: UUID, **answers: Any) -> UUID:
    return submit("intake.age", {"age": None, **answers}, by=cast.caseworker, file=file).entry_id


def ages(file: UUID, day: date | None = None) -> tuple[int, int] | None:
    return ages_on(day or START.date(), known=known(file))


@pytest.mark.covers("R126")
def test_a_registration_has_at_most_twelve_questions_and_three_that_are_needed() -> None:
    questions = list(FORMS["intake.registration"].questions)
    assert len(questions) <= 12
    assert len([one for one in questions if one.required]) <= 3
    assert all(one.decision for one in questions)


@pytest.mark.covers("R15")
def test_nothing_of_a_registration_has_to_be_known(cast: Cast) -> None:
    file = a_file(cast, name=None)
    submit("intake.registration", {"name": None, "sex": None, "area": None}, by=cast.caseworker, file=file)
    assert case_of(file) is not None


@pytest.mark.covers("R15")
def test_what_is_asked_at_the_least_can_be_answered_and_is_sealed(cast: Cast) -> None:
    told = {
        "name": "Xolqa", "other_names": "Little Moon, Xolka", "age": "9", "oldest": "12", "caregiver_name": "Umm Xolqa",
        "description": "A scar on the chin; sleeps behind the blue tank", "care_arrangement": "no_care",
        "concerns": "Coughs", "urgent_needs": ["health"], "sex": "female", "area": "river_district",
    }  # fmt: skip
    file = a_file(cast, name=None)
    row = submit("intake.registration", told, by=cast.caseworker, file=file).entry_id
    age(cast, file, individual_id="RX-7741-55")
    found = known(file)
    assert found["other_names"] == told["other_names"] and found["individual_id"] == "RX-7741-55"
    assert entries_of(file)[1].answers == told
    bytes_of = [
        bytes(part or b"") for part in Entry.objects.values_list("sealed_case", "sealed_identity").get(id=row)
    ]
    assert not any(word in b"".join(bytes_of) for word in (b"Xolqa", b"RX-7741", b"blue tank"))
    stored = Person.objects.filter(file_id=file).values_list("sealed", flat=True)
    assert not any(b"RX-7741" in bytes(one) for one in stored)


@pytest.mark.covers("R15")
def test_no_question_asks_where_the_child_is_on_a_map() -> None:
    intake = [form for code, form in FORMS.items() if code.startswith("intake.")]
    for question in (question for form in intake for question in form.questions):
        assert not {"gps", "geopoint", "latitude", "longitude"} & set(question.name.split("_"))
        assert question.type != "place" or question.seal != "clear"


@pytest.mark.covers("R15")
def test_an_individual_number_is_no_column_and_no_needed_answer(cast: Cast) -> None:
    (number,) = [one for one in FORMS["intake.age"].questions if one.name == "individual_id"]
    assert (number.required, number.seal) == (False, "identity")


@pytest.mark.covers("R16")
def test_a_range_stands_beside_what_is_known_and_grows_up(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", {"age": "10", "oldest": "13"}, by=cast.caseworker, file=file)
    assert ages(file) == (10, 13)
    assert ages(file, later(365).date()) == (11, 14)
    assert rebuild(file, keep=False) == []


@pytest.mark.covers("R16")
def test_a_range_the_wrong_way_round_is_one_sentence_at_its_question(cast: Cast) -> None:
    file = a_file(cast)
    assert refusal("intake.registration", {"age": "13", "oldest": "10"}, by=cast.caseworker, file=file) == {
        "oldest": "check"
    }
    assert refusal("intake.age", {"age": "9", "oldest": "8"}, by=cast.caseworker, file=file) == {
        "oldest": "check"
    }


@pytest.mark.covers("R16")
@pytest.mark.parametrize(
    ("calendar", "told", "day"),
    [
        ("ethiopian", "2007-10-30", "2015-07-07"), ("solar_hijri", "15/7/1394", "2015-10-07"),
        ("gregorian", "2015-03-09", "2015-03-09"),
    ],
)  # fmt: skip
def test_a_birth_date_is_kept_as_it_was_told_beside_its_gregorian_day(
    cast: Cast, calendar: str, told: str, day: str
) -> None:
    file = a_case(cast)
    age(cast, file, birth_calendar=calendar, birth_told=told, estimated="yes")
    found = known(file)
    assert (found["birth_date"], found["birth_told"], found["birth_calendar"]) == (day, told, calendar)
    assert found["estimated"] == "yes" and found["birth_year"] == int(day[:4])
    assert rebuild(file, keep=False) == []


@pytest.mark.covers("R16")
def test_a_season_or_an_event_is_kept_in_words_and_no_day_is_made_of_it(cast: Cast) -> None:
    file = a_file(cast)
    words = "In the big rains, the year before the flood"
    age(cast, file, birth_calendar="words", birth_told=words, age="9", oldest="10")
    assert known(file)["birth_told"] == words
    assert "birth_date" not in known(file)
    assert ages(file) == (9, 10)


@pytest.mark.covers("R16")
@pytest.mark.parametrize(
    ("calendar", "told", "code"),
    [
        ("ethiopian", "2012-13-6", "no_such_day"), ("solar_hijri", "1400-12-30", "no_such_day"),
        ("gregorian", "2015-02-30", "no_such_day"), ("gregorian", "last spring", "malformed"),
        ("ethiopian", "2030-1-1", "future"), ("solar_hijri", "1300-1-1", "out_of_range"),
        ("ethiopian", "0003-1-1", "out_of_range"), ("gregorian", "2015-00-10", "no_such_day"),
    ],
)  # fmt: skip
def test_an_impossible_date_is_one_sentence_and_nothing_is_written(
    cast: Cast, calendar: str, told: str, code: str
) -> None:
    file = a_file(cast)
    answers = {"age": None, "birth_calendar": calendar, "birth_told": told}
    assert refusal("intake.age", answers, by=cast.caseworker, file=file) == {"birth_told": code}


@pytest.mark.covers("R16")
def test_a_newer_word_on_the_age_takes_the_older_doubt_back(cast: Cast) -> None:
    file = a_file(cast)
    submit("intake.registration", {"age": "10", "oldest": "13"}, by=cast.caseworker, file=file)
    age(cast, file, birth_calendar="gregorian", birth_told="2014-05-01")
    assert ages(file) == (11, 11)
    assert "oldest" not in known(file) and "born_between" not in known(file)
    age(cast, file, age="12", oldest="15")
    assert ages(file) == (12, 15)
    assert "birth_date" not in known(file) and "birth_told" not in known(file)
    assert rebuild(file, keep=False) == []


def test_a_corrected_age_leaves_nothing_of_the_wrong_one(cast: Cast) -> None:
    file = a_file(cast)
    wrong = age(cast, file, birth_calendar="solar_hijri", birth_told="1394-1-1")
    submit(
        "intake.age", {"age": None, "birth_calendar": "solar_hijri", "birth_told": "1396-1-1"},
        by=cast.caseworker, file=file, amends=wrong,
    )  # fmt: skip
    assert known(file)["birth_date"] == "2017-03-21"
    assert rebuild(file, keep=False) == []
