"""On PostgreSQL, tables that somebody else owns: the application adds to the log and can do nothing else to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.keeper.process import running_keeper
from tests.postgres import Cluster
from tutela.audit.guards import KEYS

pytestmark = pytest.mark.chaos

ATTEMPTS = (
    "UPDATE {table} SET {key} = {key}", "DELETE FROM {table}", "TRUNCATE {table}", "DROP TABLE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL", "DROP TRIGGER {table}_no_delete ON {table}",
    "ALTER TABLE {table} RENAME TO another",
    "CREATE TRIGGER more BEFORE INSERT ON {table} EXECUTE FUNCTION audit_insert_only()",
    "CREATE OR REPLACE FUNCTION audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = 0",
)  # fmt: skip


class House:
    """An installation whose main database belongs to `house_owner`, and in which `house` works."""

    def __init__(self, cluster: Cluster, var: Path) -> None:
        with cluster.connect() as by:
            for role in ("house_owner", "house"):
                by.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            by.execute("CREATE DATABASE house OWNER house_owner")
        self.application = cluster.url("house").replace("tutela@", "house@")
        self.environment = os.environ | {
            "TUTELA_DEMONSTRATION": "1", "TUTELA_VAR": str(var), "TUTELA_DATABASE_URL": self.application,
            "TUTELA_DATABASE_OWNER_URL": cluster.url("house").replace("tutela@", "house_owner@"),
            "TUTELA_KEYRING_URL": cluster.ensure("house_keyring"),
        }  # fmt: skip

    def say(self, *words: str) -> str:
        ask = [str(Path(sys.executable).with_name("tutela")), *words]
        done = subprocess.run(ask, env=self.environment, capture_output=True, text=True, timeout=300)
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def house(durable_postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    var = tmp_path_factory.mktemp("house")
    var.chmod(0o700)
    with running_keeper(var):
        house = House(durable_postgres, var)
        assert house.say("prepare") == ""
        founded = house.say(
            "agency", "found", "River Aid", "--time-zone", "Africa/Nairobi", "--pack", "interagency_2024"
        )
        assert founded.startswith("River Aid works by")
        yield house


@pytest.mark.parametrize("table", KEYS)
def test_the_application_cannot_change_the_log_nor_take_its_guards_off(house: House, table: str) -> None:
    with psycopg.connect(house.application, autocommit=True) as by:
        for attempt in ATTEMPTS:
            statement = attempt.format(table=table, key=KEYS[table])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                by.execute(statement.encode())


def test_the_application_works_all_the_same(house: House) -> None:
    with psycopg.connect(house.application) as by:
        assert by.execute("SELECT act FROM audit_auditrow ORDER BY id").fetchall() == [("agency.founded",)]
    assert "0 rows in 0 seals" in house.say("audit", "verify")


def test_the_installation_says_so(house: House) -> None:
    assert "Log: the application can only add to it; somebody else owns its tables." in house.say("check")
    assert (
        'GRANT SELECT, INSERT ON audit_auditrow, audit_auditseal, audit_sealedrow TO "house";'
        in house.say("audit", "rights")
    )


def test_it_is_said_where_the_application_owns_its_log_or_may_change_it(house: House) -> None:
    owner = house.environment["TUTELA_DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as by:
        by.execute("GRANT UPDATE ON audit_auditrow TO house")
    assert "the application may change them. Run: tutela prepare" in house.say("check")
    house.say("prepare")
    assert "the application can only add to it" in house.say("check")
    house.environment = house.environment | {"TUTELA_DATABASE_URL": owner}
    assert "Log: rests on triggers; the application owns its tables." in house.say("check")


def test_guards_that_are_gone_are_found_and_put_up_again(house: House) -> None:
    house.environment = house.environment | {"TUTELA_DATABASE_URL": house.application}
    with psycopg.connect(house.environment["TUTELA_DATABASE_OWNER_URL"], autocommit=True) as by:
        by.execute("DROP TRIGGER audit_auditrow_no_update ON audit_auditrow")
    assert "The log lacks guards: audit_auditrow_no_update. Run: tutela prepare" in house.say("check")
    house.say("prepare")
    assert "lacks guards" not in house.say("check")
