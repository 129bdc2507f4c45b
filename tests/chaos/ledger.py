"""What the server acknowledged, written down outside of it: nothing of this may ever be missing, doubled or different."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True)
class Acknowledged:
    """One submission to which the server answered that it is saved, at which revision of its file."""

    entry_id: UUID
    file_id: UUID
    form: str
    by: str  # the name they sign in with
    revision: int
    fingerprint: str

    @classmethod
    def read(cls, line: str) -> Self:
        told = json.loads(line)
        return cls(**told | {name: UUID(told[name]) for name in ("entry_id", "file_id")})


def write(entries: Iterable[Acknowledged], path: Path) -> None:
    """Write them down, for the process that looks at the databases."""
    path.write_text("".join(json.dumps(asdict(one), default=str) + "\n" for one in entries))


def read(path: Path) -> list[Acknowledged]:
    """What was written down."""
    return [Acknowledged.read(line) for line in path.read_text().splitlines()]


def fingerprint(
    *,
    answers: Mapping[str, Any],
    happened_at: datetime,
    precision: str,
    about: UUID | None,
    amends: UUID | None,
) -> str:
    """A mark of everything that was sent, to compare with what stands there."""
    sent = [answers, happened_at.astimezone(UTC).isoformat(), precision, str(about), str(amends)]
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
