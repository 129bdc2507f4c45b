"""The plan on paper: for the file under its code, for the child plain or neutral. No name stands on any of it (R35, R124)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.planning.paper import names_in, names_of_suspected, names_on, without_names
from tutela.planning.queries import objectives, plan_actions, plan_copy_of, plans
from tutela.planning.rules import OVER
from tutela.web.file_frame import pack_of, read_file
from tutela.web.file_plan import about, objectives_with_actions
from tutela.web.frame import Reader, show, signed_in
from tutela.web.printing import foot_of
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines

if TYPE_CHECKING:
    from tutela.forms.definition import Answers
    from tutela.planning.models import PlanAction


@signed_in
def for_the_file(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The plan on paper, under its code: no name and no address (R124)."""
    foot = foot_of(reader)
    file, _ = read_file(reader, file_id, "plan.printed", reference=foot.reference)
    pack, versions, names = pack_of(reader, file), plans(file.id), names_on(file.id)
    grouped, loose = objectives_with_actions(file.id, pack)
    for one in (*grouped, *loose, *(action for group in grouped for action in group["actions"])):
        for part in ("text", "what", "measure", "indicator"):
            if one.get(part):
                one[part] = without_names(one[part], names)
    told = about(versions, pack) if versions else []
    rows = [row | {"value": without_names(str(row["value"]), names)} for row in told]
    context = {
        "code": child_lines([file.id], reader=reader)[file.id]["code"], "about": rows, "objectives": grouped, "loose": loose,
        "back_url": reverse("file_plan", kwargs={"file_id": file.id}), "foot": foot,
    }  # fmt: skip
    return show(request, reader, "pages/plan_paper.html", context)


@signed_in
def ask_for_copy(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """First whether it is safe; then, and only then, there is something to print (R35)."""
    commands.form_for("planning.copy_given", file_id=file_id, by=reader.user, at=reader.at)
    file, _ = read_file(reader, file_id, "plan.copy_asked")

    def save(answers: Answers, sheet_id: UUID) -> str:
        commands.submit(
            commands.Submission("planning.copy_given", file.id, answers, sheet_id),
            by=reader.user,
            at=reader.at,
        )
        return reverse(
            "file_plan" if answers["answer"] == "kept_here" else "file_plan_paper",
            kwargs={"file_id": file.id},
        )

    here, back = (reverse(name, kwargs={"file_id": file.id}) for name in ("file_plan_copy", "file_plan"))
    more = {"about": child_lines([file.id], reader=reader)[file.id]}
    sheet = Sheet(code="planning.copy_given", action=here, back_url=back, begin={}, more=more)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def copy(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The child’s copy: plain where it is safe at home, neutral where it is not (R35)."""
    foot = foot_of(reader, named=False)
    file, _ = read_file(reader, file_id, "plan.copy_printed", reference=foot.reference)
    told, versions = plan_copy_of(file.id), plans(file.id)
    here = reverse("file_plan", kwargs={"file_id": file.id})
    if (
        told is None
        or told.contents["answer"] == "kept_here"
        or told.entry.revision < versions[-1].entry.revision
    ):
        return redirect(here)
    neutral, names = told.contents["answer"] == "neutral", names_on(file.id)
    clean = partial(without_names, names=names)
    context: dict[str, Any] = {"neutral": neutral, "back_url": here, "foot": foot}
    if neutral:
        context |= {"words": clean(told.contents.get("words", "")), "days": _days(file.id)}
    else:
        suspected = names_of_suspected(file.id)
        wishes, steps = _plain_objectives(file.id), _plain_actions(file.id)
        lines = [*wishes, *(one["what"] for one in steps)]
        plan = versions[-1].contents
        context |= {
            "wishes": [clean(one) for one in wishes if not names_in(one, suspected)],
            "steps": [
                one | {"what": clean(one["what"])} for one in steps if not names_in(one["what"], suspected)
            ],
            "monitoring": clean(_unless(plan.get("monitoring", ""), suspected)),
            "unspoken": sum(1 for one in objectives(file.id) if not one.contents.get("child_words")),
            "left_out": sum(1 for line in lines if names_in(line, suspected)),
        }
    return show(request, reader, "pages/plan_copy.html", context)


def _plain_objectives(file_id: UUID) -> list[str]:
    """What the child wants, in the child’s words where they are known."""
    return [one.contents.get("child_words") or one.contents["text"] for one in objectives(file_id)]


def _plain_actions(file_id: UUID) -> list[dict[str, Any]]:
    return [
        {"what": one.contents["what"], "who": _plain_who(one), "due": one.due_on}
        for one in plan_actions(file_id)
        if one.contents.get("status") not in OVER
    ]


def _days(file_id: UUID) -> list[dict[str, Any]]:
    """The days of a neutral paper: when, and whether the child has something to do; never what."""
    due = [one for one in plan_actions(file_id) if one.due_on and one.contents.get("status") not in OVER]
    words = {"child": gettext("Something I do")}
    return [
        {"due": one.due_on, "words": words.get(one.contents.get("who", ""), gettext("Something we do"))}
        for one in sorted(due, key=lambda one: (one.due_on, one.position))
    ]


def _plain_who(action: PlanAction) -> str:
    return {
        "child": gettext("I do this."), "caregiver": gettext("My family does this."),
        "caseworker": gettext("The person who works with me does this."),
    }.get(action.contents.get("who", ""), gettext("Others do this for me."))  # fmt: skip


def _unless(text: str, names: frozenset[str]) -> str:
    return "" if names_in(text, names) else text
