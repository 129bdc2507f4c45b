"""Data keys that this process has opened: for seconds, and not past a lock (design §5)."""

import os
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from time import monotonic

from tutela.keeper.envelope import Key

SECONDS = 5.0
MOST = 6_000  # keys; the oldest go first


class _OpenedKeys:
    def __init__(self) -> None:
        self.changing = threading.Lock()
        self.epoch: str | None = None
        self.held: OrderedDict[Hashable, tuple[float, Key]] = OrderedDict()  # the soonest to expire first
        self.sweeper: threading.Timer | None = None


_opened = _OpenedKeys()


def find(name: Hashable, *, epoch: str | None) -> Key | None:
    """The key under `name`, where it was opened in this epoch of the keeper and less than `SECONDS` ago."""
    with _opened.changing:
        until, key = _opened.held.get(name, (0.0, None))
        return key if epoch == _opened.epoch and monotonic() < until else None


def keep(keys: Mapping[Hashable, Key], *, epoch: str | None) -> None:
    """Hold keys that were opened in `epoch`; those of another epoch are dropped."""
    with _opened.changing:
        if epoch != _opened.epoch:
            _opened.held.clear()
            _opened.epoch = epoch
        until = monotonic() + SECONDS
        for name, key in keys.items():
            _opened.held[name] = until, key
            _opened.held.move_to_end(name)
        while len(_opened.held) > MOST:
            _opened.held.popitem(last=False)
        _sweep_later()


def forget(names: Iterable[Hashable]) -> None:
    """Drop the keys under these names."""
    with _opened.changing:
        for name in names:
            _opened.held.pop(name, None)


def forget_all() -> None:
    """Drop every key."""
    with _opened.changing:
        _opened.held.clear()
        if _opened.sweeper is not None:
            _opened.sweeper.cancel()
            _opened.sweeper = None


def _sweep_later() -> None:
    """A process that has nothing more to do must not keep keys in memory: a timer drops them on time."""
    if _opened.held and _opened.sweeper is None:
        first, _ = next(iter(_opened.held.values()))
        _opened.sweeper = threading.Timer(max(0.0, first - monotonic()), _sweep)
        _opened.sweeper.daemon = True
        _opened.sweeper.start()


def _sweep() -> None:
    with _opened.changing:
        while _opened.held and next(iter(_opened.held.values()))[0] <= monotonic():
            _opened.held.popitem(last=False)
        _opened.sweeper = None
        _sweep_later()


def _start_anew() -> None:
    global _opened
    _opened = _OpenedKeys()


# A fork has neither the timer nor a reason to hold its parent's keys.
os.register_at_fork(after_in_child=_start_anew)
