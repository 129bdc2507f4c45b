"""Questions about services. A whole directory is opened in a handful of queries and with one call of the keeper."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import NotFound
from tutela.protocols.packs import Pack
from tutela.service_directory.models import Gap, SafetyConcern, Service, Verification
from tutela.service_directory.rules import Freshness, freshness, may_be_handed_out
from tutela.vault import sealing

# Permanent: the names under which the parts of the directory are sealed.
SERVICE, CONTACT = "service_directory.service", "service_directory.contact"
CONCERN, GAP = "service_directory.concern", "service_directory.gap"


@dataclass(frozen=True)
class Concern:
    """Why nobody should be sent there, since when, and who said so."""

    reason: str
    since: date
    by: str


@dataclass(frozen=True)
class KnownService:
    """A service as known now. `contact` is empty where it was not opened."""

    id: UUID
    form: str  # the version of the form it was written with
    told: dict[str, Any]
    contact: dict[str, Any]
    verified_on: date | None
    verified_by: str
    concern: Concern | None

    @property
    def words(self) -> str:
        """How people call it, and no other of the agency: service and organisation."""
        return called(self.told)

    def freshness(self, *, pack: Pack, day: date) -> Freshness:
        """How fresh this is on `day` (R39)."""
        ends = self.told.get("ends_on")
        return freshness(
            verified_on=self.verified_on, ends_on=date.fromisoformat(ends) if ends else None, pack=pack, day=day
        )  # fmt: skip


@dataclass(frozen=True)
class NotedGap:
    """A need that no service meets: where, when, how many children; not whose (R46)."""

    noted_on: date
    sector: str
    area: str
    children: int
    why: str


def directory_id(agency_id: UUID) -> UUID:
    """Under which id the keys of an agency's directory lie in the keyring."""
    return derived_id(agency_id, "service directory")


def called(told: dict[str, Any]) -> str:
    """Service and organisation in one line."""
    return f"{told['name']}, {told['organisation']}"


def directory(agency_id: UUID, *, with_contact: bool = True) -> list[KnownService]:
    """Every service that an agency knows, by name. Without `with_contact`, whom to speak to stays sealed."""
    rows = list(Service.objects.filter(agency_id=agency_id, replaced_by__isnull=True))
    return sorted(_known(agency_id, rows, with_contact), key=lambda one: one.words.casefold())


def service_of(service_id: UUID, *, agency_id: UUID) -> KnownService:
    """One service of an agency. Raises NotFound."""
    rows = list(Service.objects.filter(agency_id=agency_id, service_id=service_id, replaced_by__isnull=True))
    for known in _known(agency_id, rows, with_contact=True):
        return known
    raise NotFound


def agency_offering(service_id: UUID, *, agency_id: UUID) -> UUID | None:
    """The agency of this installation that offers a service, as the directory of `agency_id` says; None where none does."""
    rows = list(Service.objects.filter(agency_id=agency_id, service_id=service_id, replaced_by__isnull=True))
    known = [one.told.get("agency") for one in _known(agency_id, rows, with_contact=False)]
    return UUID(known[0]) if known and known[0] else None


def has_concern(service_id: UUID) -> bool:
    """Whether nobody should be sent there for now (R123)."""
    return SafetyConcern.objects.filter(service_id=service_id, lifted_on__isnull=True).exists()


def service_called(words: str, *, agency_id: UUID) -> KnownService | None:
    """The service that is called so, whatever the case of the letters; None for one outside the directory."""
    meant = words.strip().casefold()
    return next(
        (one for one in directory(agency_id, with_contact=False) if one.words.casefold() == meant), None
    )


def matching(
    services: Iterable[KnownService], *, words: str = "", sector: str = "", area: str = ""
) -> list[KnownService]:
    """Those of the services in whose words all of `words` are, of a sector, in an area. Empty asks for nothing.

    A service of which no area is known may cover any.
    """
    wanted = words.casefold().split()
    return [
        one for one in services
        if (not sector or one.told.get("sector") == sector)
        and (not area or area in one.told.get("areas", [area]))
        and all(word in _text(one) for word in wanted)
    ]  # fmt: skip


def handed_out(agency_id: UUID, *, pack: Pack, day: date) -> list[KnownService]:
    """What may stand on a list that leaves the organisation (R123). Whom to speak to is not even opened."""
    return [
        one for one in directory(agency_id, with_contact=False)
        if one.freshness(pack=pack, day=day).state != "ended"
        and may_be_handed_out(
            listed=one.told.get("listed") == "yes", sector=one.told["sector"], kind=one.told["kind"],
            concerns=[one.concern] if one.concern else [], pack=pack, day=day,
        )
    ]  # fmt: skip


def noted_gaps(agency_id: UUID) -> list[NotedGap]:
    """What the directory of an agency lacks, as noted there, the newest first."""
    rows = Gap.objects.filter(agency_id=agency_id).order_by("-noted_on", "id")
    return [_gap(row) for row in rows]


def _known(agency_id: UUID, rows: Collection[Service], with_contact: bool) -> list[KnownService]:
    ids = [row.service_id for row in rows]
    if not ids:
        return []
    place = directory_id(agency_id)
    sealing.fetch_keys([place], seal_classes=["case", "identity"] if with_contact else ["case"])
    verified = {  # the last of each stands
        one.service_id: one
        for one in Verification.objects.filter(service_id__in=ids)
        .select_related("by")
        .order_by("verified_on", "id")
    }
    concerns = {
        one.service_id: Concern(_opened(one.sealed, place, one.id, CONCERN), one.since, one.by.name)
        for one in SafetyConcern.objects.filter(service_id__in=ids, lifted_on__isnull=True).select_related(
            "by"
        )
    }
    return [
        KnownService(
            row.service_id, row.form_id, _opened(row.sealed, place, row.id, SERVICE),
            sealing.open_sealed(
                bytes(row.sealed_contact), file=place, seal_class="identity", row=row.id, label=CONTACT
            ) if with_contact else {},
            verified[row.service_id].verified_on if row.service_id in verified else None,
            verified[row.service_id].by.name if row.service_id in verified else "",
            concerns.get(row.service_id),
        )
        for row in rows
    ]  # fmt: skip


def _opened(blob: bytes | memoryview, place: UUID, row: UUID, label: str) -> Any:
    return sealing.open_sealed(bytes(blob), file=place, seal_class="case", row=row, label=label)


def _gap(row: Gap) -> NotedGap:
    told = _opened(row.sealed, directory_id(row.agency_id), row.id, GAP)
    return NotedGap(row.noted_on, told["sector"], told["area"], int(told["children"]), told.get("why", ""))


def _text(service: KnownService) -> str:
    """Everything that is said in words about a service, for looking a word up."""
    return " ".join(value for value in service.told.values() if isinstance(value, str)).casefold()
