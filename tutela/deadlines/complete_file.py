"""What a complete file has (R83), told from which forms were written, and what still waits.

It advises whoever asks to close a case and whoever agrees; it stops nobody.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela.assessment.models import Lowering
from tutela.cases.models import Case, Entry
from tutela.closure.queries import closing_without_concern
from tutela.consent.models import UrgentAction
from tutela.deadlines.queries import overdue_files
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack


@dataclass(frozen=True)
class Part:
    """One part of a file, and whether it is there. `always`: every file has it; others only where there was a need."""

    words: Words
    there: bool
    always: bool


@dataclass(frozen=True)
class _Seen:
    """What is known of one file."""

    forms: frozenset[str]
    has_code: bool
    waits: bool
    late: bool
    confidential: bool
    closing_without_concern: bool

    def has(self, *forms: str) -> bool:
        return not self.forms.isdisjoint(forms)


_Part = tuple[Words, Callable[[_Seen], bool]]

_WHERE_NEEDED: tuple[_Part, ...] = (
    (
        say("Referrals, where a service was needed"),
        lambda seen: seen.has("referral.referral", "referral.done"),
    ),
    (say("A confidential part, where there was something to keep apart"), lambda seen: seen.confidential),
)
_BEGINNING: tuple[_Part, ...] = (
    (say("Registration, with the case code"), lambda seen: seen.has_code),
    (say("What was explained to the child"), lambda seen: seen.has("consent.explanation")),
    (say("Consent or assent"), lambda seen: seen.has("consent.consent")),
    (say("Initial assessment"), lambda seen: seen.has("assessment.initial")),
)
_IN_A_CASE_THAT_WENT_ON: tuple[_Part, ...] = (
    (say("Comprehensive assessment"), lambda seen: seen.has("assessment.comprehensive")),
    (say("Plan"), lambda seen: seen.has("planning.plan")),
    (say("Contacts with the child"), lambda seen: seen.has("follow_up.contact", "follow_up.family_visit")),
    (say("A review of the plan"), lambda seen: seen.has("follow_up.review")),
)
_EVERYTHING_ELSE: tuple[_Part, ...] = (
    (say("The supervisor’s answer to everything that waited"), lambda seen: not seen.waits),
    (say("Everything done that was due by now"), lambda seen: not seen.late),
)


def parts_of(file_ids: Iterable[UUID], *, pack: Pack, day: date) -> dict[UUID, list[Part]]:
    """The parts of each file, there or missing on `day`; a handful of queries for all of them.

    Where a case is to be closed because the initial assessment found no concern, what follows it need not be there.
    """
    ids = list(file_ids)
    kept_apart = Entry.objects.filter(file_id__in=ids, sealed_confidential__isnull=False)
    confidential = set(kept_apart.values_list("file_id", flat=True))
    written = defaultdict(set)
    for file_id, form in (
        Entry.objects.filter(file_id__in=ids).order_by().values_list("file_id", "form_code").distinct()
    ):
        written[file_id].add(form)
    coded = set(Case.objects.filter(file_id__in=ids).values_list("file_id", flat=True))
    lowering = Lowering.objects.filter(file_id__in=ids, ended_by__isnull=True)
    urgent = UrgentAction.objects.filter(file_id__in=ids, ended_by__isnull=True, answer__isnull=True)
    waiting = {*lowering.values_list("file_id", flat=True), *urgent.values_list("file_id", flat=True)}
    late, unconcerned = overdue_files(ids, day=day), closing_without_concern(ids, pack=pack, day=day)
    return {
        file_id: _parts(_Seen(
            forms=frozenset(written[file_id]), has_code=file_id in coded, waits=file_id in waiting, late=file_id in late,
            confidential=file_id in confidential, closing_without_concern=file_id in unconcerned,
        ))
        for file_id in ids
    }  # fmt: skip


def _parts(seen: _Seen) -> list[Part]:
    went_on = not seen.closing_without_concern
    groups = (
        (_BEGINNING, True), (_IN_A_CASE_THAT_WENT_ON, went_on), (_EVERYTHING_ELSE, True), (_WHERE_NEEDED, False),
    )  # fmt: skip
    return [
        Part(words, is_there(seen), always=always) for parts, always in groups for words, is_there in parts
    ]
