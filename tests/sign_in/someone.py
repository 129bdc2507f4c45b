"""Somebody at a browser without script: types a name, a password, a code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from tests.sign_in.codes import code_now
from tutela.access.models import User

PASSWORD = "seven slow green buses"
SIGN_IN = "/accounts/login/"
FACTOR = "/accounts/second-factor/"


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
