"""The root key sealed for custodians: a folder that may be copied, and from which no one person opens anything (R120).

    custodians.json          who they are, with their public halves, and which of the files below count
    amina+joseph.2.age       the root key for one pair of them, in the second sealing of this folder

Without Tutela: `age --decrypt -i amina.key amina+joseph.2.age | age --decrypt -i joseph.key`, with identities that
`age --decrypt` took out of the custodians' own files.
"""

import json
import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import ClassVar, NamedTuple

from tutela.keeper.custodians import NEEDED, Custodian, NotTheirs, Opened, open_for, seal_for_pairs
from tutela.keeper.errors import CannotStart, KeeperLocked, NotEnough
from tutela.keeper.files import write_durably
from tutela.keeper.keys import RootKeys

CUSTODIANS = 3
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")  # part of a file's name
_LIST = "custodians.json"
_REHEARSED = "rehearsed"


class _Sealing(NamedTuple):
    number: int
    custodians: tuple[Custodian, ...]


class SealedKey:
    """The root key in a folder, sealed for every pair of custodians. Writing to it is never half done."""

    name: ClassVar[str] = "sealed"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def exists(self) -> bool:
        """Whether a root key was sealed here."""
        return (self._folder / _LIST).exists()

    @property
    def rehearsed(self) -> bool:
        """Whether two custodians have opened it after it was locked."""
        return (self._folder / _REHEARSED).exists()

    @property
    def custodians(self) -> tuple[Custodian, ...]:
        """Who they are. Raises CannotStart where there is no sealed key."""
        return self._sealing().custodians

    def open(self) -> RootKeys:
        """Raises KeeperLocked: this takes people; or CannotStart where there is nothing that they could open."""
        self._sealing()
        raise KeeperLocked

    def open_with(self, here: Sequence[Opened]) -> RootKeys:
        """The root key, for those who are here. Raises NotEnough; CannotStart where it is not what was sealed for them."""
        number, custodians = self._sealing()
        pairs = {
            (one.name, other.name): self._read(self._of_pair(one.name, other.name, number))
            for one, other in combinations(custodians, NEEDED)
        }
        try:
            opened = open_for(pairs, here=here, custodians=custodians)
            if opened is None:
                raise NotEnough
            return RootKeys.unpacked(opened)
        except (NotTheirs, ValueError, KeyError):
            raise CannotStart(f"What lies in {self._folder} is not what was sealed. Copy it anew.") from None

    def seal(self, keys: RootKeys, custodians: Sequence[Custodian]) -> None:
        """Seal `keys` for these custodians, in the place of what was sealed before.

        The new files are durable before the list names them; what it no longer names goes last. Raises CannotStart.
        """
        number = self._sealing().number + 1 if self.exists else 1
        for (one, other), sealed in seal_for_pairs(keys.packed(), custodians).items():
            write_durably(self._of_pair(one, other, number), sealed)
        told = {"sealing": number, "custodians": [custodian._asdict() for custodian in custodians]}
        write_durably(self._folder / _LIST, json.dumps(told, indent=1).encode())  # from here on these count
        counting = {
            self._of_pair(one.name, other.name, number) for one, other in combinations(custodians, NEEDED)
        }
        for path in self._folder.glob("*+*.age"):
            if path not in counting:
                path.unlink(missing_ok=True)

    def note_rehearsed(self) -> None:
        """Write down that two custodians have opened it after it was locked."""
        write_durably(self._folder / _REHEARSED, b"")

    def _sealing(self) -> _Sealing:
        if not self.exists:
            raise CannotStart(f"There is no sealed root key in {self._folder}. Make one first: tutela init")
        try:
            told = json.loads(self._read(self._folder / _LIST))
            return _Sealing(int(told["sealing"]), tuple(Custodian(**one) for one in told["custodians"]))
        except (ValueError, TypeError, KeyError):
            raise CannotStart(f"{self._folder / _LIST} is not what was written. Copy it anew.") from None

    def _of_pair(self, one: str, other: str, number: int) -> Path:
        return self._folder / f"{one}+{other}.{number}.age"

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CannotStart(f"{path} cannot be read: {error.strerror}. Copy the folder anew.") from error


def is_name(name: str) -> bool:
    """Whether somebody can be called so among custodians."""
    return _NAME.fullmatch(name) is not None
