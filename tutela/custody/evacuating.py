"""Leaving: lock, one last bundle, then destroy. What was begun is finished, even after the power went (R91, ADR 0039)."""

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db import DatabaseError

from tutela.custody.backing_up import back_up
from tutela.custody.bundles import settle
from tutela.custody.destroying import destroy
from tutela.custody.places import backup_places, check_place, custodians, last_bundle, var
from tutela.foundation.clock import now
from tutela.foundation.refusals import Refused, Unavailable
from tutela.vault.keeper import keeper

_BEGUN, _DONE = "evacuation.json", "evacuated.json"
_SIXTY = 60.0  # seconds in a minute


class Copied(NamedTuple):
    """What became of the last bundle in one place; `problem` is empty where it lies there, whole."""

    place: Path
    problem: str


def lock() -> None:
    """Make the keeper forget every key and every name; opened keys die elsewhere within seconds. Raises Unavailable."""
    keeper().lock()


def copy_everywhere(places: Sequence[Path] | None = None) -> list[Copied]:
    """Lock, and write the last bundle to every place. Nobody opens a file any more, so it holds all there is."""
    with suppress(Unavailable):  # stopped already: it holds nothing
        lock()
    return [_copied(place) for place in (backup_places() if places is None else places)]


def problem_of(place: Path) -> str:
    """Why no bundle could go to a place, as far as can be seen beforehand; nothing where one could."""
    try:
        check_place(place)
        custodians()
    except Refused as refused:
        return str(refused.unmet[0].words)
    return "" if os.access(place, os.W_OK) else f"{place} cannot be written to."


def unsaved_minutes(*, at: datetime) -> int | None:
    """The minutes whose work is in no bundle; None where there is no bundle at all."""
    last = last_bundle()
    return None if last is None else max(1, round((at - last).total_seconds() / _SIXTY))


def begin(*, copied_to: Sequence[Path], without_copy: bool) -> None:
    """Decide it: from here on it is finished, whatever happens to this process or the machine."""
    told = {
        "begun": now().isoformat(), "without_copy": without_copy, "copied_to": [str(place) for place in copied_to], "done": [],
    }  # fmt: skip
    _write(var() / _BEGUN, told)


def is_begun() -> bool:
    """Whether an evacuation was decided and is not finished."""
    return (var() / _BEGUN).exists()


def evacuated_at() -> datetime | None:
    """When what this folder held was destroyed; None where it was not."""
    begun = _read(var() / _DONE).get("begun")
    return datetime.fromisoformat(begun) if begun else None


def finish(*, note: Callable[[str], None]) -> list[str]:
    """Destroy what is left of the house. Returns what could not be destroyed yet; called again, it goes on there."""
    path = var() / _BEGUN
    told = {"done": []} | _read(path)

    def keep(name: str) -> None:
        told["done"] = [*told["done"], f"{name} {now().isoformat()}"]
        _write(path, told)
        note(name)

    failed = destroy(note=keep)
    if not failed:
        _write(var() / _DONE, {"begun": now().isoformat()} | told)
        path.unlink(missing_ok=True)
    return failed


def forget_evacuation() -> None:
    """Let the folder be one for a house again."""
    (var() / _DONE).unlink(missing_ok=True)


def _copied(place: Path) -> Copied:
    try:
        back_up(place, custodians=custodians(), delta=True)
    except Refused as refused:
        return Copied(place, " ".join(str(one.words) for one in refused.unmet))
    except DatabaseError:
        return Copied(place, "The database does not answer.")
    return Copied(place, "")


def _write(path: Path, told: object) -> None:
    """Without room on the disk it is not written down, and done all the same."""
    fresh = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        with fresh.open("w") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        settle(path.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
