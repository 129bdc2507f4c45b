"""People at their browsers: signed in, and patient. Who gets no answer asks the same again."""

import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx

PATIENCE = 60.0  # seconds until somebody gives up: longer than any process needs to be there again
AGAIN = 0.2  # seconds before the same is asked again
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Violation(Exception):
    """Something that must never happen, in words."""


@dataclass
class Weather:
    """What everybody knows of the server: what was counted, what was seen, and until when no database answered."""

    tally: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    without_database_until: float = 0.0  # by the monotonic clock
    _changing: Lock = field(default_factory=Lock)

    def count(self, *names: str) -> None:
        with self._changing:
            self.tally.update(names)

    def violation(self, sentence: str) -> None:
        with self._changing:
            self.violations[sentence] += 1


class Browser:
    """One user's browser."""

    def __init__(self, url: str, *, username: str, password: str, weather: Weather) -> None:
        self._client = httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)
        self._weather = weather
        sheet = self.hidden("/accounts/login/") | {"login": username, "password": password}
        answer = self.post("/accounts/login/", sheet)
        if answer.status_code != httpx.codes.FOUND:
            raise Violation(f"{username} cannot sign in: {answer.status_code}.")

    @property
    def cookies(self) -> httpx.Cookies:
        """What it was given to be known by."""
        return self._client.cookies

    def get(self, address: str) -> httpx.Response:
        """The page, once there is one. Raises Violation for anything but a page."""
        answer = self._until_answered("GET", address)
        if answer.status_code != httpx.codes.OK:
            raise Violation(f"The page {address} answers {answer.status_code}.")
        return answer

    def hidden(self, address: str) -> dict[str, str]:
        """What goes with the form on a page without being seen: its token, and what the form is for."""
        return dict(_HIDDEN.findall(self.get(address).text))

    def post(self, address: str, sheet: Mapping[str, Any]) -> httpx.Response:
        """What the server answers to `sheet`, sent as often as it takes."""
        return self._until_answered("POST", address, sheet)

    def _until_answered(
        self, method: str, address: str, sheet: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self._answer(method, address, sheet)
            if answer is not None and not answer.is_server_error:
                return answer
            self._weather.count(f"{method} unanswered")
            time.sleep(AGAIN)
        raise Violation(f"{method} {address} had no answer within {PATIENCE:.0f} s.")

    def _answer(self, method: str, address: str, sheet: Mapping[str, Any] | None) -> httpx.Response | None:
        asked = time.monotonic()
        try:
            answer = self._client.request(method, address, data=sheet)
        except httpx.TransportError:
            return None
        failed = answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
        if failed and asked > self._weather.without_database_until:
            form = address.partition("?")[0].rpartition("/")[2]
            self._weather.violation(f"{method} {form} was answered 500 while the databases were there.")
        return answer
