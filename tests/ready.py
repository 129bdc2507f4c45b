"""A file on which a form can be written, and who writes it: for tests that go through every form."""

from typing import Any
from uuid import UUID

from tests.cast import Cast, a_case, a_closed_case, a_file, people_apart, sent_on, stand_in, submit
from tests.working_by import assessments_are_seen
from tutela import commands

A_COSTLY_PLAN = {"actions": [{"what": "Two days to the clinic", "costs": ["transport"], "cost": "900"}]}


# The criteria are asked for one reason only.
AFTER_DEATH = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))


def ready_for(cast: Cast, form: str) -> UUID | None:
    """A file on which the least answers of `form` are taken."""
    if form == "intake.identification":
        return None
    if form in ("closure.reopening", "closure.feedback_asked"):
        return a_closed_case(cast)
    file = a_file(cast) if form == "intake.registration" else a_case(cast, risk="high")
    before: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "consent.urgent_answer": [("consent.urgent_action", {})],
        "consent.withdrawal": [("consent.consent", {})],
        "consent.withdrawal_decision": [("consent.consent", {}), ("consent.withdrawal", {})],
        "consent.override_answer": [("consent.override", {})],
        "assessment.assessment_answer": [("assessment.comprehensive", {})],
        "assessment.risk_agreement": [("assessment.risk", {"risk_level": "low"})],
        "referral.referral": [("consent.consent", {"agreed": ["share_for_services"]})],
        "referral.answer": [("referral.done", {})],
        "referral.outcome": [("referral.done", {})],
        "referral.cancel": [("referral.done", {})],
        "referral.word": [("referral.done", {})],
        "follow_up.search": [("follow_up.contact", {"reached": "attempt"})],
        "planning.plan_answer": [("planning.plan", A_COSTLY_PLAN)],
        "planning.copy_given": [("planning.plan", {})],
        "closure.answer": [("closure.request", {})],
        "closure.closure": [("closure.request", {}), ("closure.answer", {})],
        "closure.without_talk": [
            ("closure.death", {}), ("closure.request", {"reason": "death", **AFTER_DEATH}), ("closure.answer", {}),
        ],
        "closure.death_in_error": [("closure.death", {})],
        "closure.sibling_check": [("closure.death", {})],
        "closure.staff_support": [("closure.death", {})],
        "closure.asked_again": [
            ("closure.request", {}), ("closure.answer", {}), ("closure.closure", {}), ("closure.reopening", {}),
        ],
        "closure.transfer_answer": [("closure.transfer", {})],
        "closure.hand_over_read": [("closure.allocation", {})],
        "closure.conflict_answer": [("closure.conflict_of_interest", {})],
    }  # fmt: skip
    if form == "assessment.assessment_answer":
        assessments_are_seen()
    if form == "consent.consultation":
        people_apart(cast, file)
    if form.startswith("referral.service_"):
        sent_on(cast, file)
    if form == "closure.cover_told":
        stand_in(cast)
    for earlier, answers in before.get(form, []):
        submit(earlier, answers, by=who_writes(cast, earlier), file=file)
    return file


def who_writes(cast: Cast, form: str) -> Any:
    if form in ("closure.transfer_answer", "closure.hand_over_read"):
        return cast.colleague  # to whom the file goes
    if commands.KINDS[form].action == "answer_referral":
        return cast.elsewhere
    return cast.supervisor if commands.KINDS[form].action in ("agree", "allocate") else cast.caseworker
