"""Where to strike: an order in a small file, carried out once, by whichever process first comes to its boundary."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = "CHAOS_FOLDER"  # the environment variable that names the folder of orders

Moment = Literal["before", "after", "within"]
Victim = Literal["self", "keeper", "connection", "cluster"]


@dataclass(frozen=True)
class Order:
    """Strike `victim` at a transaction on `database` in which a statement contains `containing`.

    `before` or `after` its COMMIT, or `within` it once it has run so many `statements`; one that has fewer is struck
    before its COMMIT. `connection` ends the process of PostgreSQL that serves the transaction; `cluster` kills that
    process, on which PostgreSQL throws out everybody and recovers as after a power cut. `keeper`: its process id.
    """

    database: str
    containing: str
    moment: Moment
    victim: Victim = "self"
    statements: int = 1
    keeper: int = 0


def give(order: Order, *, folder: Path) -> None:
    """Have the next process that comes there strike."""
    (folder / "struck").unlink(missing_ok=True)
    _write(folder / "order", asdict(order))


def standing(folder: Path) -> Order | None:
    """The order that nobody has carried out yet."""
    try:
        return Order(**json.loads((folder / "order").read_text()))
    except FileNotFoundError:
        return None


def claim(folder: Path) -> bool:
    """Whether it is for the caller to carry the order out: of several who come at once, one."""
    try:
        (folder / "order").rename(folder / "claimed")
    except FileNotFoundError:
        return False
    return True


def report(folder: Path, *, statements: int) -> None:
    """Leave word, just before striking, of how far the transaction had come."""
    _write(folder / "struck", {"statements": statements})


def struck(folder: Path) -> int | None:
    """After how many statements the last order was carried out; None while it was not."""
    try:
        return int(json.loads((folder / "struck").read_text())["statements"])
    except FileNotFoundError:
        return None


def _write(path: Path, value: dict[str, Any]) -> None:
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(value))
    fresh.rename(path)
