"""The files that the reader works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutela.access.queries import covers_on, responsible_for
from tutela.cases.queries import files_of

if TYPE_CHECKING:
    from uuid import UUID

    from tutela.web.frame import Reader


def own_files(reader: Reader) -> list[UUID]:
    """Those that the reader writes on: of the files within reach, the ones that are theirs or that they stand in for (R104)."""
    reach = list(
        files_of(reader.user, day=reader.day).order_by("-opened_on", "id").values_list("id", flat=True)
    )
    workers, covers = responsible_for(reach), covers_on(reach, day=reader.day)
    theirs = {file_id for file_id, worker in workers.items() if worker.id == reader.user.id}
    covered = {file_id for file_id, cover in covers.items() if cover.stand_in_id == reader.user.id}
    return [file_id for file_id in reach if file_id in theirs | covered]
