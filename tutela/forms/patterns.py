"""Patterns for `regex(…)`: a small part of the usual notation, matched without ever going back.

A pattern is parsed once into a nested list which Python and the browser walk alike. So no two dialects of
regular expressions can disagree, and none takes long: all places reached so far are the bits of one number.

    ["in", "09az"]        one character of these ranges, each written as its first and its last character
    ["out", "09"]         one character outside of them
    ["then", a, b, …]     one after the other
    ["either", a, b, …]   one of them
    ["times", a, 1, 3]    repeated, at least and at most so often; -1 is without end
"""

import re
from functools import cache

from tutela.forms.definition import Tree

LONGEST_PATTERN = 100
LONGEST_TEXT = 10_000  # code points; a longer answer fits no pattern
MOST_REPEATS = 100

_SHORTHANDS = {
    ".": ["out", "\n\n"],
    "\\d": ["in", "09"],
    "\\D": ["out", "09"],
    "\\w": ["in", "09AZ__az"],
    "\\W": ["out", "09AZ__az"],
    "\\s": ["in", "\t\r  "],  # tab to carriage return, and the space: ASCII only
    "\\S": ["out", "\t\r  "],
}
_TOKEN = re.compile(r"\\.|\(\?:|\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}|.", re.DOTALL)
_SIGNS = frozenset("()[]{}|*+?^$\\")


class BadPattern(ValueError):
    """A pattern that is refused. `position` counts characters of the pattern from 0."""

    def __init__(self, sentence: str, position: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.position = position


def parse(source: str) -> Tree:
    """The pattern as a nested list. It always means the whole text, so `^` first and `$` last change nothing.

    Raises BadPattern for what is too long, not ASCII, outside this notation, or a repetition of a repetition
    (only `?` may follow a group that repeats something).
    """
    if len(source) > LONGEST_PATTERN:
        raise BadPattern(f"A pattern has at most {LONGEST_PATTERN} characters.", LONGEST_PATTERN)
    for position, character in enumerate(source):
        if not " " <= character <= "~":
            raise BadPattern(
                f"Only plain ASCII characters can stand in a pattern, not {character!r}.", position
            )
    return _Parser(source).whole()


def matches(pattern: Tree, text: str) -> bool:
    """Whether the whole of `text` fits the pattern. Bit `i` stands for the place before character `i`."""
    if len(text) > LONGEST_TEXT:
        return False

    @cache
    def fitting(kind: str, ranges: str) -> int:
        pairs = [(ranges[at], ranges[at + 1]) for at in range(0, len(ranges), 2)]
        fits = (any(low <= one <= high for low, high in pairs) is (kind == "in") for one in reversed(text))
        return int("0" + "".join("1" if one else "0" for one in fits), 2)

    def after(part: Tree, places: int) -> int:
        match part:
            case ["then", *parts]:
                for one in parts:
                    places = after(one, places)
                return places
            case ["either", *parts]:
                reached = 0
                for one in parts:
                    reached |= after(one, places)
                return reached
            case ["times", one, least, most]:
                return repeated(one, least, most, places)
            case [kind, ranges]:
                return (places & fitting(kind, ranges)) << 1
        raise ValueError(f"unknown part of a pattern: {part!r}")

    def repeated(part: Tree, least: int, most: int, places: int) -> int:
        for _ in range(least):
            places = after(part, places)
        reached = fresh = places
        times = least
        while fresh and times != most:
            fresh = after(part, fresh) & ~reached
            reached |= fresh
            times += 1
        return reached

    return bool(after(pattern, 1) >> len(text) & 1)


class _Parser:
    """Recursive descent over the tokens of one pattern."""

    def __init__(self, source: str) -> None:
        self.tokens = list(_TOKEN.finditer(source))
        self.at = 0
        self.end = len(source)

    def whole(self) -> Tree:
        if self._next() == "^":
            self.at += 1
        if self.at < len(self.tokens) and self.tokens[-1].group() == "$":
            self.end = self.tokens.pop().start()
        pattern = self._either()
        if self._next():
            raise self._refused("This `)` closes nothing.")
        return pattern

    def _next(self) -> str:
        return self.tokens[self.at].group() if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1].group()

    def _refused(self, sentence: str, *, back: int = 0) -> BadPattern:
        at = self.at - back
        return BadPattern(sentence, self.tokens[at].start() if at < len(self.tokens) else self.end)

    def _either(self) -> Tree:
        branches = [self._then()]
        while self._next() == "|":
            self.at += 1
            branches.append(self._then())
        return branches[0] if len(branches) == 1 else ["either", *branches]

    def _then(self) -> Tree:
        parts = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._piece())
        return parts[0] if len(parts) == 1 else ["then", *parts]

    def _piece(self) -> Tree:
        atom = self._atom()
        if not (limits := self._limits()):
            return atom
        if _repeats(atom) and limits != (0, 1):
            raise self._refused("A repetition cannot stand inside a repetition.")
        self.at += 1
        if self._limits():
            raise self._refused("A repetition cannot follow a repetition.")
        return ["times", atom, *limits]

    def _limits(self) -> tuple[int, int] | None:
        token = self._next()
        if token in ("*", "+", "?"):
            return {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[token]
        if len(token) < 2 or token[0] != "{":
            return None
        low, comma, high = self.tokens[self.at].groups()
        least = int(low)
        most = least if not comma else int(high) if high else -1
        if max(least, most) > MOST_REPEATS or -1 < most < least:
            raise self._refused(f"A repetition counts from less to more, up to {MOST_REPEATS}.")
        return least, most

    def _atom(self) -> Tree:
        sign = self._take()
        if sign in ("(", "(?:"):
            inner = self._either()
            if self._next() != ")":
                raise self._refused("A `(` of this pattern is not closed.")
            self.at += 1
            return inner
        if sign == "[":
            return self._class()
        if sign in _SHORTHANDS:
            return list(_SHORTHANDS[sign])
        character = self._character(sign)
        return ["in", character * 2]

    def _class(self) -> Tree:
        kind = "in"
        if self._next() == "^":
            self.at += 1
            kind = "out"
        ranges = ""
        while self._next() != "]" or not ranges:
            if not self._next():
                raise self._refused("A `[` of this pattern is not closed.")
            ranges += self._range()
        self.at += 1
        return [kind, ranges]

    def _range(self) -> str:
        token = self._take()
        if token in ("\\d", "\\w", "\\s"):
            return str(_SHORTHANDS[token][1])
        low = self._character(token, plain="^$.|*+?()")
        follows = self.tokens[self.at + 1].group() if self.at + 1 < len(self.tokens) else ""
        if self._next() != "-" or follows == "]":
            return low * 2
        self.at += 1
        high = self._character(self._take(), plain="^$.|*+?()") if self._next() else ""
        if high < low:
            raise self._refused("A range runs from a smaller to a larger character.", back=1)
        return low + high

    def _character(self, token: str, *, plain: str = "") -> str:
        """One literal character: as it is, or behind a backslash if it is punctuation."""
        if len(token) == 1 and (token in plain or token not in _SIGNS):
            return token
        if len(token) == 2 and token[0] == "\\" and not token[1].isalnum():
            return token[1]
        raise self._refused(
            f"`{token}` has no meaning here; a sign that stands for itself needs a `\\`.", back=1
        )


def _repeats(pattern: Tree) -> bool:
    return pattern[0] == "times" or any(_repeats(part) for part in pattern if isinstance(part, list))
