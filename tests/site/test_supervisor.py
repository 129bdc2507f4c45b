"""Processes that die, hang and are told to stop, under a supervisor in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

SUPERVISOR = """
import json, sys
from tutela.site import supervisor

supervisor.GRACE = 0.5

def tell(pids):
    print(json.dumps(pids), flush=True)

try:
    with supervisor.Supervisor(longest_pause=0.2, on_change=tell) as house:
        for name, program in json.loads(sys.argv[1]).items():
            house.start(name, [sys.executable, "-c", program])
        house.watch()
except KeyboardInterrupt:
    print('"stopped"', flush=True)
"""
SLEEP = "import time; time.sleep(60)"
DIE = "import sys; sys.exit(3)"
TURN_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('"deaf"', flush=True)
time.sleep(60)
"""
START_ANOTHER = """
import subprocess, time
print(subprocess.Popen(["sleep", "60"]).pid, flush=True)
time.sleep(60)
"""


class House:
    """A supervisor that runs the named Python programs. What it and they say is read as JSON."""

    def __init__(self, **programs: str) -> None:
        command = [sys.executable, "-c", SUPERVISOR, json.dumps(programs)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def says(self) -> Any:
        return json.loads(_lines(self.process.stdout).readline())

    def complains(self) -> str:
        return _lines(self.process.stderr).readline().strip()


@pytest.fixture
def start() -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def start_house(**programs: str) -> House:
        houses.append(House(**programs))
        return houses[-1]

    yield start_house
    for house in houses:
        house.process.kill()
        house.process.communicate()


def test_it_starts_again_what_died(start: Callable[..., House]) -> None:
    house = start(web=SLEEP)
    first = house.says()["web"]
    os.kill(first, signal.SIGKILL)
    assert house.complains() == "web stopped (SIGKILL); starting it again in 0.1 s"
    assert house.says()["web"] != first


def test_the_pause_grows_while_a_process_keeps_dying_but_not_without_end(start: Callable[..., House]) -> None:
    house = start(worker=DIE)
    pauses = [house.complains().partition("again in ")[2] for _ in range(4)]
    assert pauses == ["0.1 s", "0.2 s", "0.2 s", "0.2 s"]


def test_what_a_dead_process_had_started_does_not_live_beside_its_successor(
    start: Callable[..., House],
) -> None:
    house = start(web=START_ANOTHER)
    web, other = house.says()["web"], house.says()
    os.kill(web, signal.SIGKILL)
    assert _ends(other)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_everything_when_it_is_told_to(start: Callable[..., House], number: signal.Signals) -> None:
    house = start(keeper=SLEEP, web=SLEEP)
    house.says()
    pids = house.says()
    house.process.send_signal(number)
    assert house.says() == "stopped"
    assert all(_ends(pid) for pid in pids.values())


def test_it_kills_what_does_not_stop_by_itself(start: Callable[..., House]) -> None:
    house = start(web=TURN_DEAF)
    web, word = house.says()["web"], house.says()
    assert word == "deaf"
    house.process.terminate()
    assert house.complains() == "web did not stop by itself and is killed"
    assert _ends(web)


def test_nothing_outlives_a_supervisor_that_is_killed(start: Callable[..., House]) -> None:
    house = start(keeper=SLEEP, web=TURN_DEAF)
    house.says()
    pids = house.says()
    house.process.kill()
    assert all(_ends(pid) for pid in pids.values())


def _ends(pid: int) -> bool:
    """Whether the process is gone within a few seconds; one that only waits to be buried counts as gone."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def _lines(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
