"""The foot of a page that is made to be printed: who, when, and a reference that leads to its row in the log (R87, R124)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tutela.foundation.ids import new_reference

if TYPE_CHECKING:
    from tutela.web.frame import Reader


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of a paper. `by` is empty on what is given away: to a child, a family (R35)."""

    at: datetime
    by: str
    reference: str = field(default_factory=new_reference)


def foot_of(reader: Reader, *, named: bool = True) -> Foot:
    """The foot of one paper. Its reference goes into the row of the log that says it was printed."""
    return Foot(reader.at, reader.user.name if named else "")
