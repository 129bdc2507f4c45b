"""Questions about what may leave, what is on its way and what left."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q

from tutela.access.models import User
from tutela.access.queries import files_of_supervised_teams
from tutela.cases.models import Case
from tutela.closure.queries import closed_among
from tutela.exports.models import Export, ExportedFile, register_id
from tutela.foundation.ids import read_case_code
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.vault import sealing

TOLD = "exports.told"  # permanent: the name under which to whom and why are sealed

# Where an export stands, worked out from who did what when.
Stage = Literal[
    "prepared", "waits", "declined", "being_made", "to_lock", "ready", "swept",
]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What whoever asked said: to whom it goes, for what, and for which key it is closed."""

    recipient: str
    why: str
    age_key: str = ""


@dataclass(frozen=True)
class Chosen:
    """Which cases: open, closed or all of them; opened in a time; or those of a list of codes only."""

    which: str  # open, closed or all
    since: date | None = None
    until: date | None = None
    codes: tuple[str, ...] = ()


def told_of(export: Export) -> Told:
    """To whom an export goes and why, opened. Raises Unavailable, NoKeys, Tampered."""
    contents = sealing.open_sealed(
        bytes(export.sealed), file=register_id(export.agency_id), seal_class="case", row=export.id, label=TOLD
    )
    return Told(contents["recipient"], contents["why"], contents.get("age_key", ""))


def stage_of(export: Export) -> Stage:
    """Where it stands."""
    if export.swept_at:
        return "swept"
    if export.asked_at is None:
        return "prepared"
    if export.second_person and not export.agreed:
        return "waits" if export.agreed is None else "declined"
    if export.made_at is None:
        return "being_made"
    return "to_lock" if export.lock == "passphrase" and export.locked_at is None else "ready"


def codes_in(written: str) -> tuple[str, ...]:
    """The case codes that somebody typed, each in its one spelling. Raises Refused for what is none."""
    typed = [one for one in re.split(r"[\s,;]+", written) if one]
    codes = tuple(dict.fromkeys(read_case_code(one) or "" for one in typed))
    if "" in codes:
        words = say("One of these is no case code, or has a slip in it. Compare them with the files.")
        raise Refused(Unmet("no_code", words, "R17", "codes"))
    return codes


def cases_in_reach(
    chosen: Chosen, *, agency_id: UUID, by: User | None, day: date
) -> list[UUID]:  # fmt: skip
    """The registered cases of an agency that were chosen; where `by` is given, those of the teams they supervise only."""
    cases = Case.objects.filter(file__agency_id=agency_id)
    if chosen.since:
        cases = cases.filter(file__opened_on__gte=chosen.since)
    if chosen.until:
        cases = cases.filter(file__opened_on__lte=chosen.until)
    if chosen.codes:
        cases = cases.filter(code__in=chosen.codes)
    ids = list(cases.order_by("file_id").values_list("file_id", flat=True))
    if by is not None:
        own = set(files_of_supervised_teams(by, day))
        ids = [file_id for file_id in ids if file_id in own]
    if chosen.which == "all":
        return ids
    closed = closed_among(ids)
    return [file_id for file_id in ids if (file_id in closed) == (chosen.which == "closed")]


def export_of(export_id: UUID, *, agency_id: UUID) -> Export:
    """An export of an agency. Raises NotFound."""
    rows = Export.objects.select_related("prepared_by", "answered_by", "agency")
    found = rows.filter(id=export_id, agency_id=agency_id).first()
    if found is None:
        raise NotFound
    return found


def own_exports(user: User, *, agency_id: UUID, most: int) -> list[Export]:
    """What somebody asked for, or is about to, the newest first."""
    rows = Export.objects.filter(prepared_by=user, agency_id=agency_id).select_related("answered_by")
    return list(rows[:most])


def waiting_for_agreement(*, agency_id: UUID, but: User) -> list[Export]:
    """What waits for a second person, the oldest first; nobody agrees to their own."""
    rows = Export.objects.filter(
        agency_id=agency_id, second_person=True, asked_at__isnull=False, agreed__isnull=True, swept_at__isnull=True
    )  # fmt: skip
    return list(rows.exclude(prepared_by=but).select_related("prepared_by").order_by("asked_at"))


def register(*, agency_id: UUID, start: int, most: int) -> list[Export]:
    """The register of an agency: what was asked for, whatever became of it, the newest first."""
    rows = Export.objects.filter(agency_id=agency_id, asked_at__isnull=False).order_by("-number")
    return list(rows.select_related("prepared_by", "answered_by")[start : start + most])


def in_register(*, agency_id: UUID) -> int:
    """How many lines the register of an agency has."""
    return Export.objects.filter(agency_id=agency_id, asked_at__isnull=False).count()


def asked_lately(user: User, *, agency_id: UUID, since: datetime) -> set[UUID]:
    """The cases of everything that somebody asked for since a moment, so that many small exports count as the one they are."""
    rows = ExportedFile.objects.filter(
        export__prepared_by=user, export__agency_id=agency_id, export__asked_at__gt=since
    )
    return set(rows.values_list("file_id", flat=True))


def files_of_export(export_id: UUID) -> list[UUID]:
    """The cases that leave with an export, as far as is known yet."""
    rows = ExportedFile.objects.filter(export_id=export_id).order_by("id")
    return list(rows.values_list("file_id", flat=True))


def exports_with(file_id: UUID) -> list[Export]:
    """The exports with which something of this file left, the newest first."""
    with_it = ExportedFile.objects.filter(file_id=file_id).values("export_id")
    left = Export.objects.filter(id__in=with_it, downloaded_at__isnull=False)
    return list(left.order_by("-downloaded_at"))


# --- For the worker --------------------------------------------------------------------------------------------


def to_make(*, claimed_before: datetime) -> list[UUID]:
    """Exports that are asked for and agreed to, and that nobody is making."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=claimed_before)
    agreed = Q(second_person=False) | Q(agreed=True)
    rows = Export.objects.filter(
        free, agreed, asked_at__isnull=False, made_at__isnull=True, swept_at__isnull=True
    )
    return list(rows.order_by("asked_at").values_list("id", flat=True))


def not_swept() -> list[Export]:
    """Every export whose file may still be there, or that still waits for something."""
    return list(Export.objects.filter(swept_at__isnull=True).select_related("agency"))


def known_and_not_swept(export_ids: Iterable[UUID]) -> set[UUID]:
    """Those of them that are in the register and not swept."""
    ids: Sequence[UUID] = list(export_ids)
    return set(Export.objects.filter(id__in=ids, swept_at__isnull=True).values_list("id", flat=True))
