"""Finding a child by a name, however it is spelt, or by the case code, within one's own reach (R6, `name-search`).

Names are compared in the keeper's memory only. It is asked about the people the reader may see, says whose names it has
yet to be given, is given them, and is asked once more: so there is no index at rest and nothing to go stale.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from tutela.access.models import User
from tutela.cases.models import Case, Person
from tutela.cases.queries import files_of
from tutela.foundation.ids import read_case_code
from tutela.vault import sealing
from tutela.vault.keeper import keeper

MOST_FOUND = 20


def find_files(query: str, *, by: User, day: date) -> list[UUID]:
    """The files within the reach of `by` that match a name or code, the best match first. Raises Unavailable while locked."""
    reach = files_of(by, day=day).values("id")
    if not any(letter.isalpha() for letter in query):
        query = "".join(
            letter for letter in query if letter.isdecimal()
        )  # a phone number, however it is spaced
    if code := read_case_code(query):
        return list(Case.objects.filter(code=code, file_id__in=reach).values_list("file_id", flat=True))
    return files_named(query, among=Person.objects.filter(file_id__in=reach))


def files_named(query: str, *, among: QuerySet[Person]) -> list[UUID]:
    """The files of the people in `among` who are called like `query`, the best match first."""
    people = {
        person_id.hex: (file_id, revision)
        for person_id, file_id, revision in among.filter(ended_by__isnull=True).values_list(
            "person_id", "file_id", "entry__revision"
        )
    }
    candidates = [(person, revision) for person, (_, revision) in people.items()]
    found = keeper().search_names(query, candidates, limit=MOST_FOUND)
    if found.missing:
        _give_names(found.missing)
        found = keeper().search_names(query, candidates, limit=MOST_FOUND)
    return list(dict.fromkeys(people[person][0] for person in found.hits))


def _give_names(people: Iterable[str]) -> None:
    rows = list(
        Person.objects.filter(
            person_id__in=[UUID(hex=one) for one in people], ended_by__isnull=True
        ).select_related("entry")
    )
    sealing.fetch_keys({row.file_id for row in rows}, seal_classes=["identity"])
    keeper().put_names([(row.person_id.hex, row.entry.revision, _names(row)) for row in rows])


def _names(person: Person) -> list[str]:
    known = person.contents
    numbers = [known.get("phone", ""), *(one.get("number", "") for one in known.get("other_contacts", []))]
    phones = ["".join(letter for letter in number if letter.isdecimal()) for number in numbers]
    several = known.get("other_names", "").replace(";", ",").split(",")
    return [
        name
        for name in (known.get("name", ""), *several, known.get("caregiver_name", ""), *phones)
        if name.strip()
    ]
