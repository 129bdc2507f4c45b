"""From the source of a condition to its tree. `tutela.forms.conditions` says what a tree means."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from unicodedata import normalize

from tutela.forms import patterns
from tutela.forms.definition import Tree

LONGEST_SOURCE = 1_000  # characters
DEEPEST = 20  # brackets and calls within each other, and lists within lists of the tree
MOST_DIGITS = 6  # that `round` keeps after the point

_TOKEN = re.compile(
    r"""
      (?P<space>    [ \t\r\n]+ )
    | (?P<question> \$\{ [a-z][a-z0-9_]* \} )
    | (?P<text>     '[^']*' | "[^"]*" )
    | (?P<number>   [0-9]{1,15} (?: \.[0-9]{1,15} )? (?! [0-9A-Za-z_.] ) )
    | (?P<word>     [a-z]+ (?: -[a-z]+ )* (?! [0-9A-Za-z_] ) )
    | (?P<sign>     <= | >= | != | [=<>+*(),.-] )
    """,
    re.VERBOSE,
)

# How strongly an operator binds. Comparisons stand alone: `a < b < c` is refused.
_BINDING = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3,
    "+": 4, "-": 4, "*": 5, "div": 5, "mod": 5,
}  # fmt: skip
_COMPARISON = 3
_CHAINS = frozenset(("or", "and", "+", "-", "*"))  # `a and b and c` is one list

# How many values each function takes, at least and at most.
_FUNCTIONS: dict[str, tuple[int, int]] = {
    "not": (1, 1), "true": (0, 0), "false": (0, 0), "if": (3, 3), "coalesce": (2, 10),
    "today": (0, 0), "date": (1, 1), "int": (1, 1), "round": (2, 2), "number": (1, 1), "string": (1, 1),
    "selected": (2, 2), "count-selected": (1, 1), "count": (1, 1),
    "string-length": (1, 1), "contains": (2, 2), "starts-with": (2, 2), "regex": (2, 2),
}  # fmt: skip


class BadCondition(ValueError):
    """A condition that cannot be read: `sentence` says what is wrong, at `position` counted from 0."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(f"At character {position + 1}: {sentence}")
        self.sentence = sentence
        self.position = position


def parse(source: str) -> Tree:
    """The tree of `source`. Raises BadCondition for everything that has no meaning or no bound."""
    if len(source) > LONGEST_SOURCE:
        raise BadCondition(f"A condition has at most {LONGEST_SOURCE} characters.", LONGEST_SOURCE)
    tree = _Parser(_tokens(source)).whole()
    if _depth(tree) > DEEPEST:
        raise BadCondition(f"This is nested more than {DEEPEST} deep. Make it simpler.", 0)
    if isinstance(tree, list):
        return tree
    return ["string" if isinstance(tree, str) else "number", tree]  # a tree is a list, even of one literal


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(source: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if not found:
            raise BadCondition(_why_no_token(source[at:]), at)
        if found.lastgroup != "space":
            tokens.append(_Token(str(found.lastgroup), found.group(), at))
        at = found.end()
    return [*tokens, _Token("end", "", at)]


def _why_no_token(rest: str) -> str:
    if rest[0] == "$":
        return "A question is written ${name}, its name in small letters, digits and _."
    if rest[0] in "'\"":
        return f"The text after this {rest[0]} is not closed."
    if "0" <= rest[0] <= "9":
        return "A number has digits and at most one point, and at most 15 digits on each side of it."
    if rest[0].isascii() and rest[0].isalpha():
        return "Words are written in small letters; text stands in quotation marks and a question in ${ }."
    return f"The character {rest[0]!r} (U+{ord(rest[0]):04X}) has no meaning here."


class _Parser:
    """A Pratt parser: an operator takes everything to its right that binds more strongly than itself."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Any:
        tree = self.expression(0)
        if self.next.kind != "end":
            raise self.refused(f"Expected an operator, such as `and` or `=`, before `{self.next.text}`.")
        return tree

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, sign: str, sentence: str) -> None:
        if self.next.text != sign or self.next.kind != "sign":
            raise self.refused(sentence)
        self.at += 1

    def refused(self, sentence: str) -> BadCondition:
        return BadCondition(sentence, self.next.position)

    def expression(self, binding: int) -> Any:
        left, previous = self.operand(), 0
        while self.next.kind in ("sign", "word") and binding < (own := _BINDING.get(self.next.text, 0)):
            if own == previous == _COMPARISON:
                raise self.refused("Two comparisons cannot follow each other; join them with `and`.")
            operator, previous = self.take().text, own
            left = _joined(operator, left, self.expression(own))
        return left

    def operand(self) -> Any:
        token = self.next
        if token.text == "-" and token.kind == "sign":
            return self.deeper(self.negative)
        if token.text == "(" and token.kind == "sign":
            return self.deeper(self.bracket)
        if token.kind == "word" and token.text in _FUNCTIONS:
            return self.deeper(self.call)
        if token.kind == "question":
            return ["q", self.take().text[2:-1]]
        if token.kind == "text":
            return normalize("NFC", self.take().text[1:-1])
        if token.kind == "number":
            return _literal(self.take().text)
        if token.text == "." and token.kind == "sign":
            self.at += 1
            return ["."]
        raise self.refused(_why_no_operand(token))

    def deeper(self, reading: Callable[[], Any]) -> Any:
        if self.depth == DEEPEST:
            raise self.refused(f"This is nested more than {DEEPEST} deep. Make it simpler.")
        self.depth += 1
        tree = reading()
        self.depth -= 1
        return tree

    def negative(self) -> Any:
        self.at += 1
        tree = self.operand()
        return -tree if isinstance(tree, int | float) else ["negative", tree]

    def bracket(self) -> Any:
        self.at += 1
        tree = self.expression(0)
        self.expect(")", "The bracket is not closed; a `)` is missing here.")
        return tree

    def call(self) -> Any:
        name, starts = self.take(), []
        self.expect("(", f"`{name.text}` is a function; a `(` is missing here.")
        parts: list[Any] = []
        while self.next.text != ")" or self.next.kind != "sign":
            if parts:
                self.expect(",", f"Expected `,` or `)` after this value of `{name.text}`.")
            starts.append(self.next)
            parts.append(self.expression(0))
        self.at += 1
        return _called(name, starts, parts)


def _joined(operator: str, left: Any, right: Any) -> Tree:
    if operator in _CHAINS and isinstance(left, list) and left[0] == operator:
        return [*left, right]
    return [operator, left, right]


def _literal(digits: str) -> int | float:
    return float(digits) if "." in digits else int(digits)


def _why_no_operand(token: _Token) -> str:
    if token.kind == "end":
        return "Something is missing at the end."
    if token.kind == "word" and token.text not in _BINDING:
        return (
            f"`{token.text}` is no function known here. Text stands in quotation marks, a question in ${{ }}."
        )
    return f"Expected a question, a value or a function instead of `{token.text}`."


def _called(name: _Token, starts: list[_Token], parts: list[Any]) -> Tree:
    least, most = _FUNCTIONS[name.text]
    if not least <= len(parts) <= most:
        takes = f"{least}" if least == most else f"{least} to {most}"
        raise BadCondition(f"`{name.text}` takes {takes} values, not {len(parts)}.", name.position)
    if name.text == "regex":
        return ["regex", parts[0], _pattern(starts[1], parts[1])]
    if name.text == "round" and not (isinstance(parts[1], int) and 0 <= parts[1] <= MOST_DIGITS):
        sentence = f"`round` keeps from 0 to {MOST_DIGITS} digits; write that number here."
        raise BadCondition(sentence, starts[1].position)
    if name.text == "count" and (not isinstance(parts[0], list) or parts[0][0] != "q"):
        raise BadCondition("`count` counts the rows of a repeat; write ${name} here.", starts[0].position)
    if name.text == "date" and isinstance(parts[0], str) and not _is_date(parts[0]):
        raise BadCondition("There is no such day; write it as '2026-01-31'.", starts[0].position)
    return [name.text, *parts]


def _pattern(token: _Token, literal: Any) -> Tree:
    if not isinstance(literal, str):
        raise BadCondition("The pattern of `regex` is written here, in quotation marks.", token.position)
    try:
        return patterns.parse(literal)
    except patterns.BadPattern as error:
        raise BadCondition(error.sentence, token.position + 1 + error.position) from error


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _depth(tree: Any) -> int:
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, list):
            deepest = max(deepest, level)
            waiting += [(part, level + 1) for part in node]
    return deepest
