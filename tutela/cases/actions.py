"""Verbs on the file itself: making facts of an entry, people around the child, the case."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from tutela.attachments import actions as attachments
from tutela.cases.entries import Kind, OpenEntry, apply_nothing
from tutela.cases.facts import SomeFact
from tutela.cases.models import Case, Draft, Entry, Fact, Person, PrivateLabel, child_id
from tutela.cases.queries import began_with
from tutela.cases.rules import born_between
from tutela.foundation.ids import derived_id, new_case_code
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.vault import sealing
from tutela.vault.keeper import keeper


def make(
    model: type[SomeFact], entry: OpenEntry, contents: dict[str, Any], *, number: int = 0, **clear: Any
) -> SomeFact:
    """Make one fact of `entry`. Replaying the entry makes the same row again: its id follows from entry, kind and number."""
    row = derived_id(entry.id, f"{model.LABEL} {number}")
    sealed = sealing.seal(contents, file=entry.file_id, seal_class=model.SEAL, row=row, label=model.LABEL)
    return model.objects.create(id=row, file_id=entry.file_id, entry_id=entry.id, sealed=sealed, **clear)  # type: ignore[attr-defined, no-any-return]


def end(model: type[Fact], entry: OpenEntry, **which: Any) -> None:
    """End the current facts of a kind on the file of `entry`, as from this entry."""
    model.objects.filter(file_id=entry.file_id, ended_by__isnull=True, **which).update(ended_by_id=entry.id)  # type: ignore[attr-defined]


def end_facts_of(amended: UUID, entry: OpenEntry) -> None:
    """End what the amended entry had made, where it may be amended at all."""
    for model in Fact.__subclasses__():
        if model.AMENDABLE:
            end(model, entry, entry_id=amended)


def outdated_by(model: type[Fact], entry: OpenEntry, **which: Any) -> UUID | None:
    """The newer entry that goes on holding when an older one is corrected; None where what `entry` says holds now."""
    if entry.amends is None:
        return None
    newer = model.objects.filter(file_id=entry.file_id, ended_by__isnull=True, **which).first()  # type: ignore[attr-defined]
    return newer.entry_id if newer else None


def make_latest(model: type[SomeFact], entry: OpenEntry, contents: dict[str, Any], **clear: Any) -> SomeFact:
    """Make a fact that stands in place of the last of its kind. An older one that is corrected changes nothing now."""
    newer = outdated_by(model, entry)
    if newer is None:
        end(model, entry)
    return make(model, entry, contents, ended_by_id=newer, **clear)


def facts_on(file_id: UUID) -> dict[str, dict[str, Any]]:
    """Every fact of a file with its fields and its opened contents, for comparing one replay with another."""
    rows: list[Fact | Case] = [*Case.objects.filter(file_id=file_id)]
    for model in Fact.__subclasses__():
        rows += model.objects.filter(file_id=file_id)  # type: ignore[attr-defined]
    return {f"{type(row).__name__} {row.pk}": _told(row) for row in rows}


def forget_facts(file_id: UUID) -> None:
    """Remove every fact of a file, so that its entries can be replayed. Those that lean on others go first."""
    for model in reversed(Fact.__subclasses__()):
        model.objects.filter(file_id=file_id).delete()  # type: ignore[attr-defined]
    Case.objects.filter(file_id=file_id).delete()


def forget_file(file_id: UUID) -> None:
    """Remove what leans on the entries of a file, and what people keep of it for themselves. The entries stay, sealed."""
    people = Person.objects.filter(file_id=file_id).values_list("person_id", flat=True).distinct()
    keeper().forget_names([person_id.hex for person_id in people])
    forget_facts(file_id)
    PrivateLabel.objects.filter(file_id=file_id).delete()
    Draft.objects.filter(place__contains=str(file_id)).delete()
    attachments.forget_file(file_id)


def make_child(entry: OpenEntry, **more: Any) -> None:
    """Add what `entry` says of the child to what other entries said; an empty answer takes nothing away.

    A correction stands where the entry it corrects stood: what was said after that goes before it. `more`: what follows
    from the answers, such as the day of birth that a date in another calendar means.
    """
    said = _with_birth_year({**_of_person(entry), **more}, entry)
    if not said and not entry.amends:
        return
    person = child_id(entry.file_id)
    amended = Entry.objects.filter(file_id=entry.file_id, amended_by__revision__lte=entry.revision)
    rows = Person.objects.filter(person_id=person).exclude(entry__in=amended).select_related("entry")
    told = [(began_with(row.entry).revision, row.contents["said"]) for row in rows]
    told.append((began_with(Entry.objects.get(id=entry.id)).revision, said))
    known: dict[str, Any] = {}
    for _, one in sorted(told, key=lambda pair: pair[0]):
        known = {**_without_older_age(known, one), **one}
    end(Person, entry, person_id=person)
    _new_version(entry, person, {**known, "said": said}, is_the_child=True)


def missing_for_person(entry: OpenEntry) -> Sequence[Unmet]:
    """The child is no person around the child: identification and registration say who it is."""
    if entry.about != child_id(entry.file_id):
        return []
    words = say("This is the child. Write what is new in the registration, or correct it there.")
    return [Unmet("the_child", words, "R15")]


def make_person(entry: OpenEntry) -> None:
    """Record somebody around the child, or what is new about them (`about`); a new version stands for the whole person."""
    amended = Person.objects.filter(entry_id=entry.amends).first() if entry.amends else None
    person = amended.person_id if amended else entry.about or derived_id(entry.id, "person")
    newer = outdated_by(Person, entry, person_id=person)
    if newer is None:
        end(Person, entry, person_id=person)
    _new_version(entry, person, _of_person(entry), is_the_child=False, ended_by_id=newer)


def missing_for_word(
    entry: OpenEntry, waiting: Collection[Fact], *, nothing: Unmet, own: Unmet
) -> Sequence[Unmet]:
    """Something waits for a word, and somebody else wrote it: nobody answers for themselves."""
    if not waiting:
        return [nothing]
    themselves = {entry.by_id, entry.done_by_id}
    if any(themselves & {one.entry.by_id, one.entry.done_by_id} for one in waiting):
        return [own]
    return []


def make_case(entry: OpenEntry) -> None:
    """Give the file its case and code, once; amending a registration leaves both as they are (R17)."""
    if not Case.objects.filter(file_id=entry.file_id).exists():
        Case.objects.create(file_id=entry.file_id, entry_id=entry.id, code=entry.given["code"])


def give_case_code(entry: OpenEntry) -> dict[str, str]:
    """A code that no other case has."""
    while Case.objects.filter(code=(code := new_case_code())).exists():
        continue
    return {"code": code}


def _of_person(entry: OpenEntry) -> dict[str, Any]:
    """What an entry says of a person, with every further number and address (R110)."""
    others = entry.facts.get("safe_contact")
    return entry.fact("person") | ({"other_contacts": others} if others else {})


def _new_version(entry: OpenEntry, person_id: UUID, contents: dict[str, Any], **clear: Any) -> None:
    sex, year = str(contents.get("sex", "")), contents.get("birth_year")
    make(Person, entry, contents, person_id=person_id, sex=sex, birth_year=year, **clear)


def _with_birth_year(said: dict[str, Any], entry: OpenEntry) -> dict[str, Any]:
    """What was said, with the year of birth that it points to: the only part that may stand in the clear (R128).

    Of an age, also the days between which the child was born: it goes on holding as the years go by (R16).
    """
    if born := said.get("birth_date"):
        return {**said, "birth_year": int(str(born)[:4])}
    if not said.get("age"):
        return said
    youngest, oldest = int(said["age"]), int(said.get("oldest") or said["age"])
    between = born_between(youngest, oldest, told_on=entry.happened_on)
    return {**said, "birth_year": entry.happened_on.year - youngest, "born_between": between}


# What is said of an age goes together: nobody is to read the youngest age of one entry beside the oldest of another.
_AGE_IN_DOUBT = ("oldest", "estimated", "born_between")
_AS_TOLD = ("birth_calendar", "birth_told")


def _without_older_age(known: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What is known, without what a newer word on the age takes back: a doubt that is gone, a day that is now in doubt."""
    gone = {
        *(_AGE_IN_DOUBT if {"age", "birth_date"} & said.keys() else ()),
        *(_AS_TOLD if {"birth_told", "birth_date"} & said.keys() else ()),
        *(("birth_date", *_AS_TOLD) if "oldest" in said else ()),
    }
    return {name: value for name, value in known.items() if name not in gone}


def _told(row: Fact | Case) -> dict[str, Any]:
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name != "sealed"
    }
    return fields | ({"contents": row.contents} if isinstance(row, Fact) else {})


KINDS = (
    Kind("cases.person", apply=make_person, unmet=missing_for_person, while_closed=True, continues=True),
    Kind("cases.child_contact", apply=make_child, while_closed=True, continues=True),
    Kind("cases.document", apply=apply_nothing, while_closed=True),
)
