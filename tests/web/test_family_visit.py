"""Brothers and sisters: files of their own, a link that only those see who may open both, one visit for several (R115)."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_case, submit
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.cases.models import Entry, FamilyLink
from tutela.cases.queries import entries_of
from tutela.foundation.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R115")]

Browse = Callable[[User], Client]
WHEN = {"happened_at": "2026-03-02T09:00", "happened_precision": "exact"}


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def a_family(cast: Cast, client: Client, count: int) -> list[UUID]:
    """So many files, linked one to the next."""
    files = [a_case(cast) for _ in range(count)]
    for one, other in pairwise(files):
        link(client, one, other)
    return files


def link(client: Client, file: UUID, other: UUID) -> Any:
    return client.post(f"/files/{file}/family", {"other": other.hex, "entry_id": str(new_id())})


def first_part(files: list[UUID], **answers: Any) -> dict[str, Any]:
    return WHEN | {
        "step": "household", "entry_id": str(new_id()), "kind": "home_visit_scheduled",
        "household": "The roof was mended.", "children": [file.hex for file in files],
    } | answers  # fmt: skip


def second_part(files: list[UUID], **answers: Any) -> dict[str, Any]:
    each = {f"c{number}_reached": "child_alone" for number in range(len(files))}
    sent = {"step": "children", "entry_id": str(new_id()), "kind": "home_visit_scheduled"}
    return WHEN | sent | {"child": [file.hex for file in files]} | each | answers


def visits(file: UUID) -> list[dict[str, Any]]:
    return [dict(one.answers) for one in entries_of(file) if one.form.code == "follow_up.family_visit"]


# --- The link --------------------------------------------------------------------------------------------------


def test_a_family_is_as_far_as_links_lead_and_stands_on_each_file(cast: Cast, browse: Browse) -> None:
    mine = browse(cast.caseworker)
    files = a_family(cast, mine, 3)
    for file in files:
        body = page(mine, f"/files/{file}/people")
        assert [f"/files/{other}/" in body for other in files if other != file] == [True, True]
    row = AuditRow.objects.filter(act="family.linked").latest("id")
    assert (row.by, row.file_id) == (cast.caseworker.id, files[1])


def test_a_link_is_seen_by_those_only_who_may_open_both_files(cast: Cast, browse: Browse) -> None:
    mine = a_case(cast)
    others = submit("intake.identification", by=cast.colleague).file_id
    first, second = sorted((mine, others))
    FamilyLink.objects.create(
        id=new_id(), file_id=first, other_id=second, linked_by=cast.both, linked_at="2026-03-02T09:00Z"
    )  # fmt: skip
    assert str(others) not in page(browse(cast.caseworker), f"/files/{mine}/people")
    assert str(mine) not in page(browse(cast.colleague), f"/files/{others}/people")
    assert f"/files/{others}/" in page(browse(cast.supervisor), f"/files/{mine}/people")


def test_a_file_of_somebody_else_cannot_be_linked_nor_seen_in_the_list(cast: Cast, browse: Browse) -> None:
    file, client = a_case(cast), browse(cast.caseworker)
    others = submit("intake.identification", by=cast.colleague).file_id
    assert others.hex not in page(client, f"/files/{file}/family")
    assert link(client, file, others).status_code == 422
    assert not FamilyLink.objects.exists()


def test_the_same_link_again_is_one_and_a_mistaken_one_is_taken_back(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    one, other = a_family(cast, client, 2)
    link(client, other, one)
    assert FamilyLink.objects.count() == 1
    assert client.post(f"/files/{other}/family", {"apart": str(one)}).status_code == 302
    assert not FamilyLink.objects.exists()
    assert AuditRow.objects.filter(act="family.parted").count() == 1


# --- One visit -------------------------------------------------------------------------------------------------


def test_household_facts_are_offered_to_each_child_and_kept_as_changed(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    offered = client.post(f"/files/{files[0]}/family-visit", first_part(files)).content.decode()
    assert offered.count("The roof was mended.") == 2
    assert not Entry.objects.filter(form_code="follow_up.family_visit").exists()
    own = {"c0_household": "The roof was mended.", "c1_household": ""}
    assert client.post(f"/files/{files[0]}/family-visit", second_part(files, **own)).status_code == 302
    assert visits(files[0])[0]["household"] == "The roof was mended."
    assert "household" not in visits(files[1])[0]


def test_no_word_of_one_child_is_on_the_file_of_another(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 3)
    words = {
        f"c{number}_{name}": f"{name} of child {number}"
        for number in range(3)
        for name in ("own_view", "situation", "confidential")
    }
    assert client.post(f"/files/{files[0]}/family-visit", second_part(files, **words)).status_code == 302
    for number, file in enumerate(files):
        (visit,) = visits(file)
        told = " ".join(str(answer) for answer in visit.values())
        assert [f"of child {other}" in told for other in range(3)] == [other == number for other in range(3)]
        assert visit["confidential"] == f"confidential of child {number}"
    supervisors = browse(cast.supervisor)
    entry = Entry.objects.get(file=files[0], form_code="follow_up.family_visit").id
    assert "confidential of child 0" not in page(supervisors, f"/files/{files[0]}/entries/{entry}")


def test_a_child_who_was_not_there_is_left_out(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 3)
    there = [files[0], files[2]]
    offered = client.post(f"/files/{files[0]}/family-visit", first_part(there)).content.decode()
    assert "c1_reached" in offered and "c2_reached" not in offered
    client.post(f"/files/{files[0]}/family-visit", second_part(there))
    assert [len(visits(file)) for file in files] == [1, 0, 1]


def test_a_problem_at_one_child_is_said_at_that_child_and_nothing_is_written(
    cast: Cast, browse: Browse
) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    sent = second_part(files, c0_situation="Well", c1_reached="")
    response = client.post(f"/files/{files[0]}/family-visit", sent)
    body = response.content.decode()
    assert response.status_code == 422
    assert 'href="#q-c1_reached"' in body and 'href="#q-c0_reached"' not in body
    assert "Well" in body
    assert not Entry.objects.filter(form_code="follow_up.family_visit").exists()


def test_what_the_verb_refuses_of_all_is_said_once_and_nothing_is_written(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    response = client.post(f"/files/{files[0]}/family-visit", second_part(files, next_on="2026-02-01"))
    assert response.status_code == 422
    assert "The next date lies before this happened" in response.content.decode()
    assert not Entry.objects.filter(form_code="follow_up.family_visit").exists()


def test_a_visit_that_is_sent_twice_is_written_once(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    sent = second_part(files)
    assert [client.post(f"/files/{files[0]}/family-visit", sent).status_code for _ in range(2)] == [302, 302]
    assert [len(visits(file)) for file in files] == [1, 1]


def test_a_child_outside_the_family_gets_no_part(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    stranger = a_case(cast)
    client.post(f"/files/{files[0]}/family-visit", second_part([*files, stranger]))
    assert visits(stranger) == []


def test_the_actions_of_each_plan_are_offered_where_they_stand(cast: Cast, browse: Browse) -> None:
    client = browse(cast.caseworker)
    files = a_family(cast, client, 2)
    action = {"what": "Talk to the teacher", "status": "pending"}
    submit("planning.plan", {"actions": [action]}, by=cast.caseworker, file=files[1])
    offered = client.post(f"/files/{files[0]}/family-visit", first_part(files)).content.decode()
    assert 'name="c1_actions.0.what"' in offered and offered.count('value="Talk to the teacher"') == 1
    moved = {"c1_actions.0.what": "Talk to the teacher", "c1_actions.0.status": "completed"}
    client.post(f"/files/{files[0]}/family-visit", second_part(files, **moved))
    assert visits(files[1])[0]["actions"] == [{"what": "Talk to the teacher", "status": "completed"}]
