"""Ending a file by agreement of two people: its keys are destroyed, and a proof stays (R90, R91; ADR 40).

The main database commits first, the keyring afterwards, as in `commands.reducing`: cut off in between, the file still has
keys that nobody uses, and the next round of the worker destroys them.
"""

from datetime import datetime
from uuid import UUID

from tutela.access.models import User
from tutela.access.queries import zone_of
from tutela.commands.acting import act
from tutela.data_protection import actions
from tutela.data_protection.queries import destroyed_with_keys, destruction_of
from tutela.foundation.clock import local_day
from tutela.published.queries import pack_in_force
from tutela.supervision.actions import forget_matches
from tutela.vault import keyring


def destroy_file(destruction_id: UUID, *, agency_id: UUID, by: User, at: datetime) -> None:
    """Agree to a destruction that somebody else asked for, and carry it out. Raises NotFound, Forbidden, Refused."""
    file = destruction_of(destruction_id, agency_id=agency_id).file
    day = local_day(at, zone_of(file.agency))

    def run() -> None:
        pack = pack_in_force(agency_id, day)
        actions.destroy(destruction_id, agency_id=agency_id, pack=pack, day=day, by=by, at=at)
        forget_matches(file.id)

    act(
        "file.destroyed", run, by=by, at=at, action="agree_destruction", file_id=file.id,
        field_class="clear", destruction=str(destruction_id),
    )  # fmt: skip
    keyring.destroy_file_keys(file.id)


def destroy_left_keys() -> int:
    """The worker's part: destroy keys of files that were ended already. Returns of how many."""
    left = destroyed_with_keys()
    for file_id in left:
        keyring.destroy_file_keys(file_id)
    return len(left)
