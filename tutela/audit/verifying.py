"""Is the log whole? Every seal and every row, read in pieces, however long the log is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TypeVar

from django.db import connection
from django.db.models import CharField, Exists, F, Func, Max, Model, OuterRef, QuerySet

from tutela.audit import sealing
from tutela.audit.heads import Kept, differs
from tutela.audit.models import AuditRow, AuditSeal, SealedRow

_Stored = TypeVar("_Stored", bound=Model)

_UNREADABLE = (
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
)  # what Python says of values that are none
_LARGEST = 2**63 - 1  # number of a row
_SEALS_AT_ONCE = 500
_ROWS_AT_ONCE = 2_000  # more only where one seal has more
_HEADS_AT_ONCE = 500
_MOST_FINDINGS = 1_000  # told of seals; whoever finds so many needs no more


@dataclass(frozen=True)
class Verified:
    """What was found: how much is sealed, how much is not yet, and every place that does not agree."""

    seals: int
    sealed_rows: int
    unsealed_rows: int
    oldest_unsealed: datetime | None
    findings: tuple[str, ...]
    heads: int = 0  # that were kept elsewhere, and compared
    newest_head: int = 0  # the seal up to which they vouch that nothing was cut off
    rows_after_head: int = 0  # sealed since: nothing outside this machine knows of them yet


def verify(*, heads: Iterable[Kept] = ()) -> Verified:
    """Look at every seal and every row. `heads`: what left the machine earlier, and must still be there (R87).

    Raises Unavailable where the keeper is locked or stopped: without it nothing can be told.
    """
    # What is sealed meanwhile is not looked at.
    end = AuditSeal.objects.aggregate(Max("number"))["number__max"] or 0
    findings: list[str] = []
    seals, rows, previous = 0, 0, sealing.FIRST
    for some in _in_pieces(end):
        known = _rows_of(some)
        for seal in some:
            seals += 1
            found = chain(
                _seal_findings(seal, expected_number=seals, previous=previous), _row_findings(seal, known)
            )
            findings += islice(found, max(0, _MOST_FINDINGS - len(findings)))
            rows, previous = rows + len(_ids(seal)), seal.mark
    if len(findings) == _MOST_FINDINGS:
        findings.append(f"These are the first {_MOST_FINDINGS} places; there may be more.")
    findings += _loose_findings()
    compared, newest = 0, 0
    for kept in _batches(heads):
        compared += len(kept)
        wrong, proven = differs(kept)
        findings += wrong
        newest = max(newest, proven)
    oldest, unreadable = _oldest()
    findings += unreadable
    since = SealedRow.objects.filter(seal_number__gt=newest, seal_number__lte=end).count() if compared else 0
    return Verified(
        seals, rows, sealing.unsealed().count(), oldest, tuple(findings), compared, newest, since
    )  # fmt: skip


def _oldest() -> tuple[datetime | None, list[str]]:
    """When the window began that is not sealed yet."""
    try:
        return sealing.unsealed().order_by("at").values_list("at", flat=True).first(), []
    except _UNREADABLE:
        return None, ["A row that is not sealed yet cannot be read: something that is not Tutela wrote it."]


def _in_pieces(end: int) -> Iterator[list[AuditSeal]]:
    """The seals in their order, as many at once as have a bounded number of rows together."""
    piece: list[AuditSeal] = []
    rows = 0
    for seal in _seals(end):
        if piece and rows + len(_ids(seal)) > _ROWS_AT_ONCE:
            yield piece
            piece, rows = [], 0
        piece.append(seal)
        rows += len(_ids(seal))
    if piece:
        yield piece


def _seals(end: int) -> Iterator[AuditSeal]:
    up_to = AuditSeal.objects.filter(number__lte=end).order_by("number")
    some = list(up_to.values_list("number", flat=True)[:_SEALS_AT_ONCE])
    while some:
        there = {seal.number: seal for seal in _readable(AuditSeal.objects.all(), some)}
        for number in some:
            yield there.get(number) or AuditSeal(number=number, at=datetime.min.replace(tzinfo=UTC), rows=[])
        further = up_to.filter(number__gt=some[-1])
        some = list(further.values_list("number", flat=True)[:_SEALS_AT_ONCE])


@dataclass(frozen=True)
class _Rows:
    """The rows of some seals, and which seal each is marked with."""

    by_id: dict[int, AuditRow]
    marked: dict[int, set[int]]


def _rows_of(seals: Sequence[AuditSeal]) -> _Rows:
    ids = sorted(set(chain.from_iterable(map(_ids, seals))))
    marked: dict[int, set[int]] = {seal.number: set() for seal in seals}
    for row_id, number in SealedRow.objects.filter(seal_number__in=marked).values_list(
        "row_id", "seal_number"
    ):
        marked[number].add(row_id)
    return _Rows({row.id: row for row in _readable(_with_spelling(AuditRow.objects.all()), ids)}, marked)


def _readable(query: QuerySet[_Stored], ids: Sequence[int]) -> list[_Stored]:
    """Those of `ids` that can be read: SQLite keeps whatever somebody puts into a column."""
    try:
        return list(query.filter(pk__in=ids))
    except _UNREADABLE:
        if len(ids) == 1:
            return []
        half: int = len(ids) // 2
        return _readable(query, ids[:half]) + _readable(query, ids[half:])


def _ids(seal: AuditSeal) -> list[int]:
    """The ids that a seal holds; none where somebody made something else of them, which its mark tells."""
    rows: object = seal.rows
    is_sound = isinstance(rows, list) and all(type(one) is int and 0 < one <= _LARGEST for one in rows)
    return seal.rows if is_sound else []


def _seal_findings(seal: AuditSeal, *, expected_number: int, previous: str) -> Iterator[str]:
    if seal.number != expected_number:
        yield f"Seal {seal.number} stands where seal {expected_number} should be."
    if seal.previous != previous:
        yield f"Seal {seal.number} does not follow the seal before it."
    if not _holds(lambda: sealing.mark(seal) == seal.mark):
        yield f"Seal {seal.number} was not made by this keeper, or was changed."


def _row_findings(seal: AuditSeal, known: _Rows) -> Iterator[str]:
    ids = _ids(seal)
    rows = [known.by_id[number] for number in ids if number in known.by_id]
    if missing := [number for number in ids if number not in known.by_id]:
        yield f"Seal {seal.number}: {len(missing)} rows are gone or cannot be read, the first of them row {missing[0]}."
    elif seal.leaf not in sealing.COVERED:
        yield f"Seal {seal.number} covers columns that this version of Tutela does not know."
    elif not rows or not _holds(lambda: _root_of(rows, seal.leaf) == seal.root):
        yield f"Seal {seal.number}: a row was changed, or the order of rows."
    elif odd := [row.id for row in rows if _is_odd(row, seal.leaf)]:
        yield f"Seal {seal.number}: row {odd[0]} was written over by something that is not Tutela."
    if different := known.marked[seal.number] ^ set(ids):
        yield f"Seal {seal.number}: {len(different)} rows are marked with it and are not in it, or the other way round."


def _root_of(rows: Sequence[AuditRow], version: int) -> str:
    return sealing.root([sealing.leaf_of(row, version) for row in rows])


def _holds(claim: Callable[[], bool]) -> bool:
    """Whether it is so. What cannot even be worked out is not."""
    try:
        return claim()
    except _UNREADABLE:
        return False


def _loose_findings() -> Iterator[str]:
    """Marks of seals that are not there. What was sealed while we looked is in order."""
    there = AuditSeal.objects.filter(number=OuterRef("seal_number"))
    if loose := SealedRow.objects.filter(~Exists(there)).count():
        yield f"{loose} rows are marked as sealed by a seal that is not there."


# --- Spelling --------------------------------------------------------------------------------------------------


def _with_spelling(rows: QuerySet[AuditRow]) -> QuerySet[AuditRow]:
    """On SQLite also what stands there letter by letter: it takes an id in capitals for the same id when the row is
    read, and for another when somebody asks for the rows of a file. PostgreSQL has one spelling of each value."""
    if connection.vendor != "sqlite":
        return rows
    quoted = {
        f"raw_{field.name}": Func(F(field.name), function="quote", output_field=CharField())
        for field in AuditRow._meta.concrete_fields
    }
    return rows.annotate(**quoted)


def _is_odd(row: AuditRow, version: int) -> bool:
    """Whether a value has a spelling that the house never writes, or a column of later holds what it cannot hold."""
    for field in AuditRow._meta.concrete_fields:
        value = getattr(row, field.name)
        if field.name not in sealing.COVERED[version] and value != field.get_default():
            return True
        if hasattr(row, f"raw_{field.name}") and getattr(row, f"raw_{field.name}") != _quoted(
            field.get_db_prep_save(value, connection)
        ):
            return True
    return False


def _quoted(value: object) -> str:
    """As SQLite's own `quote` says it."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


def _batches(heads: Iterable[Kept]) -> Iterator[list[Kept]]:
    some: list[Kept] = []
    for one in heads:
        some.append(one)
        if len(some) == _HEADS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some
