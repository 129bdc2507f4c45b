"""Batch seals over the log: what was sealed cannot be edited, dropped, added to or reordered without being found (design §5).

A seal holds the ids of its rows, the Merkle root over them, the mark of the seal before, and a mark keyed by the keeper.
Rows that are not sealed yet are the window in which the log rests on the database alone; `verify` says how many they are.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from tutela.audit.models import AuditRow, AuditSeal, SealedRow, Stream
from tutela.vault.keeper import keeper

_MOST_ROWS = 5_000  # in one seal
_FIRST = "0" * 64  # what the first seal has for its previous mark


@dataclass(frozen=True)
class Verified:
    """What `verify` found: how much is sealed, how much is not yet, and every place that does not agree."""

    seals: int
    sealed_rows: int
    unsealed_rows: int
    oldest_unsealed: datetime | None
    findings: tuple[str, ...]
    head: str  # the mark of the last seal; kept elsewhere, it proves later that nothing was cut off


def seal_batch(*, at: datetime) -> int:
    """Seal the rows that are not sealed yet, up to a bound. Returns how many; 0 where another worker was faster."""
    rows = list(_unsealed()[:_MOST_ROWS])
    if not rows:
        return 0
    last = AuditSeal.objects.order_by("number").last()
    seal = AuditSeal(
        number=last.number + 1 if last else 1, at=at, rows=[row.id for row in rows], root=_root([_leaf(row) for row in rows]),
        previous=last.mark if last else _FIRST,
    )  # fmt: skip
    seal.mark = _mark(seal)
    try:
        with transaction.atomic():
            seal.save(force_insert=True)
            SealedRow.objects.bulk_create(SealedRow(row_id=row.id, seal_number=seal.number) for row in rows)
    except IntegrityError:
        return 0
    return len(rows)


def verify(*, head: str = "") -> Verified:
    """Look at every seal and every row. `head`: the mark of a seal that was sent elsewhere earlier and must still be there."""
    findings: list[str] = []
    previous, sealed, heads, count = _FIRST, set[int](), set[str](), 0
    for count, seal in enumerate(AuditSeal.objects.order_by("number").iterator(), start=1):
        findings += _seal_findings(seal, expected_number=count, previous=previous)
        findings += _row_findings(seal, sealed)
        sealed.update(seal.rows)
        heads.add(seal.mark)
        previous = seal.mark
    if head and head not in heads:
        findings.append(
            "The seal that was sent elsewhere is not in the log: its end was cut off, or it was written anew."
        )
    # A batch may be sealed meanwhile: only what the seals seen above claim is compared with them.
    claimed = set(SealedRow.objects.filter(seal_number__lte=count).values_list("row_id", flat=True))
    if SealedRow.objects.exclude(seal_number__in=AuditSeal.objects.values("number")).exists():
        findings.append("Rows are marked as sealed by a seal that is not there.")
    if claimed != sealed:
        findings.append(
            f"{len(claimed ^ sealed)} rows are marked as sealed and are in no seal, or the other way round."
        )
    unsealed = AuditRow.objects.exclude(id__in=SealedRow.objects.values("row_id"))
    oldest = unsealed.order_by("at").first()
    return Verified(
        count,
        len(sealed),
        unsealed.count(),
        oldest.at if oldest else None,
        tuple(findings),
        previous if count else "",
    )


def _unsealed() -> Sequence[AuditRow]:
    return AuditRow.objects.exclude(id__in=SealedRow.objects.values("row_id")).order_by("id")  # type: ignore[return-value]


def _seal_findings(seal: AuditSeal, *, expected_number: int, previous: str) -> Iterator[str]:
    if seal.number != expected_number:
        yield f"Seal {expected_number} is missing."
    if seal.previous != previous:
        yield f"Seal {seal.number} does not follow the seal before it."
    if seal.mark != _mark(seal):
        yield f"Seal {seal.number} was not made by this keeper, or was changed."


def _row_findings(seal: AuditSeal, sealed_before: set[int]) -> Iterator[str]:
    rows = {row.id: row for row in AuditRow.objects.filter(id__in=seal.rows)}
    if missing := [number for number in seal.rows if number not in rows]:
        yield f"Seal {seal.number}: {len(missing)} rows were removed, the first of them row {missing[0]}."
    elif _root([_leaf(rows[number]) for number in seal.rows]) != seal.root:
        yield f"Seal {seal.number}: a row was changed, or the order of rows."
    if sealed_before & set(seal.rows):
        yield f"Seal {seal.number} holds rows that were sealed before."


def _leaf(row: AuditRow) -> bytes:
    told = [
        row.id, row.at.isoformat(), str(row.by), row.act, str(row.file_id), str(row.entry_id), row.allowed, row.detail,
    ]  # fmt: skip
    if row.stream != Stream.ORDINARY:  # only then: seals made before there were streams still hold
        told.append(row.stream)
    return hashlib.sha256(b"\0" + json.dumps(told, sort_keys=True).encode()).digest()


def _root(leaves: list[bytes]) -> str:
    """The Merkle root; a lone node at the end of a level moves up as it is."""
    while len(leaves) > 1:
        pairs = [leaves[place : place + 2] for place in range(0, len(leaves), 2)]
        leaves = [
            hashlib.sha256(b"\1" + b"".join(pair)).digest() if len(pair) > 1 else pair[0] for pair in pairs
        ]
    return leaves[0].hex()


def _mark(seal: AuditSeal) -> str:
    told = [seal.number, seal.at.astimezone(UTC).isoformat(), seal.rows, seal.root, seal.previous]
    return keeper().mac("audit-seal", json.dumps(told).encode()).hex()
