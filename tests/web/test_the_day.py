"""The day of a caseworker: what is due, quick notes, what was set aside, the plan of visits and the list on paper."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import HERE, SINCE, Cast, a_case, a_file, join, person, stand_in, submit, today
from tutela.access.models import Membership, User
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import entries_of
from tutela.follow_up.models import DayPlan
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def page(client: Client, address: str = "/") -> str:
    return client.get(address).content.decode()


def section(body: str, heading: str) -> str:
    """What stands under a heading of the second rank."""
    return body.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[0]


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


def an_hour_ago() -> str:
    return f"{now().astimezone(HERE) - timedelta(hours=1):%Y-%m-%dT%H:%M}"


def note(client: Client, file: UUID, **answers: Any) -> Any:
    told = {"child": file.hex, "at": an_hour_ago(), "reached": "child", "text": "Met at the well."}
    return client.post("/quick-note", {"entry_id": str(new_id())} | told | answers)


# --- Quick notes -----------------------------------------------------------------------------------------------


@pytest.mark.covers("R118")
def test_a_quick_note_is_on_the_file_and_on_the_day_until_it_is_completed(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    assert 'href="/quick-note"' in page(client)
    assert note(client, file).status_code == 302
    entry = Entry.objects.get(form_code="follow_up.contact")
    assert entries_of(file)[-1].answers == {
        "reached": "child", "situation": "Met at the well.",
    }  # fmt: skip
    to_complete = section(page(client), "To complete")
    assert code_of(file) in to_complete and f"amends={entry.id}" in to_complete
    form = page(client, f"/files/{file}/forms/follow_up.contact?amends={entry.id}")
    assert "Met at the well." in form


@pytest.mark.covers("R118")
def test_a_quick_note_names_no_child_and_offers_ones_own_only(cast: Cast, browse: Browse) -> None:
    mine, others = a_case(cast), submit("intake.identification", by=cast.colleague).file_id
    client = browse(cast.caseworker)
    body = page(client, "/quick-note")
    assert mine.hex in body and others.hex not in body and "Tomas" not in body
    assert note(client, others).status_code == 422
    assert not Entry.objects.filter(form_code="follow_up.contact").exists()


def test_a_quick_note_about_tomorrow_comes_back_with_a_sentence(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    response = note(client, file, at=(now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"))
    assert response.status_code == 422
    assert "This day has not come yet" in response.content.decode()
    assert "Met at the well." in response.content.decode()


def test_a_quick_note_that_is_sent_twice_is_written_once(cast: Cast, browse: Browse) -> None:
    file, client, sheet = a_case(cast), browse(cast.caseworker), str(new_id())
    at = an_hour_ago()
    assert [note(client, file, entry_id=sheet, at=at).status_code for _ in range(2)] == [302, 302]
    assert Entry.objects.filter(form_code="follow_up.contact").count() == 1


@pytest.mark.covers("R104", "R118")
def test_whoever_stands_in_notes_and_visits_as_the_caseworker_would(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.colleague)
    assert note(client, file).status_code == 422
    stand_in(cast, since=today(), until=today())
    assert file.hex in page(client, "/quick-note") and file.hex in page(client, "/day-plan")
    assert note(client, file).status_code == 302


# --- Today -----------------------------------------------------------------------------------------------------


@pytest.mark.covers("R114")
def test_what_cannot_be_set_aside_offers_no_way_to(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now())
    told = {"actions": [{"what": "Visit", "due_on": str(today() + timedelta(days=3))}]}
    submit("planning.plan", told, by=cast.caseworker, file=file, at=now())
    body = page(browse(cast.caseworker), f"/files/{file}/")
    assert "Do action 1 of the plan" in body and "step=follow_up" in body and "step=plan_action" not in body


@pytest.mark.covers("R114")
def test_what_was_set_aside_stands_apart_with_its_reason_for_worker_and_supervisor(
    cast: Cast, browse: Browse
) -> None:
    file = a_case(cast, at=now() - timedelta(days=3))
    client = browse(cast.caseworker)
    put_off = f"/files/{file}/forms/follow_up.set_aside?step=follow_up"
    assert put_off in page(client, f"/files/{file}/")
    assert 'value="follow_up" autocomplete="off" checked' in page(client, put_off) or "selected" in page(
        client, put_off
    )
    until = str(today() + timedelta(days=20))
    told = {"step": "follow_up", "reason": "no_fuel", "next_on": until}
    submit("follow_up.set_aside", told, by=cast.caseworker, file=file, at=now())
    assert "No transport or fuel" in section(page(client), "Set aside")
    assert "No transport or fuel" in page(browse(cast.supervisor), f"/files/{file}/")
    client.post("/beside-me")
    assert "No transport or fuel" not in page(client)


def test_the_day_shows_what_is_late_and_what_waits(cast: Cast, browse: Browse) -> None:
    late, waiting = a_case(cast, at=now() - timedelta(days=40)), a_file(cast, at=now())
    client = browse(cast.caseworker)
    body = page(client)
    assert code_of(late) in section(body, "Late")
    assert str(waiting) in section(body, "Identifications waiting")


def test_identifications_that_wait_are_few_here_and_all_on_intake(cast: Cast, browse: Browse) -> None:
    for _ in range(9):
        a_file(cast, at=now())
    waiting = section(page(browse(cast.caseworker)), "Identifications waiting")
    assert waiting.count(">Open<") == 8 and 'href="/intake">All 9 children' in waiting


def test_what_was_begun_is_found_again_and_says_nothing_of_what_was_typed(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    form = client.get(f"/files/{file}/forms/follow_up.contact").context
    draft = {name: str(value) for name, value in form["hidden"].items()}
    draft |= {"situation": "Zwjeruba", "happened_at": "2026-03-02T09:00", "happened_precision": "exact"}
    assert client.post(f"/files/{file}/forms/follow_up.contact/draft", draft).status_code == 200
    begun = section(page(client), "Begun and not sent")
    assert (
        "Contact" in begun and f"/files/{file}/forms/follow_up.contact" in begun and "Zwjeruba" not in begun
    )
    assert "Begun and not sent" not in page(browse(cast.both))


def test_each_list_of_the_day_is_short_and_leads_to_the_rest(cast: Cast, browse: Browse) -> None:
    files = [a_case(cast, at=now() - timedelta(days=40)) for _ in range(10)]
    client = browse(cast.caseworker)
    short, whole = page(client), page(client, "/?show=late")
    assert sum(code_of(file) in short for file in files) == 8 and "All 10 children" in short
    assert sum(code_of(file) in whole for file in files) == 10


def test_the_day_asks_the_database_as_often_for_many_children_as_for_a_few(
    cast: Cast, browse: Browse
) -> None:
    client = browse(cast.caseworker)

    def asked() -> int:
        with CaptureQueriesContext(connections["default"]) as queries:
            page(client)
        return len(queries)

    for _ in range(2):
        file = a_case(cast, at=now() - timedelta(days=40))
        submit("follow_up.contact", {"kind": None}, by=cast.caseworker, file=file, at=now())
        a_file(cast, at=now())
    asked()
    few = asked()
    for _ in range(4):
        file = a_case(cast, at=now() - timedelta(days=40))
        submit("follow_up.contact", {"kind": None}, by=cast.caseworker, file=file, at=now())
        a_file(cast, at=now())
    assert asked() == few


@pytest.mark.covers("R112")
def test_what_was_written_late_carries_a_quiet_sign_on_the_file(cast: Cast, browse: Browse) -> None:
    file = a_case(cast, at=now() - timedelta(days=9))
    submit(
        "follow_up.contact", by=cast.caseworker, file=file, at=now(), happened_at=now() - timedelta(days=3),
    )  # fmt: skip
    body = page(browse(cast.caseworker), f"/files/{file}/")
    assert body.count("written 3 days later") == 1


# --- The plan of a day -----------------------------------------------------------------------------------------


DAY = date(2026, 3, 3)
PLAN = f"/day-plan?day={DAY}"


def plan(client: Client, files: list[UUID], **answers: Any) -> Any:
    visits = {f"visits.{number}.child": file.hex for number, file in enumerate(files)}
    visits |= {f"visits.{number}.at": f"{12 - number:02}:30" for number in range(len(files))}
    return client.post(
        PLAN, {"entry_id": str(new_id()), "code_word": "Blue bag", "back_at": "16:00"} | visits | answers
    )


@pytest.mark.covers("R48")
def test_a_plan_for_a_day_is_sealed_and_seen_by_nobody_else(cast: Cast, browse: Browse) -> None:
    files, client = [a_case(cast), a_case(cast)], browse(cast.caseworker)
    assert plan(client, files, buddies=cast.colleague.id.hex).status_code == 302
    kept = DayPlan.objects.get()
    assert b"Blue bag" not in bytes(kept.sealed) and files[0].hex.encode() not in bytes(kept.sealed)
    assert "Blue bag" in page(client, PLAN)
    assert "Blue bag" not in page(browse(cast.both), PLAN)
    row = AuditRow.objects.filter(act="day.planned").latest("id")
    assert (row.by, row.detail) == (cast.caseworker.id, {"visits": 2})


@pytest.mark.covers("R48")
def test_at_most_two_people_go_to_a_home(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    response = plan(client, [file], buddies=[cast.colleague.id.hex, cast.both.id.hex])
    assert response.status_code == 422
    assert "At most 2 people go to a home" in response.content.decode()
    assert not DayPlan.objects.exists()


def test_a_child_is_visited_once_in_a_plan_and_is_ones_own(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    assert "One child stands here twice" in plan(client, [file, file]).content.decode()
    others = submit("intake.identification", by=cast.colleague).file_id
    assert plan(client, [others]).status_code == 422
    assert not DayPlan.objects.exists()


@pytest.mark.covers("R48")
def test_before_a_visit_stands_what_is_known_of_the_place(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    plan(client, [file])
    assert "Nobody has looked yet" in page(client, PLAN)
    unfit = {"private": "no", "no_branding": "yes"}
    submit("follow_up.place_check", unfit, by=cast.caseworker, file=file)
    body = page(client, PLAN)
    assert "Talk somewhere else; visit all the same" in body and "No vehicle, vest or logo" in body
    assert "Still right?" in body
    again = page(client, f"/files/{file}/forms/follow_up.place_check")
    assert (
        'id="q-private-no" value="no" autocomplete="off" checked' in again
    )  # one looks only whether it is still so


@pytest.mark.covers("R124")
def test_the_list_on_paper_has_code_time_and_area_and_nothing_that_says_who(
    cast: Cast, browse: Browse
) -> None:
    files, client = [a_case(cast), a_case(cast)], browse(cast.caseworker)
    for file in files:
        client.post(f"/files/{file}/label", {"label": "By the well", "entry_id": str(new_id())})
    plan(client, files)
    body = page(client, f"/day-plan/run-sheet?day={DAY}")
    main = body.partition("<main")[2].partition("</main>")[0]
    first, second = main.index(code_of(files[1])), main.index(code_of(files[0]))  # by the hour
    assert first < second and "11:30" in main and "River district" in main
    told = ("Tomas", "Boy", "By the well", "risk", "school", "Blue bag", *(str(file) for file in files))
    assert [word for word in told if word in main] == []


def test_a_child_who_is_somebody_elses_by_now_is_on_no_plan(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    plan(client, [file])
    Membership.objects.filter(user=cast.caseworker).update(until=SINCE + timedelta(days=1))
    agency = CaseFile.objects.get(id=file).agency
    person("newcomer")
    join(cast.caseworker, agency, role="caseworker", team="Hill")
    from tutela.access.models import Assignment

    Assignment.objects.filter(file_id=file).update(user=cast.colleague)
    assert code_of(file) not in page(client, f"/day-plan/run-sheet?day={DAY}")
    assert code_of(file) not in page(client, PLAN)


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "2026-03-03'"])
def test_a_day_that_is_none_is_no_page(cast: Cast, browse: Browse, day: str) -> None:
    assert browse(cast.caseworker).get("/day-plan", {"day": day}).status_code == 404


def test_what_the_supervisor_does_says_so_to_the_caseworker_and_has_no_button_there(
    cast: Cast, browse: Browse
) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file, at=now())
    for address in ("/", f"/files/{file}/"):
        (task,) = [
            one
            for one in page(browse(cast.caseworker), address).split('<li class="task">')
            if "Answer the urgent action</h" in one
        ]
        assert "Your supervisor does this." in task and 'class="button' not in task.partition("</li>")[0]
    theirs = page(browse(cast.supervisor), f"/files/{file}/")
    assert "Start<span" in theirs and "Your supervisor does this." not in theirs


def test_a_page_travels_compressed_where_the_browser_can_read_it(cast: Cast, browse: Browse) -> None:
    client, form = browse(cast.caseworker), "/forms/intake.identification"
    plain = client.get(form)
    small = client.get(form, headers={"accept-encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.content) < len(plain.content) / 2
