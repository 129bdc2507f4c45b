"""Starts processes, starts again those that die, and leaves none behind."""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

FIRST_PAUSE = 0.1  # seconds before a process that died is started again; doubled each time it soon dies again
SETTLED = 30.0  # seconds after which a process counts as running well, and its next pause is the first again
GRACE = 10.0  # seconds to end by themselves, for all processes together, before they are killed
LOOK = 0.1  # seconds between two looks at the processes
IN_VAIN = 3  # deaths in a row after which nobody waits any longer for a process to answer for the first time

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0  # in a row, each soon after the start
    pause: float = FIRST_PAUSE
    start_again_at: float | None = None


class Supervisor:
    """Keeps named processes running while its `with` block lasts, and stops them all at the end.

    SIGINT, SIGTERM and SIGHUP arrive in the block as KeyboardInterrupt. `on_change` is told the process ids
    by name whenever they change. `longest_pause`, in seconds, limits the pause before a process that keeps
    dying is started again.
    """

    def __init__(self, *, longest_pause: float, on_change: Callable[[Mapping[str, int]], None]) -> None:
        self._longest_pause = longest_pause
        self._on_change = on_change
        self._children: list[_Child] = []

    def __enter__(self) -> Self:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._stop()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start `command` and keep it running from now on."""
        self._children.append(_Child(name, command, _spawn(command), time.monotonic()))
        self._tell()

    def until(self, done: Callable[[], bool], *, seconds: float) -> bool:
        """Look after the processes until `done()`. False where that takes too long, or one dies and dies."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() >= end or any(child.deaths >= IN_VAIN for child in self._children):
                return False
            self._look_after()
        return True

    def watch(self) -> None:
        """Look after the processes until a signal interrupts."""
        while True:
            self._look_after()

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.start_again_at is None:
                self._notice_death(child, now)
            elif child.start_again_at <= now:
                child.process, child.started, child.start_again_at = _spawn(child.command), now, None
                self._tell()
        time.sleep(LOOK)

    def _notice_death(self, child: _Child, now: float) -> None:
        code = child.process.poll()
        if code is None:
            return
        _kill_group(child)  # what it started itself must not live on beside its successor
        if now - child.started > SETTLED:
            child.deaths, child.pause = 0, FIRST_PAUSE
        _say(f"{child.name} stopped ({_reason(code)}); starting it again in {child.pause:.1f} s")
        child.start_again_at = now + child.pause
        child.deaths, child.pause = child.deaths + 1, min(child.pause * 2, self._longest_pause)

    def _stop(self) -> None:
        """The last one started is the first to stop: nobody loses what it stands on."""
        end = time.monotonic() + GRACE
        for child in reversed(self._children):
            child.process.terminate()
            try:
                child.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _say(f"{child.name} did not stop by itself and is killed")
            _kill_group(child)
            child.process.wait()

    def _tell(self) -> None:
        self._on_change({child.name: child.process.pid for child in self._children})


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it dies. Only Linux can."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def no_core_dumps() -> None:
    """What this process and those that it starts have in memory is never written to a file when they crash."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run_to_end(command: Sequence[str], *, capture: bool = False) -> str:
    """Run `command` and wait for it. With `capture`, what it printed. Raises CalledProcessError."""
    done = subprocess.run(  # noqa: S603 the commands are ours
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        text=True,
        preexec_fn=_tied_to(os.getpid()),
    )
    return done.stdout or ""


def _spawn(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """In a process group of its own: Ctrl-C reaches only the supervisor, which stops things in order."""
    return subprocess.Popen(  # noqa: S603 the commands are ours
        command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=_tied_to(os.getpid())
    )


def _tied_to(parent: int) -> Callable[[], None]:
    def tie() -> None:
        die_with_parent()
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return tie


def _kill_group(child: _Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _reason(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
