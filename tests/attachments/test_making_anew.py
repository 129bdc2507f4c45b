"""What comes in is made anew by a process of its own: nothing in it but what one sees and hears, and small."""

import subprocess
import sys
from io import BytesIO
from typing import cast

import numpy as np
import pikepdf
import pytest
import soundfile
from PIL import Image

from tests.attachments.made import PLACE, bomb, everything_in, paper, photo, recording
from tutela.foundation.refusals import Refused
from tutela.media import cleaning
from tutela.media.cleaning import made_anew
from tutela.media.kinds import Kind


@pytest.mark.covers("R119")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_nothing_of_where_it_was_taken(kind: str) -> None:
    came = photo(kind=kind)
    assert PLACE in came
    made = made_anew("photo", came)
    assert PLACE not in made
    with Image.open(BytesIO(made)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
    assert made.endswith(b"\xff\xd9"), "something stands behind the end"


def test_a_photo_is_made_smaller_and_stands_upright() -> None:
    with Image.open(BytesIO(made_anew("photo", photo(3_000, 2_000, on_its_side=True)))) as picture:
        assert picture.size == (1_067, 1_600)


def test_what_one_can_see_through_becomes_white() -> None:
    came = BytesIO()
    Image.new("RGBA", (40, 30), (255, 0, 0, 0)).save(came, "PNG")
    with Image.open(BytesIO(made_anew("signature", came.getvalue()))) as picture:
        assert picture.getpixel((20, 15)) == (255, 255, 255)


def test_a_picture_of_too_many_pixels_is_never_unpacked() -> None:
    assert len(bomb()) < 300_000
    with pytest.raises(Refused) as refused:
        made_anew("photo", bomb())
    assert "too many pixels" in str(refused.value.unmet[0].words)


def test_a_recording_becomes_one_small_voice_without_a_title() -> None:
    came = recording(3)
    assert PLACE in came
    made = made_anew("audio", came)
    assert PLACE not in made
    assert len(made) < len(came) / 20
    samples, rate = soundfile.read(BytesIO(made))
    info = soundfile.info(BytesIO(made))
    assert (info.format, info.subtype, info.channels) == ("OGG", "OPUS", 1)
    assert 2.9 < len(samples) / rate < 3.1
    heard = np.fft.rfft(samples[rate : 2 * rate])
    assert abs(int(np.argmax(np.abs(heard))) - 440) <= 2, "it is another tone"


def test_a_recording_of_more_than_ten_minutes_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        made_anew("audio", recording(620, rate=8_000))
    assert "ten minutes" in str(refused.value.unmet[0].words)


def test_a_paper_keeps_its_pages_and_nothing_that_acts_or_hides() -> None:
    came = paper()
    assert everything_in(came).count(PLACE) > 8
    seen = everything_in(made_anew("file", came))
    for gone in (
        PLACE,
        b"JavaScript",
        b"OpenAction",
        b"EmbeddedFile",
        b"/XFA",
        b"/Metadata",
        b"/Author",
        b"/URI",
    ):
        assert gone not in seen, gone
    assert b"seen on the page" in seen
    assert b"a note that stays" in seen
    with pikepdf.Pdf.open(BytesIO(made_anew("file", came))) as pdf:
        assert len(pdf.pages) == 1
        assert [str(one.Subtype) for one in pdf.pages[0].Annots] == ["/Text"]
        scan = pikepdf.PdfImage(cast("pikepdf.Stream", pdf.pages[0].get_images()["/Im0"])).as_pil_image()
        assert scan.size == (64, 48)


def test_a_paper_with_a_password_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused) as refused:
        made_anew("file", paper(password="secret"))
    assert "Save it without one" in str(refused.value.unmet[0].words)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("photo", b"GIF89a" + bytes(200)), ("photo", photo()[:5_000]), ("photo", b"<svg/>"), ("photo", paper()),
        ("audio", b"RIFF" + bytes(100)), ("audio", photo(40, 30)), ("file", b"%PDF-1.7 and no more"), ("file", b"PK\x03\x04"),
        ("signature", b"MZ" + bytes(100)),
    ],
)  # fmt: skip
def test_whatever_cannot_be_read_is_refused_with_what_is_taken(kind: Kind, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        made_anew(kind, content)
    said = str(refused.value.unmet[0].words)
    assert said.startswith("This could not be read.")
    assert any(word in said for word in ("JPEG", "WAV", "PDF", "picture"))


# --- The process ------------------------------------------------------------------------------------------


def in_the_process(code: str) -> subprocess.CompletedProcess[str]:
    """What comes of `code` under the limits of the process that makes things anew."""
    begin = "from tutela.media.__main__ import _limit; _limit()\n"
    return subprocess.run(
        [sys.executable, "-I", "-c", begin + code], capture_output=True, text=True, timeout=90, check=False
    )


def test_the_process_can_take_no_more_memory_than_it_is_given() -> None:
    assert "MemoryError" in in_the_process("bytearray(2_000_000_000)").stderr


def test_the_process_can_write_no_file() -> None:
    done = in_the_process("import tempfile; file = tempfile.TemporaryFile(); file.write(b'x'); file.flush()")
    assert done.returncode


def test_the_process_is_killed_where_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "_PATIENCE", 0.02)
    with pytest.raises(Refused):
        made_anew("photo", photo())


def test_the_process_knows_nothing_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes it over finds no secret in its environment."""
    given = {}
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *words, **how: given.update(how) or run(*words, **how))
    monkeypatch.setenv("TUTELA_SECRET_KEY", "something secret")
    made_anew("photo", photo(40, 30))
    assert set(given["env"]) == {"OPENBLAS_NUM_THREADS"}
