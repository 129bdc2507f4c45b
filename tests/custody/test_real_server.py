"""The worst day, with the real server: it runs, is backed up, is evacuated, and runs on elsewhere."""

import http.client
from pathlib import Path

import pytest

from tests.custody.house import House, make_custodians, passphrases
from tests.server import running_server

pytestmark = pytest.mark.chaos


def test_a_running_office_is_evacuated_and_works_on_elsewhere(folder: Path, place: Path) -> None:
    old, new = folder / "old", folder / "new"
    old.mkdir()
    (new / "var").mkdir(mode=0o700, parents=True)
    to = {"TUTELA_BACKUP_TO": str(place)}
    with running_server(old, environment=to, arguments=("--no-stories",)) as server:
        house = House(server.var, to)
        make_custodians(folder / "keys")
        (server.var / "root-key").mkdir(mode=0o700, exist_ok=True)
        (server.var / "root-key/custodians.json").write_bytes((folder / "keys/custodians.json").read_bytes())
        house.tutela("story", "play", "tomas")
        said = house.tutela("evacuate", typed="EVACUATE\nEVACUATE\n")
        assert "server stopped" in said and "This house is empty" in said
        server.process.wait(20)
        assert house.left() == ["evacuated.json", "server.lock"]
        with pytest.raises(OSError):
            http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5).request(
                "GET", "/healthz"
            )
    elsewhere = House(new / "var")
    custodians = [part for name in ("Bo", "Cleo") for part in ("--custodian", folder / f"keys/{name}.age")]
    elsewhere.tutela("restore", *sorted(place.glob("*.bundle")), *custodians, typed=passphrases("Bo", "Cleo"))
    with running_server(new, arguments=("--no-stories",)):
        assert "0 differences" in elsewhere.tutela("facts", "rebuild", "--check")
        assert "seals" in elsewhere.tutela("audit", "verify")
        elsewhere.tutela("check")
