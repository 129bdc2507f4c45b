"""Team: what waits for the supervisor's word, with the evidence; what is late, per child and ranking nobody (R114)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import (
    agency_of,
    assignments_of,
    caseworkers_of,
    covers_in,
    covers_on,
    supervised_teams,
    without_anybody,
)
from tutela.cases.entries import OpenEntry
from tutela.cases.queries import entries_by_id
from tutela.closure.queries import caseloads, closed_among, moves_to_confirm, near_eighteen, transfers_waiting
from tutela.closure.transfer_rules import load_words
from tutela.deadlines.by_step.closure import of_supervisor
from tutela.deadlines.complete_file import parts_of
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.foundation.clock import days_after, local_day
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.supervision.emergencies import to_review_in_teams_of
from tutela.supervision.queries import (
    URGENT,
    Waiting,
    matches_to_judge,
    supervised_files,
    waiting_for_word,
)
from tutela.supervision.rules import Week, week_of
from tutela.web.colleagues import cases_in_words, risks_by_worker
from tutela.web.emergency import waiting_views
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import answer_parts, child_lines, due_words, form_url, task_view

if TYPE_CHECKING:
    from tutela.access.models import Cover, Membership

Lines = dict[UUID, dict[str, Any]]


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the supervisor looks at in a minute: who has nobody, urgent actions, agreements, late children, the people."""
    if "supervisor" not in reader.roles:
        raise NotFound
    files = supervised_files(reader.user, day=reader.day)
    waiting, due = waiting_for_word(files), open_deadlines(files)
    first = {one.file_id: number for number, one in reversed(list(enumerate(due)))}
    nobody = without_anybody(files, day=reader.day) - closed_among(files)
    gone = sorted(nobody, key=lambda file_id: first.get(file_id, len(due)))  # what is due first, first
    late = [one for one in due if one.overdue_after < reader.at and one.file_id not in gone]
    grown, own = young_people(files, reader), _own_tasks(files, reader)
    hand_overs, moves = transfers_waiting(files), moves_to_confirm(files)
    named = [[one.file_id for one in some] for some in (waiting, late, hand_overs, moves)]
    lines = child_lines(list(dict.fromkeys(chain(gone, grown, own, *named))), reader=reader)
    covers = covers_on(files, day=reader.day)
    context = {
        "gone": _gone(gone, due, lines, covers, reader),
        **_waiting(waiting, due, lines, reader),
        "hand_overs": [
            *(_offered(one, lines[one.file_id], reader) for one in hand_overs),
            *(lines[one.file_id] | {"says": say("{who} has not confirmed it yet", who=one.to.name)} for one in moves),
        ],
        "own": [lines[file_id] | {"tasks": tasks} for file_id, tasks in own.items()],
        "grown": [lines[file_id] for file_id in grown],
        "matches": _matches(files, reader),
        "emergencies": waiting_views(to_review_in_teams_of(reader.user, at=reader.at)),
        "overdue": _by_child(late, lines, reader),
        "people": _people(files, due, covers, reader),
        "covers": [_cover_line(one) for one in _covers(reader)],
    }  # fmt: skip
    commands.read_list("team.read", by=reader.user, at=reader.at, files=reader.shown)
    return show(request, reader, "pages/team.html", context)


def _own_tasks(files: Sequence[UUID], reader: Reader) -> dict[UUID, list[dict[str, Any]]]:
    """What the supervisor sees to beside agreeing."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        return {}
    found = of_supervisor(files, pack=pack_in_force(agency.id, reader.day), day=reader.day)
    return {
        file_id: [task_view(task, file_id, may={"agree"}, reader=reader) for task in tasks]
        for file_id, tasks in found.items()
    }


def young_people(files: Sequence[UUID], reader: Reader) -> list[UUID]:
    """Those who come near 18 and for whom nobody has looked ahead (R58)."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        return []
    return near_eighteen(files, pack=pack_in_force(agency.id, reader.day), day=reader.day)


@signed_in
def match(request: HttpRequest, reader: Reader, match_id: int) -> HttpResponse:
    """The supervisor's word on two files that may be of one child."""
    if request.method != "POST":
        raise NotFound
    commands.judge_match(match_id, verdict=request.POST.get("verdict", ""), by=reader.user, at=reader.at)
    return redirect("team")


def _matches(files: list[UUID], reader: Reader) -> list[dict[str, Any]]:
    """Pairs to judge: both codes and who is responsible; the other file stays closed to whoever has no reach (R6)."""
    found = matches_to_judge(files, by=reader.user, day=reader.day)
    lines = child_lines(
        list(dict.fromkeys([*(one.file_id for one in found), *(one.other_id for one in found)])),
        reader=reader,
    )
    own = set(files)
    pairs = [
        (one, (one.file_id, one.other_id) if one.file_id in own else (one.other_id, one.file_id))
        for one in found
    ]
    return [
        {
            "child": lines[child],
            "other": lines[other],
            "action": reverse("team_match", args=[one.id]),
        }
        for one, (child, other) in pairs
    ]


def _waiting(
    waiting: Sequence[Waiting], due: Sequence[OpenDeadline], lines: Lines, reader: Reader
) -> dict[str, list[dict[str, Any]]]:
    """Urgent actions first, then everything else that waits, each with what was written when it was asked for."""
    asked = entries_by_id([one.entry_id for one in waiting], classes=frozenset({"case"}))
    closing = [one.file_id for one in waiting if one.form == "closure.answer"]
    missing = {
        file_id: [part.words for part in parts if part.always and not part.there]
        for file_id, parts in parts_of(closing, pack=reader.pack, day=reader.day).items()
    }
    until = {
        one.file_id: due_words(one.due_at, one.overdue_after, reader)
        for one in reversed(due)
        if one.step == "urgent_answer"
    }
    return {
        "urgent": [
            _urgent(one, asked[one.entry_id], lines[one.file_id], until.get(one.file_id))
            for one in waiting
            if one.form == URGENT
        ],
        "approvals": [
            _approval(one, asked[one.entry_id], lines[one.file_id])
            | {"missing": missing.get(one.file_id, []) if one.form == "closure.answer" else []}
            for one in waiting
            if one.form != URGENT
        ],
    }


def _urgent(one: Waiting, asked: OpenEntry, line: dict[str, Any], due: Any) -> dict[str, Any]:
    """An urgent action: what was done, on which basis, and until when to answer."""
    parts = {part["name"]: part["text"] for part in answer_parts(asked)}
    return line | {
        "by": one.by, "when": one.happened_on, "basis": parts.get("basis", ""), "reason": parts.get("reason", ""),
        "done": parts.get("what", ""), "due": due, "file_url": line["url"],
        "url": form_url(one.form, one.file_id),
    }  # fmt: skip


def _approval(one: Waiting, asked: OpenEntry, line: dict[str, Any]) -> dict[str, Any]:
    """A request with the evidence in front of whoever decides."""
    return line | {
        "asked": one.asked, "by": one.by, "when": one.happened_on, "file_url": line["url"],
        "url": form_url(one.form, one.file_id),
        "evidence": [{"label": part["label"], "value": part["text"]} for part in answer_parts(asked)],
    }  # fmt: skip


def _gone(
    files: Sequence[UUID],
    due: Sequence[OpenDeadline],
    lines: Lines,
    covers: dict[UUID, Cover],
    reader: Reader,
) -> list[dict[str, Any]]:
    """Children whose caseworker cannot come any more, with what is due for them and the way to give them somebody."""
    theirs = [one for one in due if one.file_id in files]
    _by_child(theirs, lines, reader)
    return [
        lines[file_id]
        | {
            "allocate_url": form_url("closure.allocation", file_id),
            "covered": covers[file_id].stand_in.name if file_id in covers else "",
        }
        for file_id in files
    ]


def _by_child(due: Sequence[OpenDeadline], lines: Lines, reader: Reader) -> list[dict[str, Any]]:
    """What is due, under each child, in the order of the dates."""
    for one in due:
        task = task_view(of_deadline(one), one.file_id, may={"agree"}, reader=reader)
        lines[one.file_id].setdefault("tasks", []).append(task)
    return [lines[file_id] for file_id in dict.fromkeys(one.file_id for one in due)]


def _offered(request: Any, line: dict[str, Any], reader: Reader) -> dict[str, Any]:
    if request.answer_by < reader.day:
        return line | {
            "says": say("{who} did not answer. Somebody has to be asked anew", who=request.to.name)
        }
    return line | {"says": say("{who} answers by {day}", who=request.to.name, day=request.answer_by)}


# --- The people: nobody is ranked, and no score is made (R114) ------------------------------------------------


def _people(
    files: Sequence[UUID], due: Sequence[OpenDeadline], covers: dict[UUID, Cover], reader: Reader
) -> list[dict[str, Any]]:
    """Each caseworker in the order of their names: open cases by risk, and the coming week against working time (R81)."""
    teams = supervised_teams(reader.user, reader.day)
    packs = {team.agency_id: pack_in_force(team.agency_id, reader.day) for team in teams}
    members = [
        one
        for agency_id in packs
        for one in caseworkers_of(agency_id=agency_id, day=reader.day, teams=[team.id for team in teams])
    ]
    loads = caseloads(dict.fromkeys(one.user_id for one in members), seen_by=reader.user, day=reader.day)
    risks, coming = risks_by_worker(loads), _coming(files, due, covers)
    away = {one.covered_for_id: one for one in covers.values() if one.file_id is None}
    return [
        {
            "name": one.user.name, "cases": cases_in_words(len(loads[one.user_id]), risks[one.user_id]),
            "warnings": list(
                load_words(one.user.name, len(loads[one.user_id]), pack=packs[one.agency_id], day=reader.day)
            ),
            **_week(one, coming[one.user_id], packs[one.agency_id], reader),
            "away": _away(away.get(one.user_id)),
            "url": reverse("team_caseload", args=[one.user_id]),
            "cover_url": reverse("team_cover", args=[one.user_id]),
        }
        for one in members
    ]  # fmt: skip


def _coming(
    files: Sequence[UUID], due: Sequence[OpenDeadline], covers: dict[UUID, Cover]
) -> dict[UUID, list[OpenDeadline]]:
    """What is to be done on each person's files, those included for which they stand in."""
    current = {one.file_id: one.user_id for one in assignments_of(files)}
    doing: dict[UUID, list[OpenDeadline]] = defaultdict(list)
    for one in due:
        who = covers[one.file_id].stand_in_id if one.file_id in covers else current[one.file_id]
        if of_deadline(one).action == "write":
            doing[who].append(one)
    return doing


def _week(one: Membership, coming: Sequence[OpenDeadline], pack: Pack, reader: Reader) -> dict[str, Any]:
    """What is late or due in the next days, against the working week, in words."""
    last_day = days_after(reader.day, rule_on("workload.ahead", day=reader.day, pack=pack).number)
    near = [(due.step, due.rule) for due in coming if local_day(due.due_at, reader.zone) <= last_day]
    week = week_of(near, weekly_hours=one.weekly_hours, pack=pack, day=reader.day)
    return {"week": _week_words(week), "fits": week.fits}


def _week_words(week: Week) -> str:
    if not week.due:
        return gettext("Nothing is due in the next days.")
    told = gettext("Next days: {due} contacts and steps, about {hours} hours. Working week: {working} hours.")
    return told.format(due=week.due, hours=week.hours, working=week.working_hours)


def _away(cover: Cover | None) -> Any:
    if cover is None:
        return ""
    return say("{who} stands in until {day}", who=cover.stand_in.name, day=cover.until)


def _covers(reader: Reader) -> list[Cover]:
    teams = supervised_teams(reader.user, reader.day)
    return covers_in([team.id for team in teams], seen_by=reader.user, day=reader.day)


def _cover_line(cover: Cover) -> dict[str, Any]:
    """A cover that holds or is to come, and the way to end it early."""
    which = gettext("one file") if cover.file_id else gettext("all files")
    return {
        "stand_in": cover.stand_in.name, "covered_for": cover.covered_for.name, "since": cover.since,
        "until": cover.until, "which": which, "action": reverse("team_cover_end", args=[cover.id]),
    }  # fmt: skip
