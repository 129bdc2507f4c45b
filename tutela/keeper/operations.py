"""What the keeper does when it is asked."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tutela.keeper.custodians import Custodian, NotTheirs
from tutela.keeper.door import Door
from tutela.keeper.envelope import Key, Ring, new_key
from tutela.keeper.errors import (
    CannotStart,
    KeeperError,
    KeeperLocked,
    NotEnough,
    NotRehearsed,
    Tampered,
    TooSoon,
)
from tutela.keeper.keys import RootKeyDriver, RootKeys
from tutela.keeper.messages import Found, Purpose, Status, Wrapped
from tutela.keeper.names import Names
from tutela.keeper.sealed import SealedKey

log = logging.getLogger(__name__)

_MOST_AGENCY_KEYS = 1_000


class Opened:
    """What the keeper knows between unlocking and lock. Lock lets go of all of it, work under way included.

    Python cannot overwrite memory it has let go of. That no other process reads it is up to the operating
    system (no core dump, not traceable).
    """

    def __init__(self, keys: RootKeys, names: Names | None = None) -> None:
        roots = [Key(root) for root in (keys.root, keys.before) if root is not None]
        self.generation = keys.generation
        self.root_id = roots[0].id
        self._marks = Key(keys.marks)
        self._agencies = Ring([root.child("agency keys") for root in roots])
        self._users = Ring([root.child("user keys") for root in roots])
        self._agency_keys: dict[Wrapped, Key] = {}
        self.names = names or Names()

    def under(self, keys: RootKeys) -> "Opened":
        """The same names under other root keys."""
        return Opened(keys, self.names)

    def new_agency_key(self, context: str) -> bytes:
        """A new agency key, wrapped. It never leaves the keeper open."""
        return self._agencies.close(new_key(), context=context)

    def new_user_key(self, context: str) -> bytes:
        """A new key of a user for their drafts, wrapped."""
        return self._users.close(new_key(), context=context)

    def new_file_keys(self, agency: Sequence[Any], contexts: Sequence[str]) -> list[bytes]:
        """New data keys, one for each context, wrapped with the agency key."""
        key = self._agency_key(Wrapped(*agency))
        return [key.close(new_key(), context=context) for context in contexts]

    def unwrap(self, items: Sequence[Sequence[Any]]) -> list[bytes | None]:
        """The data key of each `Unwrappable`; None where changed."""
        return [self._unwrap(*item) for item in items]

    def renew(self, use: str, wrapped: Iterable[Sequence[Any]]) -> list[bytes | None]:
        """Wrapped keys of agencies or users, wrapped with the newest root key; None where changed."""
        ring = {"agency": self._agencies, "user": self._users}[use]
        return [_renewed(ring, Wrapped(*one)) for one in wrapped]

    def renew_file_keys(
        self, agency: Sequence[Any], before: Sequence[Any], wrapped: Iterable[Sequence[Any]]
    ) -> list[bytes | None]:
        """Wrapped file keys, wrapped with the agency's key in the place of the one before; None where changed."""
        ring = Ring([self._agency_key(Wrapped(*agency)), self._agency_key(Wrapped(*before))])
        return [_renewed(ring, Wrapped(*one)) for one in wrapped]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of `data` with the key that the marks' key has for `purpose`."""
        return self._marks.mac(data, purpose=purpose)

    def search_names(self, query: str, candidates: Iterable[tuple[str, int]], limit: int) -> Found:
        """See `Names.search`."""
        return self.names.search(query, candidates, limit=limit)

    def put_names(self, people: Iterable[tuple[str, int, Sequence[str]]]) -> None:
        """See `Names.put`."""
        self.names.put(people)

    def forget_names(self, people: Iterable[str]) -> None:
        """See `Names.forget`."""
        self.names.forget(people)

    def _unwrap(
        self, agency: Sequence[Any] | None, wrapped: Sequence[Any], before: Sequence[Any] | None = None
    ) -> bytes | None:
        key, context = wrapped
        try:
            return self._ring(agency, before).open(key, context=context)
        except Tampered:
            return None

    def _ring(self, agency: Sequence[Any] | None, before: Sequence[Any] | None) -> Ring:
        if agency is None:
            return self._users
        return Ring([self._agency_key(Wrapped(*one)) for one in (agency, before) if one])

    def _agency_key(self, wrapped: Wrapped) -> Key:
        known = self._agency_keys.get(wrapped)
        if known is None:
            known = Key(self._agencies.open(wrapped.key, context=wrapped.context))
            if len(self._agency_keys) >= _MOST_AGENCY_KEYS:
                self._agency_keys.clear()
            self._agency_keys[wrapped] = known
        return known


def _renewed(ring: Ring, wrapped: Wrapped) -> bytes | None:
    try:
        return ring.renewed(wrapped.key, context=wrapped.context)
    except Tampered:
        return None


class _State(NamedTuple):
    opened: Opened | None
    epoch: str


class Keeper:
    """The keeper of one host. `answer` is all that the socket calls, from many threads at once."""

    def __init__(self, driver: RootKeyDriver) -> None:
        self._driver = driver
        self._door = Door(driver) if isinstance(driver, SealedKey) else None
        self._state = _State(None, _new_epoch())
        self._changing = threading.Lock()
        self._was_locked = False  # by somebody, since it started

    def status(self) -> Status:
        """Answered in any state."""
        opened, epoch = self._state
        return {
            "state": "open" if opened else "locked",
            "epoch": epoch,
            "driver": self._driver.name,
            "rehearsed": self._driver.rehearsed,
            "here": self._door.count("open") if self._door else 0,
            "generation": opened.generation if opened else None,
            "root": opened.root_id if opened else None,
        }

    def lock(self) -> Status:
        """Forget the root key, every agency key and every name, and whoever had come."""
        with self._changing:
            self._state = _State(None, _new_epoch())
            self._was_locked = True
            if self._door:
                self._door.clear()
        log.info("locked")
        return self.status()

    def unlock(self) -> Status:
        """Let the driver open the root key. Raises KeeperLocked, or CannotStart with what to repair."""
        with self._changing:
            if self._state.opened is None:
                self._open(self._driver.open())
        return self.status()

    def custodian(self, file: bytes, passphrase: str, purpose: Purpose = "open", place: str = "") -> Status:
        """A custodian comes, with their file. With a second one the keeper opens, where that is what they came for.

        Raises NotTheirs, TooSoon.
        """
        door, driver = self._sealed()
        try:
            enough = door.come(file, passphrase, purpose=purpose, place=place)
        except NotTheirs:
            log.warning("a custodian's file and passphrase were refused")
            raise
        log.info("a custodian has come (%s)", purpose)
        if enough and purpose == "open":
            with self._changing:
                if self._state.opened is None:
                    self._open(driver.open_with(door.take("open")))
                    if self._was_locked and not driver.rehearsed:
                        driver.note_rehearsed()
                door.clear()
        return self.status()

    def rotate(self) -> Status:
        """A new root key, sealed for the same custodians, two of whom are here for it.

        What the old one wrapped still opens, here and after a restart. Raises NotEnough, KeeperLocked.
        """
        door, driver = self._sealed()
        with self._changing:
            if self._state.opened is None:
                raise KeeperLocked
            keys = driver.open_with(door.take("rotate")).next()
            driver.seal(keys, driver.custodians)
            # The epoch stays: keys that other processes have opened are still the right ones.
            self._state = self._state._replace(opened=self._state.opened.under(keys))
        log.info("the root key was changed")
        return self.status()

    def replace(self, lost: str, name: str, recipient: str, fingerprint: str) -> Status:
        """Seal the root key anew with another custodian in the place of `lost`. Raises NotEnough."""
        door, driver = self._sealed()
        with self._changing:
            here = door.take("replace")
            keys = driver.open_with(here)
            new = Custodian(name, recipient, fingerprint)
            driver.seal(keys, [new if one.name == lost else one for one in driver.custodians])
        log.info("a custodian was replaced")
        return self.status()

    def custodians(self) -> list[Custodian]:
        """Who they are; nobody where the root key needs none. For whoever looks after the machine."""
        return list(self._driver.custodians) if isinstance(self._driver, SealedKey) else []

    def _open(self, keys: RootKeys) -> None:
        self._state = _State(Opened(keys), _new_epoch())
        log.info("open, root key from driver %r", self._driver.name)

    def _sealed(self) -> tuple[Door, SealedKey]:
        if self._door is None or not isinstance(self._driver, SealedKey):
            raise NotEnough  # there is nobody whom it would know
        return self._door, self._driver

    def answer(self, request: Any) -> dict[str, Any]:
        """What is sent back: `answer` or `error`, and the epoch in which the question was understood."""
        state = self._state
        try:
            answer = self._do(state, request["do"], request["with"])
        except CannotStart as error:
            log.error("still locked: %s", error)
            return {"error": "locked", "epoch": self._state.epoch}
        except TooSoon as error:
            return {"error": "too soon", "seconds": error.seconds, "epoch": self._state.epoch}
        except tuple(_SAID) as error:
            return {"error": _SAID[type(error)], "epoch": self._state.epoch}
        except Exception as error:  # its message can hold a name or a key
            log.error("refused a question: %s", type(error).__name__)
            return {"error": "refused", "epoch": state.epoch}
        return {"answer": answer, "epoch": self._state.epoch}

    def _do(self, state: _State, name: str, arguments: Mapping[str, Any]) -> Any:
        if operation := _ALWAYS.get(name):
            return operation(self, **arguments)
        if state.opened is None:
            raise KeeperLocked
        if name == "new_file_keys" and not self._driver.rehearsed:  # before the first child
            raise NotRehearsed
        answer = _WHILE_OPEN[name](state.opened, **arguments)
        if state.epoch != self._state.epoch:  # locked meanwhile: what was read before is not told any more
            raise KeeperLocked
        return answer


_Operation = Callable[..., Any]
_SAID: dict[type[KeeperError], str] = {
    KeeperLocked: "locked",
    Tampered: "tampered",
    NotTheirs: "not theirs",
    NotEnough: "not enough",
    NotRehearsed: "not rehearsed",
}
_ALWAYS: dict[str, _Operation] = {
    "status": Keeper.status,
    "lock": Keeper.lock,
    "unlock": Keeper.unlock,
    "custodian": Keeper.custodian,
    "custodians": Keeper.custodians,
    "rotate": Keeper.rotate,
    "replace": Keeper.replace,
}
_WHILE_OPEN: dict[str, _Operation] = {
    "new_agency_key": Opened.new_agency_key,
    "new_user_key": Opened.new_user_key,
    "new_file_keys": Opened.new_file_keys,
    "unwrap": Opened.unwrap,
    "renew": Opened.renew,
    "renew_file_keys": Opened.renew_file_keys,
    "mac": Opened.mac,
    "names.search": Opened.search_names,
    "names.put": Opened.put_names,
    "names.forget": Opened.forget_names,
}


def _new_epoch() -> str:
    return secrets.token_hex(8)
