"""The consent tab and its forms: what stands and why, what a withdrawal stops, what waits for whom (R7–R13, R76, R77, R117)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.cast import Cast, a_case, a_file, people_apart, submit, today
from tutela.access.models import User
from tutela.cases.queries import people_around
from tutela.consent.queries import standing, unanswered
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.pages.fragment import control_id
from tutela.protocols.packs import load
from tutela.web.file_consent import laws_view

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
SHARE = "share_for_services"


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def consent(client: Client, file: UUID) -> str:
    return page(client, f"/files/{file}/consent")


def post(client: Client, file: UUID, code: str, query: str = "", **answers: Any) -> Any:
    told = {
        "entry_id": str(new_id()),
        "happened_at": f"{today()}T00:00",
        "happened_precision": "day",
        "base": "0",
    }
    return client.post(f"/files/{file}/forms/{code}{query}", told | answers)


def a_mother(cast: Cast, file: UUID, **answers: Any) -> UUID:
    submit("cases.person", answers, by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


def agrees(cast: Cast, file: UUID, about: UUID | None = None, **answers: Any) -> None:
    submit("consent.consent", {"agreed": [SHARE], **answers}, by=cast.caseworker, file=file, about=about)


@pytest.mark.covers("R8")
def test_a_childs_no_stands_beside_the_mothers_yes_and_says_why(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, age="9")
    agrees(cast, file, agreed=["participation"], refused=[SHARE])
    agrees(cast, file, a_mother(cast, file))
    shown = consent(browse(cast.caseworker), file)
    assert "The child says no. No adult’s yes changes that." in shown
    assert "Did not agree" in shown and "<bdi>Grace</bdi></b>: Agreed" in shown


@pytest.mark.covers("R8", "R16")
def test_a_rough_age_shows_both_ages_it_may_be_in(cast: Cast, browse: Browse) -> None:
    told = now() - timedelta(days=200)  # eleven then: eleven or twelve by now
    shown = consent(browse(cast.caseworker), a_file(cast, at=told, age="11"))
    assert "Aged 6–11" in shown and "Aged 12–14" in shown


@pytest.mark.covers("R13")
def test_who_withdraws_sees_at_once_what_stops_and_what_does_not(cast: Cast, browse: Browse) -> None:
    file, mine = a_file(cast, age="9"), browse(cast.caseworker)
    mother = a_mother(cast, file)
    agrees(cast, file)
    agrees(cast, file, mother, agreed=[SHARE, "participation"])
    submit("consent.urgent_action", by=cast.caseworker, file=file, at=now())
    withdraw = f"/files/{file}/forms/consent.withdrawal?about={mother}"
    assert withdraw in consent(mine, file)
    sent = post(mine, file, "consent.withdrawal", f"?about={mother}", purposes=[SHARE])
    assert sent.headers["Location"] == f"/files/{file}/consent"
    shown = consent(mine, file)
    assert "Consent was withdrawn" in shown
    assert "It stops new: Sharing information to get services." in shown
    assert "What is shared on another basis goes on: Life or health is in danger." in shown
    assert "Decide with the child about each service under way" in page(mine, f"/files/{file}/")


@pytest.mark.covers("R13")
def test_what_rests_on_the_childs_own_consent_goes_on_in_words(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, age="16")
    mother = a_mother(cast, file)
    agrees(cast, file)
    agrees(cast, file, mother)
    submit("consent.withdrawal", {"purposes": [SHARE]}, by=cast.caseworker, file=file, about=mother)
    shown = consent(browse(cast.caseworker), file)
    assert "Sharing information to get services: it goes on. It rests on: The child." in shown
    assert "It stops new" not in shown


@pytest.mark.covers("R13")
@pytest.mark.parametrize("code", ["planning.plan", "follow_up.review", "closure.transfer"])
def test_before_a_key_decision_stands_who_agreed_and_when(cast: Cast, browse: Browse, code: str) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    address = f"/files/{file}/forms/{code}"
    assert "Nobody has been asked about taking part yet." in page(mine, address)
    submit("consent.consent", by=cast.caseworker, file=file)
    said = page(mine, address)
    assert "Do they still agree?" in said and "The child: " in said and "Nobody has been asked" not in said


@pytest.mark.covers("R7")
def test_one_purpose_under_both_comes_back_with_a_sentence_at_the_question(
    cast: Cast, browse: Browse
) -> None:
    file = a_file(cast)
    sent = post(
        browse(cast.caseworker),
        file,
        "consent.consent",
        agreed=["tracing"],
        refused=["tracing"],
        form="spoken",
    )
    assert sent.status_code == 422
    assert f'id="{control_id("refused")}-problem"' in sent.content.decode()
    assert "A purpose stands under both." in sent.content.decode()
    assert standing(file) == {}


def test_a_page_for_one_person_says_whose_answer_it_is(cast: Cast, browse: Browse) -> None:
    file, mine = a_file(cast), browse(cast.caseworker)
    mother = a_mother(cast, file)
    assert "The child</b>" in page(mine, f"/files/{file}/forms/consent.consent")
    assert "Grace · Mother</b>" in page(mine, f"/files/{file}/forms/consent.consent?about={mother}")


@pytest.mark.covers("R117")
def test_a_relative_who_interpreted_is_flagged_in_words(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    submit("consent.explanation", {"interpreter_who": "relative"}, by=cast.caseworker, file=file)
    agrees(cast, file, interpreter_who="child")
    shown = consent(browse(cast.caseworker), file)
    assert "A relative interpreted. Ask again with an interpreter whom the child chooses." in shown
    assert "Another child interpreted. Ask again" in shown


@pytest.mark.covers("R9", "R12", "R119")
def test_how_each_answered_stands_person_by_person(cast: Cast, browse: Browse) -> None:
    file = a_file(cast, age="9")
    agrees(
        cast, file, form="thumbprint", original="Locked cupboard", recipients_excluded=["family"],
        excluded_why="fear_of_harm",
    )  # fmt: skip
    office = a_mother(cast, file, name="Welfare office", relationship="other")
    agrees(cast, file, office, third_party="government", third_party_why="unavailable")
    mother = a_mother(cast, file)
    submit("consent.not_asked", {"why": "At sea"}, by=cast.caseworker, file=file, about=mother)
    shown = consent(browse(cast.caseworker), file)
    for words in (
        "Thumbprint", "Locked cupboard", "Family (Fear of harm)", "Cannot be reached: At sea",
        "A government office: No parent or caregiver can be reached",
    ):  # fmt: skip
        assert words in shown


@pytest.mark.covers("R11")
def test_a_supervisor_finds_the_button_and_acts_at_once(cast: Cast, browse: Browse) -> None:
    file, theirs = a_file(cast), browse(cast.supervisor)
    assert f"/files/{file}/forms/consent.urgent_action" in page(theirs, f"/files/{file}/")
    assert theirs.get(f"/files/{file}/forms/consent.urgent_action").status_code == 200
    sent = post(
        theirs, file, "consent.urgent_action", what="Called", basis="vital_interests", reason="Bleeding"
    )
    assert sent.status_code == 302 and len(unanswered(file)) == 1
    assert f"/files/{file}/forms/consent.consent" not in page(theirs, f"/files/{file}/consent")


@pytest.mark.covers("R8", "R11", "R13")
def test_what_must_not_be_decided_alone_waits_on_the_team_page(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, risk="high")
    people_apart(cast, file)
    submit("consent.withdrawal", by=cast.caseworker, file=file)
    submit("consent.consent", by=cast.caseworker, file=file)
    submit("consent.override", by=cast.caseworker, file=file)
    shown = page(browse(cast.supervisor), "/team")
    for form in ("consent.consultation", "consent.withdrawal_decision", "consent.override_answer"):
        assert f"/files/{file}/forms/{form}" in shown


@pytest.mark.covers("R8")
def test_who_answers_sees_what_each_said_and_no_name(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    people_apart(cast, file)
    shown = page(browse(cast.supervisor), f"/files/{file}/forms/consent.consultation")
    assert "The child: Agreed" in shown and "Mother: Did not agree" in shown
    assert "Grace" not in shown


@pytest.mark.covers("R11")
def test_an_override_says_that_it_does_not_count_before_the_answer(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    submit("consent.override", by=cast.caseworker, file=file)
    assert "It does not count before." in consent(browse(cast.caseworker), file)
    submit("consent.override_answer", {"advice": "Tell him first"}, by=cast.supervisor, file=file)
    shown = consent(browse(cast.caseworker), file)
    assert "The supervisor agreed." in shown and "Tell him first" in shown


@pytest.mark.covers("R76")
def test_what_the_law_asks_stands_where_the_decision_is_made(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    for address in (f"/files/{file}/forms/consent.mandatory_report", f"/files/{file}/consent"):
        shown = page(mine, address)
        for words in (
            "Children Act of the River Country",
            "Within three days",
            "district child welfare officer",
            "A fine",
        ):
            assert words in shown
        assert "Wed 30 Jun 2027" in shown


@pytest.mark.covers("R76")
def test_a_law_that_was_to_be_looked_at_again_says_so(cast: Cast) -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC).date()
    laws = laws_view(load("demonstration"), day)
    assert [one["is_late"] for one in laws["laws"]] == [False, True]
    assert "Ask your supervisor whether it still holds." in render_to_string(
        "pages/reporting_laws.html", laws
    )


@pytest.mark.covers("R76")
def test_where_nobody_wrote_the_laws_down_the_page_says_that_and_not_that_there_are_none(cast: Cast) -> None:
    laws = laws_view(load(), now().date())
    assert laws["laws"] == []
    assert "That does not mean that there are none" in render_to_string("pages/reporting_laws.html", laws)


@pytest.mark.covers("R77")
def test_reasons_for_reporting_stay_closed_to_whoever_may_not_open_them(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    told = {
        "obligation": "yes", "consulted_on": "2026-03-02", "risks": ["staff"], "decided_by": "Ruth", "rationale": "The uncle",
        "decision": "deferred_for_safety",
    }  # fmt: skip
    entry = submit("consent.mandatory_report", told, by=cast.caseworker, file=file).entry_id
    for somebody, sees in ((cast.caseworker, True), (cast.supervisor, False)):
        assert ("The uncle" in page(browse(somebody), f"/files/{file}/entries/{entry}")) is sees
        assert "The uncle" not in consent(browse(somebody), file)
        assert "Not now; a report would put somebody in danger" in consent(browse(somebody), file)


@pytest.mark.covers("R125")
def test_while_somebody_is_beside_nobodys_words_are_on_the_page(cast: Cast, browse: Browse) -> None:
    file, mine = a_file(cast, age="9"), browse(cast.caseworker)
    mother = a_mother(cast, file)
    submit(
        "consent.explanation", {"said": "Will it hurt", "do_not_tell": "Yusuf"}, by=cast.caseworker, file=file
    )
    agrees(cast, file, withheld="Where she sleeps", why_not=None)
    agrees(cast, file, mother)
    submit("consent.withdrawal", {"purposes": [SHARE]}, by=cast.caseworker, file=file, about=mother)
    submit("consent.consultation", {"advice": "Speak to the aunt"}, by=cast.supervisor, file=file)
    submit("consent.services_decided", {"none_begun": None, "services": [{"service": "Clinic", "decided": "stops"}]},
           by=cast.caseworker, file=file)  # fmt: skip
    told = ("Grace", "Will it hurt", "Yusuf", "Where she sleeps", "Speak to the aunt", "Clinic")
    open_page = consent(mine, file)
    assert [words for words in told if words not in open_page] == []
    mine.post("/beside-me")
    covered = consent(mine, file)
    assert [words for words in told if words in covered] == []
