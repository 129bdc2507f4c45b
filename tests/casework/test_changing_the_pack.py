"""When an agency begins to work by another pack, what is due on its files changes with it (R23, R26–R28; ADR 0022)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.casework.test_at_the_same_time import all_at_once
from tests.cast import START, Cast, a_case, a_closed_case, later, submit
from tutela import commands
from tutela.access.models import Agency
from tutela.audit.actions import record
from tutela.audit.models import AuditRow
from tutela.cases.actions import facts_on
from tutela.deadlines.models import Deadline, Recount
from tutela.deadlines.queries import files_to_recount, open_deadlines
from tutela.protocols import packs
from tutela.published.actions import publish, put_in_force
from tutela.published.models import PackVersion

pytestmark = pytest.mark.django_db

RULE = """- key: {key}
  value: {value}
  unit: {unit}
  clock: {clock}
  valid_from: 1989-11-20
  source: "A decision of the protection meeting"
  requirement: R26
  verified_on: 2026-03-01
"""


@pytest.fixture
def shorter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackVersion:
    """A pack in which a medium follow-up is due after ten days instead of fourteen, and late after ten."""
    return a_pack(tmp_path, monkeypatch, "shorter", "deadline.medium.follow_up", 10, "days", "first_risk_set")


def a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, key: str, value: int, unit: str, clock: str
) -> PackVersion:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        f"name: {name}\ntitle: Shorter\nversion: 2026-11-22\nextends: demonstration\ndescription: For a test.\n"
    )
    rules = RULE.format(key=key, value=value, unit=unit, clock=clock)
    if "follow_up" in key:
        rules += RULE.format(key=f"{key}.overdue_after", value=value, unit=unit, clock=clock)
    (folder / "rules.yaml").write_text(rules)
    loaded = packs.load(folder)
    monkeypatch.setattr(packs, "load", lambda pack=packs.DEFAULT: loaded)
    published = publish(name, at=START)
    monkeypatch.undo()
    return published


def begin(pack: PackVersion, *, at: datetime, name: str = "Lantern") -> None:
    agency = Agency.objects.get(name=name)
    put_in_force(agency_id=agency.id, pack=pack, since=at.date(), at=at)


def due(file: UUID) -> dict[str, datetime]:
    return {one.step: one.due_at for one in open_deadlines([file])}


def end_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=20, minute=59, second=59)


def is_rebuilt_the_same(file: UUID) -> bool:
    return commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R26", "R28")
def test_a_shorter_limit_holds_for_what_is_due_from_that_day(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    assert due(file)["follow_up"] == end_of_day(later(14))
    begin(shorter, at=later(3))
    assert commands.recount_deadlines(at=later(3, hours=1)) == 1
    assert due(file)["follow_up"] == end_of_day(later(10))
    assert commands.recount_deadlines(at=later(4)) == 0
    assert is_rebuilt_the_same(file)


def test_what_another_pack_superseded_stays_and_says_so(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    before = set(Deadline.objects.filter(file=file).values_list("id", flat=True))
    begin(shorter, at=later(3))
    commands.recount_deadlines(at=later(3))
    rows = Deadline.objects.filter(file=file)
    assert before < set(rows.values_list("id", flat=True))
    (old,) = rows.filter(ended_by_pack__isnull=False)
    assert (old.step, old.ended_by_pack.pack.name, old.ended_by.revision) == ("follow_up", "shorter", 3)  # type: ignore[union-attr]
    row = AuditRow.objects.get(act="deadlines.recounted")
    assert (row.file_id, row.by, row.detail["pack"]) == (file, None, shorter.hash)


@pytest.mark.covers("R23")
def test_what_has_passed_by_then_stays_late(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    begin(shorter, at=later(20))
    commands.recount_deadlines(at=later(20))
    assert due(file)["follow_up"] == end_of_day(later(14))
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(21))
    assert due(file)["follow_up"] == end_of_day(later(31))
    assert is_rebuilt_the_same(file)


@pytest.mark.covers("R23")
def test_nobody_becomes_late_by_a_change_of_the_pack(cast: Cast, shorter: PackVersion) -> None:
    """Ten days were over when the pack began: it is due at the end of that day, and stays so whatever is written next."""
    file = a_case(cast)
    begin(shorter, at=later(12))
    commands.recount_deadlines(at=later(12))
    assert due(file)["follow_up"] == end_of_day(later(12))
    submit("cases.person", by=cast.caseworker, file=file, at=later(12, hours=2))
    assert due(file)["follow_up"] == end_of_day(later(12))
    assert is_rebuilt_the_same(file)


def test_whoever_writes_first_finds_the_new_limits(cast: Cast, shorter: PackVersion) -> None:
    """The worker was not there yet; the entry itself takes the change up before anything else."""
    file, other = a_case(cast), a_case(cast)
    begin(shorter, at=later(3))
    submit("cases.person", by=cast.caseworker, file=file, at=later(3, hours=1))
    assert due(file)["follow_up"] == end_of_day(later(10))
    assert files_to_recount(at=later(4)) == [other]
    assert commands.recount_deadlines(at=later(4)) == 1
    assert is_rebuilt_the_same(file) and is_rebuilt_the_same(other)


def test_an_entry_of_the_morning_keeps_the_pack_of_the_morning(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    begin(shorter, at=later(0, hours=4))
    assert due(file)["follow_up"] == end_of_day(later(14))
    assert is_rebuilt_the_same(file)


def test_an_entry_that_waited_while_the_worker_counted_keeps_the_new_pack(
    cast: Cast, shorter: PackVersion
) -> None:
    """It was received a moment before the pack began, and written a moment after the file was counted anew."""
    file = a_case(cast)
    begin(shorter, at=later(3))
    commands.recount_deadlines(at=later(3))
    submit("cases.person", by=cast.caseworker, file=file, at=later(3) - timedelta(seconds=1))
    assert due(file)["follow_up"] == end_of_day(later(10))
    assert is_rebuilt_the_same(file)


def test_a_pack_that_begins_later_is_waited_for(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    agency = Agency.objects.get(name="Lantern")
    put_in_force(agency_id=agency.id, pack=shorter, since=later(5).date(), at=later(1))
    assert commands.recount_deadlines(at=later(4)) == 0
    midnight = datetime(2026, 3, 6, 21, tzinfo=UTC)  # where they work, three hours ahead
    assert commands.recount_deadlines(at=midnight - timedelta(seconds=1)) == 0
    assert commands.recount_deadlines(at=midnight) == 1
    assert due(file)["follow_up"] == end_of_day(later(10))


def test_another_agency_and_what_was_met_are_left_alone(cast: Cast, shorter: PackVersion) -> None:
    file = a_case(cast)
    theirs = submit("intake.identification", by=cast.elsewhere).file_id
    met = facts_met(file)
    begin(shorter, at=later(3))
    assert commands.recount_deadlines(at=later(3)) == 1
    assert not Recount.objects.filter(file_id=theirs).exists()
    assert facts_met(file) == met


def test_a_closed_file_keeps_its_one_visit(cast: Cast, shorter: PackVersion) -> None:
    file = a_closed_case(cast)
    begin(shorter, at=later(3))
    commands.recount_deadlines(at=later(3))
    assert set(due(file)) == {"post_closure_follow_up"}
    assert is_rebuilt_the_same(file)


def test_several_changes_and_corrections_are_replayed_in_their_places(
    cast: Cast, shorter: PackVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = a_pack(
        tmp_path, monkeypatch, "longer", "deadline.medium.follow_up", 30, "days", "first_risk_set"
    )
    file = a_case(cast)
    begin(shorter, at=later(2))
    commands.recount_deadlines(at=later(2))
    contact = submit("follow_up.contact", by=cast.caseworker, file=file, at=later(4)).entry_id
    begin(longer, at=later(6))
    submit(
        "follow_up.contact", {"reached": "others"}, by=cast.caseworker, file=file, at=later(7), amends=contact
    )
    begin(shorter, at=later(8))
    commands.recount_deadlines(at=later(9))
    assert Recount.objects.filter(file=file).count() == 3
    assert is_rebuilt_the_same(file)
    before = facts_on(file)
    assert commands.rebuild(file, keep=True) == [] and facts_on(file) == before


@pytest.mark.django_db(transaction=True)
def test_any_number_of_workers_count_each_file_once(cast: Cast, shorter: PackVersion) -> None:
    files = [a_case(cast) for _ in range(3)]
    begin(shorter, at=later(3))
    found = all_at_once(lambda _: commands.recount_deadlines(at=later(3)), count=4)
    assert sum(found) == 3
    assert Recount.objects.count() == 3 == AuditRow.objects.filter(act="deadlines.recounted").count()
    assert all(is_rebuilt_the_same(file) for file in files)


def test_cut_off_in_the_middle_nothing_is_lost_and_nothing_half_done(
    cast: Cast, shorter: PackVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [a_case(cast) for _ in range(2)]
    begin(shorter, at=later(3))
    calls: list[Any] = []

    def dies_the_second_time(**row: Any) -> None:
        calls.append(row)
        if len(calls) == 2:
            raise SystemExit
        record(**row)

    monkeypatch.setattr("tutela.audit.actions.record", dies_the_second_time)
    with pytest.raises(SystemExit):
        commands.recount_deadlines(at=later(3))
    monkeypatch.undo()
    assert Recount.objects.count() == 1
    assert Deadline.objects.filter(ended_by_pack__isnull=False).count() == 1
    assert commands.recount_deadlines(at=later(3)) == 1
    assert all(due(file)["follow_up"] == end_of_day(later(10)) for file in files)


def test_a_file_that_does_not_open_keeps_no_other_waiting(cast: Cast, shorter: PackVersion) -> None:
    from tutela.vault import opened_keys
    from tutela.vault.models import FileKey

    broken, sound = sorted([a_case(cast), a_case(cast)])
    FileKey.objects.filter(file_id=broken).delete()
    opened_keys.forget_all()
    begin(shorter, at=later(3))
    assert commands.recount_deadlines(at=later(3)) == 1
    assert due(sound)["follow_up"] == end_of_day(later(10))


def facts_met(file: UUID) -> list[Any]:
    return list(Deadline.objects.filter(file=file, met_by__isnull=False).order_by("id").values())
