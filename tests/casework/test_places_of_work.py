"""One moment is two days in two places: due days, “today” and what closing counts follow the place of work (R28)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.cast import SINCE, START, Cast, person, submit
from tutela import commands
from tutela.access.actions import found_agency
from tutela.access.models import Role, User
from tutela.access.queries import today_of
from tutela.cases.models import Entry
from tutela.closure.queries import request_of
from tutela.deadlines.queries import open_deadlines, overdue_files
from tutela.foundation.refusals import Refused
from tutela.published.actions import publish, put_in_force
from tutela.published.models import PackInForce

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R28")]

PLACES = {"Asia/Kathmandu": date(2026, 3, 2), "America/Bogota": date(2026, 3, 1)}
NOW = datetime(
    2026, 3, 1, 20, 0, tzinfo=UTC
)  # 1.45 at night on the 2nd in Kathmandu, three in the afternoon on the 1st in Bogota


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, cast: Cast) -> tuple[User, ZoneInfo, date]:
    """A caseworker at one of the places, and the day that it is there."""
    agency = found_agency(
        name="Far",
        time_zone=request.param,
        pack="demonstration",
        teams=("One",),
        since=SINCE,
        at=START - timedelta(days=30),
    )
    worker = person("far", agency, role=Role.CASEWORKER, team="One")
    return worker, ZoneInfo(request.param), PLACES[request.param]


def a_registered_child(worker: User) -> UUID:
    file = submit("intake.identification", {"triage": "medium"}, by=worker, at=NOW).file_id
    submit("intake.registration", by=worker, file=file, at=NOW)
    return file


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)


def test_due_days_end_where_the_work_is_done(place: tuple[User, ZoneInfo, date]) -> None:
    worker, zone, today = place
    file = submit("intake.identification", {"triage": "medium"}, by=worker, at=NOW).file_id
    (due,) = open_deadlines([file])
    assert due.due_at == end_of(today + timedelta(days=3), zone)
    assert overdue_files([file], day=today + timedelta(days=3)) == set()
    assert overdue_files([file], day=today + timedelta(days=4)) == {file}
    assert commands.rebuild(file, keep=False) == []


def test_today_is_the_day_of_the_place(place: tuple[User, ZoneInfo, date]) -> None:
    worker, _, today = place
    assert today_of(worker, at=NOW) == today
    assert Entry.objects.get(file=a_registered_child(worker), revision=1).happened_on == today


@pytest.mark.covers("R53")
def test_three_months_without_contact_end_on_the_day_of_the_place(place: tuple[User, ZoneInfo, date]) -> None:
    worker, _, today = place
    file = a_registered_child(worker)
    for days in (50, 30, 10):
        submit(
            "follow_up.contact",
            {"reached": "attempt"},
            by=worker,
            file=file,
            at=NOW,
            happened_at=NOW - timedelta(days=days),
        )
    gone: dict[str, Any] = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))
    gone |= {"reason": "uncontactable_after_3_months", "unreachable_since": "2025-12-02"}
    if today < date(2026, 3, 2):
        with pytest.raises(Refused, match="not_long_enough"):
            submit("closure.request", gone, by=worker, file=file, at=NOW)
    else:
        submit("closure.request", gone, by=worker, file=file, at=NOW)
        assert request_of(file) is not None


def test_a_pack_begins_with_the_day_of_the_place(place: tuple[User, ZoneInfo, date]) -> None:
    worker, zone, _ = place
    file = a_registered_child(worker)
    agency = PackInForce.objects.get(agency_id=file_agency(file)).agency_id
    put_in_force(agency_id=agency, pack=publish("legacy_2014", at=NOW), since=date(2026, 3, 10), at=NOW)
    begins = datetime(2026, 3, 10, tzinfo=zone)
    assert commands.recount_deadlines(at=begins - timedelta(seconds=1)) == 0
    assert commands.recount_deadlines(at=begins) == 1
    assert commands.rebuild(file, keep=False) == []


def file_agency(file: UUID) -> UUID:
    return Entry.objects.select_related("file").get(file=file, revision=1).file.agency_id
