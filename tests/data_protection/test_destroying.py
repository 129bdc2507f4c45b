"""A file ends by two people: its keys are destroyed, nothing opens it any more, and a proof stays (R90, R91)."""

import json
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.core import serializers

from tests.cast import START, Cast, a_case, a_closed_case, later, submit
from tests.data_protection.conftest import Keepers
from tutela import commands
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile, Entry, Fact
from tutela.cases.queries import entries_of, files_of
from tutela.data_protection import actions, rules
from tutela.data_protection.models import Destruction, LegalHold
from tutela.data_protection.queries import destruction_of, endings_of, hold_on
from tutela.data_protection.register import open_register
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused
from tutela.keeper.envelope import Key
from tutela.keeper.messages import Wrapped
from tutela.protocols import packs
from tutela.published.queries import pack_in_force
from tutela.vault import keyring, opened_keys
from tutela.vault.errors import NoKeys
from tutela.vault.keeper import keeper
from tutela.vault.models import AgencyKey, FileKey

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R90", "R91")]

IN_TIME = START + timedelta(days=3000)


def file_called(file: UUID) -> CaseFile:
    return CaseFile.objects.select_related("agency").get(id=file)


def proposed(file: UUID, *, by: User) -> UUID:
    asked = new_id()
    actions.propose_destruction("time_over", asked, file=file_called(file), by=by, at=IN_TIME)
    return asked


def destroyed(file: UUID, keepers: Keepers) -> Destruction:
    asked = proposed(file, by=keepers.focal_point)
    agency = file_called(file).agency_id
    commands.destroy_file(asked, agency_id=agency, by=keepers.manager, at=IN_TIME)
    return destruction_of(asked, agency_id=agency)


def held(file: UUID, *, by: User) -> None:
    open_register(file_called(file).agency_id)
    actions.hold(
        {"reason": "A case before the court"}, new_id(), file=file_called(file), by=by, day=START.date()
    )


# --- Two people -----------------------------------------------------------------------------------------------


def test_one_asks_another_agrees_and_nothing_opens_the_file_any_more(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    assert len(entries_of(file)) > 3
    row = destroyed(file, keepers)
    with pytest.raises(NoKeys):
        entries_of(file)
    assert not any(model.objects.filter(file_id=file) for model in Fact.__subclasses__())  # type: ignore[attr-defined]
    assert keyring.with_some_keys([file]) == set()
    for user in (cast.caseworker, cast.supervisor, cast.both):
        assert file not in files_of(user, day=IN_TIME.date()).values_list("id", flat=True)
    logged = AuditRow.objects.get(act="file.destroyed")
    assert (logged.by, logged.file_id, logged.allowed) == (keepers.manager.id, file, True)
    assert row.backups_gone_on == IN_TIME.date() + timedelta(days=7)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.caseworker, file=file, at=IN_TIME, base=99)


def test_nobody_agrees_to_what_they_asked_for(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    asked = proposed(file, by=keepers.focal_point)
    with pytest.raises(Refused, match="own_proposal") as refused:
        commands.destroy_file(
            asked, agency_id=file_called(file).agency_id, by=keepers.focal_point, at=IN_TIME
        )
    assert "Somebody else agrees" in str(refused.value.unmet[0].words)
    assert len(entries_of(file)) > 3
    commands.destroy_file(asked, agency_id=file_called(file).agency_id, by=keepers.second, at=IN_TIME)


@pytest.mark.parametrize(
    "who", ["caseworker", "supervisor", "both", "colleague", "information_officer", "administrator"]
)
def test_nobody_else_of_the_agency_agrees_to_it(cast: Cast, keepers: Keepers, who: str) -> None:
    file = a_closed_case(cast)
    asked = proposed(file, by=keepers.focal_point)
    with pytest.raises((Forbidden, NotFound)):
        commands.destroy_file(asked, agency_id=file_called(file).agency_id, by=getattr(cast, who), at=IN_TIME)
    assert len(entries_of(file)) > 3


def test_a_focal_point_of_another_agency_finds_nothing(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    asked = proposed(file, by=keepers.focal_point)
    with pytest.raises(NotFound):
        commands.destroy_file(asked, agency_id=file_called(file).agency_id, by=keepers.elsewhere, at=IN_TIME)


def test_an_open_case_is_never_destroyed(cast: Cast, keepers: Keepers) -> None:
    with pytest.raises(Refused, match="open_case"):
        proposed(a_case(cast), by=keepers.focal_point)


def test_a_case_that_was_opened_again_meanwhile_stays(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    asked = proposed(file, by=keepers.focal_point)
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(1))
    with pytest.raises(Refused, match="open_case"):
        commands.destroy_file(asked, agency_id=file_called(file).agency_id, by=keepers.manager, at=IN_TIME)
    assert len(entries_of(file)) > 3


def test_what_was_withdrawn_is_not_destroyed_and_can_be_asked_for_again(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    agency = file_called(file).agency_id
    asked = proposed(file, by=keepers.focal_point)
    with pytest.raises(Conflict):
        proposed(file, by=keepers.second)
    actions.withdraw_destruction(asked, agency_id=agency, by=keepers.second, at=IN_TIME)
    with pytest.raises(NotFound):
        commands.destroy_file(asked, agency_id=agency, by=keepers.manager, at=IN_TIME)
    assert proposed(file, by=keepers.focal_point) != asked


# --- What holds a file, and how long it is kept -----------------------------------------------------------------


def test_a_file_that_is_held_stays_until_the_hold_is_ended(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    asked = proposed(file, by=keepers.focal_point)
    held(file, by=keepers.focal_point)
    agency = file_called(file).agency_id
    destroy = partial(commands.destroy_file, asked, agency_id=agency, by=keepers.manager, at=IN_TIME)
    with pytest.raises(Refused, match="held"):
        destroy()
    found = hold_on(file, agency_id=agency)
    assert found is not None and found[1] == "A case before the court"
    assert b"court" not in bytes(LegalHold.objects.get().sealed)
    actions.end_hold(file=file_called(file), by=keepers.focal_point, day=IN_TIME.date())
    destroy()
    assert keyring.with_some_keys([file]) == set()


def test_the_time_is_the_packs_and_children_in_care_are_kept_longer(cast: Cast, keepers: Keepers) -> None:
    file, other = a_closed_case(cast), a_closed_case(cast)
    registered = next(one for one in entries_of(other) if one.form.code == "intake.registration")
    submit(
        "intake.registration",
        {"care_arrangement": "foster_care"},
        by=cast.caseworker,
        file=other,
        amends=registered.id,
    )
    agency = file_called(file).agency_id
    pack = pack_in_force(agency, START.date())
    found = {one.file_id: one.kept_until for one in endings_of(agency, pack=pack, day=START.date())}
    assert (found[file], found[other]) == (START.date().replace(year=2033), START.date().replace(year=2056))


def test_where_a_pack_sets_no_time_nothing_is_ever_over(cast: Cast) -> None:
    closed_on = START.date()
    pack = packs.load("interagency_2024")
    assert rules.kept_until(closed_on, arrangements=[], day=closed_on, pack=pack) is None
    a_closed_case(cast)
    agency = CaseFile.objects.get().agency_id
    assert [one.is_over(IN_TIME.date()) for one in endings_of(agency, pack=pack, day=IN_TIME.date())] == [
        False
    ]


# --- What a thief with backups has ---------------------------------------------------------------------------------


class Backup:
    """What Django's own dump holds of both databases at one moment."""

    def __init__(self) -> None:
        self.data = serializers.serialize("json", Entry.objects.all())
        self.keys = serializers.serialize("json", [*AgencyKey.objects.all(), *FileKey.objects.all()])


def dumped(text: str) -> list[Any]:
    return [one.object for one in serializers.deserialize("json", text)]


def opens(file: UUID, *, data: str, keys: str) -> bool:
    """Whether somebody who has these dumps and the root key reads an entry of the file."""
    entry = next(row for row in dumped(data) if row.file_id == file)
    rows = dumped(keys)
    agencies = {one.agency_id: one for one in rows if isinstance(one, AgencyKey)}
    mine = [
        one for one in rows if isinstance(one, FileKey) and (one.file_id, one.seal_class) == (file, "case")
    ]
    if not mine:
        return False
    agency = agencies[mine[0].agency_id]
    wrapped = (
        Wrapped(bytes(agency.wrapped), f"agency {agency.agency_id.hex}"),
        Wrapped(bytes(mine[0].wrapped), f"file {file.hex} case"),
    )
    (key,) = keeper().unwrap([wrapped])
    assert key is not None
    opened = Key(key).open(bytes(entry.sealed_case), context=f"{entry.id.hex} {file.hex} case cases.entry")
    return "happened_at" in json.loads(opened)


def test_a_destroyed_file_opens_with_no_backup_but_the_keyrings_of_its_window(
    cast: Cast, keepers: Keepers
) -> None:
    file, other = a_closed_case(cast), a_closed_case(cast)
    before = Backup()
    destroyed(file, keepers)
    opened_keys.forget_all()
    after = Backup()
    assert not opens(file, data=before.data, keys=after.keys)
    assert not opens(file, data=after.data, keys=after.keys)
    # The one window that the certificate names: a backup of the keyring from before, until it has expired.
    assert opens(file, data=before.data, keys=before.keys)
    assert opens(file, data=after.data, keys=before.keys)
    for backup in (before, after):
        assert opens(other, data=backup.data, keys=backup.keys)


def test_keys_that_come_back_from_a_backup_are_destroyed_again(cast: Cast, keepers: Keepers) -> None:
    file = a_closed_case(cast)
    kept = list(FileKey.objects.filter(file_id=file))
    destroyed(file, keepers)
    FileKey.objects.bulk_create(kept)
    assert keyring.with_some_keys([file]) == {file}
    assert commands.destroy_left_keys() == 1
    assert keyring.with_some_keys([file]) == set()


# --- The proof -----------------------------------------------------------------------------------------------------


def test_the_proof_fits_what_was_done_and_nothing_else(cast: Cast, keepers: Keepers) -> None:
    row = destroyed(a_closed_case(cast), keepers)
    assert actions.proof_of(row) == row.proof and len(row.keys) == 64
    for field, value in (
        ("reason", "asked_for"), ("agreed_by_id", cast.caseworker.id), ("done_at", START),
        ("backups_gone_on", START.date()), ("keys", "0" * 64), ("file_id", new_id()),
    ):  # fmt: skip
        kept = getattr(row, field)
        setattr(row, field, value)
        assert actions.proof_of(row) != row.proof, field
        setattr(row, field, kept)
