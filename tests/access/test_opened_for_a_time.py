"""Files opened for a reason, and the confidential section by name: each from a day to a day (R86, R121, §20)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.access.test_reach import reach_of, readable
from tests.cast import (
    FIRST_DAY,
    Around,
    Cast,
    a_case,
    gather_around,
    later,
    opened_for,
    submit,
    today,
)
from tutela import commands
from tutela.access.actions import leave
from tutela.access.granting import (
    CONFIDENTIAL,
    could_be_named,
    end_grant,
    name_for_confidential,
    opened_by,
    why_granted,
)
from tutela.access.models import Grant, Membership, User
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile, Entry
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.published.queries import pack_in_force

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
REASON, SAFEGUARDING = Grant.Purpose.REASON, Grant.Purpose.SAFEGUARDING


@pytest.fixture
def around(cast: Cast) -> Around:
    return gather_around(cast)


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


def reads(user: User, file: UUID, *, days: float = 0) -> bool:
    try:
        commands.read("file.read", file, by=user, at=later(days))
    except Refused:
        return False
    return True


def opening(file: UUID, **more: str) -> dict[str, str]:
    return {
        "entry_id": str(new_id()), "code": code_of(file), "why": "A complaint about how we came",
        "until": today().isoformat(), **more,
    }  # fmt: skip


def name(file: UUID, to: str, *, by: User, days: int = 3) -> Grant:
    grant_id, agency = new_id(), CaseFile.objects.get(id=file).agency_id
    name_for_confidential(
        grant_id, file, to=to, until=FIRST_DAY + timedelta(days), why="To decide", by=by, day=FIRST_DAY,
        pack=pack_in_force(agency, FIRST_DAY),
    )  # fmt: skip
    return Grant.objects.get(id=grant_id)


# --- A reason ------------------------------------------------------------------------------------------------


@pytest.mark.covers("R87")
def test_a_manager_reads_a_file_for_the_reason_they_state_and_no_other(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file, other = a_case(cast, at=now()), a_case(cast, at=now())
    client = browse(around.manager)
    assert client.get(f"/files/{file}/").status_code == 404
    done = client.post("/oversight/open", opening(file))
    assert (done.status_code, done.headers["Location"]) == (302, f"/files/{file}/")
    assert client.get(f"/files/{file}/").status_code == 200
    assert client.get(f"/files/{other}/").status_code == 404
    assert client.get(f"/files/{file}/forms/follow_up.contact").status_code == 403
    assert "A complaint about how we came" in client.get("/oversight").content.decode()
    row = AuditRow.objects.get(act="file.opened_on_reason")
    assert (row.by, row.file_id, row.allowed) == (around.manager.id, file, True)
    assert "complaint" not in str(row.detail)


def test_what_was_opened_ends_with_its_last_day_by_itself(cast: Cast, around: Around) -> None:
    file, other = a_case(cast), a_case(cast)
    for user, purpose in ((around.manager, REASON), (around.focal_point, SAFEGUARDING)):
        opened_for(user, file, purpose=purpose)
        assert [reads(user, file, days=day) for day in (0, 7, 8)] == [True, True, False]
        assert reach_of(user) == readable(user, [file, other]) == {file}


def test_a_purpose_opens_a_file_to_the_role_it_is_meant_for_only(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    for user, purpose in (
        (around.manager, SAFEGUARDING),
        (around.focal_point, REASON),
        (cast.colleague, REASON),
    ):
        opened_for(user, file, purpose=purpose)
        assert reach_of(user) == readable(user, [file]) == set()


def test_whoever_is_a_manager_no_more_reads_no_more(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    opened_for(around.manager, file, purpose=REASON)
    agency = Membership.objects.get(user=around.manager).agency
    leave(around.manager, agency=agency, last_day=FIRST_DAY - timedelta(1))
    assert reach_of(around.manager) == readable(around.manager, [file]) == set()


def test_nothing_is_opened_for_longer_than_the_pack_says(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    client = browse(around.manager)
    for days, status in ((15, 422), (14, 302)):
        until = (today() + timedelta(days)).isoformat()
        assert client.post("/oversight/open", opening(file, until=until)).status_code == status
    assert Grant.objects.count() == 1


def test_without_a_reason_nothing_opens(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    assert browse(around.manager).post("/oversight/open", opening(file, why=" ")).status_code == 422
    assert not Grant.objects.exists()


def test_whoever_is_done_closes_it_again(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    grant = opened_for(around.manager, file, purpose=REASON, day=today())
    client = browse(around.manager)
    assert "I am done: close it" in client.get(f"/files/{file}/access").content.decode()
    assert browse(cast.supervisor).post(f"/files/{file}/access/grants/{grant.id}/end").status_code == 404
    assert client.post(f"/files/{file}/access/grants/{grant.id}/end").headers["Location"] == "/"
    assert client.get(f"/files/{file}/").status_code == 404


@pytest.mark.covers("R121")
def test_only_focal_points_see_that_a_report_opened_a_file(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    opened_for(around.focal_point_with_report, file, purpose=SAFEGUARDING, day=today())
    opened_for(around.focal_point, file, purpose=SAFEGUARDING, day=today())
    opened_for(around.manager, file, purpose=REASON, day=today())

    def sees(user: User) -> str:
        return browse(user).get(f"/files/{file}/access").content.decode()

    for user in (cast.caseworker, cast.supervisor, around.manager):
        assert "Focal point" not in sees(user).replace("Safeguarding focal point", "")
    assert "Focal point with report" in sees(around.focal_point)
    assert "Manager, for a reason" in sees(cast.supervisor)
    assert "Manager, for a reason" not in sees(cast.caseworker)


def test_the_reason_is_kept_and_can_be_read_again(cast: Cast, around: Around) -> None:
    grant = opened_for(around.manager, a_case(cast), purpose=REASON)
    assert why_granted(grant) == "A complaint"
    assert [one.id for one in opened_by(around.manager, FIRST_DAY)] == [grant.id]


# --- The confidential section (R86) --------------------------------------------------------------------------


def confidential_page(cast: Cast) -> tuple[UUID, str]:
    file = a_case(cast)
    submit("assessment.comprehensive", {"suspected": "Zwjeruba, the uncle"}, by=cast.caseworker, file=file)
    return file, f"/files/{file}/entries/{Entry.objects.filter(file_id=file).latest('revision').id}"


@pytest.mark.covers("R86")
def test_the_supervisor_reads_the_confidential_section_by_name_and_until_a_day(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file, page = confidential_page(cast)
    client = browse(cast.supervisor)
    assert "Zwjeruba" not in client.get(page).content.decode()
    sent = {"entry_id": str(new_id()), "to": "supervisor", "until": today().isoformat(), "why": "To decide"}
    done = browse(cast.caseworker).post(f"/files/{file}/access/confidential", sent)
    assert done.status_code == 302
    assert "Zwjeruba" in client.get(page).content.decode()
    assert "Reads the confidential section too" in client.get(f"/files/{file}/access").content.decode()
    Grant.objects.update(since=today() - timedelta(2), until=today() - timedelta(1))
    assert "Zwjeruba" not in client.get(page).content.decode()


def test_a_name_for_the_confidential_section_opens_nothing_else(cast: Cast, around: Around) -> None:
    file, _ = confidential_page(cast)
    name(file, "manager", by=cast.caseworker)
    assert reach_of(around.manager) == readable(around.manager, [file]) == set()
    opened_for(around.manager, file, purpose=REASON)
    opened = CaseFile.objects.get(id=file)
    assert "confidential" in commands.rights(opened, by=around.manager, at=later(0))
    assert "confidential" not in commands.rights(opened, by=around.manager, at=later(4))


def test_nobody_names_themselves_nor_somebody_who_could_not_read_the_file(cast: Cast, around: Around) -> None:
    file, _ = confidential_page(cast)
    opened_for(around.manager, file, purpose=REASON)
    for by, to in (
        (cast.caseworker, "caseworker"), (around.manager, "manager"), (cast.caseworker, "colleague"),
        (cast.caseworker, "other_supervisor"), (cast.caseworker, "coach"), (cast.caseworker, "elsewhere"),
    ):  # fmt: skip
        with pytest.raises(Refused, match="cannot_be_named"):
            name(file, to, by=by)


def test_whom_one_can_name_does_not_tell_who_looks_into_a_report(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    before = could_be_named(file, by=cast.caseworker, day=FIRST_DAY)
    assert {around.focal_point, around.manager, cast.supervisor} <= set(before)
    opened_for(around.focal_point, file, purpose=SAFEGUARDING)
    assert could_be_named(file, by=cast.caseworker, day=FIRST_DAY) == before


def test_the_caseworker_ends_it_before_its_day(cast: Cast, around: Around) -> None:
    file, _ = confidential_page(cast)
    grant = name(file, "supervisor", by=cast.caseworker)
    opened = CaseFile.objects.get(id=file)
    assert "confidential" in commands.rights(opened, by=cast.supervisor, at=later(0))
    end_grant(grant.id, file, by=cast.caseworker, day=FIRST_DAY, of_others={CONFIDENTIAL})
    assert "confidential" not in commands.rights(opened, by=cast.supervisor, at=later(0))
    with pytest.raises(NotFound):
        end_grant(grant.id, file, by=cast.caseworker, day=FIRST_DAY, of_others={CONFIDENTIAL})


# --- Where everybody begins ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "place", "says"),
    [
        ("manager", "/oversight", "Cases by their codes"),
        ("focal_point", "/oversight", "Close a file to somebody"),
        ("coordinator", "/services", "Services"),
        ("information_officer", "/exports", "Exports"),
        ("reviewer", "/cases", "What is opened to you by name stands here until its last day."),
        ("tracing_officer", "/referred", "Nothing is referred to you just now."),
        ("coach", "/", "Coaching opens no case"),
        ("volunteer", "/", "tell a caseworker today"),
        ("data_entry", "/typing", "typed for a colleague"),
        ("data_protection_focal_point", "/data-protection", "Data protection"),
    ],
)
def test_each_role_begins_at_a_page_that_is_of_use(
    cast: Cast, around: Around, browse: Browse, who: str, place: str, says: str
) -> None:
    response = browse((cast.everybody | around.everybody)[who]).get("/", follow=True)
    assert (response.status_code, response.request["PATH_INFO"]) == (200, place)
    assert says in response.content.decode()


def test_an_administrator_sees_who_works_here_and_no_case(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    page = browse(cast.administrator).get("/", follow=True).content.decode()
    assert "Supervisor" in page and "standing in for Supervisor" in page and "River" in page
    assert "Elsewhere" not in page and code_of(file) not in page


def test_a_manager_reads_codes_and_no_name(cast: Cast, around: Around, browse: Browse) -> None:
    file, town = a_case(cast, at=now()), submit("intake.identification", by=cast.elsewhere).file_id
    page = browse(around.manager).get("/oversight/codes").content.decode()
    assert code_of(file) in page and "Caseworker" in page
    assert "Tomas" not in page and str(file) not in page and str(town) not in page
