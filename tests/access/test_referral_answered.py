"""What a colleague of the service answers to a referral, and how it looks on both sides (R41–R43, §20)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.access.receiving import agency_of, answers, next_door, page, reads
from tests.casework.refusing import refusal
from tests.cast import (
    FIRST_DAY,
    Cast,
    a_case,
    a_service,
    later,
    send,
    sent_on,
    submit,
)
from tutela import commands
from tutela.access.barriers import bar
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.cases.models import Entry
from tutela.commands import Submission
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.referral.queries import referrals

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


# --- The answer ----------------------------------------------------------------------------------------------


@pytest.mark.covers("R41", "R43")
def test_what_they_answer_is_an_entry_of_theirs_and_moves_the_referral_as_the_caseworker_would(
    cast: Cast,
) -> None:
    file = a_case(cast)
    sent_on(cast, file)
    entry_id = answers(cast, file, starts_on="2026-03-09")
    entry = Entry.objects.get(id=entry_id)
    assert (entry.by, entry.done_by) == (cast.elsewhere, cast.elsewhere)
    stages = [referrals(file)[0].stage]
    for outcome in ("started", "completed"):
        answers(cast, file, "service_outcome", days=2, outcome=outcome, done="Ten afternoons")
        stages.append(referrals(file)[0].stage)
    assert stages == ["accepted", "started", "completed"]
    assert commands.rebuild(file, keep=False) == []


def test_they_say_why_not_and_then_read_it_no_more(cast: Cast) -> None:
    file = a_case(cast)
    referral = sent_on(cast, file)
    wrong = {"answer": "declined"}
    assert refusal("referral.service_answer", wrong, by=cast.elsewhere, file=file) == {"reason": "needed"}
    answers(cast, file, answer="declined", reason="too_far")
    assert referrals(file)[0].stage == "declined"
    assert not reads(cast.elsewhere, referral, days=1)


def test_the_same_answer_twice_is_written_once_though_the_first_ended_the_right(cast: Cast) -> None:
    file = a_case(cast)
    sent_on(cast, file)
    sent: dict[str, Any] = {"by": cast.elsewhere, "file": file, "entry_id": new_id()}
    no = {"answer": "declined", "reason": "full"}
    submit("referral.service_answer", no, **sent)
    assert submit("referral.service_answer", no, **sent).repeated
    with pytest.raises(NotFound):
        submit("referral.service_answer", no, by=cast.elsewhere, file=file)


def test_an_answer_to_another_referral_of_the_same_file_is_refused(cast: Cast) -> None:
    file = a_case(cast)
    sent_on(cast, file)
    other = sent_on(cast, file, name="Night school")
    commands.end_referral(file, other, by=cast.caseworker, at=later(0))
    next_door(cast)
    send(cast, file, other, to="next_door")
    theirs = referrals(file)[1].words
    with pytest.raises(Refused, match="not_open"):
        answers(cast, file, which=theirs)
    answers(cast, file)  # of the two, the one that was sent to them
    assert [one.stage for one in referrals(file)] == ["accepted", "sent"]


def test_neither_colleague_nor_caseworker_answers_in_their_place(cast: Cast) -> None:
    file = a_case(cast)
    sent_on(cast, file)
    for who in (next_door(cast), cast.caseworker, cast.supervisor, cast.outsider):
        for form in ("referral.service_answer", "referral.service_outcome"):
            with pytest.raises(Refused):
                submit(form, by=who, file=file)
    for_somebody = Submission(
        "referral.service_answer", file, {"answer": "accepted"}, new_id(), done_by=cast.caseworker
    )
    with pytest.raises(Refused, match="not_yours"):
        commands.submit(for_somebody, by=cast.elsewhere, at=later(0))


# --- As people see it ----------------------------------------------------------------------------------------


def test_from_the_list_to_the_answer_and_back_to_the_caseworker(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    referral = sent_on(cast, file, at=now(), share=("first_name", "sex"))
    theirs, mine = browse(cast.elsewhere), browse(cast.caseworker)
    listed = page(theirs, "/referred")
    assert f"/referred/{referral}" in listed and "Lantern" in listed and "Tomas" not in listed
    row = AuditRow.objects.get(act="referred.read")
    assert row.detail["shown"] == [file.hex]
    body = page(theirs, f"/referred/{referral}")
    assert "Tomas" in body and "A place on the course" in body and "Boy" in body
    assert str(file) not in body and "River" not in body
    sheet = page(theirs, f"/referred/{referral}/answer")
    assert 'name="which"' not in sheet and "Tomas" not in sheet
    sent = {"entry_id": str(new_id()), "answer": "accepted", "note": "Come on Monday with the aunt"}
    for _ in range(2):
        assert theirs.post(f"/referred/{referral}/answer", sent).status_code == 302
    assert "Come on Monday" in page(theirs, f"/referred/{referral}")
    assert "Services have answered" in page(mine, "/")
    services = page(mine, f"/files/{file}/services")
    assert "They accepted" in services and "Elsewhere reads this here until" in services
    assert "Come on Monday" in page(mine, f"/files/{file}/")
    assert "Who reads a referral at a service" in page(mine, f"/files/{file}/access")
    ended = mine.post(f"/files/{file}/services/{referral}/recipient/end")
    assert ended.status_code == 302
    assert theirs.get(f"/referred/{referral}").status_code == 404
    assert "Nothing is referred to you" in page(theirs, "/referred")


def test_what_was_answered_leaves_the_day_after_a_week(cast: Cast, browse: Browse) -> None:
    early = now() - timedelta(days=8)
    file = a_case(cast, at=early)
    sent_on(cast, file, at=early)
    submit("referral.service_answer", by=cast.elsewhere, file=file, at=early)
    assert "Services have answered" not in page(browse(cast.caseworker), "/")


def test_a_service_is_linked_to_an_agency_on_its_sheet_and_a_referral_to_it_offers_who_is_there(
    cast: Cast, browse: Browse
) -> None:
    other, mine = agency_of(cast.elsewhere), browse(cast.caseworker)
    sheet = page(mine, "/services/new")
    assert "Open Door" in sheet and f'value="{agency_of(cast.caseworker).id}"' not in sheet
    service = a_service(cast, at=now(), agency=str(other.id))
    assert "Open Door" in page(mine, f"/services/{service}")
    file = a_case(cast, at=now())
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file, at=now())
    asked = {"provider": "Sewing course, Hands at Work"}
    referral = submit("referral.referral", asked, by=cast.caseworker, file=file, at=now()).entry_id
    place = f"/files/{file}/services/{referral}/recipient"
    assert place in page(mine, f"/files/{file}/services")
    assert "Elsewhere" in page(mine, place)
    posted = {
        "entry_id": str(new_id()),
        "to": "elsewhere",
        "until": (now() + timedelta(days=3)).date().isoformat(),
    }
    assert mine.post(place, posted).status_code == 302
    assert page(browse(cast.elsewhere), f"/referred/{referral}")
    assert mine.post(place, posted | {"entry_id": str(new_id())}).status_code == 422
    bar(agency_of(cast.caseworker), other, reason="Parties", since=FIRST_DAY)
    assert f'value="{other.id}"' not in page(mine, "/services/new")
