"""The management meeting: codes, what is due and what blocks, and no identifier anywhere (acceptance fact 14; R50)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import Cast, a_case, a_closed_case, a_file, submit, today
from tutela.access.models import User
from tutela.cases.models import CaseFile
from tutela.follow_up.models import MeetingNotes
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R50")]

Browse = Callable[[User], Client]


def main(client: Client, address: str = "/team/meeting") -> str:
    return client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]


def write(client: Client, notes: str) -> object:
    return client.post("/team/meeting/notes", {"entry_id": str(new_id()), "notes": notes})


def test_the_list_of_the_meeting_contains_no_identifier(cast: Cast, browse: Browse) -> None:
    long_ago = now() - timedelta(days=5)
    file = a_file(cast, at=long_ago, description="Scar on the chin")
    submit("intake.registration", {"age": "13"}, by=cast.caseworker, file=file, at=long_ago)
    submit("assessment.initial", {"risk_level": "high"}, by=cast.caseworker, file=file, at=long_ago)
    submit("cases.person", {"phone": "0700 111 222"}, by=cast.caseworker, file=file, at=long_ago)
    submit("follow_up.contact", {"reached": "attempt"}, by=cast.caseworker, file=file, at=now())
    until = str(today() + timedelta(days=4))
    away = {"step": "case_plan", "reason": "child_away", "next_on": until}
    submit("follow_up.set_aside", away, by=cast.caseworker, file=file, at=now())
    body = main(browse(cast.supervisor))
    assert CaseFile.objects.get(id=file).case.code in body and "High risk" in body
    assert (
        "Make the plan with the child: The child is away" in body
        and "Not reached at the last attempt" in body
    )
    told = ("Tomas", "Grace", "0700", "Scar", "Boy", "13 years", "River", "Caseworker", str(file), file.hex)
    assert [word for word in told if word in body] == []


def test_closed_cases_and_children_who_are_not_registered_are_not_on_it(cast: Cast, browse: Browse) -> None:
    closed, waiting = a_closed_case(cast), a_file(cast)
    body = main(browse(cast.supervisor))
    assert CaseFile.objects.get(id=closed).case.code not in body and str(waiting) not in body


def test_only_the_cases_of_ones_own_teams_are_on_it(cast: Cast, browse: Browse) -> None:
    code = CaseFile.objects.get(id=a_case(cast)).case.code
    assert code in main(browse(cast.supervisor))
    assert code not in main(browse(cast.other_supervisor))


def test_notes_are_kept_without_names_sealed_and_for_oneself(cast: Cast, browse: Browse) -> None:
    code = CaseFile.objects.get(id=a_case(cast)).case.code
    client = browse(cast.supervisor)
    assert write(client, f"{code}: two visits this week").status_code == 302  # type: ignore[attr-defined]
    assert b"two visits" not in bytes(MeetingNotes.objects.get().sealed)
    assert "two visits this week" in main(client)
    assert "two visits this week" not in main(browse(cast.both))


@pytest.mark.parametrize("notes", ["Tomas: two visits", "ask TOMAS first", "We saw tomas’s aunt"])
def test_notes_that_name_a_child_come_back_with_a_sentence(cast: Cast, browse: Browse, notes: str) -> None:
    a_case(cast)
    response = write(browse(cast.supervisor), notes)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "Write the case code in its place" in response.content.decode()  # type: ignore[attr-defined]
    assert not MeetingNotes.objects.exists()
