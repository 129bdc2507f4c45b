"""The way to the keeper of this host, with its refusals in the words of the house."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tutela.foundation.refusals import Unavailable, Unmet
from tutela.foundation.words import say
from tutela.keeper.client import KeeperClient
from tutela.keeper.errors import KeeperLocked, KeeperStopped
from tutela.keeper.errors import Tampered as TamperedKey
from tutela.vault.errors import Tampered

_LOCKED = say(
    "The files are locked just now. Nothing was saved. Keep this page open, "
    "and ask the person who looks after this system to unlock them."
)
_STOPPED = say(
    "The files cannot be opened just now. Nothing was saved. Keep this page open, and try again in a minute."
)


def keeper() -> KeeperClient:
    """The keeper. Stopped or locked, its methods raise Unavailable; for a changed key, vault's Tampered."""
    return _keeper_at(Path(settings.KEEPER_SOCKET))


class _HouseKeeper(KeeperClient):
    def _ask(self, operation: str, **arguments: Any) -> Any:
        try:
            return super()._ask(operation, **arguments)
        except KeeperLocked as error:
            raise Unavailable(Unmet("keeper_locked", _LOCKED)) from error
        except KeeperStopped as error:
            raise Unavailable(Unmet("keeper_stopped", _STOPPED)) from error
        except TamperedKey:
            raise Tampered from None


@lru_cache(maxsize=8)
def _keeper_at(path: Path) -> KeeperClient:
    return _HouseKeeper(path)
