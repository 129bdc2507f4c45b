"""`tutela init` and its like: what is refused, before anybody has typed a passphrase."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django import Settings

from tests.cast import Cast
from tests.keeper.people import sealed_in
from tutela.cli.main import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a root key that is not there yet, and sticks for three custodians."""
    settings.DEMONSTRATION = False
    settings.ROOT_KEY = tmp_path / "root-key"
    for name in ("amina", "joseph", "rosa"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("tutela.custody.owning.make_tables", lambda _: None)  # they are there
    return tmp_path


def init(*custodians: str) -> Result:
    words = [word for one in custodians for word in ("--custodian", one)]
    return CliRunner().invoke(main, ["init", *words])


def three(house: Path) -> list[str]:
    return [f"{name}={house / name}" for name in ("amina", "joseph", "rosa")]


def test_a_demonstration_has_no_custodians(settings: Settings) -> None:
    assert "Set TUTELA_DEMONSTRATION=0" in init().stderr
    assert "A demonstration has no custodians" in CliRunner().invoke(main, ["rehearse"]).stderr
    assert "plain file" in CliRunner().invoke(main, ["keys", "rotate"]).stderr


def test_what_makes_no_three_custodians_is_refused(house: Path) -> None:
    amina, joseph, rosa = three(house)
    assert "give --custodian 3 times" in init(amina, joseph).stderr
    assert "a name of their own" in init(amina, amina, joseph).stderr
    assert "a folder of their own" in init(amina, joseph, f"rosa={house / 'amina'}").stderr
    assert "cannot be a custodian's name" in init(amina, joseph, f"../rosa={house / 'rosa'}").stderr
    assert "There is no folder" in init(amina, joseph, f"rosa={house / 'nowhere'}").stderr
    (house / "rosa" / "rosa.age").write_bytes(b"hers")
    assert "is there already" in init(amina, joseph, rosa).stderr
    assert sorted(path.name for path in house.rglob("*.age")) == ["rosa.age"]
    assert not (house / "root-key").exists()


def test_a_root_key_is_made_once(house: Path) -> None:
    sealed_in(house / "root-key")
    before = {path: path.read_bytes() for path in house.rglob("*") if path.is_file()}
    assert "There is a root key" in init(*three(house)).stderr
    assert {path: path.read_bytes() for path in house.rglob("*") if path.is_file()} == before


def test_a_keyring_that_another_root_key_has_wrapped_is_left_alone(house: Path, cast: Cast) -> None:
    assert "another root key has wrapped" in init(*three(house)).stderr
    assert not (house / "root-key").exists()
