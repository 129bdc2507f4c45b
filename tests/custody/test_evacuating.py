"""An office that must leave: locked, copied once more, and empty; whatever was cut off is finished."""

import shutil
from pathlib import Path

import pytest

from tests.custody.house import House, on_both

YES = "EVACUATE\nEVACUATE\n"
LOSE = "LOSE IT\nLOSE IT\n"
NOTHING = ["evacuated.json", "server.lock"]
# How many steps destroying takes; a test cuts it off before each.
STEPS = 7


def tables(house: House) -> int:
    code = (
        "from django.db import connections as c; print(sum(len(c[n].introspection.table_names()) for n in c))"
    )
    return int(house.python(code))


def is_whole(house: House) -> bool:
    return (
        tables(house) > 0 and (house.var / "root.key").exists() and (house.var / "attachments/photo").exists()
    )


@on_both
def test_it_writes_a_last_bundle_and_leaves_nothing(house: House, place: Path) -> None:
    said = house.tutela("evacuate", typed=YES)
    assert "the last bundle lies there" in said and "This house is empty" in said
    assert len(list(place.glob("*.bundle"))) == 2
    assert house.left() == NOTHING
    assert tables(house) == 0


def test_a_wrong_word_destroys_nothing(house: House) -> None:
    for typed in ("no\n", "EVACUATE\nno\n"):
        assert "Nothing was destroyed" in house.tutela("evacuate", typed=typed, wrong=True)
    assert is_whole(house)


def test_where_no_bundle_can_be_written_it_says_what_is_lost_and_asks_twice(
    house: House, place: Path
) -> None:
    house.tutela("backup")
    shutil.rmtree(place)  # the disk was taken out
    for typed in (YES, YES + "no\n", YES + "LOSE IT\nno\n"):
        said = house.tutela("evacuate", typed=typed, wrong=True)
        assert "Is the disk mounted" in said and "in the last minute" in said
    assert is_whole(house)
    house.tutela("evacuate", typed=YES + LOSE)
    assert house.left() == NOTHING


def test_without_a_copy_it_is_asked_about_four_times(house: House, place: Path) -> None:
    said = house.tutela("evacuate", "--without-copy", typed=YES + LOSE)
    assert "everything, since no bundle was ever written" in said
    assert list(place.glob("*.bundle")) == [] and house.left() == NOTHING


@pytest.mark.parametrize("step", range(STEPS))
def test_cut_off_anywhere_it_is_finished(house: House, step: int) -> None:
    house.python(
        "import os\n"
        "from tutela.custody import destroying, evacuating\n"
        f"assert len(destroying.STEPS) == {STEPS}\n"
        "steps = list(destroying.STEPS)\n"
        f"steps[{step}] = destroying.Step('cut off', lambda: os._exit(9))\n"
        "destroying.STEPS = tuple(steps)\n"
        "evacuating.begin(copied_to=[], without_copy=True)\n"
        "evacuating.finish(note=print)",
        code_returned=9,
    )
    assert "evacuation.json" in house.left()
    if step:  # the keys go first: whatever else is left opens no more
        assert not (house.var / "root.key").exists() and not (house.var / "root-key").exists()
    house.tutela("evacuate", "--finish")
    assert house.left() == NOTHING


def test_what_cannot_be_destroyed_is_named_and_does_not_keep_the_rest(house: House) -> None:
    """A database that does not answer just now."""
    gone = House(
        house.var, {**house.environment, "TUTELA_KEYRING_URL": "postgresql://tutela@%2Fnowhere/keyring"}
    )
    said = gone.tutela("evacuate", "--without-copy", typed=YES + LOSE, wrong=True)
    assert "Not yet: keyring" in said and not (house.var / "attachments").exists()
    assert "evacuation.json" in house.left()
    house.tutela("evacuate", "--finish")
    assert house.left() == NOTHING


def test_a_server_that_is_started_finishes_it_and_does_not_begin_anew(house: House) -> None:
    house.python("from tutela.custody import evacuating; evacuating.begin(copied_to=[], without_copy=True)")
    said = house.tutela("serve", "--port", "1", wrong=True)
    assert "This house was evacuated" in said and "tutela restore" in said
    assert house.left() == NOTHING
    assert "This house was evacuated" in house.tutela("serve", "--port", "1", wrong=True)


def test_there_is_nothing_to_finish_where_nothing_was_begun(house: House) -> None:
    assert "No evacuation was begun" in house.tutela("evacuate", "--finish", wrong=True)
    assert is_whole(house)
