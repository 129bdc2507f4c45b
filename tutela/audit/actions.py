"""Writing the log."""

from datetime import datetime
from uuid import UUID

from tutela.audit.models import AuditRow, Stream

# What belongs to safeguarding and complaints whoever does it (R121): the first word of the act.
_APART = ("safeguarding.", "complaint.")


def record(
    *, act: str, by: UUID | None, at: datetime, file_id: UUID | None = None, entry_id: UUID | None = None,
    allowed: bool = True, stream: Stream = Stream.ORDINARY, **detail: str | int | bool | list[str] | None,
) -> None:  # fmt: skip
    """Insert one row, in the transaction of the act that it tells of. `detail` holds codes, ids and counts, never an answer.

    `shown`: the files, as `UUID.hex`, that stood on a list or were found; `lists.rows_showing` asks for them.
    `stream`: who may read it; what is about safeguarding or a complaint is never ordinary (R121).
    """
    AuditRow.objects.create(
        act=act, by=by, at=at, file_id=file_id, entry_id=entry_id, allowed=allowed, detail=detail,
        stream=Stream.SAFEGUARDING if act.startswith(_APART) else stream,
    )  # fmt: skip
