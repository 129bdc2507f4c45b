"""The table of who may do what, against what is written by hand in deciding.yaml: every cell, and every change of the table.

Only the function under test comes from the house. What it must say comes from the words.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tutela.access.deciding import GIVEN_BY_TWO, SHUT_OUT, TABLE, Action, Relation, Row, decide, keeps_people
from tutela.access.models import Role

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "deciding.yaml").read_text())

# The words of the file, in the spelling of the house.
SPELT = {
    "information officer": "information_officer", "safeguarding focal point": "safeguarding_focal_point",
    "data-protection focal point": "data_protection_focal_point", "data entry": "data_entry",
    "responsible caseworker": "responsible",
    "supervisor of its team": "approves", "works in its agency": "agency", "has nothing to do with it": "none",
    "open a file": "open_file", "keep the directory of services": "keep_directory",
    "hand over": "hand_over", "answer a hand-over": "receive", "put in cover": "cover",
    "note a request": "note_request", "screen a copy": "screen", "keep the registers of data protection": "keep_register",
    "agree to a destruction": "agree_destruction", "report an incident": "report_incident",
    "ask for an export": "export", "agree to an export": "agree_export", "read the register of exports": "see_exports",
    "lock the house": "lock", "evacuate the house": "evacuate", "take the duty sheet": "duty_sheet",
    "stands in for the caseworker": "cover", "stands in and is named for the confidential section": "cover_named",
    "is asked to take it over": "receiving", "coaches its team": "coaches",
    "is named for the confidential section": "named", "opened it for a reason": "on_reason",
    "looks into a report about it": "safeguarding", "it is closed to them": "closed_out",
    "their agency is barred from it": "barred", "put in a deputy": "deputise", "close it to somebody": "close_to",
    "ask that it be closed to somebody": "ask_to_close",
    "open the confidential section to somebody": "name_confidential", "open it for a reason": "open_on_reason",
    "list cases by their codes": "list_codes", "see who works here": "see_people",
    "opened it in an emergency": "emergency", "tell a safeguarding focal point": "tell_focal_point",
    "report on the file": "report_on_file", "hear reports": "hear_reports", "receives a referral about it": "referred",
    "answer a referral": "answer_referral", "have a form typed": "have_typed", "type a form": "type_form",
    "types a form for a colleague": "typing", "best-interests reviewer": "best_interests_reviewer",
    "tracing officer": "tracing_officer", "reviews what is best for the child": "best_interests",
    "open it to a reviewer": "name_reviewer",
    "open in an emergency": "break_glass", "write what is urgent": "write_urgent",
    "admit people and give roles": "keep_people", "agree to a role": "agree_role",
}  # fmt: skip

Cell = tuple[frozenset[str], frozenset[str], str, str]


def spelt(words: str) -> str:
    return SPELT.get(words, words)


def several(names: list[str]) -> Iterator[frozenset[str]]:
    """Each name alone, any two of them, and none."""
    spellings = [spelt(name) for name in names]
    return map(frozenset, chain([()], combinations(spellings, 1), combinations(spellings, 2)))


def every_cell() -> Iterator[Cell]:
    """Each person (with up to two roles), each way to stand (up to two), each act, each privacy class."""
    ways = several(WORDS["ways to stand to a file"])
    acts, classes = map(spelt, WORDS["acts"]), WORDS["classes"]
    return product(several(WORDS["roles"]), ways, acts, classes)


ALLOWED = {
    (spelt(line["who"]), spelt(line["towards the file"]), spelt(act), privacy)
    for line in WORDS["allowed"]
    for act in line["may"]
    for privacy in line["with"]
}
SHUT = frozenset(map(spelt, WORDS["shut out"]))


def expected(cell: Cell) -> bool:
    roles, ways, act, privacy = cell
    if ways & SHUT:
        return False
    return any((role, way, act, privacy) in ALLOWED for role in roles for way in ways)


def decided(cell: Cell, table: tuple[Row, ...] = TABLE, shut_out: frozenset[Relation] = SHUT_OUT) -> bool:
    roles, ways, act, privacy = cell
    given: Any = {"roles": roles, "relations": ways, "action": act, "field_class": privacy}
    return decide(**given, table=table, shut_out=shut_out).allowed


# Enough for any change of one row or of who is shut out to show: one role, and one way to stand or one that shuts out too.
ALONE = [
    (roles, ways, act, privacy) for roles, ways, act, privacy in every_cell()
    if len(roles) == 1 and (len(ways) == 1 or (len(ways) == 2 and ways & SHUT))
]  # fmt: skip


def test_every_cell_is_as_it_was_written_by_hand() -> None:
    """The whole table: 106 people, 154 ways to stand, 40 acts, 4 classes; and not one cell that differs."""
    looked_at, different = 0, []
    for cell in every_cell():
        looked_at += 1
        if decided(cell) != expected(cell):
            different.append(cell)
    assert different == []
    assert looked_at == 106 * 154 * 40 * 4


def test_the_words_know_every_role_every_way_and_every_act() -> None:
    assert {spelt(one) for one in WORDS["ways to stand to a file"]} == set(get_args(Relation))
    assert {spelt(one) for one in WORDS["acts"]} == set(get_args(Action))
    assert {spelt(one) for one in WORDS["roles"]} == {*Role.values, "nobody"}


def test_which_roles_two_people_give_is_as_it_was_written_by_hand() -> None:
    assert {spelt(one) for one in WORDS["given by two"]} == GIVEN_BY_TWO


def test_whoever_says_who_comes_in_got_there_by_two_people() -> None:
    keeping = {role for role in Role.values if keeps_people({role})}
    assert keeping == {"administrator", "manager", "data_protection_focal_point"}
    assert keeping <= GIVEN_BY_TWO


def test_a_field_is_of_the_case_where_nothing_else_is_said() -> None:
    for roles, ways, act, _ in ALONE:
        given: Any = {"roles": roles, "relations": ways, "action": act}
        assert decide(**given).allowed == decide(**given, field_class="case").allowed


@pytest.mark.parametrize("strange", ["", "owner", "Caseworker", "case", "*"])
def test_what_nobody_has_heard_of_is_denied(strange: str) -> None:
    everything: dict[str, Any] = {
        "roles": [spelt(role) for role in WORDS["roles"]],
        "relations": [way for way in map(spelt, WORDS["ways to stand to a file"]) if way not in SHUT],
        "action": "read",
    }
    assert decide(**everything).allowed
    for changed in (
        {"roles": [strange]},
        {"relations": [strange]},
        {"action": strange},
        {"field_class": f"{strange}?"},
    ):
        assert not decide(**(everything | changed)).allowed


def test_every_answer_has_a_reason_that_names_nobody() -> None:
    for cell in ALONE:
        roles, ways, act, privacy = cell
        reason = decide(roles=roles, relations=ways, action=act, field_class=privacy).reason  # type: ignore[arg-type]
        assert reason and len(reason) < 200


# --- Any change of the table is found ------------------------------------------------------------------------


def dropped() -> Iterator[tuple[str, tuple[Row, ...]]]:
    for row in TABLE:
        yield f"without {row.role} as {row.relation}", tuple(one for one in TABLE if one is not row)


def flipped() -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Each row with one act or one class more or less, for another role, or in another relation."""
    acts, classes = list(map(spelt, WORDS["acts"])), WORDS["classes"]
    for row in TABLE:
        rest = tuple(one for one in TABLE if one is not row)
        named = f"{row.role} as {row.relation}"
        for act in acts:
            changed = replace(row, actions=row.actions ^ {act})  # type: ignore[arg-type]
            yield f"{named}: {act} flipped", (*rest, changed)
        for privacy in classes:
            yield f"{named}: {privacy} flipped", (*rest, replace(row, classes=row.classes ^ {privacy}))
        for role in map(spelt, WORDS["roles"]):
            if role != row.role:
                yield f"{named}: for {role}", (*rest, replace(row, role=role))
                yield f"{named}: for {role} too", (*TABLE, replace(row, role=role))
        for way in map(spelt, WORDS["ways to stand to a file"]):
            if way != row.relation:
                yield f"{named}: as {way}", (*rest, replace(row, relation=way))  # type: ignore[arg-type]


def meaning(table: tuple[Row, ...]) -> set[tuple[str, str, str, str]]:
    """What a table says, however its rows are cut."""
    return {
        (row.role, row.relation, act, privacy)
        for row in table
        for act in row.actions
        for privacy in row.classes
    }


MUTANTS = [(name, table) for name, table in (*dropped(), *flipped()) if meaning(table) != meaning(TABLE)]


def test_any_change_of_the_table_changes_a_cell() -> None:
    right = {cell: expected(cell) for cell in ALONE if len(cell[1]) == 1}
    survived = []
    for name, table in MUTANTS:
        touched = {row.role for row in {*table} ^ {*TABLE}}
        cells = [cell for cell in right if cell[0] & touched]
        if all(decided(cell, table) == right[cell] for cell in cells):
            survived.append(name)
    assert len(MUTANTS) > 600
    assert survived == []


@pytest.mark.parametrize("way", [one for one in get_args(Relation) if one != "none"])
def test_any_change_of_who_is_shut_out_changes_a_cell(way: Relation) -> None:
    changed = SHUT_OUT ^ {way}
    beside = [(roles, ways | {way}, act, privacy) for roles, ways, act, privacy in ALONE if len(ways) == 1]
    assert any(decided(cell, shut_out=changed) != expected(cell) for cell in beside)
