"""The files for which the reader is the responsible caseworker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutela.access.queries import responsible_for
from tutela.cases.queries import files_of

if TYPE_CHECKING:
    from uuid import UUID

    from tutela.web.frame import Reader


def own_files(reader: Reader) -> list[UUID]:
    """Those that the reader writes on: of the files within reach, the ones that are theirs."""
    reach = list(
        files_of(reader.user, day=reader.day).order_by("-opened_on", "id").values_list("id", flat=True)
    )
    workers = responsible_for(reach)
    return [file_id for file_id in reach if file_id in workers and workers[file_id].id == reader.user.id]
