"""Asking ClamAV about an attachment. It is told through a pipe; what the scanner unpacks stays in memory."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from tempfile import TemporaryDirectory

_PATIENCE = 120.0  # seconds: a scanner that runs by itself reads its whole database each time
_IN_MEMORY = "/dev/shm"  # noqa: S108  no file there is ever on a disk
_CLEAN, _INFECTED = 0, 1


class ScannerFailed(Exception):
    """The scanner that is there did not answer. What it was asked about is not let through."""


def scanner_on(setting: str) -> list[str]:
    """The words that start the scanner: those of the setting, or what is installed. Empty where there is none, or `none`."""
    if setting:
        return [] if setting == "none" else setting.split()
    found = shutil.which("clamdscan") or shutil.which("clamscan")
    return [found] if found else []


def is_clean(content: bytes, *, scanner: Sequence[str]) -> bool:
    """Whether the scanner finds nothing in `content`. Raises ScannerFailed."""
    try:
        with TemporaryDirectory(dir=_IN_MEMORY, prefix="tutela-scan-") as folder:
            done = subprocess.run(  # noqa: S603  what the operator set
                [*scanner, "--no-summary", "-"],
                input=content, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_PATIENCE, check=False,
                env={"PATH": os.defpath, "TMPDIR": folder},
            )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScannerFailed from error
    if done.returncode not in (_CLEAN, _INFECTED):
        raise ScannerFailed
    return done.returncode == _CLEAN
