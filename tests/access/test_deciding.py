"""The table of who may do what, against what is written by hand in deciding.yaml: every cell, and every change of the table.

Only the function under test comes from the house. What it must say comes from the words.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tutela.access.deciding import TABLE, Row, decide

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "deciding.yaml").read_text())

# The words of the file, in the spelling of the house.
SPELT = {
    "information officer": "information_officer", "safeguarding focal point": "safeguarding_focal_point",
    "data-protection focal point": "data_protection_focal_point", "data entry": "data_entry",
    "responsible caseworker": "responsible",
    "supervisor of its team": "approves", "works in its agency": "agency", "has nothing to do with it": "none",
    "open a file": "open_file", "keep the directory of services": "keep_directory",
    "hand over": "hand_over", "answer a hand-over": "receive", "put in cover": "cover",
    "stands in for the caseworker": "cover", "stands in and is named for the confidential section": "cover_named",
    "is asked to take it over": "receiving",
    "ask for an export": "export", "agree to an export": "agree_export", "read the register of exports": "see_exports",
}  # fmt: skip

Cell = tuple[frozenset[str], frozenset[str], str, str]


def spelt(words: str) -> str:
    return SPELT.get(words, words)


def several(names: list[str]) -> Iterator[frozenset[str]]:
    """Each name alone, any two of them, and none."""
    spellings = [spelt(name) for name in names]
    return map(frozenset, chain([()], combinations(spellings, 1), combinations(spellings, 2)))


def every_cell() -> list[Cell]:
    """Each person (with up to two roles), each way to stand (up to two), each act, each privacy class."""
    ways = several(WORDS["ways to stand to a file"])
    acts, classes = map(spelt, WORDS["acts"]), WORDS["classes"]
    return list(product(several(WORDS["roles"]), ways, acts, classes))


def expected(cell: Cell) -> bool:
    roles, ways, act, privacy = cell
    return any(
        spelt(line["who"]) in roles
        and spelt(line["towards the file"]) in ways
        and act in map(spelt, line["may"])
        and privacy in line["with"]
        for line in WORDS["allowed"]
    )


def decided(cell: Cell, table: tuple[Row, ...] = TABLE) -> bool:
    roles, ways, act, privacy = cell
    return decide(roles=roles, relations=ways, action=act, field_class=privacy, table=table).allowed  # type: ignore[arg-type]


CELLS = every_cell()


def test_every_cell_is_as_it_was_written_by_hand() -> None:
    assert len(CELLS) == 79 * 29 * 13 * 4  # NUMBERS
    assert [cell for cell in CELLS if decided(cell) != expected(cell)] == []


def test_a_field_is_of_the_case_where_nothing_else_is_said() -> None:
    for roles, ways, act, _ in CELLS:
        given: Any = {"roles": roles, "relations": ways, "action": act}
        assert decide(**given).allowed == decide(**given, field_class="case").allowed


@pytest.mark.parametrize("strange", ["", "owner", "Caseworker", "case", "*"])
def test_what_nobody_has_heard_of_is_denied(strange: str) -> None:
    everything: dict[str, Any] = {
        "roles": [spelt(role) for role in WORDS["roles"]],
        "relations": [spelt(way) for way in WORDS["ways to stand to a file"]],
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
    for cell in CELLS:
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
                if not _allowed_anyway(replace(row, role=role)):
                    yield f"{named}: for {role} too", (*TABLE, replace(row, role=role))
        for way in map(spelt, WORDS["ways to stand to a file"]):
            if way != row.relation:
                yield f"{named}: as {way}", (*rest, replace(row, relation=way))  # type: ignore[arg-type]


def _allowed_anyway(row: Row) -> bool:
    same = [one for one in TABLE if (one.role, one.relation) == (row.role, row.relation)]
    return any(row.actions <= one.actions and row.classes <= one.classes for one in same)


MUTANTS = [*dropped(), *flipped()]


def test_any_change_of_the_table_changes_a_cell() -> None:
    alone = [cell for cell in CELLS if len(cell[0]) == 1 and len(cell[1]) == 1]
    survived = [
        name for name, table in MUTANTS if all(decided(cell, table) == expected(cell) for cell in alone)
    ]
    assert len(MUTANTS) > 80
    assert survived == []
