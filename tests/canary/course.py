"""What is written, in which order and by whom: every form of the house, and what is done with people and grants."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pyrage

from tutela.forms.compiling import compiled_forms
from tutela.protocols import packs

NAME, NAME_IN_ARABIC, PHONE = "Xylqvorth", "زقورثاخ", "0799 713 4529"
SAID = "Vornqasket"  # where no name may stand
PLACEHOLDER = "00000000-0000-4000-8000-000000000000"  # the answer where a file is sent
IN_AN_ADDRESS = "Qwyzzverk"  # what somebody types into the line of the browser
DAYS = {"2007-07-23", "2012-05-17"}  # of birth, and of what happened; never used for anything else
LATER = "2041-10-19"
MINUTE = "T03:47"  # of yesterday, when all of this happened
ZONE = ZoneInfo("Africa/Nairobi")
# Days of whoever writes, put in when they do.
YESTERDAY, TODAY, TOMORROW = "{yesterday}", "{today}", "{tomorrow}"

# Forms that are no entry on a file, and where each is written: on the page of this file, this colleague, this service.
SHEETS = {
    "intake.group": "/intake/group", "cases.private_label": "/files/{file}/label",
    "follow_up.quick_note": "/quick-note", "follow_up.day_plan": "/day-plan",
    "follow_up.family_link": "/files/{file}/family", "follow_up.meeting_notes": "/team/meeting/notes",
    "service_directory.service": "/services/new", "service_directory.concern": "/services/{service}/concern",
    "service_directory.gap": "/services/gaps/new", "access.cover": "/team/people/{colleague}/cover",
    "data_protection.request": "/files/{file}/requests/new", "data_protection.answer": "/registers/requests/{request}",
    "data_protection.hold": "/registers/keeping/{file}/hold",
    "data_protection.destruction": "/registers/keeping/{file}/destroy",
    "data_protection.incident": "/incidents/new",
    "data_protection.incident_step": "/registers/incidents/{incident}/step",
    "safeguarding.report": "/files/{file}/safeguarding", "safeguarding.step": "/oversight/reports/{report}/step",
    "exports.request": "/exports/new/caseload_transfer",
    "access.admission": "/people/new", "access.role": "/people/{admission}/role",
    "access.role_end": "/people/{admission}/roles/{post}/end", "access.address": "/people/{admission}/address",
    "access.typing": "/files/{file}/typing", "access.confidential": "/files/{file}/access/confidential",
    "access.reviewer": "/files/{file}/access/reviewer",
    "access.closing_asked": "/files/{file}/access/closing", "access.closing": "/oversight/close",
    "access.open_on_reason": "/oversight/open", "access.deputy": "/team/deputies/new",
    "access.emergency": "/emergency", "access.emergency_review": "/emergencies/{emergency}",
    "access.log_search": "/data-protection", "referral.recipient": "/files/{file}/services/{referral}/recipient",
    "referral.service_answer": "/referred/{referral}/answer", "referral.service_outcome": "/referred/{referral}/outcome",
}  # fmt: skip
SENT_ELSEWHERE = {"access.log_search": "/data-protection/log"}
CODE_ON_A_PAGE = re.compile(r">([2-9B-Z]{3}-[2-9B-Z]{4}-[2-9B-Z])<")
FORMS = compiled_forms(packs.load("demonstration"))

CASE_CODE = "the code of the case"  # what is written where a form asks for it

# In which order, by whom, and what has to be answered so that it is taken. What is not here is tried before the case is closed.
COURSE: list[tuple[str, str, dict[str, Any]]] = [
    ("intake.identification", "amara", {"triage": "high"}),
    ("consent.explanation", "amara", {}),
    ("cases.person", "amara", {"relationship": "employer"}),  # with every safety mark, so that nobody else is kept out
    ("consent.consent", "amara", {
        "not_able": "no", "agreed": ["participation", "share_for_services"], "refused": ["tracing"],
    }),
    ("consent.consultation", "samira", {}),
    ("consent.withdrawal", "amara", {"purposes": ["participation"]}),
    ("consent.withdrawal_decision", "samira", {}),
    ("consent.override", "amara", {"recipients": ["unhcr"]}),
    ("consent.override_answer", "samira", {}),
    ("intake.screening", "amara", {}),
    ("intake.registration", "amara", {}),
    ("referral.done", "amara", {}),  # before anything urgent, so that there is no basis and it waits for a word
    ("referral.word", "samira", {}),
    ("intake.age", "amara", {"birth_calendar": "words", "age": "19", "oldest": "20"}),  # not too young for adult services
    ("consent.urgent_action", "amara", {}),
    ("consent.urgent_answer", "samira", {}),
    ("assessment.initial", "amara", {"risk_level": "high"}),
    ("assessment.comprehensive", "amara", {"risk_level": "high"}),
    ("assessment.assessment_answer", "samira", {}),
    ("assessment.risk", "amara", {"risk_level": "low"}),
    ("assessment.risk_agreement", "samira", {"agreed": "yes"}),
    ("planning.plan", "amara", {"cost": "900"}),
    ("planning.meeting", "amara", {"who": ["caseworker", "friend"]}),
    ("planning.plan_answer", "samira", {}),
    ("planning.copy_given", "amara", {"words": "Football on Friday"}),
    ("referral.referral", "amara", {"provider": "Sewing course"}),
    ("referral.answer", "amara", {"which": f"Sewing course ({YESTERDAY})"}),
    ("referral.outcome", "amara", {"which": f"Sewing course ({YESTERDAY})"}),
    ("referral.cancel", "amara", {"which": f"Sewing course ({YESTERDAY})"}),
    ("referral.gap", "amara", {}),
    ("follow_up.contact", "amara", {"next_on": LATER}),
    ("follow_up.family_visit", "amara", {"reached": "others", "next_on": LATER}),
    ("follow_up.search", "samira", {}),
    ("follow_up.interpreter", "amara", {}),
    ("follow_up.place_check", "amara", {}),
    ("follow_up.set_aside", "amara", {"step": "follow_up"}),
    ("follow_up.conference", "amara", {"basis": "without_identity"}),
    ("follow_up.review", "amara", {}),
    ("closure.request", "amara", {
        "declining_adult_suspected": "no", "declining_adult": "teacher", "still_at_risk_at_18": "no_longer_at_risk",
    }),
    ("closure.answer", "samira", {"agreed": "yes"}),
    ("closure.closure", "amara", {"objection": "none"}),
    ("closure.feedback_asked", "samira", {}),
    ("data_protection.destruction", "selam", {}),
    ("closure.reopening", "amara", {"risk_level": "high"}),
    ("closure.asked_again", "amara", {}),
    ("closure.approaching_eighteen", "amara", {}),
    ("follow_up.contact", "amara", {"next_on": LATER}),
    ("closure.death", "amara", {}),
    ("closure.sibling_check", "amara", {}),
    ("closure.staff_support", "samira", {}),
    ("closure.without_talk", "amara", {}),
    ("closure.death_in_error", "samira", {}),
    ("intake.group", "amara", {"met_on": TODAY}),  # the day of an identification is in the clear (R128)
    ("follow_up.family_link", "amara", {}),
    ("follow_up.day_plan", "amara", {}),
    ("follow_up.quick_note", "amara", {}),
    ("follow_up.meeting_notes", "samira", {"notes": SAID}),
    ("service_directory.service", "amara", {}),
    ("service_directory.concern", "amara", {}),
    ("data_protection.request", "amara", {"came_on": TODAY}),
    ("data_protection.answer", "selam", {"answered_on": TODAY, "verified": "known", "outcome": "in_part"}),
    ("data_protection.hold", "selam", {}),
    ("data_protection.incident", "amara", {"found_on": f"{TODAY}T00:01", "codes": CASE_CODE}),
    ("data_protection.incident_step", "selam", {"codes": CASE_CODE}),
    ("safeguarding.report", "amara", {"wish": "named"}),
    ("safeguarding.step", "joseph", {"kind": "passed", "done_on": TODAY}),
    ("exports.request", "samira", {
        "since": "2026-01-01", "until": TODAY, "lock": "age",
        "age_key": str(pyrage.x25519.Identity.generate().to_public()),
    }),
]  # fmt: skip
PEOPLE = ("amara", "samira", "daniel", "selam", "joseph", "miriam", "admin", "bilal")
READERS = ("amara", "samira", "daniel")  # of the file, on that day
PAGES = (
    "/", "/cases", "/intake", "/find", f"/find?q={NAME}", "/services", "/services/list", "/services/gaps", "/day-plan",
    "/day-plan/run-sheet", "/team", "/team/meeting", "/team/deputies", "/exports", "/oversight", "/oversight/codes",
    "/oversight/reports", "/safeguarding", "/people", "/people/roles", "/data-protection", "/registers/requests",
    "/registers/keeping", "/registers/incidents", "/referred", "/typing",
)  # fmt: skip
ABOUT_SOMEBODY = {
    "consent.consent",
    "consent.withdrawal",
}  # of somebody around the child who carries no safety mark
# What else has to be on the file first: an answer that was tried, and on how many days before today.
ATTEMPT = ("follow_up.contact", "amara", {"reached": "attempt", "next_on": LATER})
BEFORE: dict[str, list[tuple[tuple[str, str, dict[str, Any]], int]]] = {
    "follow_up.search": [(ATTEMPT, 1)],
    "closure.request": [(ATTEMPT, 1), (ATTEMPT, 2), (ATTEMPT, 3)],
    "closure.without_talk": [
        (("closure.request", "amara", {"reason": "death"}), 1), (("closure.answer", "samira", {"agreed": "yes"}), 1),
    ],
}  # fmt: skip
# Whose file it is: one step leads to the next, and the file comes back to amara.
HANDS: list[tuple[str, str, dict[str, Any]]] = [
    ("closure.conflict_of_interest", "amara", {"tie": "same_network"}),
    ("closure.conflict_answer", "samira", {"decision": "safeguards"}),
    ("closure.conflict_of_interest", "amara", {"tie": "same_network"}),
    ("closure.conflict_answer", "samira", {"decision": "reassign", "to": "daniel"}),
    ("closure.allocation", "samira", {"to": "amara"}),
    ("closure.hand_over_read", "amara", {}),
    ("closure.transfer", "amara", {"to": "daniel"}),
    ("closure.transfer_answer", "daniel", {"accepted": "no"}),
    ("closure.transfer", "amara", {"to": "daniel", "wishes": "against"}),
    ("closure.transfer_answer", "daniel", {}),
    ("closure.allocation", "samira", {"to": "amara"}),
    ("access.cover", "samira", {"since": TODAY, "until": TODAY}),
    ("closure.cover_told", "amara", {}),
]  # fmt: skip
# Who comes in and types, who is told what, to whom the file is opened and closed: while the case is open.
TYPIST, TYPED = "grace", "follow_up.contact"
_COLLEAGUE = {
    "name": "Grace Lokol",
    "username": TYPIST,
    "email": "grace@example.org",
    "since": TODAY,
}
_SERVICE = {"name": "Sewing course", "organisation": "Open Door", "ends_on": LATER}
AROUND: list[tuple[str, str, dict[str, Any]]] = [
    ("access.admission", "admin", {**_COLLEAGUE, "role": "coach", "hours": "20"}),
    ("access.role", "admin", {"role": "data_entry", "since": TODAY, "hours": "20"}),
    ("access.role", "admin", {"role": "supervisor", "since": TODAY, "hours": "20"}),  # nobody agrees
    ("access.role_end", "admin", {"until": TOMORROW}),
    ("access.address", "admin", {"email": "grace@example.org"}),
    ("access.typing", "amara", {"forms": [TYPED], "to": TYPIST, "until": TOMORROW}),
    ("service_directory.service", "amara", _SERVICE),
    ("referral.referral", "amara", {"provider": "Sewing course, Open Door"}),
    ("referral.recipient", "amara", {"to": "bilal", "until": TOMORROW}),
    ("referral.service_answer", "bilal", {"answer": "accepted"}),
    ("referral.service_outcome", "bilal", {}),
    ("referral.referral", "amara", {"provider": "Sewing course, Open Door"}),
    ("referral.recipient", "amara", {"to": "bilal", "until": TOMORROW}),
    ("referral.service_answer", "bilal", {"answer": "declined"}),
    ("access.emergency", "daniel", {"code": CASE_CODE}),
    ("access.emergency_review", "selam", {}),
    ("access.confidential", "amara", {"until": TOMORROW}),
    ("access.reviewer", "samira", {"to": "nyokabi", "undertaking": "yes", "until": TOMORROW}),
    ("access.open_on_reason", "miriam", {"code": CASE_CODE, "until": TOMORROW}),
    ("access.closing_asked", "amara", {"to": "peter"}),
    ("access.closing", "miriam", {"code": CASE_CODE, "to": "peter"}),
    ("access.deputy", "samira", {"since": TODAY, "until": TODAY, "deputy": "peter"}),
    ("access.log_search", "selam", {"code": CASE_CODE, "day": TODAY}),
]  # fmt: skip
# Days before today, so that nobody was reached for long when the case is closed for it.
LONG_AGO = {"follow_up.contact": 200}
ONE_AFTER_ANOTHER = {"closure.request": ("closure.answer", "samira", {"agreed": "no"})}


# Codes that stand in the clear as what they are there: a step, a form, a role, a column. Areas may, too.
OF_THE_HOUSE = {
    "registration",
    "interpreter",
    "plan_action",
    "caseworker",
    "supervisor",
    "information",
    "first_name",
}
# Names of the house in which a code stands as a part: they are taken out before codes are looked for.
NAMES_OF_THE_HOUSE = (
    "data_protection_focal_point", "safeguarding_focal_point", "data_protection", "data protection focal point",
    "safeguarding focal point", "tracing_officer", "tracing officer",
)  # fmt: skip
IN_THE_CLEAR = {"area", "destruction_reason", "incident_step"}  # lists
