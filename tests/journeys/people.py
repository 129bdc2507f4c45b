"""Somebody at a browser, who finds their way by what is written on the page: headings, labels, links and buttons."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, Response, expect

from tests.journeys.looking import Watch, look

PASSWORD = "demonstration only"
# How lists call Tomas, born in 2014: by the year, since the day of his birth is sealed.
TOMAS = f"Boy, {datetime.now(tz=ZoneInfo('Africa/Nairobi')).year - 2014} years"
Sheet = Mapping[
    str, str | Sequence[str]
]  # the label of each question, and what is answered: words, or boxes to tick


class Person:
    """One user in one tab. Every page they come to is looked at (see `looking`); without `looks`, those that say no."""

    def __init__(self, page: Page, watch: Watch, *, script: bool = True, looks: bool = True) -> None:
        self.page = page
        self.watch = watch
        self._script = script
        self._looks = looks

    def in_tab(self, page: Page) -> "Person":
        """The same person in another tab."""
        return Person(page, self.watch, script=self._script, looks=self._looks)

    def open(self, address: str = "/", *, status: int = 200) -> None:
        """Type an address, as one does once a day."""
        self._came(self.page.goto(f"{self.watch.origin}{address}"), status=status)

    def sign_in(self, username: str) -> None:
        """From the sign-in page."""
        self.fill_in({"Username": username, "Password": PASSWORD})
        self.press("Sign in")

    def follow(self, link: str, *, within: Locator | None = None) -> None:
        """Go where a link leads."""
        self._go((within or self.page).get_by_role("link", name=_exactly(link)), status=200)

    def press(self, button: str, *, status: int = 200, within: Locator | None = None) -> None:
        """Press a button that sends something. `status` is what the page that comes says."""
        self._go((within or self.page).get_by_role("button", name=_exactly(button)), status=status)

    def fill_in(self, sheet: Sheet, *, within: Locator | None = None) -> None:
        """Answer questions by their labels."""
        for label, answer in sheet.items():
            if isinstance(answer, str):
                self._answer(within or self.page, label, answer)
            else:
                boxes = (within or self.page).get_by_role("group", name=_asked(label))
                for words in answer:
                    boxes.get_by_role("checkbox", name=words, exact=True).check()

    def add_row(self, label: str, sheet: Sheet) -> None:
        """One more row of a question that repeats."""
        group = self.page.get_by_role("group", name=_asked(label)).first
        group.get_by_role("button", name="Add another").click()
        self.fill_in(sheet, within=group.get_by_role("group", name=label).last)

    def field(self, label: str, *, within: Locator | None = None) -> Locator:
        """The field of a question."""
        return (within or self.page).get_by_label(_asked(label))

    def heading(self, words: str) -> Locator:
        """A heading on the page."""
        return self.page.get_by_role("heading", name=words, exact=True)

    def question(self, label: str) -> Locator:
        """A question with everything that belongs to it."""
        return (
            self.page.locator(".question")
            .filter(has=self.page.locator(".label", has_text=_asked(label)))
            .last
        )

    def section(self, heading: str) -> Locator:
        """The part of the page under a heading."""
        return self.page.locator("section").filter(has=self.heading(heading)).last

    def unfold(self, summary: str) -> Locator:
        """Open what is folded behind a word, and what was behind it."""
        details = self.page.locator("details").filter(has=self.page.get_by_text(summary, exact=True)).first
        details.locator("summary").click()
        return details

    def sees(self, *words: str | re.Pattern[str], within: Locator | None = None) -> None:
        """Each of these stands on the page and can be seen."""
        for one in words:
            expect((within or self.page).get_by_text(one).first).to_be_visible()

    def _answer(self, place: Page | Locator, label: str, answer: str) -> None:
        radios = place.get_by_role("radiogroup", name=_asked(label))
        field = place.get_by_label(_asked(label))
        if radios.count():
            radios.get_by_role("radio", name=answer, exact=True).check()
        elif field.evaluate("(control) => control.tagName") == "SELECT":
            field.select_option(label=answer)
        else:
            field.fill(answer)

    def _go(self, place: Locator, *, status: int) -> None:
        with self.page.expect_navigation() as came:
            place.click()
        self._came(came.value, status=status)

    def _came(self, response: Response | None, *, status: int) -> None:
        assert response is not None
        assert response.status == status, f"{response.url} answers {response.status}"
        if self._looks or status != HTTPStatus.OK:
            look(self.page, self.watch, axe=self._script)


def _exactly(words: str) -> re.Pattern[str]:
    """A link or button by its words; what only listeners hear of it stands after a colon."""
    return re.compile(f"^{_escaped(words).replace(':', ' ?:')}$")


def _asked(label: str) -> re.Pattern[str]:
    """A question by its label, whether its answer is needed or not."""
    return re.compile(rf"^\s*{_escaped(label)}\s*(needed)?\s*$")


def _escaped(words: str) -> str:
    return re.escape(words).replace(r"\ ", " ")  # which the browser does not take
