"""Photos, recordings, papers: coming in, in pieces or with their form; and going out, where they cannot run."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from tutela import commands
from tutela.attachments.pieces import Piece
from tutela.commands import ForQuestion
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.media.kinds import TAKEN
from tutela.pages.spoken import sentences
from tutela.web.frame import Reader, id_from, signed_in

if TYPE_CHECKING:
    from django.http import QueryDict

    from tutela.forms.definition import Form

# What is sent runs nowhere: no script, no frame, nothing fetched, no place of its own.
_NOWHERE = "sandbox; default-src 'none'"
_MOST_DIGITS = 9  # of a number of bytes


@signed_in
def piece(request: HttpRequest, reader: Reader, file_id: UUID | None = None) -> HttpResponse:
    """Take a piece of something that is added to a form, and say how far it has come. Called by the page itself."""
    if request.method != "POST":
        raise NotFound
    came = request.FILES.get("piece")
    try:
        taken = commands.take_piece(
            _piece(request.POST, came.read() if came else b""),
            _asked(request.POST, request.POST.get("question", ""), file_id),
            by=reader.user, at=reader.at,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refused:
        said = sentences([one.words for one in refused.unmet])
        return JsonResponse({"problem": " ".join(said)}, status=refused.status)
    return JsonResponse({"have": taken.have, "done": taken.done})


@signed_in
def show(request: HttpRequest, reader: Reader, file_id: UUID, attachment_id: UUID) -> HttpResponse:
    """What is attached on a file. Pictures and recordings were made here and may show in a page; a paper is saved."""
    told, content = commands.read_attachment(attachment_id, file_id=file_id, by=reader.user, at=reader.at)
    kept_as = TAKEN[told.kind]
    response = HttpResponse(content, content_type=kept_as.becomes)
    how = "attachment" if told.kind == "file" else "inline"
    response["Content-Disposition"] = f'{how}; filename="{told.kind}.{kept_as.ending}"'
    response["Content-Security-Policy"] = _NOWHERE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def with_files(
    request: HttpRequest, reader: Reader, form: Form, answers: Mapping[str, Any],
    *, version: str, entry_id: UUID, file_id: UUID | None,
) -> tuple[dict[str, Any], list[Unmet]]:  # fmt: skip
    """The answers with what was chosen on a page without script, and what of it was not taken, each at its question."""
    with_them, problems = dict(answers), []
    for question in form.attached:
        for came in request.FILES.getlist(question.name):
            asked = ForQuestion(
                form=form.code, version=version, question=question.name, file_id=file_id, entry_id=entry_id,
                name=came.name or "",
            )  # fmt: skip
            content = came.read()
            # The same form sent twice brings the same answers, and is written once.
            attachment_id = derived_id(entry_id, f"{question.name} {sha256(content).hexdigest()}")
            try:
                commands.attach(
                    attachment_id, content, asked, size=came.size or 0, by=reader.user, at=reader.at
                )
            except NotFound:
                raise
            except Refused as refused:
                problems += [Unmet(one.code, one.words, one.citation, question.name) for one in refused.unmet]
            else:
                with_them[question.name] = [*with_them.get(question.name, []), str(attachment_id)]
    return with_them, problems


def _asked(posted: QueryDict, question: str, file_id: UUID | None) -> ForQuestion:
    return ForQuestion(
        form=posted.get("form", ""), version=posted.get("version", ""), question=question, file_id=file_id,
        entry_id=id_from(posted.get("entry_id")), name=posted.get("name", ""),
    )  # fmt: skip


def _piece(posted: QueryDict, content: bytes) -> Piece:
    return Piece(
        attachment_id=id_from(posted.get("attachment_id")), content=content, digest=posted.get("digest", ""),
        size=_number(posted.get("size", "")), offset=_number(posted.get("offset", "")),
    )  # fmt: skip


def _number(written: str) -> int:
    """Raises NotFound, as an id does that is none."""
    if not written.isascii() or not written.isdecimal() or len(written) > _MOST_DIGITS:
        raise NotFound
    return int(written)
