"""What the house does by itself, again and again: sealing the audit log, sweeping old drafts."""

import logging
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tutela.foundation.refusals import Unavailable

LONGEST_SLEEP = 60.0  # seconds

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """Something to do every so many seconds. It may be cut off at any moment and done twice: any number of
    workers may run, so it claims what it works on by conditional update."""

    name: str
    every: float
    act: Callable[[], object]


def run(duties: Sequence[Duty], *, before_each: Callable[[], object]) -> None:
    """Do each duty at once and then whenever it falls due, until SIGTERM or SIGINT, which end the process
    wherever it is. A duty that fails is written down and tried again at its next time; the others go on.
    `before_each` makes ready for a duty, whatever the one before it left behind."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    due, waiting = dict.fromkeys(duties, time.monotonic()), set[str]()
    while True:
        for duty in duties:
            if due[duty] <= time.monotonic():
                _do(duty, before_each, waiting)
                due[duty] = time.monotonic() + duty.every
        time.sleep(max(0.0, min([LONGEST_SLEEP, *(moment - time.monotonic() for moment in due.values())])))


def _do(duty: Duty, before_each: Callable[[], object], waiting: set[str]) -> None:
    try:
        before_each()
        duty.act()
        waiting.discard(duty.name)
    except Unavailable:  # for hours, where custodians have yet to come: said once
        if duty.name not in waiting:
            logger.warning("%s waits until the files are unlocked", duty.name)
            waiting.add(duty.name)
    except Exception as error:
        # The kind and the place of an error, never its words: those may quote what a child said.
        place = traceback.extract_tb(error.__traceback__)[-1]
        logger.error("%s failed: %s at %s:%s", duty.name, type(error).__name__, place.filename, place.lineno)
