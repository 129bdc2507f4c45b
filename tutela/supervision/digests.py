"""The digest of who looked at which file, for the supervisor and the data-protection focal point (R121).

It is made from the ordinary stream of the log alone. What was made stays as it was: who is outside of a team is told of
the day on which the digest was made.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access.models import Agency, User
from tutela.access.office import agencies, people_in_teams, staff_of
from tutela.access.queries import assignments_of, files_of_supervised_teams, zone_of
from tutela.audit.queries import first_row_at, rows_between
from tutela.cases.models import CaseFile
from tutela.foundation import clock
from tutela.foundation.refusals import Conflict, NotFound, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import NotInPack, Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.supervision.emergencies import openings_between
from tutela.supervision.models import Digest
from tutela.supervision.rules import is_night

_MOST_AT_ONCE = 60  # periods, where the worker was away for long; the rest follow the next time

# In this order they stand, the most unusual first.
UNUSUAL = ("denied", "emergency", "outside_team", "many_files", "night")


@dataclass
class _Line:
    """One person with one file."""

    times: int = 0
    last: datetime | None = None
    unusual: set[str] = field(default_factory=set)


def digests_due(*, at: datetime) -> list[tuple[Agency, date, date]]:
    """The periods that are over and have no digest yet: agency, first and last day, the oldest first."""
    return [(agency, *period) for agency in agencies() for period in _periods(agency, at=at)[:_MOST_AT_ONCE]]


def _periods(agency: Agency, *, at: datetime) -> list[tuple[date, date]]:
    zone, periods = zone_of(agency), list[tuple[date, date]]()
    today = clock.local_day(at, zone)
    last = Digest.objects.filter(agency=agency).order_by("since").last()
    began = None if last else first_row_at([one.id for one in staff_of(agency.id)])
    if last is None and began is None:
        return []
    since = clock.days_after(last.until, 1) if last else clock.local_day(began or at, zone)
    try:
        every = rule_on("access_log.digest_every", day=today, pack=pack_in_force(agency.id, today)).number
    except (Unavailable, NotInPack):  # it works by no pack yet, or by one from before there were overviews
        return []
    while (until := clock.days_after(since, every - 1)) < today:
        periods.append((since, until))
        since = clock.days_after(until, 1)
    return periods


def make_digest(agency: Agency, since: date, until: date, *, at: datetime) -> Digest:
    """The digest of a period, with nothing lost and nothing twice. Raises Conflict where it was made already."""
    lines = _lines(agency, since, until)
    digest, made = Digest.objects.get_or_create(
        agency=agency, since=since, defaults={"until": until, "made_at": at, "lines": lines}
    )
    if not made:
        raise Conflict(Unmet("made_already", say("This digest is there already.")))
    return digest


def _lines(agency: Agency, since: date, until: date) -> list[dict[str, Any]]:
    zone, pack = zone_of(agency), pack_in_force(agency.id, until)
    begins, ends = clock.end_of_day(clock.days_after(since, -1), zone), clock.end_of_day(until, zone)
    files = set(CaseFile.objects.filter(agency=agency).values_list("id", flat=True))
    lines: dict[tuple[UUID, UUID], _Line] = defaultdict(_Line)
    on_a_day: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
    for row in rows_between(begins, ends, files=files):
        line, local = lines[row.by, row.file_id], row.at.astimezone(zone)
        line.times, line.last = line.times + 1, local
        on_a_day[row.by, local.date()].add(row.file_id)
        if not row.allowed:
            line.unusual.add("denied")
        if is_night(local, day=until, pack=pack):
            line.unusual.add("night")
    _mark_emergencies(lines, begins, ends)
    _mark_outside_team(lines, day=until)
    _mark_many(lines, on_a_day, day=until, pack=pack)
    newest = sorted(lines.items(), key=lambda pair: pair[1].last or begins, reverse=True)
    told = sorted(newest, key=lambda pair: _rank(pair[1].unusual))
    return [
        {
            "file": str(file_id), "by": str(by), "times": line.times,
            "last": line.last.isoformat() if line.last else "",
            "unusual": [one for one in UNUSUAL if one in line.unusual],
        }
        for (by, file_id), line in told
    ]  # fmt: skip


def _mark_emergencies(lines: dict[tuple[UUID, UUID], _Line], begins: datetime, ends: datetime) -> None:
    for by, file_id in openings_between(begins, ends, files={file_id for _, file_id in lines}):
        if (by, file_id) in lines:
            lines[by, file_id].unusual.add("emergency")


def _mark_outside_team(lines: dict[tuple[UUID, UUID], _Line], *, day: date) -> None:
    teams = {one.file_id: one.team_id for one in assignments_of({file_id for _, file_id in lines})}
    people = people_in_teams(set(teams.values()), day=day)
    for (by, file_id), line in lines.items():
        if file_id in teams and by not in people[teams[file_id]]:
            line.unusual.add("outside_team")


def _mark_many(
    lines: dict[tuple[UUID, UUID], _Line],
    on_a_day: dict[tuple[UUID, date], set[UUID]],
    *,
    day: date,
    pack: Pack,
) -> None:
    most = rule_on("access_log.many_files", day=day, pack=pack).number
    for (by, _), files in on_a_day.items():
        for file_id in files if len(files) > most else ():
            lines[by, file_id].unusual.add("many_files")


def _rank(unusual: set[str]) -> int:
    return min((UNUSUAL.index(one) for one in unusual), default=len(UNUSUAL))


# --- Questions -----------------------------------------------------------------------------------------------


def digest_called(digest_id: UUID | None, *, agency_id: UUID) -> Digest | None:
    """One digest of an agency; the newest where none is named, and None where there is none yet. Raises NotFound."""
    own = Digest.objects.filter(agency_id=agency_id).order_by("since")
    if digest_id is None:
        return own.last()
    found = own.filter(id=digest_id).first()
    if found is None:
        raise NotFound
    return found


def neighbours(digest: Digest) -> tuple[UUID | None, UUID | None]:
    """The digest before and the one after."""
    own = Digest.objects.filter(agency_id=digest.agency_id)
    before = own.filter(since__lt=digest.since).order_by("since").values_list("id", flat=True).last()
    after = own.filter(since__gt=digest.since).order_by("since").values_list("id", flat=True).first()
    return before, after


def lines_for(digest: Digest, user: User, *, whole_agency: bool, day: date) -> list[dict[str, Any]]:
    """The lines that concern somebody: a supervisor sees those of the files of their teams."""
    if whole_agency:
        return list(digest.lines)
    own = {str(one) for one in files_of_supervised_teams(user, day)}
    return [line for line in digest.lines if line["file"] in own]
