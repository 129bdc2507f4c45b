"""`tutela protocol publish`: a pack in force from a day on, in the log, and refused in a sentence."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.protocols.conftest import HEADER
from tutela.cli.main import main
from tutela.foundation import clock
from tutela.protocols import packs

pytestmark = pytest.mark.django_db


def publish(pack: str, agency: str, since: str) -> Result:
    return CliRunner().invoke(main, ["protocol", "publish", pack, "--agency", agency, "--since", since])


@pytest.fixture
def lantern() -> date:
    """An agency in Nairobi, and the day after tomorrow."""
    from tests.cast import SINCE, START
    from tutela.access.actions import found_agency

    found_agency(
        name="Lantern",
        time_zone="Africa/Nairobi",
        pack="demonstration",
        teams=("River",),
        since=SINCE,
        at=START,
    )
    return clock.now().date() + timedelta(days=2)


def test_a_pack_is_put_in_force_from_a_day_on_and_it_is_in_the_log(lantern: date) -> None:
    from tutela.audit.models import AuditRow
    from tutela.published.models import PackInForce

    done = publish("legacy_2014", "Lantern", lantern.isoformat())
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"Lantern works by legacy_2014 from {lantern}.\n"
    held = PackInForce.objects.order_by("since").last()
    assert held is not None and (held.pack.name, held.since) == ("legacy_2014", lantern)
    row = AuditRow.objects.get(act="protocol.published")
    assert (row.by, row.detail["pack"], row.detail["since"]) == (None, "legacy_2014", lantern.isoformat())
    again = publish("legacy_2014", "Lantern", lantern.isoformat())
    assert "already. Nothing was changed." in again.stdout and PackInForce.objects.count() == 2


@pytest.mark.parametrize(
    ("pack", "agency", "since", "sentence"),
    [
        ("nobodys", "Lantern", "2999-01-01", "There is no pack “nobodys”; there are demonstration, "),
        ("legacy_2014", "Nobody", "2999-01-01", "There is no agency “Nobody”; there are Lantern."),
        ("legacy_2014", "Lantern", "yesterday", "--since: 'yesterday' is not a day. Write it as 2027-01-01."),
        ("legacy_2014", "Lantern", "2020-01-01", "A pack never reaches back: choose"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    lantern: date, pack: str, agency: str, since: str, sentence: str
) -> None:
    from tutela.published.models import PackInForce

    done = publish(pack, agency, since)
    assert done.exit_code == 2 and done.stderr.startswith(sentence)
    assert PackInForce.objects.count() == 1


def test_a_pack_with_something_to_mend_is_not_published(
    lantern: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutela.published.models import PackInForce

    folder = tmp_path / "halfdone"
    folder.mkdir()
    (folder / "pack.yaml").write_text(HEADER.format(name="halfdone"))
    monkeypatch.setattr(packs, "PACKS", tmp_path)
    done = publish("halfdone", "Lantern", lantern.isoformat())
    assert done.exit_code == 1 and "tutela protocol check halfdone" in done.stderr
    assert PackInForce.objects.count() == 1
