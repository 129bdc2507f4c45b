"""The supervisor's page: who has nobody, what waits, what is late, and who carries how much. Nobody is ranked."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import START, Cast, a_case, later, stand_in, submit, today
from tests.ready import ready_for
from tutela.access.actions import disable, leave
from tutela.access.models import Cover, Membership, User
from tutela.access.queries import responsible_for
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.protocols.packs import load
from tutela.published.queries import form_in_force
from tutela.supervision.queries import WAITING, Asks, waiting_for_word
from tutela.supervision.rules import week_of
from tutela.vault import opened_keys

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


def section(page: str, heading: str) -> str:
    """What stands under a heading of the page; nothing where the heading is not there."""
    found = re.search(rf"<section[^>]*><h2>{re.escape(heading)}</h2>(.*?)</section>", page, re.S)
    return found[1] if found else ""


def team(browse: Browse, user: User) -> str:
    response = browse(user).get("/team")
    assert response.status_code == 200
    return response.content.decode()


# --- Nobody is there (a bad day) -----------------------------------------------------------------------------


@pytest.mark.covers("R104")
@pytest.mark.parametrize("how", ["disabled", "left"])
def test_children_whose_caseworker_is_gone_stand_first_with_what_is_due(
    cast: Cast, browse: Browse, how: str
) -> None:
    file = a_case(cast, risk="high", at=now())
    assert "Nobody is there" not in team(browse, cast.supervisor)
    if how == "disabled":
        disable(cast.caseworker)
    else:
        agency = Membership.objects.filter(user=cast.caseworker).get().agency
        leave(cast.caseworker, agency=agency, last_day=date(2026, 1, 1))
    page = team(browse, cast.supervisor)
    gone = section(page, "Nobody is there for these children")
    assert code_of(file) in gone and "Make the plan with the child" in gone and "Caseworker" in gone
    assert page.index("Nobody is there") == min(
        page.index(words) for words in ("Nobody is there", "<h2>People") if words in page
    )
    address = f"/files/{file}/forms/closure.allocation"
    assert address in gone and browse(cast.supervisor).get(address).status_code == 200
    submit("closure.allocation", {"reason": "caseworker_gone"}, by=cast.supervisor, file=file, at=now())
    assert "Nobody is there" not in team(browse, cast.supervisor)
    assert responsible_for([file])[file] == cast.colleague


def test_a_stand_in_for_somebody_who_is_gone_is_named_there(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    stand_in(cast, since=today(), until=today())
    disable(cast.caseworker)
    gone = section(team(browse, cast.supervisor), "Nobody is there for these children")
    assert "Colleague</bdi> stands in for now" in gone


# --- What waits ----------------------------------------------------------------------------------------------


@pytest.mark.covers("R11")
def test_urgent_actions_stand_before_every_other_agreement(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    page = team(browse, cast.supervisor)
    assert page.index("Urgent: answer these first") < page.index("Waiting for your agreement")
    assert "Took the child to the clinic" in section(page, "Urgent: answer these first")
    assert "Three visits show it" in section(page, "Waiting for your agreement")  # the evidence


@pytest.mark.parametrize("asks", WAITING, ids=[one.form for one in WAITING])
def test_whatever_waits_names_the_form_that_answers_it(cast: Cast, asks: Asks) -> None:
    """The registry of `supervision.queries`: each kind is found by its own query and answered by its own form."""
    file = ready_for(cast, asks.form)
    assert file is not None
    assert asks.form in {one.form for one in waiting_for_word([file])}
    submit(asks.form, by=cast.supervisor, file=file)
    assert asks.form not in {one.form for one in waiting_for_word([file])}


def test_a_file_that_changes_hands_is_seen_by_the_supervisor(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file, at=now())
    changing = section(team(browse, cast.supervisor), "Changing hands")
    assert code_of(file) in changing and "Colleague answers by" in changing
    submit("closure.transfer_answer", by=cast.colleague, file=file, at=now())
    assert section(team(browse, cast.supervisor), "Changing hands") == ""


# --- Late children, and no ranking ---------------------------------------------------------------------------


@pytest.mark.covers("R114")
def test_what_is_late_stands_by_child_and_people_by_their_names(cast: Cast, browse: Browse) -> None:
    late = a_case(cast)  # months ago
    on_time = submit("intake.identification", by=cast.colleague, at=now()).file_id
    page = team(browse, cast.supervisor)
    assert code_of(late) in section(page, "Late, by child")
    assert str(on_time) not in section(page, "Late, by child")
    people = section(page, "People")
    assert [people.index(f"<bdi>{name}</bdi>") for name in ("Both", "Caseworker", "Colleague")] == sorted(
        people.index(f"<bdi>{name}</bdi>") for name in ("Both", "Caseworker", "Colleague")
    )
    assert not re.search(r"score|rank|overdue|%", people, re.I)


# --- People and their week -----------------------------------------------------------------------------------


@pytest.mark.covers("R81")
def test_each_caseworker_shows_open_cases_by_risk_and_what_cannot_be_done(cast: Cast, browse: Browse) -> None:
    for risk in ("high", "high", "medium"):
        a_case(cast, risk=risk, at=now())
    people = section(team(browse, cast.supervisor), "People")
    assert "3 open cases: 2 high, 1 medium" in people and "0 open cases" in people
    assert "This cannot be done" not in people
    Membership.objects.filter(user=cast.caseworker).update(weekly_hours=4)
    people = section(team(browse, cast.supervisor), "People")
    assert people.count("This cannot be done") == 1 and "Working week: 4 hours" in people


@pytest.mark.covers("R81")
def test_the_week_counts_as_many_contacts_as_the_level_wants() -> None:
    pack = load("interagency_2024")
    contacts = [("follow_up", f"deadline.{level}.follow_up") for level in ("high", "low")]
    due = [*contacts, ("something_new", "deadline.low.something_new")]
    week = week_of(due, weekly_hours=None, pack=pack, day=START.date())
    assert (week.due, week.hours, week.working_hours, week.fits) == (4, 6, 40, True)  # 3 × 90 + 45 minutes
    assert not week_of(due, weekly_hours=5, pack=pack, day=START.date()).fits


@pytest.mark.covers("R81")
def test_the_week_of_somebody_on_leave_is_the_stand_ins(cast: Cast, browse: Browse) -> None:
    a_case(cast, risk="high", at=now())
    stand_in(cast, since=today(), until=today())
    one, other = (
        re.search(rf"<bdi>{name}</bdi>.*?</li>", section(team(browse, cast.supervisor), "People"), re.S)
        for name in ("Caseworker", "Colleague")
    )
    assert one and "Nothing is due" in one[0] and "Colleague stands in until" in one[0]
    assert other and "contacts and steps" in other[0]


def test_the_page_asks_the_database_no_more_for_many_children_than_for_few(
    cast: Cast, browse: Browse
) -> None:
    def fill() -> None:
        file = a_case(cast)
        for form in ("closure.request", "consent.urgent_action", "closure.transfer"):
            submit(form, by=cast.caseworker, file=file)
        submit("intake.identification", by=cast.colleague)

    def asked(address: str) -> int:
        opened_keys.forget_all()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    client = browse(cast.supervisor)
    client.get("/")  # that a session is in use is written down once a minute
    addresses = ("/team", f"/team/people/{cast.caseworker.id}")
    for _ in range(2):  # one file is asked about in another way (`cases.facts`)
        fill()
    few = [asked(address) for address in addresses]
    for _ in range(4):
        fill()
    assert [asked(address) for address in addresses] == few


# --- One caseworker's files, one by one ----------------------------------------------------------------------


@pytest.mark.covers("R57")
def test_a_caseload_is_handed_over_file_by_file_after_a_look_at_each_consent(
    cast: Cast, browse: Browse
) -> None:
    one, other = a_case(cast), a_case(cast)
    submit(
        "consent.consent",
        {"agreed": ["participation"], "refused": ["share_for_services"]},
        by=cast.caseworker,
        file=one,
    )
    client, address = browse(cast.supervisor), f"/team/people/{cast.caseworker.id}"
    page = client.get(address).content.decode()
    cards = {
        file: card
        for file in (one, other)
        for card in page.split('<article class="card">')
        if code_of(file) in card
    }
    assert "Agrees: Taking part" in cards[one] and "Says no: Sharing" in cards[one]
    assert "Nobody’s consent is written down" in cards[other]
    for file, card in cards.items():
        assert f"/files/{file}/forms/closure.transfer" in card
    assert (
        "<form" not in page.partition("<main")[2].partition("</main>")[0]
    )  # nothing that would move several at once
    submit("closure.transfer", by=cast.supervisor, file=one, at=now())
    page = client.get(address).content.decode()
    assert page.count("Colleague is asked to take over") == 1


def test_the_files_of_a_caseworker_of_another_team_are_not_there(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    for address in ("", "/cover", f"/cover?file={new_id()}", "/cover?file=nonsense"):
        got = browse(cast.other_supervisor).get(f"/team/people/{cast.caseworker.id}{address}")
        assert got.status_code == 404
    assert browse(cast.supervisor).get(f"/team/people/{new_id()}").status_code == 404


# --- Cover and hand-over, by clicking ------------------------------------------------------------------------


def cover_sheet(cast: Cast, **changed: str) -> dict[str, str]:
    agency = Membership.objects.filter(user=cast.supervisor).get().agency_id
    version = form_in_force("access.cover", agency_id=agency, day=today()).version
    day = today().isoformat()
    return {
        "entry_id": str(new_id()),
        "version": version,
        "stand_in": "colleague",
        "since": day,
        "until": day,
    } | changed


@pytest.mark.covers("R104")
def test_cover_is_put_in_once_shown_on_the_lists_and_ended(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    client, address, sheet = (
        browse(cast.supervisor),
        f"/team/people/{cast.caseworker.id}/cover",
        cover_sheet(cast),
    )
    for _ in range(2):  # sent twice, written once
        assert client.post(address, sheet).status_code == 302
    cover = Cover.objects.get()
    assert AuditRow.objects.filter(act="cover.put_in").latest("id").detail["cover"] == sheet["entry_id"]
    listed = browse(cast.colleague).get("/cases").content.decode()
    assert code_of(file) in listed and "Covered for Caseworker until" in listed
    assert "Stands in" in browse(cast.caseworker).get(f"/files/{file}/").content.decode()
    assert "Colleague</bdi> for <bdi>Caseworker" in team(browse, cast.supervisor)
    assert client.post(f"/team/cover/{cover.id}/end").status_code == 302
    assert browse(cast.colleague).get(f"/files/{file}/").status_code == 404


def test_a_cover_that_makes_no_sense_says_so_at_its_question(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client, address = browse(cast.supervisor), f"/team/people/{cast.caseworker.id}/cover"
    for changed, words in (
        ({"stand_in": "caseworker"}, "another than the one who is away"),
        ({"since": "2999-01-01", "until": "2998-01-01"}, "The last day comes before the first."),
        ({"stand_in": "<b>"}, "Choose one of your colleagues."),
        ({"stand_in": ""}, "needed"),
    ):
        page = client.post(address, cover_sheet(cast, **changed))
        assert page.status_code == 422 and words in page.content.decode()
    assert not Cover.objects.exists()


@pytest.mark.covers("R56")
@pytest.mark.parametrize("accepted", ["yes", "no"])
def test_an_answer_to_a_hand_over_that_is_sent_again_is_answered_alike(
    cast: Cast, browse: Browse, accepted: str
) -> None:
    """The line broke before the page came, and she presses Save once more."""
    file, client = a_case(cast, at=now()), browse(cast.colleague)
    submit("closure.transfer", by=cast.caseworker, file=file, at=now())
    address = f"/files/{file}/forms/closure.transfer_answer"
    answers = dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', client.get(address).content.decode())
    )
    answers |= {"happened_at": f"{today()}T00:00", "happened_precision": "day", "accepted": accepted}
    answers |= {"read": "yes"} if accepted == "yes" else {"returned": "too_many_cases"}
    sent = [client.post(address, answers) for _ in range(2)]
    assert [one.status_code for one in sent] == [302, 302]
    assert sent[0].headers["Location"] == sent[1].headers["Location"]


@pytest.mark.covers("R56")
@pytest.mark.parametrize("more", [{}, {"look": "1"}, {"accepted": "yes", "returned": ""}])
def test_what_was_sent_once_opens_no_form_to_whoever_may_not_write_any_more(
    cast: Cast, browse: Browse, more: dict[str, str]
) -> None:
    """An id that somebody still has in their browser shows nothing of the child."""
    file = a_case(cast, at=now())
    mine = submit("follow_up.contact", by=cast.caseworker, file=file, at=now()).entry_id
    submit("closure.transfer", by=cast.caseworker, file=file, at=now())
    no = {"accepted": "no", "read": None, "returned": "too_many_cases"}
    theirs = submit("closure.transfer_answer", no, by=cast.colleague, file=file, at=now()).entry_id
    submit("closure.transfer", by=cast.caseworker, file=file, at=now())
    submit("closure.allocation", {"to": "both"}, by=cast.supervisor, file=file, at=now())
    for who, form, entry_id in (
        (cast.caseworker, "follow_up.contact", mine), (cast.colleague, "closure.transfer_answer", theirs),
    ):  # fmt: skip
        sent = browse(who).post(f"/files/{file}/forms/{form}", {"entry_id": str(entry_id), **more})
        assert sent.status_code in (403, 404) and "years" not in sent.content.decode()


@pytest.mark.covers("R56", "R104")
def test_whoever_is_asked_reads_one_page_and_answers_from_today(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    told = {
        "urgent": "Fever since Monday", "promises": "A visit on Friday", "safe_contact": "Call the aunt",
        "next_dates": "9 May",
    }  # fmt: skip
    submit("closure.transfer", told, by=cast.caseworker, file=file, at=now())
    client = browse(cast.colleague)
    assert f"/files/{file}/hand-over" in client.get("/").content.decode()
    page = client.get(f"/files/{file}/hand-over").content.decode()
    assert all(words in page for words in told.values())
    assert "Tomas" not in page
    assert client.get(f"/files/{file}/").status_code == 404
    form = client.get(f"/files/{file}/forms/closure.transfer_answer")
    assert form.status_code == 200
    answers = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.content.decode())
    sent = client.post(
        f"/files/{file}/forms/closure.transfer_answer",
        dict(answers) | {
            "accepted": "no", "returned": "too_many_cases", "happened_at": f"{today()}T00:00",
            "happened_precision": "day",
        },
    )  # fmt: skip
    assert (sent.status_code, sent.headers["Location"]) == (302, "/")  # the file is not theirs to open


def test_a_supervisor_is_offered_the_colleagues_with_what_they_carry(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    a_second = submit("intake.identification", by=cast.colleague, at=later(1)).file_id
    submit("intake.registration", by=cast.colleague, file=a_second, at=later(1))
    form = browse(cast.supervisor).get(f"/files/{file}/forms/closure.allocation").content.decode()
    offered = re.findall(
        r'<option value="(\w+)"[^>]*>([^<]*)', form.partition("<select")[2].partition("</select>")[0]
    )
    assert ("colleague", "Colleague · 1 open case: 1 risk not set yet") in offered
    assert {code for code, _ in offered} == {"both", "colleague"}  # not who has it already
    own = browse(cast.caseworker).get(f"/files/{file}/forms/closure.transfer").content.decode()
    assert (
        "Colleague · River" in own and "open case" not in own
    )  # what colleagues carry is the supervisor's to see
