"""Words that nobody would write are put through every form, every draft and the search of a real server (R128).

They are then looked for in every file it has: databases, write-ahead logs, logs, sessions, temporary files; while it runs,
and after it has stopped. *A seized machine names nobody and says nothing about what happened.*
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.canary.course import (
    DAYS,
    FORMS,
    IN_AN_ADDRESS,
    NAME,
    NAME_IN_ARABIC,
    NAMES_OF_THE_HOUSE,
    OF_THE_HOUSE,
    PEOPLE,
    PHONE,
    SAID,
    ZONE,
)
from tests.canary.searching import columns_with, files_with, without, written
from tests.canary.visitor import Visitor
from tests.canary.writing import Sent, Writer
from tests.server import CHECKOUT, Server, running_server
from tutela.cli.story import read

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="canary-", dir="/tmp"))
    (path / "tmp").mkdir()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def told(folder: Path) -> Iterator[tuple[Server, Sent]]:
    """A server that was told everything, and still runs."""
    with running_server(folder, environment={"TMPDIR": str(folder / "tmp")}) as server:
        have_assessments_seen(server)
        writer = Writer({who: Visitor(server.url) for who in PEOPLE})
        for who, visitor in writer.visitors.items():
            visitor.sign_in(who, read("cast")["password"])
        writer.write_everything()
        yield server, writer.sent


def have_assessments_seen(server: Server) -> None:
    """No pack of the installation asks for a word on an assessment: from two days ago on, one of a test does."""
    since = datetime.now(ZONE) - timedelta(days=2)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    subprocess.run(
        [sys.executable, "-m", "tests.working_by", read("cast")["agencies"][0]["name"], since.isoformat()],
        cwd=CHECKOUT,
        env={**clean, "TUTELA_VAR": str(server.var), "TUTELA_DEMONSTRATION": "1"},
        check=True,
    )


def words_of(sent: Sent) -> set[str]:
    """What must be found nowhere."""
    yesterday = datetime.now(ZONE) - timedelta(days=1)
    moments = {yesterday.strftime(f"%Y-%m-%d{between}03:47") for between in "T "}
    return {*sent.canaries, *sent.passwords, SAID, PHONE, PHONE.replace(" ", ""), *DAYS, *moments}


def codes_of(sent: Sent) -> set[str]:
    """Codes that tell something, and are long enough to stand in nothing else."""
    return {code for code in sent.codes if len(code) > 9} - OF_THE_HOUSE


def found_in(folder: Path, sent: Sent) -> list[str]:
    databases = [*(folder / "var").glob("*.sqlite3")]
    assert len(databases) == 2
    codes = codes_of(sent)
    in_columns = [
        line
        for database in databases
        for line in columns_with(codes, database, except_tables="published_", but=NAMES_OF_THE_HOUSE)
    ]
    log = without((folder / "server.log").read_text(), NAMES_OF_THE_HOUSE)
    in_the_log = [line for line in log.splitlines() if any(word in line for word in {*codes, NAME})]
    return [*files_with(words_of(sent), [folder]), *in_columns, *in_the_log]


def test_every_question_of_every_form_was_answered_and_taken(told: tuple[Server, Sent]) -> None:
    _, sent = told
    asked = {
        (code, question.name)
        for code, form in FORMS.items()
        for question in form.questions
        if question.type not in ("note", "calculate")
    }
    assert asked == sent.taken
    assert sent.canaries == {NAME, NAME_IN_ARABIC}
    assert {"sexual_gender_based_violence", "suspected_of_harm"} <= sent.codes


def test_a_running_server_has_written_none_of_it_down(told: tuple[Server, Sent], folder: Path) -> None:
    _, sent = told
    assert any((folder / "var").glob("*-wal"))
    assert not (found := found_in(folder, sent)), "\n".join(found)


def test_a_stopped_server_has_left_none_of_it_behind(told: tuple[Server, Sent], folder: Path) -> None:
    server, sent = told
    server.stop()
    assert not (found := found_in(folder, sent)), "\n".join(found)


def test_an_address_that_somebody_typed_is_in_no_log(told: tuple[Server, Sent], folder: Path) -> None:
    assert files_with([IN_AN_ADDRESS], [folder]) == []


def test_the_search_finds_what_is_there(told: tuple[Server, Sent], folder: Path, tmp_path: Path) -> None:
    """In each spelling, in the middle of a file, and in a table or the log beside it."""
    _, sent = told
    for which, word in enumerate(words_of(sent)):
        (planted := tmp_path / str(which)).mkdir()
        for number, needle in enumerate(written(word)):
            (planted / f"{number}.txt").write_bytes(b"\0" * 70_000 + needle + b"\xff")
        assert len(files_with([word], [planted])) == number + 1
    tables = tmp_path / "tables"
    tables.mkdir()
    database = tables / "planted.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE cases_entry (told TEXT)")
        told_there = f"{NAME} sexual_gender_based_violence data_protection protection"
        connection.execute("INSERT INTO cases_entry VALUES (?)", [told_there])
        connection.commit()
        assert files_with([NAME], [tables]) == [f"{NAME} in planted.sqlite3-wal"]
        found = columns_with(codes_of(sent), database, except_tables="published_", but=NAMES_OF_THE_HOUSE)
        assert found == ["protection in cases_entry", "sexual_gender_based_violence in cases_entry"]
