"""Heads of the log leave the machine: into a folder on another mount, or by mail. Failing never stops anything else.

Any number of workers may send: an attempt is claimed by conditional update. A place that has the newest head is left alone.
"""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.core.mail import EmailMessage

from tutela.audit.heads import Head, head
from tutela.audit.models import AuditSeal, HeadSent

FILE = "tutela-audit-heads.txt"  # in the folder; one line is added for each head

_FOLDER_EVERY = 60  # seconds
_MAIL_EVERY = 3_600  # seconds
_AGAIN_AFTER = 60  # seconds, where it did not arrive
_LONGEST_WRITE = 10.0  # seconds; a mount that hangs must not hold the worker up
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_LETTER = """{line}

On paper: {code}

This is the head of the log of {name}. It says nothing about anybody.
Keep this message. Put the first line into a file, and

    tutela audit verify --head FILE

shows later whether the log was cut off or written anew since.
"""

logger = logging.getLogger(__name__)
_writing: dict[str, Thread] = {}


def send_heads(*, at: datetime) -> None:
    """Send the head of the log to every place that does not have it. What fails is written down and tried again.

    Raises Unavailable where the keeper, which signs, is locked or stopped.
    """
    for place in settings.AUDIT_HEADS:
        if _claimed(place, at) and (last := head()) is not None:
            problem = _problem_of(partial(_send, place, last))
            arrived = {} if problem else {"sent_at": at, "seal_number": last.number}
            HeadSent.objects.filter(place=place).update(problem=problem, **arrived)


def states() -> dict[str, HeadSent | None]:
    """How it stands with each place that is set; None where nothing was tried yet."""
    known = HeadSent.objects.in_bulk(settings.AUDIT_HEADS)
    return {place: known.get(place) for place in settings.AUDIT_HEADS}


def is_address(place: str) -> bool:
    """Whether a place is an address of mail, not a folder."""
    return not Path(place).is_absolute()


def _claimed(place: str, at: datetime) -> bool:
    """Whether it is for us, now, to send to this place."""
    newest = AuditSeal.objects.order_by("number").values_list("number", flat=True).last()
    state, _ = HeadSent.objects.get_or_create(place=place, defaults={"tried_at": _NEVER})
    if newest is None or newest == state.seal_number:
        return False
    every = _AGAIN_AFTER if state.problem else _MAIL_EVERY if is_address(place) else _FOLDER_EVERY
    until = at - timedelta(seconds=every)
    return HeadSent.objects.filter(place=place, tried_at__lte=until).update(tried_at=at) == 1


def _problem_of(send: Callable[[], None]) -> str:
    """The kind of error with which it failed; its words could hold a password of the mail server."""
    try:
        send()
    except OSError as error:  # those of SMTP are too
        logger.error("The head of the log was not sent: %s", type(error).__name__)
        return type(error).__name__
    return ""


def _send(place: str, last: Head) -> None:
    line = last.line
    if is_address(place):
        name = settings.INSTALLATION_NAME
        text = _LETTER.format(line=line, code=last.code, name=name)
        EmailMessage(f"{name}: head of the log, seal {last.number}", text, to=[place]).send()
        return
    if place in _writing and _writing[place].is_alive():
        raise TimeoutError
    failed: list[OSError] = []
    thread = Thread(target=_append, args=(Path(place), line, failed), daemon=True)
    _writing[place] = thread
    thread.start()
    thread.join(_LONGEST_WRITE)
    if thread.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]


def _append(folder: Path, line: str, failed: list[OSError]) -> None:
    """Add a line and see that it is on the disk. The folder is never made: a mount that is gone must not be mistaken."""
    try:
        descriptor = os.open(folder / FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write(b"\n" * is_cut + line.encode() + b"\n")
            os.fsync(descriptor)
        listing = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(listing)
        finally:
            os.close(listing)
    except OSError as error:
        failed.append(error)
