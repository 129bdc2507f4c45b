"""What stands in the log, in plain words: one table from act to words. Forms speak for themselves, by their titles."""

from collections.abc import Mapping

from tutela.forms.definition import in_language
from tutela.foundation.words import Words, say

# Pages of a file, and what was opened there.
READ: Mapping[str, Words] = {
    "file.read": say("Read the story"),
    "entry.read": say("Read an entry"),
    "name.read": say("Had the name shown"),
    "people.read": say("Read who is around the child"),
    "person.read": say("Read about one person"),
    "assessment.read": say("Read the assessment"),
    "plan.read": say("Read the plan"),
    "services.read": say("Read about services"),
    "services.looked_for": say("Looked for a service for the child"),
    "packet.read": say("Read what a service was told"),
    "packet.offered": say("Looked at what a service would be told"),
    "consent.read": say("Read about consent"),
    "hand_over.read": say("Read the hand-over"),
    "form.opened": say("Opened a form"),
    "label.opened": say("Opened their own label"),
    "family.opened": say("Opened the family"),
    "plan.copy_asked": say("Asked for the child’s copy of the plan"),
    "documents.read": say("Read the list of photos and papers"),
    "attachment.read": say("Opened a photo, recording or paper"),
    "family.read": say("Read about the family"),
    "family.offered": say("Looked for a child of the same family"),
    "access.read": say("Read who can open the file"),
    "requests.read": say("Read what was asked about the file"),
    "request.opened": say("Opened what was asked about the file"),
    "request.read": say("Read what somebody asked about the file"),
    "screening.read": say("Read what of the file is given away"),
    "copy.opened": say("Opened the copy that somebody asked for"),
    "form.refused": say("Sent a form that was refused"),
    "file.screened": say("Looked through the file before it is given away"),
}

PRINTED: Mapping[str, Words] = {
    "plan.printed": say("Printed the plan"),
    "plan.copy_printed": say("Printed the child’s copy of the plan"),
    "packet.printed": say("Printed what a service was told"),
    "copy.printed": say("Printed the copy that somebody asked for"),
    "copy.taken": say("Took the copy that somebody asked for, in a closed workbook"),
}

# Those who look after access itself. Not for the team to see (R121).
OVERSEEN: Mapping[str, Words] = {
    "emergency.opened": say("Opened the file in an emergency"),
    "emergency.ended": say("Closed what was opened in an emergency"),
    "emergency.read": say("Looked at an opening in an emergency"),
    "emergency.reviewed": say("Reviewed an opening in an emergency"),
    "who_looked.read": say("Looked at who opened the file"),
    "file.opening": say("Looked for a file to open"),
    "file.opened_on_reason": say("Opened the file to themselves for a reason"),
    "safeguarding.file_opened": say("Opened the file to themselves on a report"),
    "safeguarding.closing": say("Looked for a file to close"),
    "safeguarding.closed": say("Closed the file to somebody"),
    "access.opened": say("Opened the file to themselves for a reason"),
    "confidential.opened_to": say("Opened the confidential part to somebody"),
    "grant.ended": say("Ended what was open for a time"),
    "safeguarding.closing_asked": say("Asked that the file be closed to somebody"),
    "safeguarding.opened_again": say("Opened the file to somebody again"),
}

# What is done with safeguarding reports: shown on the report, to those who were told (R122).
ON_REPORTS: Mapping[str, Words] = {
    "safeguarding.report_opened": say("Began to tell a safeguarding focal point"),
    "safeguarding.report_sent": say("Told a safeguarding focal point"),
    "safeguarding.report_own": say("Read what they told"),
    "safeguarding.reports_own": say("Read the list of what they told"),
    "safeguarding.reports_listed": say("Read the list of what was told to them"),
    "safeguarding.report_read": say("Read the report"),
    "safeguarding.report_answered": say("Wrote down what was done about the report"),
}

# What people and the worker do for the house as a whole.
HOUSE: Mapping[str, Words] = {
    "custody.set_up": say("Set up the custodians"),
    "custody.custodian_came": say("A custodian came"),
    "custody.custodian_replaced": say("Replaced a custodian"),
    "custody.rehearsal_begun": say("Began to rehearse an unlocking"),
    "custody.locked": say("Locked the house"),
    "custody.backing_up": say("Wrote a bundle"),
    "custody.evacuation_asked": say("Asked to evacuate the house"),
    "custody.evacuation_agreed": say("Agreed to evacuate the house"),
    "custody.evacuating": say("Evacuated the house"),
    "custody.restored": say("Restored the house from bundles"),
    "keys.root_rotated": say("Changed the root key"),
    "keys.agency_rotated": say("Changed the key of an agency"),
    "value.unreadable": say("Found something that does not open"),
    "session.ended": say("Ended a session"),
    "user.signed_out": say("Ended every session of somebody"),
    "user.second_factor_reset": say("Took somebody’s second factor away"),
    "oversight.read": say("Read the page of oversight"),
    "codes.read": say("Read the list of codes"),
    "deputies.read": say("Read the list of deputies"),
    "deputy.opened": say("Opened the form for a deputy"),
    "deputy.put_in": say("Put in a deputy"),
    "deputy.ended": say("Ended a deputy"),
}

# What is about no single file, or is no reading.
OTHER: Mapping[str, Words] = {
    "find": say("Searched for a child"),
    "today.read": say("Read their day"),
    "cases.read": say("Read the list of cases"),
    "intake.read": say("Read the list of intake"),
    "team.read": say("Read the team page"),
    "caseload.read": say("Read the list of one caseworker’s children"),
    "meeting.read": say("Read the list for the team meeting"),
    "meeting.noted": say("Wrote notes of the team meeting"),
    "note.opened": say("Opened a quick note"),
    "day.opened": say("Opened the plan of the day"),
    "day.planned": say("Planned the day"),
    "draft.kept": say("Began to write"),
    "label.set": say("Changed their own label"),
    "family.linked": say("Linked another child of the family"),
    "family.parted": say("Parted two children of a family"),
    "match.judged": say("Judged whether two files are of one child"),
    "cover.put_in": say("Put in a stand-in"),
    "cover.ended": say("Ended a cover"),
    "file.searched": say("Searched for another file of the same child"),
    "file.reduced": say("Reduced the file"),
    "facts.rebuilt": say("Made the facts of the file anew"),
    "deadlines.recounted": say("Worked out anew what is due"),
    "gaps.read": say("Read what services are missing"),
    "gap.opened": say("Opened the form for a missing service"),
    "gap.noted": say("Noted a missing service"),
    "service.read": say("Read about a service"),
    "service.opened": say("Opened a service to change it"),
    "service.kept": say("Changed the directory of services"),
    "service.verified": say("Checked a service"),
    "service.concern": say("Noted a concern about a service"),
    "service.concern_lifted": say("Lifted a concern about a service"),
    "user.admitted": say("Admitted somebody"),
    "user.joined": say("Gave somebody a role"),
    "user.left": say("Ended somebody’s roles"),
    "user.disabled": say("Shut somebody out"),
    "user.password_given": say("Gave somebody another password"),
    "user.address_given": say("Changed where somebody’s notices go"),
    "signed_in": say("Signed in"),
    "signed_out": say("Signed out"),
    "signed_in.again": say("Showed once more who they are"),
    "sign_in.failed": say("Failed to sign in"),
    "sign_in.locked_out": say("Was locked out for a while"),
    "password.changed": say("Changed their password"),
    "second_factor.added": say("Set up a second factor"),
    "second_factor.removed": say("Took a second factor away"),
    "second_factor.renewed": say("Made new recovery codes"),
    "second_factor.failed": say("Failed to show a second factor"),
    "agency.barred": say("Set a barrier between agencies"),
    "agency.unbarred": say("Took a barrier between agencies away"),
    "agency.founded": say("Founded the agency or added a team"),
    "protocol.published": say("Published a protocol"),
    "digest.made": say("Made the overview of who looked"),
    "digest.read": say("Read the overview of who looked"),
    "log.searched": say("Searched the log"),
    "data_protection.read": say("Read the page of data protection"),
    "request.noted": say("Noted what somebody asked about the file"),
    "screening.agreed": say("Agreed to what is given away"),
    "request.answered": say("Answered what somebody asked about the file"),
    "requests.listed": say("Read the register of requests"),
    "keeping.listed": say("Read how long files are kept"),
    "keeping.read": say("Read how long a file is kept"),
    "file.held": say("Put a legal hold on the file"),
    "hold.ended": say("Ended a legal hold"),
    "destruction.proposed": say("Asked that the file be destroyed"),
    "destruction.read": say("Read that a file is to be destroyed"),
    "destruction.withdrawn": say("Took back that the file be destroyed"),
    "incident.opened": say("Opened the form for an incident"),
    "incident.reported": say("Reported an incident"),
    "incidents.listed": say("Read the register of incidents"),
    "incident.read": say("Read about an incident"),
    "incident.step": say("Noted what was done about an incident"),
    "file.destroyed": say("Destroyed the file"),
    "attachment.kept": say("Added a photo, recording or paper"),
    "attachment.infected": say("Was refused a file that held a virus"),
    "attachment.swept": say("Removed what was added and never sent"),
    "duty_sheet.taken": say("Took the sheet for duty"),
    "export.prepared": say("Looked at what an export would hold"),
    "export.read": say("Read about an export"),
    "exports.read": say("Read the register of exports"),
    "export.opened": say("Opened the form for an export"),
    "export.asked": say("Asked for an export"),
    "export.agreed": say("Agreed to an export"),
    "export.declined": say("Declined an export"),
    "export.made": say("Made an export"),
    "export.downloaded": say("Took an export away"),
    "export.swept": say("Deleted an export"),
    "export.dropped": say("Let go of an export that was not asked for"),
    "export.locked": say("Locked an export and showed its passphrase"),
    "cover.opened": say("Opened the form for a stand-in"),
    "slips.printed": say("Printed the slips of several children"),
    "services.printed": say("Printed the list of services"),
    "run_sheet.printed": say("Printed the run sheet of the day"),
}

# What printing was called in older rows.
BEFORE: Mapping[str, Words] = {
    "plan.copied": PRINTED["plan.copy_printed"],
    "intake.slips.read": OTHER["slips.printed"],
    "services.handed_out": OTHER["services.printed"],
    "run_sheet.read": OTHER["run_sheet.printed"],
}

ACTS: Mapping[str, Words] = {**READ, **PRINTED, **OVERSEEN, **ON_REPORTS, **HOUSE, **OTHER, **BEFORE}

UNUSUAL: Mapping[str, Words] = {
    "denied": say("Was denied"),
    "emergency": say("Opened in an emergency"),
    "outside_team": say("Not of the team"),
    "many_files": say("Many files in one day"),
    "night": say("At night"),
}


def act_words(act: str, *, allowed: bool, titles: Mapping[str, Mapping[str, str]], language: str) -> Words:
    """What somebody did, or tried and was denied. `titles`: of the forms in force, by code."""
    words = ACTS.get(act)
    if words is None and act in titles:
        words = say("Wrote: {form}", form=in_language(dict(titles[act]), language))
    words = words or say("Something else: {act}", act=act.replace(".", " ").replace("_", " "))
    return words if allowed else say("Was denied. What was tried: {what}", what=words)
