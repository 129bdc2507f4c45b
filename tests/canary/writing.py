"""Somebody who writes every form on one child, with words that nobody would write."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.answering import filled
from tests.canary.carrying import File, carrying
from tests.canary.course import (
    ABOUT_SOMEBODY,
    AROUND,
    BEFORE,
    CASE_CODE,
    CODE_ON_A_PAGE,
    COURSE,
    DAYS,
    FORMS,
    HANDS,
    IN_AN_ADDRESS,
    IN_THE_CLEAR,
    LATER,
    LONG_AGO,
    MINUTE,
    NAME,
    NAME_IN_ARABIC,
    ONE_AFTER_ANOTHER,
    PAGES,
    PHONE,
    PLACEHOLDER,
    READERS,
    SENT_ELSEWHERE,
    SHEETS,
    TYPED,
    TYPIST,
    ZONE,
)
from tests.canary.visitor import Fields, Page, Visitor
from tutela.forms.definition import ATTACHED, Form, Question
from tutela.foundation.ids import derived_id

GIVEN = re.compile(r'<p class="contact-way" dir="ltr">([^<]+)</p>')


@dataclass
class Sent:
    """What the server has been told: every canary, and which questions of which forms were taken."""

    canaries: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    taken: set[tuple[str, str]] = field(default_factory=set)
    passwords: set[str] = field(default_factory=set)


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
    today: date = field(default_factory=lambda: datetime.now(ZONE).date())

    def write_everything(self) -> None:
        for code, who, wanted in self.course():
            if code == "consent.consent":
                self.ask_the_child_and_name_somebody()
            for (before, by, answering), days in BEFORE.get(code, ()):
                self.write(before, by, next(self.variants(FORMS[before], answering)), days=days)
            if code == "closure.request":
                self.write_around_it()
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

    def write_around_it(self) -> None:
        """People come in and type, services answer, the file is opened for a time and closed to somebody."""
        for code, who, wanted in AROUND:
            if code == "access.role_end":
                person = self.visitors[who].get(f"/people/{self.there['admission']}").body
                self.there["post"] = person.partition(f"{self.there['admission']}/roles/")[2][:36]
            if code in SHEETS:
                self.offered = self.sheet(code, who).offered
            self.write(code, who, self.answers_to(FORMS[code], wanted))
            if code == "access.typing":
                self.type_what_was_given()

    def come_in(self, given: str, visitor: Visitor) -> None:
        """Somebody new comes in with the password that was given to them, and chooses their own."""
        chosen = f"{NAME} {NAME} beside a quiet river"
        self.sent.passwords |= {given, chosen}
        visitor.sign_in(TYPIST, given)
        page = visitor.get("/accounts/password/change/")
        fields = [("oldpassword", given), ("password1", chosen), ("password2", chosen)]
        assert "/accounts/" not in visitor.post(page, fields).address
        self.visitors[TYPIST] = visitor

    def type_what_was_given(self) -> None:
        """A colleague types the form that was given to them: a draft of it first."""
        visitor = self.visitors[TYPIST]
        address = "/typing/" + visitor.get("/typing").body.partition('href="/typing/')[2][:36]
        page, form = visitor.get(address), FORMS[TYPED]
        typed = {
            one.name for one in form.questions if one.seal != "confidential" and one.type not in ATTACHED
        }
        answers = self.answers_to(form, {"next_on": LATER})
        fields = [
            ("happened_at", f"{self.today - timedelta(days=LONG_AGO[TYPED])}{MINUTE}"), ("happened_precision", "exact"),
            *posted({name: answer for name, answer in answers.items() if name in typed}),
        ]  # fmt: skip
        kept = visitor.post(page, fields, to=f"{address}/draft")
        assert json.loads(kept.body) == {"kept": True}
        taken = visitor.post(page, fields)
        assert taken.status == 200 and taken.address.endswith("/typing"), problems_of(taken)

    def change_hands(self) -> None:
        """The file goes from hand to hand and back, and somebody stands in."""
        for code, who, wanted in HANDS:
            if code == "access.cover":
                self.find_colleague("Amara Okello")
            self.write(code, who, self.answers_to(FORMS[code], wanted))

    def answers_to(self, form: Form, wanted: dict[str, Any]) -> dict[str, Any]:
        return filled(form, lambda question: self.answer(question, wanted), today=self.today)

    def find_colleague(self, name: str) -> None:
        people = self.visitors["samira"].get("/team").body.split('href="/team/people/')
        self.there["colleague"] = next(part[:36] for part in people[1:] if name in part.partition("</a>")[0])

    def code_of_file(self) -> str:
        (code,) = set(CODE_ON_A_PAGE.findall(self.visitors["amara"].get(f"/files/{self.file}/").body))
        return str(code)

    def course(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for step in COURSE:
            if step[0] == "closure.request":
                rest = set(FORMS) - {code for code, _, _ in (*COURSE, *HANDS, *AROUND)}
                yield from ((code, "amara", {}) for code in sorted(rest))
            yield step

    def variants(self, form: Form, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answers to the form, changed in one place at a time until every question was asked."""
        left = {question.name for question in form.questions if question.type not in ("note", "calculate")}
        for changed in [{}, *self.changes(form, wanted)]:
            answers = self.answers_to(form, {**wanted, **changed})
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
        answer = self.dated(given[question.name]) if question.name in given else self.made_up(question)
        if answer == CASE_CODE:
            return self.code_of_file()
        if question.seal != "clear" and question.list not in IN_THE_CLEAR:
            told = answer if isinstance(answer, list) else [answer]
            self.sent.codes |= {option.code for option in question.options} & set(told)
        return answer

    def dated(self, answer: Any) -> Any:
        """An answer of the course with its day."""
        days = {"yesterday": -1, "today": 0, "tomorrow": 1}
        named = {name: self.today + timedelta(days=number) for name, number in days.items()}
        return answer.format(**named) if isinstance(answer, str) else answer

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
                return f"{self.today - timedelta(days=1)}{MINUTE}"
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
        self.there[code.rpartition(".")[2]] = page.hidden["entry_id"]
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
        self.there[code.rpartition(".")[2]] = page.hidden.get("entry_id", "")
        taken = self.visitors[who].post(
            page, posted(self.without_files(answers)), to=SENT_ELSEWHERE.get(code, ""),
            files=self.files(FORMS[code], answers),
        )  # fmt: skip
        assert taken.status == 200, f"{code} was refused: {problems_of(taken)}"
        self.sent.taken.update((code, name) for name in answers)
        if code == "service_directory.service":
            self.there["service"] = taken.address.rpartition("/")[2]
        if code == "access.admission":
            self.come_in(GIVEN.findall(taken.body)[0], self.visitors[who].somebody_else())

    def sheet(self, code: str, who: str) -> Page:
        page = self.visitors[who].get(SHEETS[code].format(file=self.file, **self.there))
        assert page.status == 200, f"{code} for {who}: {page.status}"
        return page

    def correct(self, code: str, changed: dict[str, Any]) -> None:
        answers = self.answers_to(FORMS[code], changed)
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
        for who, visitor in self.visitors.items():
            for page in PAGES:
                visitor.get(page)
            if who not in READERS:
                continue
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
            assert visitor.get(f"/files/{self.file}/{IN_AN_ADDRESS}").status == 404
            find = visitor.get("/find")
            for word in (NAME, NAME_IN_ARABIC, PHONE, f"{NAME}\0", NAME * 300):
                assert visitor.post(find, [("q", word)]).status == 200
            assert NAME in visitor.post(find, [("q", NAME)]).body
            visitor.post(visitor.get(f"/files/{self.file}/"), [], to=f"/files/{self.file}/name")
        self.type_into_the_wrong_field()

    def type_into_the_wrong_field(self) -> None:
        stranger = self.visitors["amara"].somebody_else()
        for name, password in ((self.canary(), "nothing"), ("amara", self.canary())):
            stranger.post(stranger.get("/accounts/login/"), [("login", name), ("password", password)])


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
