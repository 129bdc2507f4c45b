"""`tutela story crowd`: copies that are as if somebody had written each of them."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.cast import START
from tutela import commands
from tutela.access.models import Assignment
from tutela.audit.models import AuditRow
from tutela.cases.finding import find_files
from tutela.cases.models import Case, CaseFile, Entry
from tutela.cases.queries import entries_of
from tutela.cli import crowd
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]

MATERIAL = yaml.safe_load(Path(crowd.__file__).with_suffix(".yaml").read_text(encoding="utf-8"))


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[crowd.Worker]:
    """Three caseworkers with twelve files: four written, eight copied."""
    monkeypatch.setattr(crowd, "_WRITTEN", 4)
    monkeypatch.setattr(crowd, "_AT_ONCE", 5)
    staff = crowd._staff(MATERIAL, 3, at=START)
    made = list(crowd.fill(12, staff, MATERIAL, invent=random.Random(3), now=START))
    assert made == [1, 1, 1, 1, 5, 3]
    return staff


def test_every_file_comes_out_the_same_when_made_again_from_its_entries(workers: list[crowd.Worker]) -> None:
    files = CaseFile.objects.all()
    assert len(files) == 12
    assert {file.id: commands.rebuild(file.id, keep=False) for file in files} == {
        file.id: [] for file in files
    }


def test_the_caseworkers_share_them_and_each_has_a_child_of_its_own(workers: list[crowd.Worker]) -> None:
    kept = Counter(Assignment.objects.values_list("user_id", flat=True))
    assert kept == {one.user.id: 4 for one in workers}
    names = [str(entries_of(file.id)[0].answers["name"]) for file in CaseFile.objects.all()]
    assert len(set(names)) > 8
    worker = workers[0]
    own = set(Assignment.objects.filter(user=worker.user).values_list("file_id", flat=True))
    name = names[[file.id for file in CaseFile.objects.all()].index(next(iter(own)))]
    assert set(find_files(name, by=worker.user, day=START.date())) & own


def test_every_entry_has_its_row_in_the_log_and_every_case_a_code_of_its_own(
    workers: list[crowd.Worker],
) -> None:
    rows = AuditRow.objects.filter(entry_id__isnull=False)
    assert set(rows.values_list("entry_id", "act", "by")) == set(
        Entry.objects.values_list("id", "form_code", "by")
    )
    assert rows.count() == Entry.objects.count()
    assert Case.objects.count() == len(set(Case.objects.values_list("code", flat=True))) > 8


def test_one_goes_on_writing_on_a_copy_as_on_any_other_file(workers: list[crowd.Worker]) -> None:
    file = CaseFile.objects.order_by("id").last()
    assert file is not None
    owner, taken = Assignment.objects.get(file_id=file.id).user, entries_of(file.id)[0].id
    contact = commands.Submission(
        "follow_up.contact", file.id, {"kind": "phone", "reached": "child"}, new_id()
    )
    assert commands.submit(contact, by=owner, at=START).revision == file.revision + 1
    with pytest.raises(Conflict):
        commands.submit(replace(contact, entry_id=taken), by=owner, at=START)
    assert commands.rebuild(file.id, keep=False) == []
