"""Answers that nobody can have meant: refused with a sentence at their question, and nothing is kept of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela.cases.models import CaseFile
from tutela.cases.queries import entries_of, entry_of

pytestmark = pytest.mark.django_db


def test_everything_that_is_wrong_is_said_at_once_at_its_question(cast: Cast) -> None:
    wrong = {"source": "radio", "triage": None, "age": "26", "name": "x" * 201, "colour": "red"}
    found = refusal("intake.identification", wrong, by=cast.caseworker, happened_at=later(1))
    assert found == {
        "happened_at": "future", "source": "unknown_choice", "triage": "needed", "age": "out_of_range",
        "name": "too_long", "colour": "unknown_question",
    }  # fmt: skip


def test_a_refused_identification_leaves_no_file(cast: Cast) -> None:
    refusal("intake.identification", {"triage": "purple"}, by=cast.caseworker)
    assert not CaseFile.objects.exists()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (["a list"], "malformed"),
        ({"a": "row"}, "malformed"),
        ({}, "malformed"),
        ([[]], "malformed"),
        (7, "malformed"),
        (0, "malformed"),
        (1.5, "malformed"),
        (True, "malformed"),
        (False, "malformed"),
        ("x" * 10_001, "too_long"),
        ("null\0byte", "malformed"),
        ("bell\a", "malformed"),
        ("escape \x1b[31m", "malformed"),
        ("half a letter \ud800", "malformed"),
        ("next\x85line", "malformed"),
    ],
    ids=repr,
)
def test_text_that_cannot_be_kept_is_refused(cast: Cast, answer: Any, code: str) -> None:
    file = a_file(cast)
    assert refusal("follow_up.contact", {"situation": answer}, by=cast.caseworker, file=file) == {
        "situation": code
    }


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "two\nlines\tand a tab",
        "left \u2067right\u2069 left, \u200fmark",
        "👧🏽 has a 👨‍👩‍👧 and a 🏳️‍🌈",
        "وُلدت أمينة سنة ٢٠١٣",
        "'; DROP TABLE cases_entry; --",
        "<script>alert(1)</script>",
        "{who} {0} %s %(name)s ${reached}",
        "line\u2028separator, zero\u200bwidth, \ufeffmark",
    ],
    ids=range(9),
)
def test_whatever_people_write_comes_back_as_they_wrote_it(cast: Cast, text: str) -> None:
    file = a_file(cast)
    entry_id = submit("follow_up.contact", {"situation": text}, by=cast.caseworker, file=file).entry_id
    assert entry_of(entry_id, file_id=file).answers["situation"] == text


def test_digits_of_other_scripts_are_numbers(cast: Cast) -> None:
    file = a_file(cast, age="١٣")
    registered = {"birth_date": "٢٠١٣-٠٢-٠١"}
    submit("intake.registration", registered, by=cast.caseworker, file=file)
    told = [entry.answers for entry in entries_of(file)]
    assert told[0]["age"] == "13" and told[1]["birth_date"] == "2013-02-01"


@pytest.mark.parametrize(
    ("age", "code"),
    [
        ("-1", "out_of_range"), ("26", "out_of_range"), ("1e3", "malformed"), ("1.5", "malformed"), ("NaN", "malformed"),
        ("∞", "malformed"), ("½", "malformed"), ("十", "malformed"), ("9" * 16, "malformed"), (13, "malformed"),
        ("0x10", "malformed"), ("", None), ("0", None), ("25", None), (" 7 ", None), (None, None),
    ],
)  # fmt: skip
def test_ages(cast: Cast, age: Any, code: str | None) -> None:
    if code is None:
        a_file(cast, age=age)
    else:
        assert refusal("intake.identification", {"age": age}, by=cast.caseworker) == {"age": code}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2013-02-29", "malformed"), ("29.02.2012", "malformed"), ("0000-01-01", "malformed"), ("10000-01-01", "malformed"),
        ("0001-01-01", "out_of_range"), ("1989-12-31", "out_of_range"), ("2026-03-03", "future"), ("9999-12-31", "future"),
        ("2012-02-29", None), ("2026-03-02", None), ("1990-01-01", None),
    ],
)  # fmt: skip
def test_dates_of_birth(cast: Cast, day: str, code: str | None) -> None:
    file = a_file(cast)
    if code is None:
        submit("intake.registration", {"birth_date": day}, by=cast.caseworker, file=file)
    else:
        found = refusal("intake.registration", {"birth_date": day}, by=cast.caseworker, file=file)
        assert found == {"birth_date": code}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_edge_of_the_calendar_do_no_harm(cast: Cast, day: str) -> None:
    file = a_case(cast)
    plan = {"actions": [{"what": "Talk", "due_on": day}]}
    submit("planning.plan", plan, by=cast.caseworker, file=file)
    gone: dict[str, Any] = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))
    gone |= {"reason": "uncontactable_after_3_months", "unreachable_since": day}
    for days in (-3, -2, -1):
        attempt = {"reached": "attempt"}
        submit(
            "follow_up.contact",
            attempt,
            by=cast.caseworker,
            file=file,
            happened_at=START + timedelta(days=days),
        )
    if day.startswith("0"):
        submit("closure.request", gone, by=cast.caseworker, file=file)
        closing = {"discussed_on": day}
        submit("closure.answer", by=cast.supervisor, file=file)
        submit("closure.closure", closing, by=cast.caseworker, file=file)
    else:
        found = refusal("closure.request", gone, by=cast.caseworker, file=file)
        assert found == {"unreachable_since": "future"}


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime.min.replace(tzinfo=UTC), "out_of_range"),
        (datetime(1989, 12, 31, tzinfo=UTC), "out_of_range"),
        (START + timedelta(seconds=1), "future"),
        (datetime.max.replace(tzinfo=UTC), "future"),
    ],
)
def test_nothing_happened_in_the_future_or_long_ago(cast: Cast, moment: datetime, code: str) -> None:
    file = a_file(cast)
    for form, where in (("follow_up.contact", file), ("intake.identification", None)):
        found = refusal(form, {}, by=cast.caseworker, file=where, happened_at=moment)
        assert found == {"happened_at": code}


def test_something_may_have_happened_this_very_moment_or_years_ago(cast: Cast) -> None:
    file = a_file(cast)
    for moment in (START, datetime(1990, 1, 2, tzinfo=UTC)):
        submit("follow_up.contact", by=cast.caseworker, file=file, happened_at=moment)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("one", {"actions": "malformed"}),
        ({"what": "Talk"}, {"actions": "malformed"}),
        (["Talk"], {"actions": "malformed"}),
        ([{"what": "Talk"}, None], {"actions": "malformed"}),
        ([{}], {"actions.0.what": "needed"}),
        ([{"what": "Talk"}, {"what": " "}], {"actions.1.what": "needed"}),
        ([{"what": ["Talk"]}], {"actions.0.what": "malformed"}),
        ([{"what": "Talk", "who": "stranger"}], {"actions.0.who": "unknown_choice"}),
        ([{"what": "Talk", "due_on": "soon"}], {"actions.0.due_on": "malformed"}),
        ([{"what": "Talk", "colour": "red"}], {"actions.0.colour": "unknown_question"}),
        ([{"what": "Talk"}] * 51, {"actions": "too_many"}),
        ([{"what": "x" * 501}], {"actions.0.what": "too_long"}),
    ],
    ids=range(12),
)
def test_rows_that_are_malformed_are_refused_at_their_place(
    cast: Cast, rows: Any, code: dict[str, str]
) -> None:
    file = a_file(cast)
    assert refusal("planning.plan", {"actions": rows}, by=cast.caseworker, file=file) == code


@pytest.mark.parametrize("given", ["neglect", ["neglect"], ["neglect", "neglect"]], ids=repr)
def test_one_choice_of_several_may_come_alone_or_twice(cast: Cast, given: Any) -> None:
    file = a_file(cast)
    entry_id = submit("assessment.comprehensive", {"threats": given}, by=cast.caseworker, file=file).entry_id
    assert entry_of(entry_id, file_id=file).answers["threats"] == ["neglect"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["neglect", "dragons"], "unknown_choice"),
        (["Neglect"], "unknown_choice"),
        (["neglect", None], "malformed"),
        ([["neglect"]], "malformed"),
        ({"neglect": True}, "malformed"),
        (1, "malformed"),
    ],
    ids=repr,
)
def test_unknown_choices_are_refused(cast: Cast, given: Any, code: str) -> None:
    file = a_file(cast)
    found = refusal("assessment.comprehensive", {"threats": given}, by=cast.caseworker, file=file)
    assert found == {"threats": code}


def test_an_answer_to_a_question_that_does_not_apply_is_never_dropped_silently(cast: Cast) -> None:
    file = a_file(cast)
    found = refusal(
        "follow_up.contact", {"reached": "child", "ways_tried": ["phone"]}, by=cast.caseworker, file=file
    )
    assert found == {"ways_tried": "does_not_apply"}


def test_a_question_left_out_by_its_condition_is_not_needed(cast: Cast) -> None:
    file = a_file(cast)
    assert refusal("assessment.comprehensive", {"risk_level": "low"}, by=cast.caseworker, file=file) == {
        "risk_reason": "needed"
    }
    submit("assessment.comprehensive", by=cast.caseworker, file=file)
