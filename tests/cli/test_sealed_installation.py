"""The bad days of an installation for real children: the real commands, the real server, three custodians.

Nobody real is entered here either. Its good days, on PostgreSQL, are those of docs/operate.md (tests/docs/test_operate.py).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.keeper.people import PASSPHRASE
from tests.server import CHECKOUT, Server, running_server

pytestmark = pytest.mark.chaos

NAMES = ("amina", "joseph", "rosa")
PASSWORD = "seven slow green buses"
_ENTER = """
import django; django.setup()
from tests.cast import submit
from tutela.access.queries import find_user
from tutela.foundation.clock import now
from tutela.foundation.refusals import Refused
try:
    submit("intake.identification", by=find_user("noor"), at=now())
    print("entered")
except Refused as refused:
    print(refused.unmet[0].code)
"""


class Office:
    """One machine with its folder, its settings and the sticks of its custodians."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = {
            "TUTELA_CLAMAV": "none",  # whatever this machine has
            "TUTELA_DEMONSTRATION": "0",
            "TUTELA_HTTPS": "0",
            "TUTELA_SECRET_KEY": "a" * 30 + "long enough for a test of nobody's office",
            "TUTELA_VAR": str(folder / "var"),
        }
        self.sticks = {name: folder / name for name in NAMES}
        for stick in self.sticks.values():
            stick.mkdir()

    def file(self, name: str) -> Path:
        return self.sticks[name] / f"{name}.age"

    def begin(self, *words: str, typed: str = "") -> subprocess.Popen[str]:
        """A command, with what is typed: without a terminal, passphrases are read from there too."""
        process = subprocess.Popen(
            [CHECKOUT / ".venv" / "bin" / "tutela", *words], env=self._environment(), start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(typed)
        process.stdin.close()
        process.stdin = None
        return process

    def tutela(self, *words: str, typed: str = "", fails: bool = False) -> str:
        process = self.begin(*words, typed=typed)
        said, _ = process.communicate(timeout=180)
        assert PASSPHRASE not in said and (process.returncode != 0) == fails, said
        return said

    def both_come(self, *words: str, one: str = "amina", other: str = "joseph") -> str:
        files = str(self.file(one)), str(self.file(other))
        return self.tutela(*words, *files, typed=lines(PASSPHRASE, PASSPHRASE))

    def enter_a_child(self) -> str:
        script = [sys.executable, "-c", _ENTER]
        environment = self._environment() | {"DJANGO_SETTINGS_MODULE": "tutela.site.settings"}
        done = subprocess.run(
            script, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def everything_opens(self) -> None:
        """Every entry of every file is opened, and makes the facts that are there."""
        self.tutela("facts", "rebuild", "--check")
        assert "not made by this keeper" not in self.tutela("audit", "verify")

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        return kept | self.settings


def lines(*typed: str) -> str:
    return "".join(f"{line}\n" for line in typed)


class Browser:
    """A custodian's, somewhere in the network."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/unlock"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def page(self) -> str:
        with self.opener.open(self.url, timeout=60) as answer:
            return str(answer.read().decode())

    def come(self, file: Path, passphrase: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page())
        assert found
        parts = {"csrfmiddlewaretoken": found[1].encode(), "passphrase": passphrase.encode()}
        body = b"".join(
            b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in parts.items()
        )
        body += (
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="mine.age"\r\n\r\n'
            + file.read_bytes()
            + b"\r\n--edge--\r\n"
        )
        asked = urllib.request.Request(self.url, body, {"Content-Type": "multipart/form-data; boundary=edge"})
        try:
            with self.opener.open(asked, timeout=90) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()


@pytest.fixture
def office() -> Iterator[Office]:
    folder = Path(tempfile.mkdtemp(prefix="office-", dir="/tmp"))
    yield Office(folder)
    shutil.rmtree(folder)


def test_an_office_from_nothing_to_a_child_and_through_its_bad_days(office: Office) -> None:
    set_up(office)
    with running_server(office.folder, environment=office.settings, locked=True) as server:
        assert not server.answers("/readyz")
        assert "locked until two custodians open" in said_by(server)
        prepare_people(office)
        assert office.enter_a_child() == "not_rehearsed"
        assert "tutela rehearse" in office.tutela("check", fails=True)
        assert "children may be entered" in office.both_come("rehearse")
        assert office.enter_a_child() == "entered"
        locked_by_a_kill_and_opened_from_two_places(office, server)
        the_root_key_changes_and_the_keeper_is_killed(office, server)
        a_custodian_is_lost(office)
        assert office.enter_a_child() == "entered"
        office.tutela("keys", "rotate-agency", "Lantern")
        office.everything_opens()
        assert no_core_dumps(server)
    assert_nothing_lies_open(office)


def set_up(office: Office) -> None:
    where = [word for name in NAMES for word in ("--custodian", f"{name}={office.sticks[name]}")]
    assert "tutela init" in office.tutela("serve", fails=True)
    weak = lines("password1234", "password1234")
    typed = weak + lines(*[PASSPHRASE] * 2 * len(NAMES))
    said = office.tutela("init", *where, typed=typed)
    assert "would be guessed" in said and "tutela rehearse" in said
    made = {name: office.file(name).read_bytes() for name in NAMES}
    assert "already" in office.tutela("init", *where, typed=typed, fails=True)
    assert made == {name: office.file(name).read_bytes() for name in NAMES}
    shutil.move(office.folder / "var" / "root-key", office.folder / "kept")
    for name in NAMES:
        office.file(name).rename(office.file(name).with_suffix(".kept"))
    assert office.tutela("init", *where[:-2], fails=True)  # two are not three
    for name in NAMES:
        office.file(name).with_suffix(".kept").rename(office.file(name))
    shutil.move(office.folder / "kept", office.folder / "var" / "root-key")


def prepare_people(office: Office) -> None:
    office.both_come("unlock")
    office.tutela(
        "agency", "found", "Lantern", "--time-zone", "Africa/Nairobi", "--pack", "demonstration", "--team", "River",
        "--since", "2025-01-01",
    )  # fmt: skip
    office.tutela(
        "user", "admit", "noor", "--name", "Noor", "--agency", "Lantern", "--role", "caseworker", "--team", "River",
        "--since", "2025-01-01", typed=lines(PASSWORD, PASSWORD),
    )  # fmt: skip


def locked_by_a_kill_and_opened_from_two_places(office: Office, server: Server) -> None:
    killed = server.pids["keeper"]
    server.kill("keeper")
    server.wait_until(lambda: server.pids["keeper"] != killed and "keeper locked" in ready(server))
    assert office.enter_a_child() == "keeper_locked"
    browser = Browser(server.url)
    assert "The files are locked" in browser.page()
    assert "do not go together" in browser.come(office.file("rosa"), "not hers")
    time.sleep(3)  # whoever fails waits
    assert "One custodian is here, one more is needed" in browser.come(office.file("rosa"), PASSPHRASE)
    said = office.tutela("unlock", str(office.file("joseph")), typed=lines(PASSPHRASE))
    assert "Unlocked." in said
    assert "The files are open" in browser.page() and server.answers("/readyz")
    assert office.enter_a_child() == "entered"
    office.everything_opens()


def the_root_key_changes_and_the_keeper_is_killed(office: Office, server: Server) -> None:
    files = str(office.file("amina")), str(office.file("rosa"))
    there = office.folder / "var" / "root-key" / "custodians.json"
    sealing, killed = json.loads(there.read_text())["sealing"], server.pids["keeper"]
    process = office.begin("keys", "rotate", *files, typed=lines(PASSPHRASE, PASSPHRASE))
    server.wait_until(lambda: json.loads(there.read_text())["sealing"] > sealing)
    server.kill("keeper")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    server.wait_until(lambda: server.pids["keeper"] != killed and "keeper locked" in ready(server))
    office.both_come("unlock")
    office.everything_opens()
    server.wait_until(
        lambda: "changes of keys are not finished" not in office.begin("check").communicate()[0]
    )
    assert "everything is wrapped with it" in office.both_come("keys", "rotate")
    office.everything_opens()


def a_custodian_is_lost(office: Office) -> None:
    office.sticks["samir"] = office.folder / "samir"
    office.sticks["samir"].mkdir()
    there = str(office.file("amina")), str(office.file("joseph"))
    said = office.tutela(
        "custodians", "replace", "rosa", "--by", f"samir={office.sticks['samir']}", *there,
        typed=lines(*[PASSPHRASE] * 4),
    )  # fmt: skip
    assert "opens nothing here any more" in said
    assert office.tutela("custodians", "list").split() == ["amina", "joseph", "samir"]
    office.tutela("lock")
    refused = office.tutela("unlock", str(office.file("rosa")), typed=lines(PASSPHRASE), fails=True)
    assert "do not go together" in refused
    time.sleep(3)
    assert "Unlocked." in office.both_come("unlock", one="samir")
    office.everything_opens()


def ready(server: Server) -> str:
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return ""


def said_by(server: Server) -> str:
    server.wait_until(lambda: "Ctrl-C stops it." in server.log.read_text())
    return server.log.read_text()


def no_core_dumps(server: Server) -> bool:
    limits = [Path(f"/proc/{pid}/limits").read_text() for pid in server.pids.values()]
    return all(re.search(r"Max core file size +0 +0 ", one) for one in limits)


def assert_nothing_lies_open(office: Office) -> None:
    """No root key beside the data, and neither a passphrase nor a custodian's name in what the server said."""
    assert not (office.folder / "var" / "root.key").exists()
    log = (office.folder / "server.log").read_text()
    assert PASSPHRASE not in log and not re.search("|".join(NAMES), log)
    keys = list((office.folder / "var" / "root-key").glob("*.age"))
    assert len(keys) == 3 and all(path.stat().st_mode & 0o077 == 0 for path in keys)
