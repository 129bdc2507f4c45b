"""Adding, sending and opening, as a browser asks for it."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.attachments.adding import added
from tests.attachments.made import PLACE, paper, photo, recording
from tests.cast import Cast, a_file, revision, submit
from tutela.access.models import User
from tutela.attachments.models import Attachment
from tutela.attachments.pieces import PIECE
from tutela.cases.models import Entry
from tutela.foundation.ids import new_id
from tutela.published.queries import form_in_force
from tutela.web.uploads import InMemory

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


def version(cast: Cast, code: str) -> str:
    from tests.cast import today
    from tutela.access.models import Membership

    agency = Membership.objects.get(user=cast.caseworker).agency_id
    return form_in_force(code, agency_id=agency, day=today()).version


def hidden(cast: Cast, code: str, file: UUID | None = None) -> dict[str, str]:
    base = str(revision(file)) if file else "0"
    return {
        "entry_id": str(new_id()), "version": version(cast, code), "base": base, "happened_at": "2026-03-02T09:00",
        "happened_precision": "exact",
    }  # fmt: skip


def chosen(content: bytes, name: str = "IMG 0001 of Amina.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def attached(cast: Cast, file: UUID, content: bytes | None = None, question: str = "pages") -> str:
    one = added(file, content, by=cast.caseworker, question=question)
    submit("cases.document", {question: [one]}, by=cast.caseworker, file=file)
    return f"/files/{file}/attachments/{one}"


def test_a_photo_is_sent_out_where_it_can_run_nothing(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    response = browse(cast.supervisor).get(attached(cast, file))
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.startswith(b"\xff\xd8")


def test_a_paper_is_saved_and_never_shown_in_a_page(cast: Cast, browse: Browse) -> None:
    response = browse(cast.caseworker).get(attached(cast, a_file(cast), paper(), "file"))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="file.pdf"'
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_without_script_files_come_with_the_form(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    address = f"/files/{file}/forms/cases.document"
    page = browse(cast.caseworker).get(address).content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert '<input type="file" name="pages"' in page
    sent: dict[str, Any] = {
        **hidden(cast, "cases.document", file),
        "kind": "medical",
        "pages": [chosen(photo()), chosen(photo(kind="PNG"))],
    }
    response = browse(cast.caseworker).post(address, sent)
    assert response.status_code == 302
    entry = Entry.objects.filter(file_id=file).latest("revision")
    assert Attachment.objects.filter(file_id=file, entry_id=entry.id).count() == 2
    for came in sent["pages"]:
        came.seek(0)
    again = browse(cast.caseworker).post(address, sent)
    assert again.status_code == 302, "pressing twice writes once"
    assert (Attachment.objects.count(), revision(file)) == (2, entry.revision)


def test_what_is_wrong_stands_at_its_question_and_what_was_taken_is_kept(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    address, about = f"/files/{file}/forms/cases.document", hidden(cast, "cases.document", file)
    sent = {**about, "kind": "medical", "pages": chosen(photo()), "file": chosen(b"MZ no paper", "list.exe")}
    page = browse(cast.caseworker).post(address, sent)
    assert page.status_code == 422
    said = page.content.decode()
    assert "This could not be read. A document can be a PDF of 20 MB at most." in said
    kept = Attachment.objects.get()
    assert f'value="{kept.id}" autocomplete="off" checked' in said
    again = browse(cast.caseworker).post(address, {**about, "kind": "medical", "pages": [str(kept.id)]})
    assert again.status_code == 302
    kept.refresh_from_db()
    assert kept.file_id == file


def test_a_file_that_is_too_large_is_refused_with_a_sentence(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    sent = {**hidden(cast, "cases.document", file), "kind": "medical", "pages": chosen(bytes(20_000_001))}
    page = browse(cast.caseworker).post(f"/files/{file}/forms/cases.document", sent)
    assert page.status_code == 422
    assert "A photo can be a JPEG, a PNG or a WebP of 20 MB at most." in page.content.decode()


def test_files_stay_in_memory_and_more_than_one_can_hold_is_let_go() -> None:
    handler = InMemory()
    handler.new_file("pages", "one.jpg", "image/jpeg", 0)
    for _ in range(7):
        handler.receive_data_chunk(bytes(10_000_000), 0)
    came = handler.file_complete(70_000_000)
    assert isinstance(came.file, BytesIO)
    assert (came.size, len(came.read())) == (70_000_000, 60_000_000)
    assert settings.FILE_UPLOAD_HANDLERS == ["tutela.web.uploads.InMemory"]


@pytest.mark.covers("R118")
def test_a_quick_note_can_be_spoken(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    sent = {
        **hidden(cast, "follow_up.quick_note"), "child": file.hex, "at": "2026-03-02T09:00", "reached": "child_alone",
        "voice": chosen(recording(1), "note.wav"),
    }  # fmt: skip
    response = browse(cast.caseworker).post("/quick-note", sent)
    assert response.status_code == 302, response.content.decode()
    codes = Entry.objects.filter(file_id=file).order_by("revision").values_list("form_code", flat=True)
    assert list(codes)[-2:] == ["follow_up.contact", "follow_up.voice_note"]
    heard = browse(cast.supervisor).get(f"/files/{file}/attachments/{Attachment.objects.get().id}")
    assert heard.headers["Content-Type"] == "audio/ogg"
    assert heard.content.startswith(b"OggS")


def test_a_piece_is_answered_with_how_far_it_has_come(cast: Cast, browse: Browse) -> None:
    file, content, client = a_file(cast), recording(3), browse(cast.caseworker)
    about = hidden(cast, "follow_up.voice_note", file)
    said = [send(client, file, content, offset, about) for offset in (0, PIECE, PIECE, 2 * PIECE)]
    assert [one.get("have") for one in said] == [PIECE, 2 * PIECE, 2 * PIECE, len(content)]
    assert [one.get("done") for one in said] == [False, False, False, True]
    assert PLACE not in b"".join(path.read_bytes() for path in Path(settings.ATTACHMENTS).iterdir())


def test_what_is_not_taken_is_answered_with_a_sentence(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    said = send(
        browse(cast.caseworker), file, b"no sound", 0, hidden(cast, "follow_up.voice_note", file), status=422
    )
    assert said["problem"].startswith("This could not be read. A recording can be")


@pytest.mark.parametrize("wrong", ["size", "offset", "attachment_id", "entry_id"])
def test_what_is_no_piece_at_all_is_not_there(cast: Cast, browse: Browse, wrong: str) -> None:
    file = a_file(cast)
    for nonsense in ("", "-1", "x", "٣", "9" * 10, "1e3"):
        response = browse(cast.caseworker).post(
            f"/files/{file}/attachments",
            {"form": "cases.document", "question": "pages", "size": "1", "offset": "0", "entry_id": str(new_id()),
             "attachment_id": str(new_id()), wrong: nonsense},
        )  # fmt: skip
        assert response.status_code == 404, (wrong, nonsense)
    assert browse(cast.caseworker).get(f"/files/{file}/attachments").status_code == 404


def test_documents_lists_what_is_attached_to_whoever_may_read_it(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    empty = browse(cast.caseworker).get(f"/files/{file}/documents").content.decode()
    assert "Nothing is attached yet" in empty
    address = attached(cast, file)
    page = browse(cast.supervisor).get(f"/files/{file}/documents").content.decode()
    assert address in page
    assert "Medical, such as a report or a prescription" in page
    assert "Add a document" not in page, "she does not write on this file"
    entry = Entry.objects.filter(file_id=file).latest("revision")
    assert (
        f'<img src="{address}"'
        in browse(cast.supervisor).get(f"/files/{file}/entries/{entry.id}").content.decode()
    )


def test_nothing_attached_shows_while_somebody_is_beside(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    address, client = attached(cast, file), browse(cast.caseworker)
    client.post("/beside-me")
    entry = Entry.objects.filter(file_id=file).latest("revision")
    for page in ("documents", f"entries/{entry.id}"):
        assert address not in client.get(f"/files/{file}/{page}").content.decode()


def test_only_forms_that_ask_for_something_carry_the_script(cast: Cast, browse: Browse) -> None:
    file, client = a_file(cast), browse(cast.caseworker)
    for code, there in (("cases.document", True), ("consent.consent", True), ("follow_up.contact", False)):
        page = client.get(f"/files/{file}/forms/{code}").content.decode()
        assert ("attach.js" in page, "multipart" in page) == (there, there), code


def send(
    client: Client, file: UUID, content: bytes, offset: int, about: dict[str, str], *, status: int = 200
) -> dict[str, Any]:
    part = content[offset : offset + PIECE]
    response = client.post(
        f"/files/{file}/attachments",
        {**about, "form": "follow_up.voice_note", "question": "voice", "attachment_id": about["entry_id"], "size": len(content),
         "offset": offset, "digest": sha256(part).hexdigest(), "piece": SimpleUploadedFile("piece", part)},
    )  # fmt: skip
    assert response.status_code == status, response.content.decode()
    said: dict[str, Any] = response.json()
    return said
