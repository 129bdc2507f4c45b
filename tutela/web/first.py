"""What stands before a form: what to do or to read before anything is written on it."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from tutela.access.queries import agency_of
from tutela.cases.drafts import Place
from tutela.cases.queries import file_within_reach
from tutela.deadlines.complete_file import parts_of
from tutela.published.queries import pack_in_force
from tutela.web.criteria import beside_screening
from tutela.web.file_consent import apart_view, laws_view, taking_part_view
from tutela.web.frame import Reader
from tutela.web.referring import before_sharing


def what_comes_first(place: Place, answers: Mapping[str, Any], request: HttpRequest, reader: Reader) -> str:
    """Safe HTML above a form; nothing for most of them. Raises NotFound, Unavailable."""
    special = _FIRST.get(place.form)
    return special(place, answers, reader) if special else before_sharing(place, request, reader)


def _search(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """A search before registration (R6)."""
    return "" if place.amends else render_to_string("pages/search_first.html", {"url": reverse("find")})


def _whole_file(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """What the file has and what it lacks, before closing (R83). It advises."""
    if place.file is None:
        return ""
    parts = parts_of([place.file], pack=reader.pack, day=reader.day)[place.file]
    missing = sum(not one.there for one in parts)
    return render_to_string("pages/complete_file.html", {"parts": parts, "missing": missing})


def _criteria(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """What our criteria say about what was answered so far (R3)."""
    if place.file is None:
        return ""
    file = file_within_reach(place.file, by=reader.user, day=reader.day)
    pack = pack_in_force(file.agency_id, reader.day)
    return beside_screening(answers, file_id=file.id, pack=pack, day=reader.day)


def _laws(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """What the law asks, before a decision on reporting (R76)."""
    agency = agency_of(reader.user, reader.day)
    laws = laws_view(pack_in_force(agency.id, reader.day), reader.day) if agency else {"laws": []}
    return render_to_string("pages/reporting_laws_first.html", laws)


def _who_said_what(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """What each said where people do not agree (R8)."""
    if place.file is None:
        return ""
    file = file_within_reach(place.file, by=reader.user, day=reader.day)
    purposes = apart_view(file, pack_in_force(file.agency_id, reader.day), reader.day)
    return render_to_string("pages/apart_first.html", {"purposes": purposes})


def _still_agreed(place: Place, answers: Mapping[str, Any], reader: Reader) -> str:
    """Who agreed to taking part and when, before a key decision (R13)."""
    if place.file is None or place.amends:
        return ""
    file = file_within_reach(place.file, by=reader.user, day=reader.day)
    stands = taking_part_view(file, pack_in_force(file.agency_id, reader.day), reader.day)
    return render_to_string(
        "pages/asked_first.html", {"stands": stands, "url": reverse("file_consent", args=[file.id])}
    )


_FIRST: dict[str, Callable[[Place, Mapping[str, Any], Reader], str]] = {
    "intake.registration": _search,
    "intake.screening": _criteria,
    "closure.answer": _whole_file,
    "closure.request": _whole_file,
    "closure.transfer": _still_agreed,
    "follow_up.review": _still_agreed,
    "planning.plan": _still_agreed,
    "consent.mandatory_report": _laws,
    "consent.consultation": _who_said_what,
}
