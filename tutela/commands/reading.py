"""Reading, with the row that says so before the page is sent; and what a form starts from."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access import queries as access
from tutela.access.deciding import Action
from tutela.access.models import Agency, User
from tutela.audit import actions as audit
from tutela.cases.drafts import Place
from tutela.cases.finding import find_files
from tutela.cases.models import CaseFile
from tutela.cases.queries import last_entry
from tutela.commands.deciding import allow, nothing_there, place_of_work, readable_classes, was_answered
from tutela.commands.kinds import KINDS, action_of, kind_of, or_actions
from tutela.forms.definition import Answers, Form
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.published.queries import form_in_force, form_version, titles_in_force

_FILES_IN_A_ROW = 200  # 35 bytes each


def read(
    verb: str, file_id: UUID, *, by: User, at: datetime, action: Action = "read", field_class: str = "case", **detail: Any
) -> CaseFile:  # fmt: skip
    """A file for somebody who may read it, with the row that says so before the page is sent. Raises NotFound.

    `action`: another right on which it is opened, such as `receive` for whoever was asked to take it over.
    `field_class`: the part of the file that is opened. Raises Forbidden where only that part is closed.
    """
    file = CaseFile.objects.filter(id=file_id).select_related("agency", "case").first()
    if file is None:
        nothing_there(by=by, at=at, act=verb, file_id=file_id)
    allowed = allow(
        action, file_id=file.id, agency=file.agency, by=by, at=at, act=verb, field_class=field_class
    )
    audit.record(act=verb, by=by.id, at=at, file_id=file.id, stream=allowed.stream, **detail)
    return file


def read_list(verb: str, *, by: User, at: datetime, files: Collection[UUID], **detail: Any) -> None:
    """Leave the row that says that somebody looked at a list, and which files were on it, before it is sent (R87).

    A very long list leaves several rows, so that every file is named.
    """
    shown = sorted(one.hex for one in files)
    for begin in range(0, max(1, len(shown)), _FILES_IN_A_ROW):
        named = shown[begin : begin + _FILES_IN_A_ROW]
        audit.record(act=verb, by=by.id, at=at, files=len(shown), shown=named, **detail)


def report_unreadable(file_id: UUID | None, *, by: User | None, at: datetime, why: str) -> None:
    """Leave the row that says that something sealed did not open for somebody: changed from outside, or without its key."""
    audit.record(
        act="value.unreadable", by=by.id if by else None, at=at, file_id=file_id, allowed=False, why=why
    )


def may_here(action: Action, *, by: User, at: datetime, act: str) -> Agency:
    """The agency of `by`, where they may do `action`, which concerns no file. Raises NotFound, Forbidden, with their row."""
    agency, _ = place_of_work(None, by=by, at=at, act=act)
    allow(action, file_id=None, agency=agency, by=by, at=at, act=act, field_class="clear")
    return agency


def find(query: str, *, by: User, at: datetime) -> list[UUID]:
    """The files within the reach of `by` that match a name or a code. The search leaves a row; what it was for does not."""
    day = access.today_of(by, at=at)
    agency = access.agency_of(by, day)
    if agency is None:
        nothing_there(by=by, at=at, act="find")
    allow("find", file_id=None, agency=agency, by=by, at=at, act="find")
    found = find_files(query, by=by, day=day)
    audit.record(act="find", by=by.id, at=at, found=len(found), shown=sorted(one.hex for one in found))
    return found


def form_for(code: str, *, file_id: UUID | None, by: User, at: datetime, sent: UUID | None = None) -> Form:
    """The form in force, for somebody who is about to write on it, or who sends again what was taken as the entry `sent`.

    Raises NotFound, Forbidden.
    """
    kind = kind_of(code, file_id=file_id)
    agency, zone = place_of_work(file_id, by=by, at=at, act=code)
    action = action_of(kind, file_id=file_id)
    if not (sent and was_answered(action, sent, form=code, file_id=file_id, by=by)):
        allow(action, file_id=file_id, agency=agency, by=by, at=at, act=code, or_actions=or_actions(kind))
    return form_in_force(code, agency_id=agency.id, day=clock.local_day(at, zone))


def form_in_version(version: str, *, code: str) -> Form:
    """The form `code` in the version somebody began with. Raises Refused for one that never was, or is of another form."""
    try:
        form = form_version(version)
    except NotFound:
        form = None
    if form is None or form.code != code:
        raise Refused(
            Unmet("unknown_version", say("This version of the form was never in use. Open the form again."))
        )
    return form


def form_titles(file: CaseFile, *, day: date) -> dict[str, dict[str, str]]:
    """The titles of the forms in force for a file, by code and language."""
    return titles_in_force(agency_id=file.agency_id, day=day)


def answers_to_begin_with(place: Place, *, by: User, at: datetime) -> Answers:
    """What a fresh form starts from: for what goes on from entry to entry, the answers of the last one that `by` may read."""
    if (
        not place.file
        or not KINDS[place.form].continues
        or (place.form == "cases.person" and not place.about)
    ):
        return {}
    classes = readable_classes(place.file, by=by, at=at)
    last = last_entry(place.form, file_id=place.file, about=place.about, classes=classes)
    return KINDS[place.form].begin(place.file, last.answers if last else {})


def opened_with(form: str) -> Action:
    """The right on which a form is opened on a file: reading it, but for the answer of whoever may not read it yet (R56)."""
    return "receive" if KINDS[form].action == "receive" else "read"
