"""A recording made anew: one voice, small, and nothing else that the file carried."""

from io import BytesIO
from typing import Any

import numpy as np
import soundfile

from tutela.media.kinds import MOST_CHANNELS, MOST_RATE, MOST_SECONDS, VOICE_RATE, CannotTake

_FORMATS = {"WAV", "WAVEX", "FLAC", "OGG", "MP3"}
_AT_ONCE = 10  # seconds; a long recording never lies in memory as a whole


def made_anew(content: bytes) -> bytes:
    """The recording in `content` as Ogg Opus with one channel. Raises CannotTake."""
    made, seconds = BytesIO(), 0
    with soundfile.SoundFile(BytesIO(content)) as heard:
        rate = heard.samplerate
        if heard.format not in _FORMATS or heard.channels > MOST_CHANNELS or rate > MOST_RATE:
            raise CannotTake("unreadable")
        if heard.frames > MOST_SECONDS * rate:  # what it says of itself; what it is counts below
            raise CannotTake("too_long")
        with soundfile.SoundFile(
            made, "w", samplerate=VOICE_RATE, channels=1, format="OGG", subtype="OPUS"
        ) as kept:
            for samples in heard.blocks(blocksize=_AT_ONCE * rate, dtype="float32", always_2d=True):
                if seconds >= MOST_SECONDS:
                    raise CannotTake("too_long")
                kept.write(_as_voice(samples.mean(axis=1), rate))
                seconds += _AT_ONCE
    if not seconds:
        raise CannotTake("unreadable")
    return made.getvalue()


def _as_voice(samples: Any, rate: int) -> Any:
    """The samples at the rate of what is kept: averaged first, so that high notes do not come back as low ones."""
    if rate == VOICE_RATE:
        return samples
    if (width := rate // VOICE_RATE) > 1:
        samples = np.convolve(samples, np.ones(width) / width, "same")
    places = np.arange(0, len(samples), rate / VOICE_RATE)
    return np.interp(places, np.arange(len(samples)), samples)
