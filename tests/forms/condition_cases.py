"""Where cases for the condition engine come from, and the browser's engine to compare with."""

import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tutela import pages
from tutela.forms.conditions import Value
from tutela.forms.definition import Tree
from tutela.forms.patterns import LONGEST_PATTERN

SCRIPT = Path(pages.__file__).parent / "static" / "tutela" / "conditions.js"
HARNESS = Path(__file__).with_name("conditions_in_node.mjs")

Case = tuple[Tree, dict[str, str], str, str]  # tree, answers, today, itself


@dataclass
class Node:
    """One Node process with the browser's conditions in it, which answers batch after batch."""

    process: subprocess.Popen[str]

    def evaluate(self, cases: list[Case]) -> list[Any]:
        """The values of the cases; what is no number comes back as None."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(cases, allow_nan=False) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "Node stopped; its reason stands above."
        values: list[Any] = json.loads(line)
        return values


@contextmanager
def running_node() -> Iterator[Node]:
    if not (node := shutil.which("node")):
        pytest.fail("Node is not installed, so nobody can say what the browser does. Run script/setup.")
    command = [node, str(HARNESS), str(SCRIPT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Node(process)


def same(value: Value, other: Any) -> bool:
    """Whether two values are the same, kind and all. `other` comes from JSON, where None is no number."""
    if isinstance(value, float):
        if math.isnan(value) or other is None:
            return math.isnan(value) and other is None
        return type(other) in (int, float) and abs(value - other) <= 1e-9
    return type(value) is type(other) and value == other


# --- Answers: what people type, and what has set the two languages apart before -----------------------------

_TELLING = [
    "", "0", "-0", "5", "05", "5.0", "-7", "7.5", "2.675", "1e3", "0x10", "1_000", "٥", "۵", " 5", "5 ", "+5",
    "5\n", ".5", "999999999999999", "1000000000000000", "0.000000000000001", "123456789012345.12345678901234",
    "Infinity", "NaN", "2026-02-28", "2026-02-30", "2024-02-29", "0000-01-01", "0001-01-01", "9999-12-31",
    "2026-01-01T10:00", "true", "yes", "a", "b", "a b", "b  a", "a\u00a0b", "neglect", "child_neglect",
    "é", "e\u0301", "𝒜", "👧🏽", "\u2028",
]  # fmt: skip
_NUMBERS = st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{1,16})?", fullmatch=True)
_DATES = st.dates().map(str) | st.from_regex(r"20[0-9]{2}-[0-3][0-9]-[0-3][0-9]", fullmatch=True)
# Characters that Python does not know may be known to the browser, and then have an NFC of their own.
_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=6)
_NEAR_PATTERNS = st.text("abc1 .-é\n\t\u00a0𝒜", max_size=8)

ANSWERS = st.sampled_from(_TELLING) | _NUMBERS | _DATES | _WORDS | _NEAR_PATTERNS
NAMES = st.sampled_from(["a", "b", "threats", "constructor"])

# --- Patterns -----------------------------------------------------------------------------------------------

_ATOMS = st.sampled_from([
    "a", "b", "1", "-", ".", r"\.", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S",
    "[a-c]", "[^b]", r"[\d_.]", r"[^\s-]",
])  # fmt: skip
_TIMES = st.sampled_from(["", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "{3,5}"])
_FLAT = st.lists(_ATOMS, max_size=3).map("".join)
_GROUPS = st.builds("(?:{}|{}){}".format, _FLAT, _FLAT, _TIMES) | st.builds("({}){}".format, _FLAT, _TIMES)
_PIECES = st.builds("{}{}".format, _ATOMS, _TIMES) | _GROUPS
_MAYBE = st.builds("({})?".format, st.lists(_PIECES, min_size=1, max_size=2).map("".join))
_SEVERAL = st.lists(_PIECES | _MAYBE, max_size=4).map("".join)
_ANCHORED = st.builds("^{}|{}$".format, _PIECES, _PIECES)
PATTERNS = (_SEVERAL | _ANCHORED).filter(lambda pattern: len(pattern) <= LONGEST_PATTERN)

# --- Conditions ---------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _chained(parts: list[str], operators: list[str]) -> str:
    return parts[0] + "".join(f" {sign} {part}" for sign, part in zip(operators, parts[1:], strict=False))


_QUESTIONS = NAMES.map("${{{}}}".format) | st.just(".")
_LITERALS = (
    ANSWERS.filter(lambda text: not ("'" in text and '"' in text)).map(_quoted)
    | st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,15})?", fullmatch=True)
    | st.sampled_from(["0", "1", "5", "0.1", "0.2", "0.3", "1.005", "2.5", "100000000000000", "0.0000000001"])
)
_LEAVES = (
    _QUESTIONS
    | _LITERALS
    | st.sampled_from(["today()", "true()", "false()"])
    | st.dates().map("date('{}')".format)
    | st.builds("regex({}, '{}')".format, _QUESTIONS, PATTERNS)
    | NAMES.map("count(${{{}}})".format)
)
_COMPARISONS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_OPERATORS = st.sampled_from(["and", "or", "+", "-", "*", "div", "mod"])
_OF_ONE = st.sampled_from(
    ["not", "int", "number", "string", "date", "count-selected", "string-length", "-", ""]
)
_OF_TWO = st.sampled_from(["selected", "contains", "starts-with", "coalesce"])


def _larger(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("({} {} {})".format, part, _COMPARISONS, part)
        | st.builds(
            _chained, st.lists(part, min_size=2, max_size=4), st.lists(_OPERATORS, min_size=3, max_size=3)
        )
        | st.builds("{}({})".format, _OF_ONE, part)
        | st.builds("{}({}, {})".format, _OF_TWO, part, part)
        | st.builds("if({}, {}, {})".format, part, part, part)
        | st.builds("round({}, {})".format, part, st.integers(0, 6))
    )


SOURCES = st.recursive(_LEAVES, _larger, max_leaves=10)
EVERYTHING_ASKED = st.dictionaries(NAMES, ANSWERS)
DAYS = st.dates()

# What looks like a condition and mostly is none.
_PIECES_OF_SOUP = [
    "${a}", "'x'", '"', "'", "5", "1e3", ".", "(", ")", ",", "-", "+", "<", "=", "!", "and", "or", "not(",
    "if(", "regex(", "'(a+)+'", "today()", "count-selected(", " ", "\u00a0", "٥", "$", "{", "}", "\\",
    "mod", "é",
]  # fmt: skip
SOUP = st.lists(st.sampled_from(_PIECES_OF_SOUP) | st.characters(), max_size=25).map("".join)
