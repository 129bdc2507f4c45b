"""Three custodians and the root key that is sealed for them."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from tutela.keeper.custodians import Custodian, fingerprint, new_identity
from tutela.keeper.keys import RootKeys, first_root_keys
from tutela.keeper.sealed import SealedKey

PASSPHRASE = "glacier umbrella tin pepper orbit hammock"


class Person(NamedTuple):
    """A custodian with their file."""

    custodian: Custodian
    file: bytes


@cache  # scrypt takes a second
def person(name: str) -> Person:
    recipient, file = new_identity(PASSPHRASE)
    return Person(Custodian(name, recipient, fingerprint(file)), file)


def three() -> list[Person]:
    return [person(name) for name in ("amina", "joseph", "rosa")]


def sealed_in(folder: Path, keys: RootKeys | None = None) -> SealedKey:
    """A root key that is sealed for the three in `folder`."""
    folder.mkdir(mode=0o700, exist_ok=True)
    sealed = SealedKey(folder)
    sealed.seal(keys or first_root_keys(), [one.custodian for one in three()])
    return sealed
