"""Opening one file in an emergency: decided, limited, told and reviewed (R120)."""

from datetime import datetime
from functools import partial
from uuid import UUID

from tutela.access import queries as access
from tutela.access.models import EmergencyOpening, EmergencyReview, User
from tutela.audit import actions as audit
from tutela.cases.queries import file_coded, files_of
from tutela.commands.acting import act
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.supervision import emergencies


def open_in_emergency(
    opening_id: UUID, *, code: str, reason: str, words: str, by: User, at: datetime
) -> UUID:
    """Open the file with this case code to `by` for a few hours. Returns it; a file that is theirs anyway is not opened.

    Raises Refused, in the same words for a code that is nobody's, one of another agency, and a file that is kept from
    `by`: nothing can be learned from it. Every one of these leaves a row as a denial.
    """
    agency = access.agency_of(by, at.date())
    file_id = file_coded(code, agency_id=agency.id) if agency else None
    if file_id is None:
        reason_denied = "there is no such file"
        audit.record(act="emergency.opened", by=by.id, at=at, allowed=False, reason=reason_denied)
        raise Refused(_NOT_THIS_ONE)
    if files_of(by, day=access.today_of(by, at=at)).filter(id=file_id).exists():
        return file_id
    run = partial(
        emergencies.open_in_emergency, opening_id, file_id, reason=reason, words=words, by=by, at=at
    )
    try:
        act(
            "emergency.opened", run, by=by, at=at, action="break_glass", file_id=file_id, emergency=str(opening_id)
        )  # fmt: skip
    except NotFound:
        raise Refused(_NOT_THIS_ONE) from None
    return file_id


_NOT_THIS_ONE = Unmet(
    "not_this_one",
    say(
        "No file can be opened with this code. Look at the code again, or call your supervisor. What a child needs to be "
        "safe does not wait for a file."
    ),
    "R120, R121",
    "code",
)


def end_emergency(file_id: UUID, *, by: User, at: datetime) -> None:
    """Close again what `by` opened in an emergency. Raises NotFound where nothing is open."""
    run = partial(emergencies.end_emergency, file_id, by=by, at=at)
    act("emergency.ended", run, by=by, at=at, file_id=file_id)


def review_emergency(
    opening_id: UUID, review_id: UUID, *, verdict: str, words: str, by: User, at: datetime
) -> EmergencyReview:
    """Say whether it was right to open a file. Raises NotFound for whoever may not, Refused where it was said already."""
    opening = emergencies.opening_called(opening_id)
    run = partial(emergencies.review, opening_id, review_id, verdict=verdict, words=words, by=by, at=at)
    return act(
        "emergency.reviewed", run, by=by, at=at, action="review", field_class="clear", file_id=opening.file_id,
        emergency=str(opening_id), verdict=verdict,
    )  # fmt: skip


def look_at_emergency(opening_id: UUID, *, by: User, at: datetime) -> EmergencyOpening:
    """One opening for those who answer for it, with the row that says that they looked. Raises NotFound."""
    opening = emergencies.opening_called(opening_id)
    run = partial(emergencies.look, opening_id, by=by, at=at)
    return act(
        "emergency.read", run, by=by, at=at, action="review", field_class="clear", file_id=opening.file_id,
        emergency=str(opening_id),
    )  # fmt: skip
