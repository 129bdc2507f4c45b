"""What our criteria say, in words: beside a screening, and as a page that can be shown to anybody (R3, R5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext

from tutela.access.queries import agency_of
from tutela.cases.queries import child_of
from tutela.cases.rules import ages_on
from tutela.foundation.refusals import NotFound
from tutela.intake.rules import ANY, Advice, by_age, criteria, last_verified
from tutela.pages.dates import exact
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import term

if TYPE_CHECKING:
    from uuid import UUID

_REASONS = ("care_reform_trigger", "care_reform_exclusion")


def beside_screening(answers: Mapping[str, Any], *, file_id: UUID, pack: Pack, day: date) -> str:
    """What the criteria say about the answers of a screening, as HTML to stand above them."""
    said = criteria(answers, pack=pack, day=day)
    silent = [_of_either(code, pack) for code in said.silent_on]
    return render_to_string(
        "pages/criteria_say.html",
        {
            "rows": [{"cells": _cells(one, pack)} for one in said.advice],
            "columns": _columns(), "silent": silent, "three": _three(said.answers_agree),
            "age": _age(file_id, pack, day), "version": exact(said.version), "review": exact(said.review_on),
            "citation": said.citation, "url": reverse("intake_criteria"),
        },
    )  # fmt: skip


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The criteria as a whole, and what they are about in words for children. Nothing here is about anybody."""
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    pack = pack_in_force(agency.id, reader.day)
    matrix = rule_on("screening.matrix", day=reader.day, pack=pack)
    reform = rule_on("screening.care_reform", day=reader.day, pack=pack)
    verified = last_verified("screening.matrix", pack=pack, day=reader.day)
    review = criteria({}, pack=pack, day=reader.day).review_on
    context = {
        "matrix": {
            "columns": _columns(),
            "rows": [
                {"cells": _matrix_cells(row, pack)} for row in matrix.rows
            ],
        },
        "reform": {
            "columns": [gettext("Reason"), gettext("Our criteria say")],
            "rows": [{"cells": [_reason(str(row["reason"]), pack), _says(str(row["says"]), pack)]} for row in reform.rows],
        },
        "for_children": [
            {"title": title, "rows": _for_children(vocabulary, pack)}
            for title, vocabulary in (
                (gettext("What hurts children"), "safety_threat"), (gettext("What makes it harder"), "vulnerability"),
            )
        ],
        "version": verified, "review": review, "late": review < reader.day, "sources": [matrix.citation, reform.citation],
    }  # fmt: skip
    return show(request, reader, "pages/criteria.html", context)


def _columns() -> list[str]:
    return [gettext("About the child"), gettext("Safety threat"), gettext("Our criteria say")]


def _cells(one: Advice, pack: Pack) -> list[str]:
    if one.reason:
        return [_reason(one.reason, pack), "", _says(one.says, pack)]
    anything = gettext("Whatever it is")
    return [
        term(pack, "vulnerability", one.vulnerability) or anything,
        term(pack, "safety_threat", one.threat) or anything,
        _says(one.says, pack),
    ]


def _matrix_cells(row: Mapping[str, Any], pack: Pack) -> list[str]:
    sides = (("vulnerability", str(row["vulnerability"])), ("safety_threat", str(row["threat"])))
    words = [gettext("Whatever it is") if code == ANY else term(pack, name, code) for name, code in sides]
    return [*words, _says(str(row["says"]), pack)]


def _says(code: str, pack: Pack) -> str:
    return term(pack, "criteria_advice", code)


def _reason(code: str, pack: Pack) -> str:
    return next((term(pack, name, code) for name in _REASONS if code in pack.vocabulary(name).codes), "")


def _of_either(code: str, pack: Pack) -> str:
    name = "vulnerability" if code in pack.vocabulary("vulnerability").codes else "safety_threat"
    return term(pack, name, code)


def _three(agree: bool | None) -> str:
    if agree is None:
        return gettext("Not all of the three questions are answered yet.")
    if agree:
        return gettext("The three questions are answered yes.")
    return gettext(
        "One of the three questions is answered no: give information, or refer elsewhere, and say so."
    )


def _age(file_id: UUID, pack: Pack, day: date) -> str:
    """What the age on file comes to for the first question; nothing where no age is known."""
    child = child_of(file_id)
    between = ages_on(day, known=child.contents) if child else None
    if between is None:
        return gettext("No age is on file. In doubt, the person is a child.")
    words = {
        "child": gettext("By the age on file this is a child."),
        "in_doubt_a_child": gettext("By the ages on file this may be a child or not: in doubt, a child."),
        "young_adult": gettext(
            "By the age on file this is a young adult: a best interests procedure may go on where it was begun before 18, or "
            "where they are the main carer of a child."
        ),
        "grown_up": gettext("By the age on file this is an adult."),
    }
    return words[by_age(*between, pack=pack, day=day)]


def _for_children(vocabulary: str, pack: Pack) -> list[dict[str, str]]:
    """Each term as caseworkers call it, and in words for children."""
    return [
        {
            "label": term(pack, vocabulary, one.code),
            "value": term(pack, f"{vocabulary}_for_children", one.code),
        }
        for one in pack.vocabulary(f"{vocabulary}_for_children").terms
    ]
