"""Publishing packs and putting them in force."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from tutela.forms.compiling import compiled_forms
from tutela.protocols import packs
from tutela.published.models import FormVersion, PackInForce, PackVersion


def publish(pack: str | Path, *, at: datetime) -> PackVersion:
    """Store a pack and its forms as they are now, if they are not stored already: by its name, or from a folder."""
    found = packs.load(pack)
    if known := PackVersion.objects.filter(hash=found.hash).defer("content").first():
        return known
    versions = {}
    for form in compiled_forms(found).values():
        FormVersion.objects.get_or_create(
            version=form.version,
            defaults={"code": form.code, "content": form.model_dump(mode="json"), "published_at": at},
        )
        versions[form.code] = form.version
    published, _ = PackVersion.objects.get_or_create(
        hash=found.hash,
        defaults={
            "name": found.name,
            "forms": versions,
            "content": found.model_dump(mode="json"),
            "published_at": at,
        },
    )
    return published


def put_in_force(*, agency_id: UUID, pack: PackVersion, since: date, at: datetime) -> bool:
    """From `since`, the agency works by `pack`; a change of pack never reaches back. Whether anything changed by it.

    Where it works by that pack on that day already, nothing changes. What is due on its files is worked out anew when the
    day has come (ADR 0022).
    """
    rows = PackInForce.objects.filter(agency_id=agency_id)
    day = max(since, at.date()) if rows.exists() else since
    holds = rows.filter(since__lte=day).order_by("since", "decided_at").last()
    if holds is not None and holds.pack_id == pack.hash:
        return False
    PackInForce.objects.create(agency_id=agency_id, pack=pack, since=day, decided_at=at)
    return True


def publish_for(agency_id: UUID, *, name: str, since: date, at: datetime) -> bool:
    """Publish the pack `name` as it is now, and put it in force for an agency. Whether anything changed by it."""
    return put_in_force(agency_id=agency_id, pack=publish(name, at=at), since=since, at=at)
