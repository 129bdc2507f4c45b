"""Today: what is due, per child, what waits to be finished, and where to begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext, gettext_lazy

from tutela import commands
from tutela.access.queries import agency_of, invitations_of
from tutela.cases.drafts import Begun, begun_by
from tutela.cases.queries import files_of
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import Task, of_deadline
from tutela.follow_up.queries import contacts_of, to_complete
from tutela.forms.definition import in_language
from tutela.foundation.refusals import NotFound
from tutela.foundation.words import say
from tutela.intake.queries import identifications
from tutela.pages.styleguide import context as styleguide_context
from tutela.published.queries import titles_in_force
from tutela.referral.queries import heard_here
from tutela.referral.rules import heard_since
from tutela.web import typed
from tutela.web.frame import Reader, is_beside, show, signed_in
from tutela.web.showing import child_lines, due_words, form_url, task_view, term
from tutela.web.team import young_people

_AHEAD = 14  # days that the page looks ahead; what comes later stands on the file
_MOST = 8  # children in one list; a link leads to the rest of it
_HEADINGS = {
    "late": gettext_lazy("Late"), "due_today": gettext_lazy("Due today"), "coming": gettext_lazy("The next days"),
    "set_aside": gettext_lazy("Set aside"), "unfinished": gettext_lazy("To complete"),
}  # fmt: skip


# Where everybody else begins; the first of their roles that is here counts.
_BEGINS = (
    ("supervisor", "team"), ("safeguarding_focal_point", "oversight"), ("manager", "oversight"),
    ("data_protection_focal_point", "data_protection"), ("administrator", "people"), ("coordinator", "services"),
    ("data_entry", "typing"), ("information_officer", "exports"), ("best_interests_reviewer", "cases"),
    ("tracing_officer", "referred"),
)  # fmt: skip
_INSTEAD = {
    "coach": gettext_lazy("Coaching opens no case. What you talk over is chosen by whoever you coach."),
    "volunteer": gettext_lazy("If you are worried about a child, tell a caseworker today. They write it down."),
}  # fmt: skip


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The day of a caseworker; others begin where their work is."""
    if "caseworker" not in reader.roles:
        place = next((place for role, place in _BEGINS if role in reader.roles), None)
        return (
            redirect(place) if place else show(request, reader, "pages/nothing_here.html", _nothing(reader))
        )
    files = list(files_of(reader.user, day=reader.day).values_list("id", flat=True))
    due = open_deadlines(files)
    asked = request.GET.get("show", "")
    found = _due(due, reader) | {"unfinished": _unfinished(files)}
    shown = {name: _List(name, of_it, whole=asked == name) for name, of_it in found.items()}
    only = [asked] if asked in shown else list(shown)
    grown = [] if asked in shown else young_people(files, reader)
    listed = [one for name in only for one in shown[name].files]
    lines = child_lines(list(dict.fromkeys([*listed, *grown])), reader=reader)
    context = {
        "day": reader.day, "lists": [shown[name].view(lines, reader) for name in only if shown[name].tasks],
        "grown": [lines[file_id] for file_id in grown], "back_url": reverse("today") if asked in shown else "",
        "main": {"words": gettext("Quick note"), "url": reverse("quick_note")}, "starts": _starts(),
        "search": {"url": reverse("find"), "label": gettext("Find a child by name or code")},
    }  # fmt: skip
    if asked not in shown:
        waiting, every = _waiting(files, due, reader)
        context |= {
            "offered": _offered(reader), "waiting": waiting, "every_waiting": every,
            "waiting_url": reverse("intake") if every > _MOST else "", "drafts": _drafts(files, reader),
            "heard": _heard(files, reader), "typed": typed.to_look_at(files, reader),
        }  # fmt: skip
    commands.read_list("today.read", by=reader.user, at=reader.at, files=reader.shown)
    return show(request, reader, "pages/today.html", context)


@signed_in
def beside_me(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Cover names, risk, threats and stories on every page, or show them again; then back to where one was (R125)."""
    if request.method != "POST":
        raise NotFound
    request.session["beside_me"] = not is_beside(request)
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "today")


@signed_in
def styleguide(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Every component in every state, with invented data."""
    return show(request, reader, "pages/styleguide.html", styleguide_context())


@dataclass(frozen=True)
class _List:
    """One list of the day: what is to be done, child by child; only the first children, unless it was asked for."""

    name: str
    tasks: Sequence[tuple[UUID, Task]]
    whole: bool

    @property
    def files(self) -> list[UUID]:
        every = list(dict.fromkeys(file_id for file_id, _ in self.tasks))
        return every if self.whole else every[:_MOST]

    def view(self, lines: dict[UUID, dict[str, Any]], reader: Reader) -> dict[str, Any]:
        """As the page takes it."""
        children = {file_id: lines[file_id] | {"tasks": []} for file_id in self.files}
        for file_id, task in self.tasks:
            if file_id in children:
                children[file_id]["tasks"].append(task_view(task, file_id, may={"write"}, reader=reader))
        every = len({file_id for file_id, _ in self.tasks})
        rest = f"{reverse('today')}?show={self.name}" if every > len(children) else ""
        return {
            "heading": _HEADINGS[self.name], "children": list(children.values()), "rest_url": rest, "every": every,
        }  # fmt: skip


def _offered(reader: Reader) -> list[dict[str, Any]]:
    """The files that the reader is asked to take over, with the hand-over to read first (R56)."""
    asked = {one.file_id: one for one in invitations_of(reader.user, reader.day)}
    return [
        line | {"due": asked[file_id].until, "url": reverse("file_hand_over", kwargs={"file_id": file_id})}
        for file_id, line in child_lines(list(asked), reader=reader).items()
    ]


def _heard(files: Sequence[UUID], reader: Reader) -> list[dict[str, Any]]:
    """The children for whom a service answered here lately, and who answered; what they said stands on the file."""
    since = heard_since(reader.day, pack=reader.pack)
    heard = heard_here(files, since=datetime.combine(since, time.min, tzinfo=reader.zone)) if files else {}
    return [
        line
        | {
            "who": heard[file_id].by.name,
            "at": heard[file_id].received_at,
            "url": reverse("file_entry", args=[file_id, heard[file_id].id]),
        }
        for file_id, line in child_lines(list(heard), reader=reader).items()
    ]


def _due(due: Sequence[OpenDeadline], reader: Reader) -> dict[str, list[tuple[UUID, Task]]]:
    """What has a date, in the lists of the day. What was set aside stands apart until its own date comes."""
    lists: dict[str, list[tuple[UUID, Task]]] = {
        name: [] for name in ("late", "due_today", "coming", "set_aside")
    }
    for one in due:
        ahead = (one.due_at.astimezone(reader.zone).date() - reader.day).days
        if one.overdue_after < reader.at:
            name = "late"
        elif ahead <= 0:
            name = "due_today"
        elif one.set_aside:
            name = "set_aside"
        else:
            name = "coming" if ahead <= _AHEAD else ""
        if name:
            lists[name].append((one.file_id, of_deadline(one)))
    return lists


def _unfinished(files: Sequence[UUID]) -> list[tuple[UUID, Task]]:
    """Quick notes that wait to be completed (R118)."""
    words = say("Complete the quick note")
    return [
        (file_id, Task(words, "follow_up.contact", amends=note.entry_id))
        for file_id, told in contacts_of(files).items()
        for note in to_complete(told)
    ]


def _starts() -> list[dict[str, str]]:
    """Other things to begin."""
    return [
        {"words": gettext("Record an identification"), "url": form_url("intake.identification", None)},
        {"words": gettext("Plan tomorrow’s visits"), "url": reverse("day_plan")},
    ]


def _waiting(
    files: Sequence[UUID], due: Sequence[OpenDeadline], reader: Reader
) -> tuple[list[dict[str, Any]], int]:
    """The first of the children somebody told of, who are not registered yet; and how many there are."""
    registering = {one.file_id: one for one in reversed(due) if one.step == "registration"}
    found = [one for one in identifications(registering) if one.file_id in set(files)]
    found.sort(key=lambda one: registering[one.file_id].due_at)
    lines = child_lines([one.file_id for one in found[:_MOST]], reader=reader)
    rows = []
    for one in found[:_MOST]:
        told, until = one.contents, registering[one.file_id]
        source = term(reader.pack, "identification_source", told["source"])
        rows.append({
            "words": f"{lines[one.file_id]['label']} · {source}", "url": lines[one.file_id]["url"],
            "note": told.get("triage_why", ""), "due": due_words(until.due_at, until.overdue_after, reader),
        })  # fmt: skip
    return rows, len(found)


def _drafts(files: Sequence[UUID], reader: Reader) -> list[dict[str, Any]]:
    """What the reader began and did not send: which form, for which child, never a word of it."""
    within = set(files)
    begun = [one for one in begun_by(reader.user) if one.place.file is None or one.place.file in within]
    agency = agency_of(reader.user, reader.day)
    titles = titles_in_force(agency_id=agency.id, day=reader.day) if agency and begun else {}
    lines = child_lines(list({one.place.file for one in begun if one.place.file}), reader=reader)
    return [
        {
            "words": in_language(titles.get(one.place.form, {}), get_language() or "en") or one.place.form,
            "child": lines[one.place.file]["label"] if one.place.file else "",
            "url": _address(one), "kept_at": one.kept_at,
        }
        for one in begun
    ]  # fmt: skip


def _nothing(reader: Reader) -> dict[str, Any]:
    """What somebody whose role opens no file is told, and what they may look at."""
    criteria = {"words": gettext("Our criteria"), "url": reverse("intake_criteria")}
    return {
        "says": [words for role, words in _INSTEAD.items() if role in reader.roles],
        "links": [criteria] if reader.roles else [],
    }


def _address(one: Begun) -> str:
    return form_url(one.place.form, one.place.file, about=one.place.about, amends=one.place.amends)
