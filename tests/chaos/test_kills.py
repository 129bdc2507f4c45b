"""A strike falls where the order says, once; and every kind of kill has its turn."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.chaos import kills, orders
from tests.server import CHECKOUT

WRITE_THREE_ROWS = """
import os, pathlib, django
django.setup()
from django.db import connection, transaction
from tests.chaos import orders

folder = pathlib.Path(os.environ[orders.FOLDER])
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE marks (number integer)")
    orders.give(orders.Order("default", "INTO marks", os.environ["MOMENT"], statements=2), folder=folder)
    with transaction.atomic():
        for number in range(3):
            cursor.execute("INSERT INTO marks VALUES (%s)", [number])
"""


@pytest.mark.chaos
@pytest.mark.parametrize(("moment", "rows"), [("within", 0), ("before", 0), ("after", 3)])
def test_a_process_is_struck_where_the_order_says(moment: str, rows: int, tmp_path: Path) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "TUTELA_DEMONSTRATION": "1", "TUTELA_VAR": str(tmp_path),
        orders.FOLDER: str(tmp_path), "MOMENT": moment,
    }  # fmt: skip
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    done = subprocess.run([sys.executable, "-c", WRITE_THREE_ROWS], env=clean | environment, cwd=CHECKOUT)
    assert done.returncode == -signal.SIGKILL
    assert orders.struck(tmp_path) == {"within": 2}.get(moment, 3)
    with sqlite3.connect(tmp_path / "tutela.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM marks").fetchone() == (rows,)


def test_an_order_is_carried_out_once(tmp_path: Path) -> None:
    orders.give(orders.Order("default", "INTO marks", "before"), folder=tmp_path)
    assert [orders.claim(tmp_path) for _ in range(2)] == [True, False]
    assert orders.standing(tmp_path) is None


@pytest.mark.parametrize("postgresql", [False, True])
def test_every_kind_of_kill_comes_before_any_comes_again(postgresql: bool) -> None:
    kinds = len(kills.ON_BOTH) + (len(kills.ON_POSTGRESQL) if postgresql else 0)
    planned = [(kill.who, kill.where) for kill in kills.plan(2 * kinds, Random(3), postgresql=postgresql)]
    assert len(set(planned[:kinds])) == kinds
    assert sorted(planned[:kinds]) == sorted(planned[kinds:])


def test_the_same_seed_plans_the_same_kills() -> None:
    first, again = (list(kills.plan(40, Random(3), postgresql=True)) for _ in range(2))
    assert first == again
