"""The overview of who looked at which file: made once for each period, from what is ordinary, unusual first (R121)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.cast import START, Cast, a_case, a_file, an_emergency, later
from tutela import commands
from tutela.access.models import Membership, User
from tutela.audit.actions import record
from tutela.audit.models import AuditRow, Stream
from tutela.supervision.models import Digest

pytestmark = pytest.mark.django_db

WEEK_OVER = later(7)  # the period began with the first row, on a Monday


def read(file: UUID, *, by: User, at: datetime = START, **more: Any) -> None:
    record(act="file.read", by=by.id, at=at, file_id=file, **more)


def lines(cast: Cast) -> list[dict[str, Any]]:
    agency = Membership.objects.get(user=cast.caseworker).agency
    commands.make_digests(at=WEEK_OVER)
    found: list[dict[str, Any]] = Digest.objects.get(agency=agency).lines
    return found


def unusual(cast: Cast, file: UUID, by: User) -> list[str]:
    (line,) = [one for one in lines(cast) if (one["file"], one["by"]) == (str(file), str(by.id))]
    told: list[str] = line["unusual"]
    return told


def test_nothing_is_made_before_the_period_is_over(cast: Cast) -> None:
    a_file(cast)
    commands.make_digests(at=later(6))
    assert not Digest.objects.exists()


def test_each_period_is_made_once_and_none_is_lost(cast: Cast) -> None:
    """Also where the worker was away for three weeks, and where it is asked again and again."""
    a_file(cast)
    for _ in range(2):
        commands.make_digests(at=later(22))
    made = list(Digest.objects.order_by("since").values_list("since", "until"))
    day = START.date()
    assert made == [(day + timedelta(days=7 * week), day + timedelta(days=7 * week + 6)) for week in range(3)]
    assert AuditRow.objects.filter(act="digest.made").count() == 3


def test_an_agency_in_which_nobody_did_anything_gets_none(cast: Cast) -> None:
    a_file(cast)
    commands.make_digests(at=WEEK_OVER)
    assert Digest.objects.get().agency == Membership.objects.get(user=cast.caseworker).agency


@pytest.mark.django_db(transaction=True, databases=["default", "keyring"])
def test_two_workers_at_once_make_it_once(cast: Cast) -> None:
    a_file(cast)

    def work(_: int) -> None:
        try:
            commands.make_digests(at=WEEK_OVER)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert Digest.objects.count() == AuditRow.objects.filter(act="digest.made").count() == 1


def test_it_counts_who_was_at_which_file(cast: Cast) -> None:
    file = a_file(cast)
    for hours in range(3):
        read(file, by=cast.supervisor, at=later(hours=hours))
    (line,) = [one for one in lines(cast) if one["by"] == str(cast.supervisor.id)]
    assert (line["file"], line["times"], line["unusual"]) == (str(file), 3, [])
    assert datetime.fromisoformat(line["last"]) == later(hours=2)


def test_a_line_holds_ids_counts_and_codes_and_nothing_else(cast: Cast) -> None:
    an_emergency(cast, a_case(cast))
    codes = {"denied", "emergency", "outside_team", "many_files", "night"}
    for line in lines(cast):
        assert set(line) == {"file", "by", "times", "last", "unusual"} and set(line["unusual"]) <= codes
        assert UUID(line["file"]) and UUID(line["by"]) and isinstance(line["times"], int)
        assert datetime.fromisoformat(line["last"])


def test_what_was_denied_is_unusual(cast: Cast) -> None:
    file = a_file(cast)
    read(file, by=cast.colleague, allowed=False)
    assert unusual(cast, file, cast.colleague) == ["denied"]


def test_whoever_is_not_of_the_team_is_unusual(cast: Cast) -> None:
    file = a_file(cast)
    read(file, by=cast.other_supervisor)
    assert unusual(cast, file, cast.other_supervisor) == ["outside_team"]


def test_an_emergency_is_unusual(cast: Cast) -> None:
    file = a_case(cast)
    an_emergency(cast, file)
    assert unusual(cast, file, cast.colleague) == ["emergency"]


@pytest.mark.parametrize(("hours", "told"), [(11.9, []), (12, ["night"]), (20.9, ["night"]), (21, [])])
def test_the_night_is_the_night_of_the_place(cast: Cast, hours: float, told: list[str]) -> None:
    """It was nine in the morning in Nairobi; the night is from 21 to 6 there."""
    file = a_file(cast)
    read(file, by=cast.supervisor, at=later(hours=hours))
    assert unusual(cast, file, cast.supervisor) == told


@pytest.mark.parametrize(("number", "told"), [(30, []), (31, ["many_files"])])
def test_many_files_on_one_day_are_unusual(cast: Cast, number: int, told: list[str]) -> None:
    files = [a_file(cast) for _ in range(number)]
    for file in files:
        read(file, by=cast.supervisor)
    read(files[0], by=cast.both, at=later(1))
    assert unusual(cast, files[0], cast.supervisor) == told
    assert [one["unusual"] for one in Digest.objects.get().lines if one["by"] == str(cast.both.id)] == [[]]


def test_answering_for_an_emergency_is_no_look_at_the_file(cast: Cast) -> None:
    opening = an_emergency(cast, a_case(cast))
    commands.look_at_emergency(opening, by=cast.supervisor, at=START)
    assert str(cast.supervisor.id) not in {one["by"] for one in lines(cast)}


def test_what_is_unusual_stands_first(cast: Cast) -> None:
    file = a_file(cast)
    read(file, by=cast.supervisor, at=later(5))
    read(file, by=cast.both, at=later(hours=13))
    read(file, by=cast.colleague, allowed=False)
    assert [one["unusual"] for one in lines(cast)] == [["denied"], ["night"], [], []]


def test_nothing_of_safeguarding_is_in_it(cast: Cast) -> None:
    file = a_file(cast)
    read(file, by=cast.both, stream=Stream.SAFEGUARDING)
    record(act="complaint.read", by=cast.colleague.id, at=START, file_id=file)
    assert {one["by"] for one in lines(cast)} == {str(cast.caseworker.id)}


def test_files_of_another_agency_are_not_in_it(cast: Cast) -> None:
    file = a_file(cast)
    read(file, by=cast.elsewhere, allowed=False)
    commands.make_digests(at=WEEK_OVER)
    theirs = Digest.objects.filter(agency=Membership.objects.get(user=cast.elsewhere).agency)
    assert theirs.get().lines == []
    assert len(lines(cast)) == 2  # but an attempt from there is in ours
