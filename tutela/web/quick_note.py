"""A quick note from the day page: child, when, whom, a few words; completed later (R118)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela import commands
from tutela.commands import Submission
from tutela.forms.definition import Option
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.pages.dates import exact
from tutela.web.forms import local_text, moment_of
from tutela.web.frame import Reader, signed_in
from tutela.web.own_files import own_files
from tutela.web.sheets import Sheet, answer_sheet
from tutela.web.showing import child_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tutela.forms.definition import Answers


@signed_in
def page(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Show the sheet, or keep the note as a contact that waits to be completed."""
    files = own_files(reader)
    if "caseworker" not in reader.roles:
        raise NotFound
    commands.read_list("note.opened", by=reader.user, at=reader.at, files=files)

    def save(answers: Answers, sheet_id: UUID) -> str:
        _note(answers, sheet_id, reader)
        messages.success(request, gettext("Saved. Complete it when there is time."))
        return reverse("today")

    sheet = Sheet(
        code="follow_up.quick_note", action=reverse("quick_note"), back_url=reverse("today"),
        begin={"at": local_text(reader.at, reader)}, more={}, offered={"child": child_options(files, reader)},
    )  # fmt: skip
    return answer_sheet(request, reader, sheet, save=save)


def child_options(files: Iterable[UUID], reader: Reader) -> list[Option]:
    """The reader’s own children as choices: label, or girl or boy and age, with the code; never the name (R125)."""
    lines = child_lines(list(files), reader=reader)
    options = [
        Option(code=file_id.hex, label={"en": f"{line['label']} · {line['code'] or _told_of(line)}"})
        for file_id, line in lines.items()
    ]
    return sorted(options, key=lambda option: option.label["en"].casefold())


def _told_of(line: dict[str, Any]) -> str:
    """What tells children apart who have no code yet: the day on which somebody told of them."""
    return gettext("told of on {day}").format(day=exact(line["opened"]))


def _note(answers: Answers, sheet_id: UUID, reader: Reader) -> None:
    """The note as a contact that does not say yet how it was, and what was said as a voice note.

    A problem of either is told at the question of the sheet.
    """
    told = {"reached": answers["reached"], "situation": answers.get("text", "")}
    moment = moment_of(str(answers["at"]), precision="minute", reader=reader)
    child = UUID(str(answers["child"]))
    notes = [Submission("follow_up.contact", child, told, sheet_id, happened_at=moment)]
    if said := answers.get("voice"):
        spoken_id = derived_id(sheet_id, "voice")
        notes.append(
            Submission("follow_up.voice_note", child, {"voice": said}, spoken_id, happened_at=moment)
        )
    try:
        commands.submit_together(notes, by=reader.user, at=reader.at)
    except NotFound:
        raise
    except Refused as refused:
        raise type(refused)(*map(_on_the_sheet, refused.unmet)) from refused


_QUESTIONS = {"situation": "text", "happened_at": "at"}


def _on_the_sheet(one: Unmet) -> Unmet:
    _, _, question = one.question.partition(".")  # before it stands which of the two notes it is about
    return Unmet(one.code, one.words, one.citation, _QUESTIONS.get(question, question))
