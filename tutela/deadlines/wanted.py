"""A deadline that the facts call for, before it is compared with those that are stored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.deadlines.timeline import Event, Timeline
from tutela.protocols.packs import Pack


@dataclass(frozen=True)
class Wanted:
    """Which limit, from which event, until when, by which rule; and what met it."""

    step: str
    anchor: Event
    due_at: datetime
    overdue_after: datetime
    rule: str
    citation: str
    pack_hash: str
    met: Event | None = None
    aside: UUID | None = None  # the entry that set it aside
    reason: str = ""  # why, a code of set_aside_reason


Source = Callable[[UUID, Timeline, Pack, ZoneInfo], Iterable[Wanted]]
