"""What every page of one file has: fetched through the reader's own reach, logged, and framed with who the child is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from tutela import commands
from tutela.access.queries import covers_on, in_emergency, responsible_for
from tutela.assessment.queries import risk_of
from tutela.cases.labels import labels_of
from tutela.cases.queries import child_of, people_around
from tutela.closure.queries import death_of, is_closed
from tutela.consent.queries import not_to_be_told, voices
from tutela.deadlines.tasks import STEPS, current_steps
from tutela.pages.dates import exact
from tutela.protocols.packs import Pack
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, show
from tutela.web.showing import child_line, form_url, step_words, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile

_TABS = (
    ("file", gettext_lazy("Story")), ("file_people", gettext_lazy("People")),
    ("file_assessment", gettext_lazy("Assessment")), ("file_plan", gettext_lazy("Plan")),
    ("file_services", gettext_lazy("Services")), ("file_consent", gettext_lazy("Consent")),
    ("file_access", gettext_lazy("Access")),
    ("file_documents", gettext_lazy("Documents")),
)  # fmt: skip


def read_file(reader: Reader, file_id: UUID, verb: str, **detail: Any) -> tuple[CaseFile, set[str]]:
    """A file and what the reader may do on it, with the row that says it was read. Raises NotFound."""
    file = commands.read(verb, file_id, by=reader.user, at=reader.at, **detail)
    return file, commands.rights(file, by=reader.user, at=reader.at)


def show_file(
    request: HttpRequest, reader: Reader, file: CaseFile, may: set[str], tab: str, context: dict[str, Any],
    *, template: str = "", name: str = "",
) -> HttpResponse:  # fmt: skip
    """A page of the file under its tab. `name`: the child's, where it was asked for."""
    tabs = [
        {"words": words, "url": reverse(place, kwargs={"file_id": file.id}), "current": place == tab}
        for place, words in _TABS
    ]
    who = _who(reader, file, may) | ({"name": name} if name else {})
    return show(request, reader, template or f"pages/{tab}.html", {"who": who, "tabs": tabs} | context)


def pack_of(reader: Reader, file: CaseFile) -> Pack:
    """The pack by which the agency of the file works today."""
    return pack_in_force(file.agency_id, reader.day)


def _who(reader: Reader, file: CaseFile, may: set[str]) -> dict[str, Any]:
    own = labels_of(reader.user, files=[file.id]).get(file.id, "")
    child, risk, step = child_of(file.id), risk_of(file.id), current_steps([file.id])[file.id]
    worker = responsible_for([file.id]).get(file.id)
    died = death_of(file.id) is not None
    urgent = {
        "words": gettext("Write down an urgent action"),
        "url": form_url("consent.urgent_action", file.id),
    }
    return child_line(
        file, child, "died" if died else risk.level if risk else "", day=reader.day, label=own
    ) | {
        "steps": [{"words": step_words(one), "state": _state(one, step)} for one in STEPS if not died],
        "facts": [
            {"label": gettext("Responsible caseworker"), "value": worker.name if worker else ""},
            *_standing_in(reader, file),
            {
                "label": gettext("State"),
                "value": gettext("The child has died") if died else _state_words(file),
            },
        ],
        "marks": _marks(file, pack_of(reader, file), reader.day),
        "name_url": reverse("file_name", kwargs={"file_id": file.id}),
        "label_url": "" if "write_urgent" in may else reverse("file_label", kwargs={"file_id": file.id}),
        # Nothing may keep anybody from acting (R11), as long as the child lives.
        "urgent": urgent if may & {"write", "write_urgent", "agree"} and not died else None,
        "died": died,
        **_emergency(reader, file, may),
    }


def _emergency(reader: Reader, file: CaseFile, may: set[str]) -> dict[str, Any]:
    """Until when the file is open, where the reader opened it in an emergency (R120)."""
    opened = in_emergency(reader.user, at=reader.at).filter(file_id=file.id) if "write_urgent" in may else ()
    return {
        name: value
        for one in opened
        for name, value in {
            "open_until": one.until,
            "end_url": reverse("emergency_end", args=[file.id]),
        }.items()
    }


def _standing_in(reader: Reader, file: CaseFile) -> list[dict[str, Any]]:
    """Who stands in for the responsible caseworker today, and until when (R104)."""
    cover = covers_on([file.id], day=reader.day).get(file.id)
    if cover is None:
        return []
    words = gettext("{who}, until {day}").format(who=cover.stand_in.name, day=exact(cover.until))
    return [{"label": gettext("Stands in"), "value": words}]


def _state(step: str, current: str) -> str:
    here, now = STEPS.index(step), STEPS.index(current)
    return "done" if here < now else "current" if here == now else "ahead"


def _state_words(file: CaseFile) -> str:
    if not hasattr(file, "case"):
        return gettext("Not registered yet")
    return gettext("Closed") if is_closed(file.id) else gettext("Open")


def _marks(file: CaseFile, pack: Pack, day: date) -> list[str]:
    """What must be read before anybody calls, visits or shares: safety marks, and what people asked for (R9, R109)."""
    marks = []
    if any(one.contents.get("safety_mark") for one in people_around(file.id)):
        marks.append(gettext("Somebody around this child carries a safety mark. Look under People first."))
    for who in not_to_be_told(file.id):
        marks.append(gettext("The child asked not to tell: {who}").format(who=who))
    for said in voices(file.id, day=day).said.values():
        excluded = [
            term(pack, "withhold_from", code) for code in said.contents.get("recipients_excluded", [])
        ]
        if excluded:
            marks.append(gettext("Not to be shared with: {who}").format(who=", ".join(excluded)))
        if said.contents.get("withheld"):
            marks.append(gettext("Not to be shared: {what}").format(what=said.contents["withheld"]))
    return list(dict.fromkeys(marks))
