"""Whoever is written about asks; the answer is in time, and a copy tells on nobody else (R87, R88)."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from msoffcrypto.exceptions import InvalidKeyError

from tests.cast import START, Cast, a_case, submit, today
from tests.data_protection.conftest import Browse, Keepers
from tests.web.test_duty_sheet import opened
from tests.web.test_leaving import confirmed
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile
from tutela.data_protection.models import RightsAnswer, RightsRequest, Screening
from tutela.data_protection.queries import requests_on
from tutela.foundation.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R87", "R88")]


def note(browser: Client, file: UUID, **answers: Any) -> UUID:
    """Write a request down as the page does; its id."""
    sheet = new_id()
    posted = {
        "entry_id": str(sheet), "came_on": today().isoformat(), "kind": ["access"], "asker": "child", "identity": "known",
        "what": "I want to read it myself",
    } | answers  # fmt: skip
    response = browser.post(f"/files/{file}/requests/new", posted)
    assert response.status_code == 302, re.sub(r"\s+", " ", response.content.decode())[:3000]
    return sheet


def test_a_request_is_noted_and_due_and_the_focal_point_sees_it_without_the_file(
    cast: Cast, keepers: Keepers, browse: Browse
) -> None:
    file = a_case(cast)
    asked = note(browse(cast.caseworker), file)
    row = RightsRequest.objects.get(id=asked)
    assert (row.due_on - row.came_on).days == 30
    assert b"read it" not in bytes(row.sealed)
    theirs = browse(keepers.focal_point)
    page = theirs.get("/registers/requests").content.decode()
    assert "I want to read it myself" in page and "Tomas" not in page
    assert theirs.get(f"/files/{file}/").status_code == 404
    assert (
        AuditRow.objects.filter(act="requests.listed", by=keepers.focal_point.id, allowed=True).count() == 1
    )


def test_an_answer_needs_to_know_who_asks_and_says_why_not(
    cast: Cast, keepers: Keepers, browse: Browse
) -> None:
    asked = note(browse(cast.caseworker), a_case(cast))
    theirs = browse(keepers.focal_point)
    address = f"/registers/requests/{asked}"
    answer = {
        "entry_id": str(new_id()),
        "outcome": "refused",
        "verified": "not_checked",
        "answered_on": today().isoformat(),
    }
    page = theirs.post(address, answer)
    assert page.status_code == 422
    said = page.content.decode()
    assert "Make sure that it is them before you answer." in said
    assert not RightsAnswer.objects.exists()
    assert theirs.post(address, answer | {"verified": "known", "why": "The court has it"}).status_code == 302
    known = requests_on(CaseFile.objects.get().id)[0]
    assert (known.answer["why"], known.answered_by) == ("The court has it", "Focal point")
    again = theirs.post(
        address, answer | {"entry_id": str(new_id()), "verified": "known", "why": "Otherwise"}
    )
    assert again.status_code == 409 and "answered already" in again.content.decode()
    assert theirs.get("/registers/requests").content.decode().count("Nothing is to be answered") == 1


@pytest.mark.parametrize(
    "who", ["colleague", "other_supervisor", "elsewhere", "information_officer", "outsider"]
)
def test_who_is_not_on_the_file_notes_nothing_there(cast: Cast, browse: Browse, who: str) -> None:
    file = a_case(cast)
    theirs = browse(getattr(cast, who))
    assert theirs.get(f"/files/{file}/requests").status_code == 404
    assert theirs.post(f"/files/{file}/requests/new", {"entry_id": str(new_id())}).status_code == 404
    assert not RightsRequest.objects.exists()


# --- The copy ------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(cast: Cast) -> UUID:
    """A child's file on which somebody is suspected and the mother told something in confidence."""
    file = a_case(cast)
    submit("cases.person", {"name": "Mother Rukia", "relationship": "mother"}, by=cast.caseworker, file=file)
    return file


def boxes(page: str) -> tuple[set[str], set[str]]:
    """The values of the boxes on the page: all of them, and those that are ticked."""
    found = re.findall(r'<input type="checkbox" name="kept"[^>]*value="([^"]+)"[^>]*?( checked)?>', page)
    return {value for value, _ in found}, {value for value, ticked in found if ticked}


def screened(browser: Client, file: UUID, asked: UUID, kept: set[str]) -> None:
    posted = {"entry_id": str(new_id()), "kept": sorted(kept)}
    assert browser.post(f"/files/{file}/requests/{asked}/copy", posted).status_code == 302


def test_a_copy_is_screened_by_one_and_agreed_to_by_another(cast: Cast, browse: Browse, file: UUID) -> None:
    mine, theirs = browse(cast.caseworker), browse(cast.supervisor)
    asked = note(mine, file)
    address = f"/files/{file}/requests/{asked}/copy"
    page = mine.get(address).content.decode()
    every, ticked = boxes(page)
    assert ticked and every - ticked, "what is about others is left out to begin with"
    screened(mine, file, asked, ticked)
    assert mine.get(f"{address}/paper").status_code == 404
    screening = str(Screening.objects.get().id)
    mine.post(f"{address}/agree", {"screening": screening})
    assert mine.get(f"{address}/paper").status_code == 404, "nobody agrees to their own"
    assert "Agree to this copy" in theirs.get(address).content.decode()
    assert theirs.post(f"{address}/agree", {"screening": screening}).status_code == 302
    paper = mine.get(f"{address}/paper").content.decode()
    assert "What is written about me" in paper and "Rukia" not in paper
    assert AuditRow.objects.filter(act="copy.printed", file_id=file, allowed=True).count() == 1


def test_what_was_written_after_the_screening_is_not_in_the_copy(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    mine, theirs = browse(cast.caseworker), browse(cast.supervisor)
    asked = note(mine, file)
    address = f"/files/{file}/requests/{asked}/copy"
    every, _ = boxes(mine.get(address).content.decode())
    screened(mine, file, asked, every)
    theirs.post(f"{address}/agree", {"screening": str(Screening.objects.get().id)})
    assert "Rukia" in mine.get(f"{address}/paper").content.decode()
    submit("follow_up.contact", {"situation": "Zebrawort"}, by=cast.caseworker, file=file, at=START)
    assert "Zebrawort" not in mine.get(f"{address}/paper").content.decode()


def test_a_copy_is_made_only_where_one_was_asked_for(cast: Cast, browse: Browse, file: UUID) -> None:
    mine = browse(cast.caseworker)
    asked = note(mine, file, kind=["correction"])
    assert mine.get(f"/files/{file}/requests/{asked}/copy").status_code == 404
    other = a_case(cast)
    copy = note(mine, file)
    assert mine.get(f"/files/{other}/requests/{copy}/copy").status_code == 404


def test_an_adult_who_asks_for_themselves_is_given_only_what_somebody_ticks(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    mine = browse(cast.caseworker)
    asked = note(mine, file, asker="adult")
    every, ticked = boxes(mine.get(f"/files/{file}/requests/{asked}/copy").content.decode())
    assert every and not ticked


# --- In a closed workbook ------------------------------------------------------------------------------------------


def agreed(cast: Cast, browse: Browse, file: UUID) -> str:
    """A copy that the caseworker screened and the supervisor agreed to; the address of it."""
    mine = browse(cast.caseworker)
    address = f"/files/{file}/requests/{note(mine, file)}/copy"
    _, ticked = boxes(mine.get(address).content.decode())
    screened(mine, file, UUID(address.split("/")[4]), ticked)
    browse(cast.supervisor).post(f"{address}/agree", {"screening": str(Screening.objects.get().id)})
    return address


def words_on(page: str) -> tuple[str, str]:
    """The six words on the page, and the same signed for the form."""
    words = re.findall(r"<strong>([a-z -]+)</strong>", page)[0]
    return words, re.findall(r'name="signed" value="([^"]+)"', page)[0]


def test_the_copy_is_taken_in_a_workbook_that_only_its_six_words_open(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    address = agreed(cast, browse, file)
    mine = confirmed(browse, cast.caseworker)
    assert f"{address}/closed" in mine.get(f"/files/{file}/requests").content.decode()
    words, signed = words_on(mine.get(f"{address}/closed").content.decode())
    assert len(words.split()) == 6
    assert not AuditRow.objects.filter(act="copy.taken").exists()
    taken = mine.post(f"{address}/closed", {"signed": signed})
    assert taken.status_code == 200 and "no-store" in taken.headers["Cache-Control"]
    assert "copy.xlsx" in taken.headers["Content-Disposition"]
    with pytest.raises(InvalidKeyError):
        opened(taken.content, f"{words}x")
    told = opened(taken.content, words)
    paper = mine.get(f"{address}/paper").content.decode()
    assert "Heavy work, fed at home" in told and "Heavy work, fed at home" in paper
    assert "Rukia" not in told and "Parts that tell about other people are left out" in told
    row = AuditRow.objects.get(act="copy.taken")
    assert (row.by, row.file_id, row.allowed) == (cast.caseworker.id, file, True)
    assert "in a closed workbook" in browse(cast.supervisor).get(f"/files/{file}/access/log").content.decode()


def test_words_of_somebody_else_of_another_copy_or_made_up_take_nothing(
    cast: Cast, browse: Browse, file: UUID
) -> None:
    address = agreed(cast, browse, file)
    mine, theirs = confirmed(browse, cast.caseworker), confirmed(browse, cast.supervisor)
    _, signed = words_on(theirs.get(f"{address}/closed").content.decode())
    for sent in (signed, "a b c", ""):
        answer = mine.post(f"{address}/closed", {"signed": sent})
        assert answer.status_code == 422 and "Here are new ones" in answer.content.decode()
    assert not AuditRow.objects.filter(act="copy.taken").exists()


def test_before_somebody_agreed_there_is_nothing_to_take(cast: Cast, browse: Browse, file: UUID) -> None:
    mine = confirmed(browse, cast.caseworker)
    asked = note(mine, file)
    assert mine.get(f"/files/{file}/requests/{asked}/copy/closed").status_code == 404
    for who in (cast.colleague, cast.elsewhere, cast.administrator):
        assert confirmed(browse, who).get(f"/files/{file}/requests/{asked}/copy/closed").status_code == 404


def test_who_has_not_just_shown_who_they_are_is_asked_first(cast: Cast, browse: Browse, file: UUID) -> None:
    address = agreed(cast, browse, file)
    answer = browse(cast.caseworker).get(f"{address}/closed")
    assert answer.status_code == 302 and "reauthenticate" in answer.headers["Location"]
