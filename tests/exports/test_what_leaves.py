"""What stands in an export, read back from the file that whoever asked gets: no name, no formula, nobody who said no."""

import re
import zipfile
from datetime import date, timedelta
from io import BytesIO

import pyrage
import pytest

from tests.cast import START, Cast, a_case, a_closed_case, submit
from tests.exports.asking import TOLD, asked, fetched, lines, made, opened, read
from tutela import commands
from tutela.access.models import Assignment, Team
from tutela.cases.models import Case, Person
from tutela.exports.columns import COLUMNS
from tutela.exports.models import ExportedFile
from tutela.exports.queries import Chosen, Told, exports_with
from tutela.exports.rules import PRIVACY, profiles_on
from tutela.exports.workbook import plain
from tutela.protocols import packs
from tutela.vault import keyring

pytestmark = pytest.mark.django_db


def test_every_column_of_the_pack_can_be_made_and_says_how_private_it_is() -> None:
    codes = set(packs.load().vocabulary("export_field").codes)
    assert set(COLUMNS) == set(PRIVACY) == codes


@pytest.mark.covers("R93")
def test_a_report_has_a_line_for_each_case_and_no_name_or_code(cast: Cast) -> None:
    file, closed = a_case(cast, risk="high"), a_closed_case(cast)
    submit("referral.done", {"sector": "education"}, by=cast.caseworker, file=file)
    at = START + timedelta(days=50)
    passphrase, content = fetched(made(cast.information_officer, "programme_review", at=at), at=at)
    workbook = opened(content, passphrase)
    _, found = read(workbook)
    assert [one["Risk level"] for one in sorted(found, key=lambda one: one["Open or closed"])] == [
        "Medium",
        "High",
    ]
    by_state = {one["Open or closed"]: one for one in found}
    assert (
        by_state["Open"]["Opened in (month)"] == "2026-03"
        and by_state["Closed"]["Closed in (month)"] == "2026-03"
    )
    assert by_state["Closed"]["Reason for closing"] and not by_state["Open"]["Reason for closing"]
    assert by_state["Open"]["Referred to (sectors)"] and by_state["Open"]["Team"] == "River"
    whole = everything(workbook)
    codes = Case.objects.filter(file_id__in=[file, closed]).values_list("code", flat=True)
    for never in ("Tomas", "Three visits", "2026-03-02", *codes, str(file), file.hex):
        assert never not in whole


def everything(workbook: bytes) -> str:
    with zipfile.ZipFile(BytesIO(workbook)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_it_is_marked_on_every_sheet_with_who_when_what_for_and_its_number(cast: Cast) -> None:
    a_case(cast)
    passphrase, content = fetched(made(cast.information_officer))
    workbook = opened(content, passphrase)
    about, _ = read(workbook)
    mark = "Export 1 · Monthly report · Information officer · 2026-03-02 09:00 · Confidential"
    with zipfile.ZipFile(BytesIO(workbook)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 2
    for sheet in sheets:
        assert f"<oddHeader>&amp;L{mark}" in sheet and f"<oddFooter>&amp;L{mark}" in sheet
    assert about[0][0] == mark
    told = {row[0]: row[1] for row in about[2:] if row[0]}
    assert told["Who gets it"] == TOLD.recipient and told["Asked for by"] == "Information officer"
    assert told["Cases in it"] == "1" and told["Cases left out"] == "0"
    assert any("Small numbers" in row[1] for row in about)


def test_a_child_has_another_number_in_every_export(cast: Cast) -> None:
    a_case(cast)
    numbers = {lines(cast.information_officer)[0]["Number in this export"] for _ in range(3)}
    assert len(numbers) == 3


def test_a_purpose_that_compares_gives_a_child_the_same_number_and_no_other_purpose_does(cast: Cast) -> None:
    file = a_case(cast)
    first, second = (lines(cast.information_officer, "programme_review")[0] for _ in range(2))
    assert first["Number in this export"] == second["Number in this export"]
    other = a_case(cast)
    both = {one["Number in this export"] for one in lines(cast.information_officer, "programme_review")}
    assert len(both) == 2 and first["Number in this export"] in both
    assert lines(cast.information_officer)[0]["Number in this export"] not in both
    assert file.hex[:12] not in "".join(both) and other != file


@pytest.mark.covers("R7")
@pytest.mark.parametrize(
    "said", [{"agreed": ["participation"], "refused": ["anonymised_reporting"]}, "withdrawn"]
)
def test_whoever_said_no_to_being_counted_is_not_in_it(cast: Cast, said: object) -> None:
    counted, not_counted = a_case(cast), a_case(cast)
    if isinstance(said, dict):
        submit("consent.consent", said, by=cast.caseworker, file=not_counted)
    else:
        yes = {"agreed": ["participation", "anonymised_reporting"]}
        submit("consent.consent", yes, by=cast.caseworker, file=not_counted)
        submit(
            "consent.withdrawal", {"purposes": ["anonymised_reporting"]}, by=cast.caseworker, file=not_counted
        )
    export = made(cast.information_officer)
    passphrase, content = fetched(export)
    about, found = read(opened(content, passphrase))
    assert len(found) == 1
    assert [export.records, export.left_out] == [2, 1]
    assert ["Cases left out", "1"] in [row[:2] for row in about]
    assert exports_with(counted) and not exports_with(not_counted)


@pytest.mark.covers("R42")
def test_with_names_only_those_go_along_for_whom_sharing_is_agreed(cast: Cast) -> None:
    agreed, silent, held_back = a_case(cast), a_case(cast), a_case(cast)
    yes = {"agreed": ["participation", "share_for_services"]}
    for file in (agreed, held_back):
        submit("intake.age", {"age": "16"}, by=cast.caseworker, file=file)
    submit("consent.consent", yes, by=cast.caseworker, file=agreed)
    submit("consent.consent", yes | {"withheld": "Not where we live"}, by=cast.caseworker, file=held_back)
    found = lines(cast.supervisor, "caseload_transfer")
    code = Case.objects.get(file_id=agreed).code
    assert [(one["Case code"], one["Name of the child"]) for one in found] == [(code, "Tomas")]
    assert not exports_with(silent) and not exports_with(held_back)


@pytest.mark.covers("R93")
def test_what_happened_never_stands_beside_a_name() -> None:
    for profile in profiles_on(START.date(), pack=packs.load()):
        assert not {"identity", "case"} <= profile.classes
        assert ("identity" in profile.classes) == profile.identifying


def test_of_caregivers_nobody_with_a_safety_mark_is_named(cast: Cast) -> None:
    file = a_case(cast)
    submit("cases.person", {"name": "Grace"}, by=cast.caseworker, file=file)
    marked = {"name": "Zwjeruba", "relationship": "father", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", marked, by=cast.caseworker, file=file)
    code = Case.objects.get(file_id=file).code
    submit("intake.age", {"age": "16"}, by=cast.caseworker, file=file)
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file)
    (found,) = lines(cast.supervisor, "caseload_transfer", chosen=Chosen("all", codes=(code,)))
    assert found["Names of caregivers"] == "Grace"


def test_a_choice_of_cases_holds_for_state_and_days(cast: Cast) -> None:
    a_case(cast), a_closed_case(cast), a_case(cast, at=START + timedelta(days=40))
    later = START + timedelta(days=60)
    for chosen, number in (
        (Chosen("all"), 3), (Chosen("open"), 2), (Chosen("closed"), 1), (Chosen("all", since=date(2026, 4, 1)), 1),
        (Chosen("all", until=date(2026, 4, 1)), 2), (Chosen("open", until=date(2026, 4, 1)), 1),
    ):  # fmt: skip
        assert len(lines(cast.information_officer, chosen=chosen, at=later)) == number, chosen


def test_the_age_group_is_that_of_the_day_it_is_made(cast: Cast) -> None:
    file = a_case(cast)
    submit("intake.age", {"age": "11"}, by=cast.caseworker, file=file)
    (found,) = lines(cast.information_officer)
    assert found["Age group"] == "6-11"
    assert "Tomas" not in found.values() and "11" not in found.values()


# --- A cell is a text ------------------------------------------------------------------------------------------

WORKED_OUT = [
    "=1+1",
    "+HYPERLINK(1)",
    "-cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://x")',
]


@pytest.mark.parametrize("name", ["=1+1", '@HYPERLINK("http://x")'])
def test_no_name_becomes_a_formula(cast: Cast, name: str) -> None:
    file = a_case(cast)
    submit("intake.age", {"age": "16"}, by=cast.caseworker, file=file)
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file)
    submit("cases.person", {"name": name, "relationship": "mother"}, by=cast.caseworker, file=file)
    passphrase, content = fetched(made(cast.supervisor, "caseload_transfer", told=Told(name, name)))
    workbook = opened(content, passphrase)
    _, (found,) = read(workbook)
    assert found["Names of caregivers"] == f"'{name}"
    with zipfile.ZipFile(BytesIO(workbook)) as book:
        sheets = [book.read(one).decode() for one in book.namelist() if "worksheets/" in one]
    assert not any(re.search(r"<f[ >]|<hyperlink", sheet) for sheet in sheets)


@pytest.mark.parametrize("text", WORKED_OUT)
def test_whatever_begins_like_a_formula_has_an_apostrophe_before_it(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "Tomas", "0700 900 900", "+254 700 900 900", "-12", "2026-03", "a=b", "'=1"]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


# --- It is locked ----------------------------------------------------------------------------------------------


@pytest.mark.covers("R93")
def test_an_export_for_an_age_key_opens_with_that_key_and_no_other(cast: Cast) -> None:
    a_case(cast)
    recipient, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    told = Told("Ministry", "Figures", str(recipient.to_public()))
    export = made(cast.information_officer, lock="age", told=told)
    name, content = commands.download_export(export.id, by=cast.information_officer, at=START)
    assert name == "export-1.xlsx.age"
    assert len(read(pyrage.decrypt(content, [recipient]))[1]) == 1
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [other])


def test_an_export_with_a_passphrase_is_closed_with_aes_256(cast: Cast) -> None:
    a_case(cast)
    passphrase, content = fetched(made(cast.information_officer))
    assert len(passphrase.split(" ")) == 6
    with pytest.raises(Exception, match="verification failed"):
        opened(content, f"{passphrase}x")
    assert (
        b'cipherAlgorithm="AES"' in content
        and b'keyBits="256"' in content
        and b'hashAlgorithm="SHA512"' in content
    )
    assert content[:8] == bytes.fromhex("d0cf11e0a1b11ae1")  # an encrypted workbook, and no zip beside it
    assert b"PK\x03\x04" not in content


def test_one_case_that_cannot_be_opened_keeps_no_other_from_leaving(cast: Cast) -> None:
    a_case(cast), (broken := a_case(cast)), (gone := a_case(cast))
    Person.objects.filter(file_id=broken, is_the_child=True).update(sealed=b"\x01" * 60)
    keyring.destroy_file_keys(gone)
    export = made(cast.information_officer)
    passphrase, content = fetched(export)
    assert len(read(opened(content, passphrase))[1]) == 1
    assert (export.unreadable, export.left_out) == (2, 0)
    assert not exports_with(broken) and not exports_with(gone)


def test_what_moved_out_of_reach_meanwhile_stays_here(cast: Cast) -> None:
    a_case(cast)
    moved = a_case(cast)
    export = asked(cast.supervisor)
    hill = Team.objects.get(name="Hill")
    Assignment.objects.filter(file_id=moved).update(team=hill)
    commands.make_exports(now=lambda: START)
    export.refresh_from_db()
    assert (export.records, export.left_out) == (2, 1)
    assert not ExportedFile.objects.filter(file_id=moved).exists()
