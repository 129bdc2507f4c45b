"""One submission: sent again, kept as a draft, for what is not there, on a file that has changed since."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import everything, refusal
from tests.cast import LEAST, START, Cast, a_case, a_file, later, revision, submit
from tutela import commands
from tutela.access.models import Assignment
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.cases.queries import entries_of
from tutela.commands import Submission
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import Conflict, NotFound
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db


# --- The same again --------------------------------------------------------------------------------


def test_the_same_again_gives_the_same_result_and_writes_nothing(cast: Cast) -> None:
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    first = submit("follow_up.contact", {"situation": "He laughed"}, **again)
    before = everything()
    second = submit("follow_up.contact", {"situation": "He laughed"}, at=later(3), **again)
    assert (second.file_id, second.entry_id, second.revision) == (file, first.entry_id, first.revision)
    assert second.repeated and not first.repeated
    assert everything() == before


def test_opening_a_file_twice_with_one_id_opens_one_file(cast: Cast) -> None:
    entry_id = new_id()
    first = submit("intake.identification", by=cast.caseworker, entry_id=entry_id)
    second = submit("intake.identification", by=cast.caseworker, entry_id=entry_id)
    assert second.repeated and second.file_id == first.file_id
    assert CaseFile.objects.count() == 1 and Assignment.objects.count() == 1


def test_the_same_again_is_known_when_the_day_has_changed(cast: Cast) -> None:
    """An answer can be right on the day it is sent and not on the next, such as consent until today."""
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("consent.consent", {"until": "2026-03-02"}, **again)
    assert submit("consent.consent", {"until": "2026-03-02"}, at=later(2), **again).repeated


def test_the_same_again_is_known_after_the_case_was_closed(cast: Cast) -> None:
    file = a_case(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("follow_up.review", **again)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    closing: dict[str, Any] = {
        "by": cast.caseworker,
        "file": file,
        "entry_id": new_id(),
        "base": revision(file),
    }
    submit("closure.closure", **closing)
    assert submit("closure.closure", **closing).repeated
    assert submit("follow_up.review", **again).repeated


def test_answers_that_mean_the_same_are_the_same(cast: Cast) -> None:
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("cases.person", {"name": "Ame\u0301lie ", "phone": "٠٧٠٠ ١٢٣"}, **again)
    assert submit("cases.person", {"name": "Am\u00e9lie", "phone": "0700 123"}, **again).repeated


@pytest.mark.parametrize(
    "other",
    [
        {"answers": {"situation": "He cried"}},
        {"answers": {"reached": "others"}},
        {"happened_at": START - timedelta(hours=1)},
        {"precision": "day"},
        {"about": new_id()},
    ],
    ids=["other words", "another choice", "another time", "another precision", "about somebody"],
)
def test_other_answers_under_the_same_id_are_a_conflict(cast: Cast, other: dict[str, Any]) -> None:
    file = a_file(cast)
    sent: dict[str, Any] = {
        "answers": {"situation": "He laughed"},
        "happened_at": START,
        "entry_id": new_id(),
    }
    submit("follow_up.contact", by=cast.caseworker, file=file, **sent)
    before = everything()
    with pytest.raises(Conflict):
        submit("follow_up.contact", by=cast.caseworker, file=file, **(sent | other))
    assert everything() == before


def test_an_id_that_was_used_for_another_form_or_file_is_a_conflict(cast: Cast) -> None:
    file, other = a_file(cast), a_file(cast)
    used = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    before = everything()
    for form, where in (("follow_up.review", file), ("follow_up.contact", other)):
        with pytest.raises(Conflict):
            submit(form, by=cast.caseworker, file=where, entry_id=used)
    assert everything() == before


def test_an_id_of_somebody_else_is_not_found(cast: Cast) -> None:
    file = a_case(cast)
    used = submit("closure.request", by=cast.caseworker, file=file).entry_id
    before = everything()
    with pytest.raises(NotFound):
        submit("closure.answer", by=cast.supervisor, file=file, entry_id=used)
    opened = Entry.objects.get(file=file, revision=1).id
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.colleague, entry_id=opened)
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.elsewhere, entry_id=opened)
    assert everything() == before


def test_a_refusal_frees_the_id(cast: Cast) -> None:
    file = a_file(cast)
    entry_id = new_id()
    refusal("follow_up.contact", {"reached": None}, by=cast.caseworker, file=file, entry_id=entry_id)
    assert not submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id).repeated
    opened = new_id()
    refusal("intake.identification", {"source": None}, by=cast.caseworker, entry_id=opened)
    assert not submit("intake.identification", by=cast.caseworker, entry_id=opened).repeated


def test_a_draft_goes_when_its_entry_is_sent_and_stays_when_it_is_refused(cast: Cast) -> None:
    file, entry_id = a_file(cast), new_id()
    keep_draft(cast, file, entry_id)
    refusal("follow_up.contact", {"reached": None}, by=cast.caseworker, file=file, entry_id=entry_id)
    assert Draft.objects.filter(entry_id=entry_id).exists()
    submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id)
    assert not Draft.objects.exists()


def test_a_draft_that_arrives_after_its_entry_is_not_kept(cast: Cast) -> None:
    """The last saving of a draft can be overtaken by the entry; kept, it would be offered for writing once more."""
    file, entry_id = a_file(cast), new_id()
    submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id)
    keep_draft(cast, file, entry_id)
    assert not Draft.objects.exists()


def test_a_draft_of_somebody_else_cannot_be_overwritten(cast: Cast) -> None:
    file, other, entry_id = a_file(cast), submit("intake.identification", by=cast.colleague).file_id, new_id()
    keep_draft(cast, file, entry_id)
    sealed = bytes(Draft.objects.get().sealed)
    place = Place("follow_up.contact", other)
    with pytest.raises(NotFound):
        commands.keep_draft(place, an_open_draft(entry_id), by=cast.colleague, at=START)
    submit("follow_up.contact", by=cast.colleague, file=other, entry_id=entry_id)
    assert bytes(Draft.objects.get(user=cast.caseworker).sealed) == sealed


# --- Forms, files and people that are not there --------------------------------------------------


def test_a_form_version_that_never_was_is_refused(cast: Cast) -> None:
    file = a_file(cast)
    contact = form_in_force(
        "follow_up.contact", agency_id=CaseFile.objects.get().agency_id, day=START.date()
    ).version
    for version in ("0" * 64, "x", "' OR 1=1", contact):
        found = refusal("follow_up.review", {}, by=cast.caseworker, file=file, version=version)
        assert found == {"": "unknown_version"}
    submit("follow_up.contact", by=cast.caseworker, file=file, version=contact)


@pytest.mark.parametrize("form", ["follow_up.dance", "", "follow_up", "intake.identification"])
def test_a_form_that_is_not_there_is_not_found(cast: Cast, form: str) -> None:
    file = a_file(cast)
    before = everything()
    with pytest.raises(NotFound):
        commands.submit(Submission(form, file, {}, new_id()), by=cast.caseworker, at=START)
    assert everything() == before


def test_no_form_of_a_file_is_taken_without_its_file(cast: Cast) -> None:
    before = everything()
    for form in set(LEAST) - {"intake.identification"}:
        with pytest.raises(NotFound):
            submit(form, by=cast.caseworker)
        with pytest.raises(NotFound):
            submit(form, by=cast.caseworker, file=new_id())
    rows = before.pop("AuditRow")
    after = everything()
    assert after.pop("AuditRow") == rows + len(LEAST) - 1  # each file that is not there was a denial
    assert after == before


def test_somebody_on_another_file_is_nobody_here(cast: Cast) -> None:
    file, other = a_file(cast), a_file(cast)
    mother = submit("cases.person", by=cast.caseworker, file=other)
    stranger = derived_id(mother.entry_id, "person")
    for form in ("cases.person", "consent.consent"):
        for about in (stranger, new_id()):
            found = refusal(form, {}, by=cast.caseworker, file=file, about=about)
            assert found == {"": "unknown_person"}


def test_whoever_did_it_works_here(cast: Cast) -> None:
    """What is done by somebody of another agency cannot become a file of theirs, nor an act in their name."""
    for stranger in (cast.elsewhere, cast.outsider):
        assert refusal("intake.identification", {}, by=cast.caseworker, done_by=stranger) == {
            "done_by": "not_here"
        }
        file = a_file(cast)
        found = refusal("follow_up.contact", {}, by=cast.caseworker, file=file, done_by=stranger)
        assert found == {"done_by": "not_here"}
    submit("follow_up.contact", by=cast.caseworker, file=file, done_by=cast.colleague)


# --- Stale bases --------------------------------------------------------------------------------

GUARDED = {
    "assessment.risk": "caseworker", "closure.request": "caseworker", "consent.urgent_answer": "supervisor",
    "closure.answer": "supervisor",
}  # fmt: skip


@pytest.mark.parametrize(("form", "who"), GUARDED.items())
def test_a_stale_base_says_what_is_new_and_writes_nothing(cast: Cast, form: str, who: str) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    if form == "closure.answer":
        submit("closure.request", by=cast.caseworker, file=file)
    seen = revision(file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    before = everything()
    for base in (seen, None, 0, -1, seen + 2):
        with pytest.raises(Conflict) as stale:
            submit(form, by=cast.everybody[who], file=file, base=base)
        assert stale.value.status == 409 and stale.value.unmet[0].code == "stale"
    assert everything() == before
    with pytest.raises(Conflict) as stale:
        submit(form, by=cast.everybody[who], file=file, base=seen)
    assert [str(one.words) for one in stale.value.unmet[1:]] == ["New since then: Contact, by Caseworker."]
    submit(form, by=cast.everybody[who], file=file)


def test_what_only_adds_to_the_file_needs_no_base(cast: Cast) -> None:
    file = a_case(cast)
    for form in ("follow_up.contact", "planning.plan", "consent.consent", "assessment.comprehensive"):
        submit(form, by=cast.caseworker, file=file, base=0)


# --- Order --------------------------------------------------------------------------------


def test_the_order_on_a_file_is_its_revision_whatever_the_clocks_say(cast: Cast) -> None:
    file = a_file(cast)
    moments = [START - timedelta(days=3), START, START - timedelta(days=9)]
    for moment in moments:
        submit("follow_up.contact", by=cast.caseworker, file=file, happened_at=moment)
    told = entries_of(file)
    assert [entry.revision for entry in told] == [1, 2, 3, 4]
    assert [entry.happened_at for entry in told[1:]] == moments


def keep_draft(cast: Cast, file: UUID, entry_id: UUID) -> None:
    place = Place("follow_up.contact", file)
    commands.keep_draft(place, an_open_draft(entry_id), by=cast.caseworker, at=START)


def an_open_draft(entry_id: UUID) -> OpenDraft:
    agency = CaseFile.objects.order_by("opened_on").first()
    assert agency is not None
    form = form_in_force("follow_up.contact", agency_id=agency.agency_id, day=START.date())
    typed = {"answers": {"situation": "Half a sentence"}, "happened_at": "", "precision": "minute"}
    return OpenDraft(entry_id, form.version, 1, typed)
