"""Somebody at a browser without script: types a name, a password, a code."""

from __future__ import annotations

import base64
import hmac
import re
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tutela.access.models import User

PASSWORD = "seven slow green buses"
SIGN_IN = "/accounts/login/"
FACTOR = "/accounts/second-factor/"


def code_now(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or so many half minutes from now (RFC 6238)."""
    moment = (int(time.time()) // 30 + steps).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), moment, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class Someone:
    user: User
    browser: Client
    secret: str = field(default="", repr=False)
    recovery: list[str] = field(default_factory=list, repr=False)

    def sign_in(self, password: str = PASSWORD, **more: Any) -> Any:
        return self.browser.post(SIGN_IN, {"login": self.user.username, "password": password}, **more)

    def set_up_codes(self) -> None:
        """One-time codes, with the recovery codes written down."""
        page = self.browser.get(f"{FACTOR}codes/", follow=True)
        shown = re.search(r'class="code">([A-Z2-7]+)<', page.content.decode())
        assert shown, page.redirect_chain
        self.secret = shown[1]
        done = self.browser.post(f"{FACTOR}codes/", {"code": code_now(self.secret)}, follow=True)
        self.recovery = re.findall(r'class="code">(\d{8})<', done.content.decode())

    def show_code(self, code: str = "") -> Any:
        """After the password."""
        return self.browser.post(f"{FACTOR}show/", {"code": code or code_now(self.secret)})

    def is_in(self) -> bool:
        return bool(self.browser.get("/accounts/still-here/").status_code == 200)

    def reaches(self, page: str = "/") -> bool:
        return bool(self.browser.get(page).status_code == 200)
