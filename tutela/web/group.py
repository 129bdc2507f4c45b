"""Many children in one sitting, after a flood or an attack: one line each, a slip each, a file each (R116)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.cases.entries import Precision
from tutela.cases.queries import files_of
from tutela.commands import Submission
from tutela.forms.answers import MOST_ROWS
from tutela.foundation.ids import derived_id, made_at, slip_letters
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.intake.queries import identification_entries
from tutela.web.frame import Reader, show, signed_in
from tutela.web.intake import in_order, not_registered
from tutela.web.printing import foot_of
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, form_url, term

if TYPE_CHECKING:
    from tutela.forms.definition import Answers

_LINES = (10, 30, MOST_ROWS)  # empty lines for those without script; with it, one more is added at a press
_IDENTIFICATION = "intake.identification"
# Where a line is wrong, at which of its fields: the question of the identification → the field of the line.
_FIELDS = {"name": "who", "age": "age", "sex": "sex", "description": "with_whom"}


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The sheet with a line for each child."""
    commands.form_for(_IDENTIFICATION, file_id=None, by=reader.user, at=reader.at)  # may they at all?
    here = reverse("intake_group")
    asked = request.GET.get("lines", "")
    lines = int(asked) if asked in {str(one) for one in _LINES} else _LINES[0]

    def save(answers: Answers, sheet_id: UUID) -> str:
        submissions = _submissions(answers, sheet_id, reader)
        try:
            commands.submit_together(submissions, by=reader.user, at=reader.at)
        except NotFound:
            raise
        except Refused as refused:
            raise type(refused)(*map(_at_its_line, refused.unmet)) from refused
        return reverse("intake_slips", kwargs={"sheet_id": sheet_id})

    # Without script the form has two more, which the script takes away.
    begin: dict[str, Any] = {"met_on": reader.day.isoformat(), "children": [{} for _ in range(lines)]}
    more = {
        "main": gettext("Write them down"),
        "sizes": [
            {"words": gettext("{number} lines").format(number=one), "url": f"{here}?lines={one}", "current": one == lines}
            for one in _LINES
        ],
    }  # fmt: skip
    sheet = Sheet(code="intake.group", action=here, back_url=reverse("intake"), begin=begin, more=more)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def slips(request: HttpRequest, reader: Reader, sheet_id: UUID) -> HttpResponse:
    """The slips to print, and the children of the sheet, the most urgent first."""
    ids = [_entry_id(sheet_id, number) for number in range(MOST_ROWS)]
    entries = identification_entries(ids)
    files = list(files_of(reader.user, day=reader.day).filter(id__in=[one.file_id for one in entries]))
    if not files:
        raise NotFound
    known = not_registered(files, reader)
    foot = foot_of(reader, named=False)
    commands.read_list(
        "slips.printed", by=reader.user, at=reader.at, files=list(known), reference=foot.reference
    )
    lines = child_lines(list(known), reader=reader)
    order = in_order(known, known)
    context = {
        "slips": [
            {
                "number": one.answers.get("slip", ""), "at": one.received_at,
                "area": term(known[one.file_id].pack, "area", str(one.answers.get("area", ""))),
            }
            for one in entries if one.file_id in known
        ],
        "children": [
            lines[file_id] | {
                "slip": known[file_id].identification.contents.get("slip", ""),
                "urgent": known[file_id].rank.urgent,
                "action": gettext("Register"), "register_url": form_url("intake.registration", file_id),
            }
            for file_id in order
        ],
        "back_url": reverse("intake"), "foot": foot,
    }  # fmt: skip
    return show(request, reader, "pages/slips.html", context)


def _submissions(answers: Answers, sheet_id: UUID, reader: Reader) -> list[Submission]:
    """One identification for each line, under an id that follows from the sheet: sent twice, it is written once."""
    children = cast("list[dict[str, Any]]", answers.get("children") or [])
    if not children:
        raise Refused(Unmet("nobody", say("Write one line at least."), "R116", "children"))
    happened_at, precision = _when(date.fromisoformat(str(answers["met_on"])), sheet_id, reader)
    shared = {name: answers[name] for name in ("source", "area", "place") if answers.get(name)}
    letters = slip_letters(sheet_id)
    return [
        Submission(
            form=_IDENTIFICATION, file=None, answers={**shared, **_child(child), "slip": f"{letters} {number + 1}"},
            entry_id=_entry_id(sheet_id, number), happened_at=happened_at, precision=precision,
        )
        for number, child in enumerate(children)
    ]  # fmt: skip


def _when(day: date, sheet_id: UUID, reader: Reader) -> tuple[datetime, Precision]:
    """Of today, when the sheet was begun, or a clock of hours would run since midnight; of another day, its beginning.

    It follows from the sheet alone, so that what is sent twice is the same.
    """
    begun = made_at(sheet_id)
    if begun and begun <= reader.at and begun.astimezone(reader.zone).date() == day:
        return begun, "minute"
    return datetime.combine(day, time.min, tzinfo=reader.zone), "day"


def _child(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as the answers of an identification. What nobody marked as urgent is not known: it is treated as high."""
    marks = line.get("marks", [])
    told = {question: line[field] for question, field in _FIELDS.items() if line.get(field)}
    told["triage"] = "high" if "urgent" in marks else "not_known"
    if "alone" in marks:
        told["with_whom"] = "alone"
    return told


def _entry_id(sheet_id: UUID, number: int) -> UUID:
    return derived_id(sheet_id, f"child {number}")


def _at_its_line(unmet: Unmet) -> Unmet:
    """What was refused of one identification, at the field of its line."""
    number, _, question = unmet.question.partition(".")
    if not number.isdecimal() or question not in _FIELDS:
        return Unmet(unmet.code, unmet.words, unmet.citation)
    return Unmet(unmet.code, unmet.words, unmet.citation, f"children.{number}.{_FIELDS[question]}")
