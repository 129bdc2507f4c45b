"""Photos, recordings and papers that carry a word wherever they can: in their name, in what they say of themselves and show."""

from io import BytesIO

import numpy as np
import soundfile
from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image

File = tuple[str, str, bytes]  # question, name, content


def carrying(kind: str, word: str, *, question: str) -> File:
    """What is sent for a question of this kind, with `word` in it."""
    ending, make = {"audio": ("wav", _recording), "file": ("pdf", _paper)}.get(kind, ("jpg", _photo))
    return question, f"{word}.{ending}", make(word)


def _photo(word: str) -> bytes:
    picture, written = Image.new("RGB", (64, 48), "blue"), BytesIO()
    exif = picture.getexif()
    exif[0x010E] = word
    picture.save(written, "JPEG", exif=exif, comment=word.encode())
    return written.getvalue() + word.encode()


def _recording(word: str) -> bytes:
    written = BytesIO()
    with soundfile.SoundFile(written, "w", samplerate=16_000, channels=1, format="WAV") as file:
        file.title = word
        file.write(np.zeros(16_000))
    return written.getvalue()


def _paper(word: str) -> bytes:
    pdf, written = Pdf.new(), BytesIO()
    pdf.add_blank_page()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].obj.Resources = Dictionary(Font=Dictionary(F=font))
    pdf.pages[0].obj.Contents = Stream(pdf, f"BT /F 12 Tf ({word}) Tj ET".encode())
    pdf.docinfo["/Title"] = word
    pdf.save(written, compress_streams=False)
    return written.getvalue()
