"""What the house does by itself with files that became no case: reducing them to date, source and outcome (R17).

The main database commits first, the keyring afterwards: cut off in between, the reduced file still has keys, and the next
round destroys them. The other way round a file could be left that nobody can open and nobody may end.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from uuid import UUID

from tutela.access.models import Agency
from tutela.access.queries import zone_of
from tutela.cases.models import CaseFile
from tutela.commands.acting import act
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import Unavailable
from tutela.intake.actions import reduce_file
from tutela.intake.queries import Ending, endings_of, files_to_reduce, is_reduced, reduced_with_keys
from tutela.published.queries import pack_in_force
from tutela.supervision.actions import forget_matches
from tutela.vault import keyring
from tutela.vault.errors import NoKeys, Tampered

logger = logging.getLogger(__name__)


def reduce_files(*, at: datetime) -> int:
    """Reduce every file whose time has come, and destroy its keys. Returns how many. Raises Unavailable while locked."""
    done = 0
    for agency in Agency.objects.all():
        for file_id, ending in _due(agency, at=at):
            run = partial(_reduce, file_id, at=at)
            try:
                act("file.reduced", run, by=None, at=at, file_id=file_id, outcome=ending.outcome)
            except _NoLongerDue:
                continue
            done += 1
    for file_id in reduced_with_keys():
        keyring.destroy_file_keys(file_id)
    return done


class _NoLongerDue(Exception):
    """Somebody wrote on the file, or another worker was faster: nothing is done and nothing logged."""


def _due(agency: Agency, *, at: datetime) -> Iterator[tuple[UUID, Ending]]:
    day = local_day(at, zone_of(agency))
    try:
        pack = pack_in_force(agency.id, day)
    except Unavailable:  # an agency without a protocol has no time after which anything is reduced
        return
    for file in files_to_reduce(agency.id, pack=pack, day=day):
        try:
            yield from endings_of([file], pack=pack, day=day).items()
        except (NoKeys, Tampered) as error:  # one unreadable file does not keep the others waiting
            logger.error("A file could not be looked at: %s", type(error).__name__)


def _reduce(file_id: UUID, *, at: datetime) -> None:
    """Look once more with the file locked: whatever was written meanwhile counts."""
    file = CaseFile.objects.select_for_update(of=("self",)).select_related("agency").get(id=file_id)
    day = local_day(at, zone_of(file.agency))
    ending = endings_of([file], pack=pack_in_force(file.agency_id, day), day=day).get(file_id)
    if is_reduced(file_id) or ending is None:
        raise _NoLongerDue
    forget_matches(file_id)
    reduce_file(file_id, ending=ending, at=at)
