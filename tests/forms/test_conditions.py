"""Conditions mean the same in Python and in the browser, and nothing that is written in them takes long."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.forms.condition_cases import (
    ANSWERS,
    DAYS,
    EVERYTHING_ASKED,
    PATTERNS,
    SOUP,
    SOURCES,
    Node,
    running_node,
    same,
)
from tutela.forms import patterns
from tutela.forms.condition_parser import DEEPEST, LONGEST_SOURCE
from tutela.forms.conditions import (
    BadCondition,
    as_text,
    evaluate,
    holds,
    parse,
    questions_in,
    value_text,
)

_BOOK = json.loads(Path(__file__).with_name("condition_vectors.json").read_text())
VECTORS: list[dict[str, Any]] = _BOOK["vectors"]
TODAY = _BOOK["today"]

# As many cases as `fuzzed` says, the same each time; or FUZZ_CASES=200000 others.
_CASES = int(os.environ.get("FUZZ_CASES", "0"))


def fuzzed(cases: int) -> settings:
    return settings(
        max_examples=_CASES or cases,
        derandomize=not _CASES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


# --- What conditions mean -----------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['rule'][:30]}: {vector['source']}")
def test_python_follows_the_vectors(vector: dict[str, Any]) -> None:
    answers, itself = vector.get("answers", {}), vector.get("itself", "")
    value = evaluate(parse(vector["source"]), answers, today=date.fromisoformat(TODAY), itself=itself)
    assert same(value, vector["expected"])


def test_the_browser_follows_the_vectors(node: Node) -> None:
    values = node.evaluate(
        [
            (parse(vector["source"]), vector.get("answers", {}), TODAY, vector.get("itself", ""))
            for vector in VECTORS
        ]
    )
    wrong = [
        (vector["source"], value)
        for vector, value in zip(VECTORS, values, strict=True)
        if not same(float("nan") if vector["expected"] is None else _as_python(vector["expected"]), value)
    ]
    assert wrong == []


@pytest.mark.thorough
@fuzzed(cases=2_000)
@given(source=SOURCES, answers=EVERYTHING_ASKED, today=DAYS, itself=ANSWERS)
def test_python_and_the_browser_never_differ(
    node: Node, source: str, answers: dict[str, str], today: date, itself: str
) -> None:
    tree = _parsed_unless_refused(source)
    value = evaluate(tree, answers, today=today, itself=itself)
    [other] = node.evaluate([(tree, answers, today.isoformat(), itself)])
    assert same(value, other), (source, tree)


@fuzzed(cases=1_000)
@given(pattern=PATTERNS, text=ANSWERS)
def test_a_pattern_means_what_it_means_elsewhere(node: Node, pattern: str, text: str) -> None:
    tree = parse(f"regex(., '{pattern}')")
    [in_the_browser] = node.evaluate([(tree, {}, TODAY, text)])
    here = holds(tree, {}, today=date.fromisoformat(TODAY), itself=text)
    assert here is in_the_browser is bool(re.fullmatch(pattern, as_text(text), re.ASCII))


def test_the_tests_with_node_fail_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(pytest.fail.Exception, match=r"Node is not installed.*script/setup"), running_node():
        pass


# --- Trees and answers --------------------------------------------------------------------------------------


def test_a_tree_tells_text_from_numbers() -> None:
    source = "${risk} = 'high' and ${age} >= 5 or ${age} = '5'"
    assert parse(source) == [
        "or",
        ["and", ["=", ["q", "risk"], "high"], [">=", ["q", "age"], 5]],
        ["=", ["q", "age"], "5"],
    ]


def test_a_tree_is_a_list_even_of_one_literal() -> None:
    assert [parse("'x'"), parse("5"), parse("-0.5"), parse("true()")] == [
        ["string", "x"],
        ["number", 5],
        ["number", -0.5],
        ["true"],
    ]


def test_a_tree_survives_json() -> None:
    for vector in VECTORS:
        tree = parse(vector["source"])
        assert json.loads(json.dumps(tree)) == tree


def test_it_names_the_questions_it_looks_at() -> None:
    tree = parse("if(selected(${threats}, 'q'), ${a} + 1, count(${people})) = 'b' or regex(${c}, 'q')")
    assert questions_in(tree) == {"threats", "a", "people", "c"}
    assert questions_in(parse("today() > date('2026-01-01') or . = 'q'")) == frozenset()


def test_answers_become_text() -> None:
    assert as_text("Zoe\u0301") == "Zo\u00e9"
    assert as_text(["neglect", "violence"]) == "neglect violence"
    assert as_text([{"name": "Amal"}, {"name": "Idris"}]) == "2"
    assert as_text([]) == ""


def test_a_calculation_gives_text() -> None:
    today = date.fromisoformat(TODAY)
    born = {"born": "2014-06-15"}
    assert value_text(parse("int((today() - ${born}) div 365.25)"), born, today=today) == "11"
    assert value_text(parse("int((today() - ${born}) div 365.25)"), {}, today=today) == ""


# --- What is refused ----------------------------------------------------------------------------------------

_REFUSED = [
    ("", 0, "missing at the end"),
    ("${a} =", 6, "missing at the end"),
    ("${a} = 'x", 7, "not closed"),
    ("(${a}", 5, "`)` is missing"),
    ("${a})", 4, "Expected an operator"),
    ("${a} ${b}", 5, "Expected an operator"),
    ("${A} = 1", 0, "A question is written"),
    ("${a = 1", 0, "A question is written"),
    ("$a = 1", 0, "A question is written"),
    ("${a} = 1e3", 7, "A number has digits"),
    ("${a} = 1_000", 7, "A number has digits"),
    ("${a} = 0x10", 7, "A number has digits"),
    ("${a} = 1234567890123456", 7, "A number has digits"),
    ("${a} = ٥", 7, "no meaning"),
    ("${a}\u00a0= 5", 4, "U+00A0"),
    ("${a} = ‘x’", 7, "no meaning"),
    ("${a} == 5", 6, "instead of `=`"),
    ("${a} AND ${b}", 5, "small letters"),
    ("high = ${a}", 0, "`high` is no function"),
    ("${a} < ${b} < ${c}", 12, "join them with `and`"),
    ("${a} = ${b} = ${c}", 12, "join them with `and`"),
    ("not ${a}", 4, "`(` is missing"),
    ("not()", 0, "takes 1 values, not 0"),
    ("selected(${a})", 0, "takes 2 values, not 1"),
    ("today(5)", 0, "takes 0 values"),
    ("if(${a}, 1)", 0, "takes 3 values"),
    ("if(${a} 1, 2)", 8, "Expected `,`"),
    ("and(${a}, ${b})", 0, "Expected a question"),
    ("count(5)", 6, "rows of a repeat"),
    ("round(${a}, ${b})", 12, "from 0 to 6 digits"),
    ("round(${a}, 7)", 12, "from 0 to 6 digits"),
    ("${d} > date('2026-02-30')", 12, "no such day"),
    ("position(${a})", 0, "no function"),
    ("regex(${a}, ${b})", 12, "in quotation marks"),
    ("regex(${a}, '(a+)+')", 17, "inside a repetition"),
    ("regex(${a}, '(a*b?)*')", 19, "inside a repetition"),
    ("regex(${a}, '((a|b)?c){2}')", 22, "inside a repetition"),
    ("regex(${a}, '((a+)?)?b*?')", 23, "cannot follow a repetition"),
    ("regex(${a}, 'a++')", 15, "cannot follow a repetition"),
    ("regex(${a}, '(a')", 15, "not closed"),
    ("regex(${a}, 'a)')", 14, "closes nothing"),
    ("regex(${a}, '[a')", 15, "not closed"),
    ("regex(${a}, '[z-a]')", 16, "from a smaller to a larger"),
    ("regex(${a}, '*')", 13, "no meaning"),
    ("regex(${a}, '(?=a)')", 14, "no meaning"),
    ("regex(${a}, '(a)\\1')", 16, "no meaning"),
    ("regex(${a}, '\\bx')", 13, "no meaning"),
    ("regex(${a}, 'a$b')", 14, "no meaning"),
    ("regex(${a}, 'a{101}')", 14, "up to 100"),
    ("regex(${a}, 'a{3,2}')", 14, "from less to more"),
    ("regex(${a}, '[ء-ي]+')", 14, "ASCII"),
    (f"regex(${{a}}, '{'a' * 101}')", 113, "at most 100"),
    (f"${{a}} = '{'x' * LONGEST_SOURCE}'", LONGEST_SOURCE, "at most 1000"),
    ("(" * (DEEPEST + 1), DEEPEST, "nested more than"),
    ("-" * (DEEPEST + 1), DEEPEST, "nested more than"),
    ("not(" * 200 + "1", 4 * DEEPEST, "nested more than"),
    ("1 - 1 + " * 100 + "1", 0, "nested more than"),
]


@pytest.mark.parametrize(("source", "position", "sentence"), _REFUSED, ids=lambda value: str(value)[:40])
def test_it_refuses_and_says_where_and_why(source: str, position: int, sentence: str) -> None:
    with pytest.raises(BadCondition) as refused:
        parse(source)
    assert sentence in refused.value.sentence
    assert refused.value.position == position
    assert str(refused.value).startswith(f"At character {position + 1}: ")


@fuzzed(cases=1_000)
@given(source=SOUP)
def test_every_source_is_read_or_refused(source: str) -> None:
    try:
        tree = parse(source)
    except BadCondition as refused:
        assert 0 <= refused.position <= len(source)
    else:
        evaluate(tree, {"a": source}, today=date.fromisoformat(TODAY))


def test_long_chains_are_one_list_and_not_deep() -> None:
    score = " + ".join(["${a}"] * 60)
    assert value_text(parse(score), {"a": "2"}, today=date.fromisoformat(TODAY)) == "120"


@pytest.mark.parametrize(
    "pattern", [".*" * 50, "a?" * 33 + "a" * 33, "(a|b|.)*" * 12, ".*.*.*" + ".{100}" * 15]
)
def test_no_pattern_takes_long(pattern: str, node: Node) -> None:
    text = "ab" * (patterns.LONGEST_TEXT // 2 - 1) + "\n"
    tree = parse(f"regex(., '{pattern}')")
    started = time.monotonic()
    assert not holds(tree, {}, today=date.fromisoformat(TODAY), itself=text)
    assert node.evaluate([(tree, {}, TODAY, text)]) == [False]
    assert time.monotonic() - started < 5  # seconds; a fraction of one on an idle machine


def test_an_answer_too_long_for_patterns_fits_none(node: Node) -> None:
    text = "a" * (patterns.LONGEST_TEXT + 1)
    tree = parse("regex(., 'a*')")
    assert not holds(tree, {}, today=date.fromisoformat(TODAY), itself=text)
    assert holds(tree, {}, today=date.fromisoformat(TODAY), itself=text[1:])
    assert node.evaluate([(tree, {}, TODAY, text), (tree, {}, TODAY, text[1:])]) == [False, True]


def _as_python(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _parsed_unless_refused(source: str) -> list[Any]:
    try:
        return parse(source)
    except BadCondition as refused:
        expected = (
            "nested more than",
            "at most 1000",
            "no such day",
        )  # what chance runs into; no other fault
        assume(not any(sentence in refused.sentence for sentence in expected))
        raise
