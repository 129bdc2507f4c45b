"""On PostgreSQL the tables may belong to another role: the application destroys what it may, and says what is left."""

from pathlib import Path

from tests.custody.house import House, addresses
from tests.postgres import running_cluster

APPLICATION = "application"


def test_what_the_application_does_not_own_it_empties_and_names(folder: Path) -> None:
    var = folder / "var"
    var.mkdir(mode=0o700)
    with running_cluster(durable=False) as cluster:
        owner = House(var, addresses(cluster, "o"))
        owner.tutela("prepare")
        with cluster.connect("o-main") as connection:
            connection.execute(f"CREATE ROLE {APPLICATION} LOGIN")
            connection.execute(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APPLICATION}"
            )
            connection.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}")
            connection.execute(f"REVOKE UPDATE, DELETE ON audit_auditrow FROM {APPLICATION}")
            connection.execute("INSERT INTO access_agency VALUES (gen_random_uuid(), 'Lantern', 'UTC')")
        main = {"TUTELA_DATABASE_URL": cluster.url("o-main").replace("tutela@", f"{APPLICATION}@")}
        house = House(var, {**owner.environment, **main})
        said = house.tutela(
            "evacuate", "--without-copy", typed="EVACUATE\nEVACUATE\nLOSE IT\nLOSE IT\n", wrong=True
        )
        assert "Not yet: main database" in said
        with cluster.connect("o-main") as connection:
            assert connection.execute("SELECT count(*) FROM access_agency").fetchone() == (0,)
            assert connection.execute("SELECT count(*) FROM audit_auditrow").fetchone() != (0,)
        owner.tutela("evacuate", "--finish")
        assert house.left() == ["evacuated.json", "server.lock"]
