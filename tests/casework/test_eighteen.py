"""Growing up: looking ahead to 18, and what goes on after it (R58, R59; acceptance fact 13)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela import commands
from tutela.cases.models import CaseFile
from tutela.closure.queries import is_closed, is_near_eighteen, near_eighteen
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Refused
from tutela.published.queries import pack_in_force

pytestmark = pytest.mark.django_db

ALERT = date(2026, 3, 2)  # the day on which somebody born on 2 September 2008 is seventeen and a half


def young(cast: Cast, born: str = "2008-09-02") -> UUID:
    file = a_file(cast)
    submit("intake.registration", {"birth_date": born}, by=cast.caseworker, file=file)
    return file


def asked(file: UUID, day: date) -> bool:
    return "closure.approaching_eighteen" in {task.form for task in tasks_on(file, day=day)}


def look(cast: Cast, file: UUID, *, days: float = 0, **answers: Any) -> None:
    submit("closure.approaching_eighteen", answers, by=cast.caseworker, file=file, at=later(days))


def refused_codes(cast: Cast, file: UUID, answers: Mapping[str, Any]) -> list[str]:
    with pytest.raises(Refused) as refused:
        look(cast, file, **answers)
    return [one.code for one in refused.value.unmet]


@pytest.mark.covers("R58")
def test_it_is_time_from_seventeen_and_a_half_and_not_a_day_before(cast: Cast) -> None:
    file = young(cast)
    assert not asked(file, ALERT - timedelta(days=1))
    assert asked(file, ALERT) and asked(file, ALERT + timedelta(days=400))


@pytest.mark.covers("R58", "R16")
def test_an_age_that_somebody_guessed_counts_as_early_as_it_may(cast: Cast) -> None:
    seventeen, sixteen = a_file(cast, age="17"), a_file(cast, age="16")
    assert asked(seventeen, START.date()) and not asked(sixteen, START.date())
    assert not asked(sixteen, date(2026, 9, 2)) and asked(sixteen, date(2026, 9, 3))
    unknown = a_file(cast)
    assert not asked(unknown, START.date())


@pytest.mark.covers("R58")
def test_the_birthday_closes_nothing_and_stops_nothing(cast: Cast) -> None:
    file = young(cast, "2008-03-03")
    submit("assessment.initial", by=cast.caseworker, file=file)
    before = {one.step for one in open_deadlines([file])}
    submit("cases.person", by=cast.caseworker, file=file, at=later(5))
    assert not is_closed(file) and {one.step for one in open_deadlines([file])} == before


@pytest.mark.covers("R58")
@pytest.mark.parametrize("need", ["no_longer_at_risk", "short_term", "social_network"])
def test_what_was_settled_is_not_asked_again(cast: Cast, need: str) -> None:
    file = young(cast)
    look(cast, file, need=need)
    assert not asked(file, ALERT) and not asked(file, date(2026, 9, 2)) and not is_closed(file)


@pytest.mark.covers("R58")
def test_where_nobody_takes_over_it_is_asked_again_at_eighteen(cast: Cast) -> None:
    file = young(cast)
    look(cast, file, need="no_solution")
    assert not asked(file, date(2026, 9, 1)) and asked(file, date(2026, 9, 2))
    look(cast, file, days=190, need="no_solution")
    assert not asked(file, date(2026, 9, 9))
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R58")
def test_a_service_for_adults_takes_over_only_if_the_young_person_agrees(cast: Cast) -> None:
    file = young(cast)
    assert refused_codes(cast, file, {"need": "adult_service", "agrees": "no"}) == [
        "not_agreed_by_young_person"
    ]
    assert refused_codes(cast, file, {"need": "adult_service"}) == ["not_agreed_by_young_person"]
    look(cast, file, need="adult_service", agrees="yes")


GOES_ON: Mapping[str, Any] = {
    "best_interests": "yes", "best_interests_ground": "begun_before_18", "best_interests_consent": "yes",
}  # fmt: skip


@pytest.mark.covers("R59")
def test_a_best_interests_procedure_goes_on_with_ground_and_consent_until_twenty_one(cast: Cast) -> None:
    file = young(cast, "2006-03-03")
    neither = {**GOES_ON, "best_interests_ground": "neither", "best_interests_consent": "no"}
    assert refused_codes(cast, file, neither) == ["no_ground", "no_consent"]
    look(cast, file, **GOES_ON)
    look(cast, file, **{**GOES_ON, "best_interests_ground": "primary_carer"})
    older = young(cast, "2005-03-02")
    assert refused_codes(cast, older, GOES_ON) == ["too_old"]
    look(cast, older)  # nothing goes on, and what is needed can still be written down


@pytest.mark.covers("R58")
def test_a_list_opens_in_one_go_and_only_those_whose_year_allows_it(cast: Cast) -> None:
    files = [young(cast) for _ in range(3)] + [a_case(cast), young(cast, "2015-01-01")]
    pack = pack_in_force(CaseFile.objects.get(id=files[0]).agency_id, ALERT)

    def queries(some: list[UUID]) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert set(near_eighteen(some, pack=pack, day=ALERT)) == set(some) & set(files[:3])
        return len(captured)

    assert queries(files[:1]) == queries(files)
    assert is_near_eighteen(files[0], day=ALERT) and not is_near_eighteen(files[4], day=ALERT)
