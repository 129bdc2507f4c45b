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
}

PRINTED: Mapping[str, Words] = {
    "plan.printed": say("Printed the plan"),
    "plan.copied": say("Printed the child’s copy of the plan"),
}

# Those who look after access itself. Not for the team to see (R121).
OVERSEEN: Mapping[str, Words] = {
    "emergency.opened": say("Opened the file in an emergency"),
    "emergency.ended": say("Closed what was opened in an emergency"),
    "emergency.read": say("Looked at an opening in an emergency"),
    "emergency.reviewed": say("Reviewed an opening in an emergency"),
    "who_looked.read": say("Looked at who opened the file"),
}

# What is about no single file, or is no reading.
OTHER: Mapping[str, Words] = {
    "find": say("Searched for a child"),
    "today.read": say("Read their day"),
    "cases.read": say("Read the list of cases"),
    "intake.slips.read": say("Printed the slips of several children"),
    "intake.read": say("Read the list of intake"),
    "team.read": say("Read the team page"),
    "caseload.read": say("Read the list of one caseworker’s children"),
    "meeting.read": say("Read the list for the team meeting"),
    "meeting.noted": say("Wrote notes of the team meeting"),
    "run_sheet.read": say("Printed the run sheet of the day"),
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
    "services.handed_out": say("Printed the list of services"),
    "user.admitted": say("Admitted somebody"),
    "user.joined": say("Gave somebody a role"),
    "user.left": say("Ended somebody’s roles"),
    "user.disabled": say("Shut somebody out"),
    "user.password_given": say("Gave somebody another password"),
    "user.address_given": say("Changed where somebody’s notices go"),
    "agency.founded": say("Founded the agency or added a team"),
    "protocol.published": say("Published a protocol"),
    "digest.made": say("Made the overview of who looked"),
    "digest.read": say("Read the overview of who looked"),
    "log.searched": say("Searched the log"),
    "data_protection.read": say("Read the page of data protection"),
    "custody.unlocked": say("Opened the house again"),
}

ACTS: Mapping[str, Words] = {**READ, **PRINTED, **OVERSEEN, **OTHER}

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
