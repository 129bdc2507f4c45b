"""Who looked at this child includes lists, searches and papers on which the child stood (R87)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import START, Cast, a_case, a_file, later, submit
from tests.web.conftest import browse, static_files_by_their_own_names
from tutela import commands
from tutela.access.models import User
from tutela.audit.lists import rows_showing
from tutela.audit.models import AuditRow
from tutela.foundation.clock import now
from tutela.foundation.ids import derived_id, new_id

__all__ = ["browse", "static_files_by_their_own_names"]

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def acts(file: object, *, by: User) -> set[str]:
    """What the log says of lists on which `file` stood before `by`."""
    return {row.act for row in rows_showing(file, since=START) if row.by == by.id}  # type: ignore[arg-type]


@pytest.mark.parametrize(("page", "act"), [
    ("/", "today.read"), ("/cases", "cases.read"), ("/quick-note", "note.opened"), ("/day-plan", "day.opened"),
])  # fmt: skip
def test_a_list_of_a_caseworker_names_the_children_on_it(
    cast: Cast, browse: Browse, page: str, act: str
) -> None:
    file, elsewhere = a_case(cast), submit("intake.identification", by=cast.elsewhere).file_id
    assert browse(cast.caseworker).get(page).status_code == 200
    assert act in acts(file, by=cast.caseworker)
    assert list(rows_showing(elsewhere, since=START)) == []


def test_the_lists_of_a_supervisor_name_the_children_on_them(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast, risk="high"), browse(cast.supervisor)
    submit("closure.request", by=cast.caseworker, file=file)
    for page in ("/team", f"/team/people/{cast.caseworker.id}", "/team/meeting", "/cases"):
        assert client.get(page).status_code == 200
    assert acts(file, by=cast.supervisor) == {"team.read", "caseload.read", "meeting.read", "cases.read"}


def test_children_who_are_not_registered_are_named_too(cast: Cast, browse: Browse) -> None:
    sheet = new_id()
    file = submit("intake.identification", by=cast.caseworker, entry_id=derived_id(sheet, "child 0")).file_id
    for page in ("/intake", f"/intake/group/{sheet}"):
        assert browse(cast.caseworker).get(page).status_code == 200
    assert acts(file, by=cast.caseworker) == {"intake.read", "slips.printed"}


def test_a_search_names_whom_it_found(cast: Cast) -> None:
    file = a_case(cast)
    commands.find("Tomas", by=cast.caseworker, at=START)
    assert acts(file, by=cast.caseworker) == {"find"}
    commands.find("Nobody of that name", by=cast.caseworker, at=START)
    assert AuditRow.objects.latest("id").detail == {"found": 0, "shown": []}


def test_a_child_who_is_not_shown_is_not_named(cast: Cast, browse: Browse) -> None:
    """Today shows who has something due, not everybody within reach."""
    early = now() - timedelta(days=300)
    files = [a_file(cast, at=early + timedelta(days=number)) for number in range(12)]
    body = browse(cast.caseworker).get("/").content.decode()
    shown = {file for file in files if str(file) in body}
    assert 0 < len(shown) < len(files)
    assert {file for file in files if acts(file, by=cast.caseworker)} == shown


def test_a_very_long_list_leaves_several_rows_and_names_everybody(cast: Cast) -> None:
    files = [new_id() for _ in range(450)]
    before = AuditRow.objects.count()
    commands.read_list("cases.read", by=cast.caseworker, at=START, files=files)
    assert AuditRow.objects.count() == before + 3
    assert all(rows_showing(file, since=START).count() == 1 for file in (files[0], files[222], files[449]))


def test_brothers_and_sisters_whose_line_stands_on_a_page_are_named(cast: Cast, browse: Browse) -> None:
    from tutela.cases.families import link_family

    one, other = a_case(cast), a_case(cast)
    link_family(one, other, by=cast.caseworker, at=START)
    assert browse(cast.caseworker).get(f"/files/{one}/people").status_code == 200
    assert acts(other, by=cast.caseworker) == {"family.read"}


def test_what_stood_there_before_is_left_out(cast: Cast) -> None:
    file = a_case(cast)
    commands.read_list("cases.read", by=cast.caseworker, at=START, files=[file])
    assert rows_showing(file, since=later(1)).count() == 0
