"""May they? Where every way in is decided, and where a denial leaves its row in the log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.access import queries as access
from tutela.access.deciding import Action, Decision, Relation, decide
from tutela.access.models import Agency, Role, User
from tutela.access.near import near_to
from tutela.access.receiving import as_recipient
from tutela.audit import actions as audit
from tutela.audit.models import Stream
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
    "deputise": say("A supervisor or a manager puts in a deputy. Ask one of them."),
    "close_to": say("A safeguarding focal point or a manager closes a file to somebody. Ask one of them."),
    "ask_to_close": say("The responsible caseworker asks for this. Tell them why."),
    "name_confidential": say("The responsible caseworker opens the confidential section. Ask them."),
    "name_reviewer": say("The supervisor of the team opens a file to a reviewer. Ask them."),
    "open_on_reason": say(
        "A manager or a safeguarding focal point opens a file for a reason. Ask one of them."
    ),
    "list_codes": say("Managers read the list of codes. Ask one of them."),
    "see_people": say("Administrators see who works here. Ask one of them."),
    "keep_people": say("Administrators admit people and give them roles. Ask one of them."),
    "agree_role": say(
        "Managers, administrators and the data-protection focal point agree to roles. Tell one of them."
    ),
    "find": say("Caseworkers and their supervisors look for files. Ask one of your team."),
    "lock": say("Supervisors, managers and administrators close the house. Tell one of them now."),
    "evacuate": say("A manager has the house evacuated, with a second person. Tell one of them now."),
    "duty_sheet": say("The supervisor of a team takes its sheet along. Ask them."),
    "keep_directory": say(
        "Caseworkers and supervisors keep the directory of services. Tell one of them what you know."
    ),
    "note_request": say(
        "The responsible caseworker, their supervisor or the data-protection focal point notes this."
    ),
    "screen": say("The responsible caseworker and their supervisor look through the file. Ask them."),
    "keep_register": say("The data-protection focal point of your agency does this. Tell them."),
    "agree_destruction": say("A manager or the data-protection focal point agrees to this. Ask them."),
    "report_incident": say("Whoever works in an agency reports an incident there."),
    "break_glass": say("Caseworkers and supervisors open a file in an emergency. Call one of your team."),
    "write_urgent": say("The responsible caseworker writes on this file. Tell them what you know."),
    "review": say("The data-protection focal point sees to this. Tell them what you know."),
    "export": say("Information officers and supervisors ask for exports, each for what they answer for."),
    "agree_export": say("Somebody with a right to exports of this kind agrees to them. Ask your manager."),
    "see_exports": say("Managers and the data-protection focal point read the register of exports."),
    "tell_focal_point": say("Whoever works in an agency tells its safeguarding focal points."),
    "report_on_file": say(
        "Whoever writes on this file does this from here. Anybody else does it from the menu under their name."
    ),
    "hear_reports": say("Safeguarding focal points read what was told to them, and nobody else does."),
    "have_typed": say("The responsible caseworker or their supervisor has something typed. Ask them."),
    "type_form": say("Only whoever was asked to type this form types it."),
    "answer_referral": say("Only the colleague who was named for this referral answers it here."),
}


# What is done by somebody whose agency was asked for help, and who reads nothing else of the file (requirements §20).
FROM_OUTSIDE: frozenset[Action] = frozenset({"answer_referral"})
_ENDS_WITH_THE_ANSWER = FROM_OUTSIDE | {"receive"}


@dataclass(frozen=True)
class Allowed:
    """On which right somebody may, and in which stream of the log that stands (R121)."""

    action: Action
    stream: Stream


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
    field_class: str = "case", or_actions: Collection[Action] = (),
) -> Allowed:  # fmt: skip
    """Decide; a denial leaves its own audit row, and an outsider does not learn that the file exists.

    `or_actions`: whoever may do one of these may do it too.

    Raises Forbidden, or NotFound where `by` may not know of the file.
    """
    day = clock.local_day(at, access.zone_of(agency))
    roles, relations = _standing(action, by=by, file_id=file_id, agency=agency, day=day, at=at)
    decision = decide(roles=roles, relations=relations, action=action, field_class=field_class)
    if decision.allowed:
        return Allowed(action, _stream(decision, roles))
    for other in or_actions:
        if (instead := decide(roles=roles, relations=relations, action=other)).allowed:
            return Allowed(other, _stream(instead, roles))
    audit.record(
        act=act, by=by.id, at=at, file_id=file_id, allowed=False, stream=_stream(decision, roles), reason=decision.reason
    )  # fmt: skip
    if file_id is not None and not decide(roles=roles, relations=relations, action="read").allowed:
        raise NotFound
    raise Forbidden(Unmet("not_yours", _WHO_DOES[action]))


def _standing(
    action: Action, *, by: User, file_id: UUID | None, agency: Agency, day: date, at: datetime
) -> tuple[set[str], set[Relation]]:
    """In which roles, and how, `by` stands to a file; whoever was sent a referral does so from outside its agency."""
    if file_id is not None and action in FROM_OUTSIDE:
        return as_recipient(by, file_id=file_id, agency_id=agency.id, day=day)
    roles = access.roles_on(by, day, agency_id=agency.id)
    return roles, access.relations_to(by, file_id=file_id, agency_id=agency.id, day=day, at=at)


def _stream(decision: Decision, roles: Collection[str]) -> Stream:
    """What a safeguarding focal point does as such, or is denied, is not for the team to see (R121)."""
    as_such = decision.role == Role.SAFEGUARDING_FOCAL_POINT
    denied = not decision.allowed and Role.SAFEGUARDING_FOCAL_POINT in roles
    return Stream.SAFEGUARDING if as_such or denied else Stream.ORDINARY


def check_allowed(action: Action, *, by: User, at: datetime, act: str) -> None:
    """For a page that is about no file: may `by` do this where they work? Raises Forbidden and NotFound, which leave a row."""
    agency, _ = place_of_work(None, by=by, at=at, act=act)
    allow(action, file_id=None, agency=agency, by=by, at=at, act=act, field_class="clear")


def refuse(action: Action, *, by: User, at: datetime, act: str, known: bool = True) -> NoReturn:
    """A denial that was decided elsewhere, with its row. `known`: whether `by` may know what it is that they may not do.

    Raises Forbidden, or NotFound.
    """
    audit.record(act=act, by=by.id, at=at, allowed=False, reason=f"no right to {action}")
    raise Forbidden(Unmet("not_yours", _WHO_DOES[action])) if known else NotFound


def was_answered(action: Action, entry_id: UUID, *, form: str, file_id: UUID | None, by: User) -> bool:
    """Whether `by` gave this very answer to a hand-over or a referral already, which ends the right to answer (R56, R41).

    Sent again, it is answered as before. Of no other form: who lost a right has lost it for what they wrote, too.
    """
    return (
        action in _ENDS_WITH_THE_ANSWER
        and Entry.objects.filter(id=entry_id, file_id=file_id, by=by, form_code=form).exists()
    )


def rights(file: CaseFile, *, by: User, at: datetime) -> set[str]:
    """What `by` may do on a file they can see: `write`, `agree` …, and `confidential` for that section."""
    day = clock.local_day(at, access.zone_of(file.agency))
    roles = access.roles_on(by, day, agency_id=file.agency_id)
    relations = access.relations_to(by, file_id=file.id, agency_id=file.agency_id, day=day, at=at)
    actions: tuple[Action, ...] = (
        "write", "write_urgent", "agree", "hand_over", "receive", "allocate", "ask_to_close", "name_confidential",
        "name_reviewer", "note_request", "screen", "report_on_file", "have_typed",
    )  # fmt: skip
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


@dataclass(frozen=True)
class Reads:
    """Somebody to whom a file is open on a day, and how they stand to it."""

    user: User
    relations: frozenset[Relation]
    confidential: bool


def readers_of(file: CaseFile, *, day: date, at: datetime | None = None) -> list[Reads]:
    """Everybody to whom a file is open on `day`, by name: asked of the same table as everything else.

    `at`: the moment, for what lasts some hours only; without it, that is left out.
    """
    found = []
    for user in near_to(file.id, day, at=at):
        roles = access.roles_on(user, day, agency_id=file.agency_id)
        relations = access.relations_to(user, file_id=file.id, agency_id=file.agency_id, day=day, at=at)
        if not decide(roles=roles, relations=relations, action="read").allowed:
            continue
        confidential = decide(
            roles=roles, relations=relations, action="read", field_class="confidential"
        ).allowed
        found.append(Reads(user, frozenset(relations), confidential))
    return found
