"""What keeps an entry from being written: stale, wrongly amended, on a closed case, or what its step finds missing."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import current_person
from tutela.closure.queries import is_closed, tied
from tutela.data_protection.queries import is_destroyed
from tutela.deadlines.by_step.follow_up import missing_for_waiting
from tutela.foundation.refusals import Conflict, NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.intake.queries import is_reduced
from tutela.published.queries import form_version

_FIRST_YEAR = 1990
_MOST_CHANGES = 10


def guard(file: CaseFile, kind: Kind, entry: OpenEntry, *, base: int | None) -> None:
    """Refuse what is stale, wrongly amended, on a closed case, or missing something. All that is missing is said at once."""
    if is_gone(file.id):  # it went while this was on its way
        raise NotFound
    if (kind.needs_base or entry.amends) and base != file.revision:
        raise Conflict(*_what_changed(file, base))
    if entry.amends:
        _guard_amendment(kind, entry, file)
    if is_closed(file.id) and not kind.while_closed and not entry.amends:
        raise Refused(Unmet("closed", say("This case is closed. Reopen it first."), "R55; S2 §3.4-6"))
    if entry.about and current_person(file.id, entry.about) is None:
        words = say("This person is not on the file. Choose somebody who is.")
        raise Refused(Unmet("unknown_person", words, "R109"))
    _guard_ties(kind, entry)
    if unmet := [*kind.unmet(entry), *missing_for_waiting(entry)]:
        raise Refused(*unmet)


def is_gone(file_id: UUID) -> bool:
    """Whether nothing of a file opens any more: reduced to date, source and outcome (R17), or destroyed by agreement (R90)."""
    return is_reduced(file_id) or is_destroyed(file_id)


def _guard_ties(kind: Kind, entry: OpenEntry) -> None:
    """Whoever is tied to the person suspected of harm writes no more, until another has the file; help never waits (R103)."""
    if kind.action != "write" or kind.form == "consent.urgent_action":
        return
    if any(tied(entry.file_id, who) for who in {entry.by_id, entry.done_by_id}):
        words = say(
            "You are close to the person suspected of harm, so somebody else writes on this file. Your supervisor "
            "decides who. An urgent action can always be written down."
        )
        raise Refused(Unmet("tied", words, "S1 1.4; R103"))


def not_urgent(entry: OpenEntry) -> Unmet | None:
    """What waits for the caseworker, where somebody opened a file in an emergency: a referral that is not urgent (R120)."""
    if entry.form.code != "referral.referral" or entry.fact("referral").get("urgency") == "urgent":
        return None
    words = say(
        "You opened this file in an emergency, so only what is urgent is asked of a service. Choose how soon, or leave a "
        "note for the caseworker."
    )
    return Unmet("not_urgent", words, "R120", "urgency")


def _guard_amendment(kind: Kind, entry: OpenEntry, file: CaseFile) -> None:
    amended = Entry.objects.filter(file=file, id=entry.amends or entry.id).first()
    if amended is None or amended.form_code != kind.form:
        raise NotFound
    if not kind.amendable:
        raise Refused(
            Unmet(
                "never_amended",
                say("This is never changed afterwards. Write a new entry that says what is right."),
                "R112",
            )
        )
    if amended.about != entry.about:
        words = say("A correction is about the same person. Write a new entry about the other one.")
        raise Refused(Unmet("another_person", words, "R112"))
    if hasattr(amended, "amended_by"):
        raise Conflict(
            Unmet("amended_already", say("This was corrected already. Correct the newer entry instead."))
        )


def _what_changed(file: CaseFile, base: int | None) -> list[Unmet]:
    """The entries that came since the person looked."""
    newer = (
        Entry.objects.filter(file=file, revision__gt=base or 0)
        .select_related("form", "by")
        .order_by("-revision")
    )
    changes = [
        Unmet(
            "changed",
            say(
                "New since then: {title}, by {who}.",
                title=form_version(row.form_id).title["en"],
                who=row.by.name,
            ),
        )
        for row in newer[:_MOST_CHANGES]
    ]
    return [
        Unmet(
            "stale", say("This file changed after you opened it. Look at what is new, then send this again.")
        ),
        *changes,
    ]


def problems_of_time(happened_at: datetime, at: datetime) -> Iterator[Unmet]:
    """Nothing has happened that is still to come, nor before anybody kept such files (R112)."""
    if happened_at > at:
        yield Unmet(
            "future", say("This has not happened yet. Enter when it happened."), "R112", "happened_at"
        )
    if happened_at.year < _FIRST_YEAR:
        yield Unmet(
            "out_of_range", say("This is too long ago. Look at the year again."), "R112", "happened_at"
        )
