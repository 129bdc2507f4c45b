"""Exports as people see them: from the purpose to the download, without script."""

import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, a_case
from tests.exports.asking import another, opened, read
from tutela import commands
from tutela.access.models import Role, User
from tutela.audit.models import AuditRow
from tutela.cases.models import Case
from tutela.exports.models import Export
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
ANSWERS = {"recipient": "Zorvanquist, Ministry", "why": "Figures", "which": "all", "lock": "passphrase"}


def confirmed(client: Client) -> Client:
    """Somebody who has just shown once more who they are."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True},
        {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return unescape(response.content.decode())


def sent(client: Client, purpose: str = "monthly_report", **answers: Any) -> str:
    """Send the sheet; the address of the export."""
    posted = {**ANSWERS, "entry_id": str(new_id()), **answers}
    response = client.post(f"/exports/new/{purpose}", posted)
    assert response.status_code == 302, unescape(response.content.decode())
    return str(response.headers["Location"])


@pytest.mark.covers("R93")
def test_from_the_purpose_to_a_file_that_opens(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = confirmed(browse(cast.information_officer))
    assert 'href="/exports"' in page(client, "/exports") and "Monthly report" in page(client, "/exports")
    form = page(client, "/exports/new/monthly_report")
    columns = "Opened in (month) · Open or closed · Closed in (month) · Sex · Age group · Area · Risk level"
    assert columns in form and "nothing else" in form
    address = sent(client)
    before = page(client, address)
    assert "1 case" in before and columns in before and "Zorvanquist" in before
    assert commands.make_exports(now=now) == 0  # nothing leaves before it is asked for
    client.post(f"{address}/ask")
    assert "0 of 1 cases are done" in page(client, address)
    assert commands.make_exports(now=now) == 1
    assert "Download" not in page(client, address)
    shown = client.post(f"{address}/passphrase")
    (passphrase,) = re.findall(r'class="contact-way" dir="ltr">([a-z -]+)</p>', shown.content.decode())
    assert "no-store" in shown.headers["Cache-Control"]
    response = client.post(f"{address}/download")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="export-1.xlsx"'
    assert len(read(opened(response.content, passphrase))[1]) == 1
    for where in (address, "/exports"):
        assert passphrase not in page(client, where)


def test_every_step_that_sends_something_out_asks_once_more_who_one_is(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = browse(cast.information_officer)
    address = sent(client)
    for step in ("ask", "answer", "passphrase", "download"):
        response = client.post(f"{address}/{step}")
        assert (response.status_code, response.headers["Location"].partition("?")[0]) == (
            302,
            "/accounts/reauthenticate/",
        )
    assert Export.objects.get().asked_at is None


def test_nothing_is_done_by_following_a_link(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = confirmed(browse(cast.information_officer))
    address = sent(client)
    for step in ("ask", "answer", "passphrase", "download"):
        assert client.get(f"{address}/{step}").status_code == 404
    assert client.post(f"{address}/answer", {"agreed": "perhaps"}).status_code == 404


def test_bad_answers_get_a_sentence_at_their_place_and_nothing_is_kept(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    officer, supervisor = browse(cast.information_officer), browse(cast.supervisor)
    for client, purpose, answers, sentence in (
        (officer, "monthly_report", {"lock": "age", "age_key": "age1abc"}, "This is no public age key."),
        (
            officer,
            "monthly_report",
            {"lock": "age", "age_key": "AGE-SECRET-KEY-1ABC"},
            "This is the secret key",
        ),
        (officer, "monthly_report", {"which": "closed"}, "No case fits what you chose."),
        (officer, "monthly_report", {"which": "codes"}, "Which cases"),
        (supervisor, "legal_request", {"which": "all"}, "Which cases"),
        (supervisor, "legal_request", {"which": "codes"}, "Case codes"),
        (officer, "monthly_report", {"recipient": ""}, "Who gets it"),
        (officer, "monthly_report", {"lock": "none"}, "How the file is locked"),
        (supervisor, "legal_request", {"which": "codes", "codes": "ABC"}, "One of these is no case code"),
    ):
        response = client.post(f"/exports/new/{purpose}", {**ANSWERS, "entry_id": str(new_id()), **answers})
        assert response.status_code == 422
        assert sentence in unescape(response.content.decode())
    assert not Export.objects.exists()


@pytest.mark.covers("R87")
def test_a_second_person_sees_what_it_is_and_both_stand_in_the_register(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = confirmed(browse(cast.information_officer))
    address = sent(client)
    Export.objects.update(second_person=True)
    client.post(f"{address}/ask")
    assert "Waits for a second person" in page(client, address) and "I agree" not in page(client, address)
    manager = confirmed(browse(another(cast, "manager", Role.MANAGER)))
    assert address in page(manager, "/exports") and "Waits for you" in page(manager, "/exports")
    told = page(manager, address)
    for word in ("Zorvanquist", "Figures", "1 case", "Age group", "I agree"):
        assert word in told
    assert manager.post(f"{address}/answer", {"agreed": "yes"}).status_code == 302
    register = page(manager, "/exports").partition("The register")[2]
    assert "Information officer" in register and "agreed to by Manager" in register
    assert "The register" not in page(client, "/exports")
    assert AuditRow.objects.filter(act="export.agreed").count() == 1


def test_somebody_who_may_not_agree_to_names_does_not_see_the_export(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = confirmed(browse(cast.supervisor))
    address = sent(client, "caseload_transfer")
    Export.objects.update(second_person=True)
    client.post(f"{address}/ask")
    officer = browse(cast.information_officer)
    assert address not in page(officer, "/exports")
    assert officer.get(address).status_code == 404
    assert "I agree" in page(browse(cast.other_supervisor), address)


def test_a_childs_file_says_what_left_to_whom(cast: Cast, browse: Browse) -> None:
    file, other = a_case(cast), a_case(cast)
    code = Case.objects.get(file_id=file).code
    client = confirmed(browse(cast.supervisor))
    address = sent(client, "legal_request", which="codes", codes=f" {code.lower()} ")
    client.post(f"{address}/ask")
    commands.make_exports(now=now)
    client.post(f"{address}/passphrase")
    assert "What left in exports" not in page(client, f"/files/{file}/services")
    client.post(f"{address}/download")
    told = page(browse(cast.caseworker), f"/files/{file}/services").partition("What left in exports")[2]
    assert "Zorvanquist" in told and "with names" in told and "Export 1" in told
    assert "What left in exports" not in page(browse(cast.caseworker), f"/files/{other}/services")


def test_the_menu_leads_there_for_those_who_use_it(cast: Cast, browse: Browse) -> None:
    for who, there in (
        (cast.information_officer, True),
        (cast.supervisor, True),
        (cast.caseworker, False),
        (cast.administrator, False),
    ):
        assert ('href="/exports"' in page(browse(who), "/cases")) == there


def test_the_register_asks_as_often_for_many_exports_as_for_few(cast: Cast, browse: Browse) -> None:
    a_case(cast)
    client = confirmed(browse(cast.information_officer))
    manager = browse(another(cast, "manager", Role.MANAGER))

    def ask(times: int) -> int:
        for _ in range(times):
            client.post(f"{sent(client)}/ask")
        Export.objects.update(second_person=True)
        page(manager, "/exports")
        with CaptureQueriesContext(connection) as asked:
            page(manager, "/exports")
        return len(asked)

    few = ask(2)
    assert ask(4) == few <= 30


def test_beside_a_child_nothing_of_the_export_is_told(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    client = confirmed(browse(cast.supervisor))
    address = sent(client, "legal_request", which="codes", codes=Case.objects.get(file_id=file).code)
    client.post(f"{address}/ask")
    commands.make_exports(now=now)
    client.post(f"{address}/passphrase"), client.post(f"{address}/download")
    worker = browse(cast.caseworker)
    worker.post("/beside-me")
    assert "Zorvanquist" not in page(worker, f"/files/{file}/services")
