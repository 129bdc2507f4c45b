"""How people come in: allauth signs them in; nobody makes an account for themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """An administrator makes accounts; the public sign-up stays shut."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
