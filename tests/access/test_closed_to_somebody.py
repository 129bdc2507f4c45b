"""A file that is closed to a named colleague: it is nowhere for them, and nobody tells them (R121)."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tests.access.test_reach import reach_of, readable
from tests.cast import (
    FIRST_DAY,
    START,
    Around,
    Cast,
    a_case,
    closed_to_them,
    gather_around,
    later,
    stand_in,
    submit,
    today,
)
from tutela import commands
from tutela.access.actions import put_in_cover
from tutela.access.closing import ask_to_close, close_to, closing_of, closings_of, open_again, why_closed
from tutela.access.models import ClosedTo, Membership, User
from tutela.access.near import files_of_agency
from tutela.access.queries import (
    approves_on,
    covers_on,
    files_of_supervised_teams,
    invitations_of,
    supervised_teams,
)
from tutela.cases.models import CaseFile
from tutela.closure.queries import caseloads
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.intake.queries import reduced_under
from tutela.supervision.models import PossibleMatch
from tutela.supervision.queries import matches_to_judge, waiting_for_word

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R121")]

Browse = Callable[[User], Client]


@pytest.fixture
def around(cast: Cast) -> Around:
    return gather_around(cast)


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


def close(cast: Cast, file: UUID, *, to: str, instead: str = "", by: User | None = None) -> None:
    close_to(
        new_id(), file, to=to, instead=instead, why="A relative", by=by or cast.supervisor, day=FIRST_DAY
    )


# --- Whoever it is closed to ---------------------------------------------------------------------------------


def test_a_supervisor_reads_a_team_file_until_it_is_closed_to_them_and_no_longer(
    cast: Cast, around: Around
) -> None:
    mine, other = a_case(cast), a_case(cast)
    assert reach_of(around.closed_out) == readable(around.closed_out, [mine, other]) == {mine, other}
    closed_to_them(around, mine)
    assert reach_of(around.closed_out) == readable(around.closed_out, [mine, other]) == {other}
    assert files_of_supervised_teams(around.closed_out, FIRST_DAY) == [other]
    for form in (
        "assessment.risk_agreement",
        "closure.answer",
        "consent.urgent_answer",
        "closure.allocation",
    ):
        with pytest.raises(NotFound):
            submit(form, by=around.closed_out, file=mine)


def test_whatever_they_would_have_agreed_to_goes_to_whoever_is_named(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    assert not approves_on(around.instead, file, FIRST_DAY)
    closed_to_them(around, file)
    files = files_of_supervised_teams(around.instead, FIRST_DAY)
    assert [one.form for one in waiting_for_word(files)] == ["closure.answer"]
    assert waiting_for_word(files_of_supervised_teams(around.closed_out, FIRST_DAY)) == []
    submit("closure.answer", by=around.instead, file=file)


def test_no_list_no_count_and_no_search_shows_it_to_them(cast: Cast, around: Around, browse: Browse) -> None:
    file, other = a_case(cast, at=now()), a_case(cast, at=now())
    closed_to_them(around, file, day=today())
    submit("closure.request", by=cast.caseworker, file=file, at=now())
    client, code = browse(around.closed_out), code_of(file)
    for page in ("/team", "/cases", "/intake", "/team/meeting", f"/team/people/{cast.caseworker.id}"):
        body = client.get(page).content.decode()
        assert code not in body and str(file) not in body, page
    assert code_of(other) in client.get("/cases").content.decode()
    assert "1 open case:" in client.get("/team").content.decode()
    assert commands.find("Tomas", by=around.closed_out, at=now()) == [other]
    assert commands.find(code, by=around.closed_out, at=now()) == []
    for page in ("", "people", "access", "forms/closure.answer"):
        nowhere, theirs = (client.get(f"/files/{which}/{page}") for which in (new_id(), file))
        assert (nowhere.status_code, nowhere.content) == (theirs.status_code, theirs.content)


def test_a_number_does_not_tell_that_it_is_there(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    closed_to_them(around, file)
    loads = {
        who: caseloads([cast.caseworker.id], seen_by=user, day=FIRST_DAY)[cast.caseworker.id]
        for who, user in {"closed_out": around.closed_out, "supervisor": cast.supervisor}.items()
    }
    assert loads == {"closed_out": [], "supervisor": [file]}


def test_no_match_shows_it_to_them_and_the_named_supervisor_judges(cast: Cast, around: Around) -> None:
    earlier, file = a_case(cast), a_case(cast)
    match = PossibleMatch.objects.create(file_id=file, other_id=earlier, found_at=START)

    def waiting(user: User) -> list[PossibleMatch]:
        return matches_to_judge(files_of_supervised_teams(user, FIRST_DAY), by=user, day=FIRST_DAY)

    assert waiting(around.closed_out) == waiting(cast.supervisor) == [match]
    closed_to_them(around, earlier)  # the other of the two: its code would tell them as well
    assert waiting(around.closed_out) == []
    assert waiting(cast.supervisor) == waiting(around.instead) == [match]
    with pytest.raises(NotFound):
        commands.judge_match(match.pk, verdict="same_child", by=around.closed_out, at=START)
    commands.judge_match(match.pk, verdict="same_child", by=around.instead, at=START)


def test_the_named_supervisor_sees_their_own_file_first_in_a_match(
    cast: Cast, around: Around, browse: Browse
) -> None:
    earlier, file = a_case(cast), a_case(cast)
    PossibleMatch.objects.create(file_id=file, other_id=earlier, found_at=START)
    closed_to_them(around, earlier, day=today())
    page = browse(around.instead).get("/team").content.decode()
    assert f'href="/files/{earlier}/"' in page and f'href="/files/{file}/"' not in page
    assert code_of(file) in page


def test_cover_of_that_file_is_not_shown_to_them_and_not_theirs_to_end(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast)
    cover = stand_in(cast, since=today(), until=today(), file=file)
    closed_to_them(around, file, day=today())
    address = f"/team/cover/{cover.id}/end"
    assert address not in browse(around.closed_out).get("/team").content.decode()
    assert browse(around.closed_out).post(address).status_code == 404
    assert address in browse(cast.supervisor).get("/team").content.decode()
    with pytest.raises(NotFound):
        put_in_cover(
            new_id(), covered_for=cast.caseworker.id, stand_in="colleague", since=FIRST_DAY, until=FIRST_DAY,
            confidential=False, file_id=file, by=around.closed_out, day=today(),
        )  # fmt: skip


def test_a_colleague_who_was_asked_to_take_it_over_is_no_longer_asked(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    assert invitations_of(cast.colleague, FIRST_DAY).exists()
    close(cast, file, to="colleague", by=around.manager)
    assert not invitations_of(cast.colleague, FIRST_DAY).exists()
    with pytest.raises(NotFound):
        submit("closure.transfer_answer", by=cast.colleague, file=file)


def test_nobody_can_give_it_to_them_or_put_them_in_for_it(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    stand_in(cast)  # for all files of the caseworker
    assert covers_on([file], day=FIRST_DAY)
    close(cast, file, to="colleague", by=around.manager)
    assert covers_on([file], day=FIRST_DAY) == {}
    for form, who in (("closure.allocation", cast.supervisor), ("closure.transfer", cast.caseworker)):
        with pytest.raises(Refused, match="cannot_take"):
            submit(form, by=who, file=file)
    with pytest.raises(Refused, match="cannot_cover"):
        stand_in(cast, file=file)


def test_what_became_no_case_counts_for_them_no_more(cast: Cast, around: Around) -> None:
    file = submit("intake.identification", by=cast.caseworker).file_id
    commands.reduce_files(at=later(60))
    assert [one.file_id for one in reduced_under(around.closed_out, day=FIRST_DAY)] == [file]
    ClosedTo.objects.create(id=new_id(), file_id=file, user=around.closed_out, since=FIRST_DAY, sealed=b"-")
    assert reduced_under(around.closed_out, day=FIRST_DAY) == []


# --- Managers ------------------------------------------------------------------------------------------------


def test_a_manager_to_whom_it_is_closed_learns_as_much_as_of_a_code_that_is_none(
    cast: Cast, around: Around, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    agency = CaseFile.objects.get(id=file).agency_id
    close(cast, file, to="manager", by=around.focal_point)
    assert files_of_agency(agency, seen_by=around.manager, day=today()) == []
    assert files_of_agency(agency, seen_by=around.manager_with_reason, day=today()) == [file]
    assert code_of(file) not in browse(around.manager).get("/oversight/codes").content.decode()
    assert code_of(file) in browse(around.manager_with_reason).get("/oversight/codes").content.decode()
    client = browse(around.manager)
    for page, more in (
        ("/oversight/open", {"until": today().isoformat()}),
        ("/oversight/close", {"to": "coach"}),
    ):
        sent = {"entry_id": str(new_id()), "why": "A complaint", **more}
        there, not_there = (
            client.post(page, sent | {"code": code}) for code in (code_of(file), "QQQ-QQQQ-Q")
        )
        assert there.status_code == not_there.status_code == 422
        assert b"There is no case with this code here" in there.content
        assert b"There is no case with this code here" in not_there.content
    assert closings_of(agency, seen_by=around.manager, day=today()) == []
    assert len(closings_of(agency, seen_by=around.focal_point, day=today())) == 1


# --- Closing and opening again -------------------------------------------------------------------------------


def test_a_caseworker_asks_and_a_focal_point_decides(cast: Cast, around: Around, browse: Browse) -> None:
    file = a_case(cast, at=now())
    asked = {"entry_id": str(new_id()), "to": "closed_out", "why": "Her brother is the uncle of the child"}
    client = browse(cast.caseworker)
    assert client.post(f"/files/{file}/access/closing", asked).status_code == 302
    assert "Asked, not decided yet" in client.get(f"/files/{file}/access").content.decode()
    assert file in reach_of_today(around.closed_out)
    page = browse(around.focal_point).get("/oversight").content.decode()
    assert "Her brother is the uncle" in page and code_of(file) in page
    (closing,) = ClosedTo.objects.all()
    address = f"/oversight/close?asked={closing.id}"
    assert address in page
    form = browse(around.focal_point).get(address).content.decode()
    assert "Her brother is the uncle" in form
    done = {"entry_id": str(new_id()), "code": code_of(file), "to": "closed_out", "why": "Family"}
    refused = browse(around.focal_point).post(address, done)
    assert refused.status_code == 422 and b"Name another supervisor who does so instead" in refused.content
    assert browse(around.focal_point).post(address, done | {"instead": "instead"}).status_code == 302
    assert file not in reach_of_today(around.closed_out)
    assert file in reach_of_today(around.instead)
    assert "Closed since" in client.get(f"/files/{file}/access").content.decode()
    assert closing_of(closing.id).closed_by == around.focal_point


def reach_of_today(user: User) -> set[UUID]:
    return set(files_of_supervised_teams(user, today()))


def test_what_was_asked_can_be_declined_and_the_file_stays_open(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    ask_to_close(new_id(), file, to="closed_out", why="Quarrels", by=cast.caseworker, day=FIRST_DAY)
    closing = ClosedTo.objects.get()
    open_again(closing.id, by=around.manager, day=FIRST_DAY)
    assert reach_of(around.closed_out) == {file}
    with pytest.raises(NotFound):
        open_again(closing.id, by=around.manager, day=FIRST_DAY)


def test_opened_again_it_is_theirs_as_before(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    closing = closed_to_them(around, file)
    open_again(closing, by=around.manager, day=FIRST_DAY)
    assert reach_of(around.closed_out) == {file} and reach_of(around.instead) == set()
    closed_to_them(around, file)
    assert reach_of(around.closed_out) == set()


def test_the_responsible_caseworker_hands_it_on_before_it_is_closed_to_them(
    cast: Cast, around: Around
) -> None:
    with pytest.raises(Refused, match="responsible"):
        close(cast, a_case(cast), to="caseworker", by=around.manager)


@pytest.mark.parametrize("instead", ["", "nobody", "closed_out", "colleague", "deputy", "other_closed_out"])
def test_somebody_fit_agrees_to_decisions_instead(cast: Cast, around: Around, instead: str) -> None:
    """Not nobody, not oneself, no caseworker, no deputy, and nobody to whom it is closed as well."""
    file = a_case(cast)
    if instead == "other_closed_out":
        close(cast, file, to="other_supervisor", by=around.manager)
        instead = "other_supervisor"
    with pytest.raises(Refused, match="nobody_instead"):
        close(cast, file, to="closed_out", instead=instead, by=around.manager)
    assert reach_of(around.closed_out) == {file}


def test_only_somebody_who_works_here_can_be_named(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    for who in ("elsewhere", "outsider", "nobody"):
        with pytest.raises(Refused, match="not_here"):
            close(cast, file, to=who, by=around.manager)


def test_the_same_closing_twice_is_one(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    assert closed_to_them(around, file) == closed_to_them(around, file)


def test_why_it_was_closed_lies_sealed(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    closing = closing_of(closed_to_them(around, file))
    assert why_closed(closing) == "Her brother is on this file"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_closedto")
        row = b"".join(
            bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode()
            for one in cursor.fetchone()
        )
    assert b"brother" not in row


def test_a_deputy_gets_nothing_that_is_closed_to_whom_they_stand_for(cast: Cast, around: Around) -> None:
    file, other = a_case(cast), a_case(cast)
    Membership.objects.filter(user=around.deputy, role="supervisor").update(stands_for=around.closed_out)
    assert reach_of(around.deputy) == {file, other}
    closed_to_them(around, file)
    assert reach_of(around.deputy) == readable(around.deputy, [file, other]) == {other}


def test_it_holds_from_its_day_until_the_day_it_ends(cast: Cast, around: Around) -> None:
    file = a_case(cast)
    closed_to_them(around, file)
    ClosedTo.objects.update(ended_on=FIRST_DAY + timedelta(3))
    open_on = [
        day for day in (-1, 0, 2, 3) if approves_on(around.closed_out, file, FIRST_DAY + timedelta(day))
    ]
    assert open_on == [-1, 3]
    assert [team.name for team in supervised_teams(around.closed_out, FIRST_DAY)] == ["River"]
