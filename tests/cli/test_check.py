"""`tutela check`: what would fail a caseworker tomorrow is said to the operator today."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.protocols.conftest import HEADER
from tutela.cli.main import main

pytestmark = pytest.mark.django_db


def test_an_agency_whose_pack_lacks_what_casework_asks_for_is_named_with_the_way_out(tmp_path: Path) -> None:
    from tests.cast import gather, today
    from tutela.access.models import Agency
    from tutela.foundation.clock import now
    from tutela.published.actions import publish, put_in_force

    gather()
    first = CliRunner().invoke(main, ["check"])
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, "0 findings of Tutela's own.")
    folder = tmp_path / "outdated"
    folder.mkdir()
    (folder / "pack.yaml").write_text(HEADER.format(name="outdated"))
    lantern = Agency.objects.get(name="Lantern")
    put_in_force(agency_id=lantern.id, pack=publish(folder, at=now()), since=today(), at=now())
    then = CliRunner().invoke(main, ["check"])
    assert then.exit_code == 1
    said = next(line for line in then.stdout.splitlines() if line.startswith("Lantern works by outdated"))
    assert said.endswith(
        f"Run: tutela protocol publish outdated --agency Lantern --since {today().isoformat()}"
    )
