"""Which pack and which form holds where, and on which day."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count

from tutela.forms.definition import Form
from tutela.foundation.refusals import NotFound, Unavailable, Unmet
from tutela.foundation.remembering import once
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.published.models import FormVersion, PackInForce, PackVersion


@lru_cache(maxsize=512)
def form_version(version: str) -> Form:
    """The published form under `version`. Published versions never change, so it is read once. Raises NotFound."""
    row = FormVersion.objects.filter(version=version).first()
    if row is None:
        raise NotFound
    return Form.model_validate(row.content)


@lru_cache(maxsize=32)
def pack_version(pack_hash: str) -> Pack:
    """The published pack under `pack_hash`. Raises NotFound."""
    row = PackVersion.objects.filter(hash=pack_hash).first()
    if row is None:
        raise NotFound
    return Pack.model_validate(row.content)


def pack_in_force(agency_id: UUID, day: date) -> Pack:
    """The pack that an agency works by on `day`. Raises Unavailable where it was given none."""
    return pack_version(_in_force(agency_id, day).pack_id)


def form_in_force(code: str, *, agency_id: UUID, day: date) -> Form:
    """The form `code` in the version that an agency uses on `day`. Raises NotFound."""
    version = _in_force(agency_id, day).pack.forms.get(code)
    if version is None:
        raise NotFound
    return form_version(version)


def titles_in_force(*, agency_id: UUID, day: date) -> dict[str, dict[str, str]]:
    """The titles of every form that an agency uses on `day`, by code and language."""
    forms: dict[str, str] = _in_force(agency_id, day).pack.forms
    return {code: form_version(version).title for code, version in forms.items()}


@once
def _in_force(agency_id: UUID, day: date) -> PackInForce:
    """What holds on `day`; the first pack of an agency holds for what happened before it began, too."""
    rows = PackInForce.objects.filter(agency_id=agency_id).select_related("pack").defer("pack__content")
    in_order = rows.order_by("since", "decided_at")
    chosen = in_order.filter(since__lte=day).last() or in_order.first()
    if chosen is None:
        raise _no_pack()
    return chosen


def _no_pack() -> Unavailable:
    return Unavailable(
        Unmet("no_pack", say("This agency has no protocol in force. An administrator can choose one."))
    )


@dataclass(frozen=True)
class Term:
    """A pack, and from which moment an agency works by it; `number` tells one decision from another."""

    number: int
    pack_hash: str
    began: datetime
    is_first: bool

    @property
    def pack(self) -> Pack:
        """The pack itself. Raises NotFound."""
        return pack_version(self.pack_hash)


def terms(agency_id: UUID, zone: ZoneInfo) -> list[Term]:
    """Every pack that the agency works or worked by, or will, in their order; `zone` is the place of work.

    The first one holds for whatever was written before, too. Each later one begins with its day, or where it was decided
    in the middle of that day, with the decision: what was written in the morning keeps the pack of the morning.
    """
    rows = PackInForce.objects.filter(agency_id=agency_id).order_by("since", "decided_at")
    found = [
        Term(
            row.id,
            row.pack_id,
            max(datetime.combine(row.since, time.min, tzinfo=zone), row.decided_at),
            number == 0,
        )
        for number, row in enumerate(rows)
    ]
    return sorted(found, key=lambda one: (not one.is_first, one.began))


def term_at(agency_id: UUID, moment: datetime, zone: ZoneInfo) -> Term:
    """The pack that the agency works by at `moment`. Raises Unavailable where it was given none."""
    found = [one for one in terms(agency_id, zone) if one.is_first or one.began <= moment]
    if not found:
        raise _no_pack()
    return found[-1]


def is_form_in_force(code: str, *, agency_id: UUID, day: date) -> bool:
    """Whether the agency has the form `code` on `day`."""
    return code in _in_force(agency_id, day).pack.forms


def agencies_that_changed() -> list[UUID]:
    """The agencies that were given more than one pack in their time."""
    several = PackInForce.objects.values("agency_id").annotate(packs=Count("id")).filter(packs__gt=1)
    return list(several.order_by("agency_id").values_list("agency_id", flat=True))


def changed_versions() -> list[str]:
    """Published forms and packs whose content no longer has the hash under which it was published."""
    forms = [
        row.version
        for row in FormVersion.objects.all()
        if Form.model_validate(row.content).version != row.version
    ]
    packs = [
        row.hash for row in PackVersion.objects.all() if Pack.model_validate(row.content).hash != row.hash
    ]
    return forms + packs
