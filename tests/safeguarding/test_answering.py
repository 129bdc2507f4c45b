"""A focal point answers for what they were told: received, passed on, ended; who told it learns what they may (R85, R122)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_case, today
from tests.safeguarding.conftest import Browse, Told, page_of, report
from tutela.audit.models import AuditRow
from tutela.foundation.ids import new_id
from tutela.safeguarding.models import Report, Step

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R85", "R122")]


def take(browser: Client, number: UUID, **answers: Any) -> Any:
    """Write down a step, as the page does."""
    posted = {"entry_id": str(new_id()), "kind": "received", "done_on": today().isoformat()} | answers
    return browser.post(f"/oversight/reports/{number}/step", posted)


@pytest.fixture
def number(cast: Cast, told: Told, browse: Browse) -> UUID:
    """A report of the caseworker's, told to both focal points."""
    report(browse(cast.caseworker), a_case(cast), to=["focal_point", "second_focal_point"])
    return Report.objects.get().id


def test_a_report_is_received_passed_on_and_ended(told: Told, browse: Browse, number: UUID) -> None:
    theirs = browse(told.focal_point)
    assert take(theirs, number).status_code == 302
    assert take(theirs, number, kind="passed", to="The investigators", what="By courier").status_code == 302
    assert "What was told to you: 1 to see to" in page_of(theirs, "/oversight")
    assert take(theirs, number, kind="ended", what="He was dismissed").status_code == 302
    assert "What was told to you</a>" in page_of(theirs, "/oversight")
    page = page_of(theirs, f"/oversight/reports/{number}")
    for words in ("It was received and read", "The investigators", "By courier", "He was dismissed"):
        assert words in page
    assert b"dismissed" not in b"".join(bytes(one.sealed) for one in Step.objects.all())
    listed = page_of(theirs, "/oversight/reports")
    assert (
        listed.index("Nothing waits for you") < listed.index("Ended") < listed.index("Nothing is left to do")
    )


def test_the_page_of_a_step_says_which_report_and_speaks_of_no_risk(
    told: Told, browse: Browse, number: UUID
) -> None:
    page = page_of(browse(told.focal_point), f"/oversight/reports/{number}/step")
    assert Report.objects.get().reference in page and "Risk not set" not in page


def test_something_new_opens_it_again(told: Told, browse: Browse, number: UUID) -> None:
    theirs = browse(told.focal_point)
    take(theirs, number, kind="ended")
    take(theirs, number, kind="other", what="She wrote again")
    assert "What was told to you: 1 to see to" in page_of(theirs, "/oversight")


def test_whoever_told_it_sees_the_step_the_day_and_what_is_for_them(
    cast: Cast, told: Told, browse: Browse, number: UUID
) -> None:
    take(
        browse(told.focal_point), number, kind="passed", to="The investigators", what="He has four children",
        back="Somebody will ask her, if she still wishes",
    )  # fmt: skip
    page = page_of(browse(cast.caseworker), f"/safeguarding/{number}")
    assert "It was passed on" in page and "Somebody will ask her, if she still wishes" in page
    for kept in ("The investigators", "He has four children", "Who looked at it", "Write down what was done"):
        assert kept not in page
    assert "It was passed on" in page_of(browse(cast.caseworker), "/safeguarding")


def test_those_who_were_told_together_see_what_the_other_did(
    told: Told, browse: Browse, number: UUID
) -> None:
    take(browse(told.second), number, what="I called the office")
    page = page_of(browse(told.focal_point), f"/oversight/reports/{number}")
    assert "I called the office" in page and "Second focal point" in page


def test_who_was_told_sees_who_looked_at_it_and_which_focal_point_tried(
    cast: Cast, told: Told, browse: Browse
) -> None:
    report(browse(cast.caseworker), a_case(cast))
    number = Report.objects.get().id
    assert browse(told.second).get(f"/oversight/reports/{number}").status_code == 404
    page = page_of(browse(told.focal_point), f"/oversight/reports/{number}")
    looked = page[page.index("Who looked at it") :]
    for words in ("Was denied. What was tried: Read the report", "Second focal point", "Told a safeguarding"):
        assert words in looked


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"done_on": ""}, "On which day"),
        ({"kind": "passed"}, "To whom it was passed on"),
        ({"kind": "nonsense"}, "What was done"),
    ],
)
def test_what_is_missing_or_wrong_comes_back_with_a_sentence(
    told: Told, browse: Browse, number: UUID, answers: dict[str, str], says: str
) -> None:
    answer = take(browse(told.focal_point), number, **answers)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not Step.objects.exists()


@pytest.mark.parametrize(
    ("days", "says"), [(-1, "This is before it was told"), (1, "This day has not come yet")]
)
def test_a_step_is_of_a_day_since_it_was_told_and_not_of_one_to_come(
    told: Told, browse: Browse, number: UUID, days: int, says: str
) -> None:
    done_on = (today() + timedelta(days=days)).isoformat()
    answer = take(browse(told.focal_point), number, done_on=done_on)
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not Step.objects.exists()


def test_a_step_that_is_sent_twice_is_written_once(told: Told, browse: Browse, number: UUID) -> None:
    sheet = str(new_id())
    for _ in range(2):
        assert take(browse(told.focal_point), number, entry_id=sheet).status_code == 302
    assert Step.objects.count() == 1


def test_nobody_else_writes_a_step(cast: Cast, told: Told, browse: Browse, number: UUID) -> None:
    for who, status in (
        (cast.caseworker, 403),
        (cast.supervisor, 403),
        (told.manager, 403),
        (told.elsewhere, 404),
    ):
        assert take(browse(who), number).status_code == status
    assert not Step.objects.exists()
    assert AuditRow.objects.filter(act="safeguarding.report_read", allowed=False).count() == 4


def test_nothing_of_it_shows_while_somebody_is_beside(told: Told, browse: Browse, number: UUID) -> None:
    theirs = browse(told.focal_point)
    theirs.post("/beside-me")
    page = page_of(theirs, f"/oversight/reports/{number}")
    assert "Covered while someone is beside you" in page and "Qorvath" not in page and "behind" not in page


def test_the_file_is_closed_to_somebody_from_the_report(
    cast: Cast, told: Told, browse: Browse, number: UUID
) -> None:
    code = Report.objects.get().file.case.code  # type: ignore[union-attr]
    theirs = browse(told.focal_point)
    assert f'value="{code}"' in page_of(theirs, f"/oversight/close?report={number}")
    posted = {
        "entry_id": str(new_id()),
        "code": code,
        "to": "colleague",
        "why": "He is a friend of the driver",
    }
    assert theirs.post("/oversight/close", posted).status_code == 302


@pytest.mark.parametrize("asked", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_report_that_is_none_leads_nowhere(told: Told, browse: Browse, asked: str) -> None:
    theirs = browse(told.focal_point)
    assert theirs.get(f"/oversight/open?report={asked}").status_code == 404
    assert theirs.get(f"/oversight/close?report={asked}").status_code == 404
    assert browse(told.manager).get(f"/oversight/open?report={asked}").status_code == 404
