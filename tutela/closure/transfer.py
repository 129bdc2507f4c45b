"""Whose file it is: handing over, allocating, ties that keep somebody from it, and telling the child (R56, R103, R104).

Each of these is an entry on the file. The assignment that follows is made by `access`, again whenever the entries are
replayed; a child is never without a caseworker in between.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from uuid import UUID

from tutela.access.actions import end_invitations, hand_to, invite
from tutela.access.barriers import is_kept_from
from tutela.access.models import User
from tutela.access.queries import (
    assignments_of,
    changes_of_hands,
    closed_files,
    covers_on,
    find_user,
    responsible_for,
    team_of,
    zone_of,
)
from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.models import CaseFile
from tutela.closure import transfer_rules as rules
from tutela.closure.models import (
    Conflict,
    ConflictAnswer,
    CoverTold,
    HandOverRead,
    Move,
    TransferAnswer,
    TransferRequest,
)
from tutela.closure.queries import (
    SUSPECTED,
    caseloads,
    conflicts_waiting,
    moves_to_confirm,
    tied,
    transfer_of,
)
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import Words, say
from tutela.published.queries import pack_in_force

_NOT_YET = "not_yet"  # of the list change_told


# --- Handing over (R56) --------------------------------------------------------------------------------------


def missing_for_transfer(entry: OpenEntry) -> Sequence[Unmet]:
    """A colleague who can take the file, and the child’s best interest where the child or caregiver is against it."""
    asked = entry.fact("transfer")
    missing = list(_missing_in_colleague(entry, same_team=False))
    if asked.get("wishes") != "agree" and not str(asked.get("best_interest", "")).strip():
        words = say("Write why the change is best for the child although not everybody agrees.")
        missing.append(Unmet("no_best_interest", words, "S2 §3.4-6; R56", "best_interest"))
    return missing


def apply_transfer(entry: OpenEntry) -> None:
    """Ask one colleague; whoever was asked before need not answer any more."""
    _withdraw_what_was_asked(entry)
    to, day = UUID(entry.given["to"]), _day(entry)
    until = rules.answer_by(day, pack=pack_in_force(_file(entry).agency_id, day))
    told = entry.fact("transfer") | entry.fact("move")
    make(TransferRequest, entry, told, to_id=to, answer_by=until)
    invite(file_id=entry.file_id, entry_id=entry.id, user_id=to, since=day, until=until)


def missing_for_transfer_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """It was you who was asked, and you have read the hand-over before you accept."""
    request = transfer_of(entry.file_id)
    if request is None or request.to_id != entry.done_by_id:
        return [Unmet("nothing_waiting", say("No hand-over of this file waits for your answer."), "R56")]
    answer = entry.fact("transfer_answer")
    if answer.get("accepted") == "yes" and answer.get("read") != "yes":
        return [Unmet("not_read", say("Read the hand-over first, then accept."), "R104", "read")]
    return []


def apply_transfer_answer(entry: OpenEntry) -> None:
    request = transfer_of(entry.file_id)
    if request is None:
        return
    answer = make(TransferAnswer, entry, entry.fact("transfer_answer"), request=request)
    child_told = request.contents.get("child_told", _NOT_YET)
    if answer.contents["accepted"] != "yes":
        _withdraw_what_was_asked(entry)
        return
    move = _move(entry, child_told)
    if child_told != _NOT_YET:
        make(HandOverRead, entry, {"read": "yes", "child_told": child_told}, move=move)


# --- Allocating (R104, R81, R14) -----------------------------------------------------------------------------


def missing_for_allocation(entry: OpenEntry) -> Sequence[Unmet]:
    """A caseworker of the team. How many cases they have refuses nobody (R81)."""
    return list(_missing_in_colleague(entry, same_team=True))


def apply_allocation(entry: OpenEntry) -> None:
    _move(entry, entry.fact("move").get("child_told", _NOT_YET))


def missing_for_hand_over_read(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a change to confirm, it is yours, and you have read what was written for you."""
    if not any(move.to_id == entry.done_by_id for move in moves_to_confirm([entry.file_id])):
        return [Unmet("nothing_waiting", say("No hand-over of this file waits for you."), "R104")]
    if entry.fact("hand_over_read").get("read") != "yes":
        return [Unmet("not_read", say("Read the hand-over first. It is in the story."), "R104", "read")]
    return []


def apply_hand_over_read(entry: OpenEntry) -> None:
    """Confirmed; where the child was not told yet, that stays to be done."""
    read = entry.fact("hand_over_read")
    if read.get("child_told") == _NOT_YET:
        return
    for move in moves_to_confirm([entry.file_id]):
        make(HandOverRead, entry, read, move=move)


# --- Conflict of interest (R103) -----------------------------------------------------------------------------


def apply_conflict(entry: OpenEntry) -> None:
    """Somebody’s new word on their ties stands in place of their last; where there is none, nobody has to answer."""
    end(Conflict, entry, entry__done_by=entry.done_by_id)
    declared = entry.fact("conflict")
    make(Conflict, entry, declared, ended_by_id=entry.id if declared["tie"] == "none" else None)


def missing_for_conflict_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """A tie was declared by somebody else; a tie to the person suspected of harm is no matter of safeguards."""
    waiting = conflicts_waiting([entry.file_id])
    if not waiting:
        return [Unmet("nothing_waiting", say("Nobody has declared a conflict of interest here."), "R103")]
    if any({entry.by_id, entry.done_by_id} & {one.entry.by_id, one.entry.done_by_id} for one in waiting):
        return [Unmet("own_conflict", say("You declared this yourself. Another supervisor decides."), "R103")]
    decision = entry.fact("conflict_answer").get("decision")
    responsible = responsible_for([entry.file_id]).get(entry.file_id)
    theirs = any(one.entry.done_by_id == responsible.id for one in waiting) if responsible else False
    if decision == "reassign":
        return list(_missing_in_colleague(entry, same_team=True) if theirs else _only_standing_in())
    if decision == "safeguards" and theirs and any(one.contents["tie"] == SUSPECTED for one in waiting):
        words = say(
            "The caseworker is close to the person suspected of harm. Let another caseworker take over, "
            "or say that there is no conflict after all."
        )
        return [Unmet("must_reassign", words, "S1 1.4; R103", "decision")]
    return []


def apply_conflict_answer(entry: OpenEntry) -> None:
    """One decision answers every tie that waits; where another takes over, they do so at once."""
    answered = entry.fact("conflict_answer")
    for number, conflict in enumerate(conflicts_waiting([entry.file_id])):
        make(ConflictAnswer, entry, answered, conflict=conflict, number=number)
    if answered["decision"] == "reassign":
        _move(entry, entry.fact("move").get("child_told", _NOT_YET))


def _only_standing_in() -> Iterator[Unmet]:
    words = say(
        "They only stand in. End the cover on the team page and put in somebody else; "
        "then write under safeguards what you did."
    )
    yield Unmet("stands_in", words, "R103, R104", "decision")


# --- Cover (R104) --------------------------------------------------------------------------------------------


def missing_for_cover_told(entry: OpenEntry) -> Sequence[Unmet]:
    """Somebody stands in just now."""
    if covers_on([entry.file_id], day=_day(entry)):
        return []
    return [Unmet("nobody_stands_in", say("Nobody stands in on this file just now."), "R104")]


def apply_cover_told(entry: OpenEntry) -> None:
    make(CoverTold, entry, entry.fact("cover_told"))


# --- What they share -----------------------------------------------------------------------------------------


def give_colleague(entry: OpenEntry) -> Mapping[str, str]:
    """Who was chosen, as they were then: a replay needs neither their name nor where they work today."""
    user = find_user(str(entry.answers.get("to", "")))
    team = team_of(user, _day(entry), agency_id=_file(entry).agency_id) if user else None
    return {"to": str(user.id), "to_name": user.name, "team": str(team.id)} if user and team else {}


def give_receiver(entry: OpenEntry) -> Mapping[str, str]:
    """Whoever accepts a hand-over, in the team in which they work that day."""
    team = team_of(User.objects.get(id=entry.done_by_id), _day(entry), agency_id=_file(entry).agency_id)
    return {"to": str(entry.done_by_id), "team": str(team.id)} if team else {}


def point_out(entry: OpenEntry) -> Sequence[Words]:
    """That this child had to get used to somebody new already, and how many cases the colleague then has."""
    to = find_user(str(entry.answers.get("to", "")))
    if to is None:
        return []
    day = _day(entry)
    pack = pack_in_force(_file(entry).agency_id, day)
    since = rules.counts_as_repeated_since(day, pack=pack)
    seen_by = User.objects.get(id=entry.by_id)
    own = {*caseloads([to.id], seen_by=seen_by, day=day)[to.id], entry.file_id}
    return list(
        chain(
            rules.repeated_words(changes_of_hands(entry.file_id, since=since), since=since),
            rules.load_words(to.name, len(own), pack=pack, day=day),
        )
    )


def _missing_in_colleague(entry: OpenEntry, *, same_team: bool) -> Iterator[Unmet]:
    """Whether whoever was chosen can be given this file: works here as a caseworker, is another, and is not tied."""
    to, agency = find_user(str(entry.answers.get("to", ""))), _file(entry).agency
    team = team_of(to, _day(entry), agency_id=agency.id) if to else None
    if to is None or team is None:
        yield Unmet("not_here", say("Choose a caseworker who works in your agency."), "R104", "to")
        return
    (current,) = assignments_of([entry.file_id])
    if same_team and current.team_id != team.id:
        words = say("{who} works in another team. Ask them to take over with a hand-over.", who=to.name)
        yield Unmet("another_team", words, "R104", "to")
    if to == current.user:
        words = say("{who} is responsible for this file already. Choose somebody else.", who=to.name)
        yield Unmet("responsible_already", words, "R104", "to")
    closed = closed_files(to, _day(entry)).filter(file_id=entry.file_id).exists()
    if closed or tied(entry.file_id, to.id) or is_kept_from(to, agency.id, _day(entry)):
        words = say("{who} cannot take this file. Choose somebody else.", who=to.name)
        yield Unmet("cannot_take", words, "R103, R105, R121", "to")


def _move(entry: OpenEntry, child_told: str) -> Move:
    """From now on somebody else is responsible; what was asked of others, and ties of whoever was, no longer wait."""
    _withdraw_what_was_asked(entry)
    end(Move, entry)
    end(Conflict, entry, answer__isnull=True)
    to, team = UUID(entry.given["to"]), UUID(entry.given["team"])
    hand_to(file_id=entry.file_id, entry_id=entry.id, user_id=to, team_id=team, since=_day(entry))
    return make(Move, entry, {"child_told": child_told}, to_id=to)


def _withdraw_what_was_asked(entry: OpenEntry) -> None:
    end(TransferRequest, entry)
    end_invitations(file_id=entry.file_id, entry_id=entry.id)


def _file(entry: OpenEntry) -> CaseFile:
    return CaseFile.objects.select_related("agency").get(id=entry.file_id)


def _day(entry: OpenEntry) -> date:
    """The day at the place of work on which it was written: nobody is responsible before somebody said so."""
    return local_day(entry.received_at, zone_of(_file(entry).agency))


KINDS = (
    Kind(
        "closure.transfer", apply=apply_transfer, unmet=missing_for_transfer, give=give_colleague, warn=point_out,
        action="hand_over", amendable=False, needs_base=True,
    ),
    Kind(
        "closure.transfer_answer", apply=apply_transfer_answer, unmet=missing_for_transfer_answer, give=give_receiver,
        action="receive", amendable=False, needs_base=True,
    ),
    Kind(
        "closure.allocation", apply=apply_allocation, unmet=missing_for_allocation, give=give_colleague, warn=point_out,
        action="allocate", amendable=False, needs_base=True, while_closed=True,
    ),
    Kind(
        "closure.hand_over_read", apply=apply_hand_over_read, unmet=missing_for_hand_over_read, amendable=False,
        while_closed=True,
    ),
    Kind("closure.conflict_of_interest", apply=apply_conflict, amendable=False),
    Kind(
        "closure.conflict_answer", apply=apply_conflict_answer, unmet=missing_for_conflict_answer, give=give_colleague,
        warn=point_out, action="agree", amendable=False, needs_base=True,
    ),
    Kind("closure.cover_told", apply=apply_cover_told, unmet=missing_for_cover_told, amendable=False),
)  # fmt: skip
