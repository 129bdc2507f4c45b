"""On PostgreSQL the tables may belong to another role: what the application cannot do alone is said before anything is done."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql

from tests.custody.house import House, make_custodians, passphrases
from tests.keeper.process import running_keeper
from tests.postgres import Cluster, running_cluster

APPLICATION, OWNER = "application", "owner"
YES, LOSE = "EVACUATE\nEVACUATE\n", "LOSE IT\nLOSE IT\n"


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with running_cluster(durable=False) as running, running.connect() as by:
        for role in (APPLICATION, OWNER):
            by.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        yield running


def a_house(cluster: Cluster, var: Path, *, place: Path) -> House:
    """An installation whose main database belongs to `owner`, and in which `application` works. Nothing is in it yet."""
    var.mkdir(mode=0o700)
    main, keyring = f"{var.name}-main", f"{var.name}-keyring"
    with cluster.connect() as by:
        for name, role in ((main, OWNER), (keyring, APPLICATION)):
            by.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(role))
            )
    return House(var, {
        "TUTELA_BACKUP_TO": str(place), "TUTELA_DATABASE_URL": as_role(cluster, main, APPLICATION),
        "TUTELA_KEYRING_URL": as_role(cluster, keyring, APPLICATION),
        "TUTELA_DATABASE_OWNER_URL": as_role(cluster, main, OWNER),
    })  # fmt: skip


def as_role(cluster: Cluster, name: str, role: str) -> str:
    return cluster.url(name).replace("tutela@", f"{role}@")


def without_owner(house: House) -> House:
    """The same, run by somebody who does not have the password of the owner."""
    kept = {name: value for name, value in house.environment.items() if name != "TUTELA_DATABASE_OWNER_URL"}
    return replace(house, environment=kept)


def filled(house: House, *, story: bool = True) -> House:
    make_custodians(house.var.parent / "keys")
    (house.var / "root-key").mkdir(mode=0o700)
    named = (house.var.parent / "keys" / "custodians.json").read_bytes()
    (house.var / "root-key" / "custodians.json").write_bytes(named)
    house.tutela("prepare")
    with running_keeper(house.var):
        if not story:
            house.tutela(
                "agency", "found", "Lantern", "--time-zone", "Africa/Nairobi", "--pack", "interagency_2024"
            )
            return house
        house.tutela("story", "play", "tomas")
        house.python("from tutela.worker.duties import seal_the_log; seal_the_log()")
    return house


def tables(cluster: Cluster, house: House) -> int:
    with cluster.connect(f"{house.var.name}-main") as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int((found.fetchone() or (0,))[0])


def rows(cluster: Cluster, house: House, table: str) -> int:
    with cluster.connect(f"{house.var.name}-main") as connection:
        found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        return int((found.fetchone() or (0,))[0])


def test_it_leaves_and_comes_back_where_the_log_can_only_be_added_to(
    cluster: Cluster, folder: Path, place: Path
) -> None:
    house = filled(a_house(cluster, folder / "old", place=place))
    before = sums(house.tutela("checksum"))[1]  # of the keyring: the log goes on to the last moment
    said = house.tutela("evacuate", typed=YES)
    assert "belong to another role" not in said and "This house is empty" in said
    elsewhere = a_house(cluster, folder / "new", place=place)
    bundles = [
        *sorted(place.glob("*.bundle")),
        *("--custodian", folder / "keys/Ada.age", "--custodian", folder / "keys/Bo.age"),
    ]
    typed = passphrases("Ada", "Bo")
    said = without_owner(elsewhere).tutela("restore", *bundles, typed=typed, wrong=True)
    assert "no table can be made in it" in said and tables(cluster, elsewhere) == 0
    said = elsewhere.tutela("restore", *bundles, typed=typed)
    assert before in sums(said)
    assert "the application can only add to it" in said and "0 findings" in said  # what `tutela check` says
    with running_keeper(elsewhere.var):
        assert "0 differences" in without_owner(elsewhere).tutela("facts", "rebuild", "--check")


def test_what_the_application_cannot_destroy_is_said_before_anything_is_destroyed(
    cluster: Cluster, folder: Path, place: Path
) -> None:
    house = filled(a_house(cluster, folder / "old", place=place), story=False)
    without_owner(house).tutela("prepare")  # as a server does that is started without being told of the owner
    alone = without_owner(house)
    said = alone.tutela("evacuate", typed="no\n", wrong=True)
    assert said.index("belong to another role") < said.index("Type EVACUATE")
    assert rows(cluster, house, "access_agency") and (house.var / "root.key").exists()
    said = alone.tutela("evacuate", "--without-copy", typed=YES + LOSE, wrong=True)
    assert "Not yet: main database" in said
    assert rows(cluster, house, "access_agency") == 0 and rows(cluster, house, "audit_auditrow") > 0
    house.tutela("evacuate", "--finish")
    assert house.left() == ["evacuated.json", "server.lock"]


def sums(said: str) -> list[str]:
    return [word for line in said.splitlines() for word in line.split() if len(word) == 64]
