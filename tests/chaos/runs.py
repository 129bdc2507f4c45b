"""One run on one database: an installation, people at work, kills, and a look at what is left after every so many."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from tests.chaos import ledger, orders
from tests.chaos.browsers import Violation
from tests.chaos.kills import WITHIN_ENTRY, carry_out, plan
from tests.chaos.load import Load
from tests.postgres import Cluster, running_cluster
from tests.server import CHECKOUT, Server, running_server

BETWEEN_LOOKS = 25  # kills
_TUTELA = str(Path(sys.executable).with_name("tutela"))


@dataclass
class Report:
    """How it went. `killed`: how often, by boundary and by who died there."""

    database: str
    seed: int
    killed: Counter[tuple[str, str]] = field(default_factory=Counter)
    within: list[int] = field(default_factory=list)  # after how many statements of transactions of entries
    figures: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Installation:
    folder: Path
    environment: Mapping[str, str]
    server: Server
    cluster: Cluster | None


def run(database: str, *, kills: int, seed: int) -> Report:
    """So many kills on `database`, `sqlite` or `postgresql`."""
    began, report = time.monotonic(), Report(database, seed)
    with _installed(database, report) as house:
        load: Load | None = None
        try:
            load = Load(house.server.url, seed=seed, password=_password())
            _kill_and_look(house, load, report, kills)
            _ask_the_house(house, report)
        except (AssertionError, TimeoutError, Violation) as error:
            report.violations.append(f"It could not go on: {error}")
        if load:
            report.violations += [f"{words} (×{times})" for words, times in load.weather.violations.items()]
            report.figures |= _figures(load)
    report.figures["seconds"] = round(time.monotonic() - began)
    return report


@contextmanager
def _installed(database: str, report: Report) -> Iterator[_Installation]:
    """A server with the cast of the stories and one child of theirs. What is left of it stays where something was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(durable=True)) if database == "postgresql" else None
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "PYTHONPATH": str(CHECKOUT), orders.FOLDER: str(folder),
            "TUTELA_DEMONSTRATION": "1", "TUTELA_VAR": str(folder / "var"),
            "TUTELA_CLAMAV": "none",  # whatever this machine has
        }  # fmt: skip
        if cluster:
            environment |= {
                "TUTELA_DATABASE_URL": cluster.ensure("main"),
                "TUTELA_KEYRING_URL": cluster.ensure("keyring"),
            }
        arguments = ("--no-stories", "--longest-pause=0.1")
        server = stack.enter_context(running_server(folder, environment=environment, arguments=arguments))
        house = _Installation(folder, environment, server, cluster)
        _say(house, _TUTELA, "story", "play", "tomas")
        yield house
    if report.violations:
        report.violations.append(f"The files of this run and its log are in {folder}.")
    else:
        shutil.rmtree(folder)


def _kill_and_look(house: _Installation, load: Load, report: Report, number: int) -> None:
    chance = Random(report.seed)
    planned = list(plan(number, chance, postgresql=house.cluster is not None))
    since = 0
    for start in range(0, number, BETWEEN_LOOKS):
        with load.at_work():
            for kill in planned[start : start + BETWEEN_LOOKS]:
                began = time.monotonic()
                statements = carry_out(
                    kill,
                    server=house.server,
                    load=load,
                    cluster=house.cluster,
                    orders_in=house.folder,
                    chance=chance,
                )
                report.killed[kill.where, kill.who] += 1
                if kill.where == WITHIN_ENTRY and statements is not None:
                    report.within.append(statements)
                _tell(report, number, f"{kill.who} {kill.where}", began)
        began = time.monotonic()
        since = _look(house, load, report, since=since)
        _tell(report, number, f"looked at {report.figures['entries']} entries", began)


def _look(house: _Installation, load: Load, report: Report, *, since: int) -> int:
    """Look at the databases while nobody writes. Returns how many acknowledgements there are by now."""
    written = house.folder / "acknowledged.jsonl"
    ledger.write(load.acknowledged, written)
    found = json.loads(_say(house, sys.executable, "-m", "tests.chaos.verifying", str(written), str(since)))
    report.violations += found.pop("violations")
    report.figures |= found
    return len(load.acknowledged)


def _ask_the_house(house: _Installation, report: Report) -> None:
    """What an administrator would ask says the same, and makes the facts of every file again."""
    for words in (("facts", "rebuild", "--check"), ("audit", "verify"), ("check",)):
        done = _start(house, _TUTELA, *words)
        if done.returncode:
            report.violations.append(f"tutela {' '.join(words)}: {done.stdout}{done.stderr}")


def _tell(report: Report, number: int, sentence: str, began: float) -> None:
    """Progress, for whoever waits."""
    took = time.monotonic() - began
    print(f"{report.database} {report.killed.total()}/{number}: {sentence} ({took:.1f} s)", file=sys.stderr)


def _say(house: _Installation, *command: str) -> str:
    done = _start(house, *command)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _start(house: _Installation, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=os.environ | house.environment, capture_output=True, text=True)


def _figures(load: Load) -> dict[str, int]:
    tally = load.weather.tally
    return {
        "submissions sent": tally["sent"], "acknowledged": len(load.acknowledged), "sent again": tally["repeated"],
        "had no answer and were sent again": tally["POST unanswered"], "refused, as they should be": tally["refused"],
        "drafts kept": tally["drafts"],
    }  # fmt: skip


def _password() -> str:
    """That of everybody in the cast."""
    password: str = yaml.safe_load((CHECKOUT / "stories" / "cast.yaml").read_text())["password"]
    return password
