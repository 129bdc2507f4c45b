"""The duty officer's sheet: the children of one's teams at high risk, without a name, in a closed workbook (R120).

For the night and the weekend, when there may be no line to the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import files_of_supervised_teams, responsible_for
from tutela.assessment.queries import risk_levels
from tutela.cases.queries import child_of, code_of, entry_of, people_around
from tutela.closure.queries import closed_among, died_among
from tutela.consent.people import ages_of, caregivers, contacts_of, is_marked
from tutela.custody.rules import sheet_valid_until
from tutela.exports.locking import closed_with
from tutela.exports.workbook import Sheet, workbook_of
from tutela.pages.dates import exact
from tutela.planning.queries import safety_plan_of
from tutela.web.frame import Reader, show, signed_in
from tutela.web.second_factor import fresh_second_factor
from tutela.web.showing import answer_parts, term
from tutela.web.six_words import as_file, six_words, words_of

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person

_PLACE = "duty sheet"


@fresh_second_factor
@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the six words; then hand out the sheet that they open, with a row in the log for each child."""
    commands.check_allowed("duty_sheet", by=reader.user, at=reader.at, act="duty_sheet.taken")
    files = _at_high_risk(reader)
    words = words_of(request, place=_PLACE) if request.method == "POST" else ""
    if not words:
        return _offer(request, reader, len(files), late=request.method == "POST")
    read = [commands.read("duty_sheet.taken", file_id, by=reader.user, at=reader.at) for file_id in files]
    sheet = Sheet(
        name=gettext("Sheet for duty"), mark=_watermark(reader), columns=_columns(),
        rows=[_row(file, reader) for file in read], long=True,
    )  # fmt: skip
    return as_file("duty-sheet.xlsx", closed_with(words, workbook_of(sheet)))


def _offer(request: HttpRequest, reader: Reader, children: int, *, late: bool) -> HttpResponse:
    context = {
        **six_words(reader, place=_PLACE), "children": children, "late": late,
        "until": sheet_valid_until(reader.day), "back_url": reverse("team"),
    }  # fmt: skip
    return show(request, reader, "pages/duty_sheet.html", context, status=422 if late else 200)


def _at_high_risk(reader: Reader) -> list[UUID]:
    files = files_of_supervised_teams(reader.user, reader.day)
    over = closed_among(files) | died_among(files)
    levels = risk_levels(files)
    return [file_id for file_id in files if levels.get(file_id) == "high" and file_id not in over]


def _watermark(reader: Reader) -> str:
    words = gettext(
        "Taken by {name} on {day}. Valid until {until}; then delete it. If it is lost, say so at once."
    )
    until = sheet_valid_until(reader.day)
    return words.format(name=reader.user.name, day=exact(reader.day), until=exact(until))


def _columns() -> list[str]:
    return [
        gettext("Code"), gettext("Age"), gettext("Caseworker"), gettext("Safe contact"), gettext("Safety plan"),
    ]  # fmt: skip


def _row(file: CaseFile, reader: Reader) -> list[str]:
    child = child_of(file.id)
    return [
        code_of(file), _age(child, reader), responsible_for([file.id])[file.id].name,
        _safe_contact(child, file.id, reader), _safety_plan(file.id),
    ]  # fmt: skip


def _age(child: Person | None, reader: Reader) -> str:
    ages = ages_of(child, day=reader.day)
    if ages is None:
        return ""
    return str(ages[0]) if ages[0] == ages[1] else f"{ages[0]}-{ages[1]}"


def _safe_contact(child: Person | None, file_id: UUID, reader: Reader) -> str:
    """Numbers of the child and of caregivers, each with what is safe. No name, and nobody with a safety mark (R109, R110)."""
    around = [one for one in people_around(file_id) if not is_marked(one)]
    people = [*([child] if child else []), *caregivers(around, file_id=file_id, day=reader.day)]
    return "\n".join(line for one in people for line in _numbers(one, reader)) or gettext(
        "No number is safe to call."
    )


def _numbers(one: Person, reader: Reader) -> list[str]:
    who = (
        gettext("Child")
        if one.is_the_child
        else term(reader.pack, "person_relationship", one.contents.get("relationship", ""))
    )
    lines = []
    for contact in contacts_of(one):
        if not contact.number or "never_call" in contact.safe:
            continue
        how = [*(term(reader.pack, "safe_contact", code) for code in contact.safe), contact.when, contact.say]
        told = "; ".join(filter(None, how)) or gettext("nobody has asked yet whether it is safe to call")
        lines.append(f"{who}: {contact.number} ({told})")
    return lines


def _safety_plan(file_id: UUID) -> str:
    """What to do, as the child and the adults wrote it; it names nobody."""
    plan = safety_plan_of(file_id)
    if plan is None:
        return gettext("There is none. Ask where the child is now, and with whom.")
    parts = answer_parts(entry_of(plan.entry_id, file_id=file_id, classes=frozenset({"case"})))
    return "\n".join(f"{part['label']}: {part['text']}" for part in parts)
