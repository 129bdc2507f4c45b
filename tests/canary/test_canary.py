"""Words that nobody would write are put through every form, every draft and the search of a real server (R128).

They are then looked for in every file it has: databases, write-ahead logs, logs, sessions, temporary files; while it runs,
and after it has stopped. *A seized machine names nobody and says nothing about what happened.*
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import pyrage
import pytest

from tests.answering import filled
from tests.canary.carrying import File, carrying
from tests.canary.searching import columns_with, files_with, written
from tests.canary.visitor import Fields, Page, Visitor
from tests.server import CHECKOUT, Server, running_server
from tutela.cli.story import read
from tutela.forms.compiling import compiled_forms
from tutela.forms.definition import Form, Question
from tutela.foundation.ids import derived_id
from tutela.protocols import packs

pytestmark = pytest.mark.chaos

NAME, NAME_IN_ARABIC, PHONE = "Xylqvorth", "زقورثاخ", "0799 713 4529"
SAID = "Vornqasket"  # where no name may stand
PLACEHOLDER = "00000000-0000-4000-8000-000000000000"  # the answer where a file is sent
IN_AN_ADDRESS = "Qwyzzverk"  # what somebody types into the line of the browser
DAYS = {"2007-07-23", "2012-05-17"}  # of birth, and of what happened; never used for anything else
LATER = "2041-10-19"
MINUTE = "T03:47"  # of yesterday, when all of this happened
ZONE = ZoneInfo("Africa/Nairobi")
TODAY = datetime.now(ZONE).date()

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
}  # fmt: skip
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
    ("referral.answer", "amara", {"which": f"Sewing course ({TODAY - timedelta(days=1)})"}),
    ("referral.outcome", "amara", {"which": f"Sewing course ({TODAY - timedelta(days=1)})"}),
    ("referral.cancel", "amara", {"which": f"Sewing course ({TODAY - timedelta(days=1)})"}),
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
    ("intake.group", "amara", {"met_on": TODAY.isoformat()}),  # the day of an identification is in the clear (R128)
    ("follow_up.family_link", "amara", {}),
    ("follow_up.day_plan", "amara", {}),
    ("follow_up.quick_note", "amara", {}),
    ("follow_up.meeting_notes", "samira", {"notes": SAID}),
    ("service_directory.service", "amara", {}),
    ("service_directory.concern", "amara", {}),
    ("data_protection.request", "amara", {"came_on": TODAY.isoformat()}),
    ("data_protection.answer", "selam", {"answered_on": TODAY.isoformat(), "verified": "known", "outcome": "in_part"}),
    ("data_protection.hold", "selam", {}),
    ("data_protection.incident", "amara", {"found_on": f"{TODAY}T00:01", "codes": CASE_CODE}),
    ("data_protection.incident_step", "selam", {"codes": CASE_CODE}),
    ("safeguarding.report", "amara", {"wish": "named"}),
    ("safeguarding.step", "joseph", {"kind": "passed"}),
    ("exports.request", "samira", {
        "since": "2026-01-01", "until": TODAY.isoformat(), "lock": "age",
        "age_key": str(pyrage.x25519.Identity.generate().to_public()),
    }),
]  # fmt: skip
PAGES = (
    "/", "/cases", "/intake", "/find", f"/find?q={NAME}", "/services", "/services/list", "/services/gaps", "/day-plan",
    "/day-plan/run-sheet", "/team", "/team/meeting", "/exports",
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
    ("access.cover", "samira", {"since": TODAY.isoformat(), "until": TODAY.isoformat()}),
    ("closure.cover_told", "amara", {}),
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
IN_THE_CLEAR = {"area", "destruction_reason", "incident_step"}  # lists


@dataclass
class Sent:
    """What the server has been told: every canary, and which questions of which forms were taken."""

    canaries: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    taken: set[tuple[str, str]] = field(default_factory=set)


@dataclass
class Writer:
    """Writes every form on one child, with a canary in every answer that can hold one."""

    visitors: dict[str, Visitor]
    file: str = ""
    somebody: str = ""
    there: dict[str, str] = field(default_factory=dict)  # which service, which colleague
    offered: dict[str, Iterator[str]] = field(
        default_factory=dict
    )  # choices that the page of a sheet has of its own
    sent: Sent = field(default_factory=Sent)
    number: Iterator[int] = field(default_factory=count)

    def write_everything(self) -> None:
        for code, who, wanted in self.course():
            if code == "consent.consent":
                self.ask_the_child_and_name_somebody()
            for (before, by, answering), days in BEFORE.get(code, ()):
                self.write(before, by, next(self.variants(FORMS[before], answering)), days=days)
            if code == "closure.request":
                self.change_hands()
            if code in SHEETS:
                self.offered = self.sheet(code, who).offered
            if code == "exports.request":
                wanted = wanted | {"codes": self.code_of_file()}
            for number, answers in enumerate(self.variants(FORMS[code], wanted)):
                if number and code in ONE_AFTER_ANOTHER:
                    before, by, answering = ONE_AFTER_ANOTHER[code]
                    self.write(before, by, next(self.variants(FORMS[before], answering)))
                if number and code == "intake.registration":
                    break  # once; what is left is registered in a correction
                self.write(code, who, answers, days=LONG_AGO.get(code, 1))
            if code == "intake.registration":
                self.correct(code, {"birth_date": None})
        self.look_around()

    def ask_the_child_and_name_somebody(self) -> None:
        """The child agrees to what the mother says no to next."""
        self.somebody = ""
        self.write("consent.consent", "amara", {"agreed": ["tracing"], "form": "spoken"})
        self.write("cases.person", "amara", {"name": self.canary(), "relationship": "mother"})

    def change_hands(self) -> None:
        """The file goes from hand to hand and back, and somebody stands in."""
        for code, who, wanted in HANDS:
            if code == "access.cover":
                self.find_colleague("Amara Okello")
            self.write(code, who, self.answers_to(FORMS[code], wanted))

    def answers_to(self, form: Form, wanted: dict[str, Any]) -> dict[str, Any]:
        return filled(form, lambda question: self.answer(question, wanted), today=TODAY)

    def find_colleague(self, name: str) -> None:
        people = self.visitors["samira"].get("/team").body.split('href="/team/people/')
        self.there["colleague"] = next(part[:36] for part in people[1:] if name in part.partition("</a>")[0])

    def code_of_file(self) -> str:
        (code,) = set(CODE_ON_A_PAGE.findall(self.visitors["amara"].get(f"/files/{self.file}/").body))
        return str(code)

    def course(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for step in COURSE:
            if step[0] == "closure.request":
                rest = set(FORMS) - {code for code, _, _ in (*COURSE, *HANDS)}
                yield from ((code, "amara", {}) for code in sorted(rest))
            yield step

    def variants(self, form: Form, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answers to the form, changed in one place at a time until every question was asked."""
        left = {question.name for question in form.questions if question.type not in ("note", "calculate")}
        for changed in [{}, *self.changes(form, wanted)]:
            answers = filled(form, lambda question: self.answer(question, {**wanted, **changed}), today=TODAY)  # noqa: B023
            if left & set(answers):
                left -= set(answers)
                yield answers
        assert not left, f"{form.code}: nothing leads to {left}"

    def changes(self, form: Form, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for question in form.questions:
            if question.name not in wanted:
                yield from (
                    {question.name: option.code} for option in question.options if question.type == "choice"
                )
                yield {question.name: None}

    def answer(self, question: Question, given: dict[str, Any]) -> Any:
        answer = given[question.name] if question.name in given else self.made_up(question)
        if answer == CASE_CODE:
            return self.code_of_file()
        if question.seal != "clear" and question.list not in IN_THE_CLEAR:
            told = answer if isinstance(answer, list) else [answer]
            self.sent.codes |= {option.code for option in question.options} & set(told)
        return answer

    def made_up(self, question: Question) -> Any:
        codes = [option.code for option in question.options if not option.retired]
        if not codes and question.name in self.offered:
            codes = [next(self.offered[question.name])]
        match question.type:
            case "choices":
                return codes
            case "choice":
                return codes[0]
            case "yes_no":
                return "yes"
            case "integer":
                return question.minimum or "7"
            case "date" if question.minimum == "today" or question.seal == "clear":
                return LATER
            case "date":
                return min(DAYS) if "birth" in question.name else max(DAYS)
            case "phone":
                return PHONE
            case "time":
                return MINUTE[1:]
            case "datetime":
                return f"{TODAY - timedelta(days=1)}{MINUTE}"
            case "colleague":
                return "daniel"
            case "photo" | "audio" | "file" | "signature":
                return [PLACEHOLDER]
        return self.canary()

    def canary(self) -> str:
        self.sent.canaries.update({NAME, NAME_IN_ARABIC})
        return f"{NAME}{next(self.number):04} {NAME_IN_ARABIC}"

    def write(self, code: str, who: str, answers: dict[str, Any], *, amends: str = "", days: int = 1) -> None:
        """Open the form, keep a draft of it, send it; the person around the child is asked for consent next."""
        visitor = self.visitors[who]
        if code in SHEETS:
            self.write_sheet(code, who, answers)
            return
        address = f"/files/{self.file}/forms/{code}" if self.file else f"/forms/{code}"
        about = self.somebody if code in ABOUT_SOMEBODY else ""
        query = {name: value for name, value in (("about", about), ("amends", amends)) if value}
        page = visitor.get(f"{address}?{urlencode(query)}" if query else address)
        assert page.status == 200, f"{code} for {who}: {page.status}"
        then = (datetime.now(ZONE) - timedelta(days=days)).strftime(f"%Y-%m-%d{MINUTE}")
        fields = [
            ("happened_at", then),
            ("happened_precision", "exact"),
            *posted(self.without_files(answers)),
        ]
        kept = visitor.post(page, fields, to=f"{address}/draft")
        assert kept.status == 200 and json.loads(kept.body) == {"kept": True}, f"{code}: {kept.status}"
        wrong = visitor.post(page, [*fields, ("entry_id", "nonsense"), (NAME, NAME)])
        assert wrong.status == 404
        taken = visitor.post(page, fields, files=self.files(FORMS[code], answers))
        assert taken.status == 200 and "/forms/" not in taken.address, (
            f"{code} was refused: {problems_of(taken)}"
        )
        self.file = self.file or taken.address.rstrip("/").rpartition("/")[2]
        self.sent.taken.update((code, name) for name in answers)
        if code == "cases.person":
            person = derived_id(UUID(page.hidden["entry_id"]), "person")
            visitor.get(f"/files/{self.file}/forms/consent.consent?about={person}")
            self.somebody = str(person)

    def files(self, form: Form, answers: dict[str, Any]) -> list[File]:
        """A photo, a recording or a paper for each answer that stands for one."""
        return [
            carrying(one.type, NAME, question=one.name)
            for one in form.attached
            if answers.get(one.name) == [PLACEHOLDER]
        ]

    def without_files(self, answers: dict[str, Any]) -> dict[str, Any]:
        return {name: answer for name, answer in answers.items() if answer != [PLACEHOLDER]}

    def write_sheet(self, code: str, who: str, answers: dict[str, Any]) -> None:
        page = self.sheet(code, who)
        self.there[code.rpartition(".")[2]] = page.hidden["entry_id"]
        taken = self.visitors[who].post(
            page, posted(self.without_files(answers)), files=self.files(FORMS[code], answers)
        )
        assert taken.status == 200, f"{code} was refused: {problems_of(taken)}"
        self.sent.taken.update((code, name) for name in answers)
        if code == "service_directory.service":
            self.there["service"] = taken.address.rpartition("/")[2]

    def sheet(self, code: str, who: str) -> Page:
        page = self.visitors[who].get(SHEETS[code].format(file=self.file, **self.there))
        assert page.status == 200, f"{code} for {who}: {page.status}"
        return page

    def correct(self, code: str, changed: dict[str, Any]) -> None:
        form = FORMS[code]
        answers = filled(form, lambda question: self.answer(question, changed), today=TODAY)
        story = self.visitors["amara"].get(f"/files/{self.file}/")
        for entry in dict.fromkeys(part[:36] for part in story.body.split("/entries/")[1:]):
            page = self.visitors["amara"].get(f"/files/{self.file}/entries/{entry}")
            if f"forms/{code}?" in page.body:
                amends = page.body.partition(f"forms/{code}?")[2].partition("amends=")[2][:36]
                self.write(code, "amara", answers, amends=amends)
                return
        raise AssertionError(f"{code} is nowhere on the file")

    def look_around(self) -> None:
        """Everything that can be read is read, and everybody is searched for."""
        for visitor in self.visitors.values():
            for page in (
                "",
                "people",
                "assessment",
                "plan",
                "plan/print",
                "consent",
                "services",
                "documents",
            ):
                assert visitor.get(f"/files/{self.file}/{page}").status == 200
            for page in PAGES:
                visitor.get(page)
            assert visitor.get(f"/files/{self.file}/{IN_AN_ADDRESS}").status == 404
            find = visitor.get("/find")
            for word in (NAME, NAME_IN_ARABIC, PHONE, f"{NAME}\0", NAME * 300):
                assert visitor.post(find, [("q", word)]).status == 200
            assert NAME in visitor.post(find, [("q", NAME)]).body
            visitor.post(visitor.get(f"/files/{self.file}/"), [], to=f"/files/{self.file}/name")


def posted(answers: dict[str, Any]) -> Fields:
    fields: list[tuple[str, str]] = []
    for name, answer in answers.items():
        for index, one in enumerate(answer if isinstance(answer, list) else [answer]):
            rows = one.items() if isinstance(one, dict) else ()
            fields += [
                (f"{name}.{index}.{inner}", value)
                for inner, values in rows
                for value in (values if isinstance(values, list) else [values])
            ] or [(name, one)]
    return fields


def problems_of(page: Page) -> str:
    return " ".join(
        part.partition("<")[0] for part in page.body.split("<p>")[1:] + page.body.split("<li>")[1:]
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="canary-", dir="/tmp"))
    (path / "tmp").mkdir()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def told(folder: Path) -> Iterator[tuple[Server, Sent]]:
    """A server that was told everything, and still runs."""
    with running_server(folder, environment={"TMPDIR": str(folder / "tmp")}) as server:
        have_assessments_seen(server)
        writer = Writer(
            {who: Visitor(server.url) for who in ("amara", "samira", "daniel", "selam", "joseph")}
        )
        for who, visitor in writer.visitors.items():
            visitor.sign_in(who, read("cast")["password"])
        writer.write_everything()
        yield server, writer.sent


def have_assessments_seen(server: Server) -> None:
    """No pack of the installation asks for a word on an assessment: from two days ago on, one of a test does."""
    since = datetime.now(ZONE) - timedelta(days=2)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
    subprocess.run(
        [sys.executable, "-m", "tests.working_by", read("cast")["agencies"][0]["name"], since.isoformat()],
        cwd=CHECKOUT,
        env={**clean, "TUTELA_VAR": str(server.var), "TUTELA_DEMONSTRATION": "1"},
        check=True,
    )


def words_of(sent: Sent) -> set[str]:
    """What must be found nowhere."""
    yesterday = datetime.now(ZONE) - timedelta(days=1)
    moments = {yesterday.strftime(f"%Y-%m-%d{between}03:47") for between in "T "}
    return {*sent.canaries, SAID, PHONE, PHONE.replace(" ", ""), *DAYS, *moments}


def codes_of(sent: Sent) -> set[str]:
    """Codes that tell something, and are long enough to stand in nothing else."""
    return {code for code in sent.codes if len(code) > 9} - OF_THE_HOUSE


def found_in(folder: Path, sent: Sent) -> list[str]:
    databases = [*(folder / "var").glob("*.sqlite3")]
    assert len(databases) == 2
    codes = codes_of(sent)
    in_columns = [
        line for database in databases for line in columns_with(codes, database, except_tables="published_")
    ]
    log = (folder / "server.log").read_text()
    in_the_log = [line for line in log.splitlines() if any(word in line for word in {*codes, NAME})]
    return [*files_with(words_of(sent), [folder]), *in_columns, *in_the_log]


def test_every_question_of_every_form_was_answered_and_taken(told: tuple[Server, Sent]) -> None:
    _, sent = told
    asked = {
        (code, question.name)
        for code, form in FORMS.items()
        for question in form.questions
        if question.type not in ("note", "calculate")
    }
    assert asked == sent.taken
    assert sent.canaries == {NAME, NAME_IN_ARABIC}
    assert {"sexual_gender_based_violence", "suspected_of_harm"} <= sent.codes


def test_a_running_server_has_written_none_of_it_down(told: tuple[Server, Sent], folder: Path) -> None:
    _, sent = told
    assert any((folder / "var").glob("*-wal"))
    assert found_in(folder, sent) == []


def test_a_stopped_server_has_left_none_of_it_behind(told: tuple[Server, Sent], folder: Path) -> None:
    server, sent = told
    server.stop()
    assert found_in(folder, sent) == []


def test_an_address_that_somebody_typed_is_in_no_log(told: tuple[Server, Sent], folder: Path) -> None:
    assert files_with([IN_AN_ADDRESS], [folder]) == []


def test_the_search_finds_what_is_there(told: tuple[Server, Sent], folder: Path, tmp_path: Path) -> None:
    """In each spelling, in the middle of a file, and in a table or the log beside it."""
    _, sent = told
    for word in words_of(sent):
        for number, needle in enumerate(written(word)):
            (tmp_path / f"{number}.txt").write_bytes(b"\0" * 70_000 + needle + b"\xff")
        assert len(files_with([word], [tmp_path])) == number + 1
    tables = tmp_path / "tables"
    tables.mkdir()
    database = tables / "planted.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE cases_entry (told TEXT)")
        connection.execute("INSERT INTO cases_entry VALUES (?)", [f"{NAME} sexual_gender_based_violence"])
        connection.commit()
        assert files_with([NAME], [tables]) == [f"{NAME} in planted.sqlite3-wal"]
        assert columns_with(codes_of(sent), database, except_tables="published_") == [
            "sexual_gender_based_violence in cases_entry"
        ]
