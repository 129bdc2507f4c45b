"""Deputies have days and never agree on their own cases (R121); between some agencies nothing passes (R105)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from click.testing import CliRunner, Result
from django.test import Client

from tests.access.test_reach import reach_of, readable
from tests.cast import (
    FIRST_DAY,
    SINCE,
    START,
    Around,
    Cast,
    a_case,
    a_service,
    gather_around,
    join,
    later,
    stand_in,
    submit,
    today,
)
from tests.cast import person as somebody
from tutela.access.actions import join as take_on
from tutela.access.actions import leave
from tutela.access.barriers import bar, unbar
from tutela.access.deputies import end_deputy, put_in_deputy
from tutela.access.models import Agency, Barrier, Membership, User
from tutela.access.queries import approves_on, files_of_supervised_teams, roles_on
from tutela.cases.families import family_of, link_family
from tutela.cases.models import FamilyLink
from tutela.cli.main import main
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def deputise(
    cast: Cast, *, who: str = "colleague", by: User | None = None, of: User | None = None, since: date = FIRST_DAY,
    until: date = FIRST_DAY,
) -> Membership:  # fmt: skip
    place = Membership.objects.get(user=of or cast.supervisor, stands_for=None).id
    return put_in_deputy(
        new_id(), place=place, deputy=who, since=since, until=until, by=by or cast.supervisor, day=FIRST_DAY
    )


# --- Deputies ------------------------------------------------------------------------------------------------


@pytest.mark.covers("R121")
def test_a_deputy_agrees_to_decisions_from_a_day_to_a_day(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    deputise(cast, since=later(1).date(), until=later(2).date())
    for day, holds in ((0, False), (1, True), (2, True), (3, False)):
        on = later(day).date()
        assert approves_on(cast.colleague, file, on) == holds
        assert files_of_supervised_teams(cast.colleague, on) == ([file] if holds else [])
        assert ("supervisor" in roles_on(cast.colleague, on)) == holds
    with pytest.raises(NotFound):
        submit("closure.answer", by=cast.colleague, file=file, at=later(0))
    submit("closure.answer", by=cast.colleague, file=file, at=later(2))


def test_a_deputy_agrees_to_nothing_on_their_own_cases_nor_where_they_stand_in(cast: Cast) -> None:
    own, covered, other = (
        submit("intake.identification", by=cast.colleague).file_id, a_case(cast),
        submit("intake.identification", by=cast.both).file_id,
    )  # fmt: skip
    stand_in(cast, file=covered)
    deputise(cast)
    assert files_of_supervised_teams(cast.colleague, FIRST_DAY) == [other]
    assert (
        reach_of(cast.colleague) == readable(cast.colleague, [own, covered, other]) == {own, covered, other}
    )
    for file in (own, covered):
        with pytest.raises(Refused):
            submit("closure.answer", by=cast.colleague, file=file)


def test_a_manager_puts_in_a_deputy_for_whoever_is_away(cast: Cast) -> None:
    around = gather_around(cast)
    file = a_case(cast)
    deputise(cast, by=around.manager)
    assert approves_on(cast.colleague, file, FIRST_DAY)


@pytest.mark.parametrize("by", ["other_supervisor", "caseworker", "elsewhere", "administrator"])
def test_nobody_else_puts_one_in(cast: Cast, by: str) -> None:
    with pytest.raises(NotFound):
        deputise(cast, by=getattr(cast, by))


def test_a_deputy_puts_in_no_deputy(cast: Cast) -> None:
    deputise(cast)
    with pytest.raises(NotFound):
        deputise(cast, who="other_supervisor", by=cast.colleague)


@pytest.mark.parametrize(
    "who", ["supervisor", "both", "elsewhere", "information_officer", "outsider", "nobody"]
)
def test_only_a_caseworker_or_another_supervisor_of_the_agency_stands_in(cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="cannot_stand_in"):
        deputise(cast, who=who)


def test_a_deputy_has_days_that_fit(cast: Cast) -> None:
    for since, until in ((1, 0), (-1, 1)):
        with pytest.raises(Refused, match="ends_before"):
            deputise(cast, since=later(since).date(), until=later(until).date())


def test_a_deputy_ends_at_once_where_the_supervisor_says_so(cast: Cast) -> None:
    file = a_case(cast)
    made = deputise(cast, until=later(5).date())
    with pytest.raises(NotFound):
        end_deputy(made.id, by=cast.other_supervisor, day=later(2).date())
    end_deputy(made.id, by=cast.supervisor, day=later(2).date())
    assert [approves_on(cast.colleague, file, later(day).date()) for day in (1, 2)] == [True, False]


def test_a_deputy_who_leaves_the_agency_is_one_no_more(cast: Cast) -> None:
    file = a_case(cast)
    deputise(cast, until=later(9).date())
    leave(cast.colleague, agency=Agency.objects.get(name="Lantern"), last_day=later(2).date())
    assert [approves_on(cast.colleague, file, later(day).date()) for day in (2, 3)] == [True, False]


def test_a_supervisor_puts_in_a_deputy_on_a_page_and_ends_it_there(cast: Cast, browse: Browse) -> None:
    client = browse(cast.supervisor)
    place = Membership.objects.get(user=cast.supervisor).id.hex
    day = today().isoformat()
    sent = {"entry_id": str(new_id()), "place": place, "deputy": "colleague", "since": day, "until": day}
    assert client.post("/team/deputies/new", sent).headers["Location"] == "/team/deputies"
    page = client.get("/team/deputies").content.decode()
    made = Membership.objects.get(stands_for=cast.supervisor)
    assert "Colleague for Supervisor" in page and f"/team/deputies/{made.id}/end" in page
    assert browse(cast.colleague).get("/team").status_code == 200
    assert client.post(f"/team/deputies/{made.id}/end").status_code == 302
    assert browse(cast.colleague).get("/team").status_code == 404


# --- Barriers ------------------------------------------------------------------------------------------------

LANTERN_TOWN = ("agency", "bar", "Open Door", "--from", "Lantern", "--reason", "Agreement of 3 March 2026")


def tutela(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def lantern() -> Agency:
    return Agency.objects.get(name="Lantern")


def town() -> Agency:
    return Agency.objects.get(name="Open Door")


@pytest.fixture
def of_both(cast: Cast) -> User:
    """A supervisor here who works as a caseworker for the other agency too."""
    user = somebody("of_both", lantern(), role="supervisor", team="River")
    join(user, town(), role="caseworker", team="Town")
    return user


@pytest.mark.covers("R105")
def test_whoever_works_for_the_barred_agency_too_finds_nothing_here(cast: Cast, of_both: User) -> None:
    here, there = a_case(cast), submit("intake.identification", by=cast.elsewhere).file_id
    files = [here, there]
    assert reach_of(of_both) == readable(of_both, files) == {here}
    bar(lantern(), town(), reason="At war", since=FIRST_DAY)
    assert reach_of(of_both) == readable(of_both, files) == set()
    assert files_of_supervised_teams(of_both, FIRST_DAY) == []
    assert roles_on(of_both, FIRST_DAY) == {"caseworker"}
    unbar(lantern(), town(), day=FIRST_DAY)
    assert reach_of(of_both) == {here}


def test_a_barrier_has_a_direction_and_days(cast: Cast, of_both: User) -> None:
    file = submit("intake.identification", by=cast.elsewhere).file_id
    join(of_both, town(), role="supervisor", team="Town")
    bar(lantern(), town(), reason="At war", since=FIRST_DAY)
    assert reach_of(of_both) == {file}
    assert roles_on(of_both, FIRST_DAY - timedelta(1)) == {"caseworker", "supervisor"}
    assert roles_on(of_both, FIRST_DAY - timedelta(1), agency_id=lantern().id) == {"supervisor"}
    assert roles_on(of_both, FIRST_DAY, agency_id=lantern().id) == set()


def test_nobody_is_taken_on_by_both_sides_of_a_barrier(cast: Cast) -> None:
    bar(lantern(), town(), reason="At war", since=SINCE)
    for user, agency in ((cast.caseworker, town()), (cast.elsewhere, lantern())):
        with pytest.raises(Refused, match="kept_apart"):
            take_on(user, agency=agency, team=None, role="administrator", since=FIRST_DAY)
    done = tutela("user", "join", "elsewhere", "--agency", "Lantern", "--role", "administrator")
    assert done.exit_code == 2 and "a barrier keeps apart" in done.output


def test_no_family_link_crosses_a_barrier(cast: Cast) -> None:
    here, there = a_case(cast), submit("intake.identification", by=cast.elsewhere).file_id
    bar(lantern(), town(), reason="At war", since=SINCE)
    with pytest.raises(Refused, match="kept_apart"):
        link_family(there, here, by=cast.caseworker, at=START)
    assert not FamilyLink.objects.exists()
    assert family_of(here, within={here}) == []


def refer(cast: Cast, file: UUID, provider: str, *, form: str = "referral.referral") -> None:
    submit(form, {"provider": provider}, by=cast.caseworker, file=file)


def test_no_referral_goes_to_whom_a_barrier_keeps_out(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    a_service(cast, name="Post three", organisation="Open Door")
    bar(lantern(), town(), reason="At war", since=SINCE)
    for provider in ("open door, the post at the bridge", "Post three, Open Door"):
        with pytest.raises(Refused, match="kept_apart") as refused:
            refer(cast, file, provider)
        (unmet,) = refused.value.unmet
        assert str(unmet.words) == "Nothing of this file may go to this organisation. Choose another service."
    refer(cast, file, "Sewing course")
    refer(cast, file, "Open Door", form="referral.done")  # what happened can always be written down


def test_whoever_runs_the_installation_sets_and_ends_a_barrier(cast: Cast, of_both: User) -> None:
    done = tutela(*LANTERN_TOWN)
    assert done.exit_code == 0, done.output
    assert "Nothing of Lantern reaches Open Door" in done.output and "Of both works for both" in done.output
    assert tutela(*LANTERN_TOWN).exit_code == 2
    assert "Agreement of 3 March 2026" in tutela("agency", "barriers").output
    ended = tutela("agency", "unbar", "Open Door", "--from", "Lantern")
    assert ended.exit_code == 0, ended.output
    assert tutela("agency", "unbar", "Open Door", "--from", "Lantern").exit_code == 2
    assert "no barrier" in tutela("agency", "barriers").output
    assert Barrier.objects.get().ended_on == today()


def test_a_barrier_stands_from_midnight_where_its_agency_works(cast: Cast, of_both: User) -> None:
    """Half past midnight in Nairobi, while in Greenwich it is still the day before."""
    at = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
    here, there = a_case(cast), submit("intake.identification", by=cast.elsewhere).file_id
    with time_machine.travel(at, tick=True):
        assert tutela(*LANTERN_TOWN).exit_code == 0
        assert "Nothing of Lantern reaches Open Door since 2026-03-03" in tutela("agency", "barriers").output
    with pytest.raises(Refused, match="kept_apart"):
        link_family(there, here, by=cast.caseworker, at=at)


@pytest.mark.parametrize("words", [("Nowhere", "Lantern"), ("Lantern", "Lantern"), ("Lantern", "Nowhere")])
def test_a_barrier_that_makes_no_sense_gets_a_sentence(cast: Cast, words: tuple[str, str]) -> None:
    done = tutela("agency", "bar", words[0], "--from", words[1], "--reason", "At war")
    assert done.exit_code == 2 and len(done.output.splitlines()) == 1
    assert not Barrier.objects.exists()


def test_the_cast_has_an_agency_that_is_kept_out(cast: Cast) -> None:
    around: Around = gather_around(cast)
    file = a_case(cast)
    assert reach_of(around.barred) == readable(around.barred, [file]) == set()
