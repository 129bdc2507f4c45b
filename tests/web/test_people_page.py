"""The people page: marks first, and beside each number what is safe and what is not (R109, R110, R122)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_case, submit
from tutela.access.models import User
from tutela.cases.queries import people_around

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def people(client: Client, file: UUID) -> str:
    return " ".join(client.get(f"/files/{file}/people").content.decode().split())


def put_on_file(cast: Cast, file: UUID, **answers: Any) -> UUID:
    submit("cases.person", answers, by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


@pytest.mark.covers("R110")
def test_beside_each_number_stands_what_is_safe(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    put_on_file(
        cast, file, phone="0700 111", phone_whose="shared", safe_contact=["may_call", "never_visit"],
        safe_contact_when="Mornings", safe_contact_answers="Only she", safe_contact_confirmed="2026-03-02",
        safe_contact_where="At the clinic", other_contacts=[{"place": "The blue shop", "safe": ["may_visit"]}],
    )  # fmt: skip
    shown = people(browse(cast.caseworker), file)
    beside = shown.index("0700 111")
    for words in (
        "Shared, others may answer or read it",
        "May be called",
        "Never visit",
        "Mornings",
        "Only she",
        "At the clinic",
    ):
        assert shown.index(words) > beside
    assert shown.index("The blue shop") < shown.index("May be visited")
    assert 'href="tel:0700111"' in shown


@pytest.mark.covers("R109", "R110")
def test_a_suspected_caregiver_who_holds_the_only_number_is_warned_about_beside_it(
    cast: Cast, browse: Browse
) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    told = {"name": "Abdul", "relationship": "father", "phone": "0700 111", "safe_contact": ["may_call"]}
    father = put_on_file(cast, file, **told)
    assert "tel:0700111" in people(mine, file)
    submit(
        "cases.person",
        {**told, "safety_mark": ["suspected_of_harm"]},
        by=cast.caseworker,
        file=file,
        about=father,
    )
    shown = people(mine, file)
    assert "tel:0700111" not in shown and "0700 111" in shown
    assert "May be called" not in shown
    assert "Do not reach the child through this person: see the safety mark." in shown
    assert "The only way to reach this child is through somebody with a safety mark" in shown
    assert "Find another way to reach the child" in mine.get(f"/files/{file}/").content.decode()
    mine.post("/beside-me")
    assert not [words for words in ("0700 111", "Abdul", "safety mark") if words in people(mine, file)]


@pytest.mark.covers("R109")
def test_whoever_carries_a_mark_is_not_offered_to_be_asked(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    mother = put_on_file(cast, file)
    father = put_on_file(cast, file, name="Abdul", relationship="father", safety_mark=["must_not_be_told"])
    shown = people(mine, file)
    ask = "/forms/consent.consent?about="
    assert f"{ask}{mother}" in shown and f"{ask}{father}" not in shown
    for form in ("cases.person", "consent.not_asked"):
        assert f"/forms/{form}?about={father}" in shown
    assert f"/files/{file}/forms/cases.child_contact" in shown
    supervisors = people(browse(cast.supervisor), file)
    assert not [
        form for form in ("consent.consent", "cases.person", "consent.not_asked") if form in supervisors
    ]


@pytest.mark.covers("R14")
def test_whom_the_child_would_rather_work_with_is_seen(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    wish = {"caseworker_wish": "woman", "caseworker_profile": "Speaks Swahili"}
    submit("consent.explanation", wish, by=cast.caseworker, file=file)
    assert "A woman; Speaks Swahili" in people(browse(cast.caseworker), file)


@pytest.mark.covers("R122")
def test_who_is_suspected_is_confidential_on_the_entry(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    told = {
        "name": "A driver", "safety_mark": ["suspected_of_harm"], "suspected_kind": "un_ngo_staff",
        "safeguarding_wish": "does_not_wish", "safeguarding_words": "Not now",
    }  # fmt: skip
    entry = submit("cases.person", told, by=cast.caseworker, file=file).entry_id
    offered = browse(cast.caseworker).get(f"/files/{file}/forms/cases.person").content.decode()
    assert "This page informs nobody by itself" in " ".join(offered.split())
    for somebody, sees in ((cast.caseworker, True), (cast.supervisor, False)):
        shown = browse(somebody).get(f"/files/{file}/entries/{entry}").content.decode()
        assert ("Does not wish it" in shown) is sees
        assert ("works for an aid organisation" in shown) is sees
