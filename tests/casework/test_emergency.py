"""Opening one file in an emergency (R120): for whom, for how long, what can be done there, and what comes after."""

from datetime import datetime
from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, an_emergency, later, person, stand_in, submit
from tutela import commands
from tutela.access.models import EmergencyOpening, Membership, Role, User
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile
from tutela.cases.queries import files_of
from tutela.foundation.ids import new_case_code, new_id
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.supervision import emergencies

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(cast: Cast) -> UUID:
    """A case of the caseworker's with something confidential on it."""
    file = a_case(cast)
    submit("assessment.comprehensive", {"suspected": "The uncle"}, by=cast.caseworker, file=file)
    return file


def reads(user: User, file: UUID, *, at: datetime = START) -> bool:
    try:
        commands.read("file.read", file, by=user, at=at)
    except NotFound:
        return False
    return True


def rights(user: User, file: UUID, *, at: datetime = START) -> set[str]:
    return commands.rights(CaseFile.objects.get(id=file), by=user, at=at)


def why_not(cast: Cast, code: str, *, by: User, at: datetime = START) -> list[str]:
    with pytest.raises(Refused) as refused:
        commands.open_in_emergency(
            new_id(), code=code, reason="missing", words="His mother called", by=by, at=at
        )
    return [one.code for one in refused.value.unmet]


def code_of(file: UUID) -> str:
    return CaseFile.objects.get(id=file).case.code


def a_focal_point(cast: Cast, *, team: str = "") -> User:
    agency = Membership.objects.get(user=cast.caseworker).agency
    return person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT, team=team)


# --- Opening and ending --------------------------------------------------------------------------------------


def test_a_colleague_reads_the_file_for_four_hours_and_no_longer(cast: Cast, file: UUID) -> None:
    assert not reads(cast.colleague, file)
    an_emergency(cast, file)
    assert reads(cast.colleague, file) and reads(cast.colleague, file, at=later(hours=3, minutes=59))
    assert not reads(cast.colleague, file, at=later(hours=4))


def test_the_confidential_section_stays_closed(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    assert rights(cast.colleague, file) == {"write_urgent"}
    assert "confidential" not in commands.readable_classes(file, by=cast.colleague, at=START)


def test_one_file_is_opened_and_no_other(cast: Cast, file: UUID) -> None:
    other = a_case(cast)
    an_emergency(cast, file)
    assert not reads(cast.colleague, other)
    assert not files_of(cast.colleague, day=START.date()).exists()


def test_a_supervisor_of_another_team_can_do_it_too(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file, by=cast.other_supervisor)
    assert reads(cast.other_supervisor, file)
    assert rights(cast.other_supervisor, file) == {"write_urgent"}  # and agrees to nothing


def test_whoever_opened_it_ends_it_by_hand(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    commands.end_emergency(file, by=cast.colleague, at=later(hours=1))
    assert not reads(cast.colleague, file, at=later(hours=1))
    with pytest.raises(NotFound):
        commands.end_emergency(file, by=cast.colleague, at=later(hours=1))


def test_nobody_ends_what_somebody_else_opened(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    with pytest.raises(NotFound):
        commands.end_emergency(file, by=cast.other_supervisor, at=START)
    assert reads(cast.colleague, file)


def test_sent_twice_it_is_opened_once(cast: Cast, file: UUID) -> None:
    opening = new_id()
    for _ in range(2):
        commands.open_in_emergency(
            opening, code=code_of(file), reason="missing", words="Gone", by=cast.colleague, at=START
        )
    an_emergency(cast, file, at=later(hours=1))  # open already: the first one goes on
    assert [one.id for one in EmergencyOpening.objects.all()] == [opening]


def test_whoever_left_the_agency_reads_nothing_on(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    Membership.objects.filter(user=cast.colleague).update(until=later(-1).date())
    assert not reads(cast.colleague, file)


def test_a_file_that_is_theirs_anyway_is_not_opened(cast: Cast, file: UUID) -> None:
    stand_in(cast, file=file)
    for who in (cast.caseworker, cast.supervisor, cast.colleague):
        an_emergency(cast, file, by=who)
    assert not EmergencyOpening.objects.exists()


# --- For whom it is not --------------------------------------------------------------------------------------


def test_no_answer_tells_whether_there_is_such_a_file(cast: Cast, file: UUID) -> None:
    submit("closure.conflict_of_interest", {"tie": "suspected_person"}, by=cast.caseworker, file=file)
    submit("closure.allocation", {"to": "colleague"}, by=cast.supervisor, file=file)
    tied, code = cast.caseworker, code_of(file)
    codes = ["7", code[:-1], new_case_code(), "Tomas"]
    refusals = [why_not(cast, one, by=cast.other_supervisor) for one in codes]
    refusals += [
        why_not(cast, code, by=who) for who in (tied, cast.elsewhere, cast.information_officer, cast.outsider)
    ]
    assert refusals == [["not_this_one"]] * 8
    assert not EmergencyOpening.objects.exists()
    denied = AuditRow.objects.filter(act="emergency.opened")
    assert denied.count() == 8 and not denied.filter(allowed=True).exists()


def test_a_code_is_taken_as_people_write_it(cast: Cast, file: UUID) -> None:
    code = f" {code_of(file).lower().replace('-', ' ')} "
    commands.open_in_emergency(
        new_id(), code=code, reason="missing", words="Gone", by=cast.colleague, at=START
    )
    assert reads(cast.colleague, file)


def test_three_files_a_day_and_then_a_sentence(cast: Cast) -> None:
    files = [a_case(cast) for _ in range(4)]
    for one in files[:3]:
        an_emergency(cast, one)
    assert why_not(cast, code_of(files[3]), by=cast.colleague) == ["too_many_emergencies"]
    assert not reads(cast.colleague, files[3])
    an_emergency(cast, files[3], by=cast.other_supervisor)  # each person has a count of their own
    an_emergency(cast, files[3], at=later(1))  # and each day


# --- What can be written there -------------------------------------------------------------------------------


def test_a_note_an_urgent_action_and_an_urgent_referral_are_written(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    submit("follow_up.contact", by=cast.colleague, file=file)
    submit("consent.urgent_action", by=cast.colleague, file=file)
    submit("referral.referral", {"urgency": "urgent"}, by=cast.colleague, file=file)


def test_a_referral_that_can_wait_is_left_to_the_caseworker(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    submit("consent.urgent_action", by=cast.colleague, file=file)
    for urgency in (None, "usual"):
        with pytest.raises(Refused) as refused:
            submit("referral.referral", {"urgency": urgency}, by=cast.colleague, file=file)
        assert [(one.code, one.question) for one in refused.value.unmet] == [("not_urgent", "urgency")]


@pytest.mark.parametrize("who", ["colleague", "other_supervisor"])
def test_nothing_else_is_written(cast: Cast, file: UUID, who: str) -> None:
    user = getattr(cast, who)
    an_emergency(cast, file, by=user)
    allowed = {"follow_up.contact", "consent.urgent_action", "referral.referral"}
    assert {code for code in commands.KINDS if commands.may_begin(code, rights(user, file))} == allowed
    opens = {"intake.identification"}  # not on this file: of a new one
    for code in sorted({*commands.KINDS} - allowed - opens):
        with pytest.raises((Forbidden, NotFound)):
            commands.form_for(code, file_id=file, by=user, at=START)
        with pytest.raises((Forbidden, NotFound)):
            submit(code, by=user, file=file)


def test_what_was_written_before_is_not_corrected(cast: Cast, file: UUID) -> None:
    note = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    an_emergency(cast, file)
    with pytest.raises(Forbidden):
        submit("follow_up.contact", by=cast.colleague, file=file, amends=note)


def test_when_it_has_ended_nothing_is_written_any_more(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.colleague, file=file, at=later(hours=5))


def test_the_facts_of_the_file_are_the_same_when_made_again(cast: Cast, file: UUID) -> None:
    an_emergency(cast, file)
    submit("consent.urgent_action", by=cast.colleague, file=file)
    submit("referral.referral", {"urgency": "urgent"}, by=cast.colleague, file=file)
    assert commands.rebuild(file, keep=False) == []


# --- Told and reviewed ---------------------------------------------------------------------------------------


def opening_of(opening: UUID) -> EmergencyOpening:
    return emergencies.opening_called(opening)


def answer(opening: UUID, *, by: User, verdict: str = "justified", at: datetime = START) -> None:
    commands.review_emergency(opening, new_id(), verdict=verdict, words="She called first", by=by, at=at)


def test_the_focal_point_reviews_and_nobody_else(cast: Cast, file: UUID) -> None:
    focal, opening = a_focal_point(cast), an_emergency(cast, file)
    assert emergencies.reviewers_of(opening_of(opening), at=START) == [focal]
    for other in (cast.supervisor, cast.other_supervisor, cast.colleague, cast.elsewhere):
        with pytest.raises((Forbidden, NotFound)):
            answer(opening, by=other)
    answer(opening, by=focal)
    assert emergencies.is_settled(opening_of(opening))


def test_where_there_is_no_focal_point_the_supervisor_of_the_team_does(cast: Cast, file: UUID) -> None:
    opening = opening_of(an_emergency(cast, file))
    assert set(emergencies.reviewers_of(opening, at=START)) == {cast.supervisor, cast.both}


def test_whoever_opened_it_never_reviews_it(cast: Cast, file: UUID) -> None:
    """Not as focal point, not as the supervisor of the team: then another supervisor does."""
    agency = Membership.objects.get(user=cast.caseworker).agency
    Membership.objects.create(
        user=cast.colleague, agency=agency, role=Role.DATA_PROTECTION_FOCAL_POINT, since=START.date()
    )
    opening = an_emergency(cast, file)
    assert cast.colleague not in emergencies.reviewers_of(opening_of(opening), at=START)
    with pytest.raises(NotFound):
        answer(opening, by=cast.colleague)
    Membership.objects.filter(role=Role.SUPERVISOR).exclude(user=cast.other_supervisor).update(
        until=later(-1).date()
    )
    assert emergencies.reviewers_of(opening_of(opening), at=START) == [cast.other_supervisor]


def test_with_more_to_find_out_it_stays_open(cast: Cast, file: UUID) -> None:
    opening = an_emergency(cast, file)
    answer(opening, by=cast.supervisor, verdict="more")
    assert not emergencies.is_settled(opening_of(opening))
    answer(opening, by=cast.supervisor, verdict="not_justified")
    with pytest.raises(Refused) as refused:
        answer(opening, by=cast.both)
    assert [one.code for one in refused.value.unmet] == ["reviewed_already"]
    said = emergencies.reviews_of(opening_of(opening))
    assert [(row.verdict, words) for row, words in said] == [
        ("more", "She called first"),
        ("not_justified", "She called first"),
    ]


def test_it_is_to_be_answered_within_72_hours(cast: Cast, file: UUID) -> None:
    opening = an_emergency(cast, file)
    assert opening_of(opening).review_by == later(3)
    (waiting,) = emergencies.to_review_in_teams_of(cast.supervisor, at=START)
    assert waiting.id == opening
    assert emergencies.to_review_in_teams_of(cast.other_supervisor, at=START) == []


def test_reason_and_words_are_sealed(cast: Cast, file: UUID) -> None:
    opening = opening_of(an_emergency(cast, file, words="Grace fears for him"))
    assert emergencies.reason_of(opening) == {"reason": "urgent_health", "words": "Grace fears for him"}
    assert b"Grace" not in bytes(opening.sealed) and b"urgent" not in bytes(opening.sealed)


def test_every_step_leaves_its_row(cast: Cast, file: UUID) -> None:
    opening = an_emergency(cast, file)
    commands.end_emergency(file, by=cast.colleague, at=later(hours=1))
    commands.look_at_emergency(opening, by=cast.supervisor, at=later(1))
    answer(opening, by=cast.supervisor, at=later(1))
    with pytest.raises(NotFound):
        commands.look_at_emergency(opening, by=cast.colleague, at=later(1))
    rows = AuditRow.objects.filter(act__startswith="emergency.", file_id=file).order_by("id")
    assert [(row.act, row.by, row.allowed) for row in rows] == [
        ("emergency.opened", cast.colleague.id, True), ("emergency.ended", cast.colleague.id, True),
        ("emergency.read", cast.supervisor.id, True), ("emergency.reviewed", cast.supervisor.id, True),
        ("emergency.read", cast.colleague.id, False),
    ]  # fmt: skip
