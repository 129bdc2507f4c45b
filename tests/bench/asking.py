"""The five things that people do most, asked of a server by several at once."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles

import httpx

from tests.chaos.browsers import Browser, Weather
from tutela.foundation.ids import new_id

PEOPLE = 4  # who ask at once
_FILE = re.compile(r'href="(/files/[0-9a-f-]{36}/)"')

Ask = Callable[[httpx.Client], httpx.Response]


@dataclass(frozen=True)
class Times:
    """Requests answered each second, and how long half of them and all but one in twenty took, in milliseconds."""

    each_second: float
    p50: float
    p95: float


def ask(url: str, cookies: Mapping[str, str], one: Ask, *, seconds: float) -> Times:
    """Ask the same of a server for so many seconds, by several people at once. Raises httpx.HTTPStatusError."""

    def person(_: int) -> list[float]:
        took = []
        with httpx.Client(base_url=url, cookies=dict(cookies), timeout=60, trust_env=False) as client:
            while time.monotonic() < end:
                began = time.perf_counter()
                answer = one(client)
                took.append(time.perf_counter() - began)
                if answer.is_error:
                    answer.raise_for_status()
        return took

    end = time.monotonic() + seconds
    with ThreadPoolExecutor(PEOPLE) as pool:
        took = [one for each in pool.map(person, range(PEOPLE)) for one in each]
    cuts = quantiles(took, n=20)
    return Times(len(took) / seconds, cuts[9] * 1000, cuts[18] * 1000)


def of_tutela(browser: Browser) -> dict[str, Ask]:
    """What is asked of Tutela by somebody who is signed in."""
    files = cycle(dict.fromkeys(_FILE.findall(browser.get("/cases").text)))
    file = next(files)
    written = browser.hidden(f"{file}forms/follow_up.contact")
    token = browser.hidden("/find")["csrfmiddlewaretoken"]
    contact = {
        **written, "kind": "phone", "reached": "child", "situation": "Was in class all week.",
        "happened_at": "2026-01-15T10:00", "happened_precision": "exact",
    }  # fmt: skip

    def submit(client: httpx.Client) -> httpx.Response:
        return client.post(f"{file}forms/follow_up.contact", data={**contact, "entry_id": str(new_id())})

    return {
        "Today": lambda client: client.get("/"),
        "case list": lambda client: client.get("/cases"),
        "a file": lambda client: client.get(next(files)),
        "a name": lambda client: client.post(
            "/find", data={"q": "Nema Aluoch", "csrfmiddlewaretoken": token}
        ),
        "a submission": submit,
    }


def signed_in(url: str, *, username: str, password: str) -> tuple[Browser, dict[str, str]]:
    """A browser, and the cookies that it has by now."""
    browser = Browser(url, username=username, password=password, weather=Weather())
    return browser, dict(browser.cookies)


def of_the_floor(names: Iterator[str]) -> dict[str, Ask]:
    """The same of the bare handler: each page under its number."""

    def page(number: int) -> Ask:
        return lambda client: client.get(f"/{number}")

    return {name: page(number) for number, name in enumerate(names)}
