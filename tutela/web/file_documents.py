"""Documents: whatever is attached on a file, with the entry it came with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from tutela.attachments.queries import attachments_of
from tutela.cases.entries import EVERY_CLASS
from tutela.cases.queries import entries_by_id, names_of
from tutela.forms.definition import in_language
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import attached_url, form_url, kind_words, term

if TYPE_CHECKING:
    from tutela.attachments.queries import Kept
    from tutela.cases.entries import OpenEntry
    from tutela.protocols.packs import Pack


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Papers, photos, recordings and signatures on this file, the newest first."""
    file, may = read_file(reader, file_id, "documents.read")
    classes = EVERY_CLASS if "confidential" in may else EVERY_CLASS - {"confidential"}
    kept = attachments_of(file.id, classes=classes)
    entries = entries_by_id({one.entry_id for one in kept}, classes=frozenset({"case"}))
    who, pack = names_of({one.user_id for one in kept}), pack_of(reader, file)
    add = {"words": gettext("Add a document"), "url": form_url("cases.document", file.id)}
    context = {
        "rows": [_row(one, entries[one.entry_id], who[one.user_id], pack) for one in kept],
        "main": add if "write" in may else None,
    }
    return show_file(request, reader, file, may, "file_documents", context)


def _row(kept: Kept, entry: OpenEntry, who: str, pack: Pack) -> dict[str, Any]:
    what = str(entry.answers.get("kind", "")) if entry.form.code == "cases.document" else ""
    title = (
        term(pack, "document_kind", what) if what else in_language(entry.form.title, get_language() or "en")
    )
    return {
        "label": title,
        "words": kept.told.name or kind_words(kept.told.kind),
        "happened": entry.happened_on, "by": who,
        "url": attached_url(entry.file_id, kept.id),
        "entry_url": reverse("file_entry", kwargs={"file_id": entry.file_id, "entry_id": entry.id}),
    }  # fmt: skip
