"""Photos, recordings and papers as they come from outside, with all that does not belong into them. Everything is invented."""

from io import BytesIO

import numpy as np
import pikepdf
import soundfile
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

PLACE = b"QuarryLaneFourteen"  # in EXIF, XMP, comments and behind the end
_GPS, _DESCRIPTION, _ORIENTATION, _ON_ITS_SIDE = 0x8825, 0x010E, 0x0112, 6


def photo(width: int = 800, height: int = 600, *, kind: str = "JPEG", on_its_side: bool = False) -> bytes:
    """A photo that says where it was taken in EXIF and XMP, and has something hidden behind its end."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = picture.getexif()
    exif[_DESCRIPTION] = PLACE.decode()
    exif.get_ifd(_GPS).update({1: "S", 2: (1.0, 17.0, 3.5), 3: "E", 4: (36.0, 49.0, 1.0)})
    if on_its_side:
        exif[_ORIENTATION] = _ON_ITS_SIDE
    written = BytesIO()
    more = {"xmp": b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"} if kind != "PNG" else {}
    picture.save(written, kind, exif=exif, **more)
    return written.getvalue() + b"PK\x03\x04" + PLACE


def bomb() -> bytes:
    """A few kilobytes that unpack to a picture of more pixels than any phone takes."""
    written = BytesIO()
    Image.new("1", (10_000, 6_400)).save(written, "PNG")
    return written.getvalue()


def recording(seconds: float = 2, *, rate: int = 44_100, pitch: float = 440) -> bytes:
    """A tone, as WAV with words about it."""
    written = BytesIO()
    tone = 0.5 * np.sin(np.arange(int(rate * seconds)) * 2 * np.pi * pitch / rate)
    with soundfile.SoundFile(written, "w", samplerate=rate, channels=2, format="WAV") as file:
        file.title = PLACE.decode()
        file.write(np.stack([tone, tone], axis=1))
    return written.getvalue()


def paper(*, password: str = "") -> bytes:
    """A PDF with one page of words, and everything on it that acts, hides or tells where it comes from."""
    pdf = Pdf.new()
    pdf.add_blank_page()
    page = pdf.pages[0].obj
    page.Resources = Dictionary(
        XObject=Dictionary(Im0=_scan(pdf)),
        Font=Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)),
    )
    page.Contents = Stream(pdf, b"BT /F 12 Tf (seen on the page) Tj ET q 100 0 0 100 0 0 cm /Im0 Do Q")
    script = Dictionary(S=Name.JavaScript, JS=String(PLACE.decode()))
    page.AA = Dictionary(O=script)
    pdf.Root.OpenAction = script
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    pdf.Root.AcroForm = Dictionary(XFA=Stream(pdf, PLACE), Fields=Array([]))
    pdf.attachments["hidden.txt"] = PLACE
    pdf.docinfo["/Author"] = PLACE.decode()
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = PLACE.decode()
    page.Annots = Array([pdf.make_indirect(one) for one in _notes(pdf, script)])
    written = BytesIO()
    pdf.save(written, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return written.getvalue()


def everything_in(pdf: bytes) -> bytes:
    """A PDF with nothing in it packed any more, to look for words."""
    written = BytesIO()
    with Pdf.open(BytesIO(pdf)) as opened:
        opened.save(
            written, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )  # fmt: skip
    return written.getvalue()


def _scan(pdf: Pdf) -> Stream:
    """A page that was photographed, with the place where it was."""
    return Stream(
        pdf, photo(64, 48), Type=Name.XObject, Subtype=Name.Image, Width=64, Height=48, BitsPerComponent=8,
        ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode,
    )  # fmt: skip


def _notes(pdf: Pdf, script: Dictionary) -> list[Dictionary]:
    hidden = pdf.attachments["hidden.txt"].obj
    everywhere = Array([0, 0, 10, 10])
    leads = Dictionary(S=Name.URI, URI=String(f"http://{PLACE.decode()}"))
    return [
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=everywhere, A=leads),
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=everywhere, FS=hidden),
        Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=everywhere, A=script, T=String(PLACE.decode()),
            Contents=String("a note that stays"),
        ),
    ]  # fmt: skip
