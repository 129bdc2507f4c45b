"""Batch seals over the log: what was sealed cannot be edited, dropped, added to or reordered without being found (design §5).

A seal holds the ids of its rows, the Merkle root over them, the mark of the seal before, and a mark keyed by the keeper.
Rows that are not sealed yet are the window in which the log rests on the database alone; `verifying` says how many they are.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from tutela.audit.models import AuditRow, AuditSeal, SealedRow
from tutela.vault.keeper import keeper

FIRST = "0" * 64  # what the first seal has for its previous mark

# Which columns of a row a seal covers, in the order in which they are hashed. A seal keeps its number for ever, so a line
# here is never changed. A new column of the log takes a new line, with everything of the line before; in rows that
# were sealed before, it must hold its default.
COVERED: dict[int, tuple[str, ...]] = {
    1: ("id", "at", "by", "act", "file_id", "entry_id", "allowed", "detail"),
    2: ("id", "at", "by", "act", "file_id", "entry_id", "allowed", "detail", "stream"),
}

_MOST_ROWS = 5_000  # in one seal
_LOOK_BACK = 50_000  # rows: whoever wrote one so long ago has committed it, or never will


def seal_log(*, at: datetime, whole: bool = False) -> int:
    """Seal everything that is not sealed yet, batch after batch. Returns how many rows; another sealer may take the rest.

    `whole`: look among all rows, not among the newest only.
    """
    sealed = 0
    while batch := seal_batch(at=at, whole=whole):
        sealed += batch
    return sealed


def seal_batch(*, at: datetime, whole: bool = False) -> int:
    """Seal the rows that are not sealed yet, up to a bound. Returns how many; 0 where another sealer was faster.

    Any number may try at once: a seal takes its number, and a row its seal, only once.
    """
    last = AuditSeal.objects.order_by("number").last()
    since = 0 if whole or last is None else max(last.rows) - _LOOK_BACK
    rows = list(unsealed().filter(id__gt=since).order_by("id")[:_MOST_ROWS])
    if not rows:
        return 0
    leaf = max(COVERED)
    seal = AuditSeal(
        number=last.number + 1 if last else 1, at=at, rows=[row.id for row in rows], leaf=leaf,
        root=root([leaf_of(row, leaf) for row in rows]), previous=last.mark if last else FIRST,
    )  # fmt: skip
    seal.mark = mark(seal)
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
            SealedRow.objects.bulk_create(SealedRow(row_id=row.id, seal_number=seal.number) for row in rows)
    except IntegrityError:
        return 0
    return len(rows)


def unsealed() -> QuerySet[AuditRow]:
    """The rows that no seal covers yet."""
    return AuditRow.objects.filter(~Exists(SealedRow.objects.filter(row_id=OuterRef("id"))))


def leaf_of(row: AuditRow, version: int) -> bytes:
    """The hash of a row, over the columns that this version covers."""
    told = [_plain(getattr(row, column)) for column in COVERED[version]]
    return hashlib.sha256(b"\0" + json.dumps(told, sort_keys=True).encode()).digest()


def root(leaves: Sequence[bytes]) -> str:
    """The Merkle root; a lone node at the end of a level moves up as it is."""
    while len(leaves) > 1:
        pairs = [leaves[place : place + 2] for place in range(0, len(leaves), 2)]
        leaves = [
            hashlib.sha256(b"\1" + b"".join(pair)).digest() if len(pair) > 1 else pair[0] for pair in pairs
        ]
    return leaves[0].hex()


def mark(seal: AuditSeal) -> str:
    """What only the keeper can say of a seal. Raises Unavailable where it is locked or stopped."""
    told = [seal.number, seal.at.astimezone(UTC).isoformat(), seal.rows, seal.root, seal.previous]
    told += [seal.leaf] if seal.leaf > 1 else []  # the first kind had no number yet
    return keeper().mac("audit-seal", json.dumps(told).encode()).hex()


def _plain(value: Any) -> str | int | bool | Mapping[str, Any]:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if value is None or isinstance(value, UUID) else value
