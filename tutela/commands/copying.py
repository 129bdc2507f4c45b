"""Many invented files out of a few, for trying how an installation bears ten thousand of them (`tutela story crowd`).

Each copy has the entries and facts of a file that was written the ordinary way, under ids of its own, sealed with its own
keys, with a row in the log for each entry. That it is what submitting would have made, a test shows by replaying it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tutela.access.models import Assignment
from tutela.audit.models import AuditRow
from tutela.cases.entries import OpenEntry, seal_entry, with_given
from tutela.cases.models import Case, CaseFile, Entry, Fact, child_id
from tutela.cases.queries import entries_of
from tutela.commands.writing import Submission, mark_of
from tutela.foundation.ids import derived_id, new_case_code, new_id
from tutela.supervision.models import MatchSearch
from tutela.vault import keyring, sealing


@dataclass(frozen=True)
class Copy:
    """One copy: what stands in place of which words (names), and which people and teams in place of which."""

    words: Mapping[str, str]
    people: Mapping[UUID, UUID]


def copy_file(template: UUID, copies: Sequence[Copy], *, at: datetime) -> list[UUID]:
    """Copy a file as often as `copies` says, in one transaction, and return the ids of the new files.

    Raises LookupError for a file with facts that these copies cannot make, such as one that points at another file.
    """
    original = _Original(template)
    renamed = [_Renaming(original, one) for one in copies]
    for one in renamed:
        keyring.mint_file_keys(
            file_id=one.file_id, agency_id=original.file.agency_id
        )  # the keyring commits first
    sealing.fetch_keys(one.file_id for one in renamed)
    with transaction.atomic():
        CaseFile.objects.bulk_create(
            CaseFile(
                id=one.file_id, agency_id=original.file.agency_id, opened_on=original.file.opened_on,
                revision=original.file.revision,
            )
            for one in renamed
        )  # fmt: skip
        Entry.objects.bulk_create(entry for one in renamed for entry in one.entries())
        for model, facts in original.facts.items():
            model.objects.bulk_create(fact for one in renamed for fact in one.facts(facts))  # type: ignore[attr-defined]
        Case.objects.bulk_create(case for one in renamed for case in one.case())
        Assignment.objects.bulk_create(one.assignment(original.assignment) for one in renamed)
        MatchSearch.objects.bulk_create(MatchSearch(file_id=one.file_id, at=at) for one in renamed)
        AuditRow.objects.bulk_create(row for one in renamed for row in one.log())
    return [one.file_id for one in renamed]


class _Original:
    """A file that was written the ordinary way, opened once for all its copies."""

    def __init__(self, file_id: UUID) -> None:
        self.file = CaseFile.objects.get(id=file_id)
        self.entries = entries_of(file_id)
        self.case = Case.objects.filter(file_id=file_id).first()
        self.assignment = Assignment.objects.get(file_id=file_id)
        kinds = {model: list(model.objects.filter(file_id=file_id)) for model in Fact.__subclasses__()}  # type: ignore[attr-defined]
        self.facts: dict[type[Fact], list[Fact]] = {model: facts for model, facts in kinds.items() if facts}
        self.origins = {fact.id: self._origin(fact) for facts in self.facts.values() for fact in facts}

    def _origin(self, fact: Fact) -> tuple[UUID, str]:
        """The entry and the label from which the id of a fact follows."""
        for entry in self.entries:
            for label in fact.labels():
                if derived_id(entry.id, label) == fact.id:
                    return entry.id, label
        raise LookupError(f"A fact of {fact.LABEL} follows from no entry of its file.")


class _Renaming:
    """One copy of an original: every id and every name of it in its new spelling."""

    def __init__(self, original: _Original, copy: Copy) -> None:
        self._original, self._copy = original, copy
        self._ids: dict[UUID, UUID] = {entry.id: new_id() for entry in original.entries} | dict(copy.people)
        self.file_id = derived_id(self._ids[original.entries[0].id], "file")
        self._ids[original.file.id] = self.file_id
        self._ids[child_id(original.file.id)] = child_id(self.file_id)
        for entry in original.entries:
            self._ids[derived_id(entry.id, "person")] = derived_id(self._ids[entry.id], "person")
        self._texts = {str(old): str(new) for old, new in self._ids.items()} | dict(copy.words)
        if original.case:
            self._texts[original.case.code] = new_case_code()
        for fact, (entry_id, label) in original.origins.items():
            self._ids[fact] = derived_id(self._ids[entry_id], " ".join(map(self._text, label.split(" "))))
            self._texts[str(fact)] = str(self._ids[fact])

    def entries(self) -> Iterator[Entry]:
        for entry in map(self._entry, self._original.entries):
            sent = Submission(
                entry.form.code, entry.file_id, entry.answers, entry.id, happened_at=entry.happened_at,
                precision=entry.precision, about=entry.about, amends=entry.amends,
            )  # fmt: skip
            yield seal_entry(entry, keyed_hash=mark_of(sent, entry))

    def facts(self, facts: Sequence[Fact]) -> Iterator[Fact]:
        for fact in facts:
            fields = {
                field.attname: self._value(getattr(fact, field.attname))
                for field in fact._meta.concrete_fields
            }
            contents = json.loads(json.dumps(fact.contents), object_hook=self._object)
            fields["sealed"] = sealing.seal(
                contents, file=self.file_id, seal_class=fact.SEAL, row=fields["id"], label=fact.LABEL
            )
            yield type(fact)(**fields)

    def case(self) -> Iterator[Case]:
        if case := self._original.case:
            yield Case(file_id=self.file_id, entry_id=self._ids[case.entry_id], code=self._texts[case.code])

    def assignment(self, first: Assignment) -> Assignment:
        return Assignment(
            id=derived_id(self.file_id, "first assignment"), file_id=self.file_id, user_id=self._value(first.user_id),
            team_id=self._value(first.team_id), since=first.since,
        )  # fmt: skip

    def log(self) -> Iterator[AuditRow]:
        for entry in map(self._entry, self._original.entries):
            yield AuditRow(
                act=entry.form.code, by=entry.by_id, at=entry.received_at, file_id=self.file_id, entry_id=entry.id,
                detail={"revision": entry.revision},
            )  # fmt: skip

    def _entry(self, entry: OpenEntry) -> OpenEntry:
        given = {name: self._text(value) for name, value in entry.given.items()}
        moved = replace(
            entry, id=self._ids[entry.id], file_id=self.file_id, by_id=self._value(entry.by_id),
            done_by_id=self._value(entry.done_by_id), about=self._value(entry.about), amends=self._value(entry.amends),
            answers=json.loads(json.dumps(entry.answers), object_hook=self._object),
        )  # fmt: skip
        return with_given(moved, given)

    def _object(self, read: dict[str, Any]) -> dict[str, Any]:
        return {name: self._text(value) if isinstance(value, str) else value for name, value in read.items()}

    def _text(self, text: str) -> str:
        return self._texts.get(text, text)

    def _value(self, value: Any) -> Any:
        return self._ids.get(value, value) if isinstance(value, UUID) else value
