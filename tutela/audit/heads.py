"""Heads of the log: the mark of a seal, in a line that leaves the machine and proves later that nothing was cut off.

A head says nothing about anybody. Whoever keeps it elsewhere needs no key; the keeper says later whether it is its own.
"""

import re
from base64 import b32decode, b32encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from stdnum.iso7064 import mod_37_36

from tutela.audit.models import AuditSeal, SealedRow
from tutela.vault.keeper import keeper

_LINE = re.compile(
    r"tutela-audit-head 1 seal=(?P<seal>\d{1,18}) mark=(?P<mark>[0-9a-f]{64}) at=(?P<at>\S{20,40}) "
    r"rows=(?P<rows>\d{1,18}) signed=(?P<signed>[0-9a-f]{64})"
)
_MARK = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"(\d{1,18})([A-Z2-7]{16})([0-9A-Z])")
_CODE_BYTES = 10  # of the mark, in the code for paper: as hard to meet by chance as 2^80


class NotAHead(ValueError):
    """What was given is no head, no mark and no code; its words say what to do."""


@dataclass(frozen=True)
class Head:
    """The last seal, as it leaves the machine."""

    number: int
    mark: str
    at: datetime
    rows: int  # sealed up to here

    @property
    def line(self) -> str:
        """One line that says what it is, signed by the keeper. Raises Unavailable."""
        return f"{self._told} signed={_signed(self._told)}"

    @property
    def code(self) -> str:
        """The same, short enough to be written into a book: `12-ABCD-EFGH-JKLM-NPQR-S`; the last letter catches slips."""
        letters = b32encode(bytes.fromhex(self.mark)[:_CODE_BYTES]).decode()
        groups = [letters[place : place + 4] for place in range(0, len(letters), 4)]
        return "-".join([str(self.number), *groups, mod_37_36.calc_check_digit(f"{self.number}{letters}")])

    @property
    def _told(self) -> str:
        at = self.at.astimezone(UTC).isoformat()
        return f"tutela-audit-head 1 seal={self.number} mark={self.mark} at={at} rows={self.rows}"


@dataclass(frozen=True)
class Kept:
    """What somebody kept of a head: a whole line, a mark alone, or the code from a book."""

    mark: str  # hexadecimal, whole or its beginning
    number: int | None = None
    told: str = ""  # of a line: what was signed
    signed: str = ""


def head() -> Head | None:
    """The head of the log as it is now; None where nothing is sealed yet."""
    last = AuditSeal.objects.order_by("number").last()
    if last is None:
        return None
    rows = SealedRow.objects.filter(seal_number__lte=last.number).count()
    return Head(last.number, last.mark, last.at, rows)


def read(written: str) -> Kept:
    """A head as somebody kept it. Raises NotAHead."""
    written = written.strip()
    if found := _LINE.fullmatch(written):
        told, _, signed = written.rpartition(" signed=")
        return Kept(found["mark"], int(found["seal"]), told, signed)
    if _MARK.fullmatch(written.lower()):
        return Kept(written.lower())
    plain = re.sub(r"[\s-]", "", written.upper())
    if found := _CODE.fullmatch(plain):
        if not mod_37_36.is_valid(plain):
            raise NotAHead(
                "The code has a slip of the pen in it. Compare it with the book, letter by letter."
            )
        return Kept(b32decode(found[2]).hex(), int(found[1]))
    raise NotAHead(
        "This is no head of the log, no mark and no code. `tutela audit head` prints what they look like."
    )


def read_lines(lines: Iterable[str]) -> Iterator[Kept]:
    """The heads of a file, one a line. A line that cannot be read is left out, as one is that lost power cut short."""
    for line in lines:
        if line.strip():
            try:
                yield read(line)
            except NotAHead:
                continue


def differs(kept: Sequence[Kept]) -> tuple[list[str], int]:
    """What is no longer as these heads say, and the newest seal up to which they vouch. Raises Unavailable."""
    numbered = [one.number for one in kept if one.number is not None]
    marks = dict(AuditSeal.objects.filter(number__in=numbered).values_list("number", "mark"))
    alone = [one.mark for one in kept if one.number is None]
    by_mark = dict(AuditSeal.objects.filter(mark__in=alone).values_list("mark", "number"))
    wrong: list[str] = []
    newest = 0
    for one in kept:
        if one.told and _signed(one.told) != one.signed:
            wrong.append(
                f"The head of seal {one.number} was not signed by this keeper, or its line was changed."
            )
        elif one.number is None and one.mark not in by_mark:
            wrong.append(
                "A seal that was kept elsewhere is not in the log: its end was cut off, or it was written anew."
            )
        elif one.number is not None and not marks.get(one.number, "").startswith(one.mark):
            wrong.append(
                f"Seal {one.number} is not the one that was kept elsewhere: the log was cut off, or written anew."
            )
        else:
            newest = max(newest, one.number or by_mark[one.mark])
    return wrong, newest


def _signed(told: str) -> str:
    return keeper().mac("audit-head", told.encode()).hex()
