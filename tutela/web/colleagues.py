"""The colleagues among whom a form lets somebody choose, each with what a supervisor must know: how much they carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext, ngettext

from tutela.access.queries import agency_of, assignments_of, caseworkers_of, supervised_teams
from tutela.assessment.queries import risk_levels
from tutela.closure.queries import caseloads
from tutela.forms.definition import Form, Option, Question

if TYPE_CHECKING:
    from tutela.access.models import Membership
    from tutela.web.frame import Reader

_WHOLE_AGENCY = {"closure.transfer", "access.cover"}  # elsewhere: of the team whose file it is


def with_colleagues(form: Form, reader: Reader, *, file_id: UUID | None = None) -> Form:
    """The form with colleagues to choose from at each question that asks for one; any other form as it is."""
    if not any(question.type == "colleague" for question in form.questions):
        return form
    options = _options(form.code, reader, file_id)

    def filled(question: Question) -> Question:
        return question.model_copy(update={"options": options}) if question.type == "colleague" else question

    sections = tuple(
        section.model_copy(update={"questions": tuple(map(filled, section.questions))})
        for section in form.sections
    )
    return Form.model_construct(
        code=form.code, title=form.title, intro=form.intro, source=form.source, sections=sections
    )


def cases_in_words(cases: int, risks: Counter[str]) -> str:
    """How much somebody carries: `12 open cases: 3 high, 7 medium, 2 low`. Counts only, and no judgement."""
    words = ngettext("{cases} open case", "{cases} open cases", cases).format(cases=cases)
    named = {
        "high": gettext("high"),
        "medium": gettext("medium"),
        "low": gettext("low"),
        "": gettext("risk not set yet"),
    }
    parts = [f"{risks[level]} {word}" for level, word in named.items() if risks[level]]
    return f"{words}: {', '.join(parts)}" if parts else words


def risks_by_worker(loads: dict[UUID, list[UUID]]) -> dict[UUID, Counter[str]]:
    """The open cases of each caseworker by risk level, in one query."""
    levels = risk_levels([file_id for files in loads.values() for file_id in files])
    return {user: Counter(levels.get(file_id, "") for file_id in files) for user, files in loads.items()}


def _options(code: str, reader: Reader, file_id: UUID | None) -> tuple[Option, ...]:
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        return ()
    (current,) = assignments_of([file_id]) if file_id else (None,)
    teams = None if current is None or code in _WHOLE_AGENCY else [current.team_id]
    people = _each_once(caseworkers_of(agency_id=agency.id, day=reader.day, teams=teams))
    own = {team.id for team in supervised_teams(reader.user, reader.day)}
    carried = [one.user_id for one in people if one.team_id in own]
    loads = caseloads(carried, seen_by=reader.user, day=reader.day)
    risks = risks_by_worker(loads)
    return tuple(
        Option.model_construct(code=one.user.username, label={"en": _label(one, loads, risks)}, hint={}, retired=False)
        for one in people
        if current is None or one.user_id != current.user_id
    )  # fmt: skip


def _label(one: Membership, loads: dict[UUID, list[UUID]], risks: dict[UUID, Counter[str]]) -> str:
    if one.user_id in loads:
        return f"{one.user.name} · {cases_in_words(len(loads[one.user_id]), risks[one.user_id])}"
    return f"{one.user.name} · {one.team.name}" if one.team else one.user.name


def _each_once(people: Iterable[Membership]) -> list[Membership]:
    return list({one.user_id: one for one in people}.values())
