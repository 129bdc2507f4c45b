"""Looked at from inside one process: what each page asks of the databases, and where its time goes.

    python -m tests.bench.inside STATEMENTS PROFILE

Settings come from the environment; a keeper answers at its socket.
"""

import cProfile
import json
import os
import pstats
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django

from tests.bench.floor import NEW, REVISION, write_down

PAGES_EACH = 20
_ENTRY, _REVISION = 'INSERT INTO "cases_entry"', 2  # where the revision stands among its values
# Whose time counts as what, with everything they call: file and function. They overlap: the row in the log is a query too.
PARTS = {
    "queries": (("backends/utils.py", "execute"),),
    "the ORM": (("db/models/query.py", "_fetch_all"),),
    "sealing": tuple(
        ("vault/sealing.py", name)
        for name in ("seal", "open_sealed", "fetch_keys", "open_for_user", "seal_for_user", "keyed_hash")
    ),
    "audit": (("audit/actions.py", "record"),),
    "templates": (("template/backends/django.py", "render"),),
    "names": (("cases/finding.py", "find_files"),),
    "deadlines": (("deadlines/actions.py", "refresh"),),
}


def main(statements: Path, profile: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.site.settings")
    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    pages = _pages()
    for page in pages.values():
        page()  # what is opened once and kept is not counted
    write_down([_statements(page) for page in pages.values()], statements)
    profile.write_text(json.dumps({name: _parts(page) for name, page in pages.items()}))


def _pages() -> dict[str, Callable[[], Any]]:
    """The pages that `asking` asks for, of the same person."""
    from django.test import Client

    from tutela.access.queries import find_user
    from tutela.cases.queries import files_of
    from tutela.foundation.clock import now
    from tutela.foundation.ids import new_id

    user = find_user("caseworker1")
    assert user is not None
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    file = files_of(user, day=now().date()).filter(case__isnull=False).order_by("-opened_on", "id")[0]
    contact = {
        "kind": "phone", "reached": "child", "situation": "Was in class all week.", "base": "0",
        "happened_at": "2026-01-15T10:00", "happened_precision": "exact",
    }  # fmt: skip
    return {
        "Today": lambda: _good(client.get("/")),
        "case list": lambda: _good(client.get("/cases")),
        "a file": lambda: _good(client.get(f"/files/{file.id}/")),
        "a name": lambda: _good(client.post("/find", {"q": "Nema Aluoch"})),
        "a submission": lambda: _good(
            client.post(f"/files/{file.id}/forms/follow_up.contact", {**contact, "entry_id": str(new_id())})
        ),
    }


def _good(answer: Any) -> None:
    assert answer.status_code in (200, 302), answer.status_code


def _statements(page: Callable[[], Any]) -> list[tuple[str, str, list[Any]]]:
    """What a page asks of both databases, in its order; ids that it makes are called `new …`."""
    said: list[tuple[str, str, list[Any]]] = []
    with ExitStack() as stack:
        for name in ("default", "keyring"):
            stack.enter_context(_written_down(name, said))
        page()
    made = _made_ids(said)
    for _, sql, given in said:
        if sql.startswith(_ENTRY):
            given[_REVISION] = REVISION
    return [
        (name, sql.replace("%s", "?").replace("%%", "%"), [_named(one, made) for one in given])
        for name, sql, given in said
    ]


def _named(value: Any, made: dict[str, str]) -> Any:
    return made.get(value, value) if isinstance(value, str) else value


@contextmanager
def _written_down(name: str, said: list[tuple[str, str, list[Any]]]) -> Iterator[None]:
    from django.db import connections

    database = {"default": "tutela", "keyring": "keyring"}[name]
    connection = connections[name]

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        said.append((database, sql, list(params or ())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield


def _made_ids(said: list[tuple[str, str, list[Any]]]) -> dict[str, str]:
    """Ids that stand in an INSERT and were asked for before only to see that they were free."""
    asked = {one for _, sql, given in said if not sql.startswith("INSERT") for one in given if _is_id(one)}
    inserted = [one for _, sql, given in said if sql.startswith("INSERT") for one in given if _is_id(one)]
    entry = next((given[0] for _, sql, given in said if sql.startswith(_ENTRY)), None)
    return {one: f"{NEW}{one}" for one in inserted if one == entry or one not in asked}


def _is_id(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value) == 32 and all(letter in "0123456789abcdef" for letter in value)
    )


def _parts(page: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of one page under the profiler, in all and by part."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(PAGES_EACH):
        page()
    profiler.disable()
    stats = pstats.Stats(profiler)
    told = {"all": stats.total_tt * 1000 / PAGES_EACH}  # type: ignore[attr-defined]
    for part, functions in PARTS.items():
        spent = sum(
            cumulative
            for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items()  # type: ignore[attr-defined]
            if any(file.endswith(ending) and name == function for ending, function in functions)
        )
        told[part] = spent * 1000 / PAGES_EACH
    return told


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
