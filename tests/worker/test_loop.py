"""The worker's duties: each by itself, each in its time, none with its words in the log."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tutela.foundation.refusals import Unavailable, Unmet
from tutela.foundation.words import say
from tutela.worker.loop import Duty
from tutela.worker.loop import run as run_loop


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(*duties: Duty) -> None:
    run_loop(duties, before_each=lambda: None)


def _fail() -> None:
    raise ValueError("what a child said")


def test_a_duty_that_fails_keeps_none_of_the_others_from_theirs() -> None:
    with pytest.raises(SystemExit):
        run(Duty("seal", 60, _fail), Duty("sweep", 60, sys.exit))


def test_what_failed_is_written_down_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(SystemExit):
        run(Duty("seal", 60, _fail), Duty("sweep", 60, sys.exit))
    assert "seal failed: ValueError at" in caplog.text
    assert "child" not in caplog.text.replace(__file__, "")


def test_each_duty_is_done_whenever_it_falls_due() -> None:
    done: list[str] = []

    def often() -> None:
        done.append("often")
        if done.count("often") == 6:
            sys.exit()

    with pytest.raises(SystemExit):
        run(Duty("seldom", 60, lambda: done.append("seldom")), Duty("often", 0.01, often))
    assert done.count("seldom") == 1


def test_it_stops_at_once_in_the_middle_of_a_duty() -> None:
    started = time.monotonic()
    threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(SystemExit) as stopped:
        run(Duty("long", 60, lambda: time.sleep(30)))
    assert stopped.value.code == 0
    assert time.monotonic() - started < 10


def test_what_waits_for_custodians_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    def locked() -> None:
        tries.append(1)
        raise Unavailable(Unmet("keeper_locked", say("Locked.")))

    def stop() -> None:
        if len(tries) >= 3:
            sys.exit(0)

    with caplog.at_level(logging.WARNING), pytest.raises(SystemExit):
        run(Duty("seal", 0.01, locked), Duty("stop", 0.01, stop))
    assert caplog.text.count("seal waits until the files are unlocked") == 1
