"""Intake as a caseworker and a supervisor see it (R1, R2, R3, R4, R29)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.cast import Cast, a_file, submit, today
from tests.words import plain_words
from tutela.access.models import User
from tutela.cases.models import Entry
from tutela.commands import reduce_files
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def page(client: Client, address: str = "/intake") -> str:
    return client.get(address).content.decode()


def order(shown: str, files: dict[str, UUID]) -> list[str]:
    """The names of `files` as their links follow each other on the page."""
    places = {name: shown.find(f'<a href="/files/{file}/">') for name, file in files.items()}
    return sorted((name for name in files if places[name] >= 0), key=lambda name: places[name])


@pytest.mark.covers("R1")
def test_every_field_of_an_identification_is_kept_before_there_is_a_case(cast: Cast, browse: Browse) -> None:
    told = {
        "source": "police", "referrer": "Desk officer", "place": "By the bridge", "triage": "medium",
        "triage_why": "Fed and warm", "reported": "Alone since Monday",
    }  # fmt: skip
    file = submit("intake.identification", told, by=cast.caseworker, at=now()).file_id
    shown = page(browse(cast.caseworker))
    assert "Priority: Medium" in shown and "Fed and warm" in shown and "The police" in shown
    assert "Medium risk" not in shown
    assert "Risk not set yet" in page(browse(cast.caseworker), f"/files/{file}/")


@pytest.mark.covers("R1", "R29")
def test_the_most_urgent_stands_first_and_not_known_runs_the_high_clock(cast: Cast, browse: Browse) -> None:
    at = now()
    files = {
        "low": a_file(cast, triage="low", at=at),
        "medium, for two days": a_file(cast, triage="medium", at=at - timedelta(days=2)),
        "medium": a_file(cast, triage="medium", at=at),
        "not known": a_file(cast, triage="not_known", at=at),
        "baby alone": a_file(cast, triage="low", age="0", with_whom="alone", at=at + timedelta(seconds=-1)),
        "high": a_file(cast, triage="high", at=at - timedelta(hours=5)),
    }
    shown = page(browse(cast.caseworker))
    assert order(shown, files) == ["high", "baby alone", "not known", "medium, for two days", "medium", "low"]
    assert "Urgent: a very young child who may be separated" in shown


def test_each_line_says_how_far_screening_is_and_what_can_be_done(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, at=now())
    mine = browse(cast.caseworker)
    assert "Not screened yet" in page(mine)
    submit("intake.screening", by=cast.caseworker, file=file, at=now())
    assert "Screened by Caseworker: Case management" in page(mine)
    for form in ("intake.screening", "intake.registration"):
        assert f'href="/files/{file}/forms/{form}"' in page(mine)
    supervisors = page(browse(cast.supervisor))
    assert f'href="/files/{file}/"' in supervisors and "Caseworker" in supervisors
    assert f'href="/files/{file}/forms/intake.screening"' not in supervisors


@pytest.mark.covers("R4")
def test_who_is_helped_otherwise_leaves_the_list_and_stands_folded_below(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, at=now())
    submit("intake.screening", {"outcome": "information_given"}, by=cast.caseworker, file=file, at=now())
    shown = page(browse(cast.caseworker))
    assert "Nobody is waiting" in shown
    folded = re.search(r'<details class="more.*?</details>', shown, flags=re.S)
    assert folded and f"/files/{file}/" in folded[0] and "Information about services" in folded[0]
    assert "Reduced to day, source and outcome" in folded[0]
    assert f"/files/{file}/" not in page(browse(cast.caseworker), "/")


@pytest.mark.covers("R4")
def test_a_supervisor_sees_counts_by_source_and_no_names(cast: Cast, browse: Browse) -> None:
    long_ago = now() - timedelta(days=60)
    for name in ("Xoltan", "Xolveig"):
        file = a_file(cast, name=name, source="police", at=long_ago)
        submit(
            "intake.screening", {"outcome": "information_given"}, by=cast.caseworker, file=file, at=long_ago
        )
        if name == "Xoltan":
            reduce_files(at=now())
    shown = page(browse(cast.supervisor))
    (table,) = re.findall(r"<table.*?</table>", shown, flags=re.S)
    assert re.findall(r"<span>(\d+)</span>", table) == ["2", "2"] and "The police" in table
    assert "Xol" not in plain_words(shown)
    assert "<table" not in page(browse(cast.caseworker)) + page(browse(cast.other_supervisor))


def test_the_page_asks_the_database_no_more_for_many_children(
    cast: Cast, browse: Browse, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            file = a_file(cast, at=now())
            submit("intake.screening", by=cast.caseworker, file=file, at=now())
            submit("consent.consent", by=cast.caseworker, file=file, at=now())

    mine = browse(cast.both)  # works in the team and supervises it
    more(2)
    page(mine)
    with django_assert_max_num_queries(60) as few:
        page(mine)
    more(6)
    with django_assert_max_num_queries(len(few)):
        page(mine)


def test_while_somebody_is_beside_neither_priority_nor_reason_shows(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, triage="high", triage_why="Beaten", age="0", with_whom="alone", at=now())
    submit("intake.screening", {"threats": ["physical_violence"]}, by=cast.caseworker, file=file, at=now())
    mine = browse(cast.caseworker)
    words = ("Beaten", "Priority: High")
    assert all(word in page(mine) for word in words)
    mine.post("/beside-me")
    covered = page(mine)
    assert not any(word in covered for word in (*words, "Urgent"))


def look(client: Client, file: UUID, **answers: Any) -> str:
    posted = {
        "entry_id": str(new_id()),
        "base": "1",
        "happened_at": "2026-03-02T09:00",
        "look": "yes",
        **answers,
    }
    return client.post(f"/files/{file}/forms/intake.screening", posted).content.decode()


@pytest.mark.covers("R3")
def test_the_criteria_stand_beside_what_was_ticked_and_nothing_is_sent(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, age="9")
    mine = browse(cast.caseworker)
    shown = look(
        mine, file, threats=["neglect"], vulnerabilities=["very_young", "stateless"], at_risk_why="Thin"
    )
    (table,) = re.findall(r"<table.*?</table>", shown, flags=re.S)
    assert table.count("<tr") == 3 and "Case management is meant for this" in table
    assert "Our criteria say nothing about: Stateless" in shown
    assert "By the age on file this is a child." in shown
    assert 'value="Thin"' in shown and re.search(r'value="very_young"[^>]*checked', shown)
    assert not Entry.objects.filter(form_code="intake.screening").exists()


@pytest.mark.covers("R3")
def test_no_number_is_made_of_what_was_ticked(cast: Cast, browse: Browse) -> None:
    shown = look(browse(cast.caseworker), a_file(cast), threats=["neglect", "exploitation"])
    (table,) = re.findall(r"<table.*?</table>", shown, flags=re.S)
    assert not re.search(r"\d", re.sub(r"<[^>]*>", "", table))
    assert not re.search(r'name="outcome"[^>]*checked', shown)


@pytest.mark.covers("R5")
def test_formal_care_and_reintegration_are_always_covered(cast: Cast, browse: Browse) -> None:
    for reason in ("formal_alternative_care", "reintegration"):
        shown = look(browse(cast.caseworker), a_file(cast), triggers=[reason], exclusions=["low_risk"])
        (table,) = re.findall(r"<table.*?</table>", shown, flags=re.S)
        assert "Always covered" in table and "Other help is often enough" in table


@pytest.mark.covers("R2", "R129")
def test_in_doubt_the_page_says_that_it_is_a_child(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, age=None)
    mine = browse(cast.caseworker)
    assert "In doubt, the person is a child" in look(mine, file)
    submit("intake.age", {"age": "16", "oldest": "20"}, by=cast.caseworker, file=file)
    assert "in doubt, a child" in look(mine, file)
    assert "18 to 21, and the main carer of a child" in look(mine, file)


@pytest.mark.covers("R3")
def test_the_criteria_can_be_read_as_a_whole_with_their_next_review(cast: Cast, browse: Browse) -> None:
    shown = page(browse(cast.supervisor), "/intake/criteria")
    assert "Nobody gives you enough food, care or a place to sleep" in shown
    assert "Last verified:" in shown and "To be reviewed by:" in shown
    assert "S2 §2.1.1.d" in shown


@pytest.mark.covers("R8", "R16")
def test_where_a_range_crosses_bands_both_show_and_maturity_is_asked_for(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    submit("intake.registration", {"age": "10", "oldest": "13"}, by=cast.caseworker, file=file, at=now())
    shown = page(browse(cast.caseworker), f"/files/{file}/consent")
    assert "Aged 6–11" in shown and "Aged 12–14" in shown
    assert "10 to 13 years" in shown and "what the child understands" in shown


def test_an_age_that_is_sure_shows_one_band_and_asks_for_nothing_more(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    born = f"{today().year - 10}-01-01"
    submit("intake.registration", {"birth_date": born}, by=cast.caseworker, file=file, at=now())
    shown = page(browse(cast.caseworker), f"/files/{file}/consent")
    assert shown.count("Aged ") == 1 and "The age is not sure" not in shown


@pytest.mark.covers("R16")
def test_a_date_in_another_calendar_stands_as_told_beside_the_gregorian_day(
    cast: Cast, browse: Browse
) -> None:
    file = a_file(cast)
    told = {"age": None, "birth_calendar": "ethiopian", "birth_told": "2007-10-30", "estimated": "yes"}
    submit("intake.age", told, by=cast.caseworker, file=file, at=now())
    shown = page(browse(cast.caseworker), f"/files/{file}/consent")
    assert "7 Jul 2015" in shown
    assert "Told as “2007-10-30”, in the Ethiopian calendar. It is a guess." in shown
