"""Caseworkers and their supervisor at work, all at once, on children of their own, whatever is killed meanwhile."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from threading import Event
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from tests.chaos.browsers import Browser, Violation, Weather
from tests.chaos.journeys import CASEWORKER, COLLEAGUE, SUPERVISOR, Step, journey
from tests.chaos.ledger import Acknowledged, fingerprint
from tutela.foundation.ids import derived_id, new_id

PEOPLE = 4
MOST_CHILDREN = 3  # whom one of them works with at a time
ZONE = ZoneInfo("Africa/Nairobi")  # where the agency of amara and samira works


@dataclass
class Child:
    """One child as its caseworker knows the file."""

    steps: list[Step]
    day: date  # on which the journey began
    file_id: UUID | None = None
    revision: int = 0
    last: dict[str, UUID] = field(default_factory=dict)  # the last entry by form


@dataclass(frozen=True)
class Sheet:
    """One filled-in form, ready to be sent as often as it takes."""

    step: Step
    entry_id: UUID
    address: str
    posted: dict[str, Any]
    fingerprint: str


class Load:
    """So many people at work. `wanted`: what the next of them should do, `opening` a file or keeping a `draft`."""

    def __init__(self, url: str, *, seed: int, password: str) -> None:
        self.weather = Weather()
        self.acknowledged: list[Acknowledged] = []
        self.wanted = ""
        self._people = [Person(self, url, Random(f"{seed} {number}"), password) for number in range(PEOPLE)]
        self._at_work: list[Future[None]] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody works until the block ends, and then finishes what they are at."""
        stop = Event()
        with ThreadPoolExecutor(PEOPLE) as pool:
            self._at_work = [pool.submit(person.work, stop) for person in self._people]
            try:
                yield
            finally:
                stop.set()
        self.look_after()

    def look_after(self) -> None:
        """Raises what kept one of the people from working, if anything did."""
        for one in self._at_work:
            if one.done():
                one.result()

    def progress(self, entries: int, *, seconds: float) -> None:
        """Wait until so many more entries are acknowledged. Raises TimeoutError."""
        enough, end = len(self.acknowledged) + entries, time.monotonic() + seconds
        while len(self.acknowledged) < enough:
            self.look_after()
            if time.monotonic() > end:
                raise TimeoutError(f"Nobody could save {entries} entries within {seconds:.0f} s.")
            time.sleep(0.02)


class Person:
    """Somebody with a browser for each of them: the caseworker, a colleague and the supervisor; and some children."""

    def __init__(self, load: Load, url: str, chance: Random, password: str) -> None:
        self._load, self._weather, self._chance = load, load.weather, chance
        self._browsers = {
            name: Browser(url, username=name, password=password, weather=load.weather)
            for name in (CASEWORKER, COLLEAGUE, SUPERVISOR)
        }
        self._children: list[Child] = []

    def work(self, stop: Event) -> None:
        """One submission after the other. What goes wrong with a child is noted, and the child left alone."""
        while not stop.is_set():
            child = self._next_child()
            try:
                self._take_step(child, child.steps[0])
                child.steps.pop(0)
            except Violation as violation:
                self._weather.violation(str(violation))
                child.steps.clear()
            self._children = [one for one in self._children if one.steps]

    def _next_child(self) -> Child:
        room = len(self._children) < MOST_CHILDREN
        if self._load.wanted == "opening" or not self._children or (room and self._chance.random() < 0.2):
            today = datetime.now(ZONE).date()
            self._children = [*self._children, Child(list(journey(self._chance, today=today)), today)]
            self._children = self._children[-MOST_CHILDREN:]  # the file of the oldest stays as it is
            return self._children[-1]
        return self._chance.choice(self._children)

    def _take_step(self, child: Child, step: Step) -> None:
        browser, chance = self._browsers[step.by], self._chance
        sheet = self._sheet(browser, child, step)
        if child.file_id and (self._load.wanted == "draft" or chance.random() < 0.1):
            self._keep_draft(browser, sheet)
        if chance.random() < 0.1:
            self._expect(browser, sheet, 422, without=_needed(sheet))
        if chance.random() < 0.15:
            self._send_twice_at_once(browser, sheet)
        file_id = self._send(browser, sheet)
        self._note(child, sheet, file_id)
        if chance.random() < 0.1:
            self._weather.count("repeated")
            self._send(browser, sheet)
            self._expect(browser, sheet, 409, happened_at="2020-01-06T09:00")
        if chance.random() < 0.1:
            browser.get(f"/files/{file_id}/")

    def _sheet(self, browser: Browser, child: Child, step: Step) -> Sheet:
        """The form as somebody fills it in; where the page shows another revision than it should, a violation."""
        address, where = self._place(child, step)
        hidden = browser.hidden(f"{address}?{urlencode(where)}")
        if int(hidden["base"]) != child.revision:
            raise Violation(
                f"File {child.file_id} is at revision {hidden['base']}; {child.revision} were acknowledged."
            )
        precision = "day" if self._chance.random() < 0.2 else "minute"
        typed, moment = self._moment(child, precision)
        entry_id = new_id()
        posted = hidden | {"entry_id": str(entry_id), "happened_at": typed, "happened_precision": precision}
        mark = fingerprint(answers=step.answers, happened_at=moment, precision=precision, **_ids(where))
        return Sheet(step, entry_id, f"{address}?{urlencode(where)}", posted | _fields(step.answers), mark)

    def _place(self, child: Child, step: Step) -> tuple[str, dict[str, UUID]]:
        address = f"/files/{child.file_id}/forms/{step.form}" if child.file_id else f"/forms/{step.form}"
        if step.about_mother:
            return address, {"about": derived_id(child.last["cases.person"], "person")}
        return address, {"amends": child.last[step.form]} if step.amends else {}

    def _moment(self, child: Child, precision: str) -> tuple[str, datetime]:
        """When it happened, as it is typed and as it is meant: today, some time ago."""
        now = datetime.now(ZONE).replace(second=0, microsecond=0)
        midnight = datetime.combine(child.day, datetime.min.time(), tzinfo=ZONE)
        moment = max(midnight, now - timedelta(minutes=self._chance.randrange(300)))
        typed = moment.strftime("%Y-%m-%dT%H:%M")
        meant = (
            datetime.combine(moment.date(), datetime.min.time(), tzinfo=ZONE)
            if precision == "day"
            else moment
        )
        return typed, meant

    def _send(self, browser: Browser, sheet: Sheet) -> UUID:
        """Send it until it is acknowledged. The file it went to."""
        self._weather.count("sent")
        answer = browser.post(sheet.address, sheet.posted)
        if answer.status_code != httpx.codes.FOUND:
            raise Violation(
                f"{sheet.step.form} {sheet.entry_id} was answered {answer.status_code}: {_words(answer)}"
            )
        return UUID(answer.headers["location"].removeprefix("/files/").strip("/"))

    def _send_twice_at_once(self, browser: Browser, sheet: Sheet) -> None:
        self._weather.count("repeated")
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self._send, browser, sheet)
            if self._send(browser, sheet) != other.result():
                raise Violation(f"{sheet.entry_id}, sent twice at once, went to two files.")
        self._weather.count("repeated")

    def _expect(
        self, browser: Browser, sheet: Sheet, status: int, *, without: str = "", **other: str
    ) -> None:
        """Send it with something wrong; it must be refused, and leave nothing."""
        self._weather.count("sent")
        posted = {name: value for name, value in sheet.posted.items() if name != without} | other
        answer = browser.post(sheet.address, posted)
        if answer.status_code != status:
            raise Violation(f"A wrong {sheet.step.form} was answered {answer.status_code}, not {status}.")
        self._weather.count("refused")

    def _keep_draft(self, browser: Browser, sheet: Sheet) -> None:
        path, _, query = sheet.address.partition("?")
        answer = browser.post(f"{path}/draft?{query}", sheet.posted)
        if answer.status_code != httpx.codes.OK:
            raise Violation(f"A draft of {sheet.step.form} was answered {answer.status_code}.")
        self._weather.count("drafts")

    def _note(self, child: Child, sheet: Sheet, file_id: UUID) -> None:
        child.file_id, child.revision = file_id, child.revision + 1
        child.last[sheet.step.form] = sheet.entry_id
        self._load.acknowledged.append(
            Acknowledged(
                sheet.entry_id, file_id, sheet.step.form, sheet.step.by, child.revision, sheet.fingerprint
            )
        )


def _fields(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as a page posts them: `repeat.index.question` for rows."""
    fields: dict[str, Any] = {}
    for name, answer in answers.items():
        if isinstance(answer, list) and isinstance(answer[0], dict):
            for index, row in enumerate(answer):
                fields |= {f"{name}.{index}.{inner}": value for inner, value in row.items()}
        else:
            fields[name] = answer
    return fields


def _ids(where: dict[str, UUID]) -> dict[str, UUID | None]:
    return {"about": where.get("about"), "amends": where.get("amends")}


# A question of each form that must be answered.
NEEDED = {
    "intake.identification": "source", "consent.explanation": "confirmed", "consent.consent": "form", "cases.person": "name",
    "assessment.initial": "risk_level", "planning.plan": "objectives.0.text", "follow_up.contact": "reached",
    "consent.urgent_action": "basis", "consent.urgent_answer": "answer", "closure.request": "reason",
    "closure.answer": "agreed", "closure.reopening": "reason", "intake.screening": "outcome", "referral.done": "told",
    "follow_up.set_aside": "next_on", "closure.transfer": "to", "closure.transfer_answer": "read",
    "closure.allocation": "reason",
}  # fmt: skip


def _needed(sheet: Sheet) -> str:
    """A question of the form that must be answered; where none must, the time."""
    return NEEDED.get(sheet.step.form, "happened_at")


def _words(answer: httpx.Response) -> str:
    """What a page says is wrong, without its tags."""
    summary = re.search(r'class="(?:error-summary|problem)".*?</ul>', answer.text, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", summary[0]).split()) if summary else ""
