"""The pages on which an administrator admits somebody, changes a role, and helps whoever lost their phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from tests.cast import Cast, a_case, gather_around, person, today
from tests.words import plain_words
from tutela import commands
from tutela.access.models import Agency, Membership, Role, RoleAsked, Team, User
from tutela.access.queries import roles_on
from tutela.access.staffing import Post
from tutela.audit.models import AuditRow
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
ASKED_AGAIN = ("/accounts/reauthenticate/", "/accounts/login/")


def words_of(response: object) -> str:
    content: bytes = response.content  # type: ignore[attr-defined]
    return plain_words(content.decode())


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return words_of(response)


def sheet(code: str, answers: Mapping[str, str]) -> dict[str, str]:
    agency = Agency.objects.get(name="Lantern")
    version = form_in_force(code, agency_id=agency.id, day=today()).version
    return {"entry_id": str(new_id()), "version": version, **answers}


def about(who: User | UUID, what: str = "") -> str:
    return f"/people/{who.id if isinstance(who, User) else who}{what}"


def admission(**changed: str) -> dict[str, str]:
    team = Team.objects.get(name="River").id.hex
    told = {
        "name": "Amina Noor",
        "username": "amina",
        "role": "caseworker",
        "team": team,
        "since": str(today()),
    }
    return sheet("access.admission", told | changed)


# --- The list ------------------------------------------------------------------------------------------------


def test_the_list_says_who_works_here_as_what_and_opens_no_file(cast: Cast, browse: Browse) -> None:
    gather_around(cast)
    file = a_case(cast)
    shown = browse(cast.administrator).get("/people").content.decode()
    words = plain_words(shown)
    for told in (
        "Caseworker, River",
        "Supervisor, Hill",
        "since Wed 1 Jan 2025",
        "None yet",
        "Administrator",
    ):
        assert told in words
    assert "Elsewhere" not in words and "Outsider" not in words and "Tomas" not in words
    assert str(file) not in shown and "/files/" not in shown
    assert AuditRow.objects.latest("id").act == "people.read"


def test_a_search_finds_by_name_or_by_the_name_to_sign_in_with(cast: Cast, browse: Browse) -> None:
    ruth = browse(cast.administrator)
    found = words_of(ruth.post("/people", {"q": "OTHER_SUP"}))
    assert "Other supervisor" in found and "Colleague" not in found
    assert "Nobody of this name" in words_of(ruth.post("/people", {"q": "Elsewhere"}))


def test_whoever_left_or_was_shut_out_stands_on_a_page_of_their_own(cast: Cast, browse: Browse) -> None:
    ruth = browse(cast.administrator)
    Membership.objects.filter(user=cast.colleague).update(until=today() - timedelta(1))
    ruth.post(about(cast.both, "/shut-out"))
    here, gone = page(ruth, "/people"), page(ruth, "/people?show=gone")
    for name in ("Colleague", "Both"):
        assert name in gone and f"{name} " not in here.partition("Last signed in")[2]
    assert "Shut out" in gone and "Has no role here any more." in page(ruth, about(cast.colleague))


# --- Admitting -----------------------------------------------------------------------------------------------


def test_somebody_is_admitted_and_their_password_is_shown_once(cast: Cast, browse: Browse) -> None:
    ruth = browse(cast.administrator)
    response = ruth.post("/people/new", admission(email="amina@example.org", hours="20"))
    assert response.status_code == 200 and "no-store" in response.headers["Cache-Control"]
    shown = re.search(r'class="contact-way" dir="ltr">([a-z -]+)<', response.content.decode())
    assert shown and len(shown[1].split()) == 6
    amina = User.objects.get(username="amina")
    assert amina.check_password(shown[1]) and amina.email == "amina@example.org"
    member = amina.memberships.get()
    assert (member.role, member.team and member.team.name, member.weekly_hours) == ("caseworker", "River", 20)
    after = page(ruth, about(amina))
    assert "not changed yet" in after and shown[1] not in after and "20 hours a week" in after


def test_the_same_sheet_sent_again_admits_nobody_twice_and_shows_no_password(
    cast: Cast, browse: Browse
) -> None:
    ruth, sent = browse(cast.administrator), admission()
    ruth.post("/people/new", sent)
    before = User.objects.get(username="amina").password
    again = ruth.post("/people/new", sent)
    assert again.status_code == 422 and "Somebody signs in as amina already." in words_of(again)
    assert User.objects.get(username="amina").password == before


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": "a b"}, "Sign-in names have letters, digits"),
        ({"username": "colleague"}, "Somebody signs in as colleague already. Choose another name."),
        ({"email": "somewhere"}, "This is no e-mail address."),
        ({"team": ""}, "This answer is needed."),
        ({"name": ""}, "This answer is needed."),
        ({"hours": "200"}, "80"),
        ({"since": "2020-01-01"}, "today"),
    ],
)
def test_what_is_wrong_stands_at_its_question(
    cast: Cast, browse: Browse, changed: dict[str, str], sentence: str
) -> None:
    response = browse(cast.administrator).post("/people/new", admission(**changed))
    assert response.status_code == 422 and sentence in words_of(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert not User.objects.filter(username="amina").exists()


def test_a_role_that_reaches_far_is_seen_by_managers_and_focal_points_and_agreed_to(
    cast: Cast, browse: Browse
) -> None:
    around = gather_around(cast)
    ruth = browse(cast.administrator)
    admitted = words_of(ruth.post("/people/new", admission(role="supervisor")))
    assert "The role waits for a second person" in admitted
    amina = User.objects.get(username="amina")
    assert "Signs in, and finds nothing until a second person agrees." in page(ruth, about(amina))
    told = "A role that reaches far was given, and begins when you or somebody else agrees."
    assert told in page(browse(around.manager), "/oversight")
    assert told in page(browse(around.data_protection_focal_point), "/data-protection")
    assert told not in page(browse(around.focal_point), "/oversight")
    assert told not in page(ruth, "/people")  # she gave it
    assert "You gave it. Somebody else agrees." in page(ruth, "/people/roles")
    asked = RoleAsked.objects.get()
    agreed = browse(around.manager).post(f"/people/roles/{asked.id}", {"agreed": "yes"})
    assert agreed.headers["Location"] == "/people/roles" and roles_on(amina, today()) == {"supervisor"}
    changes = page(browse(around.manager), "/people/roles")
    for words in ("Manager Agreed to a role that somebody else gave Amina Noor Supervisor", "Nothing waits."):
        assert words in changes
    assert told not in page(browse(around.manager), "/oversight")


def test_the_office_sees_later_who_changed_whose_role(cast: Cast, browse: Browse) -> None:
    manager = person("manager", Agency.objects.get(name="Lantern"), role=Role.MANAGER)
    ruth, role = browse(cast.administrator), Membership.objects.get(user=cast.colleague)
    ruth.post(
        about(cast.colleague, "/role"), sheet("access.role", {"role": "volunteer", "since": str(today())})
    )
    ruth.post(
        about(cast.colleague, f"/roles/{role.id}/end"), sheet("access.role_end", {"until": str(today())})
    )
    ruth.post(about(cast.colleague, "/password"))
    ruth.post(about(cast.colleague, "/second-factor"))
    commands.give_role(
        new_id(), cast.colleague.id, Post(role="coach", team="River", since=today()),
        agency=Agency.objects.get(name="Lantern"), by=None, at=now(),
    )  # fmt: skip
    shown = page(browse(manager), "/people/roles")
    for words in (
        "Administrator Gave somebody a role Colleague Volunteer",
        "Administrator Ended a role of somebody Colleague Caseworker",
        "Administrator Gave somebody another password Colleague",
        "Administrator Took somebody’s second factor away Colleague",
        "The command line Gave somebody a role Colleague Coach",
    ):
        assert words in shown
    assert "Looked" not in shown and "Read about" not in shown


# --- Roles and accounts --------------------------------------------------------------------------------------


def test_a_role_is_given_and_ended_on_the_page_of_a_person(cast: Cast, browse: Browse) -> None:
    ruth = browse(cast.administrator)
    given = ruth.post(
        about(cast.colleague, "/role"), sheet("access.role", {"role": "coordinator", "since": str(today())})
    )
    assert given.headers["Location"] == about(cast.colleague)
    assert "Coordinator" in page(ruth, about(cast.colleague))
    role = Membership.objects.get(user=cast.colleague, role="coordinator")
    end = about(cast.colleague, f"/roles/{role.id}/end")
    assert "Colleague: the role coordinator ends" in page(ruth, end)
    early = ruth.post(end, sheet("access.role_end", {"until": "2020-01-01"}))
    assert early.status_code == 422 and "Choose yesterday or a later day." in words_of(early)
    ruth.post(end, sheet("access.role_end", {"until": str(today() - timedelta(1))}))
    assert roles_on(cast.colleague, today()) == {"caseworker"}


def test_shutting_somebody_out_says_how_many_files_wait_and_names_no_child(
    cast: Cast, browse: Browse
) -> None:
    a_case(cast)
    phone, ruth = browse(cast.caseworker), browse(cast.administrator)
    asked = page(ruth, about(cast.caseworker, "/shut-out"))
    assert "Files that wait then 1. Their supervisor gives them to somebody else" in asked
    assert "Tomas" not in asked
    ruth.post(about(cast.caseworker, "/shut-out"))
    assert phone.get("/").headers["Location"].startswith("/accounts/login/")
    shown = page(ruth, about(cast.caseworker))
    assert "Is shut out: nobody signs in as them." in shown and "Give another password" not in shown
    let_in = ruth.post(about(cast.caseworker, "/let-in"))
    assert "Tell Caseworker the password" in words_of(let_in)
    assert User.objects.get(id=cast.caseworker.id).is_active
    again = ruth.post(about(cast.caseworker, "/let-in"))  # by now there is nobody to let in
    assert again.headers["Location"] == about(cast.caseworker)


def test_a_lost_phone_ends_every_session_and_nothing_else(cast: Cast, browse: Browse) -> None:
    phone, ruth = browse(cast.caseworker), browse(cast.administrator)
    done = ruth.post(about(cast.caseworker, "/sessions"), follow=True)
    assert "1 session ended." in words_of(done)
    assert phone.get("/").headers["Location"].startswith("/accounts/login/")


def test_the_address_for_notices_is_changed_and_taken_away(cast: Cast, browse: Browse) -> None:
    ruth = browse(cast.administrator)
    ruth.post(about(cast.supervisor, "/address"), sheet("access.address", {"email": "s@example.org"}))
    assert "s@example.org" in page(ruth, about(cast.supervisor))
    ruth.post(about(cast.supervisor, "/address"), sheet("access.address", {"email": ""}))
    assert User.objects.get(id=cast.supervisor.id).email == ""
    log = " ".join(str(row) for row in AuditRow.objects.values_list("detail", flat=True))
    assert "example.org" not in log


def test_what_is_refused_is_said_on_the_page(cast: Cast, browse: Browse) -> None:
    ruth, me = browse(cast.administrator), cast.administrator
    assert "This is you. Another administrator changes your roles." in page(ruth, about(me))
    for way in ("/password", "/second-factor", "/shut-out", "/sessions"):
        refused = ruth.post(about(me, way))
        assert refused.status_code == 422, way
        assert "Nobody changes their own roles or account here." in words_of(refused)
    assert User.objects.get(id=me.id).is_active


def test_somebody_of_another_agency_looks_like_nobody(cast: Cast, browse: Browse) -> None:
    ruth, before = browse(cast.administrator), AuditRow.objects.count()
    ways = ("", "/role", "/address", "/password", "/let-in", "/second-factor", "/sessions", "/shut-out")
    for way in ways:
        for who in (cast.elsewhere.id, cast.outsider.id, new_id()):
            assert ruth.get(about(who, way)).status_code == ruth.post(about(who, way)).status_code == 404
    denied = AuditRow.objects.order_by("id")[before:]
    assert {row.allowed for row in denied} == {False} and len(denied) == 2 * 3 * len(ways)


def test_somebody_who_works_elsewhere_too_has_roles_here_and_an_account_that_is_not_ours(
    cast: Cast, browse: Browse
) -> None:
    town = Agency.objects.get(name="Open Door")
    Membership.objects.create(user=cast.colleague, agency=town, role=Role.VOLUNTEER, since=today())
    ruth = browse(cast.administrator)
    shown = page(ruth, about(cast.colleague))
    assert "They work for another agency too" in shown and "Open Door" not in shown
    assert "End this role" in shown and "Give another password" not in shown
    assert ruth.post(about(cast.colleague, "/password")).status_code == 422


# --- Showing again who one is --------------------------------------------------------------------------------


def test_who_says_who_comes_in_shows_first_who_they_are(cast: Cast, browse: Browse) -> None:
    """What lets somebody in or changes what they are; shutting somebody out, or ending sessions, waits for nothing."""
    around, ruth = gather_around(cast), browse(cast.administrator)
    role = Membership.objects.get(user=cast.colleague)
    asked = new_id()
    post = Post(role="supervisor", team="River", since=today())
    commands.give_role(asked, cast.colleague.id, post, by=cast.administrator, at=now())
    harmful = (
        "/people/new", about(cast.colleague, "/role"), about(cast.colleague, f"/roles/{role.id}/end"),
        about(cast.colleague, "/password"), about(cast.colleague, "/let-in"), about(cast.colleague, "/second-factor"),
    )  # fmt: skip
    manager = browse(around.manager)
    with time_machine.travel(now() + timedelta(seconds=301), tick=True):
        for address in harmful:
            for response in (ruth.get(address), ruth.post(address)):
                assert response.headers["Location"].startswith(ASKED_AGAIN), address
        answered = manager.post(f"/people/roles/{asked}", {"agreed": "yes"})
        assert answered.headers["Location"].startswith(ASKED_AGAIN)
        for address in ("/people", about(cast.colleague)):
            assert ruth.get(address).status_code == 200
        assert ruth.post(about(cast.colleague, "/sessions")).status_code == 302
        assert ruth.post(about(cast.colleague, "/shut-out")).headers["Location"] == about(cast.colleague)
    assert roles_on(cast.colleague, today()) == {"caseworker"}
    # Where they come back to is the page on which they answer once more.
    assert manager.get(f"/people/roles/{asked}").headers["Location"] == "/people/roles"
