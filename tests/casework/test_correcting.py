"""Corrections: new entries that stand beside what they correct, and some that are never made."""

from typing import Any

import pytest

from tests.casework.refusing import everything, refusal
from tests.cast import START, Cast, a_case, a_closed_case, a_file, submit
from tests.ready import ready_for, who_writes
from tutela import commands
from tutela.access.models import Assignment
from tutela.cases.actions import facts_on
from tutela.cases.models import Case, CaseFile, Entry
from tutela.cases.queries import entries_of
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound

pytestmark = pytest.mark.django_db


def test_the_file_shows_a_correction_beside_what_it_corrects(cast: Cast) -> None:
    file = a_case(cast)
    contact = submit("follow_up.contact", {"situation": "Well"}, by=cast.caseworker, file=file).entry_id
    corrected = submit(
        "follow_up.contact", {"situation": "Ill"}, by=cast.caseworker, file=file, amends=contact
    ).entry_id
    told = {entry.id: entry for entry in entries_of(file)}
    assert told[contact].answers["situation"] == "Well"
    assert told[corrected].answers["situation"] == "Ill" and told[corrected].amends == contact
    current = [fact["ended_by_id"] for name, fact in facts_on(file).items() if name.startswith("Contact")]
    assert sorted(map(str, current)) == sorted(["None", str(corrected)])


def test_a_correction_can_be_corrected_and_the_first_entry_only_once(cast: Cast) -> None:
    file = a_case(cast)
    first = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    second = submit("follow_up.contact", by=cast.caseworker, file=file, amends=first).entry_id
    submit("follow_up.contact", by=cast.caseworker, file=file, amends=second)
    before = everything()
    with pytest.raises(Conflict) as again:
        submit("follow_up.contact", by=cast.caseworker, file=file, amends=first)
    assert [one.code for one in again.value.unmet] == ["amended_already"]
    assert everything() == before


def test_a_correction_needs_the_newest_file(cast: Cast) -> None:
    file = a_case(cast)
    contact = submit("follow_up.contact", by=cast.caseworker, file=file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    with pytest.raises(Conflict):
        submit(
            "follow_up.contact",
            by=cast.caseworker,
            file=file,
            amends=contact.entry_id,
            base=contact.revision,
        )


def test_an_entry_of_another_file_another_form_or_nowhere_cannot_be_corrected(cast: Cast) -> None:
    file, other = a_case(cast), a_case(cast)
    elsewhere = submit("follow_up.contact", by=cast.caseworker, file=other).entry_id
    another = submit("follow_up.review", by=cast.caseworker, file=file).entry_id
    before = everything()
    for amends in (elsewhere, another, new_id()):
        with pytest.raises(NotFound):
            submit("follow_up.contact", by=cast.caseworker, file=file, amends=amends)
    assert everything() == before


# Events: what happened then is countered by a new event, and never made different afterwards.
NEVER = {
    "consent.consent", "consent.not_asked", "consent.withdrawal", "consent.withdrawal_decision", "consent.services_decided",
    "consent.consultation", "consent.override", "consent.override_answer", "consent.mandatory_report",
    "consent.urgent_answer", "assessment.risk", "assessment.risk_agreement", "assessment.assessment_answer",
    "planning.plan_answer",
    "closure.request", "closure.answer", "closure.closure", "closure.reopening", "closure.approaching_eighteen",
    "closure.death", "closure.death_in_error", "closure.feedback_asked", "closure.without_talk",
    "closure.transfer", "closure.transfer_answer", "closure.allocation", "closure.hand_over_read",
    "closure.conflict_of_interest", "closure.conflict_answer", "closure.cover_told",
    "referral.referral", "referral.done", "referral.answer", "referral.outcome", "referral.cancel", "referral.gap",
    "referral.word", "referral.service_answer", "referral.service_outcome",
}  # fmt: skip


def test_everything_else_can_be_corrected() -> None:
    assert {code for code, kind in commands.KINDS.items() if not kind.amendable} == NEVER


@pytest.mark.parametrize("form", sorted(NEVER))
def test_an_event_is_never_corrected(cast: Cast, form: str) -> None:
    file, by = ready_for(cast, form), who_writes(cast, form)
    entry = submit(form, by=by, file=file).entry_id
    if form == "closure.transfer_answer":  # answering ended the right to answer
        with pytest.raises(Forbidden):
            submit(form, by=by, file=file, amends=entry)
    else:
        assert refusal(form, {}, by=by, file=file, amends=entry) == {"": "never_amended"}


def test_an_identification_cannot_be_corrected_into_another_file(cast: Cast) -> None:
    file = a_file(cast)
    first = Entry.objects.get(file=file)
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.caseworker, amends=first.id)


def test_an_identification_is_corrected_on_the_file_it_opened(cast: Cast) -> None:
    file = a_file(cast, reported="He carries brics")
    first = Entry.objects.get(file=file)
    form = commands.form_for("intake.identification", file_id=file, by=cast.caseworker, at=START)
    correction: dict[str, Any] = {
        "by": cast.caseworker,
        "file": file,
        "amends": first.id,
        "version": form.version,
    }
    submit("intake.identification", {"reported": "He carries bricks"}, **correction)
    assert [entry.answers["reported"] for entry in entries_of(file)] == [
        "He carries brics",
        "He carries bricks",
    ]
    assert CaseFile.objects.count() == Assignment.objects.count() == 1
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.caseworker, file=file)


def test_a_closed_case_can_still_be_corrected(cast: Cast) -> None:
    file = a_closed_case(cast)
    assessed = Entry.objects.get(file=file, form_code="assessment.initial")
    submit("assessment.initial", {"judgement": "Safe now"}, by=cast.caseworker, file=file, amends=assessed.id)


def test_a_correction_of_a_registration_keeps_the_code(cast: Cast) -> None:
    file = a_case(cast)
    code = Case.objects.get().code
    registered = Entry.objects.get(file=file, form_code="intake.registration")
    submit("intake.registration", {"name": "Tómas"}, by=cast.caseworker, file=file, amends=registered.id)
    assert Case.objects.get().code == code
