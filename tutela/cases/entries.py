"""Entries, open: what somebody submitted, before it is sealed and after it was opened again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from tutela.access.deciding import Action
from tutela.cases.models import Entry
from tutela.forms.answers import facts_of, split_by_seal
from tutela.forms.definition import Answer, Answers, Form
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import Words
from tutela.published.queries import form_version
from tutela.vault import sealing

Precision = Literal["minute", "day"]

EVERY_CLASS = frozenset({"case", "identity", "confidential"})

# Permanent: the names under which the parts of an entry are sealed.
_LABEL = "cases.entry"


@dataclass(frozen=True)
class OpenEntry:
    """One submission with its answers in the open. Steps read it to say what is missing and to make their facts."""

    id: UUID
    file_id: UUID
    revision: int
    form: Form
    answers: Answers
    by_id: UUID
    done_by_id: UUID
    happened_at: datetime
    happened_on: date  # the day of `happened_at` at the place of work
    received_at: datetime
    precision: Precision = "minute"
    written_at: datetime | None = None
    about: UUID | None = None
    amends: UUID | None = None
    given: Mapping[str, str] = field(default_factory=dict)  # what the house added, such as the case code
    unread: frozenset[str] = frozenset()  # privacy classes that the reader may not open

    @property
    def facts(self) -> dict[str, list[dict[str, Answer]]]:
        """The facts that the answers feed: record → rows."""
        return facts_of(self.form, self.answers)

    def fact(self, record: str) -> dict[str, Any]:
        """The one row of `record`; empty where nothing fed it."""
        rows = self.facts.get(record) or [{}]
        return rows[0]


def apply_nothing(entry: OpenEntry) -> None:
    """For what is read in the entry only."""


def nothing_missing(entry: OpenEntry) -> Sequence[Unmet]:
    """The guard of a form that is never refused."""
    return ()


def nothing_given(entry: OpenEntry) -> Mapping[str, str]:
    """For forms to which the house adds nothing."""
    return {}


def as_it_was(file_id: UUID, last: Answers) -> Answers:
    """What a form that goes on begins with: everything that was answered last."""
    return last


def nothing_to_warn_of(entry: OpenEntry) -> Sequence[Words]:
    """For forms after which nothing has to be pointed out."""
    return ()


@dataclass(frozen=True)
class Kind:
    """What the house does with one form. Each step lists its own; `commands` gathers them."""

    form: str
    apply: Callable[[OpenEntry], None]  # entry and current facts → facts; no clock
    unmet: Callable[[OpenEntry], Sequence[Unmet]] = nothing_missing  # what is missing; may read the clock
    give: Callable[[OpenEntry], Mapping[str, str]] = nothing_given
    warn: Callable[[OpenEntry], Sequence[Words]] = nothing_to_warn_of  # pointed out, and never refused
    action: Action = "write"
    or_action: Action | None = (
        None  # whoever may do this may write it too, such as a supervisor who acts at once
    )
    opens_file: bool = False
    amendable: bool = True
    needs_base: bool = False
    while_closed: bool = False
    continues: bool = (
        False  # a new one begins with the answers of the last: a plan, a person, an assessment over visits
    )
    begin: Callable[[UUID, Answers], Answers] = (
        as_it_was  # of those: what is begun with, given the last answers
    )


def seal_entry(entry: OpenEntry, *, keyed_hash: bytes) -> Entry:
    """The row of an entry, its answers sealed apart by privacy class. Not yet saved."""
    parts = split_by_seal(entry.form, entry.answers)
    header = {
        "happened_at": entry.happened_at.isoformat(),
        "precision": entry.precision,
        "written_at": entry.written_at.isoformat() if entry.written_at else None,
        "given": dict(entry.given),
        "answers": parts.get("case", {}),
    }
    return Entry(
        id=entry.id, file_id=entry.file_id, revision=entry.revision, form_id=entry.form.version, form_code=entry.form.code,
        happened_on=entry.happened_on, received_at=entry.received_at, by_id=entry.by_id, done_by_id=entry.done_by_id,
        about=entry.about, amends_id=entry.amends, keyed_hash=keyed_hash,
        sealed_case=_sealed(entry, "case", header),
        sealed_identity=_sealed(entry, "identity", parts.get("identity")),
        sealed_confidential=_sealed(entry, "confidential", parts.get("confidential")),
    )  # fmt: skip


def open_entry(row: Entry, *, classes: frozenset[str] = EVERY_CLASS) -> OpenEntry:
    """An entry with the answers of `classes` opened. Raises Unavailable while locked, Tampered where a byte was changed."""
    header = _opened(row, "case", row.sealed_case)
    answers: Answers = dict(header["answers"])
    closed = set()
    for seal_class, blob in (("identity", row.sealed_identity), ("confidential", row.sealed_confidential)):
        if blob is None:
            continue
        if seal_class in classes:
            answers |= _opened(row, seal_class, blob)
        else:
            closed.add(seal_class)
    return OpenEntry(
        id=row.id, file_id=row.file_id, revision=row.revision, form=form_version(row.form_id), answers=answers,
        by_id=row.by_id, done_by_id=row.done_by_id, happened_at=datetime.fromisoformat(header["happened_at"]),
        happened_on=row.happened_on,
        received_at=row.received_at, precision=header["precision"], about=row.about, amends=row.amends_id,
        written_at=datetime.fromisoformat(header["written_at"]) if header["written_at"] else None,
        given=header["given"], unread=frozenset(closed),
    )  # fmt: skip


def happened_at(row: Entry) -> datetime:
    """When the entry happened, to the minute: sealed, since only the day may stand in the clear (R128)."""
    return datetime.fromisoformat(_opened(row, "case", row.sealed_case)["happened_at"])


def with_given(entry: OpenEntry, given: Mapping[str, str]) -> OpenEntry:
    """The entry with what the house adds to it."""
    return replace(entry, given=given)


def _sealed(
    entry: OpenEntry, seal_class: Literal["identity", "case", "confidential"], value: Any
) -> bytes | None:
    if value is None:
        return None
    return sealing.seal(value, file=entry.file_id, seal_class=seal_class, row=entry.id, label=_LABEL)


def _opened(row: Entry, seal_class: Any, blob: bytes | memoryview) -> Any:
    return sealing.open_sealed(bytes(blob), file=row.file_id, seal_class=seal_class, row=row.id, label=_LABEL)
