"""The survivor wishes that a safeguarding focal point is told: they are, and nobody else learns that there is one (R122)."""

from typing import Any
from uuid import UUID

import pytest

from tests.cast import HERE, Cast, a_case, later, stand_in, today
from tests.safeguarding.conftest import SUSPECTED, Browse, Told, page_of, report, wished
from tests.working_by import works_by
from tutela.access.closing import ask_to_close, close_to, open_again
from tutela.access.models import ClosedTo, Membership, Role
from tutela.audit.models import AuditRow, Stream
from tutela.cases.models import CaseFile
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.safeguarding.models import Report
from tutela.safeguarding.models import Told as ToldRow
from tutela.safeguarding.register import REPORT, opened
from tutela.vault import sealing
from tutela.vault.errors import Tampered

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R122")]

THE_WAY = "Tell a safeguarding focal point, as the survivor wishes"


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


# --- From the file ------------------------------------------------------------------------------------------------


def test_nothing_is_told_by_itself_and_the_way_stands_beside_the_person(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    wished(cast, file)
    assert not Report.objects.exists()
    page = page_of(browse(cast.caseworker), f"/files/{file}/people")
    assert THE_WAY in page and f"/files/{file}/safeguarding" in page
    assert "the focal point may look for the file" in page_of(
        browse(cast.caseworker), f"/files/{file}/safeguarding"
    )
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [
        {"safeguarding_wish": "does_not_wish"},
        {"safeguarding_wish": "later"},
        {"safeguarding_wish": "not_offered"},
        {"safeguarding_wish": None},
        {"suspected_kind": "employer", "safeguarding_wish": None},
    ],
)
def test_no_way_is_offered_where_the_survivor_does_not_wish_it(
    cast: Cast, told: Told, browse: Browse, answers: dict[str, Any]
) -> None:
    file = a_case(cast)
    wished(cast, file, **answers)
    assert THE_WAY not in page_of(browse(cast.caseworker), f"/files/{file}/people")


def test_the_way_is_shown_to_nobody_who_does_not_read_the_wish(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    wished(cast, file)
    stand_in(cast, since=later(-1).date(), until=today(), file=file)
    for who in (cast.supervisor, cast.both, cast.colleague):
        page = page_of(browse(who), f"/files/{file}/people")
        assert "Tell a safeguarding focal point" not in page and f"/files/{file}/safeguarding" not in page


def test_after_the_wish_is_written_a_line_says_where_it_is_told(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    posted = {
        "entry_id": str(new_id()), "base": str(CaseFile.objects.get(id=file).revision), "name": "A driver",
        "happened_at": now().astimezone(HERE).strftime("%Y-%m-%dT%H:%M"), "happened_precision": "exact",
        "safety_mark": ["suspected_of_harm"], "safety_mark_why": "She said so", "suspected_kind": "un_ngo_staff",
        "safeguarding_wish": "wishes",
    }  # fmt: skip
    answer = browse(cast.caseworker).post(f"/files/{file}/forms/cases.person", posted, follow=True)
    assert "is told from the page People, and not by itself" in answer.content.decode()
    assert not Report.objects.exists()


def test_the_focal_point_who_was_chosen_reads_it_and_is_led_to_the_file(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    assert report(browse(cast.caseworker), file, reach="Through her teacher").status_code == 302
    theirs = browse(told.focal_point)
    assert "What was told to you: 1 to see to" in page_of(theirs, "/oversight")
    page = page_of(theirs, f"/oversight/reports/{Report.objects.get().id}")
    for words in (SUSPECTED, "behind the store", "Through her teacher", code_of(file), "Caseworker"):
        assert words in page
    opening = page_of(theirs, f"/oversight/open?report={Report.objects.get().id}")
    assert f'value="{code_of(file)}"' in opening


@pytest.mark.parametrize("wish", ["without_name", "only_that", "not_asked"])
def test_nothing_leads_to_the_file_where_the_survivor_wishes_no_name(
    cast: Cast, told: Told, browse: Browse, wish: str
) -> None:
    file = a_case(cast)
    what = None if wish == "only_that" else "He waited"
    answers = {"wish": wish} | ({"what": what} if what else {"what": ""})
    assert report(browse(cast.caseworker), file, **answers).status_code == 302
    theirs, number = browse(told.focal_point), Report.objects.get().id
    for address in (f"/oversight/reports/{number}", f"/oversight/open?report={number}"):
        page = page_of(theirs, address)
        assert code_of(file) not in page and str(file) not in page and "Tomas" not in page


def test_only_that_it_happened_takes_no_account_of_it(cast: Cast, told: Told, browse: Browse) -> None:
    answer = report(browse(cast.caseworker), a_case(cast), wish="only_that")
    assert answer.status_code == 422 and not Report.objects.exists()


def test_the_same_sheet_sent_twice_tells_once(cast: Cast, told: Told, browse: Browse) -> None:
    file, sheet = a_case(cast), str(new_id())
    for _ in range(2):
        assert report(browse(cast.caseworker), file, entry_id=sheet).status_code == 302
    assert Report.objects.count() == ToldRow.objects.count() == 1
    assert report(browse(cast.colleague), None, entry_id=sheet).status_code == 404


def test_who_stands_in_tells_too(cast: Cast, told: Told, browse: Browse) -> None:
    file = a_case(cast)
    stand_in(cast, since=later(-1).date(), until=today(), file=file)
    assert report(browse(cast.colleague), file).status_code == 302


def test_whoever_told_is_reminded_and_nobody_else_is(cast: Cast, told: Told, browse: Browse) -> None:
    file = a_case(cast)
    report(browse(cast.caseworker), file)
    stand_in(cast, since=later(-1).date(), until=today(), file=file)
    said = "You told a focal point about this file before"
    assert said in page_of(browse(cast.caseworker), f"/files/{file}/safeguarding")
    assert said not in page_of(browse(cast.colleague), f"/files/{file}/safeguarding")


# --- Whom -----------------------------------------------------------------------------------------------------------


def test_a_focal_point_who_was_left_out_does_not_learn_of_it(cast: Cast, told: Told, browse: Browse) -> None:
    report(browse(cast.caseworker), a_case(cast))
    theirs, number = browse(told.second), Report.objects.get().id
    assert "What was told to you</a>" in page_of(theirs, "/oversight")
    assert "Nothing waits for you" in page_of(theirs, "/oversight/reports")
    for address in ("", "/step"):
        assert theirs.get(f"/oversight/reports/{number}{address}").status_code == 404
    assert theirs.get(f"/oversight/open?report={number}").status_code == 404
    assert theirs.get(f"/oversight/close?report={number}").status_code == 404


def test_somebody_to_whom_the_file_is_closed_is_not_offered_and_cannot_be_told(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file, day = a_case(cast), today()
    close_to(new_id(), file, to="focal_point", instead="", why="It is about them", by=told.manager, day=day)
    page = page_of(browse(cast.caseworker), f"/files/{file}/safeguarding")
    assert "Second focal point" in page and 'value="focal_point"' not in page
    assert report(browse(cast.caseworker), file).status_code == 422
    assert not Report.objects.exists()


def test_that_it_was_asked_to_be_closed_to_somebody_is_enough(cast: Cast, told: Told, browse: Browse) -> None:
    file = a_case(cast)
    ask_to_close(new_id(), file, to="focal_point", why="It is about them", by=cast.caseworker, day=today())
    assert 'value="focal_point"' not in page_of(browse(cast.caseworker), f"/files/{file}/safeguarding")
    open_again(ClosedTo.objects.get().id, by=told.manager, day=today())  # declined
    assert 'value="focal_point"' in page_of(browse(cast.caseworker), f"/files/{file}/safeguarding")


def test_a_report_is_gone_for_a_focal_point_to_whom_its_file_is_closed_later(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    report(browse(cast.caseworker), file)
    number = Report.objects.get().id
    close_to(new_id(), file, to="focal_point", instead="", why="Her brother", by=told.manager, day=today())
    theirs = browse(told.focal_point)
    assert "Nothing waits for you" in page_of(theirs, "/oversight/reports")
    assert theirs.get(f"/oversight/reports/{number}").status_code == 404


def test_nobody_tells_themselves(cast: Cast, told: Told, browse: Browse) -> None:
    assert report(browse(told.focal_point)).status_code == 422
    assert 'value="focal_point"' not in page_of(browse(told.focal_point), "/safeguarding/new")


def test_where_there_is_no_focal_point_one_sentence_says_whom_to_ask(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    for address in (f"/files/{file}/safeguarding", "/safeguarding/new"):
        page = page_of(browse(cast.caseworker), address)
        assert "Ask its head office whom to tell, outside of this house" in page
        assert "<textarea" not in page
    assert report(browse(cast.caseworker), file).status_code == 200 and not Report.objects.exists()


def test_a_focal_point_who_left_reads_nothing_and_whoever_told_is_told_so(
    cast: Cast, told: Told, browse: Browse
) -> None:
    report(browse(cast.caseworker))
    number = Report.objects.get().id
    gone = "Nobody whom you told is a focal point any more"
    assert gone not in page_of(browse(cast.caseworker), f"/safeguarding/{number}")
    Membership.objects.filter(user=told.focal_point).update(role=Role.COACH)
    assert browse(told.focal_point).get(f"/oversight/reports/{number}").status_code == 403
    assert gone in page_of(browse(cast.caseworker), f"/safeguarding/{number}")


# --- Without a case -------------------------------------------------------------------------------------------------


@pytest.mark.covers("R85")
@pytest.mark.parametrize("who", ["supervisor", "colleague", "information_officer", "administrator"])
def test_whoever_works_there_tells_something_without_a_case(
    cast: Cast, told: Told, browse: Browse, who: str
) -> None:
    mine = browse(getattr(cast, who))
    assert 'href="/safeguarding"' in page_of(mine, "/safeguarding/new")  # in the menu under their name
    assert report(mine).status_code == 302
    row = Report.objects.get()
    assert row.file_id is None and row.reference in page_of(mine, "/safeguarding")
    assert SUSPECTED in page_of(mine, f"/safeguarding/{row.id}")
    assert SUSPECTED in page_of(browse(told.focal_point), f"/oversight/reports/{row.id}")


def test_somebody_who_works_nowhere_or_elsewhere_tells_nobody_here(
    cast: Cast, told: Told, browse: Browse
) -> None:
    assert report(browse(cast.outsider)).status_code == 404
    assert report(browse(cast.elsewhere)).status_code == 422  # they have a focal point of their own
    assert not Report.objects.exists()


# --- Nobody else ----------------------------------------------------------------------------------------------------


def test_nobody_but_who_told_and_who_was_told_comes_across_a_report(
    cast: Cast, told: Told, browse: Browse
) -> None:
    """Every page of the file, every list and the log: for the whole team and everybody near, before and after the same."""
    file = a_case(cast)
    wished(cast, file)
    stand_in(cast, since=later(-1).date(), until=today(), file=file)
    near = (cast.supervisor, cast.both, cast.colleague, told.manager, told.data_protection, told.second)
    pages = [
        f"/files/{file}/{page}" for page in ("", "people", "access", "access/log", "requests", "documents")
    ]
    lists = [
        "/",
        "/cases",
        "/intake",
        "/team",
        "/exports",
        "/oversight",
        "/data-protection",
        "/who-looked",
        "/safeguarding",
    ]
    clients = {who: browse(who) for who in near}

    def looks(client: Any, page: str) -> str:
        return _told_in(client.get(page, follow=True).content.decode())

    before = {
        (who, page): looks(client, page) for who, client in clients.items() for page in (*pages, *lists)
    }
    report(browse(cast.caseworker), file, reach="Through her teacher")
    browse(told.focal_point).get(f"/oversight/reports/{Report.objects.get().id}")
    for (who, page), saw in before.items():
        assert looks(clients[who], page) == saw == "", (who.username, page)
    asked = {"day": today().isoformat()}
    assert _told_in(clients[told.data_protection].post("/data-protection/log", asked).content.decode()) == ""


def _told_in(page: str) -> str:
    """What a page lets slip of a report: its words, its number, or an act of the log on it."""
    row = Report.objects.first()
    slips = [SUSPECTED, "behind the store", "Told a safeguarding", "Began to tell", "Read the report"]
    slips += [str(row.id), row.reference] if row else []
    return " ".join(one for one in slips if one in page)


def test_the_person_who_is_named_learns_nothing_be_it_the_supervisor(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    report(browse(cast.caseworker), file, whom="Supervisor, of this team")
    number = Report.objects.get().id
    theirs = browse(cast.supervisor)
    assert theirs.get(f"/safeguarding/{number}").status_code == 404
    assert theirs.get(f"/oversight/reports/{number}").status_code == 403
    assert theirs.get(f"/oversight/reports/{new_id()}").status_code == 403  # the same as for none
    assert theirs.get(f"/files/{file}/safeguarding").status_code == 403


def test_every_row_of_it_is_in_the_safeguarding_stream_and_no_search_of_the_log_has_it(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    browse(cast.caseworker).get(f"/files/{file}/safeguarding")
    report(browse(cast.caseworker), file)
    browse(cast.caseworker).get("/safeguarding")
    browse(told.focal_point).get(f"/oversight/reports/{Report.objects.get().id}")
    browse(cast.supervisor).get(f"/files/{file}/safeguarding")  # denied
    rows = AuditRow.objects.filter(act__startswith="safeguarding.report")
    assert set(rows.values_list("act", flat=True)) == {
        "safeguarding.report_opened", "safeguarding.report_sent", "safeguarding.reports_own", "safeguarding.report_read",
    }  # fmt: skip
    assert set(rows.values_list("stream", flat=True)) == {Stream.SAFEGUARDING}
    assert rows.get(allowed=False).by == cast.supervisor.id
    searched = browse(told.data_protection)
    for asked in ({"day": today().isoformat()}, {"person": cast.caseworker.id.hex}, {"code": code_of(file)}):
        page = searched.post("/data-protection/log", asked).content.decode()
        assert "Told a safeguarding" not in page and "Began to tell" not in page


def test_what_is_told_lies_sealed_under_keys_that_open_no_file(
    cast: Cast, told: Told, browse: Browse
) -> None:
    file = a_case(cast)
    report(browse(cast.caseworker), file)
    row = Report.objects.get()
    assert b"Qorvath" not in bytes(row.sealed) and b"named" not in bytes(row.sealed)
    assert opened(row.sealed, agency_id=row.agency_id, row=row.id, label=REPORT)["whom"] == SUSPECTED
    with pytest.raises(Tampered):
        sealing.open_sealed(bytes(row.sealed), file=file, seal_class="confidential", row=row.id, label=REPORT)


# --- In time --------------------------------------------------------------------------------------------------------

ANSWERED = """\
name: {name}
title: An agency that answers a report within two days
version: 2026-01-01
extends: demonstration
description: Invented.
"""
WITHIN = """\
- key: safeguarding.first_answer_within
  value: 48
  unit: hours
  valid_from: 1989-11-20
  source: Invented
  requirement: R85
  verified_on: 2026-01-01
"""


def test_no_time_is_set_where_the_agency_set_none(cast: Cast, told: Told, browse: Browse) -> None:
    report(browse(cast.caseworker))
    assert Report.objects.get().answer_by is None
    assert "To be answered" not in page_of(browse(told.focal_point), "/oversight/reports")


def test_an_agency_sets_until_when_a_report_is_first_answered(
    cast: Cast, told: Told, browse: Browse, tmp_path: Any
) -> None:
    works_by(tmp_path / "answering", ANSWERED, rules=WITHIN)
    report(browse(cast.caseworker))
    row = Report.objects.get()
    assert row.answer_by is not None and (row.answer_by - row.at).total_seconds() == 48 * 3600
    theirs = browse(told.focal_point)
    assert "To be answered" in page_of(theirs, "/oversight/reports")
    step = {"entry_id": str(new_id()), "kind": "received", "done_on": today().isoformat()}
    theirs.post(f"/oversight/reports/{row.id}/step", step)
    assert "To be answered" not in page_of(theirs, "/oversight/reports")
