"""Looking for children who are on file twice, and judging what was found (R6).

Nobody waits for it: the caseworker registers, the worker searches the agency, and only the supervisor learns of a match.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tutela.access.models import User
from tutela.access.queries import today_of
from tutela.assessment.queries import files_with_threat
from tutela.cases.finding import files_named
from tutela.cases.models import Case, CaseFile, Person
from tutela.cases.queries import child_of
from tutela.foundation.refusals import NotFound
from tutela.intake.queries import files_screened_with
from tutela.supervision.models import MatchSearch, PossibleMatch
from tutela.supervision.queries import matches_to_judge, supervised_files

_MOST_MATCHES = 3
# Files with one of these threats never appear as a match (R6); codes of the list safety_threat.
_NEVER_SHOWN = frozenset({"sexual_gender_based_violence", "recruitment_use"})


def files_to_search() -> list[UUID]:
    """Registered files for which the agency was not searched yet, the oldest first."""
    done = MatchSearch.objects.values("file_id")
    return list(
        Case.objects.exclude(file_id__in=done)
        .order_by("entry__received_at")
        .values_list("file_id", flat=True)
    )


def search_for_existing(file_id: UUID, *, at: datetime) -> int:
    """Search the agency for another file of the same child. Returns how many may be; each is kept for the supervisor."""
    _, first = MatchSearch.objects.get_or_create(file_id=file_id, defaults={"at": at})
    child = child_of(file_id)
    name = child.contents.get("name", "") if child else ""
    if not first or not name or _never_shown([file_id]):
        return 0
    agency = CaseFile.objects.get(id=file_id).agency_id
    others = Person.objects.filter(is_the_child=True, file__agency_id=agency).exclude(file_id=file_id)
    found = files_named(name, among=others)
    hidden = _never_shown(found)
    matches = [other for other in found if other not in hidden][:_MOST_MATCHES]
    for other in matches:
        if not PossibleMatch.objects.filter(file_id=other, other_id=file_id).exists():
            PossibleMatch.objects.get_or_create(file_id=file_id, other_id=other, defaults={"found_at": at})
    return len(matches)


def _never_shown(file_ids: list[UUID]) -> set[UUID]:
    """Those of the files whose threats, as assessed or as screened, keep them from ever being shown as a match."""
    return files_with_threat(file_ids, _NEVER_SHOWN) | files_screened_with(file_ids, _NEVER_SHOWN)


def forget_matches(file_id: UUID) -> None:
    """A file that is no more is nobody's match."""
    PossibleMatch.objects.filter(Q(file_id=file_id) | Q(other_id=file_id)).delete()


def judge_match(match_id: int, *, verdict: str, by: User, at: datetime) -> PossibleMatch:
    """Remember whether two files are of one child. Raises NotFound outside the supervisor's own teams, or judged already."""
    day = today_of(by, at=at)
    own = [one.id for one in matches_to_judge(supervised_files(by, day=day), by=by, day=day)]
    judged = PossibleMatch.objects.select_for_update().filter(id=match_id, id__in=own, verdict="")
    if (match := judged.first()) is None or verdict not in PossibleMatch.Verdict.values:
        raise NotFound
    match.verdict, match.judged_by, match.judged_at = verdict, by, at
    match.save(update_fields=["verdict", "judged_by", "judged_at"])
    return match
