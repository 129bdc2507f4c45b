"""The visits of a day as one plans them for oneself: order, who goes along, code word, hour of return (R48, R124)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import agency_of, colleagues_of
from tutela.deadlines.queries import OpenDeadline, open_deadlines
from tutela.deadlines.task import of_deadline
from tutela.follow_up.actions import plan_day
from tutela.follow_up.queries import day_plan, place_checks_of
from tutela.follow_up.rules import people_at_home
from tutela.forms.definition import Option
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.intake.queries import areas_of
from tutela.pages.dates import exact
from tutela.vault import keyring
from tutela.web.frame import Reader, show, signed_in
from tutela.web.own_files import own_files
from tutela.web.printing import foot_of
from tutela.web.quick_note import child_options
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines, form_url, term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutela.follow_up.models import PlaceCheck
    from tutela.forms.definition import Answers

_UNSUITABLE = "no"  # of yes_no_unknown


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What is due by that day with what to know about the place, and the plan itself."""
    day, files = _asked(request, reader), own_files(reader)
    if "caseworker" not in reader.roles:
        raise NotFound
    here = _address("day_plan", day)

    def save(answers: Answers, sheet_id: UUID) -> str:
        _plan(day, answers, reader)
        messages.success(request, gettext("Your plan is kept. Nobody else can read it."))
        return here

    begin = _still_own(day_plan(reader.user, day), files)
    colleagues = [Option(code=one.id.hex, label={"en": one.name}) for one in _colleagues(reader)]
    sheet = Sheet(
        code="follow_up.day_plan", action=here, back_url=reverse("today"), begin=begin,
        more={"heading": say("Plan for {day}", day=exact(day)), "first": _before(day, files, begin, reader)},
        offered={"visits.child": _due_first(day, files, reader), "buddies": colleagues},
    )  # fmt: skip
    commands.read_list("day.opened", by=reader.user, at=reader.at, files=reader.shown)
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def run_sheet(request: HttpRequest, reader: Reader) -> HttpResponse:
    """On paper: code, time, area. No name and no address, should it be lost (R124)."""
    day = _asked(request, reader)
    if "caseworker" not in reader.roles:
        raise NotFound
    plan = _still_own(day_plan(reader.user, day), own_files(reader))
    visits = _in_order(plan)
    files = [UUID(visit["child"]) for visit in visits]
    foot = foot_of(reader)
    commands.read_list(
        "run_sheet.printed", by=reader.user, at=reader.at, files=set(files), reference=foot.reference
    )
    lines, areas = child_lines(files, reader=reader), areas_of(files)
    rows = [
        {
            "code": lines[file_id]["code"] or gettext("Not registered yet"),
            "at": visit.get("at", ""),
            "area": term(reader.pack, "area", areas.get(file_id, "")),
        }
        for file_id, visit in zip(files, visits, strict=True)
    ]
    back = _address("day_plan", day)
    return show(
        request, reader, "pages/run_sheet.html", {"day": day, "rows": rows, "back_url": back, "foot": foot}
    )


def _asked(request: HttpRequest, reader: Reader) -> date:
    """The day that the address names; tomorrow where it names none."""
    written = request.GET.get("day", "")
    try:
        return date.fromisoformat(written) if written else _beside(reader.day, 1)
    except ValueError:
        raise NotFound from None


def _beside(day: date, step: int) -> date:
    """The day after, or with -1 the day before."""
    return date.fromordinal(day.toordinal() + step)


def _due_first(day: date, files: Sequence[UUID], reader: Reader) -> list[Option]:
    """The reader’s children to choose from: first those for whom something is due by that day."""
    due = {one.file_id.hex for one in _due_by(day, files, reader)}
    return sorted(child_options(files, reader), key=lambda option: option.code not in due)


def _due_by(day: date, files: Sequence[UUID], reader: Reader) -> list[OpenDeadline]:
    return [one for one in open_deadlines(files) if one.due_at.astimezone(reader.zone).date() <= day]


def _address(name: str, day: date) -> str:
    return f"{reverse(name)}?{urlencode({'day': day.isoformat()})}"


def _plan(day: date, answers: Answers, reader: Reader) -> None:
    """Keep the plan, unless more people would go to a home than should (S2 Annex 10)."""
    rule = people_at_home(day, pack=reader.pack)
    if len(answers.get("buddies", [])) + 1 > rule.number:
        words = say("At most {most} people go to a home, you included. Choose fewer.", most=rule.number)
        raise Refused(Unmet("too_many", words, rule.citation, "buddies"))
    children = [visit["child"] for visit in _rows(answers)]
    if len(set(children)) < len(children):
        raise Refused(Unmet("twice", say("One child stands here twice. Take one out."), "R48", "visits"))
    keyring.mint_user_key(reader.user.id)  # the keyring commits first (design §5)
    run = partial(plan_day, day, dict(answers), by=reader.user)
    commands.act("day.planned", run, by=reader.user, at=reader.at, action="find", visits=len(children))


def _colleagues(reader: Reader) -> Sequence[Any]:
    agency = agency_of(reader.user, reader.day)
    return colleagues_of(reader.user, reader.day, agency_id=agency.id) if agency else []


def _still_own(plan: Mapping[str, Any], files: Sequence[UUID]) -> dict[str, Any]:
    """The plan without children who are somebody else’s by now."""
    own = {file_id.hex for file_id in files}
    return {**plan, "visits": [visit for visit in _rows(plan) if visit["child"] in own]} if plan else {}


def _rows(plan: Mapping[str, Any]) -> list[dict[str, str]]:
    return list(plan.get("visits", []))


def _in_order(plan: Mapping[str, Any]) -> list[dict[str, str]]:
    """By the hour; those without one stay where they were put, at the end."""
    return sorted(_rows(plan), key=lambda visit: visit.get("at") or "~")


def _before(day: date, files: Sequence[UUID], plan: Mapping[str, Any], reader: Reader) -> str:
    """Above the sheet: what is due by that day, and whether each place was looked at."""
    due = _due_by(day, files, reader)
    planned = [UUID(visit["child"]) for visit in _in_order(plan)]
    ids = list(dict.fromkeys([*planned, *(one.file_id for one in due)]))
    lines, checks = child_lines(ids, reader=reader), place_checks_of(ids)
    for file_id, line in lines.items():
        line["planned"] = file_id in planned
        line["due"] = [of_deadline(one).title for one in due if one.file_id == file_id]
        line["places"] = [_place(one, reader) for one in checks.get(file_id, [])]
        line["check_url"] = form_url("follow_up.place_check", file_id)
    days = {
        "before_url": _address("day_plan", _beside(day, -1)), "after_url": _address("day_plan", _beside(day, 1)),
        "sheet_url": _address("run_sheet", day) if planned else "",
    }  # fmt: skip
    return render_to_string("pages/day_before.html", {"children": list(lines.values()), **days})


def _place(check: PlaceCheck, reader: Reader) -> dict[str, Any]:
    told = check.contents
    advice = []
    if _UNSUITABLE in (told.get("safe"), told.get("private"), told.get("child_wish")):
        advice.append(gettext("Talk somewhere else; visit all the same to see how the child lives."))
    if told.get("no_branding") == "yes":
        advice.append(gettext("No vehicle, vest or logo that tells who you are."))
    return {
        "place": term(reader.pack, "meeting_place", told["place"]), "when": check.entry.happened_on, "advice": advice,
    }  # fmt: skip
