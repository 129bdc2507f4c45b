"""The pages Assessment and Plan, and what goes on paper (R20, R22–R24, R30, R35–R37, R75, R124)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast, a_case, later, submit
from tests.pages.rendering import parsed
from tests.working_by import assessments_are_seen
from tutela.access.models import User
from tutela.cases.queries import case_of
from tutela.foundation.ids import new_id
from tutela.planning.queries import plan_copy_of

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def words(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(parsed(response.content.decode()).text.split())


def assess(cast: Cast, file: UUID, **answers: Any) -> None:
    submit("assessment.comprehensive", {"finished": "no", **answers}, by=cast.caseworker, file=file)


FACTORS = {
    "threats": ["exploitation"], "vulnerabilities": ["out_of_school", "basic_needs_unmet"], "barriers": ["cost"],
    "protective_factors": ["caring_adult"],
    "incidents": [{"what": "hazardous_labour", "place": "workplace", "suspected_who": "employer"}],
}  # fmt: skip


@pytest.mark.covers("R22")
def test_threats_vulnerabilities_and_protection_stand_side_by_side_without_a_number(
    cast: Cast, browse: Browse
) -> None:
    file = a_case(cast)
    assess(cast, file, **FACTORS)
    told = words(browse(cast.caseworker), f"/files/{file}/assessment")
    shown = ("What endangers", "Exploitation", "Dangerous work · At work · An employer", "What makes more vulnerable",
             "The household", "Cost", "What protects", "An adult who cares")  # fmt: skip
    places = [told.index(one) for one in shown]
    assert places == sorted(places)
    assert "core" not in told and "points" not in told and "total" not in told.lower()


@pytest.mark.covers("R22", "R86")
def test_what_is_confidential_stays_closed_to_the_supervisor(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    assess(cast, file, **FACTORS)
    told = words(browse(cast.supervisor), f"/files/{file}/assessment")
    assert "Exploitation" in told
    assert "An employer" not in told and "Dangerous work" not in told


@pytest.mark.covers("R20", "R126")
def test_which_parts_of_life_are_still_open_is_said(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    domains = [
        {"domain": "education", "told": "In class four", "strengths": "Likes numbers"},
        {"domain": "health", "no_answer": "not_asked"}, {"domain": "work", "no_answer": "did_not_wish"},
    ]  # fmt: skip
    assess(cast, file, domains=domains)
    explored, _, still_open = (
        words(browse(cast.caseworker), f"/files/{file}/assessment")
        .partition("Parts of the child")[2]
        .partition("Not yet explored")
    )
    assert "In class four" in explored and "Likes numbers" in explored and "Work" in explored
    assert "Physical health" in still_open and "Household" in still_open and "Education" not in still_open


@pytest.mark.covers("R23")
def test_every_level_stands_there_with_who_when_and_why(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, risk="low")
    submit("assessment.risk", {"risk_reason": "Beaten again"}, by=cast.caseworker, file=file, at=later(1))
    wish = {"risk_level": "medium", "risk_reason": "The aunt took him in"}
    submit("assessment.risk", wish, by=cast.caseworker, file=file, at=later(2))
    client = browse(cast.caseworker)
    assert "A lower level is asked for: Medium" in words(client, f"/files/{file}/assessment")
    submit("assessment.risk_agreement", by=cast.supervisor, file=file, at=later(3))
    told = words(client, f"/files/{file}/assessment").partition("Every level, and why")[2]
    for part in ("Medium risk", "Supervisor", "asked for by Caseworker", "The aunt took him in", "High risk", "Beaten again",
                 "Low risk", "Heavy work, fed at home"):  # fmt: skip
        assert part in told
    assert told.index("Medium risk") < told.index("High risk") < told.index("Low risk")


@pytest.mark.covers("R24", "R75")
def test_needs_and_how_to_work_with_the_child_are_there_before_any_service(
    cast: Cast, browse: Browse
) -> None:
    file = a_case(cast)
    assess(
        cast, file, needs=[{"text": "A quiet place", "state": "urgent"}, {"text": "Shoes", "state": "met"}]
    )
    told = {"about": ["functioning"], "hearing": "a_lot", "extra_time": "yes", "venue": "Close to her home"}
    submit("assessment.circumstances", told, by=cast.caseworker, file=file)
    shown = words(browse(cast.caseworker), f"/files/{file}/assessment")
    assert "A quiet place Urgent" in shown and "Shoes Met" in shown
    assert "A lot of difficulty" in shown and "Close to her home" in shown


@pytest.mark.covers("R125")
def test_while_somebody_is_beside_nothing_of_assessment_or_safety_plan_shows(
    cast: Cast, browse: Browse
) -> None:
    file = a_case(cast, risk="high")
    assess(
        cast,
        file,
        needs=[{"text": "A quiet place"}],
        domains=[{"domain": "care", "told": "Nobody cooks"}],
        **FACTORS,
    )
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("planning.safety_plan", by=cast.caseworker, file=file)
    client, pages = browse(cast.caseworker), [f"/files/{file}/{tab}" for tab in ("assessment", "plan")]
    told = (
        "Exploitation",
        "An employer",
        "A quiet place",
        "Nobody cooks",
        "High risk",
        "Heavy work",
        "My aunt",
    )
    before = "".join(words(client, address) for address in pages)
    assert all(one in before for one in told)
    client.post("/beside-me")
    covered = "".join(words(client, address) for address in pages)
    assert [one for one in told if one in covered] == []


def test_the_pages_ask_no_more_of_the_database_for_more_rows(cast: Cast, browse: Browse) -> None:
    client, counts = browse(cast.caseworker), []
    for rows in (
        1,
        1,
        6,
    ):  # the first time, what is kept in memory is asked too: the pack, forms, that somebody is there
        file = a_case(cast)
        assess(cast, file, needs=[{"text": f"Need {n}"} for n in range(rows)])
        for _ in range(rows):
            submit("planning.meeting", by=cast.caseworker, file=file)
            many = [{"text": f"Objective {n}"} for n in range(rows)]
            submit("planning.plan", {"objectives": many}, by=cast.caseworker, file=file)
        for tab in ("assessment", "plan"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                words(client, f"/files/{file}/{tab}")
            counts.append(len(queries))
    assert counts[2:4] == counts[4:]


@pytest.mark.covers("R37", "R125")
def test_the_word_of_the_supervisor_is_on_the_page_and_the_evidence_on_the_team_page(
    cast: Cast, browse: Browse
) -> None:
    assessments_are_seen()
    file, client = a_case(cast), browse(cast.caseworker)
    submit("assessment.comprehensive", {"child_view": "I like the goats"}, by=cast.caseworker, file=file)
    here = f"/files/{file}/assessment"
    assert "Your supervisor is asked for a word. The work goes on." in words(client, here)
    team = words(browse(cast.supervisor), "/team")
    assert "An assessment" in team and "I like the goats" in team
    form = words(browse(cast.supervisor), f"/files/{file}/forms/assessment.assessment_answer")
    assert "What to talk over, or what you saw in it" in form
    submit(
        "assessment.assessment_answer",
        {"agreed": "no", "note": "Who cooks for him?"},
        by=cast.supervisor,
        file=file,
    )
    told = "Your supervisor wants to talk it over with you. Who cooks for him?"
    assert told in words(client, here)
    assert "Who cooks for him?" in words(client, f"/files/{file}/")
    client.post("/beside-me")
    assert "Who cooks for him?" not in words(client, here)


# --- The plan ------------------------------------------------------------------------------------------------


@pytest.mark.covers("R30")
def test_after_saving_and_on_the_page_a_coach_asks_and_nothing_is_blocked(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    page = client.get(f"/files/{file}/forms/planning.plan").content.decode()
    sent = {
        "entry_id": str(new_id()), "version": page.partition('name="version" value="')[2][:64], "base": "3",
        "happened_at": "2026-03-03T09:00", "happened_precision": "exact", "objectives.0.text": "Back in class",
    }  # fmt: skip
    saved = client.post(f"/files/{file}/forms/planning.plan", sent, follow=True)
    assert "One part of the plan could be clearer" in saved.content.decode()
    told = words(client, f"/files/{file}/plan")
    assert "How will you see that it is reached?" in told and "Which need does it answer?" in told


@pytest.mark.covers("R24", "R37")
def test_versions_can_be_read_and_compared_and_needs_without_an_objective_stand_out(
    cast: Cast, browse: Browse
) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    assess(cast, file, needs=[{"text": "Shoes", "state": "unmet"}, {"text": "School", "state": "unmet"}])
    submit("planning.plan", {"actions": [{"what": "Buy shoes"}]}, by=cast.caseworker, file=file)
    newer = {"objectives": [{"text": "In class", "need": "school"}], "actions": [{"what": "Buy a uniform"}]}
    submit("planning.plan", newer, by=cast.caseworker, file=file, at=later(3))
    told = words(client, f"/files/{file}/plan")
    assert "Buy shoes" not in told and "Version 1" in told and "Version 2" in told
    assert "Shoes" in told.partition("Needs that no objective names")[2].partition("About this plan")[0]
    compared = words(client, f"/files/{file}/plan?compare=1")
    assert "Before Buy shoes Now Buy a uniform" in compared
    for nonsense in ("0", "2", "3", "x", "9" * 30, "-1"):
        assert "Before" not in words(client, f"/files/{file}/plan?compare={nonsense}")


@pytest.mark.covers("R34", "R36", "R84")
def test_meeting_safety_plan_costs_and_the_word_of_the_supervisor_are_on_the_page(
    cast: Cast, browse: Browse
) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    costly = {"what": "Two days to the clinic", "costs": ["transport"], "cost": "90", "objective": "1"}
    submit("planning.plan", {"actions": [costly]}, by=cast.caseworker, file=file)
    submit("planning.safety_plan", by=cast.caseworker, file=file)
    meeting = {"who": ["mother", "caseworker"], "child_absent": "too_young"}
    submit("planning.meeting", meeting, by=cast.caseworker, file=file)
    told = words(client, f"/files/{file}/plan")
    assert "Transport 90" in told and "Your supervisor is asked; the work goes on." in told
    assert "My aunt" in told and "The child was not there: Too young" in told
    assert "Two days to the clinic" in words(browse(cast.supervisor), "/team")
    submit("planning.plan_answer", {"note": "Take the bus"}, by=cast.supervisor, file=file)
    assert "Your supervisor agrees. Take the bus" in words(client, f"/files/{file}/plan")


# --- On paper ------------------------------------------------------------------------------------------------

PLAN = {
    "objectives": [{"text": "Tomas sleeps without fear", "child_words": "I sleep well"}, {"text": "Otieno stays away"}],
    "actions": [
        {"what": "Walk with Grace to school", "who": "child", "due_on": "2026-03-06"},
        {"what": "Tell the police about OTIENO", "who": "caseworker"}, {"what": "Buy shoes", "status": "completed"},
    ],
    "also": ["armed_group"], "re_recruitment": "The commander asks for him", "monitoring": "Fridays, with Lantern",
}  # fmt: skip


def a_plan(cast: Cast) -> UUID:
    file = a_case(cast, risk="high")
    submit("cases.person", by=cast.caseworker, file=file)
    father = {"name": "Otieno Odhiambo", "relationship": "father", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", father, by=cast.caseworker, file=file)
    assess(cast, file, suspected="The father", threats=["physical_violence"])
    submit("planning.plan", PLAN, by=cast.caseworker, file=file)
    return file


def ask(client: Client, file: UUID, **answers: str) -> Any:
    return client.post(f"/files/{file}/plan/copy", {"entry_id": str(new_id()), **answers})


NEVER = (
    "Tomas",
    "Grace",
    "Otieno",
    "OTIENO",
    "Odhiambo",
    "Lantern",
    "iolence",
    "father",
    "commander",
    "risk",
    "Tutela",
)


@pytest.mark.covers("R35", "R124")
def test_first_the_question_then_a_plain_copy_without_names_threats_or_the_person_suspected(
    cast: Cast, browse: Browse
) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    assert client.get(f"/files/{file}/plan/copy/paper").status_code == 302  # nobody was asked yet
    assert "Is it safe for the child to take this home?" in words(client, f"/files/{file}/plan/copy")
    answered = ask(client, file, answer="safe", given_on="2026-03-02")
    assert answered.headers["Location"] == f"/files/{file}/plan/copy/paper"
    page = client.get(answered.headers["Location"]).content.decode()
    told = " ".join(parsed(page).text.split())
    assert "My plan" in told and "I sleep well" in told and "Walk with … to school I do this." in told
    assert "Buy shoes" not in told  # it is done
    case = case_of(file)
    assert (
        case and [one for one in (*NEVER, case.code) if one in told.partition("not on this paper.")[2]] == []
    )
    assert "2 lines name somebody who is suspected of harm" in told
    assert "<title>My plan</title>" in page and "<title>Notes" not in page
    kept = plan_copy_of(file)
    assert kept and kept.contents["given_on"] == "2026-03-02"


@pytest.mark.covers("R35")
def test_where_home_is_not_safe_the_paper_says_only_what_anybody_may_read(cast: Cast, browse: Browse) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    answered = ask(client, file, answer="neutral", words="Football at four")
    page = client.get(answered.headers["Location"]).content.decode()
    paper = " ".join(parsed(page).text.split()).partition("nothing about what happened.")[2]
    assert "Football at four" in paper and "Something I do" in paper
    assert [one for one in (*NEVER, "sleep", "Walk", "police", "plan") if one in paper] == []
    assert "<title>Notes</title>" in page


@pytest.mark.covers("R35")
def test_kept_at_the_office_means_that_nothing_is_printed(cast: Cast, browse: Browse) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    assert ask(client, file, answer="kept_here").headers["Location"] == f"/files/{file}/plan"
    assert client.get(f"/files/{file}/plan/copy/paper").status_code == 302
    assert "We keep it at the office" in words(client, f"/files/{file}/plan")


@pytest.mark.covers("R35")
def test_another_version_of_the_plan_is_asked_about_anew(cast: Cast, browse: Browse) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    ask(client, file, answer="safe")
    submit("planning.plan", PLAN, by=cast.caseworker, file=file, at=later(200) + timedelta(days=400))
    assert client.get(f"/files/{file}/plan/copy/paper").status_code == 302


def test_without_an_answer_nothing_is_written_and_the_question_stays(cast: Cast, browse: Browse) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    for wrong in ({}, {"answer": "perhaps"}, {"answer": "neutral", "words": "With Tomas"}):
        response = ask(client, file, **wrong)
        assert response.status_code == 422
        assert "Is it safe for the child to take this home?" in response.content.decode()
    assert plan_copy_of(file) is None


@pytest.mark.covers("R124")
def test_the_plan_for_the_file_is_printed_under_its_code_and_names_nobody(cast: Cast, browse: Browse) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    told = words(client, f"/files/{file}/plan/print")
    case = case_of(file)
    assert case and case.code in told
    assert "… sleeps without fear" in told and "Tell the police about …" in told
    assert [
        one for one in ("Tomas", "Grace", "Otieno", "OTIENO", "Lantern", "commander") if one in told
    ] == []


@pytest.mark.covers("R124")
def test_where_somebody_is_described_and_not_named_the_plan_stays_readable(
    cast: Cast, browse: Browse
) -> None:
    file, client = a_plan(cast), browse(cast.caseworker)
    submit("cases.person", {"name": "The woman at the gate, and Zawadi"}, by=cast.caseworker, file=file)
    assert "Tell the police about …" in words(client, f"/files/{file}/plan/print")
