"""Closing on pages: what is looked at before, who agrees, what stands on a file on which a child has died, near eighteen."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from tests.cast import LEAST, START, Cast, a_case, a_closed_case, a_file, later, revision, submit, today
from tutela import commands
from tutela.access.models import Assignment, User
from tutela.cases.models import CaseFile
from tutela.closure.queries import answer_to, request_of
from tutela.foundation import clock
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Refused
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.covers("R52")
def test_nothing_is_agreed_to_in_bulk(cast: Cast, browse: Browse) -> None:
    """Neither by sending several answers at once, nor at any address by naming several files."""
    files = [a_case(cast), a_case(cast)]
    for file in files:
        submit("closure.request", by=cast.caseworker, file=file)
    several = [
        commands.Submission("closure.answer", file, LEAST["closure.answer"], new_id(), base=revision(file))
        for file in files
    ]
    with pytest.raises(Refused) as refused:
        commands.submit_together(several, by=cast.supervisor, at=START)
    assert [one.code for one in refused.value.unmet] == ["one_at_a_time"]
    client = browse(cast.supervisor)
    client.raise_request_exception = False
    version = form_in_force(
        "closure.answer", agency_id=CaseFile.objects.get(id=files[0]).agency_id, day=START.date()
    ).version
    named = {"file_id": files[0], "code": "closure.answer", "entry_id": new_id(), "match_id": 1}
    tried = 0
    for pattern in (one for one in get_resolver().url_patterns if isinstance(one, URLPattern)):
        asked = {name: value for name, value in named.items() if name in pattern.pattern.converters}
        if (
            set(pattern.pattern.converters) <= set(named)
            and pattern.name
            and not pattern.name.startswith("account")
        ):
            sent = {**LEAST["closure.answer"], "files": files, "file_id": files, "file": files, "entry_id": str(new_id()),
                    "version": version, "base": revision(files[0]), "happened_at": "2026-03-02T09:00"}  # fmt: skip
            client.post(reverse(pattern.name, kwargs=asked), sent)
            tried += 1
    answers = [answer_to(request) for request in map(request_of, files) if request]
    assert tried > 10 and len(answers) == 2
    assert (
        answers[0] is not None and answers[1] is None
    )  # the one address that agrees does so for the file in it


@pytest.mark.covers("R55")
def test_a_new_caseworker_reads_the_whole_history(cast: Cast, browse: Browse) -> None:
    file = a_closed_case(cast)
    submit("closure.reopening", by=cast.caseworker, file=file, at=later(100))
    Assignment.objects.filter(file_id=file, until=None).update(user=cast.colleague)
    story = page(browse(cast.colleague), f"/files/{file}/")
    assert all(
        words in story
        for words in ("Identification", "Registration", "Closing the case", "Reopening the case")
    )


@pytest.mark.covers("R83")
def test_before_asking_and_before_agreeing_the_page_says_what_the_file_lacks(
    cast: Cast, browse: Browse
) -> None:
    file, mine, his = a_case(cast), browse(cast.caseworker), browse(cast.supervisor)
    said = page(mine, f"/files/{file}/forms/closure.request")
    assert "Is the file complete?" in said
    lacking = said.partition("Not on the file")[2].partition("On the file")[0]
    assert "Plan" in lacking and "A review of the plan" in lacking and "Initial assessment" not in lacking
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("closure.request", by=cast.caseworker, file=file)
    lacking = (
        page(his, f"/files/{file}/forms/closure.answer")
        .partition("Not on the file")[2]
        .partition("On the file")[0]
    )
    assert "A review of the plan" in lacking and "<li>Plan</li>" not in lacking
    assert "A review of the plan" in page(his, "/team")


def test_the_list_of_what_files_lack_asks_the_database_no_more_for_more_of_them(
    cast: Cast, browse: Browse
) -> None:
    his = browse(cast.supervisor)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(his, "/team")
        return len(queries)

    for _ in range(2):
        submit("closure.request", by=cast.caseworker, file=a_case(cast))
    asked()
    few = asked()
    grown = a_file(cast, age="17")
    submit(
        "intake.registration",
        {"birth_date": seventeen_and_a_half().isoformat()},
        by=cast.caseworker,
        file=grown,
    )
    first = asked()
    for _ in range(3):
        file = a_file(cast, age="17")
        submit(
            "intake.registration",
            {"birth_date": seventeen_and_a_half().isoformat()},
            by=cast.caseworker,
            file=file,
        )
    assert asked() == first <= few + 6


# --- A child who has died ------------------------------------------------------------------------------------------


@pytest.mark.covers("R54")
def test_pages_of_a_child_who_has_died_hurry_nobody(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast, risk="high", at=clock.now()), browse(cast.caseworker)
    before = page(mine, f"/files/{file}/")
    assert "Note a contact" in before and "Start" in before and "High risk" in before
    submit("closure.death", {"told": "The aunt"}, by=cast.caseworker, file=file, at=clock.now())
    said = page(mine, f"/files/{file}/")
    assert "Has died" in said and "Risk not set yet" not in said
    assert (
        "This child has died. We are sorry." in said and "See to the safety of brothers and sisters" in said
    )
    for word in (
        "Start",
        "overdue",
        "Overdue",
        "late",
        "High risk",
        "urgent action",
        "Note a contact",
        "What is next",
    ):
        assert word not in said.partition("<main")[2], word
    assert "High risk" not in page(mine, "/cases") and "The child has died" in page(mine, "/cases")
    assert "Contact the child" not in page(mine, "/")


@pytest.mark.covers("R54")
def test_the_supervisor_finds_where_to_say_that_it_was_an_error(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    mine, his = browse(cast.caseworker), browse(cast.supervisor)
    assert "The child has died" in page(mine, f"/files/{file}/") and "written down in error" not in page(
        his, f"/files/{file}/"
    )
    submit("closure.death", by=cast.caseworker, file=file)
    assert "closure.death_in_error" in page(his, f"/files/{file}/")
    assert "closure.death_in_error" not in page(mine, f"/files/{file}/")


def test_while_somebody_is_beside_nothing_of_a_death_is_told(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    submit(
        "closure.death", {"circumstances": "At the kiln", "told": "The aunt"}, by=cast.caseworker, file=file
    )
    mine.post("/beside-me")
    said = page(mine, f"/files/{file}/")
    assert "kiln" not in said and "The aunt" not in said


@pytest.mark.covers("R52", "R54")
def test_the_team_page_says_what_the_supervisor_sees_to_after_the_end(cast: Cast, browse: Browse) -> None:
    closed, died, again = a_closed_case(cast), a_case(cast), a_closed_case(cast)
    submit("closure.death", by=cast.caseworker, file=died)
    submit("closure.reopening", by=cast.caseworker, file=again)
    his = browse(cast.supervisor)
    own = page(his, "/team").partition("For you to see to")[2].partition("</section>")[0]
    assert f"/files/{closed}/forms/closure.feedback_asked" in own
    assert f"/files/{died}/forms/closure.staff_support" in own and str(again) not in own
    submit("closure.feedback_asked", by=cast.supervisor, file=closed)
    submit("closure.staff_support", by=cast.supervisor, file=died)
    assert "For you to see to" not in page(his, "/team")


# --- Near eighteen ---------------------------------------------------------------------------------------------------


def seventeen_and_a_half() -> date:
    """Born so that it is time today, wherever the test runs."""
    return clock.months_after(today(), -211)


@pytest.mark.covers("R58")
def test_near_eighteen_stands_on_both_lists_until_somebody_looked_ahead(cast: Cast, browse: Browse) -> None:
    now = clock.now()
    file, other = (a_file(cast, at=now) for _ in range(2))
    submit(
        "intake.registration",
        {"birth_date": seventeen_and_a_half().isoformat()},
        by=cast.caseworker,
        file=file,
        at=now,
    )
    submit("intake.registration", {"birth_date": "2015-01-01"}, by=cast.caseworker, file=other, at=now)
    words, mine, his = "Near eighteen: look ahead together", browse(cast.caseworker), browse(cast.supervisor)
    for client, address in ((mine, "/"), (his, "/team")):
        near = page(client, address).partition(words)[2].partition("</section>")[0]
        assert f"/files/{file}/" in near and f"/files/{other}/" not in near
    assert "Look ahead to eighteen together" in page(mine, f"/files/{file}/")
    submit("closure.approaching_eighteen", by=cast.caseworker, file=file, at=now)
    assert words not in page(mine, "/") + page(his, "/team")
    assert "Looking ahead to eighteen" in page(mine, f"/files/{file}/")
