"""Changing the root key and an agency's key while people work (ADR 0029).

Each step is one commit on the keyring and may be the last one before a crash: at every moment whatever is wrapped opens,
and whoever comes next goes on. Any number of processes may do it at once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

from django.db.models import Model

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say
from tutela.keeper.messages import Wrapped
from tutela.vault import keyring
from tutela.vault.errors import NoKeys
from tutela.vault.keeper import keeper
from tutela.vault.keyring import committed
from tutela.vault.models import AgencyKey, FileKey, RootGeneration, UserKey
from tutela.vault.root_generation import keep_up, note

AT_ONCE = 500  # keys wrapped anew in one commit


def rotate_root(*, at: datetime) -> None:
    """A new root key, for which two custodians have come. `go_on` wraps what there is with it. Raises Refused, Unavailable."""
    keep_up(at=at)
    if damaged := renew_wrapped_by_root():  # only the root key before this one opens beside it
        words = say(
            "{n} keys do not open. Restore the keyring from a backup first, then change the root key.",
            n=damaged,
        )
        raise Refused(Unmet("damaged_keys", words))
    with committed():
        list(RootGeneration.objects.select_for_update())  # one host after the other
        keep_up(at=at)
        status = keeper().rotate()
        note(status["generation"] or 0, status["root"] or "", at=at, finished=False)


def begin_agency(agency_id: UUID, *, at: datetime) -> None:
    """A new key of an agency, beside the one that wraps its files' keys. Under way already, nothing happens. Raises NoKeys."""
    with committed():
        row = AgencyKey.objects.select_for_update().filter(agency_id=agency_id).first()
        if row is None:
            raise NoKeys
        if row.before is None:
            row.before, row.made_at = row.wrapped, at
            row.wrapped = keeper().new_agency_key(keyring.agency_context(agency_id))
            row.save()


def go_on(*, at: datetime) -> int:
    """Finish every change that has begun. Returns how many keys do not open; while there are any, nothing old is let go."""
    keep_up(at=at)
    damaged = 0
    for generation in RootGeneration.objects.filter(finished_at=None):
        found = renew_wrapped_by_root()
        if not found:
            RootGeneration.objects.filter(pk=generation.pk).update(finished_at=at)
        damaged += found
    changing = AgencyKey.objects.filter(before__isnull=False).values_list("agency_id", flat=True)
    return damaged + sum(_finish_agency(agency_id) for agency_id in list(changing))


def renew_wrapped_by_root() -> int:
    """Wrap with the newest root key whatever is not. Returns how many keys do not open."""
    agencies = _each_batch(AgencyKey, {}, partial(_renew_by_root, "agency", ("wrapped", "before")))
    return agencies + _each_batch(UserKey, {}, partial(_renew_by_root, "user", ("wrapped",)))


def unfinished() -> int:
    """How many changes of keys have begun and are not finished."""
    roots = RootGeneration.objects.filter(finished_at=None).count()
    return roots + AgencyKey.objects.filter(before__isnull=False).count()


def _finish_agency(agency_id: UUID) -> int:
    """Wrap the keys of an agency's files with its new key, then let go of the old one. Returns how many do not open."""
    before = AgencyKey.objects.values_list("before", flat=True).get(agency_id=agency_id)
    if before is None:  # somebody else was faster
        return 0
    damaged = _each_batch(FileKey, {"agency_id": agency_id}, partial(_renew_by_agency, agency_id))
    if not damaged:  # and only where it is still the one that this pass has made needless
        AgencyKey.objects.filter(agency_id=agency_id, before=bytes(before)).update(before=None)
    return damaged


def _each_batch(model: type[Model], chosen: dict[str, Any], renew: Callable[[Sequence[Any]], int]) -> int:
    """Every row of `model`, in batches of one commit each, locked meanwhile: a key that is destroyed stays destroyed."""
    damaged, last = 0, None
    while True:
        with committed():
            rows = model._default_manager.select_for_update().filter(**chosen).order_by("pk")
            batch = list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE])
            if not batch:
                return damaged
            damaged += renew(batch)
        last = batch[-1].pk


def _renew_by_root(use: Literal["agency", "user"], fields: Sequence[str], batch: Sequence[Any]) -> int:
    places = [(row, field) for row in batch for field in fields if getattr(row, field) is not None]
    wrapped = [Wrapped(bytes(getattr(row, field)), _context(row)) for row, field in places]
    return _save(places, wrapped, keeper().renew(use, wrapped), fields)


def _renew_by_agency(agency_id: UUID, batch: Sequence[FileKey]) -> int:
    agency = AgencyKey.objects.get(agency_id=agency_id)
    before = keyring.agency_key_before(agency)
    if before is None:  # somebody else has finished
        return 0
    wrapped = [
        Wrapped(bytes(row.wrapped), keyring.file_context(row.file_id, row.seal_class)) for row in batch
    ]
    new = keyring.wrapped_agency_key(agency)
    renewed = keeper().renew_file_keys(agency=new, before=before, wrapped=wrapped)
    return _save([(row, "wrapped") for row in batch], wrapped, renewed, ("wrapped",))


def _save(
    places: Sequence[tuple[Any, str]],
    wrapped: Sequence[Wrapped],
    renewed: Sequence[bytes | None],
    fields: Sequence[str],
) -> int:
    changed: list[Any] = []
    for (row, field), old, new in zip(places, wrapped, renewed, strict=True):
        if new is not None and new != old.key:
            setattr(row, field, new)
            changed.append(row)
    if changed:
        type(changed[0])._default_manager.bulk_update(list({row.pk: row for row in changed}.values()), fields)
    return sum(new is None for new in renewed)


def _context(row: AgencyKey | UserKey) -> str:
    if isinstance(row, AgencyKey):
        return keyring.agency_context(row.agency_id)
    return keyring.user_context(row.user_id)
