"""One number for all that a database holds: equal here and elsewhere, whatever the database and the order of its rows."""

import hashlib
from collections import defaultdict

from tutela.custody.rows import one_moment, rows


class Checksum:
    """Takes rows in any order; equal for equal rows. Not a seal: it shows what went missing, not who changed it."""

    def __init__(self) -> None:
        self._digests: dict[str, list[bytes]] = defaultdict(list)

    def add(self, label: str, line: bytes) -> None:
        """One more row of a table."""
        self._digests[label].append(hashlib.sha256(line).digest())

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each table had."""
        return {label: len(digests) for label, digests in self._digests.items()}

    def __str__(self) -> str:
        total = hashlib.sha256()
        for label, digests in sorted(self._digests.items()):
            total.update(f"{label} {len(digests)}\n".encode() + b"".join(sorted(digests)))
        return total.hexdigest()


def checksum(using: str) -> Checksum:
    """The checksum of a database as it is at this moment."""
    found = Checksum()
    with one_moment(using):
        for label, line in rows(using):
            found.add(label, line)
    return found
