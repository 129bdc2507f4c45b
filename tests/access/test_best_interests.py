"""A file that the supervisor opens to a reviewer of best interests: by name, until a day, to be read (R64, §20)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.access.receiving import agency_of
from tests.access.test_opened_for_a_time import code_of, confidential_page, reads
from tests.access.test_reach import reach_of, readable
from tests.cast import (
    FIRST_DAY,
    Around,
    Cast,
    a_case,
    closed_to_them,
    gather_around,
    join,
    submit,
    today,
)
from tutela.access.actions import leave
from tutela.access.barriers import bar
from tutela.access.closing import close_to
from tutela.access.granting import could_review, name_reviewer
from tutela.access.models import Grant, Role, User
from tutela.audit.models import AuditRow
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.published.queries import pack_in_force

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


@pytest.fixture
def around(cast: Cast) -> Around:
    return gather_around(cast)


def named(file: UUID, *, by: User, to: str = "reviewer") -> Grant:
    grant_id = new_id()
    name_reviewer(
        grant_id, file, to=to, until=FIRST_DAY + timedelta(7), why="Whether he may go to his aunt", by=by, day=FIRST_DAY,
        pack=pack_in_force(agency_of(by).id, FIRST_DAY),
    )  # fmt: skip
    return Grant.objects.get(id=grant_id)


def asked(**more: str) -> dict[str, str]:
    return {
        "entry_id": str(new_id()), "to": "reviewer", "undertaking": "yes", "until": today().isoformat(),
        "why": "Whether he may go to his aunt", **more,
    }  # fmt: skip


@pytest.mark.covers("R64")
def test_the_supervisor_opens_a_file_to_a_reviewer_who_reads_it_and_writes_nothing(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file, other = a_case(cast, at=now()), a_case(cast, at=now())
    reviewer = browse(around.reviewer)
    assert reviewer.get(f"/files/{file}/").status_code == 404
    assert "Open it to a reviewer" in browse(cast.supervisor).get(f"/files/{file}/access").content.decode()
    done = browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked())
    assert (done.status_code, done.headers["Location"]) == (302, f"/files/{file}/access")
    assert reviewer.get(f"/files/{file}/").status_code == 200
    assert reviewer.get(f"/files/{other}/").status_code == 404
    assert reviewer.get(f"/files/{file}/forms/follow_up.contact").status_code == 403
    listed = reviewer.get("/", follow=True).content.decode()
    assert code_of(file) in listed and code_of(other) not in listed and "Find" not in listed
    row = AuditRow.objects.get(act="file.opened_for_review")
    assert (row.by, row.file_id, row.detail["undertaking"]) == (cast.supervisor.id, file, "yes")
    assert "aunt" not in str(row.detail)


@pytest.mark.covers("R64")
def test_without_a_signed_undertaking_the_file_stays_shut(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    for said in ("no", ""):
        done = browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked(undertaking=said))
        assert done.status_code == 422
    assert not Grant.objects.exists()


def test_it_ends_with_its_last_day_by_itself(cast: Cast, around: Around) -> None:
    file, other = a_case(cast), a_case(cast)
    named(file, by=cast.supervisor)
    assert [reads(around.reviewer, file, days=day) for day in (0, 7, 8)] == [True, True, False]
    assert reach_of(around.reviewer) == readable(around.reviewer, [file, other]) == {file}
    assert reach_of(around.reviewer_named) == readable(around.reviewer_named, [file]) == set()


def test_it_is_opened_for_no_longer_than_the_pack_says(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    client = browse(cast.supervisor)
    for days, status in ((31, 422), (30, 302)):
        until = (today() + timedelta(days)).isoformat()
        assert client.post(f"/files/{file}/access/reviewer", asked(until=until)).status_code == status
    assert Grant.objects.count() == 1


@pytest.mark.covers("R86")
def test_the_confidential_section_stays_shut_to_them(cast: Cast, around: Around, browse: Browse) -> None:
    file, page = confidential_page(cast)
    assert browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked()).status_code == 302
    read = browse(around.reviewer).get(page)
    assert read.status_code == 200 and "Zwjeruba" not in read.content.decode()


@pytest.mark.covers("R103")
def test_nobody_reviews_their_own_work_and_nobody_else_can_be_chosen(cast: Cast, around: Around) -> None:
    file, here = a_case(cast), agency_of(cast.caseworker)
    for working in (cast.caseworker, cast.supervisor, cast.both):
        join(working, here, role=Role.BEST_INTERESTS_REVIEWER)
    assert set(could_review(file, by=cast.supervisor, day=FIRST_DAY)) == {
        around.reviewer,
        around.reviewer_named,
    }
    for to in (
        "caseworker",
        "supervisor",
        "both",
        "colleague",
        "manager",
        "elsewhere",
        "tracing_officer",
        "x",
    ):
        with pytest.raises(Refused, match="cannot_review"):
            named(file, by=cast.supervisor, to=to)


@pytest.mark.covers("R105", "R121")
def test_whoever_is_shut_out_reviews_nothing(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    for one in ("reviewer", "reviewer_named"):
        named(file, by=cast.supervisor, to=one)
    closed_to_them(around, file)
    close_to(new_id(), file, to="reviewer", instead="", why="An uncle", by=around.manager, day=FIRST_DAY)
    join(around.reviewer_named, agency_of(cast.elsewhere), role=Role.VOLUNTEER)
    bar(agency_of(cast.caseworker), agency_of(cast.elsewhere), reason="Parties", since=FIRST_DAY)
    for shut in (around.reviewer, around.reviewer_named):
        assert not reads(shut, file)
        assert reach_of(shut) == set()
    assert could_review(file, by=around.instead, day=FIRST_DAY) == []


def test_a_file_opened_for_a_review_opens_to_reviewers_only(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    named(file, by=cast.supervisor)
    leave(around.reviewer, agency=agency_of(cast.caseworker), last_day=FIRST_DAY - timedelta(1))
    join(around.reviewer, agency_of(cast.caseworker), role=Role.MANAGER)
    assert reach_of(around.reviewer) == readable(around.reviewer, [file]) == set()


def test_only_who_agrees_to_decisions_opens_it(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    for who, status in (
        (cast.caseworker, 403),
        (cast.colleague, 404),
        (around.reviewer, 404),
        (cast.both, 302),
    ):
        assert browse(who).post(f"/files/{file}/access/reviewer", asked()).status_code == status
    assert Grant.objects.get().by == cast.both


def test_they_read_what_they_are_asked_and_close_it_when_they_are_done(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked())
    client = browse(around.reviewer)
    page = client.get(f"/files/{file}/access").content.decode()
    assert "Whether he may go to his aunt" in page and "I am done: close it" in page
    assert "aunt" not in browse(cast.caseworker).get(f"/files/{file}/access").content.decode()
    ending = f"/files/{file}/access/grants/{Grant.objects.get().id}/end"
    assert client.post(ending).status_code == 302
    assert client.get(f"/files/{file}/").status_code == 404


def test_the_supervisor_ends_it_and_the_caseworker_sees_who_reads(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked())
    seen = browse(cast.caseworker).get(f"/files/{file}/access").content.decode()
    assert "Reviews what is best for this child, until" in seen and ">Reviewer<" in seen
    ending = f"/files/{file}/access/grants/{Grant.objects.get().id}/end"
    assert browse(cast.caseworker).post(ending).status_code == 404
    assert browse(cast.supervisor).post(ending).headers["Location"] == f"/files/{file}/access"
    assert browse(around.reviewer).get(f"/files/{file}/").status_code == 404


def test_where_nobody_reviews_the_page_is_silent_about_it(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    assert "reviewer" not in browse(cast.supervisor).get(f"/files/{file}/access").content.decode()


def test_what_a_reviewer_reads_stands_in_the_log_of_the_file(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    browse(cast.supervisor).post(f"/files/{file}/access/reviewer", asked())
    browse(around.reviewer).get(f"/files/{file}/")
    assert AuditRow.objects.filter(file_id=file, by=around.reviewer.id, allowed=True).exists()
    page = browse(cast.supervisor).get(f"/files/{file}/access/log").content.decode()
    assert "Reviewer" in page and "Opened the file to a best-interests reviewer" in page


def test_a_reviewer_finds_nothing_by_name(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast)
    named(file, by=cast.supervisor)
    assert browse(around.reviewer).post("/find", {"q": "Tomas"}).status_code == 403
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=around.reviewer_named, file=file)
