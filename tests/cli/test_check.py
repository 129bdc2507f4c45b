"""`tutela check`: what would fail a caseworker tomorrow is said to the operator today."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.protocols.conftest import HEADER
from tutela.cli import asked_for
from tutela.cli.main import main
from tutela.protocols.packs import load

TUTELA = Path(__file__).parents[2] / "tutela"
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


def asked_by_name() -> Iterator[str]:
    """Every rule that some Python asks a pack for under a name that stands there."""
    for path in sorted(TUTELA.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("rule_on", "_rule"):
                yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


# An agency sets it or does not: no source has a number, and without it nothing is late (R85, ADR 44).
MAY_BE_MISSING = {"safeguarding.first_answer_within"}


def test_a_pack_is_looked_through_for_every_rule_that_is_asked_for_by_name() -> None:
    found = set(asked_by_name())
    assert {"custody.keyring_bundle_kept", "custody.duty_sheet_valid", "home_visit.people"} <= found
    assert sorted(found - set(asked_for.keys(load())) - MAY_BE_MISSING) == []
