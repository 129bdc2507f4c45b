"""Questions about identification, screening and registration, and about files that ended before there was a case."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.access.models import Assignment, Role, User
from tutela.access.queries import closed_files, memberships_on
from tutela.cases.entries import OpenEntry, open_entry
from tutela.cases.facts import current, first
from tutela.cases.models import Case, CaseFile, Entry
from tutela.consent.models import Consent, UrgentAction
from tutela.consent.queries import answer_of
from tutela.consent.rules import CHILD
from tutela.foundation.clock import days_after
from tutela.foundation.remembering import once
from tutela.intake.models import NO_CONSENT, Identification, ReducedFile, Registration, Screening
from tutela.protocols.packs import Pack, rule_on
from tutela.vault import keyring, sealing


@once
def identification_of(file_id: UUID) -> Identification | None:
    """How this child became known."""
    return first(current(Identification, file_id))


@once
def registration_of(file_id: UUID) -> Registration | None:
    """What was registered last."""
    return first(current(Registration, file_id))


def areas_of(file_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The area of each registered file, a code of the list `area`. Reads nothing sealed."""
    current = Registration.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True)
    return dict(current.values_list("file_id", "area"))


@once
def screening_of(file_id: UUID) -> Screening | None:
    """The last screening of this child."""
    return screenings([file_id]).get(file_id)


def identifications(file_ids: Iterable[UUID]) -> list[Identification]:
    """How the children of these files became known; their keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    current = Identification.objects.filter(file_id__in=ids, ended_by__isnull=True)
    return list(current.select_related("entry__file"))


def identification_entries(entry_ids: Iterable[UUID]) -> list[OpenEntry]:
    """Those of the identifications under these ids that were written and can be opened, in the order of the ids."""
    ids = list(entry_ids)
    rows = Entry.objects.filter(id__in=ids, form_code="intake.identification", file__reduced__isnull=True)
    found = {row.id: row for row in rows}
    sealing.fetch_keys([row.file_id for row in found.values()])
    return [open_entry(found[one], classes=frozenset({"case"})) for one in ids if one in found]


def screenings(file_ids: Iterable[UUID]) -> dict[UUID, Screening]:
    """The last screening of each file that has one; their keys are fetched in one go."""
    ids = list(file_ids)
    sealing.fetch_keys(ids, seal_classes=["case"])
    current = Screening.objects.filter(file_id__in=ids, ended_by__isnull=True)
    return {one.file_id: one for one in current.select_related("entry__done_by").order_by("entry__revision")}


def ends_here(screening: Screening | None) -> bool:
    """Whether somebody decided that another help than case management follows (R4)."""
    return screening is not None and bool(screening.contents["ends_here"])


def files_screened_with(file_ids: Iterable[UUID], threats: frozenset[str]) -> set[UUID]:
    """Which of these files name one of `threats` in a screening."""
    found = screenings(file_ids)
    return {file_id for file_id, one in found.items() if threats & set(one.contents.get("threats", []))}


@dataclass(frozen=True)
class Ending:
    """What becomes of a file that is no case, and from which day on, unless somebody registers, agrees or acts (R17)."""

    source: str
    outcome: str
    on: date


def endings_of(files: Iterable[CaseFile], *, pack: Pack, day: date) -> dict[UUID, Ending]:
    """The files, among those of one agency, that are not registered and are to be reduced, today or on a day to come.

    Those to which nobody agreed, and those for which something else than case management follows; none on which an urgent
    action waits for its answer.
    """
    opened = {file.id: file.opened_on for file in files}
    registered = set(Case.objects.filter(file_id__in=opened).values_list("file_id", flat=True))
    waiting = opened.keys() - registered - _with_urgent_action(opened)
    known = {one.file_id: one for one in identifications(waiting)}
    screened, agreed = screenings(waiting), _agreed(waiting, pack=pack, day=day)
    after = rule_on("intake.reduce_after", day=day, pack=pack).number
    found = {}
    for file_id, identification in known.items():
        screening = screened.get(file_id)
        if screening is not None and ends_here(screening):
            outcome = str(screening.contents["outcome"])
        elif file_id not in agreed:
            outcome = NO_CONSENT
        else:
            continue
        on = days_after(opened[file_id], after + 1)
        found[file_id] = Ending(str(identification.contents["source"]), outcome, on)
    return found


def _with_urgent_action(file_ids: Iterable[UUID]) -> set[UUID]:
    open_ones = UrgentAction.objects.filter(
        file_id__in=list(file_ids), ended_by__isnull=True, answer__isnull=True
    )
    return set(open_ones.values_list("file_id", flat=True))


def _agreed(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> set[UUID]:
    """The files to which somebody agreed and the child did not say no (R8)."""
    keeps = rule_on("intake.consent_that_keeps", day=day, pack=pack).codes
    agreed, refused = set(), set()
    for one in Consent.objects.filter(file_id__in=list(file_ids), ended_by__isnull=True):
        answers = {answer_of(one, purpose, day=day) for purpose in keeps}
        if "given" in answers:
            agreed.add(one.file_id)
        if one.contents["person"] == CHILD and answers & {"refused", "withdrawn"}:
            refused.add(one.file_id)
    return agreed - refused


@dataclass(frozen=True)
class BySource:
    """How often a source told us of a child, and for how many something else than case management followed."""

    source: str
    came: int
    elsewhere: int


def referrals_by_source(file_ids: Iterable[UUID], *, reduced: Iterable[ReducedFile]) -> list[BySource]:
    """What came from each source, the most that was not eligible first (R4). Counts only; names nobody.

    `file_ids` are files that can be opened, `reduced` what is left of those that cannot.
    """
    ids = list(file_ids)
    screened = screenings(ids)
    came: Counter[str] = Counter()
    elsewhere: Counter[str] = Counter()
    for one in identifications(ids):
        source = str(one.contents["source"])
        came[source] += 1
        elsewhere[source] += ends_here(screened.get(one.file_id))
    for left in reduced:
        came[left.source] += 1
        elsewhere[left.source] += left.outcome != NO_CONSENT
    found = (BySource(source, number, elsewhere[source]) for source, number in came.items())
    return sorted(found, key=lambda one: (-one.elsewhere, -one.came, one.source))


def reduced_under(user: User, *, day: date) -> list[ReducedFile]:
    """What is left of the files that were those of the teams that `user` supervises on `day`."""
    teams = memberships_on(user, day).filter(role=Role.SUPERVISOR, team__isnull=False).values("team_id")
    theirs = Assignment.objects.filter(team_id__in=teams).exclude(file_id__in=closed_files(user, day))
    files = theirs.values("file_id")
    return list(ReducedFile.objects.filter(file_id__in=files).select_related("file"))


def files_to_reduce(agency_id: UUID, *, pack: Pack, day: date) -> list[CaseFile]:
    """The files of an agency that are old enough to be reduced and are not registered; what is written on them may say no."""
    after = rule_on("intake.reduce_after", day=day, pack=pack).number
    return list(
        CaseFile.objects.filter(
            agency_id=agency_id,
            case__isnull=True,
            reduced__isnull=True,
            opened_on__lt=days_after(day, -after),
        ).order_by("opened_on", "id")
    )


def is_reduced(file_id: UUID) -> bool:
    """Whether only date, source and outcome are left of a file."""
    return ReducedFile.objects.filter(file_id=file_id).exists()


def reduced_files() -> set[UUID]:
    """Every file of which only date, source and outcome are left."""
    return set(ReducedFile.objects.values_list("file_id", flat=True))


def reduced_with_keys() -> list[UUID]:
    """Reduced files whose keys are still there: the worker was stopped in between, or a keyring was restored."""
    reduced = reduced_files()
    return sorted(keyring.with_some_keys(reduced))
