"""How people come in: allauth signs them in; nobody makes an account for themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy


class ClosedDoorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """An administrator makes accounts; the public sign-up stays shut."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "The name and the password do not go together. Look at both and try again."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
