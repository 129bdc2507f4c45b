"""docs/operate.md is played as it stands: whoever follows it from the top has an installation, and leaves it and comes back.

Every box marked `sh` is given, line by line and in order, by real processes on PostgreSQL. Where the page says "on another
machine", there is another one, on which the steps it names are taken again.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.operating import (
    PAGE,
    SERVER,
    Block,
    Command,
    Machine,
    a_machine,
    blocks,
    command_of,
    drives_in,
    spans,
)
from tests.keeper.people import PASSPHRASE

PASSWORD = "seven slow green buses"
TWO_COME = 2 * f"{PASSPHRASE}\n"

# What is typed where a command asks: twice where it is asked for again.
TYPED = {
    "tutela init": 3 * TWO_COME, "tutela rehearse": TWO_COME, "tutela unlock": TWO_COME, "tutela keys rotate": TWO_COME,
    "tutela custodians replace": 2 * TWO_COME, "tutela restore": TWO_COME, "tutela user admit": 2 * f"{PASSWORD}\n",
    "tutela user password": f"{PASSWORD} two\n{PASSWORD} two\n", "tutela evacuate": "EVACUATE\nEVACUATE\n",
}  # fmt: skip

# What a command has to say, where that it ends well does not say it all.
SAYS = {
    "tutela init": "Any two of amina, joseph, rosa open it", "tutela rehearse": "children may be entered",
    "tutela lock": "Locked.", "tutela unlock": "Unlocked.", "tutela custodians list": "samir",
    "tutela custodians replace": "opens nothing here any more", "tutela backup": ".bundle",
    "tutela evacuate": "This house is empty", "tutela restore": "and every one is as it was sealed",
    "tutela keys rotate": "everything is wrapped with it", "tutela audit verify": "and every one is as it was sealed",
    "tutela check": "the application can only add to it",
}  # fmt: skip

# What the page takes for granted: another agency, of which it says only how it is kept apart.
BEFORE = {
    "tutela agency bar": 'tutela agency found "State Bureau" --time-zone Africa/Nairobi --pack interagency_2024 --team One',
}

ELSEWHERE, STEPS_THERE = "Restore", ("1. The program", "2. The databases", "3. The settings")

# Shown and not given, with the reason.
SHOWN_ONLY = {
    "tutela backup --to": "a demonstration has no custodians; this is none (tests/custody/test_there_and_back.py)",
    "REASSIGN OWNED BY": "of an installation that began without an owner; this one has one (tests/audit/test_rights.py)",
}

# Named in a sentence and given nowhere here, with where they are.
PLAYED_ELSEWHERE = {
    "script/server --no-stories": "a demonstration; tests/server.py",
    "tutela evacuate --without-copy": "tests/custody/test_evacuating.py",
    "tutela evacuate --finish": "tests/custody/test_evacuating.py, at every step",
    "tutela facts rebuild --check": "tests/custody/test_there_and_back.py",
}


def given() -> list[Block]:
    return [block for block in blocks() if block.kind == "sh"]


def test_every_box_is_either_given_or_shown_for_a_reason() -> None:
    assert not re.search(r"^ {4}", PAGE.read_text(), re.M), "a command stands in no box"
    shown = [block.lines[0] for block in blocks() if block.kind != "sh"]
    assert [line for line in shown if not line.startswith(tuple(SHOWN_ONLY))] == []
    assert [start for start in SHOWN_ONLY if not any(line.startswith(start) for line in shown)] == []


def test_every_command_that_is_named_is_given_or_known_to_be_played_elsewhere() -> None:
    played = {found for block in given() for line in block.lines if (found := command_of(line))}
    elsewhere = {found for line in PLAYED_ELSEWHERE if (found := command_of(line))}
    named = set(spans())
    assert [one for one in named if not is_among(one, played) and one not in elsewhere] == []
    assert [one for one in elsewhere if one not in named] == []


def is_among(one: Command, played: set[Command]) -> bool:
    return any(one.name == other.name and one.options <= other.options for other in played)


@pytest.mark.parametrize(
    "line", ["tutela evacuate --at-noon", "tutela user shout amina", "tutela story play"]
)
def test_a_command_that_nobody_plays_would_be_noticed(line: str) -> None:
    played = {found for block in given() for given_line in block.lines if (found := command_of(given_line))}
    found = command_of(line)
    assert found and not is_among(found, played)


@pytest.fixture
def drives() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="od-", dir="/tmp"))
    yield drives_in(folder, ["amina", "joseph", "rosa", "samir"])
    shutil.rmtree(folder)


@pytest.mark.chaos
def test_whoever_follows_the_page_has_an_installation_leaves_it_and_comes_back(drives: Path) -> None:
    with ExitStack() as machines:
        machine = machines.enter_context(a_machine(drives))
        sums: list[str] = []
        for block in given():
            if block.heading == ELSEWHERE and "restore" in block.lines[0]:
                assert machine.server and machine.server.process.wait(30) is not None
                assert left_in(machine.var) == ["evacuated.json", "server.lock"]
                machine = machines.enter_context(a_machine(drives))
                play(machine, [one for one in given() if one.heading in STEPS_THERE])
            sums += checksums(play(machine, [block]))
        assert_nothing_was_said_that_must_not_be(machine)
        main, keyring, keyring_back, main_back = sums
        assert keyring == keyring_back and main != main_back  # the log went on until it was evacuated


def play(machine: Machine, some: list[Block]) -> str:
    """Give every line of these boxes; each ends well and says what it has to."""
    everything = ""
    for line in (line for block in some for line in block.lines):
        if line == SERVER:
            machine.start().wait_until_alive()
            assert machine.server and not machine.server.answers("/readyz")  # it is locked
            continue
        found = command_of(line)
        command = found.name if found else line
        if before := BEFORE.get(command):
            machine.give(before)
        code, said = machine.give(line, typed=of(TYPED, command))
        assert code == 0 or only_swap(command, said), f"{line}\n{said}"
        assert of(SAYS, command) in said and PASSPHRASE not in said and "Traceback" not in said, (
            f"{line}\n{said}"
        )
        everything += said
    return everything


def of(told: dict[str, str], command: str) -> str:
    """What is told of the command, of its longest beginning."""
    known = [start for start in told if f"{command} ".startswith(f"{start} ")]
    return told[max(known, key=len)] if known else ""


def only_swap(command: str, said: str) -> bool:
    """`tutela check` names swap that is not encrypted; this machine is not the test's to change."""
    found = said.count("Memory can be swapped out to ")
    return command == "tutela check" and found > 0 and f"{found} findings of Tutela's own." in said


def checksums(said: str) -> list[str]:
    return re.findall(r"\b[0-9a-f]{64}\b", said)


def left_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def assert_nothing_was_said_that_must_not_be(machine: Machine) -> None:
    """The server's standard error knows neither passphrases nor custodians."""
    log = (machine.folder / "server.log").read_text()
    assert PASSPHRASE not in log and not re.search("amina|joseph|rosa|samir", log)
