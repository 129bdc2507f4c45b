"""A referral that a colleague of the service receives here: what was told, and until a day (R41–R43, §20)."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from tests.access.receiving import agency_of, answers, next_door, reads, told
from tests.casework.refusing import refusal
from tests.cast import (
    FIRST_DAY,
    Cast,
    a_case,
    a_service,
    later,
    person,
    send,
    sent_on,
    submit,
)
from tutela import commands
from tutela.access.actions import leave
from tutela.access.barriers import bar
from tutela.access.closing import close_to
from tutela.access.granting import could_receive
from tutela.access.models import ClosedTo, Grant, Membership, Role, User
from tutela.audit.models import AuditRow
from tutela.cases.models import Entry
from tutela.foundation.clock import now
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.referral.queries import referrals
from tutela.service_directory.actions import raise_concern

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


# --- Who reads it, and what ----------------------------------------------------------------------------------


@pytest.mark.covers("R42")
def test_whoever_it_was_sent_to_reads_exactly_what_was_told_and_nothing_that_came_later(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    assert told(referral, cast.elsewhere) == {"need": "A place on the course", "first_name": "Tomas"}
    teacher = {"name": "Grace", "relationship": "teacher", "phone": "0700 111"}
    submit("cases.person", teacher, by=cast.caseworker, file=file, at=later(0.5))
    submit("follow_up.contact", by=cast.caseworker, file=file, at=later(0.5))
    assert told(referral, cast.elsewhere) == {"need": "A place on the course", "first_name": "Tomas"}


@pytest.mark.covers("R42")
def test_they_read_nothing_else_of_the_file(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    referral = sent_on(cast, file, at=now())
    client = browse(cast.elsewhere)
    pages = (
        "", "people", "plan", "services", f"services/{referral}", f"entries/{referral}", "documents", "access", "name",
        "forms/follow_up.contact", "forms/referral.answer",
    )  # fmt: skip
    assert {client.get(f"/files/{file}/{one}").status_code for one in pages} == {404}
    assert client.get("/cases").content.decode().count(str(file)) == 0
    with pytest.raises(NotFound):
        submit("referral.answer", by=cast.elsewhere, file=file, at=now())


@pytest.mark.covers("R42", "R87")
def test_nobody_near_reads_it_and_each_who_tries_leaves_a_row(cast: Cast) -> None:
    file = a_case(cast)
    referral, other = sent_on(cast, file), sent_on(cast, file, name="Night school")
    beside = next_door(cast)
    commands.end_referral(file, other, by=cast.caseworker, at=later(0))
    assert reads(cast.elsewhere, referral)
    row = AuditRow.objects.latest("id")
    assert (row.act, row.by, row.file_id, row.allowed) == ("packet.received", cast.elsewhere.id, file, True)
    near = [
        (cast.elsewhere, other),
        (beside, referral),
        (cast.colleague, referral),
        (cast.supervisor, referral),
    ]
    for who, which in [*near, (cast.caseworker, referral), (cast.outsider, referral)]:
        assert not reads(who, which)
        row = AuditRow.objects.latest("id")
        assert (row.act, row.by, row.file_id, row.allowed) == ("packet.received", who.id, file, False)


@pytest.mark.covers("R42")
def test_it_ends_by_itself_with_its_last_day(cast: Cast) -> None:
    referral = sent_on(cast, a_case(cast))
    assert [reads(cast.elsewhere, referral, days=day) for day in (0, 10, 11)] == [True, True, False]
    assert [len(commands.received_by(cast.elsewhere, day=later(day).date())) for day in (10, 11)] == [1, 0]


def test_the_caseworker_ends_it_at_once_and_can_send_it_to_somebody_else(cast: Cast) -> None:
    file = a_case(cast)
    referral, beside = sent_on(cast, file), next_door(cast)
    with pytest.raises(Refused, match="sent_already"):
        send(cast, file, referral, to="next_door")
    commands.end_referral(file, referral, by=cast.caseworker, at=later(1))
    assert not reads(cast.elsewhere, referral, days=1)
    send(cast, file, referral, to="next_door", at=later(1))
    assert reads(beside, referral, days=1) and not reads(cast.elsewhere, referral, days=1)


def test_it_is_sent_again_after_the_last_day_has_passed(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    send(cast, file, referral, at=later(12))
    assert reads(cast.elsewhere, referral, days=12)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("cancel", {}),
        ("answer", {"answer": "declined", "reason": "full"}),
        ("outcome", {"outcome": "not_received"}),
    ],
)
def test_it_ends_when_the_referral_does(cast: Cast, form: str, said: dict[str, str]) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    submit(f"referral.{form}", said, by=cast.caseworker, file=file, at=later(1))
    assert not reads(cast.elsewhere, referral, days=1)
    assert Grant.objects.get(entry_id=referral).ended_on == later(1).date()


def test_what_is_completed_stays_open_until_somebody_asked_how_it_was(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    answers(cast, file, "service_outcome", outcome="completed")
    assert reads(cast.elsewhere, referral, days=1)
    submit(
        "referral.outcome",
        {"outcome": "completed", "satisfied": "yes"},
        by=cast.caseworker,
        file=file,
        at=later(2),
    )
    assert not reads(cast.elsewhere, referral, days=2)


@pytest.mark.covers("R13")
def test_it_ends_with_the_consent_and_does_not_come_back_when_somebody_agrees_again(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    submit(
        "consent.withdrawal", {"purposes": ["share_for_services"]}, by=cast.caseworker, file=file, at=later(1)
    )
    assert not reads(cast.elsewhere, referral, days=1)
    again = {"agreed": ["share_for_services"]}
    submit("consent.consent", again, by=cast.caseworker, file=file, at=later(2))
    assert not reads(cast.elsewhere, referral, days=2)


def test_it_ends_with_a_consent_that_runs_out_without_anybody_writing(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    until = {"agreed": ["share_for_services"], "until": later(3).date().isoformat()}
    submit("consent.consent", until, by=cast.caseworker, file=file, at=later(0))
    assert [reads(cast.elsewhere, referral, days=day) for day in (3, 4)] == [True, False]


def test_while_a_consent_is_to_be_asked_anew_it_is_shut_and_opens_again_with_the_yes(cast: Cast) -> None:
    """The child turned out to be of an age at which a caregiver agrees too (R8)."""
    file = a_case(cast)
    mother = derived_id(submit("cases.person", by=cast.caseworker, file=file).entry_id, "person")
    referral = sent_on(cast, file)
    submit("intake.age", {"age": "11"}, by=cast.caseworker, file=file, at=later(1))
    assert not reads(cast.elsewhere, referral, days=1)
    own = {"agreed": ["share_for_services"]}
    submit("consent.consent", own, by=cast.caseworker, file=file, about=mother, at=later(2))
    assert reads(cast.elsewhere, referral, days=2)


def test_a_later_no_ends_it_for_good(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    for day, said in (
        (1, {"agreed": None, "refused": ["share_for_services"]}),
        (2, {"agreed": ["share_for_services"]}),
    ):
        submit("consent.consent", said, by=cast.caseworker, file=file, at=later(day))
        assert not reads(cast.elsewhere, referral, days=day)


def test_it_ends_when_the_case_is_closed_and_when_the_child_has_died(cast: Cast) -> None:
    closed, died = a_case(cast), a_case(cast)
    of_closed, of_died = sent_on(cast, closed), sent_on(cast, died, name="Night school")
    submit("closure.death", by=cast.caseworker, file=died, at=later(1))
    assert not reads(cast.elsewhere, of_died, days=1)
    submit("closure.request", by=cast.caseworker, file=closed, at=later(1))
    submit("closure.answer", by=cast.supervisor, file=closed, at=later(1))
    assert reads(cast.elsewhere, of_closed, days=1)
    submit("closure.closure", by=cast.caseworker, file=closed, at=later(1))
    assert not reads(cast.elsewhere, of_closed, days=1)


# --- What shuts somebody out ---------------------------------------------------------------------------------


@pytest.mark.covers("R105")
def test_a_barrier_comes_before_what_was_sent(cast: Cast) -> None:
    referral = sent_on(cast, a_case(cast))
    bar(agency_of(cast.caseworker), agency_of(cast.elsewhere), reason="Parties", since=later(1).date())
    assert [reads(cast.elsewhere, referral, days=day) for day in (0, 1)] == [True, False]


@pytest.mark.covers("R105")
def test_behind_a_barrier_nothing_is_asked_and_nobody_can_be_chosen(cast: Cast) -> None:
    file = a_case(cast)
    sent_on(cast, file)
    other = agency_of(cast.elsewhere)
    bar(agency_of(cast.caseworker), other, reason="Parties", since=FIRST_DAY)
    assert could_receive(file, other.id, FIRST_DAY) == []
    a_service(cast, name="Choir", organisation="By another name", agency=str(other.id))
    asked = {"provider": "Choir, By another name"}
    assert refusal("referral.referral", asked, by=cast.caseworker, file=file) == {"provider": "kept_apart"}


@pytest.mark.covers("R121")
def test_a_file_that_is_closed_to_somebody_is_not_sent_to_them_and_not_read(cast: Cast) -> None:
    file = a_case(cast)
    referral, here = sent_on(cast, file), agency_of(cast.caseworker)
    Membership.objects.create(user=cast.elsewhere, agency=here, role=Role.VOLUNTEER, since=FIRST_DAY)
    manager = person("manager", here, role=Role.MANAGER)
    assert reads(cast.elsewhere, referral)
    close_to(new_id(), file, to="elsewhere", instead="", why="A neighbour", by=manager, day=FIRST_DAY)
    assert ClosedTo.objects.filter(user=cast.elsewhere).exists()
    assert not reads(cast.elsewhere, referral)
    assert cast.elsewhere not in could_receive(file, agency_of(cast.supervisor).id, FIRST_DAY)


def test_what_somebody_is_elsewhere_opens_nothing_here(cast: Cast) -> None:
    """Their role in the agency that was asked is for what was sent alone; one that ended there opens nothing."""
    file = a_case(cast)
    referral, there = sent_on(cast, file), agency_of(cast.elsewhere)
    Membership.objects.create(
        user=cast.elsewhere, agency=agency_of(cast.caseworker), role=Role.VOLUNTEER, since=FIRST_DAY
    )
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=cast.elsewhere, at=later(1))
    leave(cast.elsewhere, agency=there, last_day=later(1).date())
    assert [reads(cast.elsewhere, referral, days=day) for day in (1, 2)] == [True, False]
    assert commands.received_by(cast.elsewhere, day=later(2).date()) == []


@pytest.mark.covers("R109")
def test_whom_to_reach_is_held_back_once_somebody_got_a_safety_mark(cast: Cast) -> None:
    file = a_case(cast)
    submit("cases.person", {"phone": "0700 111", "safe_contact": ["may_call"]}, by=cast.caseworker, file=file)
    referral = sent_on(cast, file, share=("caregiver", "safe_contact", "first_name"))
    assert "0700 111" in told(referral, cast.elsewhere)["safe_contact"]
    mother = derived_id(Entry.objects.get(file_id=file, form_code="cases.person").id, "person")
    marked = {"phone": "0700 111", "safety_mark": ["must_not_be_contacted"]}
    submit("cases.person", marked, by=cast.caseworker, file=file, about=mother, at=later(0.5))
    assert set(told(referral, cast.elsewhere)) == {"need", "first_name"}


@pytest.mark.covers("R109")
def test_what_is_about_an_adult_with_a_safety_mark_is_not_read_any_more(cast: Cast) -> None:
    file = a_case(cast)
    mother = derived_id(submit("cases.person", by=cast.caseworker, file=file).entry_id, "person")
    own = {"agreed": ["share_for_services"]}
    submit("consent.consent", own, by=cast.caseworker, file=file, about=mother)
    sent_on(cast, file)
    asked = {"provider": "Sewing course, Open Door"}
    referral = submit("referral.referral", asked, by=cast.caseworker, file=file, about=mother).entry_id
    send(cast, file, referral)
    assert reads(cast.elsewhere, referral)
    marked = {"safety_mark": ["suspected_of_harm"]}
    submit("cases.person", marked, by=cast.caseworker, file=file, about=mother, at=later(1))
    assert not reads(cast.elsewhere, referral, days=1)


@pytest.mark.covers("R123")
def test_a_safety_concern_about_the_service_shuts_it_for_now(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    service = UUID(referrals(file)[0].told["service"])
    raise_concern(
        service, "A complaint", new_id(), agency_id=agency_of(cast.caseworker).id, by=cast.supervisor, day=FIRST_DAY
    )  # fmt: skip
    assert not reads(cast.elsewhere, referral)


# --- Sending it ----------------------------------------------------------------------------------------------


def test_it_is_sent_to_caseworkers_and_supervisors_of_that_agency_only(cast: Cast) -> None:
    file, there = a_case(cast), agency_of(cast.elsewhere)
    referral = sent_on(cast, file)
    head = next_door(cast, "head", Role.SUPERVISOR)
    for name, role in (("counts", Role.COORDINATOR), ("helps", Role.VOLUNTEER), ("leads", Role.MANAGER)):
        person(name, there, role=role)
    assert could_receive(file, there.id, FIRST_DAY) == [cast.elsewhere, head]
    commands.end_referral(file, referral, by=cast.caseworker, at=later(0))
    for nobody in ("counts", "helps", "leads", "colleague", "outsider", "no one"):
        with pytest.raises(Refused, match="cannot_receive"):
            send(cast, file, referral, to=nobody)


def test_it_is_sent_for_no_longer_than_the_pack_says(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    commands.end_referral(file, referral, by=cast.caseworker, at=later(0))
    for days in (-1, 31):
        with pytest.raises(Refused, match="too_long"):
            send(cast, file, referral, days=days)
    send(cast, file, referral, days=30)


def test_a_service_of_nobody_here_cannot_be_sent_a_referral(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file)
    a_service(cast)
    asked = {"provider": "Sewing course, Hands at Work"}
    by_hand = submit("referral.done", asked, by=cast.caseworker, file=file).entry_id
    referral = submit("referral.referral", asked, by=cast.caseworker, file=file).entry_id
    for one in (by_hand, referral):
        with pytest.raises(Refused, match="over"):
            send(cast, file, one)


def test_only_whoever_writes_on_the_file_sends_it_and_ends_it(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    for who in (cast.colleague, cast.supervisor, cast.elsewhere, cast.outsider):
        with pytest.raises(Refused):
            commands.end_referral(file, referral, by=who, at=later(1))
        with pytest.raises(Refused):
            commands.send_referral(
                new_id(), file, referral, to="elsewhere", until=FIRST_DAY, by=who, at=later(0)
            )
    assert reads(cast.elsewhere, referral, days=1)
