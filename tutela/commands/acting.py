"""What is no entry on a file: one transaction with its audit row, like everything else."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from tutela.access.deciding import Action
from tutela.access.models import User
from tutela.audit import actions as audit
from tutela.audit.models import Stream
from tutela.cases import drafts, labels
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import Draft, Entry
from tutela.commands.deciding import allow, place_of_work
from tutela.foundation.refusals import NotFound
from tutela.supervision.actions import files_to_search, search_for_existing
from tutela.supervision.actions import judge_match as judge
from tutela.vault import keyring
from tutela.vault.errors import NoKeys, Tampered

_Result = TypeVar("_Result")
logger = logging.getLogger(__name__)


def act(
    verb: str,
    run: Callable[[], _Result],
    *,
    by: User | None,
    at: datetime,
    action: Action | None = None,
    field_class: str = "case",
    file_id: UUID | None = None,
    **detail: Any,
) -> _Result:
    """Do something that is no entry on a file, in one transaction with its audit row.

    `by` None: the house itself, which may. Where `action` is named, whether `by` may do it is decided first: on the file,
    or without one in the agency they work for; `field_class`: what of a file is touched.

    Raises NotFound and Forbidden as every way in does.
    """
    stream = Stream.ORDINARY
    if by is not None and action is not None:
        agency, _ = place_of_work(file_id, by=by, at=at, act=verb)
        stream = allow(
            action, file_id=file_id, agency=agency, by=by, at=at, act=verb, field_class=field_class
        ).stream
    try:
        with transaction.atomic():
            result = run()
            audit.record(act=verb, by=by.id if by else None, at=at, file_id=file_id, stream=stream, **detail)
    except NotFound:  # the verb itself found that it is not theirs: a denial like any other
        if by is not None:
            audit.record(act=verb, by=by.id, at=at, file_id=file_id, allowed=False, stream=stream, **detail)
        raise
    return result


def keep_draft(place: Place, draft: OpenDraft, *, by: User, at: datetime) -> None:
    """Keep what somebody typed and did not send. The first time leaves an audit row; each keystroke does not.

    A draft that its own entry has overtaken is let go. Raises NotFound where the id is somebody else's.
    """
    keyring.mint_user_key(by.id)  # the keyring commits first (design §5)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(id=by.id)  # two windows of one person take turns
        kept = Draft.objects.filter(entry_id=draft.entry_id).first()
        if kept and kept.user_id != by.id:
            raise NotFound
        if Entry.objects.filter(id=draft.entry_id).exists():
            return
        drafts.keep_draft(place, draft, by=by, at=at)
        if kept is None:
            audit.record(act="draft.kept", by=by.id, at=at, file_id=place.file, form=place.form)


def set_label(file_id: UUID, label: str, *, by: User, at: datetime) -> None:
    """What `by` calls the child on their own lists; empty takes it away (R125). Raises NotFound."""
    keyring.mint_user_key(by.id)  # the keyring commits first (design §5)
    act(
        "label.set",
        partial(labels.set_label, file_id, label, by=by),
        by=by,
        at=at,
        action="read",
        file_id=file_id,
    )


def look_for_existing_files(*, at: datetime) -> None:
    """The worker's part of R6: search the agency of every child registered since the last time."""
    for file_id in files_to_search():
        try:
            act(
                "file.searched", partial(search_for_existing, file_id, at=at), by=None, at=at, file_id=file_id
            )
        except (NoKeys, Tampered) as error:  # one unreadable file does not keep the others waiting
            logger.error("A file could not be searched for: %s", type(error).__name__)


def judge_match(match_id: int, *, verdict: str, by: User, at: datetime) -> None:
    """A supervisor says whether two files are of one child (R6). Raises NotFound, which leaves a row."""
    run = partial(judge, match_id, verdict=verdict, by=by, at=at)
    act("match.judged", run, by=by, at=at, match=match_id, verdict=verdict)
