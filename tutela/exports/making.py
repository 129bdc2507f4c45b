"""Making an export: batch by batch, so that any number of cases is made, and nothing of it is ever in the clear on a disk."""

import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils.translation import get_language, gettext

from tutela.exports.columns import Batch
from tutela.exports.models import Export
from tutela.exports.queries import Told
from tutela.exports.workbook import Sheet, workbook_of
from tutela.forms.definition import in_language
from tutela.protocols.packs import Pack
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.keeper import keeper

_AT_ONCE = 200  # cases whose keys and facts are fetched together
_NUMBER_BYTES = 6  # of the number that stands for a child in one export
_LINKED_DIGITS = 16  # of the number that a child keeps from export to export


@dataclass
class Rows:
    """The lines of an export, and what did not go along."""

    lines: list[list[str]] = field(default_factory=list)
    left_out: list[UUID] = field(default_factory=list)
    unreadable: int = 0


def rows_of(
    export: Export, file_ids: Sequence[UUID], *, reach: Collection[UUID], pack: Pack, day: date,
    go_on: Callable[[int], bool],
) -> Rows | None:  # fmt: skip
    """The lines of the cases that are within `reach` and may go along. None where `go_on`, told how far it is, says stop.

    One case that cannot be opened stays here and keeps no other from leaving. Raises Unavailable.
    """
    found, within = Rows(), frozenset(reach)
    for start in range(0, len(file_ids), _AT_ONCE):
        some = file_ids[start : start + _AT_ONCE]
        found.left_out += [one for one in some if one not in within]
        here = [one for one in some if one in within]
        batch = Batch(here, columns=export.columns, consent=export.consent, pack=pack, day=day)
        for file_id in here:
            _take(file_id, batch, export, found)
        if not go_on(start + len(some)):
            return None
    found.lines.sort()  # by a number that tells nothing, or by case code: never in the order in which files were opened
    return found


def workbook(export: Export, told: Told, rows: Rows, *, pack: Pack, when: str) -> bytes:
    """The workbook of an export, in memory."""
    purpose = _words(pack, "export_purpose", export.purpose)
    number = gettext("Export {number}").format(number=export.number)
    mark = f"{number} · {purpose} · {export.prepared_by.name} · {when} · {gettext('Confidential')}"
    return workbook_of(
        Sheet(
            name=gettext("Cases"), mark=mark,
            about=dict(_about(export, told, rows, purpose=purpose, when=when)), notes=list(_notes(export)),
            columns=[*_first(export), *(_words(pack, "export_field", one) for one in export.columns)], rows=rows.lines,
        )
    )  # fmt: skip


def _take(file_id: UUID, batch: Batch, export: Export, found: Rows) -> None:
    try:
        cells = batch.cells(file_id) if batch.agrees(file_id) else None
    except (NoKeys, Tampered):
        found.unreadable += 1
        cells = None
    if cells is None:
        found.left_out.append(file_id)
    else:
        found.lines.append([*_number(file_id, export), *cells])


def _number(file_id: UUID, export: Export) -> list[str]:
    """What stands for a child where no name does: random, or for a purpose that compares, keyed by the keeper."""
    if export.identifying:
        return []
    if not export.linkable:
        return [secrets.token_hex(_NUMBER_BYTES)]
    place = f"{export.agency_id.hex} {export.purpose} {file_id.hex}"
    return [keeper().mac("export number", place.encode()).hex()[:_LINKED_DIGITS]]


def _first(export: Export) -> list[str]:
    return [] if export.identifying else [gettext("Number in this export")]


def _about(export: Export, told: Told, rows: Rows, *, purpose: str, when: str) -> Iterator[tuple[str, str]]:
    yield gettext("Export"), str(export.number)
    yield gettext("What it is for"), purpose
    yield gettext("Who gets it"), told.recipient
    yield gettext("What they need it for"), told.why
    yield gettext("Asked for by"), export.prepared_by.name
    if export.answered_by:
        yield gettext("Agreed to by"), export.answered_by.name
    yield gettext("Made on"), when
    yield gettext("Organisation"), export.agency.name
    yield gettext("Cases in it"), str(len(rows.lines))
    yield gettext("Cases left out"), str(len(rows.left_out))


def _notes(export: Export) -> Iterator[str]:
    yield gettext("Use it for this only, keep it locked, and delete it when you are done.")
    if export.identifying:
        yield gettext(
            "It holds names. Nothing in it says what happened to a child, and nothing may be added that does."
        )
        return
    yield gettext(
        "It holds no names. Do not try to find out who a child is, and do not put it together with other lists."
    )
    yield gettext(
        "Small numbers point at children. Before you publish a figure, leave out every group of a few."
    )
    if export.linkable:
        yield gettext(
            "A child keeps its number in every export for this purpose, and has another one elsewhere."
        )
    else:
        yield gettext(
            "The numbers were drawn for this export alone. In the next one every child has another."
        )


def _words(pack: Pack, vocabulary: str, code: str) -> str:
    labels = {one.code: one.label for one in pack.vocabulary(vocabulary).terms}
    return in_language(labels[code], get_language() or "en") if code in labels else code
