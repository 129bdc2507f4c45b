"""`script/screenshots`: the pictures of the guides, taken of the demonstration on a phone and at a desk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, sync_playwright

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.looking import DESK, PHONE, Watch
from tests.journeys.people import Person
from tests.server import CHECKOUT, running_server

PICTURES = CHECKOUT / "docs" / "pictures"
HEAVIEST = 150_000  # bytes
TALLEST = {"phone": 1000, "desk": 900}  # pixels: what stands further down is not needed to know a page again
MISSPELT = "Amena"  # a child of whom every page has something to show

# Of those who read no file: the page on which each begins.
BEGIN = {"miriam": "oversight", "selam": "data-protection", "admin": "staff", "ines": "exports"}


def take_all() -> None:
    """Every picture anew, from a demonstration of its own."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="tutela-pictures-", dir="/tmp") as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with running_server(Path(folder)) as server:
            for device in ("phone", "desk"):
                with somebody(browser, server.url, device=device) as amara:
                    _of_a_caseworker(amara, device)
                with somebody(browser, server.url, device=device) as samira:
                    _of_a_supervisor(samira, device)
                for username, name in BEGIN.items():
                    with somebody(browser, server.url, device=device) as one:
                        _where_they_begin(one, username, name, device)
        browser.close()


def _of_a_caseworker(amara: Person, device: str) -> None:
    amara.open()
    take(amara, "signin", device)
    amara.sign_in("amara")
    take(amara, "today", device)
    if device == "phone":
        _identify(amara, device)
    for page in ("Intake", "Cases"):
        amara.follow(page)
        take(amara, page.lower(), device)
    amara.follow("Find")
    amara.fill_in({"Name or code": MISSPELT})
    amara.press("Find")
    take(amara, "find", device)
    amara.page.get_by_role("main").get_by_role("link").first.click()
    take(amara, "file", device)
    for page in ("People", "Plan", "Consent"):
        amara.follow(page)
        take(amara, page.lower(), device, under=".tabs")


def _identify(amara: Person, device: str) -> None:
    """A form in the middle of being filled in; and somebody who waits on the page Intake."""
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": "Lotus", "Girl or boy": "Girl", "Age in years": "8", "Who told us": "Somebody in the community",
        "How to recognise or find the child": "Sells water at the bus station with an older girl",
        "What they told us": "She sleeps at the station since the flood.", "Priority until the child is seen": "High",
        "Why": "Alone at night",
    })  # fmt: skip
    amara.page.evaluate("scrollTo(0, 0)")
    take(amara, "form", device)
    amara.press("Save")


def _of_a_supervisor(samira: Person, device: str) -> None:
    samira.open()
    samira.sign_in("samira")
    take(samira, "team", device)
    if device == "desk":
        samira.page.get_by_role("article").filter(has_text="Closing the case").get_by_role(
            "link"
        ).last.click()
        samira.fill_in({"I agree that this case may be closed": "Yes"})
        take(samira, "form", device)


def _where_they_begin(one: Person, username: str, name: str, device: str) -> None:
    one.open()
    one.sign_in(username)
    take(one, name, device)


@contextmanager
def somebody(browser: Browser, url: str, *, device: str) -> Iterator[Person]:
    """Somebody at a phone or a desk who looks at nothing else than what is asked of them."""
    phone = device == "phone"
    context = browser.new_context(
        viewport=PHONE if phone else DESK, device_scale_factor=1.5 if phone else 1, locale="en-GB",
        timezone_id="Africa/Nairobi",
    )  # fmt: skip
    yield Person(context.new_page(), Watch(url), looks=False)
    context.close()


def take(person: Person, name: str, device: str, *, under: str = "") -> None:
    """One picture, small enough to stand in a page that is read on a weak line. It begins at `under`, or at the top."""
    page = person.page
    page.mouse.move(0, 0)
    width = (PHONE if device == "phone" else DESK)["width"]
    top = page.locator(under).evaluate("(one) => one.getBoundingClientRect().top + scrollY") if under else 0
    height = min(TALLEST[device], page.locator("html").evaluate("(html) => html.scrollHeight") - top)
    clip: FloatRect = {"x": 0, "y": top, "width": width, "height": height}
    path = PICTURES / f"{name}-{device}.png"
    page.screenshot(path=path, full_page=True, clip=clip)
    assert path.stat().st_size < HEAVIEST, f"{path.name} weighs {path.stat().st_size} bytes."


if __name__ == "__main__":
    take_all()
