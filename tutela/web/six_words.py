"""The passphrase of a workbook that is taken at once: shown before, signed in the form, and kept nowhere (ADR 37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core import signing
from django.http import HttpRequest, HttpResponse

from tutela.exports.locking import new_passphrase

if TYPE_CHECKING:
    from tutela.web.frame import Reader

_OFFERED = 900  # seconds for which the words of a page can be used
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def six_words(reader: Reader, *, place: str) -> dict[str, str]:
    """New words to show, and the same signed for the form: for this person, and what is taken at this `place` alone."""
    words = new_passphrase()
    return {"words": words, "signed": signing.dumps([words, str(reader.user.id)], salt=place)}


def words_of(request: HttpRequest, *, place: str) -> str:
    """The words that the page showed to this very person a moment ago; empty for any others."""
    try:
        words, who = signing.loads(request.POST.get("signed", ""), salt=place, max_age=_OFFERED)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(words) if who == str(request.user.pk) else ""


def as_file(name: str, workbook: bytes) -> HttpResponse:
    """A closed workbook to keep under this name, which says nothing of a child."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(workbook, content_type=_WORKBOOK, headers=headers)
