"""The kills, one after the other: who dies, and where."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.chaos import orders
from tests.chaos.load import Load
from tests.chaos.orders import Order
from tests.postgres import Cluster
from tests.server import Server

TO_COME_THERE = 60.0  # seconds until somebody's work comes to a boundary
BETWEEN = 3  # entries that are saved before the next kill
LONG_TRANSACTION = 35  # statements; that of an entry has 30 to 50

_KEYS = Order("keyring", 'INTO "vault_filekey"', "before")
_FILE = Order("default", '"cases_casefile"', "within")
_ENTRY = Order("default", 'INTO "cases_entry"', "before")
_DRAFT = Order("default", 'INTO "cases_draft"', "before")
_SEARCH = Order("default", 'INTO "supervision_matchsearch"', "before")
_SEAL = Order("default", 'INTO "audit_auditseal"', "before")


@dataclass(frozen=True)
class Kill:
    """`who` dies at `where`. Without an order it is a random moment. `wanted`: the work that leads there."""

    who: str
    where: str
    order: Order | None = None
    wanted: str = ""


RANDOM = "at a random moment"
WITHIN_ENTRY = "within the transaction of an entry"
_BETWEEN_COMMITS = "between the commits of keyring and file"

ON_BOTH = (
    Kill("web", "before the commit of the keyring", _KEYS, "opening"),
    Kill("web", "within the transaction of the keyring", replace(_KEYS, moment="within"), "opening"),
    Kill("web", _BETWEEN_COMMITS, replace(_KEYS, moment="after"), "opening"),
    Kill("web", WITHIN_ENTRY, _FILE),
    Kill("web", "before the commit of an entry", _ENTRY),
    Kill("web", "after the commit of an entry", replace(_ENTRY, moment="after")),
    Kill("web", "before the commit of a draft", _DRAFT, "draft"),
    Kill("web", "after the commit of a draft", replace(_DRAFT, moment="after"), "draft"),
    Kill("worker", "before the commit of a seal", _SEAL),
    Kill("worker", "within the transaction of a seal", replace(_SEAL, moment="within")),
    Kill("worker", "after the commit of a seal", replace(_SEAL, moment="after")),
    Kill("worker", "before the commit of a search for the same child", _SEARCH),
    Kill("keeper", _BETWEEN_COMMITS, replace(_KEYS, moment="after", victim="keeper"), "opening"),
    Kill("keeper", WITHIN_ENTRY, replace(_FILE, victim="keeper")),
    Kill("keeper", "before the commit of an entry", replace(_ENTRY, victim="keeper")),
    Kill("web", RANDOM),
    Kill("worker", RANDOM),
    Kill("keeper", RANDOM),
)
ON_POSTGRESQL = (
    Kill("connection", "before the commit of an entry", replace(_ENTRY, victim="connection")),
    Kill("cluster", _BETWEEN_COMMITS, replace(_KEYS, moment="after", victim="cluster"), "opening"),
    Kill("cluster", "before the commit of an entry", replace(_ENTRY, victim="cluster")),
    Kill("cluster", "after the commit of an entry", replace(_ENTRY, moment="after", victim="cluster")),
    Kill("cluster", RANDOM),
)


def plan(number: int, chance: Random, *, postgresql: bool) -> Iterator[Kill]:
    """So many kills: each kind once, in a random order, then each kind again."""
    kinds = ON_BOTH + (ON_POSTGRESQL if postgresql else ())
    for start in range(0, number, len(kinds)):
        for kill in chance.sample(kinds, k=len(kinds))[: number - start]:
            yield _within(kill, chance)


def carry_out(
    kill: Kill, *, server: Server, load: Load, cluster: Cluster | None, orders_in: Path, chance: Random
) -> int | None:
    """Let people work a little, kill, and wait until everything is there again.

    Returns after how many statements of a transaction it fell, None at a random moment. Raises TimeoutError,
    AssertionError.
    """
    load.progress(BETWEEN, seconds=TO_COME_THERE)
    before, recoveries = server.pids, _recoveries(cluster)
    is_database = kill.who in ("connection", "cluster")
    if is_database:
        load.weather.without_database_until = float("inf")
    if kill.order:
        load.wanted = kill.wanted
        orders.give(replace(kill.order, keeper=before["keeper"]), folder=orders_in)
        _wait(lambda: orders.struck(orders_in) is not None, load)
        load.wanted = ""
    else:
        time.sleep(chance.uniform(0, 0.5))
        _strike_at_random(kill, server, cluster, chance)
    if kill.who == "cluster":
        _wait(lambda: _recoveries(cluster) > recoveries, load)
    elif kill.who != "connection":
        _wait(lambda: server.pids[kill.who] != before[kill.who], load)
    server.wait_until_ready()
    if is_database:
        load.weather.without_database_until = time.monotonic()
    return orders.struck(orders_in) if kill.order else None


def _within(kill: Kill, chance: Random) -> Kill:
    """A kill within a transaction falls after any of its statements."""
    if kill.order is None or kill.order.moment != "within":
        return kill
    most = LONG_TRANSACTION if kill.order.database == "default" and kill.who != "worker" else 3
    return replace(kill, order=replace(kill.order, statements=chance.randint(1, most)))


def _strike_at_random(kill: Kill, server: Server, cluster: Cluster | None, chance: Random) -> None:
    if cluster is None or kill.who != "cluster":
        server.kill(kill.who)
        return
    serving = (
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    with cluster.connect() as connection:
        processes = [pid for (pid,) in connection.execute(serving)]
    os.kill(chance.choice(processes), signal.SIGKILL)


def _recoveries(cluster: Cluster | None) -> int:
    """How often this PostgreSQL has come up."""
    log = (cluster.folder / "log").read_text() if cluster else ""
    return log.count("database system is ready to accept connections")


def _wait(done: Callable[[], bool], load: Load) -> None:
    end = time.monotonic() + TO_COME_THERE
    while not done():
        load.look_after()
        if time.monotonic() > end:
            raise TimeoutError("Nothing came to the boundary of an order, or nothing started again.")
        time.sleep(0.02)
