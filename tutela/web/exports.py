"""Exports: what may leave for which purpose, asking for it, agreeing to it, fetching it, and the register (R87, R93)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from tutela import commands
from tutela.commands.exporting import Standing
from tutela.exports import queries
from tutela.exports.queries import Chosen, Told, codes_in, stage_of, told_of
from tutela.exports.rules import Profile, profile_on
from tutela.forms.definition import Option
from tutela.foundation.refusals import NotFound
from tutela.pages.dates import exact
from tutela.web.frame import Reader, show, signed_in
from tutela.web.second_factor import fresh_second_factor
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import pager, term

if TYPE_CHECKING:
    from tutela.exports.models import Export
    from tutela.forms.definition import Answers

_A_PAGE = 25
_MOST_OWN = 25
_BY_CODE = "codes"  # of the list export_which


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """What the reader may ask for, what waits for them, what they asked for, and for some the register."""
    standing = commands.exports_of(by=reader.user, at=reader.at)
    agency = standing.agency.id
    waiting = [
        one
        for one in queries.waiting_for_agreement(agency_id=agency, but=reader.user)
        if commands.may_agree(one, standing)
    ]
    context = {
        "purposes": [
            {
                "title": term(reader.pack, "export_purpose", one.purpose), "hint": _hint(one.purpose, reader),
                "named": one.identifying, "url": reverse("export_new", kwargs={"purpose": one.purpose}),
            }
            for one in standing.profiles
        ],
        "waiting": [_line(one, reader) for one in waiting],
        "own": [_line(one, reader) for one in queries.own_exports(reader.user, agency_id=agency, most=_MOST_OWN)],
        "asks": bool(standing.profiles),
    }  # fmt: skip
    if standing.sees_register:
        context |= _register(request, reader, agency)
    return show(request, reader, "pages/exports.html", context)


@signed_in
def new(request: HttpRequest, reader: Reader, purpose: str) -> HttpResponse:
    """Exactly what would leave for this purpose, and to whom and why. How many cases it is stands on the next page."""
    standing = commands.exports_of(by=reader.user, at=reader.at, verb="export.opened")
    profile = profile_on(purpose, day=standing.day, pack=standing.pack)
    if profile not in standing.profiles:
        raise NotFound

    def save(answers: Answers, sheet_id: UUID) -> str:
        export = commands.prepare_export(
            sheet_id, purpose, told=_told(answers), chosen=_chosen(answers), lock=str(answers["lock"]),
            by=reader.user, at=reader.at,
        )  # fmt: skip
        return reverse("export", kwargs={"export_id": export.id})

    about = {
        "columns": _columns(profile.fields, reader), "named": profile.identifying, "linkable": profile.linkable,
        "left_out": _left_out_words(profile.consent), "citation": profile.citation,
    }  # fmt: skip
    more = {
        "heading": term(reader.pack, "export_purpose", purpose), "main": gettext("See how many cases it is"),
        "first": render_to_string("pages/export_columns.html", about),
    }  # fmt: skip
    here = reverse("export_new", kwargs={"purpose": purpose})
    which = _which(profile, reader)
    sheet = Sheet(
        code="exports.request", action=here, back_url=reverse("exports"), begin={"which": which[0].code}, more=more,
        offered={"which": which},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


@signed_in
def export(request: HttpRequest, reader: Reader, export_id: UUID) -> HttpResponse:
    """One export: what it holds, where it stands, and what the reader can do with it."""
    found, standing = commands.read_export(export_id, by=reader.user, at=reader.at)
    return show(request, reader, "pages/export.html", _whole(found, standing, reader))


@fresh_second_factor
@signed_in
def ask(request: HttpRequest, reader: Reader, export_id: UUID) -> HttpResponse:
    """Ask for what was prepared."""
    _posted(request)
    commands.ask_export(export_id, by=reader.user, at=reader.at)
    return redirect("export", export_id=export_id)


@fresh_second_factor
@signed_in
def answer(request: HttpRequest, reader: Reader, export_id: UUID) -> HttpResponse:
    """Agree to what somebody else asked for, or not."""
    _posted(request)
    agreed = request.POST.get("agreed")
    if agreed not in ("yes", "no"):
        raise NotFound
    commands.answer_export(export_id, agreed=agreed == "yes", by=reader.user, at=reader.at)
    return redirect("export", export_id=export_id)


@fresh_second_factor
@signed_in
def passphrase(request: HttpRequest, reader: Reader, export_id: UUID) -> HttpResponse:
    """Close the file with a passphrase, and show it: this page is the only place where it ever stands."""
    _posted(request)
    words = commands.lock_export(export_id, by=reader.user, at=reader.at)
    context = {"words": words, "url": reverse("export", kwargs={"export_id": export_id})}
    return show(request, reader, "pages/export_passphrase.html", context)


@fresh_second_factor
@signed_in
def download(request: HttpRequest, reader: Reader, export_id: UUID) -> HttpResponse:
    """The closed file, for whoever asked for it."""
    _posted(request)
    name, content = commands.download_export(export_id, by=reader.user, at=reader.at)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def left_with(file_id: UUID, reader: Reader) -> list[dict[str, Any]]:
    """For the page of a file: the exports with which something of it left, to whom and for what."""
    return [
        {
            "label": term(reader.pack, "export_purpose", one.purpose), "value": told_of(one).recipient,
            "note": gettext("{when}, {named}, {number}").format(
                when=exact(one.downloaded_at), named=_named(one), number=_number(one)
            ) if one.downloaded_at else "",
        }
        for one in queries.exports_with(file_id)
    ]  # fmt: skip


# --- What the pages show ---------------------------------------------------------------------------------------


def _posted(request: HttpRequest) -> None:
    if request.method != "POST":
        raise NotFound


def _which(profile: Profile, reader: Reader) -> list[Option]:
    """Single cases by their codes only where there are names, and where a law demands them nothing else."""
    terms = reader.pack.vocabulary("export_which").terms
    some = [
        one
        for one in terms
        if (profile.identifying or one.code != _BY_CODE)
        and (profile.consent != "law" or one.code == _BY_CODE)
    ]
    return [Option(code=one.code, label=one.label) for one in some]


def _told(answers: Answers) -> Told:
    return Told(str(answers["recipient"]), str(answers["why"]), str(answers.get("age_key", "")))


def _chosen(answers: Answers) -> Chosen:
    since, until = (str(answers.get(name, "")) for name in ("since", "until"))
    if answers["which"] == _BY_CODE:
        return Chosen("all", codes=codes_in(str(answers["codes"])))
    return Chosen(
        str(answers["which"]), date.fromisoformat(since) if since else None,
        date.fromisoformat(until) if until else None,
    )  # fmt: skip


def _hint(purpose: str, reader: Reader) -> str:
    terms = {one.code: one for one in reader.pack.vocabulary("export_purpose").terms}
    return terms[purpose].hint.get("en", "") if purpose in terms else ""


def _columns(fields: Sequence[str], reader: Reader) -> list[str]:
    return [term(reader.pack, "export_field", one) for one in fields]


def _left_out_words(consent: str) -> str:
    return {
        "unless_refused": gettext("Children for whom somebody said no to being counted without a name are left out."),
        "sharing_agreed": gettext(
            "Only children for whom sharing with other organisations is agreed go along; those for whom something was to be "
            "held back do not."
        ),
        "law": gettext("It rests on the law or order that you write down, and not on consent."),
    }.get(consent, "")  # fmt: skip


def _number(one: Export) -> str:
    return gettext("Export {number}").format(number=one.number) if one.number else gettext("No number yet")


def _named(one: Export) -> str:
    return gettext("with names") if one.identifying else gettext("without names")


def _cases(number: int) -> str:
    return ngettext("{n} case", "{n} cases", number).format(n=number)


def _line(one: Export, reader: Reader) -> dict[str, Any]:
    """An export in a list."""
    return {
        "title": term(reader.pack, "export_purpose", one.purpose), "number": _number(one),
        "url": reverse("export", kwargs={"export_id": one.id}), "recipient": told_of(one).recipient,
        "cases": _cases(one.records), "named": one.identifying, "stage": _STAGES[stage_of(one)](),
        "by": one.prepared_by.name, "when": one.asked_at or one.prepared_at,
        "agreed_by": one.answered_by.name if one.answered_by and one.agreed else "",
    }  # fmt: skip


_STAGES = {
    "prepared": lambda: gettext("Not asked for yet"), "waits": lambda: gettext("Waits for a second person"),
    "declined": lambda: gettext("Not agreed to"), "being_made": lambda: gettext("Being made"),
    "to_lock": lambda: gettext("Made, to be locked"), "ready": lambda: gettext("Ready"),
    "swept": lambda: gettext("Deleted"),
}  # fmt: skip


def _register(request: HttpRequest, reader: Reader, agency: UUID) -> dict[str, Any]:
    pages = Paginator(range(queries.in_register(agency_id=agency)), _A_PAGE).get_page(request.GET.get("page"))
    lines = queries.register(agency_id=agency, start=(pages.number - 1) * _A_PAGE, most=_A_PAGE)
    return {
        "register": [_line(one, reader) for one in lines], "sees_register": True,
        "pages": pager(pages, f"{reverse('exports')}?page="),
    }  # fmt: skip


def _whole(one: Export, standing: Standing, reader: Reader) -> dict[str, Any]:
    stage, told, mine = stage_of(one), told_of(one), one.prepared_by_id == reader.user.id
    named = {"export_id": one.id}
    return {
        "line": _line(one, reader), "lede": " · ".join((_number(one), _named(one), _STAGES[stage]())),
        "stage": stage, "mine": mine, "rows": _rows(one, told, reader),
        "columns": _columns(one.columns, reader), "named": one.identifying, "second_person": one.second_person,
        "left_out": _left_out_words(one.consent), "kept_until": one.kept_until, "done": one.done, "all": one.records,
        "lock": one.lock, "may_answer": stage == "waits" and not mine and commands.may_agree(one, standing),
        "ask_url": reverse("export_ask", kwargs=named), "answer_url": reverse("export_answer", kwargs=named),
        "passphrase_url": reverse("export_passphrase", kwargs=named), "back_url": reverse("exports"),
        "download_url": reverse("export_download", kwargs=named),
    }  # fmt: skip


def _rows(one: Export, told: Told, reader: Reader) -> list[dict[str, Any]]:
    locks = term(reader.pack, "export_lock", one.lock)
    rows: list[tuple[str, Any]] = [
        (gettext("Who gets it"), told.recipient), (gettext("What they need it for"), told.why),
        (gettext("Cases"), _cases(one.records)), (gettext("How it is locked"), locks),
    ]  # fmt: skip
    if told.age_key:
        rows.append((gettext("Public age key"), told.age_key))
    rows.append((gettext("Asked for by"), _who_when(one.prepared_by.name, one.asked_at)))
    if one.answered_by:
        label = gettext("Agreed to by") if one.agreed else gettext("Not agreed to by")
        rows.append((label, _who_when(one.answered_by.name, one.answered_at)))
    if one.made_at:
        rows.append((gettext("Made"), exact(one.made_at)))
        rows.append((gettext("Cases left out"), str(one.left_out + one.unreadable)))
    if one.downloaded_at:
        rows.append((gettext("First downloaded"), exact(one.downloaded_at)))
    if one.swept_at:
        rows.append((gettext("Deleted"), exact(one.swept_at)))
    return [{"label": label, "value": value} for label, value in rows]


def _who_when(name: str, when: Any) -> str:
    return f"{name}, {exact(when)}" if when else name
