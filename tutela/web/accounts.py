"""How people come in: allauth signs them in; nobody makes an account for themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from tutela.web import sign_ins


class ClosedDoorAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """An administrator makes accounts; the public sign-up stays shut."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy(
            "The name and the password do not go together. Look at both and try again."
        ),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse whoever tried too often; allauth sends no signal then."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            sign_ins.held_back(credentials)
            raise

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
