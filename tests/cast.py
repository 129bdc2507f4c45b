"""The same people in every test, and short ways to write real forms on a file.

Everybody here is invented. Nobody has a password that anybody could type: tests sign people in by force, or call the
verbs themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela import commands
from tutela.access.actions import found_agency, put_in_cover
from tutela.access.barriers import bar
from tutela.access.closing import close_to
from tutela.access.granting import open_for_reason
from tutela.access.models import Agency, ClosedTo, Cover, Grant, Membership, Role, Team, User
from tutela.cases.models import CaseFile
from tutela.commands import Submission, Submitted
from tutela.foundation.clock import now
from tutela.foundation.ids import derived_id, new_id
from tutela.published.queries import form_in_force, pack_in_force
from tutela.service_directory import actions as keeping

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # a Monday, nine in the morning where they work
FIRST_DAY = START.date()
HERE = ZoneInfo("Africa/Nairobi")  # where the cast works
SINCE = date(2025, 1, 1)

# The least that each form takes, and that makes sense one after the other.
LEAST: Mapping[str, Mapping[str, Any]] = {
    "intake.identification": {"name": "Tomas", "source": "school", "triage": "medium"},
    "intake.screening": {"outcome": "eligible"},
    "intake.age": {"age": "11"},
    "intake.registration": {"name": "Tomas", "sex": "male", "area": "river_district"},
    "consent.explanation": {"confirmed": "yes"},
    "consent.consent": {"agreed": ["participation"], "form": "spoken"},
    "consent.not_asked": {"reason": "not_reached"},
    "consent.withdrawal": {"purposes": ["participation"]},
    "consent.withdrawal_decision": {"decision": "ends"},
    "consent.services_decided": {"none_begun": "yes"},
    "consent.consultation": {"answer": "talk_again"},
    "consent.override": {
        "purposes": ["share_for_services"], "recipients": ["other_agencies"],
        "best_interests": "Nobody else can keep him at school", "legal_basis": "Procedures, part two",
    },
    "consent.override_answer": {"agreed": "yes"},
    "consent.mandatory_report": {"obligation": "unknown"},
    "consent.urgent_action": {
        "what": "Took the child to the clinic",
        "basis": "vital_interests",
        "reason": "Bleeding",
    },
    "consent.urgent_answer": {"answer": "agree"},
    "cases.person": {"name": "Grace", "relationship": "mother"},
    "cases.document": {"kind": "medical"},
    "cases.child_contact": {"phone": "0700 900 900", "safe_contact": ["may_call"]},
    "assessment.initial": {
        "seen": "saw", "risk_level": "medium", "risk_reason": "Heavy work, fed at home", "finished": "yes",
    },
    "assessment.comprehensive": {"finished": "yes"},
    "assessment.risk": {"risk_level": "high", "risk_reason": "Beaten at work"},
    "assessment.risk_agreement": {"agreed": "yes"},
    "assessment.assessment_answer": {"agreed": "yes"},
    "assessment.circumstances": {"about": ["functioning"], "seeing": "none", "communication": ["pictures"]},
    "planning.plan": {"objectives": [{"text": "Back in class"}], "actions": [{"what": "Talk to the teacher"}]},
    "referral.referral": {"provider": "Sewing course", "recipient": "other_agencies", "need": "A place on the course"},
    "referral.done": {
        "provider": "Sewing course", "recipient": "other_agencies", "need": "A place", "told": "A boy of eleven",
    },
    "referral.answer": {"answer": "accepted"},
    "referral.outcome": {"outcome": "started"},
    "referral.service_answer": {"answer": "accepted"},
    "referral.service_outcome": {"outcome": "started"},
    "referral.cancel": {"reason": "not_wished"},
    "referral.gap": {"sector": "education"},
    "referral.word": {"word": "agree"},
    "planning.plan_answer": {"agreed": "yes"},
    "planning.safety_plan": {"where": "My aunt", "made_with": ["child"]},
    "planning.meeting": {"kind": "planning", "who": ["child", "mother", "caseworker"]},
    "planning.copy_given": {"answer": "safe"},
    "follow_up.contact": {"kind": "phone", "reached": "child"},
    "follow_up.voice_note": {"text": "The aunt takes him to school now"},
    "follow_up.family_visit": {"kind": "home_visit_scheduled", "reached": "child_alone"},
    "follow_up.interpreter": {"language": "sw", "who": "interpreter"},
    "follow_up.review": {"trigger": ["scheduled"], "plan_still_fits": "yes"},
    "follow_up.search": {"steps": ["school"]},
    "follow_up.place_check": {"place": "home"},
    "follow_up.set_aside": {"step": "follow_up", "reason": "no_access", "next_on": "2026-03-30"},
    "follow_up.conference": {
        "reason": ["complex"], "invited": "The clinic", "basis": "without_identity", "minutes": "Two visits a week",
    },
    "closure.request": {
        "reason": "goals_met_safe_no_concern", "objectives_met": "yes", "safe": "yes", "no_further_risk": "yes",
        "stable": "yes", "justification": "Three visits show it",
    },
    "closure.answer": {"agreed": "yes", "actions": "The visits are in the file"},
    "closure.closure": {
        "discussed_on": "2026-03-02", "child_view": "Glad", "objection": "none", "knows_how_to_return": "yes",
        "follow_up_safe": "yes", "follow_up_way": "visit",
    },
    "closure.without_talk": {"told": "The aunt"},
    "closure.death": {"confirmed": "yes"},
    "closure.death_in_error": {"reason": "He came to the office himself"},
    "closure.sibling_check": {"siblings_safe": "none"},
    "closure.staff_support": {"support": "offered"},
    "closure.feedback_asked": {"asked": "asked"},
    "closure.asked_again": {"safe_contact": "Through the teacher", "preferred_caseworker": "the_same"},
    "closure.approaching_eighteen": {"need": "short_term", "steps": "Go on until the training ends"},
    "closure.transfer": {
        "to": "colleague", "reason": "relocation", "wishes": "agree", "child_told": "told", "urgent": "Fever since Monday",
    },
    "closure.transfer_answer": {"accepted": "yes", "read": "yes"},
    "closure.allocation": {"to": "colleague", "reason": "nearer", "child_told": "not_yet"},
    "closure.hand_over_read": {"read": "yes", "child_told": "told"},
    "closure.conflict_of_interest": {"tie": "same_network"},
    "closure.conflict_answer": {"decision": "safeguards", "safeguards": "Every second visit with somebody else"},
    "closure.cover_told": {"child_told": "told"},
    "closure.reopening": {"reason": "child_asks", "risk_level": "medium", "risk_reason": "At work again"},
}  # fmt: skip


# A service as the directory knows it.
A_SERVICE: Mapping[str, Any] = {
    "name": "Sewing course", "organisation": "Hands at Work", "recipient": "other_agencies", "sector": "livelihoods",
    "kind": "livelihoods", "areas": ["river_district"], "listed": "yes", "checked": "yes",
}  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Who towards the files of the tests: `caseworker` opens them, `supervisor` agrees.

    `colleague` is in the caseworker's team, `both` works in it and supervises it too, `other_supervisor` has another team
    of the agency, `elsewhere` is a caseworker of another agency, and `outsider` signs in and works nowhere.
    """

    caseworker: User
    supervisor: User
    colleague: User
    both: User
    other_supervisor: User
    elsewhere: User
    information_officer: User
    administrator: User
    outsider: User

    @property
    def everybody(self) -> dict[str, User]:
        """Each of them by what they are."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def gather() -> Cast:
    """Two agencies with everybody in them."""
    agency = _agency("Lantern", teams=("River", "Hill"))
    other = _agency("Open Door", teams=("Town",))
    both = person("both", agency, role=Role.CASEWORKER, team="River")
    join(both, agency, role=Role.SUPERVISOR, team="River")
    return Cast(
        caseworker=person("caseworker", agency, role=Role.CASEWORKER, team="River"),
        supervisor=person("supervisor", agency, role=Role.SUPERVISOR, team="River"),
        colleague=person("colleague", agency, role=Role.CASEWORKER, team="River"),
        both=both,
        other_supervisor=person("other_supervisor", agency, role=Role.SUPERVISOR, team="Hill"),
        elsewhere=person("elsewhere", other, role=Role.CASEWORKER, team="Town"),
        information_officer=person("information_officer", agency, role=Role.INFORMATION_OFFICER),
        administrator=person("administrator", agency, role=Role.ADMINISTRATOR),
        outsider=person("outsider"),
    )


@dataclass(frozen=True)
class Around:
    """Who else works around the files of the tests; most tests need none of them.

    `closed_out` and `barred` supervise the caseworker's team: for a test to close a file to the one, and to put a barrier
    before the agency for which the other works as well. `reviewer_named` is for a test to open a file to, and
    `tracing_officer` works in the agency of `elsewhere`. `instead` supervises another team. `deputy`, a caseworker of that
    other team, stands in for the supervisor, today and on the first day.
    """

    coach: User
    manager: User
    manager_with_reason: User
    focal_point: User
    focal_point_with_report: User
    data_protection_focal_point: User
    data_entry: User
    volunteer: User
    coordinator: User
    reviewer: User
    reviewer_named: User
    tracing_officer: User
    deputy: User
    instead: User
    closed_out: User
    barred: User

    @property
    def everybody(self) -> dict[str, User]:
        """Each of them by what they are."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def gather_around(cast: Cast) -> Around:
    """The cast's agency with everybody else in it."""
    agency = Membership.objects.filter(user=cast.caseworker)[0].agency
    bureau = _agency("State Bureau", teams=("Post",))
    deputy = person("deputy", agency, role=Role.CASEWORKER, team="Hill")
    standing_in = join(deputy, agency, role=Role.SUPERVISOR, team="River")
    Membership.objects.filter(id=standing_in.id).update(
        since=FIRST_DAY, until=today(), stands_for=cast.supervisor
    )
    barred = person("barred", agency, role=Role.SUPERVISOR, team="River")
    join(barred, bureau, role=Role.CASEWORKER, team="Post")
    bar(agency, bureau, reason="A party to the conflict", since=SINCE)
    return Around(
        coach=person("coach", agency, role=Role.COACH, team="River"),
        manager=person("manager", agency, role=Role.MANAGER),
        manager_with_reason=person("manager_with_reason", agency, role=Role.MANAGER),
        focal_point=person("focal_point", agency, role=Role.SAFEGUARDING_FOCAL_POINT),
        focal_point_with_report=person("focal_point_with_report", agency, role=Role.SAFEGUARDING_FOCAL_POINT),
        data_protection_focal_point=person(
            "data_protection_focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT
        ),
        data_entry=person("data_entry", agency, role=Role.DATA_ENTRY),
        volunteer=person("volunteer", agency, role=Role.VOLUNTEER),
        coordinator=person("coordinator", agency, role=Role.COORDINATOR),
        reviewer=person("reviewer", agency, role=Role.BEST_INTERESTS_REVIEWER),
        reviewer_named=person("reviewer_named", agency, role=Role.BEST_INTERESTS_REVIEWER),
        tracing_officer=person(
            "tracing_officer", Membership.objects.get(user=cast.elsewhere).agency, role=Role.TRACING_OFFICER
        ),
        deputy=deputy,
        instead=person("instead", agency, role=Role.SUPERVISOR, team="Hill"),
        closed_out=person("closed_out", agency, role=Role.SUPERVISOR, team="River"),
        barred=barred,
    )


def closed_to_them(around: Around, file: UUID, *, day: date = FIRST_DAY) -> UUID:
    """The file is closed to the supervisor `closed_out`, and `instead` agrees to decisions; the id of the closing."""
    close_to(
        new_id(), file, to="closed_out", instead="instead", why="Her brother is on this file", by=around.manager, day=day
    )  # fmt: skip
    return ClosedTo.objects.get(file_id=file, user=around.closed_out, ended_on=None).id


def opened_for(user: User, file: UUID, *, purpose: Grant.Purpose, day: date = FIRST_DAY) -> Grant:
    """The file is open to them for a purpose until a week later."""
    grant_id = new_id()
    agency = CaseFile.objects.get(id=file).agency_id
    open_for_reason(
        grant_id, file, purpose=purpose, until=day + timedelta(7), why="A complaint", by=user, day=day,
        pack=pack_in_force(agency, day),
    )  # fmt: skip
    return Grant.objects.get(id=grant_id)


def person(username: str, agency: Agency | None = None, *, role: str = "", team: str = "") -> User:
    """Somebody who can sign in, with a role in an agency where one is given."""
    name = username.replace("_", " ").capitalize()
    user = User.objects.create(username=username, name=name, password="argon2$that nothing hashes to")
    if agency is not None:
        join(user, agency, role=role, team=team)
    return user


def join(user: User, agency: Agency, *, role: str, team: str = "") -> Membership:
    """Give somebody one more role."""
    member_of = Team.objects.get(agency=agency, name=team) if team else None
    return Membership.objects.create(user=user, agency=agency, team=member_of, role=role, since=SINCE)


def submit(
    form: str, answers: Mapping[str, Any] | None = None, *, by: User, file: UUID | None = None,
    at: datetime = START, **more: Any,
) -> Submitted:  # fmt: skip
    """Submit `form` with the least answers it takes and `answers` over them, looking at the file as it is now.

    An answer of None is left out. `more` goes into the submission as it is.
    """
    written = {**LEAST[form], **(answers or {})}
    more = {"entry_id": new_id(), "base": revision(file) if file else None} | more
    submission = Submission(
        form=form, file=file, answers={name: answer for name, answer in written.items() if answer is not None}, **more
    )  # fmt: skip
    return commands.submit(submission, by=by, at=at)


def a_file(cast: Cast, *, at: datetime = START, **answers: Any) -> UUID:
    """A file with an identification on it."""
    return submit("intake.identification", answers, by=cast.caseworker, at=at).file_id


def a_case(cast: Cast, *, risk: str = "medium", at: datetime = START) -> UUID:
    """A registered child with an initial assessment that is finished."""
    file = a_file(cast, at=at)
    submit("intake.registration", by=cast.caseworker, file=file, at=at)
    submit("assessment.initial", {"risk_level": risk}, by=cast.caseworker, file=file, at=at)
    return file


def a_closed_case(cast: Cast, *, at: datetime = START, **request: Any) -> UUID:
    """A case that was asked to be closed, agreed, talked over and closed."""
    file = a_case(cast, at=at)
    submit("closure.request", request, by=cast.caseworker, file=file, at=at)
    submit("closure.answer", by=cast.supervisor, file=file, at=at)
    submit("closure.closure", by=cast.caseworker, file=file, at=at)
    return file


def a_service(cast: Cast, *, at: datetime = START, by: User | None = None, **answers: Any) -> UUID:
    """A service in the directory of the caseworker's agency, as the sheet writes it. An answer of None is left out."""
    by = by or cast.caseworker
    agency = Membership.objects.filter(user=by)[0].agency_id
    told = {**A_SERVICE, **answers}
    keeping.open_directory(agency)
    return keeping.keep_service(
        {name: answer for name, answer in told.items() if answer is not None}, new_id(), agency_id=agency, by=by, at=at,
        form=form_in_force("service_directory.service", agency_id=agency, day=at.date()).version, day=at.date(),
    )  # fmt: skip


def sent_on(
    cast: Cast,
    file: UUID,
    *,
    at: datetime = START,
    share: tuple[str, ...] = ("first_name", "age"),
    name: str = "Sewing course",
) -> UUID:
    """A referral to a service of the other agency, which `elsewhere` receives for ten days. Returns the entry that asked."""
    submit("consent.consent", {"agreed": ["share_for_services"]}, by=cast.caseworker, file=file, at=at)
    other = Membership.objects.filter(user=cast.elsewhere)[0].agency
    a_service(cast, at=at, name=name, organisation="Open Door", agency=str(other.id))
    asked = {"provider": f"{name}, Open Door", "share": list(share)}
    referral = submit("referral.referral", asked, by=cast.caseworker, file=file, at=at).entry_id
    send(cast, file, referral, at=at)
    return referral


def send(
    cast: Cast, file: UUID, referral: UUID, *, to: str = "elsewhere", at: datetime = START, days: int = 10
) -> None:
    """Let a colleague of the service read a referral here, until so many days later."""
    until = at.astimezone(HERE).date() + timedelta(days)
    commands.send_referral(new_id(), file, referral, to=to, until=until, by=cast.caseworker, at=at)


def to_type(
    cast: Cast, file: UUID, *, by: User, form: str = "follow_up.contact", at: datetime = START, days: int = 5
) -> UUID:
    """Somebody is to type a form of the caseworker’s until so many days later. Returns the task."""
    sheet, until = new_id(), at.astimezone(HERE).date() + timedelta(days)
    commands.have_typed(
        sheet,
        file,
        forms=[form],
        typist=by.username,
        worker="caseworker",
        until=until,
        by=cast.caseworker,
        at=at,
    )
    return derived_id(sheet, f"typing {form}")


def people_apart(cast: Cast, file: UUID, *, at: datetime = START) -> UUID:
    """The child agrees to taking part and the mother says no; returns the mother."""
    submit("consent.consent", by=cast.caseworker, file=file, at=at)
    mother = derived_id(submit("cases.person", by=cast.caseworker, file=file, at=at).entry_id, "person")
    no = {"agreed": None, "refused": ["participation"]}
    submit("consent.consent", no, by=cast.caseworker, file=file, about=mother, at=at)
    return mother


def stand_in(
    cast: Cast, *, since: date = FIRST_DAY, until: date = FIRST_DAY, file: UUID | None = None,
    confidential: bool = False, by: User | None = None,
) -> Cover:  # fmt: skip
    """The colleague stands in for the caseworker, on the first day where no other is given."""
    return put_in_cover(
        new_id(), covered_for=cast.caseworker.id, stand_in="colleague", since=since, until=until, file_id=file,
        confidential=confidential, by=by or cast.supervisor, day=START.date(),
    )  # fmt: skip


def an_emergency(
    cast: Cast, file: UUID, *, by: User | None = None, at: datetime = START, **words: str
) -> UUID:
    """The colleague opens a case of the caseworker's in an emergency. Returns the opening."""
    told = {"reason": "urgent_health", "words": "The aunt called: he cannot breathe"} | words
    opening, code = new_id(), CaseFile.objects.get(id=file).case.code
    commands.open_in_emergency(opening, code=code, by=by or cast.colleague, at=at, **told)
    return opening


def revision(file: UUID) -> int:
    """How often something was written on a file."""
    return CaseFile.objects.get(id=file).revision if CaseFile.objects.filter(id=file).exists() else 0


def later(days: float = 0, *, hours: float = 0, minutes: float = 0) -> datetime:
    """So long after the beginning."""
    return START + timedelta(days=days, hours=hours, minutes=minutes)


def today() -> date:
    """The day it is where the cast works: in the evening of UTC already the next one."""
    return now().astimezone(HERE).date()


def _agency(name: str, *, teams: tuple[str, ...]) -> Agency:
    return found_agency(
        name=name, time_zone=HERE.key, pack="demonstration", teams=teams, since=SINCE, at=START - timedelta(days=30)
    )  # fmt: skip
