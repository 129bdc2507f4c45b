"""Publishing packs and putting them in force."""

from datetime import date, datetime
from uuid import UUID

from tutela.forms.compiling import compiled_forms
from tutela.protocols import packs
from tutela.published.models import FormVersion, PackInForce, PackVersion


def publish(name: str, *, at: datetime) -> PackVersion:
    """Store the pack `name` and its forms as they are now, if they are not stored already."""
    pack = packs.load(name)
    versions = {}
    for form in compiled_forms(pack).values():
        FormVersion.objects.get_or_create(
            version=form.version,
            defaults={"code": form.code, "content": form.model_dump(mode="json"), "published_at": at},
        )
        versions[form.code] = form.version
    published, _ = PackVersion.objects.get_or_create(
        hash=pack.hash,
        defaults={
            "name": name,
            "forms": versions,
            "content": pack.model_dump(mode="json"),
            "published_at": at,
        },
    )
    return published


def put_in_force(*, agency_id: UUID, pack: PackVersion, since: date, at: datetime) -> None:
    """From `since`, the agency works by `pack`; a change of pack never reaches back. The same again changes nothing."""
    latest = PackInForce.objects.filter(agency_id=agency_id).order_by("since", "decided_at").last()
    if latest is None:
        PackInForce.objects.create(agency_id=agency_id, pack=pack, since=since, decided_at=at)
    elif latest.pack_id != pack.hash:
        PackInForce.objects.create(agency_id=agency_id, pack=pack, since=max(since, at.date()), decided_at=at)
