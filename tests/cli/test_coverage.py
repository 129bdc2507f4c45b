"""`tutela protocol coverage`: what it counts as evidence, and that every requirement of casework has some."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tutela.cli.coverage import REQUIRED, coverage_of
from tutela.cli.protocol import protocol

TESTS = Path(__file__).parents[1]


@pytest.fixture
def some_tests(tmp_path: Path) -> Path:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "consent.yaml").write_text(
        "- {name: A girl of five, rule: 'R8, R16', given: {}, expect: {}}\n"
    )
    (tmp_path / "test_here.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.django_db, pytest.mark.covers('R1')]\n"
        "@pytest.mark.covers('R2', 'R3')\ndef test_one(): ...\n"
        "@pytest.mark.skip\n@pytest.mark.covers('R4')\ndef test_two(): ...\n"
        "@pytest.mark.covers('R5')\ndef not_a_test(): ...\n"
        "@pytest.mark.covers('R6')\nclass TestThem:\n    def test_three(self): ...\n"
    )
    return tmp_path


def test_marks_and_examples_are_evidence_and_skipped_tests_are_none(some_tests: Path) -> None:
    shown = {number: tests for number, tests in coverage_of(some_tests).items() if tests}
    here = f"{some_tests.name}/test_here.py"
    example = f"{some_tests.name}/test_examples.py::test_example[A girl of five]"
    assert shown == {
        "R1": [f"{here}::test_one", f"{here}::TestThem::test_three"],
        "R2": [f"{here}::test_one"],
        "R3": [f"{here}::test_one"],
        "R6": [f"{here}::TestThem::test_three"],
        "R8": [example],
        "R16": [example],
    }


def test_every_requirement_of_casework_is_shown_by_a_test() -> None:
    shown = coverage_of(TESTS)
    assert [number for number in REQUIRED if not shown[number]] == []


def test_what_is_listed_is_what_pytest_runs(request: pytest.FixtureRequest) -> None:
    """The list is read from the sources; where pytest collected the same test, it carries the same marks."""
    listed = {test.partition("[")[0] for tests in coverage_of(TESTS).values() for test in tests}
    marked = {
        item.nodeid.partition("[")[0]
        for item in request.session.items
        if any(item.iter_markers("covers"))
        and not any(map(item.get_closest_marker, ("skip", "skipif", "xfail")))
    }
    assert marked <= listed


def test_it_prints_every_requirement_and_its_tests() -> None:
    result = CliRunner().invoke(protocol, ["coverage", "--json"])
    printed = json.loads(result.stdout)
    assert set(REQUIRED) <= set(printed)
    assert any("test_examples.py::test_example[" in test for test in printed["R26"])
    assert result.exit_code == 0
