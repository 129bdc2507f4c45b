"""Photos, recordings, papers and signatures: taking them in, opening them for who may."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from uuid import UUID

from django.conf import settings

from tutela.access.models import User
from tutela.attachments import actions, pieces, queries
from tutela.attachments.models import Attachment
from tutela.attachments.pieces import Piece
from tutela.attachments.queries import Told, seal_class_of
from tutela.audit import actions as audit
from tutela.commands.acting import act
from tutela.commands.deciding import allow, nothing_there, place_of_work
from tutela.commands.kinds import KINDS
from tutela.commands.reading import form_for, form_in_version, read
from tutela.forms.definition import Answers, Form, Question
from tutela.foundation import clock
from tutela.foundation.refusals import Forbidden, NotFound, Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.media import cleaning, scanning
from tutela.media.kinds import TAKEN, Kind
from tutela.published.queries import form_in_force
from tutela.vault import keyring
from tutela.vault.models import SealClass

_LONGEST_NAME = 120  # characters of the name of a file that are kept


@dataclass(frozen=True, kw_only=True)
class ForQuestion:
    """What something is attached for: a question of a form that somebody is writing, and on which file, if on any."""

    form: str
    version: str
    question: str
    file_id: UUID | None
    entry_id: UUID  # that the entry will have
    name: str = ""  # of the file that was chosen


@dataclass(frozen=True)
class Taken:
    """How far it has come: how many bytes there are, and whether that is all and it is kept."""

    have: int
    done: bool


def take_piece(piece: Piece, asked: ForQuestion, *, by: User, at: datetime) -> Taken:
    """Take the next piece of something; with the last one it is looked through, made anew and kept.

    Raises NotFound and Forbidden for whoever may not write this form, Conflict for a piece that came damaged, Refused with
    a sentence for what is not taken, Unavailable.
    """
    kind = _kind(asked, by=by, at=at)
    _guard_size(kind, piece.size)
    if _is_here(piece, by=by):
        return Taken(piece.size, done=True)
    keyring.mint_user_key(by.id)  # the keyring commits first (design §5)
    have = pieces.keep_piece(piece, by=by)
    if have < piece.size:
        return Taken(have, done=False)
    try:
        content = pieces.whole(piece.attachment_id, piece.size, by=by)
        _keep(piece.attachment_id, content, kind, asked, by=by, at=at)
    except Unavailable:
        raise
    except Refused:
        pieces.forget_pieces(piece.attachment_id, piece.size, by=by)
        if not _is_here(piece, by=by):  # twice at once: meanwhile the other one was kept
            raise
    pieces.forget_pieces(piece.attachment_id, piece.size, by=by)
    return Taken(piece.size, done=True)


def attach(
    attachment_id: UUID, content: bytes, asked: ForQuestion, *, size: int, by: User, at: datetime
) -> None:
    """Keep something that came with its form, of which there were `size` bytes. Raises as `take_piece` does."""
    kind = _kind(asked, by=by, at=at)
    _guard_size(kind, size)
    keyring.mint_user_key(by.id)
    _keep(attachment_id, content, kind, asked, by=by, at=at)


def read_attachment(attachment_id: UUID, *, file_id: UUID, by: User, at: datetime) -> tuple[Told, bytes]:
    """What is attached on a file, for who may read its part of the file, with the row that says so. Raises NotFound."""
    row = queries.on_file(attachment_id, file_id=file_id)
    if row is None:
        nothing_there(by=by, at=at, act="attachment.read", file_id=file_id)
    try:
        read(
            "attachment.read", file_id, by=by, at=at, field_class=row.seal_class, attachment=str(attachment_id)
        )  # fmt: skip
    except Forbidden:  # of the file they may know, of this not even that it is there
        raise NotFound from None
    return queries.told_of(row), queries.content_of(row)


def problems_of_attached(form: Form, answers: Answers, *, file_id: UUID, by: User) -> Iterator[Unmet]:
    """Answers that name what is not there, not theirs, on another file, or of another kind or privacy."""
    rows = queries.with_ids(_attached(form, answers))
    for question in form.attached:
        for one in answers.get(question.name, []):
            row = rows.get(UUID(str(one)))
            if row is None or not _answers(row, question, file_id=file_id, by=by):
                words = say("Something that was added here is gone. Add it again.")
                yield Unmet("attachment_gone", words, question=question.name)
                break


def _answers(row: Attachment, question: Question, *, file_id: UUID, by: User) -> bool:
    """Whether it can stand in an answer: added by whoever sends it, or on the file already under the same key."""
    if row.file_id is None:
        theirs = row.user_id == by.id
    else:
        theirs = row.file_id == file_id and row.seal_class == seal_class_of(question)
    return theirs and queries.told_of(row).kind == question.type


def send_attached(form: Form, answers: Answers, *, file_id: UUID, entry_id: UUID, by: UUID) -> None:
    """Seal what an entry brings along under the keys of its file, in the transaction of the entry."""
    if attached := _attached(form, answers):
        actions.send(attached, file_id=file_id, entry_id=entry_id, by=by)


def _attached(form: Form, answers: Answers) -> Mapping[UUID, SealClass]:
    return {
        UUID(str(one)): seal_class_of(question)
        for question in form.attached
        for one in answers.get(question.name, [])
    }


def _kind(asked: ForQuestion, *, by: User, at: datetime) -> Kind:
    """What the question asks for. Raises NotFound and Forbidden for whoever may not write the form it is on."""
    if asked.form in KINDS:
        form = form_for(asked.form, file_id=asked.file_id, by=by, at=at)
    else:  # the sheet of a caseworker, which is no entry on a file
        agency, zone = place_of_work(None, by=by, at=at, act="attachment.kept")
        allow("open_file", file_id=None, agency=agency, by=by, at=at, act="attachment.kept")
        form = form_in_force(asked.form, agency_id=agency.id, day=clock.local_day(at, zone))
    if asked.version != form.version:
        form = form_in_version(asked.version, code=asked.form)
    question = next((one for one in form.attached if one.name == asked.question), None)
    if question is None:
        raise NotFound
    return cast("Kind", question.type)


def _is_here(piece: Piece, *, by: User) -> bool:
    """Whether all of it came before. Raises NotFound where its id is somebody else's."""
    row = queries.with_ids([piece.attachment_id]).get(piece.attachment_id)
    if row is not None and row.user_id != by.id:
        raise NotFound
    return row is not None


def _guard_size(kind: Kind, size: int) -> None:
    if not 0 < size <= TAKEN[kind].most_bytes:
        raise Refused(
            Unmet("too_large", say("This is empty or too large. {taken}", taken=TAKEN[kind].asked_for))
        )


def _keep(
    attachment_id: UUID, content: bytes, kind: Kind, asked: ForQuestion, *, by: User, at: datetime
) -> None:
    _guard_against_viruses(content, asked, by=by, at=at)
    made = cleaning.made_anew(kind, content)
    name = asked.name[:_LONGEST_NAME] if kind == "file" else ""  # photos and recordings are made here
    run = partial(
        actions.keep, attachment_id, made, kind=kind, name=name, entry_id=asked.entry_id, by=by, at=at
    )
    act(
        "attachment.kept",
        run,
        by=by,
        at=at,
        file_id=asked.file_id,
        attachment=str(attachment_id),
        form=asked.form,
    )


def _guard_against_viruses(content: bytes, asked: ForQuestion, *, by: User, at: datetime) -> None:
    """Raises Refused for what the scanner finds something in, with a row in the log, and Unavailable where it fails."""
    scanner = scanning.scanner_on(settings.CLAMAV)
    try:
        if not scanner or scanning.is_clean(content, scanner=scanner):
            return
    except scanning.ScannerFailed:
        words = say(
            "Files cannot be checked for viruses just now, so none is taken. Send the form without it."
        )
        raise Unavailable(Unmet("not_scanned", words)) from None
    audit.record(
        act="attachment.infected", by=by.id, at=at, file_id=asked.file_id, allowed=False, form=asked.form
    )
    words = say(
        "A virus was found in this file, so it was not taken. Tell whoever looks after your computers."
    )
    raise Refused(Unmet("infected", words))
