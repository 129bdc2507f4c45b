"""Forms that are no entry on a file, such as a service in the directory: shown and checked like every other form.

What is written is handed to a verb that the page names; it runs inside `commands.act`, as everything does that is no
submission. The id that comes with a sheet lets the verb write once what is sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tutela import commands
from tutela.access.queries import agency_of
from tutela.forms.answers import check, read_posted
from tutela.forms.offering import with_options, without
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.published.queries import form_in_force
from tutela.web.attachments import with_files
from tutela.web.colleagues import with_colleagues
from tutela.web.frame import Reader, id_from, show

if TYPE_CHECKING:
    from tutela.forms.definition import Answers, Form, Option

# Answers, the id of the sheet → the address to go to, or a page that is shown this once.
Save = Callable[["Answers", UUID], "str | HttpResponse"]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A form in front of somebody: which, what is on it already, where it is posted and where it came from.

    `more`: anything else that `pages/form_page.html` takes. `offered`: for questions whose choices are this reader’s own,
    such as their children, the options by the name of the question. `agency_id`: whose form it is, where it is written for
    another agency than the reader’s. `left_out`: questions that the page answers itself.
    """

    code: str
    action: str
    back_url: str
    begin: Mapping[str, Any]
    more: Mapping[str, Any]
    offered: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    agency_id: UUID | None = None
    left_out: Collection[str] = ()


def answer_sheet(request: HttpRequest, reader: Reader, sheet: Sheet, *, save: Save) -> HttpResponse:
    """Show a sheet, or take what was written on it. What is wrong stands at its question, and nothing is lost."""
    form = form_in_force(sheet.code, agency_id=_agency_id(sheet, reader), day=reader.day)
    if request.method != "POST":
        offering = with_options(form, sheet.offered)
        return _show(request, reader, sheet, offering, sheet.begin, version=form.version, sheet_id=new_id())
    version = request.POST.get("version") or form.version
    form = form if version == form.version else commands.form_in_version(version, code=sheet.code)
    form = with_options(form, sheet.offered)
    answers, sheet_id = read_posted(form, dict(request.POST.lists())), sheet_id_of(request)
    answers, wrong = with_files(
        request, reader, form, answers, version=version, entry_id=sheet_id, file_id=None
    )
    try:
        checked = check(form, answers, today=reader.day)
        if problems := [*wrong, *checked.problems]:
            raise Refused(*problems)
        done = save(checked.answers, sheet_id)
        return redirect(done) if isinstance(done, str) else done
    except NotFound:
        raise
    except Refused as refused:
        return _show(
            request, reader, sheet, form, answers, version=version, sheet_id=sheet_id, refused=refused
        )


def show_again(request: HttpRequest, reader: Reader, sheet: Sheet, refused: Refused) -> HttpResponse:
    """What was written on a sheet, with why it was not taken; nothing of it is checked, and nothing lost."""
    form = with_options(
        form_in_force(sheet.code, agency_id=_agency_id(sheet, reader), day=reader.day), sheet.offered
    )
    version, sheet_id = request.POST.get("version", ""), sheet_id_of(request)
    answers = read_posted(form, dict(request.POST.lists()))
    return _show(request, reader, sheet, form, answers, version=version, sheet_id=sheet_id, refused=refused)


def _show(
    request: HttpRequest, reader: Reader, sheet: Sheet, form: Form, answers: Mapping[str, Any],
    *, version: str, sheet_id: UUID, refused: Refused | None = None,
) -> HttpResponse:  # fmt: skip
    unmet: list[Unmet] = list(refused.unmet) if refused else []
    known = {question.name for question in form.questions}
    problems = {one.question: one.words for one in unmet if one.question.partition(".")[0] in known}
    context = {
        "form": with_colleagues(without(form, sheet.left_out), reader), "answers": answers, "problems": problems,
        "language": request.LANGUAGE_CODE,
        "action": sheet.action, "hidden": {"entry_id": sheet_id, "version": version},
        "attach_url": reverse("attachment"),
        "today": reader.day.isoformat(), "happened_at": None, "back_url": sheet.back_url, "back_always": True,
        "sign_in_url": reverse("account_login"), "unmet": [one for one in unmet if one.question not in problems],
    }  # fmt: skip
    status = refused.status if refused else 200
    return show(request, reader, "pages/form_page.html", context | dict(sheet.more), status=status)


def _agency_id(sheet: Sheet, reader: Reader) -> UUID:
    agency = agency_of(reader.user, reader.day)
    if agency is None:
        raise NotFound
    return sheet.agency_id or agency.id


def sheet_id_of(request: HttpRequest) -> UUID:
    """The id that came with a sheet. Raises NotFound."""
    return id_from(request.POST.get("entry_id"))
