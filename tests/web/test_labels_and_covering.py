"""A child on a list: one's own label in place of the age, and nothing to read while somebody is beside (R125)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast, a_case, a_file, submit
from tutela.access.models import User
from tutela.cases.models import PrivateLabel
from tutela.foundation.ids import new_id

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def give_label(client: Client, file: Any, label: str) -> Any:
    return client.post(f"/files/{file}/label", {"label": label, "entry_id": str(new_id())})


@pytest.mark.covers("R125")
def test_a_label_stands_on_ones_own_lists_and_on_nobody_elses(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    mine, supervisors = browse(cast.caseworker), browse(cast.supervisor)
    assert give_label(mine, file, "By the well").status_code == 302
    assert "By the well" in page(mine, "/cases")
    assert "By the well" in page(mine, f"/files/{file}/")
    assert "By the well" not in page(supervisors, "/cases") + page(supervisors, f"/files/{file}/")


def test_a_label_is_sealed_and_an_empty_one_takes_it_away(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    give_label(mine, file, "By the well")
    assert b"By the well" not in bytes(PrivateLabel.objects.get().sealed)
    give_label(mine, file, "")
    assert not PrivateLabel.objects.exists()
    assert "By the well" not in page(mine, "/cases")


def test_a_label_that_is_too_long_stays_on_the_page_with_a_sentence(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    response = give_label(mine, file, "a" * 41)
    assert response.status_code == 422
    assert "a" * 41 in response.content.decode()
    assert not PrivateLabel.objects.exists()


@pytest.mark.covers("R125")
def test_while_somebody_is_beside_no_name_risk_or_story_is_on_a_page(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    submit("intake.registration", by=cast.caseworker, file=file)
    submit("cases.person", by=cast.caseworker, file=file)
    submit(
        "assessment.initial", {"risk_level": "high", "situation": "Bruises"}, by=cast.caseworker, file=file
    )
    mine = browse(cast.caseworker)
    pages = (
        "/",
        "/cases",
        f"/files/{file}/",
        f"/files/{file}/people",
        f"/files/{file}/plan",
        f"/files/{file}/consent",
    )
    told = ("Grace", "High risk", "Bruises")
    assert all(any(word in page(mine, address) for address in pages) for word in told)
    assert "Tomas" in mine.post(f"/files/{file}/name").content.decode()
    here = f"http://testserver/files/{file}/"
    assert mine.post("/beside-me", headers={"referer": here}).headers["Location"] == here
    covered = "".join(page(mine, address) for address in pages)
    covered += mine.post(f"/files/{file}/name").content.decode()
    assert [word for word in (*told, "Tomas") if word in covered] == []
    mine.post("/beside-me")
    assert "High risk" in page(mine, f"/files/{file}/")


def test_covering_never_leads_to_another_site(cast: Cast, browse: Browse) -> None:
    mine = browse(cast.caseworker)
    answer = mine.post("/beside-me", headers={"referer": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
