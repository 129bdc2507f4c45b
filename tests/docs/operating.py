"""docs/operate.md as somebody works through it: its commands, and a machine on which they are given."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import click

from tests.postgres import Cluster, running_cluster
from tests.server import CHECKOUT, TO_STOP, Server, free_port
from tutela.cli.main import main
from tutela.site.supervisor import die_with_parent

PAGE = CHECKOUT / "docs" / "operate.md"
SERVER = "script/server"

_HEADING = re.compile(r"^#+ (.*)$")


class Block(NamedTuple):
    """A box of the page: under which heading it stands, and whether it is given (`sh`) or only shown (`text`)."""

    heading: str
    kind: str
    lines: tuple[str, ...]


def blocks() -> list[Block]:
    """Every box of the page, in its order."""
    found, heading, kind, lines = list[Block](), "", "", list[str]()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("```") and kind:
            found.append(Block(heading, kind, tuple(lines)))
            kind, lines = "", []
        elif line.startswith("```"):
            kind = line.removeprefix("```") or "text"
        elif kind:
            lines.append(line)
        elif title := _HEADING.match(line):
            heading = title[1]
    return found


class Command(NamedTuple):
    """A command by its name, `tutela user admit`, and the options that it is given."""

    name: str
    options: frozenset[str]


def spans() -> list[Command]:
    """The commands that stand in a sentence: `tutela lock`."""
    text = re.sub(r"^```.*?^```$", "", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = (command_of(one) for one in re.findall(r"`([^`\n]+)`", text))
    return [one for one in found if one is not None]


def command_of(line: str) -> Command | None:
    """The command of ours that a line gives, where it gives one."""
    words = shlex.split(line, comments=True)
    options = frozenset(word for word in words if word.startswith("--"))
    if words[0] in {SERVER, "script/setup"}:
        return Command(words[0], options)
    if words[0] != "tutela" or len(words) == 1:
        return None
    command: click.Command | None = main
    name = words[:1]
    while isinstance(command, click.Group) and len(name) < len(words):
        command = command.get_command(click.Context(command), words[len(name)])
        if command is not None:
            name.append(words[len(name)])
    return Command(" ".join(name), options) if len(name) > 1 else None


@dataclass
class Machine:
    """A machine with the page beside it: a folder for everything, a PostgreSQL, a shell that keeps what was exported."""

    folder: Path
    cluster: Cluster
    drives: Path  # what is carried from machine to machine
    shell: dict[str, str] = field(default_factory=dict)
    server: Server | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        self.shell = kept | {
            "PGHOST": str(self.cluster.folder), "PGUSER": "postgres",
            "TUTELA_CLAMAV": "none",  # whatever this machine has
        }  # fmt: skip

    def here(self, line: str) -> str:
        """A line with the places of this machine in it, as the page tells its reader to change them."""
        places = {
            "sudo -u postgres ": "", "%2Frun%2Fpostgresql": quote(str(self.cluster.folder), safe=""),
            "/srv/tutela": str(self.var), "/media": str(self.drives / "media"), "/backup": str(self.drives / "backup"),
            "8000": str(self.port),
        }  # fmt: skip
        for written, meant in places.items():
            line = line.replace(written, meant)
        return line

    @property
    def var(self) -> Path:
        return self.folder / "var"

    def give(self, line: str, *, typed: str = "") -> tuple[int, str]:
        """Give a line in the shell. Its exit code, and all that it said. Without a terminal, what is typed is read too."""
        kept = self.folder / "shell"
        script = f"set -uo pipefail\n{self.here(line)}\ncode=$?\nenv -0 > {kept}\nexit $code"
        done = subprocess.run(
            ["bash", "-c", script], env=self.shell, cwd=CHECKOUT, input=typed, text=True, timeout=600, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die_with_parent,
        )  # fmt: skip
        told = kept.read_text().split("\0")
        self.shell = dict(one.split("=", 1) for one in told if "=" in one)
        return done.returncode, done.stdout

    def start(self) -> Server:
        """Start the server in a terminal of its own. The caller waits for what it is to become."""
        with (self.folder / "server.log").open("a") as log:
            process = subprocess.Popen(
                [CHECKOUT / SERVER], env=self.shell, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
                preexec_fn=die_with_parent,
            )  # fmt: skip
        self.server = Server(f"http://127.0.0.1:{self.port}", self.var, self.folder / "server.log", process)
        return self.server

    def stop(self) -> None:
        """As Ctrl-C does it, where it has not stopped by itself."""
        if self.server and self.server.process.poll() is None:
            self.server.process.terminate()
            self.server.process.wait(TO_STOP)


@contextmanager
def a_machine(drives: Path) -> Iterator[Machine]:
    """An empty machine with PostgreSQL on it, and the drives that somebody brought."""
    folder = Path(tempfile.mkdtemp(prefix="op-", dir="/tmp"))
    with ExitStack() as at_the_end:
        at_the_end.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = at_the_end.enter_context(running_cluster(durable=True))
        _as_installed(cluster)
        machine = Machine(folder, cluster, drives)
        at_the_end.callback(machine.stop)
        yield machine


def _as_installed(cluster: Cluster) -> None:
    """As a distribution leaves it: its first superuser is called postgres, and nobody else is there."""
    with cluster.connect() as by:
        by.execute("CREATE ROLE postgres SUPERUSER LOGIN")
    with cluster.connect(user="postgres") as by:
        by.execute("ALTER ROLE tutela RENAME TO bootstrap")


def drives_in(folder: Path, names: Sequence[str]) -> Path:
    """The sticks of these custodians and a disk for bundles."""
    for name in names:
        (folder / "media" / name).mkdir(parents=True)
    (folder / "backup").mkdir()
    return folder
