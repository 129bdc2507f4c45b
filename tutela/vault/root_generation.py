"""Which root key wraps the keyring, and whether the keeper of this host has it (ADR 0029)."""

import logging
from datetime import datetime

from tutela.foundation.refusals import Unavailable, Unmet
from tutela.foundation.words import say
from tutela.vault.keeper import keeper
from tutela.vault.models import RootGeneration

_ANOTHER_ROOT_KEY = say(
    "The root key was changed on another machine, so this one has locked itself. Copy the folder of the sealed root key "
    "from there to here, start the keeper again, and let two custodians open it."
)
logger = logging.getLogger(__name__)


def keep_up(*, at: datetime) -> None:
    """See that the keeper of this host has the root key that wraps the keyring.

    Where its own is newer, the keyring learns of it. Where it is not, a change on another host is the reason: the keeper is
    locked. Raises Unavailable then, and where it is stopped.
    """
    status = keeper().status()
    generation, key_id = status["generation"], status["root"]
    if not generation or key_id is None:  # locked, or a demonstration
        return
    newest = RootGeneration.objects.order_by("generation").last()
    if newest is None or newest.generation < generation:
        note(generation, key_id, at=at, finished=generation == 1)
    elif newest.key_id != key_id:
        keeper().lock()
        logger.error("The root key is not the one of the keyring: locked")
        raise Unavailable(Unmet("another_root_key", _ANOTHER_ROOT_KEY))


def note(generation: int, key_id: str, *, at: datetime, finished: bool) -> None:
    """Have the keyring know that it is, or is to be, wrapped with this root key."""
    row = RootGeneration(generation=generation, key_id=key_id, since=at, finished_at=at if finished else None)
    RootGeneration.objects.bulk_create([row], ignore_conflicts=True)
