"""Dates in words that stand near, and ages."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.pages.rendering import piece
from tutela.pages import dates

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _at_noon() -> object:
    with time_machine.travel(NOON, tick=False), timezone.override("UTC"):
        yield


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"), (1, "tomorrow"), (-1, "yesterday"), (2, "in 2 days"), (-3, "3 days ago"), (13, "in 13 days"),
        (14, "in 2 weeks"), (-40, "5 weeks ago"), (60, "in 2 months"), (-400, "13 months ago"),
    ],
)  # fmt: skip
def test_a_distance_is_said_in_the_unit_that_is_easy_to_grasp(days: int, words: str) -> None:
    assert dates.distance(TODAY + timedelta(days=days)) == words


@pytest.mark.parametrize(
    ("days", "kind", "words"),
    [
        (-3, "late", "3 days late"),
        (-1, "late", "1 day late"),
        (0, "today", "today"),
        (2, "ahead", "in 2 days"),
    ],
)
def test_a_due_day_is_late_from_the_next_day_on(days: int, kind: str, words: str) -> None:
    assert dates.lateness(TODAY + timedelta(days=days)) == dates.Lateness(kind, words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "kind", "words"),
    [
        (-2, "late", "2 hours late"),
        (5, "today", "in 5 hours"),
        (30, "ahead", "tomorrow"),
        (-30, "late", "1 day late"),
    ],
)
def test_a_due_moment_counts_in_hours_within_a_day(hours: int, kind: str, words: str) -> None:
    assert dates.lateness(NOON + timedelta(hours=hours)) == dates.Lateness(kind, words)  # type: ignore[arg-type]


def test_days_are_counted_where_the_work_is_done() -> None:
    late_evening = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    with timezone.override("Africa/Mogadishu"):
        assert dates.distance(late_evening) == "tomorrow"
        assert dates.exact(late_evening) == "Mon 23 Nov 2026, 01:30"


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2026, 11, 10), "under 1 month"), (date(2026, 10, 22), "1 month"), (date(2025, 9, 22), "14 months"),
        (date(2024, 11, 23), "23 months"), (date(2024, 11, 22), "2 years"), (date(2017, 1, 5), "9 years"),
    ],
)  # fmt: skip
def test_ages_are_in_years_and_under_two_in_months(born: date, words: str) -> None:
    assert dates.age_words(born) == words


def test_an_estimated_age_says_about() -> None:
    assert dates.age_words(date(2017, 1, 5), estimated=True) == "about 9 years"


def test_the_exact_date_stands_beside_the_words_for_people_and_machines() -> None:
    time = piece("{{ day|when }}", day=TODAY - timedelta(days=3)).one("time")
    assert time["datetime"] == "2026-11-19"
    assert time.text == "3 days ago · Thu 19 Nov 2026"


def test_a_date_may_stand_as_answers_keep_it() -> None:
    assert piece("{{ day|exact }}", day="2026-11-19").text == "Thu 19 Nov 2026"


def test_no_date_says_nothing() -> None:
    assert piece("{{ nothing|when }}{{ none|when }}{{ nothing|exact }}{{ nothing|age }}").text == ""


def test_an_age_may_be_a_number_of_years() -> None:
    assert piece("{{ years|age }}", years=1).text == "1 year"
