"""The kill tests can fail: each thing that no kill may leave behind is planted here, and found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from pytest_django import Settings

from tests.chaos import verifying
from tests.chaos.journeys import Step, journey
from tests.chaos.ledger import Acknowledged, fingerprint
from tests.chaos.load import NEEDED
from tutela import commands
from tutela.access.models import Assignment
from tutela.access.queries import find_user
from tutela.assessment.models import RiskLevel
from tutela.audit import actions as audit
from tutela.audit.models import AuditRow
from tutela.audit.sealing import seal_batch
from tutela.cases.actions import forget_facts
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.cli.story import prepare_cast
from tutela.deadlines.models import Deadline, Recount
from tutela.follow_up.models import Contact
from tutela.forms.answers import check
from tutela.forms.compiling import compiled_forms
from tutela.foundation.clock import now
from tutela.foundation.ids import derived_id, new_id
from tutela.intake.actions import reduce_file
from tutela.intake.queries import Ending
from tutela.protocols import packs
from tutela.published.models import PackInForce
from tutela.supervision.models import MatchSearch
from tutela.vault import keyring, opened_keys
from tutela.vault.models import FileKey

pytestmark = pytest.mark.django_db

FORMS = (
    "intake.identification",
    "intake.registration",
    "assessment.initial",
    "planning.plan",
    "follow_up.contact",
)


def test_what_is_left_out_on_purpose_must_be_answered() -> None:
    forms = compiled_forms(packs.load("demonstration"))
    steps = {step.form: step for step in journey(Random(1), today=now().date())}
    assert set(NEEDED) <= set(steps)
    for code, name in NEEDED.items():
        answers = {
            question: answer
            for question, answer in steps[code].answers.items()
            if question != name.partition(".")[0]
        }
        answers |= {"objectives": [{"horizon": "short"}]} if name == "objectives.0.text" else {}
        found = check(forms[code], answers, today=now().date()).problems
        assert name in [one.question for one in found], code


@pytest.fixture
def acknowledged(db: None, settings: Settings) -> list[Acknowledged]:
    """What two children's files hold: of one an entry in each of the forms, of the other the identification."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in here
    prepare_cast(at=now())
    return [*_written(FORMS, Random(1)), *_written(FORMS[:1], Random(2))]


def _written(forms: Sequence[str], chance: Random) -> list[Acknowledged]:
    steps = {step.form: step for step in journey(chance, today=now().date())}
    return _sent([steps[form] for form in forms])


def _sent(steps: Sequence[Step]) -> list[Acknowledged]:
    done: list[Acknowledged] = []
    for revision, step in enumerate(steps, start=1):
        by, at = find_user(step.by), now()
        assert by
        last = {one.form: one.entry_id for one in done}
        about = derived_id(last["cases.person"], "person") if step.about_mother else None
        amends = last[step.form] if step.amends else None
        submission = commands.Submission(
            form=step.form,
            file=done[0].file_id if done else None,
            answers=step.answers,
            entry_id=new_id(),
            base=revision - 1 if done else None,
            happened_at=at,
            about=about,
            amends=amends,
        )
        submitted = commands.submit(submission, by=by, at=at)
        mark = fingerprint(
            answers=step.answers, happened_at=at, precision="minute", about=about, amends=amends
        )
        done.append(Acknowledged(submitted.entry_id, submitted.file_id, step.form, step.by, revision, mark))
    return done


def _found(acknowledged: list[Acknowledged]) -> str:
    return "\n".join(verifying.look(acknowledged).violations)


def _without_triggers(verb: str) -> None:
    """As somebody could who owns the database."""
    on = " ON audit_auditrow" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_auditrow_no_{verb}{on}")


def test_it_finds_nothing_where_nothing_is_wrong(acknowledged: list[Acknowledged]) -> None:
    found = verifying.look(acknowledged)
    assert found.violations == ()
    assert (found.files, found.entries, found.orphan_keys) == (2, len(FORMS) + 1, 0)


def test_a_whole_journey_is_taken_and_nothing_is_wrong_with_it(acknowledged: list[Acknowledged]) -> None:
    whole = _sent(list(journey(Random(3), today=now().date())))
    assert len({one.by for one in whole}) == 3
    assert verifying.look([*acknowledged, *whole]).violations == ()


def test_it_finds_an_entry_that_is_gone(acknowledged: list[Acknowledged]) -> None:
    gone = acknowledged[-1]
    forget_facts(gone.file_id)
    Entry.objects.filter(id=gone.entry_id).delete()
    found = _found(acknowledged)
    assert f"Entry {gone.entry_id} (intake.identification) was acknowledged and is not there." in found
    assert f"The log tells of entry {gone.entry_id}, which is not there." in found
    assert f"File {gone.file_id} is at revision 1, and its entries are at []." in found


def test_it_finds_an_entry_that_stands_there_twice(acknowledged: list[Acknowledged]) -> None:
    once, twice = acknowledged[:-2], acknowledged[-2]
    assert f"Entry {twice.entry_id} (follow_up.contact) stands on file" in _found([*once, acknowledged[-1]])


def test_it_finds_an_entry_at_another_revision_than_was_acknowledged(
    acknowledged: list[Acknowledged],
) -> None:
    other = replace(acknowledged[3], revision=7)
    found = _found([*acknowledged[:3], other, *acknowledged[4:]])
    assert f"Entry {other.entry_id} (planning.plan) was acknowledged at revision 7 and stands at 4." in found


def test_it_finds_a_gap_in_the_revisions(acknowledged: list[Acknowledged]) -> None:
    CaseFile.objects.filter(id=acknowledged[-1].file_id).update(revision=2)
    assert f"File {acknowledged[-1].file_id} is at revision 2, and its entries are at [1]." in _found(
        acknowledged
    )


def test_it_finds_answers_that_are_not_those_that_were_sent(acknowledged: list[Acknowledged]) -> None:
    other = replace(acknowledged[0], fingerprint=acknowledged[1].fingerprint)
    found = _found([other, *acknowledged[1:]])
    assert found == f"Entry {other.entry_id} (intake.identification) says something else than what was sent."


def test_it_finds_a_sealed_value_in_which_a_byte_was_changed(acknowledged: list[Acknowledged]) -> None:
    row = Entry.objects.get(id=acknowledged[1].entry_id)
    sealed = bytearray(row.sealed_case)
    sealed[-1] ^= 1
    Entry.objects.filter(id=row.id).update(sealed_case=bytes(sealed))
    assert f"Entry {row.id} (intake.registration) does not open: Tampered." in _found(acknowledged)


def test_it_finds_a_row_of_the_log_that_was_removed(acknowledged: list[Acknowledged]) -> None:
    _without_triggers("delete")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_auditrow WHERE act = 'planning.plan'")
    plan = next(one for one in acknowledged if one.form == "planning.plan")
    assert _found(acknowledged) == f"Entry {plan.entry_id} (planning.plan) has 0 rows in the log."


def test_it_finds_an_entry_with_two_rows_in_the_log(acknowledged: list[Acknowledged]) -> None:
    one = AuditRow.objects.get(entry_id=acknowledged[0].entry_id)
    audit.record(act=one.act, by=one.by, at=one.at, file_id=one.file_id, entry_id=one.entry_id, revision=1)
    found = _found(acknowledged)
    assert found == f"Entry {one.entry_id} (intake.identification) has 2 rows in the log."


def test_it_finds_a_sealed_row_of_the_log_that_was_changed(acknowledged: list[Acknowledged]) -> None:
    seal_batch(at=now())
    _without_triggers("update")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditrow SET act = 'nothing' WHERE act = 'planning.plan'")
    assert _found(acknowledged) == "Seal 1: a row was changed, or the order of rows."


def test_it_finds_a_fact_that_was_changed(acknowledged: list[Acknowledged]) -> None:
    risk = RiskLevel.objects.get()
    RiskLevel.objects.update(level="low" if risk.level != "low" else "high")
    assert f"RiskLevel {risk.id} is different." in _found(acknowledged)


def test_it_finds_a_fact_that_is_missing(acknowledged: list[Acknowledged]) -> None:
    contact = Contact.objects.get()
    Contact.objects.all().delete()
    assert f"Contact {contact.id} is different." in _found(acknowledged)


def test_it_finds_a_deadline_that_was_moved(acknowledged: list[Acknowledged]) -> None:
    deadline = Deadline.objects.first()
    assert deadline
    Deadline.objects.filter(id=deadline.id).update(due_on=deadline.due_on + timedelta(days=1))
    assert f"Deadline {deadline.id} is different." in _found(acknowledged)


def test_it_finds_a_file_that_lacks_a_key(acknowledged: list[Acknowledged]) -> None:
    file_id = acknowledged[-1].file_id
    FileKey.objects.filter(file_id=file_id, seal_class="identity").delete()
    opened_keys.forget_all()
    found = _found(acknowledged)
    assert f"File {file_id} has not all of its keys." in found
    assert f"Entry {acknowledged[-1].entry_id} (intake.identification) does not open: NoKeys." in found


def test_a_file_that_was_reduced_is_no_damage(acknowledged: list[Acknowledged]) -> None:
    file_id = acknowledged[-1].file_id
    assert commands.reduce_files(at=now() + timedelta(days=40)) == 1
    opened_keys.forget_all()
    found = verifying.look(acknowledged)
    assert found.violations == ()
    assert (found.files, found.orphan_keys) == (2, 0)
    keyring.mint_file_keys(file_id=file_id, agency_id=CaseFile.objects.get(id=file_id).agency_id)
    assert f"File {file_id} was reduced and still has keys." in _found(acknowledged)


def test_it_finds_a_reduced_file_of_which_the_log_knows_nothing(acknowledged: list[Acknowledged]) -> None:
    file_id, ending = acknowledged[-1].file_id, Ending("school", "no_consent", on=now().date())
    reduce_file(file_id, ending=ending, at=now())
    assert f"File {file_id} was reduced 1 times, and the log tells of 0." in _found(acknowledged)


def test_it_counts_keys_whose_file_never_came_to_be(acknowledged: list[Acknowledged]) -> None:
    some = FileKey.objects.first()
    assert some
    FileKey.objects.create(file_id=new_id(), seal_class="case", agency_id=some.agency_id, wrapped=b"")
    found = verifying.look(acknowledged)
    assert (found.orphan_keys, found.violations) == (1, ())


def test_it_finds_a_file_without_a_responsible_caseworker(acknowledged: list[Acknowledged]) -> None:
    Assignment.objects.filter(file_id=acknowledged[0].file_id).delete()
    assert _found(acknowledged) == f"File {acknowledged[0].file_id} has not one responsible caseworker."


def test_it_finds_a_draft_of_what_was_sent(acknowledged: list[Acknowledged]) -> None:
    sent, by = acknowledged[-1], find_user(acknowledged[-1].by)
    assert by
    Draft.objects.create(
        entry_id=sent.entry_id,
        user=by,
        form_id=Entry.objects.get(id=sent.entry_id).form_id,
        kept_at=now(),
        sealed=b"",
    )
    assert _found(acknowledged) == f"Entry {sent.entry_id} was sent, and its draft is still there."


def test_it_finds_a_search_of_which_the_log_knows_nothing(acknowledged: list[Acknowledged]) -> None:
    MatchSearch.objects.create(file_id=acknowledged[0].file_id, at=now())
    assert (
        _found(acknowledged)
        == f"File {acknowledged[0].file_id} was searched 1 times, and the log tells of 0."
    )


def test_it_finds_a_recount_of_which_the_log_knows_nothing(acknowledged: list[Acknowledged]) -> None:
    file = CaseFile.objects.get(id=acknowledged[0].file_id)
    change = PackInForce.objects.get(agency_id=file.agency_id)
    Recount.objects.create(file=file, change=change, after_revision=file.revision)
    assert _found(acknowledged) == f"File {file.id} was recounted 1 times, and the log tells of 0."


def test_it_does_not_wait_for_ever_for_a_worker_that_does_nothing(
    acknowledged: list[Acknowledged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "TO_FINISH", 0.0)
    assert not verifying.worker_is_done()
