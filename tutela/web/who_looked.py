"""Who looked at a file (R121), and the overview of who looked at which file.

The supervisor reads everything that was done with a file, but for safeguarding and complaints. A caseworker sees which
colleagues of the team opened it, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from tutela import commands
from tutela.access.office import people_in_teams
from tutela.access.queries import agency_of, assignments_of
from tutela.audit.queries import last_reads, rows_on_file
from tutela.cases.queries import codes_of, names_of
from tutela.foundation import clock
from tutela.foundation.refusals import NotFound
from tutela.pages.dates import exact
from tutela.pages.spoken import spoken
from tutela.protocols.packs import rule_on
from tutela.published.queries import titles_in_force
from tutela.supervision import digests
from tutela.web.acts import PRINTED, READ, UNUSUAL, act_words
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, show, signed_in
from tutela.web.showing import pager

if TYPE_CHECKING:
    from tutela.audit.models import AuditRow
    from tutela.cases.models import CaseFile

_A_PAGE = 50
READS_DIGEST = {"supervisor", "data_protection_focal_point"}


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """The log of a file, for its supervisor; for whoever writes on it, who of the team opened it."""
    file, may = read_file(reader, file_id, "who_looked.read")
    if not may & {"write", "agree"}:
        raise NotFound
    context = section(request, reader, file, may)
    return show_file(
        request, reader, file, may, "file_access", context, template="pages/file_access_log.html"
    )


def section(request: HttpRequest, reader: Reader, file: CaseFile, may: set[str]) -> dict[str, Any]:
    """What `pages/who_looked.html` takes: the whole log where the reader agrees to decisions on the file, else the team."""
    if "agree" not in may:
        return {"team": _team(reader, file)}
    rows = Paginator(rows_on_file(file.id), _A_PAGE).get_page(request.GET.get("page"))
    start = f"{reverse('file_access_log', kwargs={'file_id': file.id})}?page="
    return {
        "log": log_rows(rows.object_list, agency_id=file.agency_id, day=reader.day), "log_pages": pager(rows, start),
        "log_columns": log_columns(),
    }  # fmt: skip


def log_columns(*, with_case: bool = False) -> list[str]:
    """The heads of the table of a log."""
    case = [gettext("Case")] if with_case else []
    return [gettext("When"), gettext("Who"), *case, gettext("What")]


def log_rows(
    rows: Iterable[AuditRow], *, agency_id: UUID, day: date, with_case: bool = False
) -> list[dict[str, Any]]:
    """Rows of the log in words: when, who, what; with the case code where they are of many files."""
    told = list(rows)
    names = names_of({row.by for row in told if row.by})
    codes = codes_of({row.file_id for row in told if row.file_id}) if with_case else {}
    titles, language = titles_in_force(agency_id=agency_id, day=day), get_language() or "en"
    return [
        {
            "cells": [
                exact(row.at), names.get(row.by, "") if row.by else gettext("The house itself"),
                *([codes.get(row.file_id, "") if row.file_id else ""] if with_case else []),
                spoken(act_words(row.act, allowed=row.allowed, titles=titles, language=language)),
            ]
        }
        for row in told
    ]  # fmt: skip


def _team(reader: Reader, file: CaseFile) -> dict[str, Any]:
    """Which colleagues of the team opened the file in the time that the pack names, and when last."""
    days = rule_on("access_log.team_sees", day=reader.day, pack=pack_of(reader, file)).number
    since = clock.end_of_day(clock.days_after(reader.day, -days), reader.zone)
    teams = people_in_teams({one.team_id for one in assignments_of([file.id])}, day=reader.day)
    people = set().union(*teams.values())
    found = last_reads(file.id, by=people, since=since, acts=(*READ, *PRINTED))
    names = names_of(found)
    rows = [
        {"label": names[who], "value": _day_words(last, reader)}
        for who, last in sorted(found.items(), key=lambda pair: names[pair[0]])
    ]
    return {"days": days, "rows": rows}


def _day_words(moment: datetime, reader: Reader) -> str:
    return exact(clock.local_day(moment, reader.zone))


# --- The overview --------------------------------------------------------------------------------------------


@signed_in
def digest(request: HttpRequest, reader: Reader, digest_id: UUID | None = None) -> HttpResponse:
    """Who looked at which file in a period, what is unusual first: codes, names of colleagues and counts."""
    agency = agency_of(reader.user, reader.day)
    if agency is None or not READS_DIGEST & reader.roles:
        raise NotFound
    made = digests.digest_called(digest_id, agency_id=agency.id)
    focal = "data_protection_focal_point" in reader.roles
    lines = digests.lines_for(made, reader.user, whole_agency=focal, day=reader.day) if made else []
    commands.read_list(
        "digest.read", by=reader.user, at=reader.at, files={UUID(one["file"]) for one in lines}
    )
    context: dict[str, Any] = {
        "columns": [gettext("Case"), gettext("Who"), gettext("How often"), gettext("Last"), gettext("Unusual")],
        "unusual": _digest_rows([one for one in lines if one["unusual"]]),
        "usual": _digest_rows([one for one in lines if not one["unusual"]]),
        "back_url": reverse("data_protection" if focal else "team"),
    }  # fmt: skip
    if made:
        before, after = digests.neighbours(made)
        context |= {"since": made.since, "until": made.until, "before": _url(before), "after": _url(after)}
    return show(request, reader, "pages/digest.html", context)


def _url(digest_id: UUID | None) -> str:
    return reverse("digest_of", args=[digest_id]) if digest_id else ""


def _digest_rows(lines: list[Mapping[str, Any]] | list[dict[str, Any]]) -> list[dict[str, Any]]:
    files, people = ({UUID(one[name]) for one in lines} for name in ("file", "by"))
    codes, names = codes_of(files), names_of(people)
    return [
        {
            "cells": [
                codes.get(UUID(one["file"])) or gettext("Not registered"), names.get(UUID(one["by"]), ""),
                ngettext("{n} time", "{n} times", one["times"]).format(n=one["times"]),
                exact(datetime.fromisoformat(one["last"])),
                ", ".join(spoken(UNUSUAL[code]) for code in one["unusual"]),
            ]
        }
        for one in lines
    ]  # fmt: skip
