"""Looks at both databases, beside the server, for anything that no kill may ever leave behind.

    python -m tests.chaos.verifying LEDGER SINCE

prints what it found as JSON; SINCE is how many lines of the ledger were there at the last look. The keeper and the worker
must run, and nobody may be writing.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tutela.site.settings"
    django.setup()

from tests.chaos import ledger
from tests.chaos.ledger import Acknowledged
from tutela import commands
from tutela.access.models import Assignment
from tutela.audit import verifying
from tutela.audit.models import AuditRow, SealedRow
from tutela.cases.actions import facts_on
from tutela.cases.entries import open_entry
from tutela.cases.models import CaseFile, Draft, Entry
from tutela.deadlines.models import Recount
from tutela.deadlines.queries import files_to_recount
from tutela.foundation import clock
from tutela.foundation.refusals import Refused
from tutela.intake.models import ReducedFile
from tutela.intake.queries import reduced_files
from tutela.supervision.actions import files_to_search
from tutela.supervision.models import MatchSearch
from tutela.vault import keyring
from tutela.vault.errors import NoKeys, Tampered
from tutela.vault.models import FileKey

TO_FINISH = 60.0  # seconds; each duty of the worker comes every few


@dataclass(frozen=True)
class Found:
    """What there is, and every violation in words."""

    violations: tuple[str, ...]
    verified: int  # acknowledged entries that were looked at one by one
    files: int
    entries: int
    orphan_keys: int  # keys of files that never came to be: allowed
    seals: int


def look(acknowledged: Sequence[Acknowledged], *, since: int = 0) -> Found:
    """Look at everything; but make again only the facts of files that were written on `since` so many acknowledgements.

    Files on which nothing was acknowledged, such as those of a story, are held to all but the ledger.
    """
    log, reduced = verifying.verify(), reduced_files()
    files = list(CaseFile.objects.exclude(id__in=reduced).order_by("id"))
    ended = list(CaseFile.objects.filter(id__in=reduced).order_by("id"))
    written = {one.file_id for one in acknowledged[since:]}
    found = [
        *_against_the_ledger(acknowledged, reduced=reduced),
        *_against_the_log(),
        *(sentence for file in files for sentence in _of_file(file)),
        *(sentence for file in files if not since or file.id in written for sentence in _of_facts(file)),
        *_of_keys([file.id for file in files]),
        *(sentence for file in ended for sentence in _of_reduced(file)),
        *_of_drafts(),
        *_of_the_house(),
        *log.findings,
    ]
    keys = set(FileKey.objects.values_list("file_id", flat=True))
    orphans = len(keys - {file.id for file in files} - reduced)
    return Found(
        tuple(found), len(acknowledged), len(files) + len(ended), Entry.objects.count(), orphans, log.seals
    )


def worker_is_done() -> bool:
    """Waits until the worker has nothing left to do and the log is sealed to its end. False where that takes too long."""
    end = time.monotonic() + TO_FINISH
    while (
        files_to_search()
        or files_to_recount(at=clock.now())
        or AuditRow.objects.exclude(id__in=SealedRow.objects.values("row_id")).exists()
    ):
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def _against_the_ledger(acknowledged: Sequence[Acknowledged], *, reduced: set[UUID]) -> Iterator[str]:
    """Every acknowledged entry stands as it was sent, at its revision; and on those files nothing else does.

    Of a reduced file they stand too, and nobody can say what they say (R17).
    """
    files = {one.file_id for one in acknowledged}
    rows = {row.id: row for row in Entry.objects.filter(file_id__in=files).select_related("by")}
    for one in acknowledged:
        row = rows.pop(one.entry_id, None)
        if row is None:
            yield f"{_name(one)} was acknowledged and is not there."
            continue
        if (row.file_id, row.form_code, row.by.username) != (one.file_id, one.form, one.by):
            yield f"{_name(one)} stands on another file, as another form or by somebody else."
        if row.revision != one.revision:
            yield f"{_name(one)} was acknowledged at revision {one.revision} and stands at {row.revision}."
        if one.file_id not in reduced:
            yield from _of_answers(row, one)
    for row in rows.values():
        yield f"Entry {row.id} ({row.form_code}) stands on file {row.file_id} though nobody was told so."


def _of_answers(row: Entry, one: Acknowledged) -> Iterator[str]:
    try:
        entry = open_entry(row)
    except (NoKeys, Tampered, Refused) as error:
        yield f"{_name(one)} does not open: {type(error).__name__}."
        return
    stands = ledger.fingerprint(
        answers=entry.answers, happened_at=entry.happened_at, precision=entry.precision, about=entry.about,
        amends=entry.amends,
    )  # fmt: skip
    if stands != one.fingerprint:
        yield f"{_name(one)} says something else than what was sent."


def _against_the_log() -> Iterator[str]:
    """Each entry has one row in the log, of its file, author and revision; and no row tells of an entry that is not there."""
    entries = {row.id: row for row in Entry.objects.all()}
    rows = list(AuditRow.objects.filter(entry_id__isnull=False))
    counted = Counter(row.entry_id for row in rows)
    for entry_id, entry in entries.items():
        if counted[entry_id] != 1:
            yield f"Entry {entry_id} ({entry.form_code}) has {counted[entry_id]} rows in the log."
    for row in rows:
        told_of = entries.get(row.entry_id) if row.entry_id else None
        if told_of is None:
            yield f"The log tells of entry {row.entry_id}, which is not there."
        elif (row.file_id, row.by, row.detail["revision"]) != (
            told_of.file_id,
            told_of.by_id,
            told_of.revision,
        ):
            yield f"The log tells something else of entry {told_of.id} than what stands there."


def _of_file(file: CaseFile) -> Iterator[str]:
    """Revisions without a gap, and one responsible caseworker."""
    revisions = list(Entry.objects.filter(file=file).order_by("revision").values_list("revision", flat=True))
    if not revisions or revisions != list(range(1, file.revision + 1)):
        yield f"File {file.id} is at revision {file.revision}, and its entries are at {revisions}."
    if Assignment.objects.filter(file_id=file.id, until__isnull=True).count() != 1:
        yield f"File {file.id} has not one responsible caseworker."


def _of_reduced(file: CaseFile) -> Iterator[str]:
    """Of a file that became no case nothing is left to read: no key, no fact, nobody who is responsible (R17)."""
    if keyring.with_some_keys([file.id]):
        yield f"File {file.id} was reduced and still has keys."
    if facts_on(file.id):
        yield f"File {file.id} was reduced and still has facts."
    if Assignment.objects.filter(file_id=file.id, until__isnull=True).exists():
        yield f"File {file.id} was reduced and somebody is responsible for it."


def _of_facts(file: CaseFile) -> Iterator[str]:
    """Facts and deadlines as the entries make them."""
    try:
        different = commands.rebuild(file.id, keep=False)
    except Exception as error:  # whatever it is, it is a finding, and the other files are looked at too
        different = [f"{type(error).__name__}: its facts cannot be made again."]
    for sentence in different:
        yield f"File {file.id}: {sentence}"


def _of_keys(files: Sequence[UUID]) -> Iterator[str]:
    held = keyring.has_keys(files)
    return (f"File {file} has not all of its keys." for file in files if file not in held)


def _of_drafts() -> Iterator[str]:
    sent = Entry.objects.filter(id__in=Draft.objects.values("entry_id"))
    return (f"Entry {row.id} was sent, and its draft is still there." for row in sent)


def _of_the_house() -> Iterator[str]:
    """What the house does by itself stands and falls with its row in the log, too."""
    for act, done, files in (
        ("file.searched", "searched", MatchSearch.objects.values_list("file_id", flat=True)),
        ("deadlines.recounted", "recounted", Recount.objects.values_list("file_id", flat=True)),
        ("file.reduced", "reduced", ReducedFile.objects.values_list("file_id", flat=True)),
    ):
        counted = Counter(map(str, files))
        told = Counter(str(row.file_id) for row in AuditRow.objects.filter(act=act))
        for file_id in sorted({*counted, *told}):
            if counted[file_id] != told[file_id]:
                yield f"File {file_id} was {done} {counted[file_id]} times, and the log tells of {told[file_id]}."


def _name(one: Acknowledged) -> str:
    return f"Entry {one.entry_id} ({one.form})"


if __name__ == "__main__":
    late = () if worker_is_done() else ("The worker does not come to an end, though nobody writes.",)
    found = asdict(look(ledger.read(Path(sys.argv[1])), since=int(sys.argv[2])))
    print(json.dumps(found | {"violations": [*late, *found["violations"]]}))
