"""Noting contacts and reviews, what could not be done and what was agreed about it; planning one's own day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tutela.access.models import User
from tutela.cases.actions import make
from tutela.cases.entries import Kind, OpenEntry, apply_nothing
from tutela.cases.queries import children_of, people_around
from tutela.consent.queries import basis_for_sharing, urgent_actions
from tutela.consent.rules import NOT_ASKED_MARKS
from tutela.follow_up.models import (
    Conference,
    Contact,
    DayPlan,
    MeetingNotes,
    PlaceCheck,
    Review,
    Search,
    SetAside,
)
from tutela.follow_up.queries import DAY_PLAN, MEETING_NOTES, unreached
from tutela.follow_up.rules import progress_of
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.vault import sealing

_OTHER_AGENCIES = "other_agencies"  # of the list withhold_from
_SHORTEST_NAME = 3  # letters; shorter ones stand inside other words


def missing_for_contact(entry: OpenEntry) -> Sequence[Unmet]:
    """A next date does not lie before what happened."""
    day = entry.fact("contact").get("next_on")
    if not day or date.fromisoformat(day) >= entry.happened_on:
        return []
    question = next(one.name for one in entry.form.questions if one.fact == "contact.next_on")
    words = say("The next date lies before this happened. Look at both dates again.")
    return [Unmet("before_it_happened", words, "R47", question)]


def missing_for_voice_note(entry: OpenEntry) -> Sequence[Unmet]:
    """It is spoken or written; with neither there is no note."""
    if entry.answers.get("voice") or entry.answers.get("text"):
        return ()
    return (Unmet("needed", say("Record something, or write a few words."), "R118", question="voice"),)


def apply_contact(entry: OpenEntry) -> None:
    """Keep the contact; where it says how actions of the plan stand, how far the plan is follows from them."""
    moved = [one for one in entry.facts.get("action_progress", []) if one.get("status")]
    progress = progress_of([str(one["status"]) for one in moved])
    told: dict[str, Any] = entry.fact("contact") | ({"actions": moved} if moved else {})
    make(Contact, entry, ({"progress": progress} if progress else {}) | told)


def apply_review(entry: OpenEntry) -> None:
    make(Review, entry, entry.fact("review"))


def missing_for_search(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a child whom nobody could reach."""
    if entry.amends or unreached([entry.file_id]):
        return []
    return [Unmet("nothing_waiting", say("Nobody noted that this child could not be reached."), "R113")]


def apply_search(entry: OpenEntry) -> None:
    make(Search, entry, entry.fact("search"))


def apply_place_check(entry: OpenEntry) -> None:
    make(PlaceCheck, entry, entry.fact("place_check"))


def apply_set_aside(entry: OpenEntry) -> None:
    make(SetAside, entry, entry.fact("set_aside"))


def missing_for_conference(entry: OpenEntry) -> Sequence[Unmet]:
    """Nobody with a safety mark is invited, and what is shared rests on what the file says (R42, R109)."""
    return [*_marked_invited(entry), *_basis_missing(entry)]


def apply_conference(entry: OpenEntry) -> None:
    make(Conference, entry, entry.fact("conference"))


def plan_day(day: date, answers: dict[str, Any], *, by: User) -> None:
    """Keep what `by` plans for a day in place of what was planned before. Raises NoKeys."""
    row = derived_id(by.id, f"{DAY_PLAN} {day}")
    sealed = sealing.seal_for_user(answers, user=by.id, row=row, label=DAY_PLAN)
    DayPlan.objects.update_or_create(id=row, defaults={"user": by, "day": day, "sealed": sealed})


def note_meeting(notes_id: UUID, notes: str, *, on: date, files: Sequence[UUID], by: User) -> None:
    """Keep what a team agreed. The same id again changes nothing. Raises Refused where a child of `files` is named."""
    if _names_in(notes, files):
        words = say("A child’s name stands in these notes. Write the case code in its place.")
        raise Refused(Unmet("named", words, "R50; S1 3.5", "notes"))
    sealed = sealing.seal_for_user(notes, user=by.id, row=notes_id, label=MEETING_NOTES)
    MeetingNotes.objects.get_or_create(id=notes_id, defaults={"user": by, "held_on": on, "sealed": sealed})


def _marked_invited(entry: OpenEntry) -> list[Unmet]:
    invited = str(entry.answers.get("invited", ""))
    marked = [
        str(one.contents.get("name", ""))
        for one in people_around(entry.file_id)
        if NOT_ASKED_MARKS & set(one.contents.get("safety_mark", []))
    ]
    if not any(_stands_in(name, invited) for name in marked):
        return []
    words = say("Somebody in this list carries a safety mark and is not invited. Take them out.")
    return [Unmet("safety_mark", words, "R109, R50", "invited")]


def _basis_missing(entry: OpenEntry) -> list[Unmet]:
    law, claimed = "R42, R50; S2 §3.4-4", entry.fact("conference").get("basis")
    if claimed == "urgent" and not urgent_actions(entry.file_id):
        words = say("Write down the urgent action first; it does not have to wait for anything.")
        return [Unmet("no_basis", words, law, "basis")]
    basis = basis_for_sharing(entry.file_id, recipient=_OTHER_AGENCIES, day=entry.happened_on)
    if claimed == "consent" and (basis is None or basis.kind != "consent"):
        words = say(
            "Nobody on this file agreed to share with other organisations. Ask first, or tell nobody who the child is."
        )
        return [Unmet("no_basis", words, law, "basis")]
    return []


def _names_in(text: str, files: Sequence[UUID]) -> bool:
    sealing.fetch_keys(files, seal_classes=["identity"])
    names = (str(child.contents.get("name", "")) for child in children_of(files).values())
    return any(_stands_in(part, text) for name in names for part in name.split())


def _stands_in(name: str, text: str) -> bool:
    """Whether a name stands in a text as words of its own, however it is written large or small."""
    wanted, words = _words(name), _words(text)
    if len("".join(wanted)) < _SHORTEST_NAME:
        return False
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def _words(text: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()


KINDS = (
    Kind("follow_up.contact", apply=apply_contact, unmet=missing_for_contact, while_closed=True),
    Kind("follow_up.family_visit", apply=apply_contact, unmet=missing_for_contact, while_closed=True),
    Kind("follow_up.voice_note", apply=apply_nothing, unmet=missing_for_voice_note, while_closed=True),
    Kind("follow_up.interpreter", apply=apply_nothing, while_closed=True),
    Kind("follow_up.review", apply=apply_review),
    Kind("follow_up.search", apply=apply_search, unmet=missing_for_search, action="agree"),
    Kind("follow_up.place_check", apply=apply_place_check, continues=True),
    Kind("follow_up.set_aside", apply=apply_set_aside, while_closed=True),
    Kind("follow_up.conference", apply=apply_conference, unmet=missing_for_conference),
)
