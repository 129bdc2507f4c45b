"""How often a page asks the database: never more for many children than for a few."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import START, Cast, a_case, a_file, submit
from tutela.access.models import User
from tutela.cases.labels import set_label
from tutela.foundation.clock import now
from tutela.vault import keyring

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]

# Each page, whose it is, and the most queries it may ask, sessions and the row in the log included.
LISTS = {
    "/": ("caseworker", 45),
    "/cases": ("caseworker", 35),
    "/intake": ("caseworker", 35),
    "/team": ("supervisor", 75),
    "/who-looked": ("supervisor", 20),
}


def some_children(cast: Cast, number: int) -> None:
    """Children in every state that a list can show: identified, assessed, planned, urgent, late, waiting for a word."""
    keyring.mint_user_key(cast.caseworker.id)
    for _ in range(number):
        early = START - timedelta(days=30)
        a_file(cast, at=early)
        file = a_case(cast, risk="high", at=early)
        submit("planning.plan", by=cast.caseworker, file=file, at=early)
        submit("consent.urgent_action", by=cast.caseworker, file=file, at=now())
        submit("assessment.risk", {"risk_level": "low"}, by=cast.caseworker, file=file, at=now())
        submit("closure.request", by=cast.caseworker, file=file, at=now())
        set_label(file, "By the well", by=cast.caseworker)


def queries(client: Client, address: str) -> int:
    client.get(address)  # opens what is kept in memory for a while
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_as_often_for_many_children_as_for_few(cast: Cast, browse: Browse, address: str) -> None:
    who, most = LISTS[address]
    client = browse(getattr(cast, who))
    some_children(cast, 2)
    few = queries(client, address)
    some_children(cast, 4)
    assert queries(client, address) == few <= most


def test_a_file_asks_as_often_for_many_entries_as_for_few(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    for _ in range(2):
        submit("follow_up.contact", by=cast.caseworker, file=file)
    few = queries(client, f"/files/{file}/")
    for _ in range(8):
        submit("follow_up.contact", by=cast.caseworker, file=file)
    assert queries(client, f"/files/{file}/") == few <= 85


def test_finding_asks_as_often_for_many_hits_as_for_few(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)

    def asked() -> int:
        client.post("/find", {"q": "Tomas"})
        with CaptureQueriesContext(connection) as found:
            assert b"By the well" in client.post("/find", {"q": "Tomas"}).content
        return len(found)

    some_children(cast, 2)
    few = asked()
    some_children(cast, 4)
    assert asked() == few
