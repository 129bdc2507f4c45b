"""What follows from contacts and reviews, the dates that were agreed there, and what was set aside."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.assessment.queries import assessed_since
from tutela.cases.entries import OpenEntry
from tutela.cases.queries import agency_id_of, began_with
from tutela.closure.queries import closure_of, reopened_at
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import Task, due_code
from tutela.deadlines.timeline import Timeline, event_of
from tutela.deadlines.wanted import Wanted
from tutela.follow_up.models import Contact, SetAside
from tutela.follow_up.queries import (
    Unreached,
    asks_for_review,
    contacts,
    reviews,
    set_asides,
    to_complete,
    unreached,
)
from tutela.follow_up.rules import RISK_TO_LOOK_AT
from tutela.forms.definition import in_language
from tutela.foundation.clock import end_of_day
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import Words, say
from tutela.planning.queries import plans
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force

_WITHIN = "unreached.tell_supervisor.high.within"
_SET_ASIDE = "follow_up.set_aside"


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """The supervisor is told the same day of a child at high risk who was not reached, and agrees on a search (R113)."""
    if line.closed:
        return
    for one in unreached([file_id], since=reopened_at([file_id])):
        if one.tell:
            anchor = event_of(one.asking.entry)
            rule = rule_on(_WITHIN, day=anchor.day, pack=pack)
            at = falls(anchor.at, rule, zone)
            met = event_of(one.search.entry) if one.search else None
            yield Wanted("search", anchor, at, at, rule.key, rule.citation, rule.pack_hash, met)


def as_agreed(file_id: UUID, found: Iterable[Wanted], *, line: Timeline, zone: ZoneInfo) -> Iterator[Wanted]:
    """What is due, at the date that was agreed where that is sooner, or at the next date where it was set aside (R47, R114).

    A change of the risk level takes back what was set aside before it: the limits of the new level hold.
    """
    aside, told = set_asides(file_id), contacts(file_id)
    for one in found:
        held = aside.get(due_code(one.step))
        since = max(one.anchor.revision, line.risk_set.revision if line.risk_set else 0)
        put_off = held if held and began_with(held.entry).revision > since else None
        waiting = _put_off(one, put_off, zone) if put_off and one.met is None else one
        newest = began_with(put_off.entry).revision if put_off else one.anchor.revision - 1
        yield _sooner(waiting, told, newest, zone) if one.step == "follow_up" else waiting


def missing_for_waiting(entry: OpenEntry) -> Sequence[Unmet]:
    """Only what is due can be set aside (R114)."""
    if entry.form.code != _SET_ASIDE or entry.amends:
        return []
    step = entry.fact("set_aside").get("step")
    if any(due_code(one.step) == step for one in open_deadlines([entry.file_id])):
        return []
    return [
        Unmet("not_due", say("This is not due on this file, so it need not be set aside."), "R114", "step")
    ]


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """A child to be found, notes to be completed, a review before its time, a plan that no longer fits."""
    for note in to_complete(contacts(file_id)):
        words = say("It is kept as it is; write down the rest when there is time.")
        yield Task(
            say("Complete the quick note"), "follow_up.contact", "write", words, "R118", amends=note.entry_id
        )
    if closure_of(file_id):
        return
    for one in unreached([file_id], since=reopened_at([file_id])):
        yield from _to_find(one, file_id, day)
    if plans(file_id) and asks_for_review(file_id):
        words = say("Something that was told in a contact calls for a look at the plan before it is due.")
        yield Task(say("Review sooner"), "follow_up.review", "write", words, "S2 §3.4-5; R49")
    yield from _to_revise(file_id)
    if any(_asks_for_risk(one) for one in contacts(file_id)[-1:]):
        words = say("The last contact says that the risk has changed. Only you change the level.")
        yield Task(say("Look at the risk level again"), "assessment.risk", "write", words, "R23, R47")


def _asks_for_risk(contact: Contact) -> bool:
    changed = RISK_TO_LOOK_AT & set(contact.contents.get("changed", []))
    return bool(changed) and not assessed_since(contact.file_id, contact.entry.revision)


def _put_off(one: Wanted, aside: SetAside, zone: ZoneInfo) -> Wanted:
    ends = end_of_day(date.fromisoformat(aside.contents["next_on"]), zone)
    entry, reason = began_with(aside.entry), aside.contents["reason"]
    return replace(one, due_at=ends, overdue_after=ends, aside=entry.id, reason=reason)


def _sooner(one: Wanted, told: Sequence[Contact], newest: int, zone: ZoneInfo) -> Wanted:
    """Due at the next date agreed in the last contact after `newest`, where that comes first."""
    dates = [
        contact.contents["next_on"]
        for contact in sorted(told, key=lambda contact: began_with(contact.entry).revision)
        if contact.contents.get("next_on") and began_with(contact.entry).revision > newest
    ]
    if not dates:
        return one
    ends = end_of_day(date.fromisoformat(dates[-1]), zone)
    return replace(one, due_at=min(one.due_at, ends), overdue_after=min(one.overdue_after, ends))


def _to_find(one: Unreached, file_id: UUID, day: date) -> Iterator[Task]:
    agreed = _steps_agreed(one, file_id, day)
    if one.missing:
        words = agreed or say("Tell your supervisor now. This stays here until the child is found.")
        yield Task(say("Find the child, who is missing"), "follow_up.contact", "write", words, "R113")
    elif agreed:
        yield Task(say("Search for the child as agreed"), "follow_up.contact", "write", agreed, "R113")


def _steps_agreed(one: Unreached, file_id: UUID, day: date) -> Words | None:
    """The steps that were agreed, in the words of the pack."""
    if one.search is None:
        return None
    told = one.search.contents
    labels = {
        term.code: term.label
        for term in pack_in_force(agency_id_of(file_id), day).vocabulary("search_step").terms
    }
    steps = ", ".join(in_language(labels[code], "en") for code in told["steps"] if code in labels)
    safely = told.get("safely", "")
    if safely:
        return say("Agreed: {steps}. To be said, and not: {safely}", steps=steps, safely=safely)
    return say("Agreed: {steps}.", steps=steps)


def _to_revise(file_id: UUID) -> Iterator[Task]:
    """A review that found that the plan no longer fits asks for another version of it."""
    held, versions = reviews(file_id), plans(file_id)
    if not held or held[-1].contents["plan_still_fits"] != "no":
        return
    if not versions or began_with(versions[-1].entry).revision < began_with(held[-1].entry).revision:
        words = say("The last review found that the plan no longer fits.")
        yield Task(say("Revise the plan"), "planning.plan", "write", words, "S2 §3.4-5; R49")
