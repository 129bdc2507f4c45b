"""When an agency begins to work by another pack, what is due on its files changes with it (R26; ADR 0022)."""

import logging
from datetime import datetime

from django.db import transaction

from tutela.audit import actions as audit
from tutela.cases.models import CaseFile
from tutela.deadlines.actions import recount
from tutela.deadlines.queries import changes_to_count, files_to_recount
from tutela.protocols.packs import NotInPack
from tutela.vault import sealing
from tutela.vault.errors import NoKeys, Tampered

_AT_ONCE = 100  # files in one go of the worker, which has other duties too

logger = logging.getLogger(__name__)


def recount_deadlines(*, at: datetime) -> int:
    """The worker's part: take changes of the pack up on the next files. Returns on how many; 0: nothing is left to do.

    Each file is a transaction of its own, under its lock: cut off in the middle nothing is half done, and two workers
    never do the same twice.
    """
    waiting, done = files_to_recount(at=at), 0
    sealing.fetch_keys(waiting[:_AT_ONCE], seal_classes=["case"])
    for file_id in waiting:
        try:
            with transaction.atomic():
                file = (
                    CaseFile.objects.select_for_update(of=("self",)).select_related("agency").get(id=file_id)
                )
                done += take_up_changes(file, at=at)
        except (NoKeys, Tampered, NotInPack) as error:  # one such file does not keep the others waiting
            logger.error("The deadlines of a file could not be worked out anew: %s", type(error).__name__)
        if done >= _AT_ONCE:
            break
    return done


def take_up_changes(file: CaseFile, *, at: datetime) -> int:
    """On a file that is locked: work its deadlines out by every pack that began by `at`, before anything else is written.

    Returns by how many; each leaves its row in the log.
    """
    changes = changes_to_count(file, at=at)
    for change in changes:
        recount(file, change)
        audit.record(
            act="deadlines.recounted",
            by=None,
            at=at,
            file_id=file.id,
            change=change.number,
            pack=change.pack_hash,
        )
    return len(changes)
