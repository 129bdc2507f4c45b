"""Asking the same question once: while a page is made, or while deadlines are worked out, nothing changes in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Inside the block every question marked with `once` is asked once for the same things.

    Only around reading: what is written meanwhile is not seen by a question that was asked before.
    """
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def is_remembering() -> bool:
    """Whether this is inside of `remembering()`."""
    return _answers.get() is not None


def once(question: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """A question that is asked once inside `remembering()`, and each time outside of it. Nobody changes its answer."""

    @wraps(question)
    def ask(*things: _Asked.args, **named: _Asked.kwargs) -> _Answer:
        answers = _answers.get()
        if answers is None:
            return question(*things, **named)
        key = (question, *map(_fixed, things), *((name, _fixed(one)) for name, one in sorted(named.items())))
        if key not in answers:
            answers[key] = question(*things, **named)
        answer: _Answer = answers[key]
        return answer

    return ask


def _fixed(thing: Any) -> Any:
    """Several things as one that a dictionary can hold."""
    return tuple(thing) if isinstance(thing, list) else frozenset(thing) if isinstance(thing, set) else thing
