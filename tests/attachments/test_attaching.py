"""Adding to a form, sending it, opening it, and what becomes of what was never sent."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction

from tests.attachments.adding import added, asked, piece, take
from tests.attachments.made import PLACE, paper, photo, recording
from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela import commands
from tutela.attachments.models import Attachment
from tutela.attachments.pieces import PIECE
from tutela.attachments.queries import attachments_of
from tutela.audit.models import AuditRow
from tutela.cases.drafts import OpenDraft, Place
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused
from tutela.vault import opened_keys
from tutela.vault.errors import Tampered

pytestmark = pytest.mark.django_db(transaction=True)

EVERY = frozenset({"case", "identity", "confidential"})


def folder() -> Path:
    return Path(settings.ATTACHMENTS)


def in_the_folder() -> list[str]:
    return sorted(path.name for path in folder().iterdir())


def document(cast: Cast, file: UUID, /, **answers: Any) -> Any:
    return submit("cases.document", {"kind": "medical", **answers}, by=cast.caseworker, file=file)


def read(attachment: str, file: UUID, by: Any) -> bytes:
    return commands.read_attachment(UUID(attachment), file_id=file, by=by, at=START)[1]


# --- From the device to the file --------------------------------------------------------------------------


@pytest.mark.covers("R119")
def test_a_photo_is_sealed_under_its_file_once_its_form_is_sent(cast: Cast) -> None:
    file = a_file(cast)
    one = added(file, by=cast.caseworker)
    before = Attachment.objects.get(id=one)
    assert (before.file_id, before.seal_class) == (None, "")
    entry = document(cast, file, pages=[one])
    after = Attachment.objects.get(id=one)
    assert (after.file_id, after.seal_class, after.entry_id) == (file, "identity", entry.entry_id)
    assert in_the_folder() == [after.blob.hex], "what lay there before is gone, and its name tells nothing"
    assert read(one, file, cast.supervisor).startswith(b"\xff\xd8")


def test_a_paper_keeps_its_name_and_says_it_to_readers_only(cast: Cast) -> None:
    file = a_file(cast)
    one = added(file, paper(), by=cast.caseworker, question="file", name="Report of Amina.pdf")
    document(cast, file, file=[one])
    (kept,) = attachments_of(file, classes=EVERY)
    assert (kept.told.name, kept.told.kind) == ("Report of Amina.pdf", "file")
    assert all(b"Amina" not in path.read_bytes() and "Amina" not in path.name for path in folder().iterdir())
    assert attachments_of(file, classes={"case"}) == []


def test_the_same_sent_twice_is_written_once(cast: Cast) -> None:
    file, entry = a_file(cast), new_id()
    one = added(file, by=cast.caseworker)
    first, again = (
        submit(
            "cases.document",
            {"kind": "medical", "pages": [one]},
            by=cast.caseworker,
            file=file,
            entry_id=entry,
        )
        for _ in range(2)
    )
    assert (first.repeated, again.repeated) == (False, True)
    assert len(in_the_folder()) == 1


def test_a_refused_form_leaves_what_was_added_where_it_was(cast: Cast) -> None:
    file = a_file(cast)
    one = added(file, by=cast.caseworker)
    with pytest.raises(Refused):
        document(cast, file, pages=[one], kind=None)
    assert Attachment.objects.get(id=one).file_id is None
    document(cast, file, pages=[one])
    assert read(one, file, cast.caseworker)


def test_a_correction_keeps_what_was_attached(cast: Cast) -> None:
    file = a_file(cast)
    one = added(file, by=cast.caseworker)
    first = document(cast, file, pages=[one])
    again = submit(
        "cases.document",
        {"kind": "school", "pages": [one]},
        by=cast.caseworker,
        file=file,
        amends=first.entry_id,
    )
    assert again.revision == first.revision + 1
    assert read(one, file, cast.caseworker)


def test_an_answer_takes_what_is_there_theirs_and_of_its_kind(cast: Cast) -> None:
    file, other = a_file(cast), a_case(cast)
    voice = added(file, recording(1), by=cast.caseworker, form="follow_up.voice_note", question="voice")
    sent_elsewhere = added(other, by=cast.caseworker)
    document(cast, other, pages=[sent_elsewhere])
    by_another = added(submit("intake.identification", by=cast.both).file_id, by=cast.both)
    for wrong in (str(new_id()), voice, sent_elsewhere, by_another):
        with pytest.raises(Refused) as refused:
            document(cast, file, pages=[wrong])
        assert [(one.question, one.code) for one in refused.value.unmet] == [("pages", "attachment_gone")]
    for malformed in ("no id", ["no id"], [7], {"id": voice}):
        with pytest.raises(Refused) as refused:
            document(cast, file, pages=malformed)
        assert [one.question for one in refused.value.unmet] == ["pages"]
    six = [added(file, by=cast.caseworker) for _ in range(6)]
    with pytest.raises(Refused) as refused:
        document(cast, file, pages=six)
    assert "there can be 5" in str(refused.value.unmet[0].words)


def test_the_consent_of_somebody_stands_on_the_photo_of_the_page(cast: Cast) -> None:
    file = a_file(cast)
    page, drawn = (
        added(file, question=question, form="consent.consent", by=cast.caseworker)
        for question in ("signed_page", "signature")
    )
    answers = {"agreed": ["participation"], "form": "written", "signed_page": [page], "signature": [drawn]}
    submit("consent.consent", answers, by=cast.caseworker, file=file)
    assert {one.told.kind for one in attachments_of(file, classes=EVERY)} == {"photo", "signature"}


def test_facts_are_made_again_as_they_were(cast: Cast) -> None:
    file = a_file(cast)
    document(cast, file, pages=[added(file, by=cast.caseworker)])
    assert commands.rebuild(file, keep=False) == []


def test_a_page_that_was_sent_when_the_connection_broke_is_sent_again_by_whoever_wrote_it_only(
    cast: Cast,
) -> None:
    file = a_file(cast)
    one, content = new_id(), photo(64, 48)
    for _ in range(2):
        taken = take(content, 0, one, asked(file), by=cast.caseworker)
        assert (taken.have, taken.done) == (len(content), True)
    with pytest.raises(NotFound):
        take(content, 0, one, asked(submit("intake.identification", by=cast.both).file_id), by=cast.both)
    assert Attachment.objects.count() == len(in_the_folder()) == 1


# --- In pieces --------------------------------------------------------------------------------------------


def in_pieces() -> bytes:
    content = recording(4)
    assert 2 * PIECE < len(content) < 3 * PIECE
    return content


def test_it_goes_on_where_it_stopped(cast: Cast) -> None:
    file, one, content = a_file(cast), new_id(), in_pieces()
    about = asked(file, form="follow_up.voice_note", question="voice")
    assert take(content, 0, one, about, by=cast.caseworker).have == PIECE
    assert take(content, 0, one, about, by=cast.caseworker).have == PIECE, "the same piece again is fine"
    assert take(content, 2 * PIECE, one, about, by=cast.caseworker).have == PIECE, "not yet: one is missing"
    opened_keys.forget_all()  # the server was killed
    assert take(content, PIECE, one, about, by=cast.caseworker).have == 2 * PIECE
    assert take(content, 2 * PIECE, one, about, by=cast.caseworker).done
    assert len(in_the_folder()) == 1, "the pieces are gone"
    submit("follow_up.voice_note", {"voice": [str(one)]}, by=cast.caseworker, file=file)
    assert read(str(one), file, cast.caseworker).startswith(b"OggS")


def test_a_piece_that_came_damaged_is_not_kept(cast: Cast) -> None:
    file, one, content = a_file(cast), new_id(), in_pieces()
    about = asked(file, form="follow_up.voice_note", question="voice")
    wrong: list[dict[str, Any]] = [
        {"digest": "0" * 64}, {"content": content[:PIECE][::-1]}, {"content": content[:100]}, {"content": b""},
        {"offset": 5}, {"offset": 3 * PIECE}, {"size": 0},
    ]  # fmt: skip
    for changed in wrong:
        with pytest.raises(Refused):
            take(content, 0, one, about, by=cast.caseworker, **changed)
    assert in_the_folder() == []


def test_pieces_lie_sealed_and_a_changed_one_is_found(cast: Cast) -> None:
    file, one, content = a_file(cast), new_id(), in_pieces()
    about = asked(file, form="follow_up.voice_note", question="voice")
    for offset in (0, PIECE):
        take(content, offset, one, about, by=cast.caseworker)
    assert not [
        one for one in folder().iterdir() if PLACE in one.read_bytes() or b"WAVEfmt " in one.read_bytes()
    ]
    first = min(folder().iterdir())
    sealed = first.read_bytes()
    first.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(Refused) as refused:
        take(content, 2 * PIECE, one, about, by=cast.caseworker)
    assert "Add it again" in str(refused.value.unmet[0].words)
    assert in_the_folder() == []


def test_what_is_too_large_is_refused_with_its_first_piece(cast: Cast) -> None:
    file = a_file(cast)
    with pytest.raises(Refused) as refused:
        take(os.urandom(PIECE), 0, new_id(), asked(file), by=cast.caseworker, size=30_000_000)
    assert "20 MB at most" in str(refused.value.unmet[0].words)
    assert in_the_folder() == []


def test_what_is_not_taken_leaves_nothing_behind(cast: Cast) -> None:
    file = a_file(cast)
    with pytest.raises(Refused):
        take(b"MZ" + os.urandom(400), 0, new_id(), asked(file), by=cast.caseworker)
    assert in_the_folder() == []
    assert not Attachment.objects.exists()


def test_only_whoever_may_write_the_form_adds_to_it(cast: Cast) -> None:
    file, content = a_file(cast), photo(64, 48)
    for who, refusal in (
        (cast.colleague, NotFound), (cast.elsewhere, NotFound), (cast.administrator, NotFound), (cast.outsider, NotFound),
        (cast.supervisor, Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal):
            take(content, 0, new_id(), asked(file), by=who)
    for question in ("kind", "nothing"):
        with pytest.raises(NotFound):
            take(content, 0, new_id(), asked(file, question=question), by=cast.caseworker)
    assert in_the_folder() == []


# --- Reading ----------------------------------------------------------------------------------------------


def test_each_reading_leaves_a_row_and_so_does_each_denial(cast: Cast) -> None:
    file = a_file(cast)
    one = added(file, by=cast.caseworker)
    document(cast, file, pages=[one])
    read(one, file, cast.supervisor)
    for who in (cast.colleague, cast.outsider, cast.administrator):
        with pytest.raises(NotFound):
            read(one, file, who)
    rows = AuditRow.objects.filter(act="attachment.read").order_by("id")
    assert [row.allowed for row in rows] == [True, False, False, False]
    assert rows[0].detail["attachment"] == one


def test_what_belongs_to_the_confidential_part_does_not_exist_for_the_supervisor(cast: Cast) -> None:
    """No form asks for such a photo yet; a pack of a country may."""
    from tutela.attachments.actions import send

    file = a_file(cast)
    one = added(file, by=cast.caseworker)
    with transaction.atomic():
        send({UUID(one): "confidential"}, file_id=file, entry_id=new_id(), by=cast.caseworker.id)
    assert read(one, file, cast.caseworker)
    with pytest.raises(NotFound):
        read(one, file, cast.supervisor)
    assert not AuditRow.objects.filter(act="attachment.read", by=cast.supervisor.id, allowed=True).exists()


def test_it_is_found_on_its_own_file_only_and_not_before_it_is_sent(cast: Cast) -> None:
    file, other = a_file(cast), a_case(cast)
    one = added(file, by=cast.caseworker)
    with pytest.raises(NotFound):
        read(one, file, cast.caseworker)
    document(cast, file, pages=[one])
    with pytest.raises(NotFound):
        read(one, other, cast.caseworker)


def test_a_changed_swapped_or_missing_file_does_not_open(cast: Cast) -> None:
    file = a_file(cast)
    one, two = (added(file, photo(size, 48), by=cast.caseworker) for size in (64, 66))
    document(cast, file, pages=[one, two])
    paths = [folder() / Attachment.objects.get(id=which).blob.hex for which in (one, two)]
    sealed = [path.read_bytes() for path in paths]
    flipped = sealed[0][:50] + bytes([sealed[0][50] ^ 1]) + sealed[0][51:]
    for changed in (sealed[1], sealed[0][:-1], flipped, b""):
        paths[0].write_bytes(changed)
        with pytest.raises(Tampered):
            read(one, file, cast.caseworker)
    paths[0].unlink()
    with pytest.raises(Tampered):
        read(one, file, cast.caseworker)
    assert read(two, file, cast.caseworker)


# --- What was never sent ----------------------------------------------------------------------------------


def test_what_was_never_sent_goes_after_a_week_and_what_a_draft_holds_stays(cast: Cast) -> None:
    file, entry = a_file(cast), new_id()
    gone, held = added(file, by=cast.caseworker), added(file, by=cast.caseworker, entry_id=entry)
    version = asked(file).version
    draft = OpenDraft(entry, version, 1, {"answers": {"pages": [held]}})
    commands.keep_draft(Place("cases.document", file), draft, by=cast.caseworker, at=START)
    sent = added(file, by=cast.caseworker)
    document(cast, file, pages=[sent])
    assert commands.sweep_attachments(at=later(7)) == 0
    assert commands.sweep_attachments(at=later(8)) == 1
    assert not Attachment.objects.filter(id=gone).exists()
    assert len(in_the_folder()) == Attachment.objects.count() == 2
    assert AuditRow.objects.filter(act="attachment.swept", by=None).count() == 1


def test_bytes_that_belong_to_nothing_go_after_a_week(cast: Cast) -> None:
    file, one, content = a_file(cast), new_id(), in_pieces()
    take(content, 0, one, asked(file, form="follow_up.voice_note", question="voice"), by=cast.caseworker)
    (folder() / "0123").write_bytes(b"from a server that was killed")
    kept = added(file, by=cast.caseworker)
    document(cast, file, pages=[kept])
    old = (START - timedelta(days=400)).timestamp()
    for path in folder().iterdir():
        os.utime(path, (old, old))
    assert commands.sweep_attachments(at=START) == 2
    assert read(kept, file, cast.caseworker)


def test_a_child_who_became_no_case_takes_the_attachments_along(cast: Cast) -> None:
    file = a_file(cast)
    document(cast, file, pages=[added(file, by=cast.caseworker)])
    submit("intake.screening", {"outcome": "information_given"}, by=cast.caseworker, file=file)
    assert commands.reduce_files(at=later(40)) == 1
    assert not Attachment.objects.exists()
    assert in_the_folder() == []


def test_nobody_fills_the_disk_with_what_they_never_send(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.attachments.actions._MOST_UNSENT", 2)
    monkeypatch.setattr("tutela.attachments.pieces._MOST_AT_ONCE", 1)
    file, content = a_file(cast), in_pieces()
    about = asked(file, form="follow_up.voice_note", question="voice")
    take(content, 0, new_id(), about, by=cast.caseworker)
    with pytest.raises(Refused):
        take(content, 0, new_id(), about, by=cast.caseworker)
    for _ in range(2):
        added(file, by=cast.caseworker)
    with pytest.raises(Refused):
        added(file, by=cast.caseworker)


def test_a_piece_says_where_it_belongs() -> None:
    content = os.urandom(PIECE + 10)
    assert all(piece(content, offset, new_id()).is_in_shape for offset in (0, PIECE))
    assert not piece(content, PIECE, new_id(), size=PIECE).is_in_shape


def test_damaged_is_a_conflict_and_is_sent_again(cast: Cast) -> None:
    with pytest.raises(Conflict):
        take(photo(64, 48), 0, new_id(), asked(a_file(cast)), by=cast.caseworker, digest="")
