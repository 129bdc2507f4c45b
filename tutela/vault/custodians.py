"""The sealed root key of this installation, and new custodians for it. The keeper need not run."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.keeper import custodians
from tutela.keeper.custodians import Custodian, WeakPassphrase
from tutela.keeper.errors import CannotStart
from tutela.keeper.files import write_durably
from tutela.keeper.keys import first_root_keys
from tutela.keeper.sealed import CUSTODIANS, SealedKey, is_name
from tutela.vault.models import AgencyKey, FileKey, UserKey

__all__ = [
    "CUSTODIANS", "Custodian", "check_passphrase", "is_name", "new_custodian", "refuse_existing_keys", "seal_root_key",
    "sealed_key",
]  # fmt: skip

_WEAK = say("This passphrase would be guessed. Take six words or more that do not belong together.")


def sealed_key() -> SealedKey:
    """Where this installation's root key lies, sealed."""
    return SealedKey(Path(settings.ROOT_KEY))


def check_passphrase(passphrase: str) -> None:
    """Raises Refused for one that would be guessed."""
    try:
        custodians.check_passphrase(passphrase)
    except WeakPassphrase as error:
        raise Refused(Unmet("weak_passphrase", _WEAK)) from error


def refuse_existing_keys() -> None:
    """Raises Refused where there is a root key, or anything that another root key has wrapped."""
    if sealed_key().exists:
        words = say("There is a root key in {folder} already. Nothing was changed.", folder=settings.ROOT_KEY)
        raise Refused(Unmet("root_key_exists", words))
    if any(model.objects.exists() for model in (AgencyKey, FileKey, UserKey)):
        words = say(
            "The keyring holds keys that another root key has wrapped. Copy the folder of that root key to {folder}, "
            "or begin with empty databases. Nothing was changed.",
            folder=settings.ROOT_KEY,
        )
        raise Refused(Unmet("keyring_in_use", words))


def new_custodian(name: str, passphrase: str, path: Path) -> Custodian:
    """A new custodian, whose file is written to `path`. Raises Refused where it cannot be, or something is there."""
    if path.exists():
        raise Refused(Unmet("file_exists", say("{path} is there already. Nothing was changed.", path=path)))
    check_passphrase(passphrase)
    recipient, file = custodians.new_identity(passphrase)
    _write(path, file)
    return Custodian(name, recipient, custodians.fingerprint(file))


def seal_root_key(people: Sequence[Custodian]) -> None:
    """Make the root key of a new installation and seal it for its custodians. Raises Refused."""
    refuse_existing_keys()
    try:
        Path(settings.ROOT_KEY).mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed_key().seal(first_root_keys(), people)
    except (OSError, CannotStart) as error:
        raise _cannot_write(Path(settings.ROOT_KEY)) from error


def _write(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except CannotStart as error:
        raise _cannot_write(path) from error


def _cannot_write(path: Path) -> Refused:
    return Refused(Unmet("not_written", say("{path} cannot be written. Choose another folder.", path=path)))
