"""Team: what waits for the supervisor's word, with the evidence; what is late, per child and ranking nobody (R114)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tutela import commands
from tutela.access.queries import agency_of
from tutela.cases.queries import entry_of
from tutela.closure.queries import near_eighteen
from tutela.deadlines.by_step.closure import of_supervisor
from tutela.deadlines.complete_file import parts_of
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.foundation.refusals import NotFound
from tutela.published.queries import pack_in_force
from tutela.supervision.queries import Waiting, matches_to_judge, supervised_files, waiting_for_word
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import answer_parts, child_lines, due_words, form_url, task_view


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the supervisor looks at in a minute: urgent actions, agreements, late children."""
    if "supervisor" not in reader.roles:
        raise NotFound
    files = supervised_files(reader.user, day=reader.day)
    commands.read_list("team.read", by=reader.user, at=reader.at, files=len(files))
    waiting = waiting_for_word(files)
    due = open_deadlines(files)
    late = [one for one in due if one.overdue_after < reader.at]
    grown, own = young_people(files, reader), _own_tasks(files, reader)
    shown = dict.fromkeys([*(one.file_id for one in waiting), *(one.file_id for one in late), *grown, *own])
    parts = parts_of([one.file_id for one in waiting if one.form == "closure.answer"], day=reader.day)
    lines = child_lines(list(shown), reader=reader)
    answers = {
        one.file_id: due_words(one.due_at, one.overdue_after, reader)
        for one in due
        if one.step == "urgent_answer"
    }
    for one in late:
        lines[one.file_id].setdefault("tasks", []).append(
            task_view(of_deadline(one), one.file_id, may={"agree"}, reader=reader)
        )
    context = {
        "urgent": [
            _urgent(one, lines[one.file_id], answers.get(one.file_id))
            for one in waiting
            if one.form == "consent.urgent_answer"
        ],
        "approvals": [
            _approval(one, lines[one.file_id])
            | {
                "missing": [
                    part.words
                    for part in parts.get(one.file_id, ())
                    if part.always and not part.there and one.form == "closure.answer"
                ]
            }
            for one in waiting
            if one.form != "consent.urgent_answer"
        ],
        "own": [lines[file_id] | {"tasks": tasks} for file_id, tasks in own.items()],
        "grown": [lines[file_id] for file_id in grown],
        "matches": _matches(files, reader),
        "overdue": [line for line in lines.values() if "tasks" in line],
    }
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
    found = matches_to_judge(files)
    lines = child_lines(
        list(dict.fromkeys([*(one.file_id for one in found), *(one.other_id for one in found)])),
        reader=reader,
    )
    return [
        {
            "child": lines[one.file_id],
            "other": lines[one.other_id],
            "action": reverse("team_match", args=[one.id]),
        }
        for one in found
    ]


def _urgent(one: Waiting, line: dict[str, Any], due: Any) -> dict[str, Any]:
    """An urgent action: what was done, on which basis, and until when to answer."""
    asked = entry_of(one.entry_id, file_id=one.file_id, classes=frozenset({"case"}))
    parts = {part["name"]: part["text"] for part in answer_parts(asked)}
    return line | {
        "by": one.by, "when": one.happened_on, "basis": parts.get("basis", ""), "reason": parts.get("reason", ""),
        "done": parts.get("what", ""), "due": due, "file_url": line["url"],
        "url": form_url(one.form, one.file_id),
    }  # fmt: skip


def _approval(one: Waiting, line: dict[str, Any]) -> dict[str, Any]:
    """A request with the evidence in front of whoever decides."""
    parts = answer_parts(entry_of(one.entry_id, file_id=one.file_id, classes=frozenset({"case"})))
    return line | {
        "asked": one.asked, "by": one.by, "when": one.happened_on, "file_url": line["url"],
        "url": form_url(one.form, one.file_id),
        "evidence": [{"label": part["label"], "value": part["text"]} for part in parts],
    }  # fmt: skip
