"""Asking a service: on which basis, what it is told, what came of it, and who asks again (R40–R45)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, a_service, later, submit
from tutela import commands
from tutela.cases.models import Entry
from tutela.cases.queries import case_of, entries_of, people_around
from tutela.deadlines.models import Deadline
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Refused
from tutela.protocols.packs import load
from tutela.referral.packet import offer
from tutela.referral.queries import (
    gaps_of,
    no_longer_agreed,
    packet_of,
    referrals,
    referrals_of,
    services_under_way,
)
from tutela.service_directory.actions import raise_concern
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db


def shares(cast: Cast, file: UUID, *, days: float = 0, about: UUID | None = None, **answers: Any) -> None:
    told = {"agreed": ["share_for_services"], **answers}
    submit("consent.consent", told, by=cast.caseworker, file=file, at=later(days), about=about)


def asks(cast: Cast, file: UUID, *, days: float = 0, about: UUID | None = None, **answers: Any) -> UUID:
    return submit(
        "referral.referral", answers, by=cast.caseworker, file=file, at=later(days), about=about
    ).entry_id


def writes(cast: Cast, file: UUID, form: str, *, days: float = 0, **answers: Any) -> None:
    submit(f"referral.{form}", answers, by=cast.caseworker, file=file, at=later(days))


def a_child_who_shares(cast: Cast) -> UUID:
    file = a_case(cast)
    shares(cast, file)
    return file


def due(file: UUID) -> dict[str, date]:
    steps = ("referral_answer", "referral_service")
    return {one.step: one.due_at.date() for one in open_deadlines([file]) if one.step in steps}


def titles(file: UUID, *, days: float = 0) -> list[str]:
    return [str(task.title) for task in tasks_on(file, day=later(days).date())]


def refused_for(form: str, answers: dict[str, Any] | None = None, **more: Any) -> str:
    """The one sentence with which it is refused."""
    with pytest.raises(Refused) as refused:
        submit(form, answers, **more)
    (one,) = refused.value.unmet
    return str(one.words)


# --- On which basis ------------------------------------------------------------------------------------------


@pytest.mark.covers("R42")
def test_without_consent_to_share_nothing_is_sent_and_the_refusal_says_what_to_do(cast: Cast) -> None:
    file = a_case(cast)
    problems = refusal("referral.referral", {}, by=cast.caseworker, file=file)
    assert problems == {"provider": "no_basis"}
    words = refused_for("referral.referral", by=cast.caseworker, file=file)
    assert "Ask for consent to share" in words and "urgent action" in words and "Already asked" in words


@pytest.mark.covers("R42")
def test_with_consent_it_is_sent_and_keeps_the_consent_it_rests_on(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    (course,) = referrals(file)
    consent = Entry.objects.get(file_id=file, form_code="consent.consent")
    assert course.told["basis"] == "consent"
    assert course.told["basis_entries"] == str(consent.id)
    assert course.stage == "sent"


@pytest.mark.covers("R42")
def test_a_recipient_whom_somebody_excluded_is_refused_also_where_the_directory_knows_what_it_is(
    cast: Cast,
) -> None:
    file = a_case(cast)
    shares(cast, file, recipients_excluded=["authorities"])
    a_service(cast, name="Clinic", organisation="District", recipient="authorities")
    told = {"provider": "clinic, district", "recipient": "other_agencies"}  # the directory knows better
    words = refused_for("referral.referral", told, by=cast.caseworker, file=file)
    assert "Somebody asked not to share with: Authorities" in words
    asks(cast, file)  # another organisation may be told
    assert len(referrals(file)) == 1


@pytest.mark.covers("R11", "R42")
def test_what_cannot_wait_rests_on_its_urgent_action(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    asks(cast, file)
    assert referrals(file)[0].told["basis"] == "vital_interests"


def test_a_consent_of_a_later_day_is_no_basis_for_what_was_told_before(cast: Cast) -> None:
    file = a_case(cast)
    shares(cast, file, days=5)
    more: dict[str, Any] = {"by": cast.caseworker, "file": file, "at": later(6)}
    assert "Nobody has agreed yet" in refused_for("referral.referral", happened_at=later(2), **more)
    submit("referral.done", happened_at=later(2), **more)
    assert referrals(file)[0].told["basis"] == ""


@pytest.mark.covers("R42")
def test_an_adult_agrees_for_herself(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    submit("cases.person", {"phone": "0700 111 222"}, by=cast.caseworker, file=file)
    mother = people_around(file)[0].person_id
    assert "Nobody has agreed" in refused_for(
        "referral.referral", by=cast.caseworker, file=file, about=mother
    )
    shares(cast, file, about=mother)
    asks(cast, file, about=mother, share=["first_name", "full_name", "age", "caregiver", "area"])
    (course,) = referrals(file)
    assert course.referral.entry.about == mother
    assert packet_of(course) == {"need": "A place on the course", "first_name": "Grace", "full_name": "Grace"}


# --- What it is told -----------------------------------------------------------------------------------------


@pytest.mark.covers("R42")
def test_the_packet_is_what_was_chosen_and_stays_so_whatever_changes_on_the_file(cast: Cast) -> None:
    file = a_file(cast, name="Tomas Okoro", age="11")
    submit(
        "intake.registration",
        {"name": "Tomas Okoro", "birth_date": "2014-05-06"},
        by=cast.caseworker,
        file=file,
    )
    submit("cases.person", {"cares": "yes"}, by=cast.caseworker, file=file)
    shares(cast, file)
    shares(cast, file, about=people_around(file)[0].person_id)  # he is eleven: his mother is asked, too
    asks(cast, file, share=["code", "first_name", "age", "sex"], why="He told us of his uncle")
    told = packet_of(referrals(file)[0])
    case = case_of(file)
    assert case is not None
    assert told == {
        "need": "A place on the course", "code": case.code, "first_name": "Tomas", "age": "11", "sex": "Boy",
    }  # fmt: skip
    registered = Entry.objects.get(file_id=file, form_code="intake.registration")
    submit(
        "intake.registration", {"name": "Thomas", "birth_date": "2013-01-01"}, by=cast.caseworker, file=file,
        amends=registered.id,
    )  # fmt: skip
    assert packet_of(referrals(file)[0]) == told
    assert commands.rebuild(file, keep=True) == []
    assert packet_of(referrals(file)[0]) == told


@pytest.mark.covers("R42")
def test_nothing_chosen_means_that_only_what_is_asked_for_is_told(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    assert packet_of(referrals(file)[0]) == {"need": "A place on the course"}


@pytest.mark.covers("R109", "R110")
def test_a_number_is_told_with_what_is_safe_and_never_that_of_somebody_with_a_safety_mark(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    for name, phone, more in (
        ("Grace", "0700 111 222", {"safe_contact": ["may_call"], "safe_contact_notes": "Mornings"}),
        ("Obed", "0700 333 444", {"relationship": "father", "safety_mark": ["must_not_be_told"]}),
        (
            "Ruth",
            "0700 555 666",
            {"relationship": "grandparent", "safe_contact": ["never_call", "may_visit"]},
        ),
    ):
        submit("cases.person", {"name": name, "phone": phone, **more}, by=cast.caseworker, file=file)
    asks(cast, file, share=["safe_contact", "caregiver"])
    told = packet_of(referrals(file)[0])
    assert told["safe_contact"] == "Grace (Mother): 0700 111 222 (May be called; Mornings)"
    assert told["caregiver"] == "Grace (Mother); Ruth (Grandparent)"


def test_what_is_on_file_is_offered_and_what_is_not_is_left_out(cast: Cast) -> None:
    file = a_file(cast)
    assert offer(file, about=None, pack=load("demonstration"), day=START.date()) == {
        "first_name": "Tomas", "full_name": "Tomas",
    }  # fmt: skip


def test_the_packet_is_not_among_what_the_key_of_the_story_opens(cast: Cast) -> None:
    file = a_file(cast, name="Xylqvorth Okoro")
    shares(cast, file)
    asks(cast, file, share=["full_name"])
    told = [str((one.answers, one.given)) for one in entries_of(file, classes=frozenset({"case"}))]
    assert not any("Xylqvorth" in one for one in told)
    assert packet_of(referrals(file)[0])["full_name"] == "Xylqvorth Okoro"


# --- Two types, and already done -----------------------------------------------------------------------------


@pytest.mark.covers("R4", "R40")
def test_a_child_without_a_case_is_referred_too(cast: Cast) -> None:
    alone, registered = a_file(cast), a_case(cast)
    for file in (alone, registered):
        shares(cast, file)
        asks(cast, file, action="Talk to the teacher")
    assert case_of(alone) is None
    assert [referrals(file)[0].told["type"] for file in (alone, registered)] == ["stand_alone", "in_case"]
    assert referrals(registered)[0].told["action"] == "Talk to the teacher"


@pytest.mark.covers("R41")
def test_what_was_done_already_is_written_down_and_without_a_basis_the_supervisor_is_told(cast: Cast) -> None:
    file = a_case(cast)
    submit("referral.done", by=cast.caseworker, file=file, at=later(1), happened_at=START)
    (course,) = referrals(file)
    assert (course.told["basis"], course.asked_on) == ("", START.date())
    assert packet_of(course) == {"need": "A place", "told": "A boy of eleven"}
    (waiting,) = waiting_for_word([file])
    assert (waiting.form, waiting.by) == ("referral.word", "Caseworker")
    assert "Give your word on what was shared" in titles(file)
    submit("referral.word", by=cast.supervisor, file=file)
    assert waiting_for_word([file]) == []
    assert "Give your word on what was shared" not in titles(file)


def test_nobody_gives_their_word_on_what_they_told_themselves(cast: Cast) -> None:
    file = submit("intake.identification", by=cast.both).file_id
    submit("referral.done", by=cast.both, file=file)
    assert refused_for("referral.word", by=cast.both, file=file).startswith("You told it yourself")
    submit("referral.word", by=cast.supervisor, file=file)


def test_with_consent_what_was_done_already_waits_for_nobody(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    submit("referral.done", by=cast.caseworker, file=file)
    assert referrals(file)[0].told["basis"] == "consent"
    assert waiting_for_word([file]) == []
    assert "nothing_waiting" in refusal("referral.word", {}, by=cast.supervisor, file=file).values()


@pytest.mark.covers("R41")
def test_a_service_outside_the_directory_and_a_stale_one_can_be_asked(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    a_service(cast, checked=None)
    assert refusal("referral.referral", {"recipient": None}, by=cast.caseworker, file=file) == {
        "recipient": "kind_needed"
    }
    asks(cast, file, provider="Sewing course, Hands at Work", recipient=None)
    asks(cast, file, provider="The aunt's church")
    inside, outside = referrals(file)
    assert (inside.told["sector"], bool(inside.told["service"])) == ("livelihoods", True)
    assert (outside.provider, outside.told["service"]) == ("The aunt's church", "")


@pytest.mark.covers("R123")
def test_nobody_is_sent_where_there_is_a_safety_concern_but_what_is_urgent_is_not_held_up(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    service = a_service(cast)
    agency = Entry.objects.filter(file_id=file)[0].file.agency_id
    raise_concern(
        service, "Children were made to work.", UUID(int=7), agency_id=agency, by=cast.supervisor, day=START.date()
    )  # fmt: skip
    told: dict[str, Any] = {"provider": "Sewing course, Hands at Work"}
    words = refused_for("referral.referral", told, by=cast.caseworker, file=file)
    assert "Do not refer here for now: Children were made to work. Choose" in words
    shares(cast, file, agreed=["participation"])
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    asks(cast, file, **told)


# --- What came of it -----------------------------------------------------------------------------------------


@pytest.mark.covers("R41")
def test_each_step_is_an_entry_of_its_own_from_asking_to_feedback(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    stages = [referrals(file)[0].stage]
    for form, answers in (
        ("answer", {"answer": "accepted", "starts_on": "2026-03-09", "period": "Three months"}),
        ("outcome", {"outcome": "started", "accompanied": "we_go_along"}),
        ("outcome", {"outcome": "completed"}),
        ("outcome", {"outcome": "completed", "satisfied": "yes", "barriers": ["cost"]}),
    ):
        writes(cast, file, form, days=1, **answers)
        stages.append(referrals(file)[0].stage)
    assert stages == ["sent", "accepted", "started", "completed", "completed"]
    assert referrals(file)[0].is_settled
    assert commands.rebuild(file, keep=False) == []


@pytest.mark.covers("R43")
def test_what_is_completed_is_asked_about_until_somebody_said_how_it_was(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    writes(cast, file, "outcome", outcome="completed")
    assert "Ask how the service was" in titles(file)
    writes(cast, file, "outcome", outcome="completed", satisfied="did_not_wish", barriers=["distance"])
    assert "Ask how the service was" not in titles(file)
    assert referrals(file)[0].outcomes[-1].contents["barriers"] == ["distance"]


def test_a_no_needs_its_reason_and_leads_to_another_service(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file, sector="education")
    assert refusal("referral.answer", {"answer": "declined"}, by=cast.caseworker, file=file) == {
        "reason": "needed"
    }
    writes(cast, file, "answer", answer="declined", reason="full")
    assert "Look for another service" in titles(file)
    assert services_under_way(file) == []
    asks(cast, file, provider="Evening school", sector="education")
    assert "Look for another service" not in titles(file)


def test_of_several_services_one_has_to_be_chosen(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    more = {"by": cast.caseworker, "file": file}
    assert refusal("referral.answer", {}, **more) == {"": "nothing_asked"}
    asks(cast, file)
    asks(cast, file, provider="Clinic")
    assert refusal("referral.answer", {}, **more) == {"which": "which"}
    assert refusal("referral.answer", {"which": "Another (2026-03-02)"}, **more) == {
        "which": "unknown_referral"
    }
    writes(cast, file, "answer", which="Clinic (2026-03-02)")
    assert [one.stage for one in referrals(file)] == ["sent", "accepted"]


@pytest.mark.covers("R45")
def test_the_six_checks_are_kept_and_hold_nothing_up(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file, checks=["called_ahead", "fits_need"])
    asks(cast, file, provider="Clinic")
    assert [one.told.get("checks") for one in referrals(file)] == [["fits_need", "called_ahead"], None]


@pytest.mark.covers("R44")
def test_going_along_is_offered_when_asking_and_written_down_once_done(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file, accompaniment="we_go_along")
    assert referrals(file)[0].told["accompaniment"] == "we_go_along"
    assert not referrals(file)[0].was_accompanied
    writes(cast, file, "outcome", outcome="started", accompanied="trusted_person")
    assert referrals(file)[0].was_accompanied


def test_a_sent_referral_is_never_changed_afterwards(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    entry = asks(cast, file)
    assert refusal("referral.referral", {}, by=cast.caseworker, file=file, amends=entry) == {
        "": "never_amended"
    }


# --- Who asks again ------------------------------------------------------------------------------------------


@pytest.mark.covers("R43")
def test_an_answer_is_asked_for_again_sooner_where_it_is_urgent(cast: Cast) -> None:
    usual, urgent = a_child_who_shares(cast), a_child_who_shares(cast)
    asks(cast, usual)
    asks(cast, urgent, urgency="urgent")
    assert due(usual) == {"referral_answer": date(2026, 3, 9)}
    assert due(urgent) == {"referral_answer": date(2026, 3, 4)}


@pytest.mark.covers("R43")
def test_after_a_yes_the_caseworker_confirms_that_the_service_came_about(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    writes(cast, file, "answer", days=1)
    assert due(file) == {"referral_service": date(2026, 3, 17)}  # 14 days after the third of March
    writes(cast, file, "answer", days=2, starts_on="2026-04-01")
    assert due(file) == {"referral_service": date(2026, 4, 15)}
    writes(cast, file, "outcome", days=3, outcome="going_on")  # confirms nothing
    assert due(file) == {"referral_service": date(2026, 4, 15)}
    writes(cast, file, "outcome", days=31)
    assert due(file) == {}
    assert commands.rebuild(file, keep=False) == []


def test_a_late_answer_meets_what_was_due_and_is_seen_to_be_late(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    writes(cast, file, "answer", days=20)
    row = Deadline.objects.get(file_id=file, step="referral_answer")
    assert row.met_by is not None and row.met_by.happened_on > row.overdue_on


@pytest.mark.covers("R43")
@pytest.mark.parametrize("how", ["cancelled", "declined", "closed", "died"])
def test_cancelling_a_no_closing_and_death_end_what_is_due(cast: Cast, how: str) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    assert due(file)
    if how == "cancelled":
        writes(cast, file, "cancel")
    elif how == "declined":
        writes(cast, file, "answer", answer="declined", reason="full")
    else:
        close(cast, file, reason="goals_met_safe_no_concern" if how == "closed" else "death")
    assert due(file) == {}
    if how in ("closed", "died"):
        assert not [title for title in titles(file, days=200) if "service" in title]
    if how == "closed":
        submit("closure.reopening", by=cast.caseworker, file=file, at=later(9))
        assert due(file) == {}
    assert commands.rebuild(file, keep=False) == []


def close(cast: Cast, file: UUID, *, reason: str) -> None:
    answers: dict[str, Any] = {"reason": reason}
    if reason == "death":
        answers |= dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))
        submit("closure.death", by=cast.caseworker, file=file)
    submit("closure.request", answers, by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    submit("closure.without_talk" if reason == "death" else "closure.closure", by=cast.caseworker, file=file)


def test_an_answer_that_comes_after_closing_is_still_written_down(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    close(cast, file, reason="goals_met_safe_no_concern")
    assert [one.provider for one in services_under_way(file)] == ["Sewing course"]
    writes(cast, file, "answer")
    assert referrals(file)[0].stage == "accepted"
    assert refusal("referral.referral", {}, by=cast.caseworker, file=file) == {"": "closed"}


@pytest.mark.covers("R41")
def test_what_nobody_answers_expires_and_the_caseworker_is_asked_to_ask_again(cast: Cast) -> None:
    file = a_child_who_shares(cast)
    asks(cast, file)
    assert "Ask the service again" not in titles(file, days=92)
    assert "Ask the service again" in titles(file, days=93)
    writes(cast, file, "cancel", days=93)
    assert "Ask the service again" not in titles(file, days=93)


# --- Consent is withdrawn on the way -------------------------------------------------------------------------


@pytest.mark.covers("R13", "R42")
def test_when_consent_is_withdrawn_the_referral_stays_nothing_new_is_shared_and_the_child_decides(
    cast: Cast,
) -> None:
    file = a_child_who_shares(cast)
    asked = asks(cast, file)
    assert no_longer_agreed(file, referrals(file), day=START.date()) == set()
    shares(cast, file, days=1, agreed=["participation"], refused=["share_for_services"])
    assert no_longer_agreed(file, referrals(file), day=START.date()) == {asked}
    assert [one.id for one in services_under_way(file)] == [asked]
    assert "Somebody asked not to share" in refused_for(
        "referral.referral", {"provider": "Clinic"}, by=cast.caseworker, file=file, at=later(2)
    )
    decide = "Decide with the child about a service"
    assert decide in titles(file)
    writes(cast, file, "outcome", days=3, outcome="going_on")
    assert decide not in titles(file)
    assert no_longer_agreed(file, referrals(file), day=START.date()) == {asked}
    writes(cast, file, "cancel", days=4, reason="consent_withdrawn")
    assert services_under_way(file) == []
    assert commands.rebuild(file, keep=False) == []


def test_what_rested_on_an_urgent_action_does_not_hang_on_consent(cast: Cast) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    asks(cast, file)
    shares(cast, file, days=1, agreed=["participation"], refused=["share_for_services"])
    assert no_longer_agreed(file, referrals(file), day=START.date()) == set()


# --- No service found ----------------------------------------------------------------------------------------


@pytest.mark.covers("R46")
def test_a_need_without_a_service_counts_one_child_in_its_area_and_names_nobody(cast: Cast) -> None:
    file = a_case(cast)
    for sector in ("education", "education", "legal"):
        writes(cast, file, "gap", sector=sector, why="none_here")
    found = gaps_of([file])
    assert {(one.sector, one.area, one.children) for one in found} == {
        ("education", "river_district", 1), ("legal", "river_district", 1),
    }  # fmt: skip
    assert not any("file" in name or "name" in name for name in vars(found[0]))


# --- Many files ----------------------------------------------------------------------------------------------


def test_referrals_of_many_files_take_as_many_questions_as_those_of_one(cast: Cast) -> None:
    files = [a_child_who_shares(cast) for _ in range(3)]
    for file in files:
        asks(cast, file)
        asks(cast, file, provider="Clinic")
    with CaptureQueriesContext(
        connection,
    ) as one:
        referrals_of(files[:1])
    with CaptureQueriesContext(connection) as many:
        assert {len(found) for found in referrals_of(files).values()} == {2}
    assert len(many) == len(one)
