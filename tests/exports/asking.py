"""Short ways to ask for an export, have it made, and read what came of it."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import msoffcrypto
from python_calamine import CalamineWorkbook

from tests.cast import START, Cast, person
from tutela import commands
from tutela.access.models import Agency, Membership, Role, User
from tutela.exports.models import Export
from tutela.exports.queries import Chosen, Told
from tutela.foundation.ids import new_id

EVERY_CASE = Chosen("all")
TOLD = Told("Zorvanquist, Ministry of Welfare", "Figures of the month")


def prepared(
    by: User, purpose: str = "monthly_report", *, chosen: Chosen = EVERY_CASE, told: Told = TOLD,
    lock: str = "passphrase", at: datetime = START, export_id: UUID | None = None,
) -> Export:  # fmt: skip
    """An export that nobody has asked for yet."""
    return commands.prepare_export(
        export_id or new_id(), purpose, told=told, chosen=chosen, lock=lock, by=by, at=at
    )


def asked(by: User, purpose: str = "monthly_report", *, at: datetime = START, **more: Any) -> Export:
    """An export that was asked for."""
    export = prepared(by, purpose, at=at, **more)
    commands.ask_export(export.id, by=by, at=at)
    return Export.objects.get(id=export.id)


def made(by: User, purpose: str = "monthly_report", *, at: datetime = START, **more: Any) -> Export:
    """An export that the worker made."""
    export = asked(by, purpose, at=at, **more)
    assert commands.make_exports(now=lambda: at) == 1
    return Export.objects.get(id=export.id)


def fetched(export: Export, *, at: datetime = START) -> tuple[str, bytes]:
    """The passphrase and the locked file, as whoever asked gets them."""
    passphrase = commands.lock_export(export.id, by=export.prepared_by, at=at)
    return passphrase, commands.download_export(export.id, by=export.prepared_by, at=at)[1]


def opened(content: bytes, passphrase: str) -> bytes:
    """The workbook inside a locked file, as a spreadsheet program opens it."""
    book, plain = msoffcrypto.OfficeFile(BytesIO(content)), BytesIO()
    book.load_key(password=passphrase)
    book.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def read(workbook: bytes) -> tuple[list[list[str]], list[Mapping[str, str]]]:
    """The lines of the first sheet, and those of the second by their columns."""
    book = CalamineWorkbook.from_filelike(BytesIO(workbook))
    about, cases = (
        [[str(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        for name in book.sheet_names
    )
    return about, [dict(zip(cases[1], row, strict=True)) for row in cases[2:]]


def lines(
    by: User, purpose: str = "monthly_report", *, at: datetime = START, **more: Any
) -> list[Mapping[str, str]]:
    """What stands in an export that was asked for, made, locked, downloaded and opened."""
    passphrase, content = fetched(made(by, purpose, at=at, **more), at=at)
    return read(opened(content, passphrase))[1]


def agency_of(cast: Cast) -> Agency:
    return Membership.objects.filter(user=cast.caseworker)[0].agency


def another(cast: Cast, name: str, role: Role, team: str = "") -> User:
    """Somebody more in the agency of the cast."""
    return person(name, agency_of(cast), role=role, team=team)
