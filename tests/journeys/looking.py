"""What is looked at on every page that a journey comes to, and what no page may ever do."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, ViewportSize

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
NARROWEST: ViewportSize = {"width": 320, "height": 640}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
Run = Callable[[str], Any]

_UNFOLD = """const folded = [...document.querySelectorAll("main details:not([open])")];
for (const one of folded) one.open = true;"""
_FOLD_AGAIN = "for (const one of folded) one.open = false;"
_AXE = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.html}`)
))"""
# What a page is made of: each kind of element in its kind of place and which heading follows which.
_MADE_OF = """(() => {
  const kind = (one) => [one.localName, one.getAttribute("class"), one.getAttribute("style")].join(" ");
  const told = (one) => ["type", "role", "lang", "dir"].map((name) => one.getAttribute(name)).join(" ");
  const words = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")];
  const all = [...document.querySelectorAll("html, html *")];
  return [...new Set([
    ...all.map((one) => [
      kind(one.parentElement ?? one), kind(one), told(one), one.getAttributeNames().sort(), words(one),
    ].join()),
    ...headings.map((one, place) => `${one.localName} after ${headings[place - 1]?.localName}`),
  ])];
})()"""
_RUNS_OVER = """document.scrollingElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0)
  .map((one) => one.outerHTML.slice(0, 200))"""


_passed: set[str] = set()  # parts of pages on which axe found nothing
_visited: set[str] = set()  # addresses of such pages, without the ids in them


@dataclass
class Watch:
    """What the browser of one person did and said."""

    origin: str
    faults: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # titles and addresses

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, those that it opens itself included."""
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(f"thrown: {error.error}"))
        context.on("request", self._requested)

    def never_told(self, *secrets: str) -> None:
        """No title and no address said who the child is. Titles and addresses stay in histories."""
        said = [line for line in self.told for secret in secrets if secret.lower() in line.lower()]
        assert said == [], said

    def _heard(self, said: ConsoleMessage) -> None:
        # What breaks the policy is an error too. The status of an answer is looked at where it is asked for.
        if said.type in {"error", "warning"} and not said.text.startswith("Failed to load resource"):
            self.faults.append(f"{said.type}: {said.text}")

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:")):
            self.faults.append(f"asked elsewhere: {request.url}")


def look(page: Page, watch: Watch, *, axe: bool = True) -> None:
    """Axe finds nothing on a phone in the light nor at a desk in the dark, nothing runs over at 320 px, nothing complains.

    Axe works in a world of its own beside the page, so the page keeps its policy and never meets it. Where script is
    switched off, so is axe. A page that is made of nothing new since axe saw its like is not shown to it again: a file
    is come back to after every entry.
    """
    watch.told |= {page.title(), page.url}
    size = page.viewport_size or PHONE
    with _world_beside(page) as run:
        run(_UNFOLD)
        found = _axe(page, run) if axe else []
        page.set_viewport_size(NARROWEST)
        over = run(_RUNS_OVER)
        run(_FOLD_AGAIN)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)
    assert found == [], f"{page.url}:\n" + "\n".join(found)
    assert over == [], f"{page.url} runs over at 320 px:\n" + "\n".join(over)
    assert watch.faults == [], f"{page.url}:\n" + "\n".join(watch.faults)


def _axe(page: Page, run: Run) -> list[str]:
    """What axe finds on a page that has a part which it never passed, or is the first at an address like this."""
    address, parts = _ID.sub("…", urlsplit(page.url).path), {str(part) for part in run(_MADE_OF)}
    if parts <= _passed and address in _visited:
        return []
    run(AXE_SCRIPT)
    found = [*_axe_at(page, run, PHONE, "light"), *_axe_at(page, run, DESK, "dark")]
    if not found:
        _passed.update(parts)
        _visited.add(address)
    return found


def _axe_at(page: Page, run: Run, size: ViewportSize, scheme: Literal["light", "dark"]) -> list[str]:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    return [f"{size['width']} px, {scheme}: {line}" for line in run(_AXE)]


@contextmanager
def _world_beside(page: Page) -> Iterator[Run]:
    """A function that runs expressions beside the page: they see the same document and none of its scripts."""
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]

    def run(expression: str) -> Any:
        answer = session.send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world, "awaitPromise": True, "returnByValue": True},
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    yield run
    session.detach()
