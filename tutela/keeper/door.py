"""Custodians come one after the other, from two places if need be; whoever guesses has to wait (R120)."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

from tutela.keeper.custodians import NEEDED, NotTheirs, Opened, fingerprint, open_identity
from tutela.keeper.errors import NotEnough, TooSoon
from tutela.keeper.messages import Purpose
from tutela.keeper.sealed import SealedKey

STAYS = 600.0  # seconds for which a custodian who has come waits here for the other
_LONGEST_HERE = 300  # seconds to wait from one place after many failures
_LONGEST_ALTOGETHER = 60  # seconds to wait from anywhere; short, so that nobody keeps custodians out for long
_FORGIVEN = 900.0  # seconds after which failures no longer count
_TURN = 15.0  # seconds to wait while somebody else's file is being opened, which takes a second or more
_MOST_PLACES = 10_000


class Door:
    """Who has come, and how long it takes until somebody may try again. Holds opened identities, in memory only.

    Failures from one place slow that place down. Altogether only those count that were tried with a custodian's own file:
    without one, nobody can make custodians wait.
    """

    def __init__(self, driver: SealedKey, *, clock: Callable[[], float] = monotonic) -> None:
        self._driver = driver
        self._clock = clock
        self._opening = threading.Lock()  # scrypt takes a second and much memory: one at a time
        self._changing = threading.Lock()
        self._here: dict[Purpose, dict[str, tuple[float, Opened]]] = {}
        self._altogether = _Waits(_LONGEST_ALTOGETHER)
        self._places: OrderedDict[str, _Waits] = OrderedDict()

    def come(self, file: bytes, passphrase: str, *, purpose: Purpose, place: str) -> bool:
        """A custodian comes for `purpose`, from `place`. Returns whether enough are here. Raises NotTheirs, TooSoon."""
        waits = self._waits(place)
        waits.check(self._clock())
        if fingerprint(file) not in {one.fingerprint for one in self._driver.custodians}:
            waits.failed(self._clock())
            raise NotTheirs
        opened = self._open(file, passphrase, waits)
        with self._changing:
            self._here.setdefault(purpose, {})[opened.recipient] = (self._clock() + STAYS, opened)
            self._sweep_later()
        return self.count(purpose) >= NEEDED

    def count(self, purpose: Purpose) -> int:
        """How many custodians are here for `purpose`."""
        with self._changing:
            self._sweep()
            return len(self._here.get(purpose, {}))

    def take(self, purpose: Purpose) -> list[Opened]:
        """Those who are here for `purpose`, who are forgotten with that. Raises NotEnough, and forgets nobody."""
        with self._changing:
            self._sweep()
            if len(self._here.get(purpose, {})) < NEEDED:
                raise NotEnough
            return [opened for _, opened in self._here.pop(purpose).values()]

    def clear(self) -> None:
        """Forget everybody, and what failed: the right people were here."""
        with self._changing:
            self._here.clear()
            self._places.clear()
            self._altogether = _Waits(_LONGEST_ALTOGETHER)

    def _open(self, file: bytes, passphrase: str, waits: "_Waits") -> Opened:
        if not self._opening.acquire(timeout=_TURN):
            raise TooSoon
        try:
            self._altogether.check(self._clock())
            return open_identity(file, passphrase)
        except NotTheirs:
            waits.failed(self._clock())
            self._altogether.failed(self._clock())
            raise
        finally:
            self._opening.release()

    def _waits(self, place: str) -> "_Waits":
        with self._changing:
            waits = self._places.setdefault(place, _Waits(_LONGEST_HERE))
            self._places.move_to_end(place)
            if len(self._places) > _MOST_PLACES:
                self._places.popitem(last=False)
            return waits

    def _sweep(self) -> None:
        now = self._clock()
        for waiting in self._here.values():
            for recipient in [recipient for recipient, (until, _) in waiting.items() if until <= now]:
                del waiting[recipient]

    def _sweep_later(self) -> None:
        """Nobody need ask for an opened identity to be forgotten on time."""
        timer = threading.Timer(STAYS + 1, self.count, args=["open"])
        timer.daemon = True
        timer.start()


class _Waits:
    """Each failure doubles the time until the next attempt, up to a bound."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._failures = 0
        self._until = 0.0

    def check(self, now: float) -> None:
        if now < self._until:
            raise TooSoon(ceil(self._until - now))

    def failed(self, now: float) -> None:
        self._failures = 1 if now - self._until > _FORGIVEN else self._failures + 1
        self._until = now + min(2**self._failures, self._longest)
