"""`tutela user` and `tutela agency`: an office outside the demonstration, with one sentence for whatever is wrong."""

import pytest
from click.testing import CliRunner, Result
from django.test import Client

from tests.cast import Cast, a_case
from tutela.access.models import Agency, Membership, User
from tutela.audit.models import AuditRow
from tutela.cli.main import main

pytestmark = pytest.mark.django_db

GOOD = "seven slow green buses"
AMINA = (
    "user",
    "admit",
    "amina",
    "--name",
    "Amina Noor",
    "--agency",
    "Lantern",
    "--role",
    "caseworker",
    "--team",
    "River",
)


def tutela(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, words, input=typed)


def twice(password: str) -> str:
    return f"{password}\n{password}\n"


def test_an_agency_is_founded_and_found_again(cast: Cast) -> None:
    found = (
        "agency",
        "found",
        "Harbour",
        "--time-zone",
        "Asia/Dhaka",
        "--pack",
        "interagency_2024",
        "--team",
        "East",
    )
    for _ in range(2):
        assert tutela(*found).exit_code == 0
    harbour = Agency.objects.get(name="Harbour")
    assert (harbour.time_zone, [team.name for team in harbour.teams.all()]) == ("Asia/Dhaka", ["East"])
    assert AuditRow.objects.filter(act="agency.founded").count() == 2


def test_somebody_is_admitted_with_a_password_that_nobody_sees(cast: Cast) -> None:
    done = tutela(*AMINA, "--hours", "20", typed=twice(GOOD))
    assert done.exit_code == 0, done.output
    assert GOOD not in done.output
    amina = User.objects.get(username="amina")
    assert amina.check_password(GOOD)
    member = amina.memberships.get()
    assert (member.role, member.team and member.team.name, member.weekly_hours) == ("caseworker", "River", 20)
    row = AuditRow.objects.latest("id")
    assert (row.act, row.by, row.detail) == (
        "user.admitted",
        None,
        {"user": str(amina.id), "role": "caseworker"},
    )


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (AMINA, twice("short"), "too short"),
        (("user", "admit", "amina", "--name", "A", "--agency", "Nowhere", "--role", "caseworker"), "", "no agency Nowhere"),
        (("user", "admit", "amina", "--name", "A", "--agency", "Lantern", "--role", "king"), "", "no role king"),
        (("user", "admit", "amina", "--name", "A", "--agency", "Lantern", "--role", "caseworker"), "", "belongs to a team"),
        ((*AMINA[:-1], "Moon"), twice(GOOD), "no team Moon"),
        (("user", "admit", "a b", *AMINA[3:]), "", "Sign-in names have letters"),
        (("user", "admit", "colleague", *AMINA[3:]), "", "signs in as colleague already"),
        ((*AMINA, "--hours", "200"), "", "200 is not in the range"),
        ((*AMINA, "--since", "yesterday"), "", "yesterday"),
        (("user", "disable", "ghost"), "", "Nobody signs in as ghost"),
        (("user", "password", "ghost"), "", "Nobody signs in as ghost"),
        (("user", "password", "caseworker"), twice("short"), "at least 12"),
        (("user", "leave", "ghost", "--agency", "Lantern"), "", "Nobody signs in as ghost"),
        (("agency", "found", "X", "--time-zone", "Mars", "--pack", "demonstration"), "", "no time zone Mars"),
        (("agency", "found", "X", "--time-zone", "UTC", "--pack", "none"), "", "no pack none"),
    ],
)  # fmt: skip
def test_bad_input_leaves_one_sentence_and_nothing_else(
    cast: Cast, words: tuple[str, ...], typed: str, sentence: str
) -> None:
    before = User.objects.count(), Membership.objects.count(), Agency.objects.count()
    done = tutela(*words, typed=typed)
    assert done.exit_code == 2 and "Traceback" not in done.output
    assert sentence in done.output
    assert (User.objects.count(), Membership.objects.count(), Agency.objects.count()) == before


@pytest.mark.covers("R104")
def test_disabling_ends_every_session_at_once_and_says_that_files_wait(
    cast: Cast, static_files_by_their_own_names: None
) -> None:
    a_case(cast)
    phone = Client()
    phone.force_login(cast.caseworker, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert phone.get("/").status_code == 200
    done = tutela("user", "disable", "caseworker")
    assert done.exit_code == 0 and "on the Team page: 1" in done.output
    assert phone.get("/").headers["Location"].startswith("/accounts/login/")
    User.objects.filter(username="caseworker").update(is_active=True)
    assert phone.get("/").headers["Location"].startswith("/accounts/login/")  # no old session comes back


def _opens(username: str, password: str) -> bool:
    who = User.objects.get(username=username)
    return who.is_active and who.check_password(password)


def test_a_forgotten_password_is_replaced_and_ends_every_session(cast: Cast) -> None:
    phone = Client()
    phone.force_login(cast.caseworker)
    done = tutela("user", "password", "caseworker", typed=twice(GOOD))
    assert done.exit_code == 0 and GOOD not in done.output, done.output
    assert phone.get("/").headers["Location"].startswith("/accounts/login/")
    assert _opens("caseworker", GOOD)
    row = AuditRow.objects.get(act="user.password_given")
    assert (row.detail["user"], row.detail["enabled"]) == (str(cast.caseworker.id), False)


def test_somebody_who_was_shut_out_is_let_in_only_when_that_is_said(cast: Cast) -> None:
    tutela("user", "disable", "caseworker")
    refused = tutela("user", "password", "caseworker", typed=twice(GOOD))
    assert refused.exit_code == 2 and "Add --enable" in refused.output
    assert not _opens("caseworker", GOOD)
    assert tutela("user", "password", "caseworker", "--enable", typed=twice(GOOD)).exit_code == 0
    assert _opens("caseworker", GOOD)


def test_joining_and_leaving_are_dated(cast: Cast) -> None:
    joined = (
        "user",
        "join",
        "colleague",
        "--agency",
        "Lantern",
        "--role",
        "supervisor",
        "--team",
        "Hill",
        "--since",
        "2027-01-01",
    )
    assert tutela(*joined).exit_code == 0
    assert (
        tutela("user", "leave", "colleague", "--agency", "Lantern", "--last-day", "2026-12-31").exit_code == 0
    )
    ends = {one.role: str(one.until) for one in Membership.objects.filter(user=cast.colleague)}
    assert ends == {"caseworker": "2026-12-31", "supervisor": "2027-01-01"}
    assert {"user.joined", "user.left"} <= set(AuditRow.objects.values_list("act", flat=True))


def test_somebody_gets_an_address_for_notices_and_loses_it_again(cast: Cast) -> None:
    assert tutela("user", "email", "supervisor", "supervisor@example.org").exit_code == 0
    assert User.objects.get(username="supervisor").email == "supervisor@example.org"
    assert AuditRow.objects.latest("id").detail == {"user": str(cast.supervisor.id)}  # and no address
    wrong = tutela("user", "email", "supervisor", "somewhere")
    assert wrong.exit_code != 0 and "This is no e-mail address." in wrong.output
    assert "nobody" in tutela("user", "email", "supervisor", "").output
    assert User.objects.get(username="supervisor").email == ""
