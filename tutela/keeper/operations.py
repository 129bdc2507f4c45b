"""What the keeper does when it is asked."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tutela.keeper.envelope import Key, new_key
from tutela.keeper.errors import CannotStart, KeeperLocked, Tampered
from tutela.keeper.keys import RootKeyDriver
from tutela.keeper.messages import Found, Status, Wrapped
from tutela.keeper.names import Names

log = logging.getLogger(__name__)

_MOST_AGENCY_KEYS = 1_000


class Opened:
    """What the keeper knows between unlocking and lock. Lock lets go of all of it, work under way included.

    Python cannot overwrite memory it has let go of. That no other process reads it is up to the operating
    system (no core dump, not traceable).
    """

    def __init__(self, root: bytes) -> None:
        self._root = Key(root)
        self._agencies = self._root.child("agency keys")
        self._users = self._root.child("user keys")
        self._agency_keys: dict[Wrapped, Key] = {}
        self.names = Names()

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

    def unwrap(self, items: Sequence[tuple[Sequence[Any] | None, Sequence[Any]]]) -> list[bytes | None]:
        """The data key of each (agency key or None for a user's, wrapped key); None where changed."""
        return [self._unwrap(agency, Wrapped(*wrapped)) for agency, wrapped in items]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of `data` with the key that the root key has for `purpose`."""
        return self._root.mac(data, purpose=purpose)

    def search_names(self, query: str, candidates: Iterable[tuple[str, int]], limit: int) -> Found:
        """See `Names.search`."""
        return self.names.search(query, candidates, limit=limit)

    def put_names(self, people: Iterable[tuple[str, int, Sequence[str]]]) -> None:
        """See `Names.put`."""
        self.names.put(people)

    def forget_names(self, people: Iterable[str]) -> None:
        """See `Names.forget`."""
        self.names.forget(people)

    def _unwrap(self, agency: Sequence[Any] | None, wrapped: Wrapped) -> bytes | None:
        try:
            key = self._agency_key(Wrapped(*agency)) if agency else self._users
            return key.open(wrapped.key, context=wrapped.context)
        except Tampered:
            return None

    def _agency_key(self, wrapped: Wrapped) -> Key:
        known = self._agency_keys.get(wrapped)
        if known is None:
            known = Key(self._agencies.open(wrapped.key, context=wrapped.context))
            if len(self._agency_keys) >= _MOST_AGENCY_KEYS:
                self._agency_keys.clear()
            self._agency_keys[wrapped] = known
        return known


class _State(NamedTuple):
    opened: Opened | None
    epoch: str


class Keeper:
    """The keeper of one host. `answer` is all that the socket calls, from many threads at once."""

    def __init__(self, driver: RootKeyDriver) -> None:
        self._driver = driver
        self._state = _State(None, _new_epoch())
        self._changing = threading.Lock()

    def status(self) -> Status:
        """Answered in any state."""
        opened, epoch = self._state
        return {"state": "open" if opened else "locked", "epoch": epoch, "driver": self._driver.name}

    def lock(self) -> Status:
        """Forget the root key, every agency key and every name."""
        with self._changing:
            self._state = _State(None, _new_epoch())
        log.info("locked")
        return self.status()

    def unlock(self) -> Status:
        """Let the driver open the root key. Raises KeeperLocked, or CannotStart with what to repair."""
        with self._changing:
            if self._state.opened is None:
                self._state = _State(Opened(self._driver.open()), _new_epoch())
                log.info("open, root key from driver %r", self._driver.name)
        return self.status()

    def answer(self, request: Any) -> dict[str, Any]:
        """What is sent back: `answer` or `error`, and the epoch in which the question was understood."""
        state = self._state
        try:
            answer = self._do(state, request["do"], request["with"])
        except KeeperLocked:
            return {"error": "locked", "epoch": self._state.epoch}
        except CannotStart as error:
            log.error("still locked: %s", error)
            return {"error": "locked", "epoch": self._state.epoch}
        except Tampered:
            return {"error": "tampered", "epoch": state.epoch}
        except Exception as error:  # its message can hold a name or a key
            log.error("refused a question: %s", type(error).__name__)
            return {"error": "refused", "epoch": state.epoch}
        return {"answer": answer, "epoch": self._state.epoch}

    def _do(self, state: _State, name: str, arguments: Mapping[str, Any]) -> Any:
        if operation := _ALWAYS.get(name):
            return operation(self, **arguments)
        if state.opened is None:
            raise KeeperLocked
        answer = _WHILE_OPEN[name](state.opened, **arguments)
        if state.epoch != self._state.epoch:  # locked meanwhile: what was read before is not told any more
            raise KeeperLocked
        return answer


_Operation = Callable[..., Any]
_ALWAYS: dict[str, _Operation] = {"status": Keeper.status, "lock": Keeper.lock, "unlock": Keeper.unlock}
_WHILE_OPEN: dict[str, _Operation] = {
    "new_agency_key": Opened.new_agency_key,
    "new_user_key": Opened.new_user_key,
    "new_file_keys": Opened.new_file_keys,
    "unwrap": Opened.unwrap,
    "mac": Opened.mac,
    "names.search": Opened.search_names,
    "names.put": Opened.put_names,
    "names.forget": Opened.forget_names,
}


def _new_epoch() -> str:
    return secrets.token_hex(8)
