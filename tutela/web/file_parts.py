"""The plan of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from tutela.closure.queries import is_closed
from tutela.pages.dates import exact
from tutela.planning.queries import objectives, plan_actions, plans
from tutela.protocols.packs import Pack
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import form_url, term

if TYPE_CHECKING:
    from tutela.planning.models import PlanAction


@signed_in
def plan(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """What should change, and who does what until when."""
    file, may = read_file(reader, file_id, "plan.read")
    pack, versions = pack_of(reader, file), plans(file.id)
    words = gettext("Change the plan") if versions else gettext("Make the plan")
    context = {
        "main": {"words": words, "url": form_url("planning.plan", file.id)}
        if "write" in may and not is_closed(file.id)
        else None,
        "about": [
            {"label": gettext("Made on"), "value": exact(versions[-1].entry.happened_on)},
            {"label": gettext("Version"), "value": str(len(versions))},
            {"label": gettext("We can stop when"), "value": versions[-1].contents.get("closure_criteria", "")},
        ]
        if versions
        else [],
        "objectives": [
            {
                "text": one.contents["text"], "measure": one.contents.get("measure", ""),
                "horizon": term(pack, "objective_horizon", one.contents.get("horizon", "")),
            }
            for one in objectives(file.id)
        ],
        "loose": [_action(one, pack) for one in plan_actions(file.id)],
    }  # fmt: skip
    return show_file(request, reader, file, may, "file_plan", context)


def _action(action: PlanAction, pack: Pack) -> dict[str, Any]:
    told = action.contents
    status = told.get("status", "")
    return {
        "what": told["what"], "who": term(pack, "action_who", told.get("who", "")), "due": action.due_on,
        "status": term(pack, "action_status", status), "done": status == "completed",
    }  # fmt: skip
