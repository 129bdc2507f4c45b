"""No age, delay or ratio of casework is a literal in Python: they stand in the packs, with a source.

Found are numbers, numbers in quotes and ISO 8601 durations that are assigned to, compared with, passed or
defaulted to a name that measures (`age`, `overdue_days`, `caseload_limit` …), and every literal in a
`timedelta`. Nought is no number here.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

TUTELA = Path(__file__).parents[2] / "tutela"

MEASURES = {
    "age", "ages", "majority", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks", "month",
    "months", "year", "years", "delay", "delays", "interval", "period", "duration", "deadline", "deadlines",
    "due", "overdue", "limit", "limits", "threshold", "quota", "ratio", "ratios", "caseload", "caseloads",
}  # fmt: skip
DELTAS = {"timedelta", "relativedelta"}
SAME_MEASURE = {
    "len",
    "abs",
    "min",
    "max",
    "sum",
    "round",
    "int",
    "float",
}  # len(days) measures what days does
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
ISO_DURATION = re.compile(r"P(?=\d|T\d)(\d+(\.\d+)?[YMWD])*(T(\d+(\.\d+)?[HMS])+)?")


class Allowed(NamedTuple):
    """Numbers that are no rule of casework: the file, the names they go by, and why they may stand."""

    file: str
    names: tuple[str, ...]
    reason: str


ALLOWED = (
    Allowed(
        "commands/guarding.py", ("_FIRST_YEAR",), "A date before it is a slip in typing; it limits no work."
    ),
    Allowed("forms/patterns.py", ("limits",), "How often a piece of a text pattern may repeat."),
    Allowed("keeper/server.py", ("poll_interval",), "Seconds between two looks at a socket."),
    Allowed(
        "pages/dates.py",
        ("_WEEK", "_MONTH", "_YEAR", "_DAYS_UNTIL", "_WEEKS_UNTIL", "days", "hours", "months", "timedelta"),
        "Whether a distance in time is said in days, weeks or months.",
    ),
    Allowed(
        "pages/styleguide.py",
        ("age", "days", "hours", "timedelta"),
        "Invented content that the components show.",
    ),
    Allowed("pages/templatetags/words.py", ("minutes", "timedelta"), "A length of time said in minutes."),
    Allowed("site/settings.py", ("CONN_MAX_AGE",), "Seconds that a connection to the database is kept."),
    Allowed("site/settings.py", ("AXES_FAILURE_LIMIT",), "Guesses at a password."),
    Allowed("site/settings.py", ("SESSION_COOKIE_AGE",), "After how long somebody signs in anew."),
)


class Found(NamedTuple):
    """A literal where none may be; it goes by a `name` that measures, `timedelta` or `duration`."""

    file: str
    line: int
    name: str
    code: str


def literals_in(source: str, file: str) -> list[Found]:
    """Every literal of casework in a Python source, in the order of its lines."""
    found = {
        Found(file, node.lineno, name, ast.unparse(node))
        for parent in ast.walk(ast.parse(source))
        for name, node in _suspects(parent)
    }
    return sorted(found, key=lambda one: (one.line, one.name))


def _suspects(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The literals that `node` binds to something that measures."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and ISO_DURATION.fullmatch(node.value):
        yield "duration", node
    if isinstance(node, ast.Call) and _name(node.func) in DELTAS:
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if _has_number(argument):
                yield _name(node.func), argument
    for name, value in _bound(node):
        if value is not None and _measures(name) and _has_number(value):
            yield name, value


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """The pairs of a name and the value that it gets or is held against."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        yield _name(node.target), node.value
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield _name(key), value
    elif isinstance(node, ast.arguments):
        yield from _defaults(node)
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, right in pairwise(sides):
            yield from ((name, right) for name in _names(left))
            yield from ((name, left) for name in _names(right))
    elif isinstance(node, ast.Match):
        values = [
            one.value
            for case in node.cases
            for one in ast.walk(case.pattern)
            if isinstance(one, ast.MatchValue)
        ]
        yield from ((name, value) for name in _names(node.subject) for value in values)


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        for inner, one in zip(target.elts, value.elts, strict=False):
            yield from _assigned(inner, one)
    else:
        yield from ((name, value) for name in _names(target))


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr | None]]:
    placed = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(reversed(placed), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, only in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument.arg, only


def _measures(name: str) -> bool:
    return not MEASURES.isdisjoint(name.lower().split("_"))


def _names(node: ast.expr) -> list[str]:
    """What an expression is called, or the parts of it are."""
    if isinstance(node, ast.BinOp):
        return _names(node.left) + _names(node.right)
    if isinstance(node, ast.Tuple | ast.List):
        return [name for inner in node.elts for name in _names(inner)]
    if isinstance(node, ast.Call):
        inner = node.args if _name(node.func) in SAME_MEASURE else []
        return [_name(node.func), *(name for argument in inner for name in _names(argument))]
    return [_name(node)]


def _name(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _name(node.slice) or _name(node.value)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def _has_number(node: ast.AST) -> bool:
    """Whether a value is written out: a number but nought, alone or in a sum, a choice or a collection."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return NUMBER.fullmatch(node.value) is not None and float(node.value) != 0
        return isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value != 0
    if isinstance(node, ast.BinOp):
        return any(_has_number(side) and not _is_one(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call):
        made = node.args if _name(node.func) in {"int", "float", "Decimal", "Fraction"} else []
        defaults = [keyword.value for keyword in node.keywords if keyword.arg == "default"]
        return any(map(_has_number, (*made, *defaults)))
    inner = ast.UnaryOp | ast.BoolOp | ast.IfExp | ast.Tuple | ast.List | ast.Set | ast.Dict
    parts = [part for part in ast.iter_child_nodes(node) if part is not getattr(node, "test", None)]
    if isinstance(node, ast.Dict):
        parts = list(node.values)
    return isinstance(node, inner) and any(map(_has_number, parts))


def _is_one(node: ast.AST) -> bool:
    """The next one, the one before: counting, not measuring."""
    return isinstance(node, ast.Constant) and node.value == 1


def _everything() -> list[Found]:
    sources = ((file, file.relative_to(TUTELA).as_posix()) for file in sorted(TUTELA.rglob("*.py")))
    return [one for file, name in sources for one in literals_in(file.read_text(encoding="utf-8"), name)]


def test_no_age_delay_or_ratio_of_casework_is_a_literal() -> None:
    allowed = {(one.file, name) for one in ALLOWED for name in one.names}
    found = [one for one in _everything() if (one.file, one.name) not in allowed]
    assert not found, "\n".join(f"tutela/{one.file}:{one.line}: {one.name}, {one.code}" for one in found)


def test_every_allowance_is_still_needed_and_has_a_reason() -> None:
    found = {(one.file, one.name) for one in _everything()}
    assert [(one.file, name) for one in ALLOWED for name in one.names if (one.file, name) not in found] == []
    assert all(one.reason.endswith(".") for one in ALLOWED)


@pytest.mark.parametrize(
    "planted",
    [
        "OVERDUE_DAYS = 3",
        "max_age = 17",
        "age_of_majority: int = 18",
        "days += 7",
        "days = -7",
        "days = '14'",
        "ages = (6, 12, 15)",
        "HOURS = {'high': 24, 'low': 168}",
        "day, hours = start, 24",
        "weeks = 3 if high else 0",
        "limit = given or 25",
        "limit = base + 3",
        "delay = 60 * 60 * 24",
        "months = int('3')",
        "days = models.IntegerField(default=30)",
        "Case.objects.filter(age__gte=18)",
        "case.overdue_after_days = 2",
        "if (days := 7): pass",
        "if age >= 18: pass",
        "if 18 <= person.age: pass",
        "if age in (16, 17): pass",
        "if 12 <= age < 15: pass",
        "if (today - born).days > 90: pass",
        "if age_on(day, born=born) >= 18: pass",
        "if case['age'] == 5: pass",
        "if len(caseload) > 25: pass",
        "if cases / caseload_ratio > 0.5: pass",
        "match age:\n    case 5 | 6: pass",
        "def due(days: int = 30): pass",
        "def due(*, hours=24): pass",
        "lambda days=7: days",
        "move(days=7)",
        "rule = {'days': 7}",
        "timedelta(days=7)",
        "timedelta(7)",
        "datetime.timedelta(seconds=60 * 60)",
        "relativedelta(months=+3)",
        "follow_up = 'P3M'",
        "wait('PT24H')",
        "call('P1Y6M')",
    ],
)
def test_a_planted_literal_is_found(planted: str) -> None:
    assert literals_in(planted, "planted.py")


@pytest.mark.parametrize(
    "clean",
    [
        "days = rule.number",
        "if age < 0: pass",
        "days = 0",
        "page = 3",
        "message = 'Wait 3 days.'",
        "package = 7",
        "next_day = day + timedelta(0)",
        "timedelta(days=rule.number)",
        "timedelta(**{unit: value})",
        "month = months + 1",
        "limit = None",
        "overdue = False",
        "if len(rows) > 3: pass",
        "if status == 404: pass",
        "due(clocks, days)",
        "text = 'PAGE'",
        "text = 'P'",
    ],
)
def test_what_measures_nothing_is_left_alone(clean: str) -> None:
    assert literals_in(clean, "clean.py") == []


def test_it_says_where() -> None:
    (found,) = literals_in("import datetime\n\n\ndef late(days):\n    return days > 16\n", "late.py")
    assert found == Found("late.py", 5, "days", "16")
