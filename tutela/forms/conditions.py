"""Conditions in the XLSForm idiom, such as `${risk_level} = 'high' and selected(${threats}, 'neglect')`.

A condition is parsed once into a nested list that can be kept as JSON; Python and the browser evaluate it
alike (`conditions.js` of `pages`). In a tree a text literal is a string, a number literal is a number, and
everything else is a list that begins with what it is: `["q", name]` for `${name}`, `["."]` for the answer of
the question itself, or the name of an operation before its parts.

What a tree means:

- Answers are text. Missing is empty. Several choices are joined by a space; a repeat is its number of rows.
- Text is read as a number if it is one (ASCII digits, at most 15 on each side of the point), or as the days
  since 1 January 1970 if it is a date that exists. Everything else, the empty answer above all, is no number
  (NaN); so is what is divided by zero or grows beyond 15 digits.
- `=` and `!=` compare numbers if one side is a number, else text. `<` and its like always compare numbers.
  Numbers are equal within 1e-9. Nothing but `!=` is true of what is no number.
- `mod` takes the sign of its left side, `round` goes half away from zero, `int` cuts off.
- Lengths count code points; all text is in NFC. A pattern of `regex` must fit the whole answer.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any
from unicodedata import normalize

from tutela.forms import patterns
from tutela.forms.condition_parser import BadCondition, parse
from tutela.forms.definition import Answer, Tree

__all__ = ["BadCondition", "Value", "as_text", "evaluate", "holds", "parse", "questions_in", "value_text"]

Value = bool | float | str

_NAN = math.nan
_EPSILON = 1e-9
_TOO_LARGE = 1e15
_DECIMALS_KEPT = 6  # of a number that becomes text
_FIRST_DAY = date(1970, 1, 1).toordinal()
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def holds(tree: Tree, answers: Mapping[str, str], *, today: date, itself: str = "") -> bool:
    """Whether the condition is true. `itself` is the answer that `.` stands for."""
    return _truth(evaluate(tree, answers, today=today, itself=itself))


def value_text(tree: Tree, answers: Mapping[str, str], *, today: date, itself: str = "") -> str:
    """The result of a calculation as an answer. What is no number is the empty answer."""
    return _text(evaluate(tree, answers, today=today, itself=itself))


def evaluate(tree: Tree, answers: Mapping[str, str], *, today: date, itself: str = "") -> Value:
    """The value of the tree for these answers, whatever they are. `today` is the day at the place of work."""

    def value(node: Any) -> Value:
        match node:
            case str():
                return node
            case int() | float():
                return float(node)
            case ["q", name]:
                return normalize("NFC", answers.get(name, ""))
            case ["."]:
                return normalize("NFC", itself)
            case ["today"]:
                return float(today.toordinal() - _FIRST_DAY)
            case ["if", condition, then, otherwise]:
                return value(then) if _truth(value(condition)) else value(otherwise)
            case ["regex", text, pattern]:
                return patterns.matches(pattern, _text(value(text)))
            case [operation, *parts]:
                return _OPERATIONS[operation](*map(value, parts))
        raise ValueError(f"not a part of a condition: {node!r}")

    return value(tree)


def questions_in(tree: Tree) -> frozenset[str]:
    """The names of the questions that the condition looks at."""

    def names(node: Any) -> Iterator[str]:
        if isinstance(node, list):
            if node[0] == "q":
                yield node[1]
            for part in node:
                yield from names(part)

    return frozenset(names(tree))


def as_text(answer: Answer) -> str:
    """An answer as conditions see it: codes joined by a space, a repeat as the number of its rows."""
    if isinstance(answer, str):
        return normalize("NFC", answer)
    if answer and isinstance(answer[0], dict):
        return str(len(answer))
    return " ".join(str(code) for code in answer)


def _truth(value: Value) -> bool:
    return value != 0 and not math.isnan(value) if isinstance(value, float) else bool(value)


def _number(value: Value) -> float:
    if not isinstance(value, str):
        return float(value)
    return float(value) if _NUMBER.fullmatch(value) else _days(value)


def _days(value: Value) -> float:
    """Days since 1 January 1970, of text that is a date which exists."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return _NAN
    try:
        return float(date.fromisoformat(value).toordinal() - _FIRST_DAY)
    except ValueError:
        return _NAN


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return ""
    kept = _round(value, _DECIMALS_KEPT)
    return str(int(kept)) if kept.is_integer() else format(Decimal(repr(kept)), "f")


def _bounded(number: float) -> float:
    return number if abs(number) < _TOO_LARGE else _NAN


def _difference(left: Value, right: Value) -> float:
    return _number(left) - _number(right)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        return abs(_difference(left, right)) <= _EPSILON
    return _text(left) == _text(right)


def _fold(step: Callable[[float, float], float]) -> Callable[..., float]:
    """A chain such as `a - b - c`, from the left."""
    return lambda *values: reduce(lambda left, right: _bounded(step(left, right)), map(_number, values))


def _divided(left: Value, right: Value) -> float:
    return _bounded(_number(left) / _number(right)) if _number(right) != 0 else _NAN


def _remainder(left: Value, right: Value) -> float:
    return math.fmod(_number(left), _number(right)) if _number(right) != 0 else _NAN


def _cut(number: float) -> float:
    """The part before the point; a number within 1e-9 of a whole one is that one."""
    if math.isnan(number):
        return _NAN
    return math.copysign(float(math.floor(abs(number) + _EPSILON)), number)


def _round(number: float, digits: float) -> float:
    scale = float(10 ** int(digits))
    return _bounded(_cut(number * scale + math.copysign(0.5, number)) / scale)


def _selected(choices: Value, code: Value) -> bool:
    return _text(code) != "" and _text(code) in _text(choices).split(" ")


def _coalesced(*values: Value) -> Value:
    return next((value for value in values if _text(value) != ""), values[-1])


# What takes the values of all its parts. `today`, `if` and `regex` stand in `evaluate`.
_OPERATIONS: dict[str, Callable[..., Value]] = {
    "and": lambda *values: all(map(_truth, values)),
    "or": lambda *values: any(map(_truth, values)),
    "not": lambda value: not _truth(value),
    "true": lambda: True,
    "false": lambda: False,
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: _difference(left, right) < -_EPSILON,
    "<=": lambda left, right: _difference(left, right) <= _EPSILON,
    ">": lambda left, right: _difference(left, right) > _EPSILON,
    ">=": lambda left, right: _difference(left, right) >= -_EPSILON,
    "+": _fold(lambda left, right: left + right),
    "-": _fold(lambda left, right: left - right),
    "*": _fold(lambda left, right: left * right),
    "negative": lambda value: -_number(value),
    "div": _divided,
    "mod": _remainder,
    "int": lambda value: _cut(_number(value)),
    "round": lambda value, digits: _round(_number(value), digits),
    "number": _number,
    "string": _text,
    "date": _days,
    "selected": _selected,
    "count-selected": lambda choices: float(sum(code != "" for code in _text(choices).split(" "))),
    "count": lambda rows: _number(rows) if _text(rows) != "" else 0.0,
    "coalesce": _coalesced,
    "string-length": lambda value: float(len(_text(value))),
    "contains": lambda value, part: _text(part) in _text(value),
    "starts-with": lambda value, start: _text(value).startswith(_text(start)),
}
