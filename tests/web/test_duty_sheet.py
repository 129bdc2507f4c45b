"""The duty officer's sheet: who may take it, what stands on it, what is left behind."""

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from django.test import Client
from msoffcrypto import OfficeFile
from msoffcrypto.exceptions import InvalidKeyError

from tests.cast import Cast, a_case, a_closed_case, submit
from tests.web.test_leaving import confirmed
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.cases.queries import case_of
from tutela.exports.locking import closed_with, new_passphrase
from tutela.exports.workbook import Sheet, workbook_of

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def opened(workbook: bytes, passphrase: str) -> str:
    """Every word of a closed workbook."""
    file, plain = OfficeFile(io.BytesIO(workbook)), io.BytesIO()
    file.load_key(password=passphrase, verify_password=True)
    file.decrypt(plain)
    with ZipFile(plain) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


def take(client: Client) -> tuple[bytes, str]:
    body = client.get("/duty-sheet").content.decode()
    signed = re.findall(r'name="signed" value="([^"]+)"', body)[0]
    words = re.findall(r"<strong>([a-z -]+)</strong>", body)[0]
    response = client.post("/duty-sheet", {"signed": signed})
    assert response.status_code == 200 and "no-store" in response.headers["Cache-Control"]
    return response.content, words


def test_a_supervisor_takes_the_children_at_high_risk_and_no_name(cast: Cast, browse: Browse) -> None:
    high, medium = a_case(cast, risk="high"), a_case(cast)
    submit("planning.safety_plan", {"where": "The big tree"}, by=cast.caseworker, file=high)
    submit(
        "cases.person",
        {"name": "Zwjeruba", "phone": "0700 111 222", "safe_contact": ["may_call"]},
        by=cast.caseworker,
        file=high,
    )
    unsafe = {
        "name": "Xylqvor",
        "relationship": "father",
        "phone": "0700 333 444",
        "safe_contact": ["never_call"],
    }
    submit("cases.person", unsafe, by=cast.caseworker, file=high)
    workbook, words = take(confirmed(browse, cast.supervisor))
    told = opened(workbook, words)
    codes = {file: (case_of(file) or pytest.fail()).code for file in (high, medium)}
    for there in (codes[high], "The big tree", "0700 111 222", "Caseworker", "Taken by Supervisor"):
        assert there in told
    for not_there in (codes[medium], "Tomas", "Zwjeruba", "Xylqvor", "0700 333 444"):
        assert not_there not in told
    rows = AuditRow.objects.filter(act="duty_sheet.taken", allowed=True)
    assert [(row.by, row.file_id) for row in rows] == [(cast.supervisor.id, high)]


def test_a_closed_case_is_not_on_it(cast: Cast, browse: Browse) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", {"risk_level": "high"}, by=cast.caseworker, file=file)
    body = confirmed(browse, cast.supervisor).get("/duty-sheet").content.decode()
    assert "one child" in body
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.closure", by=cast.caseworker, file=file)
    assert "No child of your teams" in confirmed(browse, cast.supervisor).get("/duty-sheet").content.decode()


def test_nobody_else_takes_it(cast: Cast, browse: Browse) -> None:
    a_case(cast, risk="high")
    for user in (cast.caseworker, cast.information_officer, cast.administrator, cast.elsewhere):
        assert confirmed(browse, user).get("/duty-sheet").status_code == 403
    assert (
        "No child of your teams"
        in confirmed(browse, cast.other_supervisor).get("/duty-sheet").content.decode()
    )


def test_words_of_somebody_else_or_made_up_open_no_sheet(cast: Cast, browse: Browse) -> None:
    a_case(cast, risk="high")
    theirs = confirmed(browse, cast.both).get("/duty-sheet").content.decode()
    signed = re.findall(r'name="signed" value="([^"]+)"', theirs)[0]
    client = confirmed(browse, cast.supervisor)
    for sent in (signed, "a b c", ""):
        assert client.post("/duty-sheet", {"signed": sent}).status_code == 422
    assert not AuditRow.objects.filter(act="duty_sheet.taken").exists()


def test_without_the_words_it_stays_closed_and_nothing_in_it_is_a_formula() -> None:
    words = new_passphrase()
    assert len(words.split()) == 6 and words != new_passphrase()
    sheet = Sheet(name="Sheet", mark="A & B", columns=["Code", "More"], rows=[["=1+1", "&P"]], long=True)
    workbook = closed_with(words, workbook_of(sheet))
    with pytest.raises(InvalidKeyError):
        opened(workbook, f"{words}x")
    assert b"=1+1" not in workbook
    told = opened(workbook, words)
    assert "=1+1" in told and "<f>" not in told
