"""`tutela protocol coverage`: which tests show each requirement, read from the tests of this checkout without running them.

A test names what it shows with `@pytest.mark.covers("R11")`, a worked example in `tests/examples` with `rule: R11`.
A test that is skipped or expected to fail shows nothing.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import yaml

TESTS = Path(__file__).resolve().parents[2] / "tests"

# The requirements of casework itself: what a caseworker and their supervisor do (Part 3 of S2, and practice safeguards).
REQUIRED = tuple(
    f"R{number}"
    for numbers in (range(1, 60), range(72, 78), (103, 104), range(109, 120), range(122, 128))
    for number in numbers
)
_NUMBER = re.compile(r"R\d+\b")
_NO_EVIDENCE = {"skip", "skipif", "xfail"}

_Decorated = ast.FunctionDef | ast.ClassDef


def coverage_of(tests: Path) -> dict[str, list[str]]:
    """Each requirement with the tests that show it, as pytest calls them; every required one is there, shown or not."""
    shown: dict[str, list[str]] = {number: [] for number in REQUIRED}
    for path in sorted(tests.rglob("test_*.py")):
        name = f"{tests.name}/{path.relative_to(tests).as_posix()}"
        for number, test in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            shown.setdefault(number, []).append(f"{name}::{test}")
    for path in sorted((tests / "examples").glob("*.yaml")):
        for example in yaml.safe_load(path.read_text(encoding="utf-8")):
            for number in _NUMBER.findall(str(example["rule"])):
                shown.setdefault(number, []).append(
                    f"{tests.name}/test_examples.py::test_example[{example['name']}]"
                )
    return {number: shown[number] for number in sorted(shown, key=lambda one: int(one[1:]))}


def _marked(module: ast.Module) -> Iterator[tuple[str, str]]:
    everywhere = [
        mark
        for statement in module.body
        if isinstance(statement, ast.Assign) and _names(statement.targets) == ["pytestmark"]
        for mark in (statement.value.elts if isinstance(statement.value, ast.List) else [statement.value])
    ]
    for part in module.body:
        if isinstance(part, ast.FunctionDef):
            yield from _of(part, part.name, everywhere)
        elif isinstance(part, ast.ClassDef):
            for inner in part.body:
                if isinstance(inner, ast.FunctionDef):
                    yield from _of(inner, f"{part.name}::{inner.name}", [*everywhere, *part.decorator_list])


def _of(test: ast.FunctionDef, name: str, around: Sequence[ast.expr]) -> Iterator[tuple[str, str]]:
    marks = [*around, *test.decorator_list]
    if not test.name.startswith("test_") or _NO_EVIDENCE & {_mark(one) for one in marks}:
        return
    for mark in marks:
        if isinstance(mark, ast.Call) and _mark(mark) == "covers":
            yield from (
                (str(argument.value), name) for argument in mark.args if isinstance(argument, ast.Constant)
            )


def _mark(node: ast.expr) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    return called.attr if isinstance(called, ast.Attribute) else ""


def _names(targets: Sequence[ast.expr]) -> list[str]:
    return [target.id for target in targets if isinstance(target, ast.Name)]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def coverage(as_json: bool) -> None:
    """Say which tests show each requirement. Exit code 1 where one has none."""
    if not TESTS.is_dir():
        raise click.ClickException("The tests are not here: run this in a checkout of the sources.")
    shown = coverage_of(TESTS)
    missing = [number for number in REQUIRED if not shown[number]]
    if as_json:
        click.echo(json.dumps(shown, indent=2))
    else:
        for number, tests in shown.items():
            click.echo(f"{number:<5} {len(tests) or 'none'}")
    if missing:
        click.echo(f"Shown by no test: {', '.join(missing)}.", err=True)
        raise click.exceptions.Exit(1)
