"""Who comes in, as what, and what nobody does alone, to themselves, or to somebody of another agency (requirements §20)."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connections, transaction

from tests.cast import START, Cast, a_case, gather_around, join, later, person
from tutela import commands
from tutela.access.deciding import GIVEN_BY_TWO
from tutela.access.models import Agency, Membership, Role, RoleAsked, User
from tutela.access.people import colleague, people_in
from tutela.access.queries import memberships_on, roles_on
from tutela.access.staffing import Post
from tutela.audit.models import AuditRow
from tutela.commands import Admitted
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db

DAY = START.date()
CASEWORKER = Post(role="caseworker", team="River", since=DAY)
SUPERVISOR = Post(role="supervisor", team="River", since=DAY)


def lantern() -> Agency:
    return Agency.objects.get(name="Lantern")


def somebody(role: Role, username: str = "") -> User:
    return person(username or role, lantern(), role=role)


def admitted(cast: Cast, post: Post = CASEWORKER, username: str = "amina") -> Admitted:
    return commands.admit_person(
        new_id(), post, username=username, name="Amina Noor", by=cast.administrator, at=START
    )


def asked_for(cast: Cast, who: User, post: Post = SUPERVISOR) -> UUID:
    asked = new_id()
    assert commands.give_role(asked, who.id, post, by=cast.administrator, at=START)
    return asked


def role_of(user: User, role: str) -> Membership:
    return Membership.objects.get(user=user, role=role)


def refusal(attempt: Callable[[], object]) -> str:
    """The one sentence with which the house says no."""
    with pytest.raises(Refused) as refused:
        attempt()
    (one,) = refused.value.unmet
    return str(one.words)


# --- Coming in -----------------------------------------------------------------------------------------------


def test_an_administrator_admits_a_caseworker_with_a_password_that_stands_nowhere(cast: Cast) -> None:
    done = admitted(cast)
    amina = User.objects.get(username="amina")
    assert len(done.password.split()) == 6 and amina.check_password(done.password)
    assert not done.waits and roles_on(amina, DAY) == {"caseworker"}
    assert amina.password_given_at == START
    row = AuditRow.objects.latest("id")
    assert (row.act, row.by) == ("user.admitted", cast.administrator.id)
    assert row.detail == {"user": str(amina.id), "role": "caseworker"}
    log = json.dumps(list(AuditRow.objects.values()), default=str)
    users = json.dumps(list(User.objects.values()), default=str)
    assert done.password not in log and done.password not in users


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": "a b"}, "Sign-in names have letters, digits and @ . + - _ only, up to 150 of them."),
        ({"username": "COLLEAGUE"}, "Somebody signs in as COLLEAGUE already. Choose another name."),
        ({"username": "elsewhere"}, "Somebody signs in as elsewhere already. Choose another name."),
        ({"name": " "}, "Give a name of 1 to 120 characters."),
        ({"email": "somewhere"}, "This is no e-mail address."),
        ({"post": Post(role="king", team=None, since=DAY)}, "There is no role king."),
        ({"post": Post(role="caseworker", team=None, since=DAY)}, "A caseworker belongs to a team. Name their team."),
        ({"post": Post(role="manager", team="River", since=DAY)}, "The role manager belongs to no team. Leave the team out."),
        ({"post": Post(role="caseworker", team="Town", since=DAY)}, "The agency has no team Town."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence_and_nothing_is_kept(
    cast: Cast, changed: dict[str, object], sentence: str
) -> None:
    before = User.objects.count(), Membership.objects.count(), AuditRow.objects.count()
    told = {"username": "amina", "name": "Amina Noor", "post": CASEWORKER} | changed
    post = told.pop("post")
    said = refusal(lambda: commands.admit_person(new_id(), post, by=cast.administrator, at=START, **told))  # type: ignore[arg-type]
    assert said.startswith(sentence)
    assert (User.objects.count(), Membership.objects.count(), AuditRow.objects.count()) == before


def test_nobody_but_an_administrator_admits_gives_ends_or_shuts_out(cast: Cast) -> None:
    around, whom, role = gather_around(cast), cast.colleague.id, role_of(cast.colleague, "caseworker").id
    for who in (*cast.everybody.values(), *around.everybody.values()):
        if who in (cast.administrator, cast.elsewhere):
            continue
        before = AuditRow.objects.count()
        done: dict[str, Any] = {"by": who, "at": START}
        attempts: tuple[Callable[[], object], ...] = (
            partial(commands.admit_person, new_id(), CASEWORKER, username="a", name="A", **done),
            partial(commands.give_role, new_id(), whom, SUPERVISOR, **done),
            partial(commands.end_role, role, whom, last_day=DAY, **done),
            partial(commands.shut_out, whom, **done),
            partial(commands.give_password, whom, **done),
            partial(commands.reset_second_factor, whom, **done),
            partial(commands.sign_out, whom, **done),
            partial(commands.give_address, whom, "a@example.org", **done),
        )
        for attempt in attempts:
            with pytest.raises((Forbidden, NotFound)):
                attempt()
        denied = AuditRow.objects.order_by("id")[before:]
        assert [(row.by, row.allowed) for row in denied] == [(who.id, False)] * len(attempts)


def test_an_administrator_reaches_nobody_of_another_agency(cast: Cast) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: commands.give_role(new_id(), cast.elsewhere.id, CASEWORKER, by=cast.administrator, at=START),
        lambda: commands.shut_out(cast.elsewhere.id, by=cast.administrator, at=START),
        lambda: commands.give_password(cast.elsewhere.id, by=cast.administrator, at=START),
        lambda: commands.give_password(cast.outsider.id, by=cast.administrator, at=START),
        lambda: commands.reset_second_factor(new_id(), by=cast.administrator, at=START),
    )
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
        assert not AuditRow.objects.latest("id").allowed
    assert cast.elsewhere.id not in {one.user.id for one in people_in(lantern().id, DAY)}


def test_an_account_that_opens_another_agency_too_is_nobodys_to_open_here(cast: Cast) -> None:
    join(cast.colleague, Agency.objects.get(name="Open Door"), role=Role.CASEWORKER, team="Town")
    for attempt in (
        lambda: commands.give_password(cast.colleague.id, by=cast.administrator, at=START),
        lambda: commands.reset_second_factor(cast.colleague.id, by=cast.administrator, at=START),
        lambda: commands.shut_out(cast.colleague.id, by=cast.administrator, at=START),
    ):
        assert refusal(attempt).startswith("Colleague works for another agency too.")
    here = Membership.objects.get(user=cast.colleague, agency=lantern())
    commands.end_role(
        here.id, cast.colleague.id, last_day=DAY - timedelta(1), by=cast.administrator, at=START
    )
    assert {one.agency.name for one in memberships_on(cast.colleague, DAY)} == {"Open Door"}


# --- Two people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(GIVEN_BY_TWO))
def test_a_role_that_reaches_far_begins_when_a_second_person_agrees(cast: Cast, role: str) -> None:
    manager = somebody(Role.MANAGER)
    post = Post(role=role, team="Hill" if role == "supervisor" else None, since=DAY)
    done = admitted(cast, post)
    amina = User.objects.get(id=done.user_id)
    assert done.waits and roles_on(amina, DAY) == set()
    row = AuditRow.objects.latest("id")
    assert row.detail == {"user": str(amina.id), "role": role, "waits": True}
    asked = RoleAsked.objects.get(user=amina)
    commands.answer_role(asked.id, agreed=True, by=manager, at=later(3))
    begins = later(3).date()
    assert roles_on(amina, begins - timedelta(1)) == set() and roles_on(amina, begins) == {role}
    row = AuditRow.objects.latest("id")
    assert (row.act, row.by, row.detail) == (
        "user.role_agreed",
        manager.id,
        {"user": str(amina.id), "role": role},
    )


def test_whoever_gave_a_role_and_whoever_is_to_have_it_do_not_agree(cast: Cast) -> None:
    other = somebody(Role.ADMINISTRATOR, "other_administrator")
    asked = asked_for(cast, other, Post(role="manager", team=None, since=DAY))
    for who in (cast.administrator, other):
        assert refusal(partial(commands.answer_role, asked, agreed=True, by=who, at=START)) == (
            "Somebody else agrees: neither who gave the role, nor who is to have it."
        )
    assert roles_on(other, DAY) == {"administrator"}


def test_the_database_knows_too_that_two_people_give_a_role(cast: Cast) -> None:
    asked = asked_for(cast, cast.colleague)
    for who in (cast.administrator, cast.colleague, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleAsked.objects.filter(id=asked).update(agreed=True, answered_by=who)


def test_a_second_name_gets_nobody_any_further(cast: Cast) -> None:
    """An administrator who lets himself in under another name has nobody who would agree to what he gives it."""
    file = a_case(cast)
    second = User.objects.get(id=admitted(cast, SUPERVISOR, "second_name").user_id)
    with pytest.raises((Forbidden, NotFound)):
        commands.answer_role(RoleAsked.objects.get().id, agreed=True, by=second, at=START)
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=second, at=START)


def test_whoever_asked_takes_it_back_and_a_second_person_declines(cast: Cast) -> None:
    focal = somebody(Role.DATA_PROTECTION_FOCAL_POINT)
    for who in (cast.administrator, focal):
        asked = asked_for(cast, cast.colleague)
        commands.answer_role(asked, agreed=False, by=who, at=START)
        assert AuditRow.objects.latest("id").act == "user.role_declined"
        with pytest.raises(Conflict):
            commands.answer_role(asked, agreed=True, by=focal, at=START)
    assert roles_on(cast.colleague, DAY) == {"caseworker"}


def test_a_role_of_another_agency_is_nobodys_to_agree_to(cast: Cast) -> None:
    asked = asked_for(cast, cast.colleague)
    theirs = person("their_manager", Agency.objects.get(name="Open Door"), role=Role.MANAGER)
    with pytest.raises(NotFound):
        commands.answer_role(asked, agreed=True, by=theirs, at=START)
    assert not AuditRow.objects.latest("id").allowed


def test_a_role_is_not_given_twice_nor_to_somebody_who_was_shut_out(cast: Cast) -> None:
    manager = somebody(Role.MANAGER)
    again = "Colleague has this role on that day already, or it waits for a second person."
    assert (
        refusal(
            lambda: commands.give_role(
                new_id(), cast.colleague.id, CASEWORKER, by=cast.administrator, at=START
            )
        )
        == again
    )
    asked = asked_for(cast, cast.colleague)
    assert refusal(lambda: asked_for(cast, cast.colleague)) == again
    User.objects.filter(id=cast.colleague.id).update(is_active=False)
    assert refusal(lambda: commands.answer_role(asked, agreed=True, by=manager, at=START)) == (
        "Colleague was shut out. Let them in first."
    )


def test_shutting_somebody_out_drops_what_waits_for_them(cast: Cast) -> None:
    asked = asked_for(cast, cast.colleague)
    commands.shut_out(cast.colleague.id, by=cast.administrator, at=START)
    with pytest.raises(Conflict):
        commands.answer_role(asked, agreed=True, by=somebody(Role.MANAGER), at=START)


def test_on_the_command_line_nobody_stands_beside_and_others_are_told(cast: Cast) -> None:
    assert not commands.give_role(
        new_id(), cast.colleague.id, SUPERVISOR, agency=lantern(), by=None, at=START
    )
    assert roles_on(cast.colleague, DAY) == {"caseworker", "supervisor"}
    told = RoleAsked.objects.get()
    assert (told.user, told.asked_by, told.agreed, told.told_at) == (cast.colleague, None, True, None)


# --- Ending --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "holds"), [(-1, [False, False]), (0, [True, False]), (5, [True, True])])
def test_one_role_ends_with_a_day_and_the_others_stay(cast: Cast, days: int, holds: list[bool]) -> None:
    last = DAY + timedelta(days)
    role = role_of(cast.both, "supervisor")
    commands.end_role(role.id, cast.both.id, last_day=last, by=cast.administrator, at=START)
    found = ["supervisor" in roles_on(cast.both, DAY + timedelta(on)) for on in (0, 1)]
    assert found == holds and "caseworker" in roles_on(cast.both, DAY + timedelta(9))
    row = AuditRow.objects.latest("id")
    assert (row.act, row.detail) == ("user.role_ended", {"user": str(cast.both.id), "role": "supervisor"})


def test_a_role_that_has_not_begun_is_gone_when_it_ends(cast: Cast) -> None:
    post = Post(role="volunteer", team=None, since=DAY + timedelta(7))
    commands.give_role(new_id(), cast.colleague.id, post, by=cast.administrator, at=START)
    role = role_of(cast.colleague, "volunteer")
    commands.end_role(role.id, cast.colleague.id, last_day=DAY, by=cast.administrator, at=START)
    assert not Membership.objects.filter(id=role.id).exists()


def test_whoever_was_admitted_in_the_wrong_role_gets_the_right_one_before_it_goes(cast: Cast) -> None:
    amina = User.objects.get(id=admitted(cast).user_id)

    def end() -> None:
        role, last_day = role_of(amina, "caseworker"), DAY - timedelta(1)
        commands.end_role(role.id, amina.id, last_day=last_day, by=cast.administrator, at=START)

    assert refusal(end).startswith("Amina Noor never had another role here.")
    commands.give_role(
        new_id(), amina.id, Post(role="volunteer", team=None, since=DAY), by=cast.administrator, at=START
    )
    end()
    assert roles_on(amina, DAY, agency_id=lantern().id) == {"volunteer"}
    assert amina in [one.user for one in people_in(lantern().id, DAY)]


def test_what_somebody_was_before_cannot_be_written_anew(cast: Cast) -> None:
    role = role_of(cast.colleague, "caseworker")

    def end(day: date) -> None:
        commands.end_role(role.id, cast.colleague.id, last_day=day, by=cast.administrator, at=START)

    assert refusal(lambda: end(DAY - timedelta(2))).startswith("Choose yesterday or a later day.")
    end(DAY - timedelta(1))
    with pytest.raises(NotFound):  # it is over
        end(DAY)


def test_a_deputy_is_put_in_and_ended_by_supervisors_and_not_here(cast: Cast) -> None:
    around = gather_around(cast)
    standing_in = Membership.objects.get(user=around.deputy, stands_for=cast.supervisor)
    with pytest.raises(NotFound):
        commands.end_role(standing_in.id, around.deputy.id, last_day=DAY, by=cast.administrator, at=START)


# --- Oneself, and the last one -------------------------------------------------------------------------------


def test_nobody_changes_what_they_are_themselves(cast: Cast) -> None:
    me, own = cast.administrator, role_of(cast.administrator, "administrator").id
    for attempt in (
        lambda: commands.give_role(new_id(), me.id, SUPERVISOR, by=me, at=START),
        lambda: commands.end_role(own, me.id, last_day=DAY, by=me, at=START),
        lambda: commands.shut_out(me.id, by=me, at=START),
        lambda: commands.give_password(me.id, by=me, at=START),
        lambda: commands.reset_second_factor(me.id, by=me, at=START),
    ):
        assert (
            refusal(attempt) == "Nobody changes their own roles or account here. Ask another administrator."
        )


def test_the_last_administrator_stays(cast: Cast) -> None:
    other = somebody(Role.ADMINISTRATOR, "other_administrator")
    Membership.objects.filter(user=other).update(until=DAY + timedelta(30))  # one who goes is none that stays
    role = role_of(cast.administrator, "administrator")
    sentence = "Administrator is the last administrator. Admit another one first."
    for attempt in (
        lambda: commands.end_role(
            role.id, cast.administrator.id, last_day=DAY + timedelta(9), by=other, at=START
        ),
        lambda: commands.shut_out(cast.administrator.id, by=other, at=START),
    ):
        assert refusal(attempt) == sentence
    Membership.objects.filter(user=other).update(until=None)
    commands.shut_out(cast.administrator.id, by=other, at=START)
    with pytest.raises(NotFound):  # and whoever was shut out shuts nobody out
        commands.shut_out(other.id, by=User.objects.get(id=cast.administrator.id), at=START)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_shut_each_other_out_at_once_leave_one(cast: Cast) -> None:
    other = somebody(Role.ADMINISTRATOR, "other_administrator")

    def shut(whom: User, by: User) -> None:
        try:
            commands.shut_out(whom.id, by=by, at=START)
        except Refused:
            return
        finally:
            connections.close_all()

    threads = [
        Thread(target=shut, args=pair) for pair in ((other, cast.administrator), (cast.administrator, other))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    pair = User.objects.filter(id__in=(other.id, cast.administrator.id))
    assert sorted(pair.values_list("is_active", flat=True)) == [False, True]


# --- Accounts ------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_made_anew_and_is_theirs_to_change(cast: Cast) -> None:
    words = commands.give_password(cast.colleague.id, by=cast.administrator, at=START)
    colleague_now = User.objects.get(id=cast.colleague.id)
    assert colleague_now.check_password(words) and colleague_now.password_given_at == START
    commands.shut_out(cast.colleague.id, by=cast.administrator, at=START)
    assert refusal(lambda: commands.give_password(cast.colleague.id, by=cast.administrator, at=START)) == (
        "Colleague was shut out. Let them in again instead."
    )


def test_whoever_comes_in_again_gets_what_reaches_far_from_two_people(cast: Cast) -> None:
    """Or an administrator would let somebody in who left long ago, and read the files of their team."""
    manager, file = somebody(Role.MANAGER), a_case(cast)
    commands.shut_out(cast.both.id, by=cast.administrator, at=START)
    commands.give_password(cast.both.id, enable=True, by=cast.administrator, at=START)
    both = User.objects.get(id=cast.both.id)
    assert both.is_active and roles_on(both, DAY) == {"caseworker"}
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=both, at=START)
    commands.answer_role(RoleAsked.objects.get().id, agreed=True, by=manager, at=START)
    assert roles_on(both, DAY) == {"caseworker", "supervisor"}
    assert AuditRow.objects.get(act="user.password_given").detail["enabled"] is True


def test_lost_factors_are_taken_away_and_the_list_says_who_has_one(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.colleague, type=Authenticator.Type.TOTP, data={})
    found = colleague(cast.colleague.id, lantern().id, DAY)
    assert found and found.has_factor
    assert commands.reset_second_factor(cast.colleague.id, by=cast.administrator, at=START) == 1
    found = colleague(cast.colleague.id, lantern().id, DAY)
    assert found and not found.has_factor


def test_the_list_says_who_is_here_who_waits_and_who_is_gone(cast: Cast) -> None:
    admitted(cast, SUPERVISOR, "waits")
    Membership.objects.filter(user=cast.colleague).update(until=DAY - timedelta(1))
    commands.shut_out(cast.supervisor.id, by=cast.administrator, at=START)
    states = {one.user.username: one.state for one in people_in(lantern().id, DAY)}
    expected = {
        "caseworker": "here",
        "waits": "waiting",
        "colleague": "left",
        "supervisor": "shut_out",
    }
    assert expected.items() <= states.items()
