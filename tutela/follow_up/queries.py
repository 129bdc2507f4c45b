"""Questions about contacts, reviews, what could not be done, and one's own day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tutela.access.models import User
from tutela.assessment.queries import risk_levels
from tutela.cases.facts import SomeFact, current
from tutela.cases.models import CaseFile
from tutela.cases.queries import began_with
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
from tutela.follow_up.rules import MISSING, REVIEW_SOONER, run_of_attempts
from tutela.foundation.remembering import once
from tutela.intake.queries import identifications
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.vault import sealing

DAY_PLAN, MEETING_NOTES = (
    "follow_up.day_plan",
    "follow_up.meeting_notes",
)  # permanent: labels of sealed values


@once
def contacts(file_id: UUID) -> list[Contact]:
    """Every contact and attempt as last corrected, in the order of the file."""
    return _current(Contact, file_id)


@once
def reviews(file_id: UUID) -> list[Review]:
    """Every review, in the order of the file."""
    return _current(Review, file_id)


def conferences(file_id: UUID) -> list[Conference]:
    """Every case conference, in the order of the file."""
    return _current(Conference, file_id)


def contacts_of(file_ids: Iterable[UUID]) -> dict[UUID, list[Contact]]:
    """The contacts of many files, as last corrected, in the order in which they happened; keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    found: dict[UUID, list[Contact]] = {}
    for one in sorted(_current(Contact, *ids), key=_when):
        found.setdefault(one.file_id, []).append(one)
    return found


def to_complete(told: Iterable[Contact]) -> list[Contact]:
    """The quick notes among contacts, which do not say yet how it was (R118)."""
    return [one for one in told if not one.contents.get("kind")]


def asks_for_review(file_id: UUID) -> bool:
    """Whether something was told in a contact that calls for a review, and none was held since (R49)."""
    held = [began_with(one.entry).revision for one in reviews(file_id)]
    last = max(held, default=0)
    return any(
        REVIEW_SOONER & set(one.contents.get("changed", []))
        for one in contacts(file_id)
        if began_with(one.entry).revision > last
    )


def contacted_among(file_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these files have a contact or an attempt at one."""
    current = Contact.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return set(current.values_list("file_id", flat=True))


@dataclass(frozen=True)
class Unreached:
    """A child whom nobody could reach lately: which contact asks for a search, and what was agreed since.

    `tell`: the supervisor is told, since the risk is high or the child is missing (R113).
    """

    asking: Contact
    missing: bool
    tell: bool
    search: Search | None


def unreached(file_ids: Iterable[UUID], *, since: Mapping[UUID, int] | None = None) -> list[Unreached]:
    """Children who were not reached at the last attempts, in a handful of queries for all of them (R113).

    `since`: the revision from which contacts of a file count, where it was opened again.
    """
    runs = {
        file_id: run
        for file_id, told in contacts_of(file_ids).items()
        if (run := _run(told, since=(since or {}).get(file_id, 0)))
    }
    if not runs:
        return []
    agreed, levels, packs = _last_searches(runs), _levels(runs), _packs(runs)
    return [
        _unreached(run, agreed.get(file_id), levels.get(file_id, ""), packs[file_id])
        for file_id, run in runs.items()
    ]


def set_asides(file_id: UUID) -> dict[str, SetAside]:
    """What was set aside last on a file, by what was due (a code of due_step)."""
    rows = sorted(_current(SetAside, file_id), key=lambda one: began_with(one.entry).revision)
    return {one.contents["step"]: one for one in rows}


def place_checks_of(file_ids: Iterable[UUID]) -> dict[UUID, list[PlaceCheck]]:
    """The newest check of each place, by file."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    newest = {(one.file_id, one.contents["place"]): one for one in _current(PlaceCheck, *ids)}
    found: dict[UUID, list[PlaceCheck]] = {}
    for (file_id, _), one in newest.items():
        found.setdefault(file_id, []).append(one)
    return found


def day_plan(user: User, day: date) -> dict[str, Any]:
    """The answers of somebody's plan for a day; empty where there is none."""
    row = DayPlan.objects.filter(user=user, day=day).first()
    if row is None:
        return {}
    plan: dict[str, Any] = sealing.open_for_user(bytes(row.sealed), user=user.id, row=row.id, label=DAY_PLAN)
    return plan


def meeting_notes(user: User) -> list[tuple[date, str]]:
    """The notes that somebody wrote at meetings of their team, the newest first."""
    return [
        (
            row.held_on,
            sealing.open_for_user(bytes(row.sealed), user=user.id, row=row.id, label=MEETING_NOTES),
        )
        for row in MeetingNotes.objects.filter(user=user)
    ]


def _current(kind: type[SomeFact], *file_ids: UUID) -> list[SomeFact]:
    return current(kind, *file_ids, beside=["entry__amends", "entry__done_by"])


def _when(one: Contact) -> tuple[date, int]:
    return one.entry.happened_on, began_with(one.entry).revision


def _run(told: Sequence[Contact], *, since: int) -> list[Contact]:
    """The attempts, in the order in which they happened, since somebody was reached."""
    counting = [one for one in told if began_with(one.entry).revision >= since]
    results = [one.contents["reached"] for one in counting]
    return [counting[place] for place in run_of_attempts(results)]


def _unreached(run: Sequence[Contact], search: Search | None, level: str, pack: Pack) -> Unreached:
    missing = next((one for one in run if one.contents["reached"] == MISSING), None)
    enough = _enough(level, pack, run[-1].entry.happened_on)
    asking = missing or run[min(enough or 1, len(run)) - 1]
    answered = search is not None and search.entry.revision > began_with(asking.entry).revision
    tell = missing is not None or (enough is not None and len(run) >= enough)
    return Unreached(asking, missing is not None, tell, search if answered else None)


def _enough(level: str, pack: Pack, day: date) -> int | None:
    """After how many attempts the supervisor is told; None where the level does not call for it."""
    runs_as = f"deadline.{level}.runs_as"
    runs = rule_on(runs_as, day=day, pack=pack).codes[0] if runs_as in pack.rules else level
    key = f"unreached.tell_supervisor.{runs}"
    return rule_on(key, day=day, pack=pack).number if key in pack.rules else None


def _last_searches(file_ids: Iterable[UUID]) -> dict[UUID, Search]:
    return {one.file_id: one for one in _current(Search, *file_ids)}


def _levels(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The risk level of each file; before there is one, the triage priority stands for it."""
    ids = list(file_ids)
    triage = {one.file_id: str(one.contents["triage"]) for one in identifications(ids)}
    return triage | risk_levels(ids)


def _packs(runs: Mapping[UUID, Sequence[Contact]]) -> dict[UUID, Pack]:
    """The pack that holds for each file on the day of its last attempt; asked for once for each agency and day."""
    agencies = dict(CaseFile.objects.filter(id__in=list(runs)).values_list("id", "agency_id"))
    wanted = {file_id: (agencies[file_id], run[-1].entry.happened_on) for file_id, run in runs.items()}
    packs = {place: pack_in_force(*place) for place in set(wanted.values())}
    return {file_id: packs[place] for file_id, place in wanted.items()}
