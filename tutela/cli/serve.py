"""`tutela serve`: keeper, web and worker on this machine, started, watched and stopped together."""

import fcntl
import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from django.core.exceptions import ImproperlyConfigured

from tutela.site.supervisor import Supervisor, no_core_dumps, run_to_end

TO_START = 60.0  # seconds for the keeper or the web process to answer for the first time
ASK = 5.0  # seconds for one answer

_TUTELA = str(Path(sys.executable).with_name("tutela"))


@click.command()
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", envvar="TUTELA_WEB_WORKERS", default=1, show_default=True, help="Web processes.")
@click.option(
    "--threads", envvar="TUTELA_WEB_THREADS", default=4, show_default=True, help="Threads of each of them."
)
@click.option("--stories/--no-stories", default=True, help="Load the demo stories into a demonstration.")
@click.option(
    "--longest-pause",
    default=10.0,
    show_default=True,
    help="Seconds until what keeps dying is started again.",
)
def serve(port: int, workers: int, threads: int, stories: bool, longest_pause: float) -> None:
    """Start keeper, web and worker on this machine and keep them running until Ctrl-C."""
    settings = _settings()
    _refuse_without_key(settings)
    os.umask(0o077)
    no_core_dumps()
    _leave_what_was_left(settings.VAR)
    with alone_in(settings.VAR), _written_down(settings.VAR / "server.json", port) as write_down:
        _refuse_taken(port)
        try:
            with Supervisor(longest_pause=longest_pause, on_change=write_down) as house:
                house.start("keeper", keeper_command(settings))
                _wait_for("keeper", house, lambda: listens(settings.KEEPER_SOCKET))
                said = _prepare(load_stories=stories and settings.DEMONSTRATION)
                house.start("web", _module("tutela.site.http", port=port, workers=workers, threads=threads))
                house.start("worker", _module("tutela.worker"))
                _wait_for("web", house, lambda: _answers(port))
                _greet(port, said, demonstration=settings.DEMONSTRATION)
                house.watch()
        except KeyboardInterrupt:
            click.echo("Tutela has stopped.")
        except subprocess.CalledProcessError as error:
            raise click.ClickException("Tutela could not be prepared; the reason is above.") from error


def _settings() -> ModuleType:
    try:
        from tutela.site import settings
    except ImproperlyConfigured as error:
        raise click.ClickException(str(error)) from error
    return settings


@contextmanager
def alone_in(var: Path) -> Iterator[None]:
    """Hold the folder for this server. The lock goes with the process, however it ends."""
    with (var / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(
                f"Another server runs on {var}. Stop it first, or choose another folder with TUTELA_VAR."
            ) from error
        yield


@contextmanager
def _written_down(path: Path, port: int) -> Iterator[Callable[[Mapping[str, int]], None]]:
    """The address and the process ids, in a file, for as long as the server runs."""

    def write_down(pids: Mapping[str, int]) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"url": _url(port), "pids": {"server": os.getpid(), **pids}}))
        fresh.replace(path)

    try:
        yield write_down
    finally:
        path.unlink(missing_ok=True)


def _leave_what_was_left(var: Path) -> None:
    """An evacuation that was cut off is finished first, and a house that was evacuated does not begin anew by itself."""
    if (var / "evacuation.json").exists():
        run_to_end([_TUTELA, "evacuate", "--finish"])
    if (done := var / "evacuated.json").exists():
        raise click.ClickException(
            f"This house was evacuated. `tutela restore` brings it back; to begin anew instead, delete {done}."
        )


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} cannot be used ({error.strerror}). Choose another one with PORT."
            ) from error


def _refuse_without_key(settings: ModuleType) -> None:
    if not settings.DEMONSTRATION and not (settings.ROOT_KEY / "custodians.json").exists():
        raise click.ClickException(
            f"There is no sealed root key in {settings.ROOT_KEY}. Make one first: tutela init"
        )


def keeper_command(settings: Any) -> list[str]:
    """How the keeper of this house is started."""
    if not settings.DEMONSTRATION:
        return _module("tutela.keeper", socket=settings.KEEPER_SOCKET, sealed_key=settings.ROOT_KEY)
    command = _module("tutela.keeper", socket=settings.KEEPER_SOCKET, key_file=settings.VAR / "root.key")
    return [*command, "--demonstration"]


def _module(name: str, **options: object) -> list[str]:
    command = [sys.executable, "-m", name]
    for option, value in options.items():
        command += [f"--{option.replace('_', '-')}", str(value)]
    return command


def _wait_for(name: str, house: Supervisor, done: Callable[[], bool]) -> None:
    if not house.until(done, seconds=TO_START):
        raise click.ClickException(f"The {name} process does not answer; the reason is above.")


def listens(path: Path) -> bool:
    """Whether somebody answers at a socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _prepare(*, load_stories: bool) -> str:
    """Databases, static files, demo stories. What the stories say about themselves: who can sign in."""
    run_to_end([_TUTELA, "prepare"])
    return run_to_end([_TUTELA, "story", "play", "--all"], capture=True) if load_stories else ""


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _greet(port: int, said: str, *, demonstration: bool) -> None:
    click.echo(f"\nTutela is running at {_url(port)}")
    if demonstration:
        click.echo(
            "This is a demonstration: every child is invented, the key is a plain file. Enter no real child."
        )
    else:
        click.echo(
            f"The files are locked until two custodians open them: {_url(port)}/unlock, or tutela unlock"
        )
    click.echo(said.rstrip() or None)
    click.echo("Ctrl-C stops it.")


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"
