"""What became no case is reduced to date, source and outcome; nobody finds, opens or misses the rest (R17)."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from tests.cast import LEAST, START, Cast, a_case, a_file, later, submit
from tutela import commands
from tutela.audit.models import AuditRow
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import CaseFile, Draft, Entry, Fact, PrivateLabel
from tutela.cases.queries import entries_of, files_of, files_without_keys
from tutela.commands import Submission, reduce_files
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import NotFound
from tutela.intake.models import ReducedFile
from tutela.intake.queries import (
    endings_of,
    reduced_files,
    reduced_under,
    reduced_with_keys,
    referrals_by_source,
)
from tutela.published.queries import form_in_force
from tutela.supervision.actions import search_for_existing
from tutela.supervision.models import PossibleMatch
from tutela.supervision.queries import supervised_files
from tutela.vault import keyring, opened_keys
from tutela.vault.errors import NoKeys

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R17")]

SOON, IN_TIME = later(30), later(31)  # the last day on which a file is kept, and the one after


def reduced(at: datetime = IN_TIME) -> dict[UUID, tuple[str, str]]:
    reduce_files(at=at)
    return {one.file_id: (one.source, one.outcome) for one in ReducedFile.objects.all()}


def screen(cast: Cast, file: UUID, outcome: str) -> None:
    submit("intake.screening", {"outcome": outcome}, by=cast.caseworker, file=file)


def agree(cast: Cast, file: UUID, **answers: Any) -> None:
    submit("consent.consent", answers, by=cast.caseworker, file=file)


def test_without_consent_date_source_and_outcome_are_left(cast: Cast) -> None:
    file = a_file(cast, source="police")
    assert reduced(at=SOON) == {}
    assert reduced() == {file: ("police", "no_consent")}
    assert CaseFile.objects.get(id=file).opened_on == START.date()


def test_what_is_not_eligible_is_reduced_also_with_consent(cast: Cast) -> None:
    file = a_file(cast)
    agree(cast, file)
    screen(cast, file, "information_given")
    assert reduced() == {file: ("school", "information_given")}


def test_with_consent_and_not_judged_it_stays(cast: Cast) -> None:
    for outcome in (None, "undecided", "eligible", "not_reached"):
        file = a_file(cast)
        agree(cast, file)
        if outcome:
            screen(cast, file, outcome)
    assert reduced() == {}


def test_what_was_registered_stays(cast: Cast) -> None:
    a_case(cast)
    file = a_file(cast)
    screen(cast, file, "information_given")
    submit("intake.registration", by=cast.caseworker, file=file)
    assert reduced(at=later(400)) == {}


def test_while_an_urgent_action_is_open_it_stays(cast: Cast) -> None:
    file = a_file(cast)
    screen(cast, file, "information_given")
    submit("consent.urgent_action", by=cast.caseworker, file=file, at=SOON)
    assert reduced() == {}
    submit("consent.urgent_answer", by=cast.supervisor, file=file, at=IN_TIME)
    assert set(reduced()) == {file}


def test_urgent_safety_notes_may_be_added_to_a_draft_at_any_time(cast: Cast) -> None:
    file = a_file(cast)
    screen(cast, file, "information_given")
    for form in ("consent.urgent_action", "cases.person", "follow_up.contact"):
        submit(form, by=cast.caseworker, file=file, at=SOON)
    assert len(entries_of(file)) == 5


def test_a_no_of_the_child_is_no_consent_whatever_an_adult_says(cast: Cast) -> None:
    file = a_file(cast)
    submit("cases.person", by=cast.caseworker, file=file)
    mother = Entry.objects.get(file=file, revision=2)
    agree(cast, file, about=None)
    submit("consent.consent", by=cast.caseworker, file=file, about=derived_id(mother.id, "person"))
    submit(
        "consent.consent", {"agreed": None, "refused": ["data_collection_storage"]}, by=cast.caseworker, file=file
    )  # fmt: skip
    assert set(reduced()) == {file}


def test_nothing_of_the_child_is_left_in_any_table(cast: Cast) -> None:
    file = a_file(cast, name="Tomas", sex="male", age="11")
    submit("cases.person", by=cast.caseworker, file=file)
    submit("assessment.initial", by=cast.caseworker, file=file)
    commands.set_label(file, "By the well", by=cast.caseworker, at=START)
    form = form_in_force("cases.person", agency_id=CaseFile.objects.get(id=file).agency_id, day=START.date())
    typed = {"answers": {"name": "Half typed"}, "happened_at": "", "precision": "minute"}
    commands.keep_draft(
        Place("cases.person", file), OpenDraft(new_id(), form.version, 1, typed), by=cast.caseworker, at=START
    )
    other = a_file(cast, name="Somebody else")
    agree(cast, other)
    assert set(reduced()) == {file}
    for model in Fact.__subclasses__():
        assert not model.objects.filter(file_id=file).exists(), model  # type: ignore[attr-defined]
    assert not PrivateLabel.objects.exists() and not Draft.objects.exists()
    assert keyring.with_some_keys([file, other]) == {other}


def test_its_entries_stay_and_open_no_more(cast: Cast) -> None:
    file = a_file(cast)
    reduced()
    assert Entry.objects.filter(file=file).count() == 1
    with pytest.raises(NoKeys):
        entries_of(file)


def test_nobody_reads_writes_or_finds_it_any_more(cast: Cast) -> None:
    file = a_file(cast, name="Zebulon")
    assert commands.find("Zebulon", by=cast.caseworker, at=START) == [file]
    reduced()
    day = IN_TIME.date()
    assert not files_of(cast.caseworker, day=day).exists() and not supervised_files(cast.supervisor, day=day)
    assert commands.find("Zebulon", by=cast.caseworker, at=IN_TIME) == []
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=cast.supervisor, at=IN_TIME)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.caseworker, file=file, at=IN_TIME, base=None)


def test_what_was_on_its_way_when_it_was_reduced_is_not_written(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided and sealed before the file was reduced, and in its transaction only afterwards."""
    from tutela.commands import writing

    file, written = a_file(cast), writing._written

    def too_late(*arguments: Any, **named: Any) -> Any:
        ReducedFile.objects.create(file_id=file, source="school", outcome="no_consent", at=IN_TIME)
        return written(*arguments, **named)

    monkeypatch.setattr(writing, "_written", too_late)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.caseworker, file=file)
    assert Entry.objects.filter(file=file).count() == 1


def test_what_was_written_meanwhile_counts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the lock somebody registers: nothing is reduced, and the log tells of nothing."""
    file, look = a_file(cast), endings_of

    def registers(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr("tutela.commands.reducing.endings_of", look)
        found = look(*arguments, **named)
        submit("intake.registration", by=cast.caseworker, file=file, at=IN_TIME)
        return found

    monkeypatch.setattr("tutela.commands.reducing.endings_of", registers)
    assert reduced() == {}
    assert not AuditRow.objects.filter(act="file.reduced").exists()
    assert keyring.has_keys([file]) == {file}


def test_it_is_in_the_log_once_with_codes_only(cast: Cast) -> None:
    file = a_file(cast)
    reduced()
    reduced(at=later(40))
    row = AuditRow.objects.get(act="file.reduced")
    assert (row.by, row.file_id, row.detail) == (None, file, {"outcome": "no_consent"})


def test_cut_off_between_the_two_databases_the_next_round_destroys_the_keys(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = a_file(cast)
    with monkeypatch.context() as broken:
        broken.setattr(keyring, "destroy_file_keys", lambda file_id: (_ for _ in ()).throw(OSError))
        with pytest.raises(OSError):
            reduce_files(at=IN_TIME)
    assert reduced_files() == {file} and reduced_with_keys() == [file]
    reduce_files(at=IN_TIME)
    assert reduced_with_keys() == []


def test_a_keyring_that_was_restored_from_a_backup_loses_the_keys_again(cast: Cast) -> None:
    file = a_file(cast)
    reduced()
    keyring.mint_file_keys(file_id=file, agency_id=CaseFile.objects.get(id=file).agency_id)
    reduced(at=later(40))
    assert keyring.with_some_keys([file]) == set()


def test_one_file_that_cannot_be_opened_keeps_no_other_waiting(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, file = a_file(cast), a_file(cast)
    keyring.destroy_file_keys(damaged)
    opened_keys.forget_all()
    with caplog.at_level(logging.ERROR):
        assert set(reduced()) == {file}
    assert "NoKeys" in caplog.text


def test_facts_are_not_made_again_and_nothing_calls_it_damaged(cast: Cast) -> None:
    file = a_file(cast)
    reduced()
    assert commands.rebuild(file, keep=True) == []
    assert set(files_without_keys()) - reduced_files() == set()


def test_the_search_for_existing_files_does_not_stumble_over_it(cast: Cast) -> None:
    old = a_file(cast, name="Barnaby")
    registered = a_case(cast)
    PossibleMatch.objects.create(file_id=registered, other_id=old, found_at=START)
    assert old in reduced()
    assert not PossibleMatch.objects.exists()
    new = a_file(cast, name="Barnaby", at=IN_TIME)
    submit("intake.registration", {"name": "Barnaby"}, by=cast.caseworker, file=new, at=IN_TIME)
    assert search_for_existing(new, at=IN_TIME) == 0


@pytest.mark.covers("R4")
def test_it_is_still_counted_by_its_source(cast: Cast) -> None:
    screen(cast, a_file(cast, source="police"), "information_given")
    a_file(cast, source="health")
    reduced()
    left = reduced_under(cast.supervisor, day=IN_TIME.date())
    found = [(one.source, one.came, one.elsewhere) for one in referrals_by_source([], reduced=left)]
    assert found == [("police", 1, 1), ("health", 1, 0)]
    assert reduced_under(cast.other_supervisor, day=IN_TIME.date()) == []


def test_sent_again_after_that_it_opens_no_second_file(cast: Cast) -> None:
    entry_id = new_id()
    sent = Submission("intake.identification", None, LEAST["intake.identification"], entry_id)
    commands.submit(sent, by=cast.caseworker, at=START)
    reduced()
    with pytest.raises(NotFound):
        commands.submit(sent, by=cast.caseworker, at=IN_TIME)
    assert CaseFile.objects.count() == 1
    assert reduced_with_keys() == []
