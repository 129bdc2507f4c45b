"""Services, as people see them: the directory, the list that is handed out, what is missing, and the services on a file."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import A_SERVICE, LEAST, Cast, a_case, a_service, submit
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.foundation import clock
from tutela.foundation.ids import new_id
from tutela.referral.queries import referrals
from tutela.service_directory.models import Gap, SafetyConcern, Service, Verification

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def page(client: Client, address: str, posted: dict[str, Any] | None = None) -> str:
    response = client.get(address) if posted is None else client.post(address, posted)
    assert response.status_code == 200, address
    return response.content.decode()


def sheet(**answers: Any) -> dict[str, Any]:
    return {**A_SERVICE, "entry_id": str(new_id()), **answers}


def now_with(cast: Cast, *, days: int = 0, **answers: Any) -> UUID:
    """A service that was checked so many days ago."""
    return a_service(cast, at=clock.now() - timedelta(days=days), **answers)


# --- The directory -------------------------------------------------------------------------------------------


@pytest.mark.covers("R38")
def test_everything_that_annex_3_asks_for_is_kept_and_shown(cast: Cast, browse: Browse) -> None:
    told = {
        "name": "Primary health care", "organisation": "Khazir Clinic", "sector": "health_nutrition", "kind": "medical",
        "address": "Gate 2", "hours": "Saturday to Thursday", "for_whom": "Everybody in the camp", "how_to_refer": "By phone",
        "focal_person": "Mahmood", "focal_phone": "0770 695", "focal_email": "clinic at example", "wait": "2 days to 1 week",
        "ends_on": "2040-08-15", "cost": "Free", "languages": ["ar"], "access": ["step_free"], "child_friendly": "partly",
        "quality": "Kind and slow",
    }  # fmt: skip
    mine = browse(cast.caseworker)
    answer = mine.post("/services/new", sheet(**told))
    assert answer.status_code == 302
    body = page(mine, answer.headers["Location"])
    shown = (
        "Primary health care", "Khazir Clinic", "Health and nutrition", "Health care", "Gate 2", "Saturday to Thursday",
        "Everybody in the camp", "By phone", "Mahmood", "0770 695", "clinic at example", "2 days to 1 week", "15 Aug 2040",
        "Free", "Arabic", "Without steps", "Partly", "Kind and slow", "River district",
    )  # fmt: skip
    assert [words for words in shown if words not in body] == []


@pytest.mark.covers("R38", "R39")
def test_a_service_is_added_by_caseworkers_changed_by_supervisors_and_keeps_its_history(
    cast: Cast, browse: Browse
) -> None:
    mine, supervisors = browse(cast.caseworker), browse(cast.supervisor)
    sent = sheet()
    first, again = mine.post("/services/new", sent), mine.post("/services/new", sent)
    assert first.headers["Location"] == again.headers["Location"]
    assert Service.objects.count() == 1
    address = first.headers["Location"]
    changed = supervisors.post(f"{address}/change", sheet(hours="Mornings", checked=""))
    assert changed.headers["Location"] == address
    assert Service.objects.count() == 2 and Service.objects.filter(replaced_by=None).count() == 1
    assert "Mornings" in page(mine, address)
    assert Verification.objects.count() == 1  # only where it was checked


def test_the_same_service_is_not_added_twice_and_a_bad_answer_keeps_what_was_typed(
    cast: Cast, browse: Browse
) -> None:
    mine = browse(cast.caseworker)
    now_with(cast)
    twice = mine.post("/services/new", sheet(name="sewing COURSE"))
    assert twice.status_code == 422 and "The directory has this service already" in twice.content.decode()
    bad = mine.post("/services/new", sheet(name="Clinic", office_phone="call us", hours="Mornings"))
    body = bad.content.decode()
    assert bad.status_code == 422 and "Enter a phone number in digits" in body and "Mornings" in body
    assert Service.objects.count() == 1


def test_nothing_of_a_service_stands_in_the_clear(cast: Cast) -> None:
    a_service(cast, name="Quiet Courtyard", focal_person="Halima")
    row = Service.objects.get()
    assert b"Quiet" not in bytes(row.sealed) and b"Halima" not in bytes(row.sealed_contact)


@pytest.mark.covers("R39")
def test_what_is_stale_or_has_ended_says_so_in_words_and_one_tap_makes_it_fresh(
    cast: Cast, browse: Browse
) -> None:
    mine = browse(cast.caseworker)
    stale = now_with(cast, days=100)
    now_with(cast, name="Old project", ends_on="2020-01-01")
    body = page(mine, "/services")
    assert "Last checked more than 3 months ago" in body and "The project ended on" in body
    assert mine.get(f"/services/{stale}/verify").status_code == 404  # reading verifies nothing
    assert mine.post(f"/services/{stale}/verify").status_code == 302
    assert Verification.objects.filter(service_id=stale).latest("verified_on").by == cast.caseworker
    assert "Last checked more than" not in page(mine, "/services")
    assert "Caseworker" in page(mine, f"/services/{stale}")


def test_services_are_found_by_words_sector_and_area_and_what_is_looked_for_stands_in_no_address(
    cast: Cast, browse: Browse
) -> None:
    mine = browse(cast.caseworker)
    now_with(cast)
    now_with(cast, name="Clinic", sector="health_nutrition", kind="medical", areas=["hill_district"])
    now_with(cast, name="Helpline", sector="mhpss", kind="basic_psychosocial", areas=None)

    def found(**asked: str) -> set[str]:
        body = page(mine, "/services", asked)
        return {name for name in ("Sewing course", "Clinic", "Helpline") if f"<bdi>{name}</bdi>" in body}

    assert found() == {"Sewing course", "Clinic", "Helpline"}
    assert found(words="CLINIC hands") == {"Clinic"}
    assert found(sector="mhpss") == {"Helpline"}
    assert found(area="hill_district") == {"Clinic", "Helpline"}  # of which no area is known may cover any
    assert found(words="Tailor") == set()
    assert 'action="/services"' in page(mine, "/services") and 'method="get"' not in page(mine, "/services")


def test_a_longer_directory_asks_the_database_no_more_often(cast: Cast, browse: Browse) -> None:
    mine = browse(cast.caseworker)
    now_with(cast)
    page(mine, "/services")
    with CaptureQueriesContext(connection) as few:
        page(mine, "/services")
    for number in range(5):
        now_with(cast, name=f"Course {number}")
    with CaptureQueriesContext(connection) as many:
        page(mine, "/services")
    assert len(many) == len(few)


@pytest.mark.covers("R123")
def test_a_safety_concern_stands_before_the_service_with_its_reason_until_it_is_over(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_case(cast)
    service = now_with(cast)
    sent = {"reason": "Children were made to work.", "entry_id": str(new_id())}
    assert mine.post(f"/services/{service}/concern", sent).status_code == 302
    for address in ("/services", f"/services/{service}", f"/files/{file}/services/find"):
        body = page(mine, address)
        assert "Do not refer: safety concern" in body and "Children were made to work." in body
    form = page(mine, f"/files/{file}/forms/referral.referral?service={service}")
    assert "Children were made to work." in form
    assert "Ask this service" not in page(mine, f"/files/{file}/services/find")
    mine.post(f"/services/{service}/concern/lift")
    assert "Do not refer: safety" not in page(mine, "/services")
    assert SafetyConcern.objects.get().lifted_by == cast.caseworker


# --- The list that is handed out -----------------------------------------------------------------------------

NEVER: dict[str, dict[str, Any]] = {
    "a shelter": {"kind": "safe_shelter", "sector": "child_protection"},
    "a safe space": {"kind": "safe_space", "sector": "child_protection"},
    "support after violence, by sector": {"sector": "gbv", "kind": "medical"},
    "support after violence, by kind": {"kind": "gbv_response", "sector": "health_nutrition"},
    "support for children who were with armed groups": {"kind": "caafag_support", "sector": "education"},
    "a service that did not say yes": {"listed": None},
    "a service that said no": {"listed": "no"},
    "a project that has ended": {"ends_on": "2020-01-01"},
}


@pytest.mark.covers("R123")
@pytest.mark.parametrize("what", NEVER)
def test_it_never_stands_on_a_list_that_is_handed_out(cast: Cast, browse: Browse, what: str) -> None:
    now_with(cast)
    now_with(cast, name="Courtyard", organisation="Quiet", address="Behind the well", **NEVER[what])
    body = page(browse(cast.caseworker), "/services/list")
    assert "Sewing course" in body
    assert [word for word in ("Courtyard", "Quiet", "Behind the well") if word in body] == []


@pytest.mark.covers("R123")
def test_no_focal_person_and_no_private_phone_stands_on_a_list_that_is_handed_out(
    cast: Cast, browse: Browse
) -> None:
    private: dict[str, Any] = {
        "focal_person": "Halima Noor", "focal_phone": "0700 999 888", "focal_email": "halima at example",
        "how_to_refer": "Call Halima at 0700 999 888", "quality": "Ask for Halima",
    }  # fmt: skip
    now_with(cast, office_phone="0700 111 000", **private)
    body = page(browse(cast.caseworker), "/services/list")
    assert "0700 111 000" in body
    assert not re.search("Halima|999 888|halima", body)


def test_a_service_with_a_safety_concern_is_not_handed_out(cast: Cast, browse: Browse) -> None:
    mine, service = browse(cast.caseworker), now_with(cast)
    mine.post(f"/services/{service}/concern", {"reason": "Not safe", "entry_id": str(new_id())})
    assert "Sewing course" not in page(mine, "/services/list")


# --- What is missing -----------------------------------------------------------------------------------------


@pytest.mark.covers("R46")
def test_supervisors_see_how_many_children_lack_what_and_where_and_no_child(
    cast: Cast, browse: Browse
) -> None:
    mine, supervisors = browse(cast.caseworker), browse(cast.supervisor)
    file = a_case(cast)
    submit("referral.gap", {"sector": "legal", "why": "too_far"}, by=cast.caseworker, file=file)
    noted = {
        "sector": "legal",
        "area": "river_district",
        "children": "12",
        "why": "none_here",
        "entry_id": str(new_id()),
    }
    assert mine.post("/services/gaps/new", noted).status_code == 302
    mine.post("/services/gaps/new", noted)
    assert Gap.objects.count() == 1
    body = page(supervisors, "/services/gaps")
    assert re.search(r"Legal support</th>.*?River district.*?<span>13</span>", body, re.S)
    assert (
        "Too far" in body.replace("It is too far", "Too far")
        and "Tomas" not in body
        and str(file) not in body
    )
    assert "<span>12</span>" in page(
        browse(cast.other_supervisor), "/services/gaps"
    )  # the file is not of their team


def test_a_gap_needs_a_number_of_children(cast: Cast, browse: Browse) -> None:
    sent = {"sector": "legal", "area": "river_district", "children": "many", "entry_id": str(new_id())}
    answer = browse(cast.caseworker).post("/services/gaps/new", sent)
    assert answer.status_code == 422 and "Enter a whole number" in answer.content.decode()
    assert not Gap.objects.exists()


# --- On a file -----------------------------------------------------------------------------------------------


def a_child_who_shares(cast: Cast, **consent: Any) -> UUID:
    file = a_case(cast)
    submit("consent.consent", {"agreed": ["share_for_services"], **consent}, by=cast.caseworker, file=file)
    return file


def send(client: Client, file: UUID, form: str, **answers: Any) -> Any:
    """Post a form as its page would."""
    body = page(client, f"/files/{file}/forms/{form}")
    hidden = dict(re.findall(r'<input type="hidden" name="(entry_id|version|base)" value="([^"]*)"', body))
    happened = re.search(r'name="happened_at" id="happened_at" value="([^"]*)"', body)
    assert happened is not None
    return client.post(
        f"/files/{file}/forms/{form}", {**hidden, "happened_at": happened[1], **LEAST[form], **answers}
    )


@pytest.mark.covers("R38", "R42")
def test_a_service_is_chosen_for_the_child_and_its_form_begins_with_it_and_little_to_tell(
    cast: Cast, browse: Browse
) -> None:
    mine, file, service = browse(cast.caseworker), a_child_who_shares(cast), now_with(cast)
    address = f"/files/{file}/forms/referral.referral?service={service}"
    assert address in page(mine, f"/files/{file}/services/find")
    body = page(mine, address)
    assert 'value="Sewing course, Hands at Work"' in body
    assert 'name="recipient"' not in body  # the directory knows what it is
    chosen = re.findall(r'name="share"[^>]*value="(\w+)"[^>]* checked', body)
    assert chosen == ["code"]
    assert ">Tomas</div>" in body  # what would be told stands beside each choice
    assert AuditRow.objects.filter(act="packet.offered", file_id=file).count() == 1
    assert 'name="recipient"' in page(mine, f"/files/{file}/forms/referral.referral")


@pytest.mark.covers("R9", "R42")
def test_what_people_asked_not_to_share_stands_before_the_choice(cast: Cast, browse: Browse) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast, withheld="Where his mother works")
    assert "Where his mother works" in page(mine, f"/files/{file}/forms/referral.referral")
    mine.post("/beside-me")
    covered = page(mine, f"/files/{file}/forms/referral.referral")
    assert "Where his mother works" not in covered and "Tomas" not in covered


@pytest.mark.covers("R42")
def test_the_page_of_the_packet_has_what_was_chosen_and_nothing_else(cast: Cast, browse: Browse) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast)
    answer = send(
        mine, file, "referral.referral", share=["age", "sex"], why="His uncle", need="A seat in class"
    )
    assert answer.status_code == 302
    (course,) = referrals(file)
    body = page(mine, f"/files/{file}/services/{course.id}")
    assert "A seat in class" in body and "Boy" in body and "Sewing course" in body
    assert [word for word in ("Tomas", "His uncle", "River district", "Medium risk") if word in body] == []
    assert AuditRow.objects.filter(act="packet.printed", file_id=file).exists()
    mine.post("/beside-me")
    assert "A seat in class" not in page(mine, f"/files/{file}/services/{course.id}")


@pytest.mark.covers("R42", "R109")
def test_a_service_is_asked_for_an_adult_too_and_for_nobody_with_a_safety_mark(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast)
    now_with(cast)
    submit("cases.person", by=cast.caseworker, file=file)
    marked = {"name": "Obed", "relationship": "father", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", marked, by=cast.caseworker, file=file)
    body = page(mine, f"/files/{file}/services/find")
    assert "For: Mother" in body and "For: Father" not in body and "Grace" not in body
    about = re.search(r"services/find\?(about=[\w-]+)", body)
    assert about is not None
    assert about[1] in page(mine, f"/files/{file}/services/find?{about[1]}").split("Ask this service")[0]


def test_without_consent_the_form_comes_back_with_the_reason_at_the_service(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_case(cast)
    answer = send(mine, file, "referral.referral", need="A seat in class")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "Nobody has agreed yet to share with: Other organisations" in body and "A seat in class" in body
    assert referrals(file) == []


@pytest.mark.covers("R40", "R41", "R43")
def test_the_tab_says_what_was_asked_of_whom_on_which_basis_and_what_is_due(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast)
    submit("referral.referral", {"share": ["age"]}, by=cast.caseworker, file=file, at=clock.now())
    body = page(mine, f"/files/{file}/services")
    for words in ("Sewing course", "A place on the course", "Asked, no answer yet", "Consent", "Age", "Part of the case",
                  "Ask whether the service will help", "I called ahead"):  # fmt: skip
        assert words in body, words
    (course,) = referrals(file)
    followed = page(mine, f"/files/{file}/forms/referral.answer?which={course.id}")
    assert re.search(rf'<option value="{re.escape(course.words)}" selected>', followed)
    declined = {"answer": "declined", "reason": "full"}
    submit("referral.answer", declined, by=cast.caseworker, file=file, at=clock.now())
    assert "They said no" in page(mine, f"/files/{file}/services")
    assert "No room" in page(mine, f"/files/{file}/services")
    mine.post("/beside-me")
    covered = page(mine, f"/files/{file}/services") + page(mine, f"/files/{file}/services/{course.id}")
    covered += page(mine, f"/files/{file}/")
    assert "A place on the course" not in covered and "Sewing course" not in covered


@pytest.mark.covers("R41", "R42")
def test_what_was_told_without_a_basis_says_so_and_waits_on_the_team_page(cast: Cast, browse: Browse) -> None:
    file, supervisors = a_case(cast), browse(cast.supervisor)
    submit("referral.done", {"why_without": "The bus was leaving"}, by=cast.caseworker, file=file)
    body = page(supervisors, f"/files/{file}/services")
    assert "No basis on file: the supervisor is told" in body and "Give your word" in body
    team = page(supervisors, "/team")
    assert "What was shared without a basis" in team and "The bus was leaving" in team
    assert "A boy of eleven" not in team  # whoever needs the words opens the packet


@pytest.mark.covers("R13")
def test_after_consent_is_withdrawn_the_referral_says_so_and_the_packet_is_not_shown_again(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast)
    submit("referral.referral", {"share": ["age"]}, by=cast.caseworker, file=file)
    submit("consent.consent", {"refused": ["share_for_services"]}, by=cast.caseworker, file=file)
    assert "Consent withdrawn or ended" in page(mine, f"/files/{file}/services")
    (course,) = referrals(file)
    body = page(mine, f"/files/{file}/services/{course.id}")
    assert "It is not handed out again" in body and "A place on the course" not in body


def test_the_services_of_a_file_take_as_many_questions_however_many_there_are(
    cast: Cast, browse: Browse
) -> None:
    mine, file = browse(cast.caseworker), a_child_who_shares(cast)
    submit("referral.referral", by=cast.caseworker, file=file)
    page(mine, f"/files/{file}/services")
    with CaptureQueriesContext(connection) as few:
        page(mine, f"/files/{file}/services")
    for number in range(4):
        submit("referral.referral", {"provider": f"Course {number}"}, by=cast.caseworker, file=file)
    with CaptureQueriesContext(connection) as many:
        page(mine, f"/files/{file}/services")
    assert len(many) == len(few)


def test_an_address_that_leads_nowhere_is_not_found(cast: Cast, browse: Browse) -> None:
    mine, file = browse(cast.caseworker), a_case(cast)
    for address in (
        f"services/{new_id()}", "forms/referral.referral?service=nonsense", f"forms/referral.referral?service={new_id()}",
        f"forms/referral.answer?which={new_id()}", "services/find?about=nonsense", f"services/find?about={new_id()}",
    ):  # fmt: skip
        assert mine.get(f"/files/{file}/{address}").status_code == 404, address
