"""Somebody at a browser without script, signed in to a running server."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from itertools import cycle

from tests.canary.carrying import File

_CHOICE = re.compile(
    r'<input type="(?:radio|checkbox)" name="(?:\w+\.\d+\.)?(\w+)" id="[^"]*" value="([^"]*)"'
)
_SELECT = re.compile(r'<select [^>]*name="(?:\w+\.\d+\.)?(\w+)"[^>]*>(.*?)</select>', re.DOTALL)
_OPTION = re.compile(r'<option value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')

_BOUNDARY = "a-line-that-stands-between-parts"

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """What came back: with which status, from which address in the end, and what it says."""

    status: int
    address: str
    body: str

    @property
    def hidden(self) -> dict[str, str]:
        """The fields that a person does not see, the token among them."""
        return dict(_HIDDEN.findall(self.body))

    @property
    def offered(self) -> dict[str, Iterator[str]]:
        """What there is to choose from, by question, round and round."""
        offered: dict[str, dict[str, None]] = {}
        for name, code in _CHOICE.findall(self.body):
            offered.setdefault(name, {})[code] = None
        for name, options in _SELECT.findall(self.body):
            offered.setdefault(name, {}).update(dict.fromkeys(_OPTION.findall(options)))
        return {name: cycle(codes) for name, codes in offered.items()}


class Visitor:
    """Keeps the cookies of one person."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, urllib.request.ProxyHandler({}))

    def somebody_else(self) -> "Visitor":
        """Somebody at the same server who is not signed in."""
        return Visitor(self._url)

    def sign_in(self, username: str, password: str) -> None:
        page = self.get("/accounts/login/")
        signed_in = self.post(page, [("login", username), ("password", password)])
        assert "/accounts/login/" not in signed_in.address, f"{username} could not sign in"

    def get(self, address: str) -> Page:
        return self._ask(urllib.parse.urljoin(self._url, address), None)

    def post(self, page: Page, fields: Fields, *, to: str = "", files: Sequence[File] = ()) -> Page:
        """Send the form on `page` with what it hides, to where it stands, or to another address."""
        address, everything = urllib.parse.urljoin(page.address, to), [*page.hidden.items(), *fields]
        if not files:
            return self._ask(address, urllib.parse.urlencode(everything).encode())
        return self._ask(
            address, _in_parts(everything, files), kind=f"multipart/form-data; boundary={_BOUNDARY}"
        )

    def _ask(
        self, address: str, sent: bytes | None, *, kind: str = "application/x-www-form-urlencoded"
    ) -> Page:
        request = urllib.request.Request(
            address, data=sent, headers={"Referer": address, "Content-Type": kind}
        )
        try:
            with self._opener.open(request, timeout=60) as response:
                return Page(response.status, response.url, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, address, error.read().decode())


def _in_parts(fields: Fields, files: Sequence[File]) -> bytes:
    """A form with files, as a browser without script sends it."""
    parts = [(f'name="{name}"', value.encode()) for name, value in fields]
    parts += [(f'name="{question}"; filename="{name}"', content) for question, name, content in files]
    start = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    body = b"".join(start + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + f"--{_BOUNDARY}--\r\n".encode()
