"""Questions about files: which are within reach, who is on them, what was written."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from tutela.access.models import User
from tutela.access.queries import files_within_reach
from tutela.cases.entries import EVERY_CLASS, OpenEntry, open_entry
from tutela.cases.facts import current, first
from tutela.cases.models import Case, CaseFile, Entry, Person, child_id
from tutela.foundation.ids import read_case_code
from tutela.foundation.refusals import NotFound
from tutela.foundation.remembering import once
from tutela.vault import keyring, sealing
from tutela.vault.models import SEAL_CLASSES, SealClass


def files_of(user: User, *, day: date) -> QuerySet[CaseFile]:
    """The files that `user` may read on `day`. Every page fetches a file through here: an outsider finds nothing."""
    reach = files_within_reach(user, day).values("file_id")
    return CaseFile.objects.filter(id__in=reach).select_related("agency", "case")


def file_within_reach(file_id: UUID, *, by: User, day: date) -> CaseFile:
    """One file, through the reach of `by`. Raises NotFound."""
    file = files_of(by, day=day).filter(id=file_id).first()
    if file is None:
        raise NotFound
    return file


@once
def case_of(file_id: UUID) -> Case | None:
    """The case of a file, or None before registration."""
    return Case.objects.filter(file_id=file_id).first()


def registered_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files became cases."""
    return set(Case.objects.filter(file_id__in=list(file_ids)).values_list("file_id", flat=True))


@once
def agency_id_of(file_id: UUID) -> UUID:
    """The agency whose file it is. Raises NotFound."""
    found = CaseFile.objects.filter(id=file_id).values_list("agency_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def file_coded(typed: str, *, agency_id: UUID) -> UUID | None:
    """The file of an agency that has this case code, however it is spaced; None where there is none."""
    code = read_case_code(typed)
    found = Case.objects.filter(code=code, file__agency_id=agency_id) if code else Case.objects.none()
    return found.values_list("file_id", flat=True).first()


def codes_of(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The case codes of these files; those that are no cases yet are left out."""
    return dict(Case.objects.filter(file_id__in=list(file_ids)).values_list("file_id", "code"))


def files_in(agency_id: UUID) -> QuerySet[CaseFile]:
    """Every file of an agency: ids and codes for whoever looks after the log. It opens nothing."""
    return CaseFile.objects.filter(agency_id=agency_id)


def code_of(file: CaseFile) -> str:
    """The case code, or nothing before registration."""
    return file.case.code if hasattr(file, "case") else ""


@once
def current_person(file_id: UUID, person_id: UUID) -> Person | None:
    """Somebody on this file as known now."""
    return first([one for one in current(Person, file_id) if one.person_id == person_id])


def child_of(file_id: UUID) -> Person | None:
    """The child as known now."""
    return current_person(file_id, child_id(file_id))


def children_of(file_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The child of each file, as known now. Nothing sealed is opened yet."""
    return {one.file_id: one for one in current(Person, *file_ids) if one.is_the_child}


@once
def people_around(file_id: UUID) -> list[Person]:
    """Everybody on the file but the child, as known now."""
    return [one for one in current(Person, file_id) if not one.is_the_child]


def entries_of(file_id: UUID, *, classes: frozenset[str] = EVERY_CLASS) -> list[OpenEntry]:
    """Every entry of a file, its answers of `classes` opened, in the order of its revisions."""
    return [
        open_entry(row, classes=classes) for row in Entry.objects.filter(file_id=file_id).order_by("revision")
    ]


def first_written(file_id: UUID) -> list[UUID]:
    """The entries of a file that correct no other, the day of the newest first; nothing is opened."""
    rows = Entry.objects.filter(file_id=file_id, amends__isnull=True)
    return list(rows.order_by("-happened_on", "-revision").values_list("id", flat=True))


def entries_with_corrections(
    entry_ids: Iterable[UUID], *, file_id: UUID, classes: frozenset[str] = EVERY_CLASS
) -> list[OpenEntry]:
    """These entries and everything that corrected them, opened, in the order of their revisions."""
    wanted = set(entry_ids)
    corrections = Entry.objects.filter(file_id=file_id, amends__isnull=False).order_by("revision")
    for entry_id, amends in corrections.values_list("id", "amends_id"):
        if amends in wanted:
            wanted.add(entry_id)
    rows = Entry.objects.filter(file_id=file_id, id__in=wanted).order_by("revision")
    return [open_entry(row, classes=classes) for row in rows]


def line_of(entry_id: UUID, *, file_id: UUID, classes: frozenset[str] = EVERY_CLASS) -> list[OpenEntry]:
    """An entry with what it corrected and what corrected it, the oldest first. Raises NotFound."""
    row = Entry.objects.filter(id=entry_id, file_id=file_id).first()
    if row is None:
        raise NotFound
    return entries_with_corrections([began_with(row).id], file_id=file_id, classes=classes)


def entry_of(entry_id: UUID, *, file_id: UUID, classes: frozenset[str] = EVERY_CLASS) -> OpenEntry:
    """One entry of a file, its answers of `classes` opened. Raises NotFound."""
    row = Entry.objects.filter(id=entry_id, file_id=file_id).first()
    if row is None:
        raise NotFound
    return open_entry(row, classes=classes)


def entries_by_id(
    entry_ids: Iterable[UUID], *, classes: frozenset[str] = EVERY_CLASS
) -> dict[UUID, OpenEntry]:
    """Entries of any files, their answers of `classes` opened; the keys of their files are fetched in one go."""
    rows = list(Entry.objects.filter(id__in=list(entry_ids)))
    keys: list[SealClass] = [one for one in SEAL_CLASSES if one in classes]
    sealing.fetch_keys({row.file_id for row in rows}, seal_classes=keys)
    return {row.id: open_entry(row, classes=classes) for row in rows}


def confidential_entry(entry_id: UUID, *, file_id: UUID) -> bool:
    """Whether an entry of a file has a confidential part. Nothing is opened."""
    return Entry.objects.filter(id=entry_id, file_id=file_id, sealed_confidential__isnull=False).exists()


def files_by_id(file_ids: Iterable[UUID]) -> dict[UUID, CaseFile]:
    """Files with their cases."""
    return CaseFile.objects.select_related("case").in_bulk(list(file_ids))


def names_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """The names of users by id."""
    return dict(User.objects.filter(id__in=list(people)).values_list("id", "name"))


def opened_on(file_id: UUID) -> date | None:
    """The day on which a file was opened; None where there is none."""
    return CaseFile.objects.filter(id=file_id).values_list("opened_on", flat=True).first()


def is_written(entry_id: UUID) -> bool:
    """Whether there is an entry under this id."""
    return Entry.objects.filter(id=entry_id).exists()


def every_file() -> list[UUID]:
    """Every file, in the order in which they were opened."""
    return list(CaseFile.objects.order_by("opened_on", "id").values_list("id", flat=True))


def files_without_keys() -> list[UUID]:
    """Files that cannot be opened any more, which only a destroyed or lost keyring explains."""
    files = every_file()
    held = keyring.has_keys(files)
    return [file_id for file_id in files if file_id not in held]


def began_with(entry: Entry) -> Entry:
    """The entry that a line of corrections began with: a correction stands where that stands in the order of the file."""
    while entry.amends is not None:
        entry = entry.amends
    return entry


def last_entry(
    form: str, *, file_id: UUID, about: UUID | None, classes: frozenset[str] = EVERY_CLASS
) -> OpenEntry | None:
    """The newest entry of a form on a file, about the same person; of a person, the one that says what is known now."""
    rows = Entry.objects.filter(file_id=file_id, form_code=form, amended_by__isnull=True)
    person = current_person(file_id, about) if about else None
    row = (
        rows.filter(id=person.entry_id).first()
        if person
        else max(rows.filter(about=about), key=lambda one: began_with(one).revision, default=None)
    )
    return open_entry(row, classes=classes) if row else None
