"""The way to the keeper of this host, with its refusals in the words of the house."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from tutela.foundation.refusals import Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.keeper.client import KeeperClient
from tutela.keeper.custodians import NotTheirs
from tutela.keeper.errors import KeeperLocked, KeeperStopped, NotEnough, NotRehearsed, TooSoon
from tutela.keeper.errors import Tampered as TamperedKey
from tutela.vault.errors import Tampered

_LOCKED = say(
    "The files are locked just now. Nothing was saved. Keep this page open, "
    "and ask the person who looks after this system to unlock them: two of its three custodians can."
)
_STOPPED = say(
    "The files cannot be opened just now. Nothing was saved. Keep this page open, and try again in a minute."
)
_NOT_REHEARSED = say(
    "No child can be entered here yet: nobody has shown that this system can be locked and opened again. "
    "Ask the person who looks after it to rehearse that with two custodians. Nothing was saved."
)
_NOT_THEIRS = say("The file and the passphrase do not go together. Look at both and try again.")
_NOT_ENOUGH = say("Two custodians have to be here for this, and a demonstration has none.")


def keeper() -> KeeperClient:
    """The keeper. Stopped or locked, its methods raise Unavailable; for a changed key, vault's Tampered.

    A custodian whom it does not let in, and a file before the rehearsal, are Refused.
    """
    return _keeper_at(Path(settings.KEEPER_SOCKET))


class _HouseKeeper(KeeperClient):
    def _ask(self, operation: str, **arguments: Any) -> Any:
        try:
            return super()._ask(operation, **arguments)
        except KeeperLocked as error:
            raise Unavailable(Unmet("keeper_locked", _LOCKED)) from error
        except KeeperStopped as error:
            raise Unavailable(Unmet("keeper_stopped", _STOPPED)) from error
        except NotRehearsed as error:
            raise Refused(Unmet("not_rehearsed", _NOT_REHEARSED)) from error
        except NotTheirs as error:
            raise Refused(Unmet("not_theirs", _NOT_THEIRS)) from error
        except NotEnough as error:
            raise Refused(Unmet("not_enough_custodians", _NOT_ENOUGH)) from error
        except TooSoon as error:
            wait = say(
                "Somebody tried just now. Wait {seconds} seconds, then try again.", seconds=error.seconds
            )
            raise Refused(Unmet("too_soon", wait)) from error
        except TamperedKey:
            raise Tampered from None


@lru_cache(maxsize=8)
def _keeper_at(path: Path) -> KeeperClient:
    return _HouseKeeper(path)
