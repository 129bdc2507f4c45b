"""What may stand on paper that leaves the office: no name, and nothing about a person suspected of harm (R35, R124)."""

import re
from collections.abc import Iterable
from uuid import UUID

from tutela.access.queries import responsible_for
from tutela.cases.models import CaseFile, Person
from tutela.cases.queries import child_of, people_around

_LEFT_OUT = "…"
_SHORTEST = 3  # letters: shorter words, such as “de” and “al”, stand in every text
# Of “The woman at the gate” the woman is left out, and not every “the” of the plan.
_NO_NAMES = frozenset({"the", "and", "with", "from", "who"})
_SUSPECTED = "suspected_of_harm"  # of the list safety_mark
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")


def names_on(file_id: UUID) -> frozenset[str]:
    """Every word of every name on a file, of its caseworker, and the name of the agency. Opens names."""
    child = child_of(file_id)
    people = [*people_around(file_id), *([child] if child else [])]
    agency = CaseFile.objects.select_related("agency").get(id=file_id).agency.name
    worker = responsible_for([file_id]).get(file_id)
    return _words_of(people) | _words(worker.name if worker else "") | {agency}


def names_of_suspected(file_id: UUID) -> frozenset[str]:
    """Every word of the names of those who are suspected of harm. Opens names."""
    return _words_of(
        one for one in people_around(file_id) if _SUSPECTED in one.contents.get("safety_mark", [])
    )


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of `names` stand in `text` as words of their own, however they are capitalised."""
    return [name for name in names if _as_a_word(name).search(text)]


def without_names(text: str, names: Iterable[str]) -> str:
    """`text` with an ellipsis in the place of each of `names`."""
    for name in sorted(names, key=len, reverse=True):
        text = _as_a_word(name).sub(_LEFT_OUT, text)
    return text


def _words_of(people: Iterable[Person]) -> frozenset[str]:
    told = (person.contents for person in people)
    fields = ("name", "other_names", "caregiver_name")
    return frozenset(word for one in told for field in fields for word in _words(one.get(field, "")))


def _words(name: str) -> frozenset[str]:
    words = (word for word in _WORD.findall(name) if len(word) >= _SHORTEST)
    return frozenset(word for word in words if word.lower() not in _NO_NAMES)


def _as_a_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
