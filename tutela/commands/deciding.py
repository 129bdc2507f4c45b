"""May they? Where every way in is decided, and where a denial leaves its row in the log."""

from datetime import datetime
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.access import queries as access
from tutela.access.deciding import Action, decide
from tutela.access.models import Agency, User
from tutela.audit import actions as audit
from tutela.cases.entries import EVERY_CLASS
from tutela.cases.models import CaseFile, Entry
from tutela.foundation import clock
from tutela.foundation.refusals import Forbidden, NotFound, Unmet
from tutela.foundation.words import Words, say

_WHO_DOES: dict[Action, Words] = {
    "open_file": say("Caseworkers record identifications. Tell one of your team what you know."),
    "read": say("This file is open to its caseworker, to whoever stands in, and to their supervisor."),
    "write": say("The responsible caseworker writes on this file. Tell them what you know."),
    "agree": say("The supervisor of the team decides this. Ask them."),
    "hand_over": say("The responsible caseworker or their supervisor hands a file over. Ask them."),
    "receive": say("Only whoever was asked to take over this file answers."),
    "allocate": say("The supervisor of the team says whose file it is. Ask them."),
    "cover": say("Supervisors put in cover. Ask the supervisor of the team."),
    "find": say("Caseworkers and their supervisors look for files. Ask one of your team."),
    "keep_directory": say(
        "Caseworkers and supervisors keep the directory of services. Tell one of them what you know."
    ),
    "export": say("Information officers and supervisors ask for exports, each for what they answer for."),
    "agree_export": say("Somebody with a right to exports of this kind agrees to them. Ask your manager."),
    "see_exports": say("Managers and the data-protection focal point read the register of exports."),
}


def place_of_work(file_id: UUID | None, *, by: User, at: datetime, act: str) -> tuple[Agency, ZoneInfo]:
    """The agency whose file it is, or without a file the agency of `by`. Raises NotFound, which leaves a row."""
    if file_id is None:
        agency = access.agency_of(by, at.date())
    else:
        file = CaseFile.objects.filter(id=file_id).select_related("agency").first()
        agency = file.agency if file else None
    if agency is None:
        nothing_there(by=by, at=at, act=act, file_id=file_id)
    return agency, access.zone_of(agency)


def nothing_there(*, by: User, at: datetime, act: str, file_id: UUID | None = None) -> NoReturn:
    """For a file that is not there, and for whoever works nowhere: the attempt leaves a row as any denial does."""
    reason = "there is no such file" if file_id else "works nowhere"
    audit.record(act=act, by=by.id, at=at, file_id=file_id, allowed=False, reason=reason)
    raise NotFound


def allow(
    action: Action, *, file_id: UUID | None, agency: Agency, by: User, at: datetime, act: str,
    field_class: str = "case", or_action: Action | None = None,
) -> None:  # fmt: skip
    """Decide; a denial leaves its own audit row, and an outsider does not learn that the file exists.

    `or_action`: whoever may do this may do it too.

    Raises Forbidden, or NotFound where `by` may not know of the file.
    """
    day = clock.local_day(at, access.zone_of(agency))
    roles = access.roles_on(by, day, agency_id=agency.id)
    relations = access.relations_to(by, file_id=file_id, agency_id=agency.id, day=day)
    decision = decide(roles=roles, relations=relations, action=action, field_class=field_class)
    if decision.allowed or (or_action and decide(roles=roles, relations=relations, action=or_action).allowed):
        return
    audit.record(act=act, by=by.id, at=at, file_id=file_id, allowed=False, reason=decision.reason)
    if file_id is not None and not decide(roles=roles, relations=relations, action="read").allowed:
        raise NotFound
    raise Forbidden(Unmet("not_yours", _WHO_DOES[action]))


def refuse(action: Action, *, by: User, at: datetime, act: str, known: bool = True) -> NoReturn:
    """A denial that was decided elsewhere, with its row. `known`: whether `by` may know what it is that they may not do.

    Raises Forbidden, or NotFound.
    """
    audit.record(act=act, by=by.id, at=at, allowed=False, reason=f"no right to {action}")
    raise Forbidden(Unmet("not_yours", _WHO_DOES[action])) if known else NotFound


def was_answered(action: Action, entry_id: UUID, *, form: str, file_id: UUID | None, by: User) -> bool:
    """Whether `by` gave this very answer to a hand-over already, which ends the right to answer (R56).

    Sent again, it is answered as before. Of no other form: who lost a right has lost it for what they wrote, too.
    """
    return (
        action == "receive"
        and Entry.objects.filter(id=entry_id, file_id=file_id, by=by, form_code=form).exists()
    )


def rights(file: CaseFile, *, by: User, at: datetime) -> set[str]:
    """What `by` may do on a file they can see: `write`, `agree` …, and `confidential` for that section."""
    day = clock.local_day(at, access.zone_of(file.agency))
    roles = access.roles_on(by, day, agency_id=file.agency_id)
    relations = access.relations_to(by, file_id=file.id, agency_id=file.agency_id, day=day)
    actions: tuple[Action, ...] = ("write", "agree", "hand_over", "receive", "allocate")
    may: set[str] = {
        action for action in actions if decide(roles=roles, relations=relations, action=action).allowed
    }
    if decide(roles=roles, relations=relations, action="read", field_class="confidential").allowed:
        may.add("confidential")
    return may


def readable_classes(file_id: UUID, *, by: User, at: datetime) -> frozenset[str]:
    """The parts of an entry that `by`, who may write on the file, may open too: a stand-in not always all of them."""
    file = CaseFile.objects.select_related("agency").get(id=file_id)
    confidential = "confidential" in rights(file, by=by, at=at)
    return EVERY_CLASS if confidential else EVERY_CLASS - {"confidential"}
