"""A custodian comes: let in or not, it leaves a row."""

from datetime import datetime
from typing import Any, Literal

from tutela.audit import actions as audit
from tutela.custody import unlocking
from tutela.custody.unlocking import Door, Purpose
from tutela.foundation.refusals import Refused


def custodian_comes(
    file: bytes,
    passphrase: str,
    *,
    purpose: Purpose,
    way: Literal["page", "command"],
    place: str,
    at: datetime,
) -> Door:
    """See `unlocking.come`. The row says what for, which way and how it ended: never who. Raises Refused, Unavailable."""
    told: dict[str, Any] = {"purpose": purpose, "way": way}
    try:
        door = unlocking.come(file, passphrase, purpose=purpose, place=place, at=at)
    except Refused as refused:
        why = refused.unmet[0].code
        audit.record(act="custody.custodian_came", by=None, at=at, allowed=False, why=why, **told)
        raise
    audit.record(act="custody.custodian_came", by=None, at=at, opened=door.open and purpose == "open", **told)
    return door
