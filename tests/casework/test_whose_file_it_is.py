"""Whose file it is: handing over, allocating, standing in, and ties that keep somebody from a file (R56, R81, R103, R104)."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import FIRST_DAY, SINCE, START, Cast, a_case, a_file, later, person, stand_in, submit
from tutela import commands
from tutela.access.actions import disable, end_cover, put_in_cover
from tutela.access.models import Assignment, Invitation, Membership, Role, User
from tutela.access.queries import responsible_for
from tutela.cases.drafts import Place
from tutela.cases.models import Entry
from tutela.cases.queries import entry_of, files_of
from tutela.closure.models import Move, TransferRequest
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Forbidden, NotFound, Refused

pytestmark = pytest.mark.django_db

SUSPECTED = {"tie": "suspected_person"}


def responsible(file: UUID) -> User:
    return responsible_for([file])[file]


def reads(user: User, file: UUID, *, on: date = FIRST_DAY) -> bool:
    return files_of(user, day=on).filter(id=file).exists()


def asked_for(file: UUID, *, day: date = FIRST_DAY) -> set[str]:
    return {task.form for task in tasks_on(file, day=day)}


# --- Handing over --------------------------------------------------------------------------------------------


@pytest.mark.covers("R56", "R104")
def test_a_file_moves_once_the_colleague_accepts_and_not_before(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    assert responsible(file) == cast.caseworker
    assert not reads(cast.colleague, file)
    submit("closure.transfer_answer", by=cast.colleague, file=file)
    assert responsible(file) == cast.colleague
    assert reads(cast.colleague, file)
    submit("follow_up.contact", by=cast.colleague, file=file)


@pytest.mark.covers("R56")
def test_whoever_handed_over_reads_the_file_no_more(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    submit("closure.transfer_answer", by=cast.colleague, file=file)
    assert not reads(cast.caseworker, file)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.caseworker, file=file)


def test_both_assignments_stay_written(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file, at=later(3))
    submit("closure.transfer_answer", by=cast.colleague, file=file, at=later(4))
    kept = Assignment.objects.filter(file_id=file).order_by("since").values_list("user", "since", "until")
    first, fourth = START.date(), later(4).date()
    assert list(kept) == [(cast.caseworker.id, first, fourth), (cast.colleague.id, fourth, None)]


@pytest.mark.covers("R56")
def test_a_transfer_against_wishes_needs_a_reason_in_the_childs_best_interest(cast: Cast) -> None:
    file = a_case(cast)
    for wishes in ("against", "child_agrees", "not_asked"):
        answers = {"wishes": wishes}
        problems = refusal("closure.transfer", answers, by=cast.caseworker, file=file)
        assert problems == {"best_interest": "needed"}
    submit(
        "closure.transfer",
        {"wishes": "against", "best_interest": "She has moved away"},
        by=cast.caseworker,
        file=file,
    )


@pytest.mark.covers("R56")
def test_a_transfer_needs_reason_hand_over_and_a_word_on_the_child(cast: Cast) -> None:
    file = a_case(cast)
    nothing = dict.fromkeys(("reason", "wishes", "child_told", "urgent"))
    assert set(refusal("closure.transfer", nothing, by=cast.caseworker, file=file)) >= {
        "reason", "wishes", "child_told", "urgent",
    }  # fmt: skip


@pytest.mark.parametrize("to", ["caseworker", "elsewhere", "supervisor", "nobody", "information_officer"])
def test_only_another_caseworker_of_the_agency_can_take_over(cast: Cast, to: str) -> None:
    file = a_case(cast)
    assert set(refusal("closure.transfer", {"to": to}, by=cast.caseworker, file=file)) == {"to"}


@pytest.mark.covers("R56")
def test_whoever_is_asked_reads_the_hand_over_only_and_for_so_many_days(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    until = TransferRequest.objects.get().answer_by
    assert until == START.date() + timedelta(days=3)  # transfer.answer
    commands.read("hand_over.read", file, by=cast.colleague, at=later(3), action="receive")
    for verb in ("file.read", "entry.read"):
        with pytest.raises(NotFound):
            commands.read(verb, file, by=cast.colleague, at=START)
    with pytest.raises(NotFound):
        commands.read("hand_over.read", file, by=cast.colleague, at=later(4), action="receive")
    with pytest.raises(NotFound):
        submit("closure.transfer_answer", by=cast.colleague, file=file, at=later(4))
    assert "closure.transfer" in asked_for(file, day=later(4).date())


@pytest.mark.covers("R56")
def test_a_returned_file_stays_where_it_is_and_closes_to_whoever_returned_it(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    returned = {"accepted": "no", "read": None, "returned": "too_many_cases"}
    submit("closure.transfer_answer", returned, by=cast.colleague, file=file)
    assert responsible(file) == cast.caseworker
    with pytest.raises(NotFound):
        commands.read("hand_over.read", file, by=cast.colleague, at=START, action="receive")


@pytest.mark.covers("R104")
def test_nobody_accepts_a_hand_over_unread(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    assert refusal("closure.transfer_answer", {"read": "no"}, by=cast.colleague, file=file) == {
        "read": "not_read"
    }
    assert responsible(file) == cast.caseworker


def test_nobody_answers_for_somebody_else(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    for who in (cast.caseworker, cast.supervisor):
        with pytest.raises(Forbidden):
            submit("closure.transfer_answer", by=who, file=file)
    with pytest.raises(NotFound):
        submit("closure.transfer_answer", by=cast.elsewhere, file=file)


def test_asking_somebody_else_ends_what_was_asked_before(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    submit("closure.transfer", {"to": "both"}, by=cast.caseworker, file=file)
    with pytest.raises(NotFound):
        submit("closure.transfer_answer", by=cast.colleague, file=file)
    submit("closure.transfer_answer", by=cast.both, file=file)
    assert responsible(file) == cast.both


@pytest.mark.covers("R56")
def test_a_second_change_within_months_is_pointed_out_and_not_refused(cast: Cast) -> None:
    file = a_case(cast)
    first = submit("closure.transfer", by=cast.caseworker, file=file)
    assert first.warnings == ()
    submit("closure.transfer_answer", by=cast.colleague, file=file)
    (again,) = submit(
        "closure.transfer", {"to": "caseworker"}, by=cast.colleague, file=file, at=later(60)
    ).warnings
    assert "changed 1 times" in str(again)
    submit("closure.transfer_answer", by=cast.caseworker, file=file, at=later(60))
    assert submit("closure.transfer", by=cast.caseworker, file=file, at=later(400)).warnings == ()


@pytest.mark.covers("R104")
def test_a_child_who_was_not_told_yet_is_told_by_whoever_comes(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", {"child_told": "not_yet"}, by=cast.caseworker, file=file)
    submit("closure.transfer_answer", by=cast.colleague, file=file)
    assert "closure.hand_over_read" in asked_for(file)
    submit("closure.hand_over_read", {"child_told": "not_yet"}, by=cast.colleague, file=file)
    assert "closure.hand_over_read" in asked_for(file)
    submit("closure.hand_over_read", by=cast.colleague, file=file)
    assert "closure.hand_over_read" not in asked_for(file)


def test_everything_about_whose_file_it_is_is_made_again_the_same(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", by=cast.caseworker, file=file)
    submit("closure.transfer_answer", by=cast.colleague, file=file, at=later(1))
    submit("closure.conflict_of_interest", by=cast.colleague, file=file, at=later(2))
    reassigned = {"decision": "reassign", "to": "both", "safeguards": None, "child_told": "told"}
    submit("closure.conflict_answer", reassigned, by=cast.supervisor, file=file, at=later(2))
    submit("closure.allocation", {"to": "caseworker"}, by=cast.supervisor, file=file, at=later(3))
    submit("closure.transfer", by=cast.caseworker, file=file, at=later(4))
    before = (
        list(Assignment.objects.order_by("id").values()),
        list(Invitation.objects.order_by("id").values()),
    )
    User.objects.filter(id=cast.both.id).update(username="renamed", is_active=False)
    Membership.objects.filter(user=cast.both).update(until=later(3).date())
    for keep in (False, True):
        assert commands.rebuild(file, keep=keep) == []
    after = list(Assignment.objects.order_by("id").values()), list(Invitation.objects.order_by("id").values())
    assert after == before
    assert responsible(file) == cast.caseworker


def test_an_assignment_that_no_entry_made_is_found_and_mended(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.allocation", by=cast.supervisor, file=file)
    Assignment.objects.filter(file_id=file, until=None).update(user=cast.both)
    (sentence,) = commands.rebuild(file, keep=True)
    assert sentence.startswith("Assignment ")
    assert responsible(file) == cast.colleague


# --- Allocating ----------------------------------------------------------------------------------------------


@pytest.mark.covers("R104")
def test_a_supervisor_gives_a_file_to_somebody_of_the_team(cast: Cast) -> None:
    file = a_file(cast)  # before it is registered
    submit("closure.allocation", {"reason": "new_child"}, by=cast.supervisor, file=file)
    assert responsible(file) == cast.colleague
    move = Move.objects.get(file_id=file)
    assert (move.to, move.contents["child_told"]) == (cast.colleague, "not_yet")
    assert "closure.hand_over_read" in asked_for(file)
    assert not reads(cast.caseworker, file)


@pytest.mark.covers("R104")
def test_a_change_needs_a_reason_and_a_word_on_whether_the_child_was_told(cast: Cast) -> None:
    file = a_case(cast)
    missing = refusal(
        "closure.allocation", {"reason": None, "child_told": None}, by=cast.supervisor, file=file
    )
    assert missing == {"reason": "needed", "child_told": "needed"}


def test_nobody_but_the_supervisor_of_the_team_allocates(cast: Cast) -> None:
    file = a_case(cast)
    with pytest.raises(Forbidden):
        submit("closure.allocation", by=cast.caseworker, file=file)
    for outside in (cast.colleague, cast.other_supervisor, cast.administrator):
        with pytest.raises(NotFound):
            submit("closure.allocation", by=outside, file=file)


def test_a_file_is_not_allocated_into_another_team(cast: Cast) -> None:
    file, agency = a_case(cast), Membership.objects.filter(user=cast.caseworker).get().agency
    person("hillie", agency, role=Role.CASEWORKER, team="Hill")
    assert refusal("closure.allocation", {"to": "hillie"}, by=cast.supervisor, file=file) == {
        "to": "another_team"
    }
    submit("closure.transfer", {"to": "hillie"}, by=cast.supervisor, file=file)  # but handed over there


def carries(user: User, cases: int, *, cast: Cast) -> None:
    """So many registered children of somebody’s, siblings of one house."""
    for _ in range(cases):
        file = submit("intake.identification", by=user).file_id
        submit("intake.registration", by=user, file=file)


@pytest.mark.covers("R81")
def test_case_26_warns_and_is_accepted_with_its_reason(cast: Cast) -> None:
    carries(cast.colleague, 25, cast=cast)
    file = a_case(cast, risk="high")
    answers = {"despite_load": "Nobody else speaks her language"}
    given = submit("closure.allocation", answers, by=cast.supervisor, file=file)
    assert responsible(file) == cast.colleague
    (warning,) = given.warnings
    assert "26 open cases, more than 25" in str(warning)
    assert entry_of(given.entry_id, file_id=file).answers["despite_load"] == answers["despite_load"]


@pytest.mark.covers("R81")
def test_from_twenty_cases_on_the_supervisor_is_warned_and_closed_ones_do_not_count(cast: Cast) -> None:
    carries(cast.colleague, 18, cast=cast)
    assert submit("closure.allocation", by=cast.supervisor, file=a_case(cast)).warnings == ()
    (warning,) = submit("closure.allocation", by=cast.supervisor, file=a_case(cast)).warnings
    assert "20 open cases" in str(warning)


# --- Cover ---------------------------------------------------------------------------------------------------


@pytest.mark.covers("R104")
def test_a_stand_in_has_the_files_from_the_first_day_to_the_last_and_no_longer(cast: Cast) -> None:
    file = a_case(cast)
    stand_in(cast, since=later(2).date(), until=later(4).date())
    assert [reads(cast.colleague, file, on=later(day).date()) for day in range(1, 6)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    submit("follow_up.contact", by=cast.colleague, file=file, at=later(4))
    assert responsible(file) == cast.caseworker
    for day in (1, 5):
        with pytest.raises(NotFound):
            submit("follow_up.contact", by=cast.colleague, file=file, at=later(day))
    submit(
        "follow_up.contact", by=cast.caseworker, file=file, at=later(3)
    )  # who stays responsible all the time


def test_cover_for_one_file_opens_no_other(cast: Cast) -> None:
    one, other = a_case(cast), a_case(cast)
    stand_in(cast, file=one)
    assert reads(cast.colleague, one) and not reads(cast.colleague, other)


@pytest.mark.covers("R104")
def test_a_stand_in_neither_hands_over_nor_agrees(cast: Cast) -> None:
    file = a_case(cast)
    stand_in(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    for form in ("closure.transfer", "closure.allocation", "closure.answer"):
        with pytest.raises(Forbidden):
            submit(form, by=cast.colleague, file=file)


def confidential_entry(cast: Cast, file: UUID) -> Entry:
    answers = {"suspected": "Zwjeruba, the uncle", "finished": "no"}
    submit("assessment.comprehensive", answers, by=cast.caseworker, file=file)
    return Entry.objects.get(form_code="assessment.comprehensive")


@pytest.mark.parametrize("named", [False, True])
def test_the_confidential_section_opens_to_a_stand_in_by_name_only(cast: Cast, named: bool) -> None:
    file = a_case(cast)
    entry = confidential_entry(cast, file)
    stand_in(cast, confidential=named)
    classes = commands.readable_classes(file, by=cast.colleague, at=START)
    assert ("confidential" in classes) is named
    goes_on = Place("assessment.comprehensive", file)  # begins with the answers of the last one
    assert ("suspected" in commands.answers_to_begin_with(goes_on, by=cast.colleague, at=START)) is named
    if named:
        submit("assessment.comprehensive", by=cast.colleague, file=file, amends=entry.id)
    else:
        with pytest.raises(Forbidden):
            submit("assessment.comprehensive", by=cast.colleague, file=file, amends=entry.id)


@pytest.mark.covers("R104")
def test_the_child_is_told_who_stands_in(cast: Cast) -> None:
    file = a_case(cast)
    assert "closure.cover_told" not in asked_for(file)
    stand_in(cast)
    assert "closure.cover_told" in asked_for(file)
    submit("closure.cover_told", {"child_told": "not_yet"}, by=cast.colleague, file=file)
    assert "closure.cover_told" in asked_for(file)
    submit("closure.cover_told", by=cast.colleague, file=file)
    assert "closure.cover_told" not in asked_for(file)
    assert commands.rebuild(file, keep=False) == []


def test_a_cover_that_is_ended_early_closes_the_files_that_day(cast: Cast) -> None:
    file = a_case(cast)
    cover = stand_in(cast, until=later(9).date())
    with pytest.raises(NotFound):
        end_cover(cover.id, by=cast.other_supervisor, day=START.date())
    end_cover(cover.id, by=cast.supervisor, day=START.date())
    assert not reads(cast.colleague, file)


@pytest.mark.parametrize("who", ["caseworker", "supervisor", "elsewhere", "nobody"])
def test_a_stand_in_is_another_caseworker_of_the_agency(cast: Cast, who: str) -> None:
    a_case(cast)
    with pytest.raises(Refused) as refused:
        put_in_cover(
            new_id(), covered_for=cast.caseworker.id, stand_in=who, since=FIRST_DAY, until=FIRST_DAY, file_id=None,
            confidential=False, by=cast.supervisor, day=FIRST_DAY,
        )  # fmt: skip
    assert [one.question for one in refused.value.unmet] == ["stand_in"]


def test_nobody_puts_in_cover_for_another_team_or_backwards(cast: Cast) -> None:
    a_case(cast)
    with pytest.raises(NotFound):
        stand_in(cast, by=cast.other_supervisor)
    with pytest.raises(Refused) as refused:
        stand_in(cast, since=later(2).date(), until=later(1).date())
    assert [one.question for one in refused.value.unmet] == ["until"]


def test_a_stand_in_who_leaves_the_agency_stands_in_no_more(cast: Cast) -> None:
    file = a_case(cast)
    stand_in(cast)
    Membership.objects.filter(user=cast.colleague).update(since=SINCE, until=START.date() - timedelta(days=1))
    assert not reads(cast.colleague, file)
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=cast.colleague, at=START)


# --- Conflict of interest ------------------------------------------------------------------------------------


@pytest.mark.covers("R103")
def test_a_tie_to_the_suspected_person_stops_writing_and_never_urgent_action(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.conflict_of_interest", SUSPECTED, by=cast.caseworker, file=file)
    assert refusal("follow_up.contact", {}, by=cast.caseworker, file=file) == {"": "tied"}
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    assert responsible(file) == cast.caseworker  # a child is never without a caseworker
    assert refusal("closure.conflict_of_interest", {"tie": "none"}, by=cast.caseworker, file=file) == {
        "": "tied"
    }


@pytest.mark.covers("R103")
@pytest.mark.parametrize("tie", ["none", "relative", "same_network"])
def test_no_other_tie_stops_anybody(cast: Cast, tie: str) -> None:
    file = a_case(cast)
    submit("closure.conflict_of_interest", {"tie": tie}, by=cast.caseworker, file=file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    assert ("closure.conflict_answer" in asked_for(file)) is (tie != "none")


@pytest.mark.covers("R103")
def test_reassigning_gives_the_child_somebody_else_at_once(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.conflict_of_interest", SUSPECTED, by=cast.caseworker, file=file)
    safeguards = {"decision": "safeguards", "safeguards": "A second person goes along"}
    assert refusal("closure.conflict_answer", safeguards, by=cast.supervisor, file=file) == {
        "decision": "must_reassign"
    }
    answers = {"decision": "reassign", "to": "colleague", "safeguards": None, "child_told": "not_yet"}
    submit("closure.conflict_answer", answers, by=cast.supervisor, file=file)
    assert responsible(file) == cast.colleague
    submit("follow_up.contact", by=cast.colleague, file=file)
    assert "closure.conflict_answer" not in asked_for(file)
    # and it is not given back to who is tied
    assert refusal("closure.allocation", {"to": "caseworker"}, by=cast.supervisor, file=file) == {
        "to": "cannot_take"
    }


@pytest.mark.covers("R103")
def test_safeguards_are_written_down_for_any_other_tie(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.conflict_of_interest", by=cast.caseworker, file=file)
    missing = refusal("closure.conflict_answer", {"safeguards": None}, by=cast.supervisor, file=file)
    assert missing == {"safeguards": "needed"}
    submit("closure.conflict_answer", by=cast.supervisor, file=file)
    assert responsible(file) == cast.caseworker
    assert "closure.conflict_answer" not in asked_for(file)


def test_a_slip_is_mended_by_the_supervisor(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.conflict_of_interest", SUSPECTED, by=cast.caseworker, file=file)
    submit(
        "closure.conflict_answer",
        {"decision": "no_conflict", "safeguards": None},
        by=cast.supervisor,
        file=file,
    )
    submit("follow_up.contact", by=cast.caseworker, file=file)


def test_nobody_decides_on_their_own_tie(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.both).file_id
    submit("closure.conflict_of_interest", by=cast.both, file=file)
    assert refusal("closure.conflict_answer", {}, by=cast.both, file=file) == {"": "own_conflict"}
    submit("closure.conflict_answer", by=cast.supervisor, file=file)


def test_the_tie_of_a_stand_in_moves_no_file(cast: Cast) -> None:
    file = a_case(cast)
    stand_in(cast)
    submit("closure.conflict_of_interest", SUSPECTED, by=cast.colleague, file=file)
    assert refusal("follow_up.contact", {}, by=cast.colleague, file=file) == {"": "tied"}
    submit("follow_up.contact", by=cast.caseworker, file=file)
    answers = {"decision": "reassign", "to": "both", "safeguards": None, "child_told": "told"}
    assert refusal("closure.conflict_answer", answers, by=cast.supervisor, file=file) == {
        "decision": "stands_in"
    }
    submit("closure.conflict_answer", by=cast.supervisor, file=file)


def test_whoever_is_shut_out_can_be_given_nothing(cast: Cast) -> None:
    file = a_case(cast)
    disable(cast.colleague)
    assert refusal("closure.allocation", {}, by=cast.supervisor, file=file) == {"to": "not_here"}


def test_none_of_it_is_corrected_afterwards(cast: Cast) -> None:
    file = a_case(cast)
    submit("closure.transfer", {"child_told": "not_yet"}, by=cast.caseworker, file=file)
    submit("closure.transfer_answer", by=cast.colleague, file=file)
    submit("closure.hand_over_read", by=cast.colleague, file=file)
    submit("closure.allocation", {"to": "caseworker"}, by=cast.supervisor, file=file)
    submit("closure.conflict_of_interest", by=cast.caseworker, file=file)
    submit("closure.conflict_answer", by=cast.supervisor, file=file)
    stand_in(cast)
    submit("closure.cover_told", by=cast.colleague, file=file)
    written = Entry.objects.filter(file=file, form_code__startswith="closure.")
    assert written.count() == 7
    may = {"closure.transfer": cast.caseworker, "closure.hand_over_read": cast.caseworker}
    for row in written:
        if row.form_code == "closure.transfer_answer":
            continue  # the right to answer ended with the answer
        by = may.get(row.form_code, row.by)
        assert refusal(row.form_code, {}, by=by, file=file, amends=row.id) == {"": "never_amended"}


def test_an_answer_that_is_sent_twice_is_written_once(cast: Cast) -> None:
    for answer in ({}, {"accepted": "no", "read": None, "returned": "other"}):
        file = a_case(cast)
        submit("closure.transfer", by=cast.caseworker, file=file)
        entry = new_id()
        first = submit("closure.transfer_answer", answer, by=cast.colleague, file=file, entry_id=entry)
        again = submit("closure.transfer_answer", answer, by=cast.colleague, file=file, entry_id=entry)
        assert again.repeated and again.revision == first.revision
