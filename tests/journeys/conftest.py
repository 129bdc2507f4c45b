"""A browser, a server, and people who come to it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.journeys.looking import PHONE, Watch
from tests.journeys.people import Person
from tests.server import CHECKOUT, Server, running_server

CHROMIUM, ARGUMENTS = (
    "/usr/bin/chromium",
    ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
)
Arrive = Callable[..., Person]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with the last journey: a process has room for one playwright at a time."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration with one story in it, for every journey that neither locks nor stops it."""
    with running_server(tmp_path_factory.mktemp("house"), arguments=("--no-stories",)) as running:
        tutela(running, "story", "play", "tomas")
        yield running


@pytest.fixture
def arrive(browser: Browser, server: Server) -> Iterator[Arrive]:
    """Somebody comes to the server with a browser of their own."""
    with ExitStack() as stack:

        def come(*, size: ViewportSize = PHONE, script: bool = True, looks: bool = True) -> Person:
            context = browser.new_context(
                viewport=size, java_script_enabled=script, timezone_id="Africa/Nairobi"
            )
            stack.callback(context.close)
            watch = Watch(server.url)
            watch.over(context)
            return Person(context.new_page(), watch, script=script, looks=looks)

        yield come


def tutela(server: Server, *words: str) -> str:
    """What the command line says, beside a running server."""
    done = subprocess.run(
        [str(CHECKOUT / ".venv" / "bin" / "tutela"), *words],
        env={**os.environ, "TUTELA_VAR": str(server.var), "TUTELA_DEMONSTRATION": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
