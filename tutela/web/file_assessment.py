"""Assessment: what endangers and what protects side by side, the level somebody chose and why, and what is still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela import commands
from tutela.assessment.queries import (
    assessments,
    assessments_asked,
    lowering_waiting,
    lowerings_answered,
    needs,
    risk_history,
    word_on_assessment,
)
from tutela.cases.entries import OpenEntry
from tutela.cases.queries import entry_of, last_entry, names_of
from tutela.closure.queries import is_closed
from tutela.deadlines.starts import forms_to_start
from tutela.forms.definition import in_language
from tutela.protocols.packs import Pack
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import answer_parts, form_url, supervisor_word, term

if TYPE_CHECKING:
    from tutela.assessment.models import Assessment
    from tutela.cases.models import CaseFile

_INCIDENT = {  # what a row about an incident says, and the list of each
    "what": "safety_threat_detail", "occurrence": "occurrence", "place": "incident_place",
    "frequency": "incident_frequency", "suspected_who": "suspected_person",
}  # fmt: skip

_HOW_WE_WORK = ("difficulties", "how")  # sections of what more is known of a child


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Factors, needs, parts of life and the history of the risk level. Nothing here is worked out (R22)."""
    file, may = read_file(reader, file_id, "assessment.read")
    pack, told = pack_of(reader, file), assessments(file.id)
    whole = _newest_comprehensive(file, told, may)
    change = {"words": gettext("Change the risk level"), "url": form_url("assessment.risk", file.id)}
    levels = _levels(file.id, pack)
    context = {
        "main": change if "write" in may and not is_closed(file.id) else None,
        "levels": levels,
        "waiting": _waiting(file.id, pack),
        "word": _word(file.id),
        "factors": _factors(told, whole, pack) if told else [],
        "needs": [_need(one.contents, pack) for one in needs(file.id)],
        "explored": _explored(whole, pack),
        "open": _open(whole, pack),
        "whole": _entry_link(file.id, whole) if whole else None,
        "finished": whole is not None and whole.fact("assessment").get("finished") == "yes",
        "left_out": whole is None and bool(levels) and _may_be_left_out(levels[0]["level"], pack),
        "together": _together(file.id),
        "starts": _starts(reader, file) if "write" in may else [],
    }
    return show_file(request, reader, file, may, "file_assessment", context)


def _newest_comprehensive(file: CaseFile, told: Sequence[Assessment], may: set[str]) -> OpenEntry | None:
    """The last comprehensive assessment: each goes on from the one before, so it says the whole."""
    found = [one.entry_id for one in told if one.contents["kind"] == "comprehensive"]
    classes = frozenset({"case", "confidential"} if "confidential" in may else {"case"})
    return entry_of(found[-1], file_id=file.id, classes=classes) if found else None


def _levels(file_id: UUID, pack: Pack) -> list[dict[str, Any]]:
    """Every level that held, the newest first, with who chose it, when and why (R23)."""
    history, asked = risk_history(file_id), lowerings_answered(file_id)
    wishes = {one.entry_id: asked[one.entry_id].entry for one in history if one.entry_id in asked}
    who = names_of([one.entry.done_by_id for one in history] + [one.done_by_id for one in wishes.values()])
    return [
        {
            "level": one.level, "words": term(pack, "risk_level", one.level), "when": one.entry.happened_on,
            "by": who[one.entry.done_by_id], "reason": one.contents["reason"],
            "asked_by": who[wishes[one.entry_id].done_by_id]
            if one.entry.form_code == "assessment.risk_agreement" and one.entry_id in wishes
            else "",
        }
        for one in reversed(history)
    ]  # fmt: skip


def _waiting(file_id: UUID, pack: Pack) -> dict[str, Any] | None:
    wish = lowering_waiting(file_id)
    return (
        {"words": term(pack, "risk_level", wish.level), "reason": wish.contents["reason"]} if wish else None
    )


def _word(file_id: UUID) -> str:
    """A supervisor’s word on what was assessed last: what was said, or that it is asked for (R37)."""
    talk = gettext("Your supervisor wants to talk it over with you.")
    return supervisor_word(
        word_on_assessment(file_id), waits=bool(assessments_asked(file_id)), otherwise=talk
    )


def _factors(told: Sequence[Assessment], whole: OpenEntry | None, pack: Pack) -> list[dict[str, Any]]:
    """The three columns of S2 Figs 7–10, each in its own words and without any sum."""
    threats: list[dict[str, Any]] = [
        {"label": "", "items": _terms(pack, "safety_threat", _named(told, "threats"))}
    ]
    if details := _incidents(whole, pack):
        threats.append({"label": gettext("Confidential"), "items": details, "confidential": True})
    vulnerable = _grouped(pack, "vulnerability", "vulnerability_group", _named(told, "vulnerabilities"))
    if barriers := _terms(pack, "barrier", _named(told, "barriers")):
        vulnerable.append({"label": gettext("In the way of help"), "items": barriers})
    protects = _grouped(pack, "protective_factor", "protection_group", _named(told, "protective_factors"))
    return [
        {"title": gettext("What endangers"), "groups": threats},
        {"title": gettext("What makes more vulnerable"), "groups": vulnerable},
        {"title": gettext("What protects"), "groups": protects},
    ]


def _named(told: Sequence[Assessment], field: str) -> list[str]:
    """What the newest assessment says that says anything of it."""
    return next((one.contents[field] for one in reversed(told) if one.contents.get(field)), [])


def _terms(pack: Pack, vocabulary: str, codes: Iterable[str]) -> list[str]:
    return [term(pack, vocabulary, code) for code in codes]


def _grouped(pack: Pack, vocabulary: str, groups: str, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Terms under the group that their list maps them to; those without one stand last."""
    group_of = {one.code: one.maps_to.get(groups, "") for one in pack.vocabulary(vocabulary).terms}
    found = []
    for group in (*pack.vocabulary(groups).codes, ""):
        if items := [code for code in codes if group_of.get(code, "") == group]:
            label = term(pack, groups, group) if group else ""
            found.append({"label": label, "items": _terms(pack, vocabulary, items)})
    return found


def _incidents(whole: OpenEntry | None, pack: Pack) -> list[str]:
    """Details of incidents, for whoever may open that section; nothing for anybody else (R86)."""
    rows: Any = whole.answers.get("incidents", []) if whole else []
    return [
        " · ".join(
            term(pack, vocabulary, row[name]) for name, vocabulary in _INCIDENT.items() if row.get(name)
        )
        for row in rows
    ]


def _need(need: dict[str, Any], pack: Pack) -> dict[str, Any]:
    state = need.get("state", "")
    return {
        "text": need["text"],
        "state": term(pack, "need_state", state) if state else "",
        "met": state == "met",
    }


def _rows(whole: OpenEntry | None) -> list[dict[str, str]]:
    """What was learned of each part of life; a part that was only named, or not asked about, is still open (R126)."""
    rows: Any = whole.answers.get("domains", []) if whole else []
    said = ("told", "risks", "strengths", "needs")
    return [
        row
        for row in rows
        if any(row.get(name) for name in said)
        or row.get("no_answer", "not_asked") not in ("not_asked", "unknown")
    ]


def _explored(whole: OpenEntry | None, pack: Pack) -> list[dict[str, Any]]:
    return [
        {
            "title": term(pack, "life_domain", row["domain"]),
            "told": row.get("told", ""),
            "parts": [
                {"label": label, "text": row[name]}
                for name, label in (
                    ("risks", gettext("What worries us")), ("strengths", gettext("What is strong")),
                    ("needs", gettext("What is needed")),
                )
                if row.get(name)
            ],
            "no_answer": term(pack, "no_answer_about_harm", row["no_answer"]) if row.get("no_answer") else "",
        }
        for row in _rows(whole)
    ]  # fmt: skip


def _open(whole: OpenEntry | None, pack: Pack) -> list[str]:
    explored = {row["domain"] for row in _rows(whole)}
    return _terms(
        pack, "life_domain", [one for one in pack.vocabulary("life_domain").codes if one not in explored]
    )


def _may_be_left_out(level: str, pack: Pack) -> bool:
    """Whether the pack asks for no comprehensive assessment at this level (R25)."""
    return pack.leaves_out(f"deadline.{level}.assessment.start")


def _together(file_id: UUID) -> list[dict[str, Any]]:
    """How to work with this child (R75)."""
    known = last_entry("assessment.circumstances", file_id=file_id, about=None)
    if known is None:
        return []
    sections = [one for one in known.form.sections if one.name in _HOW_WE_WORK]
    names = {question.name for section in sections for question in section.questions}
    return [part for part in answer_parts(known) if part["name"] in names]


def _entry_link(file_id: UUID, entry: OpenEntry) -> dict[str, Any]:
    return {
        "url": reverse("file_entry", kwargs={"file_id": file_id, "entry_id": entry.id}), "when": entry.happened_on,
    }  # fmt: skip


def _starts(reader: Reader, file: CaseFile) -> list[dict[str, str]]:
    """The forms of this step that may be begun now."""
    titles, language = commands.form_titles(file, day=reader.day), get_language() or "en"
    offered = [
        code for group in forms_to_start(file.id) for code in group.forms if code.startswith("assessment.")
    ]
    return [
        {"words": in_language(titles[code], language), "url": form_url(code, file.id)}
        for code in offered
        if code in titles
    ]
