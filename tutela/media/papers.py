"""A PDF made anew: its pages as they look, and nothing that acts, hides or says where it comes from.

Its pages go into a new document, which leaves behind whatever hung on the old one: scripts, embedded files, XFA, metadata.
What may still sit on the pages themselves is taken out object by object.
"""

from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from PIL import Image

from tutela.media.kinds import MOST_PAGES, MOST_PIXELS, CannotTake

# What acts, carries files or tells of the origin, on pages, pictures and whatever else says what it is.
_OUT = ("/AA", "/AF", "/LastModified", "/Metadata", "/OpenAction", "/PieceInfo", "/Thumb", "/XFA")
_SEEN_ONLY = {"/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
              "/Squiggly", "/StrikeOut", "/Stamp", "/Ink", "/Widget"}  # fmt: skip
# Where a note leads, who wrote it and when.
_OF_A_NOTE = ("/A", "/CreationDate", "/Dest", "/IRT", "/M", "/NM", "/PA", "/Parent", "/Popup", "/RC", "/T")


def made_anew(content: bytes) -> bytes:
    """The pages of the PDF in `content` in a new PDF. Raises CannotTake."""
    try:
        came = Pdf.open(BytesIO(content), attempt_recovery=False)
    except pikepdf.PasswordError:
        raise CannotTake("locked") from None
    with came:
        if came.is_encrypted:
            raise CannotTake("locked")
        if not 0 < len(came.pages) <= MOST_PAGES:
            raise CannotTake("too_long" if len(came.pages) else "unreadable")
        for page in came.pages:
            _keep_what_is_seen(page.obj)
        for one in came.objects:
            _take_out(one)
        made = Pdf.new()
        made.pages.extend(came.pages)
        written = BytesIO()
        made.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def _keep_what_is_seen(page: Dictionary) -> None:
    """Notes and stamps stay as they look; links, attached files, films and forms that could be sent go."""
    notes = page.get("/Annots")
    if not isinstance(notes, Array):
        _drop(page, "/Annots")
        return
    kept = [one for one in notes if isinstance(one, Dictionary) and str(one.get("/Subtype")) in _SEEN_ONLY]
    for one in kept:
        _drop(one, *_OF_A_NOTE)
    page["/Annots"] = Array(kept)


def _take_out(one: Object) -> None:
    if isinstance(one, Array):
        for part in one:
            _take_out_of_direct(part)
        return
    if not isinstance(one, Dictionary | Stream):
        return
    if isinstance(one, Stream) and one.get("/Type") == Name.Metadata:
        one.write(b"")
    if (
        "/Type" in one or "/Subtype" in one or isinstance(one, Stream)
    ):  # else its names may be those of letters
        _drop(one, *_OUT)
    for name in list(one.keys()):
        _take_out_of_direct(one[name])
    if isinstance(one, Stream) and one.get("/Subtype") == Name.Image:
        _strip_picture(one)


def _drop(one: Object, *names: str) -> None:
    for name in names:
        if name in one:
            del one[name]


def _take_out_of_direct(part: Any) -> None:
    """What stands inside another object; those on their own get their turn by themselves."""
    if isinstance(part, Dictionary | Array) and not part.is_indirect:
        _take_out(part)


def _strip_picture(stream: Stream) -> None:
    """A scanned page may be a photo with the place where it was taken: its JPEG is written anew without."""
    if stream.get("/Filter") not in (Name.DCTDecode, Array([Name.DCTDecode])):
        return
    with Image.open(BytesIO(stream.read_raw_bytes()), formats=["JPEG"]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise CannotTake("too_large")
        if not {"exif", "xmp", "comment", "photoshop"} & set(picture.info):
            return
        bare = BytesIO()
        picture.save(bare, "JPEG", quality="keep", exif=b"", comment=b"", xmp=b"")
    stream.write(bare.getvalue(), filter=Name.DCTDecode)
