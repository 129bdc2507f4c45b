"""Several people write on one file at once: revisions have no gap, each entry is there once, nobody fails."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.cast import START, Cast, a_case, a_file, revision, submit
from tutela import commands
from tutela.access.models import Assignment
from tutela.audit.models import AuditRow
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import Case, CaseFile, Draft, Entry
from tutela.commands import Submission, Submitted, writing
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Refused
from tutela.vault.models import FileKey

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 8


def all_at_once(write: Callable[[int], Any], *, count: int = AT_ONCE) -> list[Any]:
    """What `count` threads bring back, or the refusal they met, each with connections of its own."""
    ready = threading.Barrier(count)

    def one(number: int) -> Any:
        try:
            ready.wait(10)
            return write(number)
        except Refused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def revisions(file: UUID) -> list[int]:
    return list(Entry.objects.filter(file=file).order_by("revision").values_list("revision", flat=True))


def test_revisions_have_no_gap_and_each_entry_is_there_once(cast: Cast) -> None:
    file = a_case(cast)
    found = all_at_once(lambda number: submit("follow_up.contact", by=cast.caseworker, file=file, base=None))
    assert all(isinstance(one, Submitted) for one in found)
    assert sorted(one.revision for one in found) == list(range(4, 4 + AT_ONCE))
    assert revisions(file) == list(range(1, 4 + AT_ONCE)) and revision(file) == 3 + AT_ONCE
    rows = AuditRow.objects.filter(file_id=file, act="follow_up.contact")
    assert sorted(row.detail["revision"] for row in rows) == list(range(4, 4 + AT_ONCE))
    assert commands.rebuild(file, keep=False) == []


def test_an_answer_that_ends_the_right_to_answer_may_be_sent_twice_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one is allowed nothing any more by the time it asks, and is the same answer all the same."""
    file, allow = a_case(cast), writing._allow
    submit("closure.transfer", by=cast.caseworker, file=file)

    def meanwhile(submission: Submission, *things: Any, **named: Any) -> None:
        monkeypatch.setattr(writing, "_allow", allow)
        commands.submit(submission, by=cast.colleague, at=START)
        allow(submission, *things, **named)

    monkeypatch.setattr(writing, "_allow", meanwhile)
    assert submit("closure.transfer_answer", by=cast.colleague, file=file).repeated
    assert Entry.objects.filter(form_code="closure.transfer_answer").count() == 1


def test_the_same_submission_from_everywhere_is_written_once(cast: Cast) -> None:
    file, entry_id = a_file(cast), new_id()
    sent: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": entry_id, "base": None}
    found = all_at_once(lambda number: submit("follow_up.contact", **sent))
    assert [one.revision for one in found] == [2] * AT_ONCE
    assert sorted(one.repeated for one in found) == [False] + [True] * (AT_ONCE - 1)
    assert revisions(file) == [1, 2]


def test_opening_the_same_file_from_everywhere_opens_it_once(cast: Cast) -> None:
    entry_id = new_id()
    found = all_at_once(lambda number: submit("intake.identification", by=cast.caseworker, entry_id=entry_id))
    assert len({one.file_id for one in found}) == 1
    assert (CaseFile.objects.count(), Entry.objects.count(), Assignment.objects.count()) == (1, 1, 1)
    assert FileKey.objects.count() == 3
    assert commands.rebuild(found[0].file_id, keep=False) == []


def test_of_several_who_looked_at_the_same_revision_one_goes_first(cast: Cast) -> None:
    file = a_case(cast)
    seen = revision(file)
    levels = ["high", "low"] * (AT_ONCE // 2)
    found = all_at_once(
        lambda number: submit(
            "assessment.risk", {"risk_level": levels[number]}, by=cast.caseworker, file=file, base=seen
        )
    )
    assert sum(isinstance(one, Submitted) for one in found) == 1
    assert sum(isinstance(one, Conflict) for one in found) == AT_ONCE - 1
    assert revisions(file) == list(range(1, seen + 2))


def test_a_child_is_registered_once(cast: Cast) -> None:
    file = a_file(cast)
    found = all_at_once(
        lambda number: submit("intake.registration", by=cast.caseworker, file=file, base=None)
    )
    assert sum(isinstance(one, Submitted) for one in found) == 1
    assert {one.unmet[0].code for one in found if isinstance(one, Refused)} == {"registered_already"}
    assert Case.objects.count() == 1


def test_two_files_do_not_wait_for_each_other_and_do_not_mix(cast: Cast) -> None:
    files = [a_file(cast), a_file(cast)]
    all_at_once(
        lambda number: submit("follow_up.contact", by=cast.caseworker, file=files[number % 2], base=None)
    )
    assert [revisions(file) for file in files] == [list(range(1, 2 + AT_ONCE // 2))] * 2


@pytest.mark.parametrize("windows", [1, AT_ONCE], ids=["one form", "the same form opened anew in each"])
def test_a_draft_that_is_kept_from_many_windows_is_one_draft(cast: Cast, windows: int) -> None:
    file, entry_ids = a_file(cast), [new_id() for _ in range(windows)]
    version = Entry.objects.get(file=file).form_id
    place = Place("follow_up.contact", file)

    def keep(number: int) -> None:
        draft = OpenDraft(entry_ids[number % windows], version, 1, {"answers": {"situation": str(number)}})
        commands.keep_draft(place, draft, by=cast.caseworker, at=START)

    assert all_at_once(keep) == [None] * AT_ONCE
    assert Draft.objects.count() == 1
    assert AuditRow.objects.filter(act="draft.kept").count() == windows
