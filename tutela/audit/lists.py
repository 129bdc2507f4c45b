"""Which rows of the log tell of lists and searches with a file on them (R87, R121). Its own rows name it in `file_id`."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from tutela.audit.models import AuditRow


def rows_showing(file_id: UUID, *, since: datetime) -> QuerySet[AuditRow]:
    """Rows since a moment for lists that were shown, printed or found with a line of this file on them.

    There is no index of what stands in a row: the rows without a file of their own are looked through, from `since` on.
    """
    rows = AuditRow.objects.filter(file_id=None, at__gte=since)
    if connection.vendor == "sqlite":
        return rows.annotate(told=Cast("detail", TextField())).filter(told__contains=file_id.hex)
    return rows.filter(detail__contains={"shown": [file_id.hex]})
