"""The pages around an emergency: opening a file, the hours it is open, and the review (R120)."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, a_case, an_emergency, person, submit
from tutela import commands
from tutela.access.models import EmergencyOpening, Membership, Role, Session, User
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.published.queries import form_in_force
from tutela.vault import keyring, opened_keys

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
WORDS = "The aunt called: he cannot breathe"


@pytest.fixture
def file(cast: Cast) -> UUID:
    return a_case(cast)


def fresh(client: Client) -> Client:
    """Somebody who has just shown again who they are, with their second factor."""
    session = client.session
    user = User.objects.get(id=session["_auth_user_id"])
    for shown in ({"method": "password"}, {"method": "mfa", "type": "totp"}):
        record_authentication(SimpleNamespace(session=session), user, reauthenticated=True, **shown)
    session.save()
    return client


def sent(file: UUID, **answers: str) -> dict[str, str]:
    found = CaseFile.objects.select_related("case").get(id=file)
    version = form_in_force("access.emergency", agency_id=found.agency_id, day=now().date()).version
    told = {"code": found.case.code, "reason": "urgent_health", "words": WORDS} | answers
    return {"entry_id": str(new_id()), "version": version, **told}


def focal_point(cast: Cast) -> User:
    agency = Membership.objects.get(user=cast.caseworker).agency
    return person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)


def test_find_leads_there_and_asks_who_it_is_first(cast: Cast, browse: Browse) -> None:
    client = browse(cast.colleague)
    assert b'href="/emergency"' in client.get("/find").content
    assert client.get("/emergency").status_code == 302
    assert fresh(client).get("/emergency").status_code == 200


def test_a_file_is_opened_read_and_closed_again(cast: Cast, browse: Browse, file: UUID) -> None:
    client = fresh(browse(cast.colleague))
    opened = client.post("/emergency", sent(file))
    assert opened.headers["Location"] == f"/files/{file}/"
    page = client.get(f"/files/{file}/").content.decode()
    assert "Open to you in an emergency" in page and "Note a contact" in page
    assert "Ask a service" in page and "Your own label" not in page
    assert client.get(f"/files/{file}/label").status_code == 404
    assert client.get(f"/files/{file}/plan").status_code == 200
    assert f"/files/{file}/" in client.get("/find").content.decode()
    assert client.post(f"/files/{file}/emergency/end").headers["Location"] == "/find"
    assert client.get(f"/files/{file}/").status_code == 404


@pytest.mark.parametrize("who", ["caseworker", "supervisor"])
def test_the_access_tab_names_whoever_opened_it_for_as_long_as_it_is_open(
    cast: Cast, browse: Browse, file: UUID, who: str
) -> None:
    def tab() -> str:
        return browse(getattr(cast, who)).get(f"/files/{file}/access").content.decode()

    assert "Opened it in an emergency" not in tab()
    an_emergency(cast, file, at=now())
    assert "Colleague" in tab() and "Opened it in an emergency, for some hours" in tab()
    commands.end_emergency(file, by=cast.colleague, at=now())
    assert "Opened it in an emergency" not in tab()


def test_what_is_sent_from_there_leads_back_to_the_file(cast: Cast, browse: Browse, file: UUID) -> None:
    an_emergency(cast, file, at=now())
    client = browse(cast.colleague)
    version = form_in_force(
        "follow_up.contact", agency_id=CaseFile.objects.get(id=file).agency_id, day=now().date()
    ).version
    note = {
        "entry_id": str(new_id()), "version": version, "base": "3", "kind": "phone", "reached": "child",
        "happened_at": "2026-03-02T09:00", "happened_precision": "exact",
    }  # fmt: skip
    assert client.get(f"/files/{file}/forms/follow_up.contact").status_code == 200
    assert (
        client.post(f"/files/{file}/forms/follow_up.contact", note).headers["Location"] == f"/files/{file}/"
    )
    assert client.get(f"/files/{file}/forms/planning.plan").status_code == 403
    assert client.get(f"/files/{file}/access/log").status_code == 404


def test_what_was_typed_too_slowly_comes_back_and_waits_in_no_session(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    client = browse(cast.colleague)
    answer = client.post("/emergency", sent(file))
    assert answer.status_code == 422 and WORDS in answer.content.decode()
    assert not EmergencyOpening.objects.exists()
    kept = "".join(str(one.get_decoded()) for one in Session.objects.all())
    assert "breathe" not in kept and CaseFile.objects.get(id=file).case.code not in kept


def test_a_wrong_code_is_said_at_its_question(cast: Cast, browse: Browse, file: UUID) -> None:
    client = fresh(browse(cast.colleague))
    page = client.post("/emergency", sent(file, code="777-7777-7"))
    assert page.status_code == 422 and "No file can be opened with this code" in page.content.decode()
    page = client.post("/emergency", sent(file, words=""))
    assert page.status_code == 422 and not EmergencyOpening.objects.exists()


def test_the_supervisor_sees_it_on_team_and_answers(cast: Cast, browse: Browse, file: UUID) -> None:
    opening = an_emergency(cast, file, at=now())
    submit("follow_up.contact", by=cast.colleague, file=file, at=now())
    client, address = browse(cast.supervisor), f"/emergencies/{opening}"
    assert address in client.get("/team").content.decode()
    page = client.get(address).content.decode()
    assert WORDS in page and "Colleague" in page and "Wrote: Contact" in page
    version = form_in_force(
        "access.emergency_review", agency_id=CaseFile.objects.get(id=file).agency_id, day=now().date()
    ).version
    said = {
        "entry_id": str(new_id()),
        "version": version,
        "verdict": "justified",
        "words": "She called me first",
    }
    assert client.post(address, said).headers["Location"] == "/team"
    assert address not in client.get("/team").content.decode()
    assert "She called me first" in client.get(address).content.decode()


def test_the_focal_point_sees_the_reason_and_no_words_of_the_case(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    opening, focal = an_emergency(cast, file, at=now()), focal_point(cast)
    client = browse(focal)
    assert client.get("/").headers["Location"] == "/data-protection"
    assert f"/emergencies/{opening}" in client.get("/data-protection").content.decode()
    page = client.get(f"/emergencies/{opening}").content.decode()
    assert "medical help" in page and WORDS not in page and "Tomas" not in page
    assert client.get(f"/files/{file}/").status_code == 404
    supervisor = browse(cast.supervisor).get(f"/emergencies/{opening}").content.decode()
    assert "The data-protection focal point answers for this." in supervisor and WORDS in supervisor


def test_late_answers_are_shown_as_late(cast: Cast, browse: Browse, file: UUID) -> None:
    an_emergency(cast, file)  # long ago
    assert "tag late" in browse(cast.supervisor).get("/team").content.decode()
    assert "tag late" in browse(focal_point(cast)).get("/data-protection").content.decode()


def test_a_review_of_a_file_whose_keys_are_gone_still_shows(cast: Cast, browse: Browse, file: UUID) -> None:
    opening = an_emergency(cast, file, at=now())
    client = browse(focal_point(cast))
    keyring.destroy_file_keys(file)
    opened_keys.forget_all()
    assert "cannot be read any more" in client.get(f"/emergencies/{opening}").content.decode()


# --- The log -------------------------------------------------------------------------------------------------


def log_of(client: Client, file: UUID, **asked: str) -> str:
    agency = CaseFile.objects.get(id=file).agency_id
    version = form_in_force("access.log_search", agency_id=agency, day=now().date()).version
    answer = client.post("/data-protection/log", {"version": version, **asked})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_focal_point_finds_rows_by_case_person_and_day(cast: Cast, browse: Browse, file: UUID) -> None:
    browse(cast.caseworker).get(f"/files/{file}/")
    client = browse(focal_point(cast))
    code = CaseFile.objects.get(id=file).case.code
    for asked in ({"code": code}, {"person": cast.caseworker.id.hex}, {"day": "2026-03-02"}, {}):
        page = log_of(client, file, **asked)
        assert code in page and "Caseworker" in page
    assert "Read the story" in log_of(client, file, code=code)
    for asked in ({"person": cast.both.id.hex}, {"day": "2026-03-01"}, {"code": "777-7777-7"}):
        assert "Nothing is in the log for this" in log_of(client, file, **asked)
    assert AuditRow.objects.filter(act="log.searched").count() == 8


def test_nothing_of_another_agency_is_found(cast: Cast, browse: Browse, file: UUID) -> None:
    agency = Membership.objects.get(user=cast.elsewhere).agency
    other = person("other_focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    code = CaseFile.objects.get(id=file).case.code
    client = browse(other)
    assert "Nothing is in the log for this" in log_of(client, file, code=code)
    assert "Wrote" not in log_of(client, file) and code not in log_of(client, file, day="2026-03-02")


def test_a_code_that_is_too_long_is_said_at_its_question(cast: Cast, browse: Browse) -> None:
    answer = browse(focal_point(cast)).post("/data-protection/log", {"code": "7" * 30, "day": "2026-13-40"})
    assert answer.status_code == 422 and b"error-summary" in answer.content


def test_team_asks_as_often_for_many_openings_as_for_one(cast: Cast, browse: Browse, file: UUID) -> None:
    client = browse(cast.supervisor)

    def asked() -> int:
        client.get("/team")
        with CaptureQueriesContext(connection) as found:
            assert client.get("/team").status_code == 200
        return len(found)

    others = [a_case(cast), a_case(cast)]
    an_emergency(cast, file, at=now())
    one = asked()
    for other, who in zip(others, (cast.colleague, cast.other_supervisor), strict=True):
        an_emergency(cast, other, by=who, at=now())
    assert asked() == one
