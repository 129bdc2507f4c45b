"""Many children in one sitting: one line each, a file each, a slip each (R116)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_file, today
from tutela.access.models import User
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import child_of, entries_of
from tutela.deadlines.queries import open_deadlines
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.intake.queries import identification_of

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R116")]

Browse = Callable[[User], Client]

LINES: list[dict[str, Any]] = [
    {"who": "Xadia", "age": "9", "sex": "female", "with_whom": "Her aunt"},
    {"who": "Boy in a red shirt", "age": "8", "sex": "male", "marks": ["alone"]},
    {"age": "0"},
    {"who": "Xosef", "age": "15", "marks": ["urgent"]},
]


def sheet(lines: list[dict[str, Any]], sheet_id: UUID, **more: Any) -> dict[str, Any]:
    posted: dict[str, Any] = {
        "entry_id": str(sheet_id), "met_on": today().isoformat(), "source": "outreach", "area": "river_district",
        "place": "School yard",
    }  # fmt: skip
    for number, line in enumerate(lines):
        posted |= {f"children.{number}.{name}": value for name, value in line.items()}
    return posted | more


def write(client: Client, lines: list[dict[str, Any]], sheet_id: UUID | None = None, **more: Any) -> Any:
    return client.post("/intake/group", sheet(lines, sheet_id or new_id(), **more))


def told(entry: Entry) -> dict[str, Any]:
    child = child_of(entry.file_id)
    identification = identification_of(entry.file_id)
    assert identification is not None
    return identification.contents | (child.contents if child else {})


def test_each_line_becomes_a_file_with_day_place_and_source_of_all(cast: Cast, browse: Browse) -> None:
    assert write(browse(cast.caseworker), LINES).status_code == 302
    rows = list(Entry.objects.order_by("id"))
    assert len(rows) == CaseFile.objects.count() == 4
    for row in rows:
        answers = entries_of(row.file_id)[0].answers
        assert (answers["source"], answers["place"], answers["area"]) == (
            "outreach",
            "School yard",
            "river_district",
        )
        assert row.happened_on == today()
    names = {str(told(row).get("name", "")) for row in rows}
    assert names == {"Xadia", "Boy in a red shirt", "", "Xosef"}


def test_what_nobody_marked_runs_the_high_clock_and_the_marks_are_kept(cast: Cast, browse: Browse) -> None:
    write(browse(cast.caseworker), LINES)
    found = {told(row).get("name", ""): told(row) for row in Entry.objects.all()}
    assert {name: one["triage"] for name, one in found.items()} == {
        "Xadia": "not_known", "Boy in a red shirt": "not_known", "": "not_known", "Xosef": "high",
    }  # fmt: skip
    assert found["Boy in a red shirt"]["with_whom"] == "alone"
    assert found["Xadia"]["description"] == "Her aunt"


def test_sent_twice_it_is_written_once(cast: Cast, browse: Browse) -> None:
    client, sheet_id = browse(cast.caseworker), new_id()
    first, second = write(client, LINES, sheet_id), write(client, LINES, sheet_id)
    assert first.headers["Location"] == second.headers["Location"]
    assert CaseFile.objects.count() == 4


def test_of_today_the_clock_runs_from_when_the_sheet_was_begun(cast: Cast, browse: Browse) -> None:
    """Or a group that is written down in the evening would be due at midnight."""
    client, yesterday = browse(cast.caseworker), str(today() - timedelta(days=1))
    begun = now()
    write(client, [{"who": "Xadia"}])
    write(client, [{"who": "Xosef"}], met_on=yesterday)
    (of_today,) = (row for row in Entry.objects.all() if str(row.happened_on) != yesterday)
    (deadline,) = open_deadlines([of_today.file_id])
    assert abs(deadline.due_at - begun - timedelta(hours=24)) < timedelta(minutes=1)


def test_a_line_that_was_added_later_joins_the_others(cast: Cast, browse: Browse) -> None:
    client, sheet_id = browse(cast.caseworker), new_id()
    write(client, LINES[:2], sheet_id)
    assert write(client, LINES, sheet_id).status_code == 302
    assert CaseFile.objects.count() == 4


def test_a_wrong_line_is_pointed_out_by_its_number_and_nothing_is_written(cast: Cast, browse: Browse) -> None:
    response = write(browse(cast.caseworker), [*LINES[:2], {"who": "Xamir", "age": "ninety"}])
    shown = response.content.decode()
    assert response.status_code == 422
    assert re.search(r'href="#q-children-2-age"[^>]*>\s*Child 3: Age in years', shown)
    assert 'value="Xamir"' in shown and 'value="Xadia"' in shown
    assert not CaseFile.objects.exists()


def test_empty_lines_are_no_children_and_one_is_needed(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    response = write(client, [{"who": " "}, {}])
    assert response.status_code == 422 and "Write one line at least." in response.content.decode()
    assert write(client, [{"who": ""}, {"who": "Xadia"}, {}]).status_code == 302
    assert CaseFile.objects.count() == 1


def test_fifty_lines_fit_and_fifty_one_do_not(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    shown = write(client, [{"who": f"Child {n}"} for n in range(51)]).content.decode()
    assert "There can be at most 50 of these." in shown
    assert not CaseFile.objects.exists()


def test_without_script_there_are_lines_enough(cast: Cast, browse: Browse) -> None:
    shown = browse(cast.caseworker).get("/intake/group?lines=30").content.decode()
    assert "children.29.who" in shown
    assert "children.9.who" in browse(cast.caseworker).get("/intake/group?lines=900").content.decode()
    assert 'type="file"' not in shown and "capture" not in shown


def test_drafts_stand_urgent_first_then_infants_then_who_is_alone(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    shown = client.get(write(client, LINES).headers["Location"]).content.decode()
    (drafts,) = re.findall(r"<ol.*?</ol>", shown, flags=re.S)
    numbers = [int(slip.split()[1]) for slip in re.findall(r">([A-Z]{2} \d+)</", drafts)]
    assert numbers == [4, 3, 2, 1]


@pytest.mark.covers("R124")
def test_a_slip_has_number_time_and_area_and_no_name(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    shown = client.get(write(client, LINES).headers["Location"]).content.decode()
    (slips,) = re.findall(r'<ul class="people tasks">.*?</ul>', shown, flags=re.S)
    assert [int(one) for one in re.findall(r"[A-Z]{2} (\d+)<", slips)] == [1, 2, 3, 4]
    assert slips.count("River district") == slips.count("<time") == 4
    assert not any(word in shown for word in ("Xadia", "Xosef", "red shirt", "School yard", "Her aunt"))


def test_the_number_on_the_slip_leads_to_the_child(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    write(client, LINES[:1])
    slip = told(Entry.objects.get())["slip"]
    assert slip in client.get("/intake").content.decode()


def test_the_slips_of_somebody_else_are_not_there(cast: Cast, browse: Browse) -> None:
    place = write(browse(cast.caseworker), LINES).headers["Location"]
    assert browse(cast.colleague).get(place).status_code == 404
    assert browse(cast.supervisor).get(place).status_code == 200


def test_only_who_opens_files_writes_a_group_down(cast: Cast, browse: Browse) -> None:
    a_file(cast)
    before = CaseFile.objects.count()
    for who, status in ((cast.supervisor, 403), (cast.information_officer, 403), (cast.outsider, 404)):
        client = browse(who)
        assert client.get("/intake/group").status_code == write(client, LINES).status_code == status
    assert CaseFile.objects.count() == before
