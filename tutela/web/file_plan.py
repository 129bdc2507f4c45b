"""The plan: what should change and who does what, its versions, the safety plan, meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from tutela.assessment.queries import needs
from tutela.cases.queries import entry_of, names_of
from tutela.closure.queries import is_closed
from tutela.pages.dates import exact
from tutela.planning.queries import (
    answers_by_plan,
    meetings,
    objectives,
    plan_actions,
    plan_copy_of,
    plans,
    safety_plan_of,
    word_asked,
)
from tutela.planning.rules import OVER, hints_for_action, hints_for_objective
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import answer_parts, changes_between, form_url, supervisor_word, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile
    from tutela.planning.models import Meeting, Objective, Plan, PlanAction
    from tutela.protocols.packs import Pack

_ONLY_CASE = frozenset({"case"})


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What should change, and who does what until when; with what would make it clearer, which never keeps anybody waiting."""
    file, may = read_file(reader, file_id, "plan.read")
    pack, versions = pack_of(reader, file), plans(file.id)
    writes = "write" in may and not is_closed(file.id)
    words = gettext("Change the plan") if versions else gettext("Make the plan")
    grouped, loose = objectives_with_actions(file.id, pack)
    context = {
        "main": {"words": words, "url": form_url("planning.plan", file.id)} if writes else None,
        "about": about(versions, pack) if versions else [],
        "word": _word(file.id, versions) if versions else "",
        "objectives": grouped,
        "loose": loose,
        "unanswered": _needs_without_objective(file.id) if versions else [],
        "safety": _safety(file.id),
        "safety_url": form_url("planning.safety_plan", file.id) if writes else "",
        "meetings": [_meeting(one, pack, file.id) for one in reversed(meetings(file.id))],
        "versions": _versions(file, versions),
        "compared": _compared(request, file.id, versions),
        "copies": _papers(file.id, versions, writes=writes),
        "copy": _copy_words(file.id, versions, pack),
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_plan", context)


def coaching_after(form: str, file_id: UUID) -> str:
    """After a plan was saved: how many things could be clearer, as an invitation (R30). Nothing for any other form."""
    if form != "planning.plan":
        return ""
    count = sum(1 for one in objectives(file_id) if hints_for_objective(one.contents))
    count += sum(1 for one in plan_actions(file_id) if hints_for_action(one.contents, due_on=one.due_on))
    if not count:
        return ""
    words = ngettext(
        "One part of the plan could be clearer. What to ask yourself stands under Plan.",
        "{count} parts of the plan could be clearer. What to ask yourself stands under Plan.",
        count,
    )
    return words.format(count=count)


def about(versions: list[Plan], pack: Pack) -> list[dict[str, Any]]:
    """What the newest version says beside its objectives and actions, as rows."""
    plan = versions[-1].contents
    terms = (
        ("permanency_goal", gettext("Where the child shall live for good"), "permanency_goal"),
        ("child_took_part", gettext("The child took part"), "participation"),
        ("child_agrees", gettext("The child agrees"), "plan_agreement"),
        ("caregiver_agrees", gettext("The caregiver agrees"), "plan_agreement"),
    )
    texts = (
        ("disagreement", gettext("What they would rather have")),
        ("twin_track", gettext("The second way")), ("contingency", gettext("If it does not work out")),
        ("monitoring", gettext("When we look at it together")), ("closure_criteria", gettext("We can stop when")),
    )  # fmt: skip
    kind = (
        gettext("A plan for now, while assessing") if plan.get("interim") == "yes" else gettext("Case plan")
    )
    return [
        {"label": gettext("What it is"), "value": kind},
        {"label": gettext("Made on"), "value": exact(versions[-1].entry.happened_on)},
        {"label": gettext("Version"), "value": str(len(versions))},
        *(
            {"label": words, "value": term(pack, name, plan[field])}
            for field, words, name in terms
            if plan.get(field)
        ),
        *({"label": words, "value": plan[field]} for field, words in texts if plan.get(field)),
    ]


def _word(file_id: UUID, versions: list[Plan]) -> str:
    """A supervisor’s word on this version: what was said, or that it is asked for."""
    waiting = word_asked(file_id)
    if waiting and "cost" in waiting.contents["why"]:
        return gettext(
            "An action costs more than you spend alone. Your supervisor is asked; the work goes on."
        )
    answer = answers_by_plan(file_id).get(str(versions[-1].entry_id))
    change = gettext("Your supervisor asks for a change.")
    return supervisor_word(answer, waits=waiting is not None, otherwise=change)


def objectives_with_actions(file_id: UUID, pack: Pack) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The objectives with their actions, and the actions that stand alone."""
    grouped = [_objective(one, pack) for one in objectives(file_id)]
    loose: list[dict[str, Any]] = []
    for action in plan_actions(file_id):
        number = int(action.contents.get("objective") or 0)
        where = grouped[number - 1]["actions"] if 0 < number <= len(grouped) else loose
        where.append(_action(action, pack))
    return grouped, loose


def _objective(one: Objective, pack: Pack) -> dict[str, Any]:
    told = one.contents
    return {
        "text": told["text"], "need": told.get("need", ""), "measure": told.get("measure", ""),
        "horizon": term(pack, "objective_horizon", told.get("horizon", "")),
        "hints": hints_for_objective(told), "actions": [],
    }  # fmt: skip


def _action(action: PlanAction, pack: Pack) -> dict[str, Any]:
    told, status = action.contents, action.contents.get("status", "")
    costs = ", ".join(term(pack, "cost_kind", code) for code in told.get("costs", []))
    return {
        "number": action.position + 1, "what": told["what"], "who": term(pack, "action_who", told.get("who", "")),
        "kind": term(pack, "action_kind", told.get("kind", "")), "due": action.due_on, "start": told.get("start_on", ""),
        "indicator": told.get("indicator", ""), "status": term(pack, "action_status", status),
        "done": status in OVER, "costs": " ".join(filter(None, (costs, told.get("cost", "")))),
        "hints": hints_for_action(told, due_on=action.due_on),
    }  # fmt: skip


def _needs_without_objective(file_id: UUID) -> list[str]:
    """Needs that are not met and that no objective names (R24)."""
    answered = {one.contents.get("need", "").casefold() for one in objectives(file_id)}
    told = (one.contents for one in needs(file_id))
    return [
        one["text"] for one in told if one.get("state") != "met" and one["text"].casefold() not in answered
    ]


def _safety(file_id: UUID) -> list[dict[str, Any]]:
    plan = safety_plan_of(file_id)
    return answer_parts(entry_of(plan.entry_id, file_id=file_id, classes=_ONLY_CASE)) if plan else []


def _meeting(one: Meeting, pack: Pack, file_id: UUID) -> dict[str, Any]:
    told = one.contents
    absent = [
        f"{words}: {term(pack, name, told[field])}"
        for field, words, name in (
            ("child_absent", gettext("The child was not there"), "participation"),
            ("caregiver_absent", gettext("No caregiver was there"), "caregiver_absent"),
        )
        if told.get(field)
    ]
    return {
        "title": term(pack, "planning_meeting_kind", told.get("kind", "")) or gettext("Planning meeting"),
        "when": one.entry.happened_on,
        "who": ", ".join(term(pack, "planning_participant", code) for code in told.get("who", [])),
        "absent": absent, "url": reverse("file_entry", kwargs={"file_id": file_id, "entry_id": one.entry_id}),
    }  # fmt: skip


def _versions(file: CaseFile, versions: list[Plan]) -> list[dict[str, Any]]:
    """Every version, the newest first: each can be read, and each old one compared with the plan as it is (R37)."""
    who, words = names_of(one.entry.done_by_id for one in versions), answers_by_plan(file.id)
    here = reverse("file_plan", kwargs={"file_id": file.id})
    return [
        {
            "number": number, "when": one.entry.happened_on, "by": who[one.entry.done_by_id],
            "url": reverse("file_entry", kwargs={"file_id": file.id, "entry_id": one.entry_id}),
            "compare": f"{here}?compare={number}" if number < len(versions) else "",
            "agreed": (words[str(one.entry_id)].contents["agreed"] == "yes") if str(one.entry_id) in words else None,
        }
        for number, one in reversed(list(enumerate(versions, 1)))
    ]  # fmt: skip


def _compared(request: HttpRequest, file_id: UUID, versions: list[Plan]) -> dict[str, Any] | None:
    """One old version beside the plan as it is now, where somebody asked for it."""
    asked = request.GET.get("compare", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    if not 0 < number < len(versions):
        return None
    before, after = (
        entry_of(one.entry_id, file_id=file_id, classes=_ONLY_CASE)
        for one in (versions[number - 1], versions[-1])
    )
    when = gettext("When it happened")  # of course it did at another time
    return {
        "number": number,
        "changes": [one for one in changes_between(before, after) if one["label"] != when],
    }


def _papers(file_id: UUID, versions: list[Plan], *, writes: bool) -> list[dict[str, str]]:
    if not versions:
        return []
    named = {"file_id": file_id}
    papers = [
        {"words": gettext("Print the plan for the file"), "url": reverse("file_plan_print", kwargs=named)}
    ]
    if writes:
        papers.insert(
            0, {"words": gettext("The child’s copy"), "url": reverse("file_plan_copy", kwargs=named)}
        )
        papers.append(
            {"words": gettext("Write down a planning meeting"), "url": form_url("planning.meeting", file_id)}
        )
    return papers


def _copy_words(file_id: UUID, versions: list[Plan], pack: Pack) -> str:
    """What is known of the child’s copy of this version."""
    told = plan_copy_of(file_id)
    if told is None or not versions or told.entry.revision < versions[-1].entry.revision:
        return ""
    given = told.contents.get("given_on", "")
    words = term(pack, "plan_copy", told.contents["answer"])
    return f"{words} · {gettext('given on')} {given}" if given else words
