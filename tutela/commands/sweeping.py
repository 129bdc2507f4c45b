"""What the house does by itself with what was added to a form and never sent: it goes once its time has come."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from tutela.access.office import agencies
from tutela.access.queries import agency_of, zone_of
from tutela.attachments import actions, queries, storing
from tutela.attachments.rules import kept_from
from tutela.cases.models import Draft
from tutela.commands.acting import act
from tutela.foundation.clock import local_day
from tutela.foundation.refusals import Unavailable
from tutela.protocols.packs import NotInPack
from tutela.published.queries import pack_in_force


def sweep_attachments(*, at: datetime) -> int:
    """Remove what was never sent, and bytes that belong to nothing. What a draft holds stays with the draft.

    Nothing is opened, so it goes on while the keeper is locked. Returns how many were removed.
    """
    kept = dict(_kept_from(at=at))
    if not kept:
        return 0
    longest, removed = min(kept.values()), 0
    drafts = set(Draft.objects.values_list("entry_id", flat=True))
    for row in queries.unsent():
        agency = agency_of(row.user, at.date())
        since = kept.get(agency.id, longest) if agency else longest
        if row.added_at.date() < since and row.entry_id not in drafts:
            act("attachment.swept", partial(actions.forget, row.id), by=None, at=at, attachment=str(row.id))
            removed += 1
    known = queries.names_of_blobs()
    for name in [name for name, kept_at in storing.names() if name not in known and kept_at.date() < longest]:
        storing.remove(name)
        removed += 1
    return removed


def _kept_from(*, at: datetime) -> Iterator[tuple[object, date]]:
    """For each agency, from which day on what was added is kept. One without a rule for it keeps everything."""
    for agency in agencies():
        day = local_day(at, zone_of(agency))
        try:
            yield agency.id, kept_from(day, pack=pack_in_force(agency.id, day))
        except (Unavailable, NotInPack):
            continue
