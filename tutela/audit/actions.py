"""Writing the log."""

from datetime import datetime
from uuid import UUID

from tutela.audit.models import AuditRow


def record(
    *, act: str, by: UUID | None, at: datetime, file_id: UUID | None = None, entry_id: UUID | None = None,
    allowed: bool = True, **detail: str | int | bool | list[str] | None,
) -> None:  # fmt: skip
    """Insert one row, in the transaction of the act that it tells of. `detail` holds codes, ids and counts, never an answer.

    `shown`: the files, as `UUID.hex`, that stood on a list or were found; `lists.rows_showing` asks for them.
    """
    AuditRow.objects.create(
        act=act, by=by, at=at, file_id=file_id, entry_id=entry_id, allowed=allowed, detail=detail
    )
