from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.casework.conftest import cast
from tests.web.conftest import static_files_by_their_own_names

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tutela.access.models import User

__all__ = ["cast", "static_files_by_their_own_names"]


@pytest.fixture
def browse() -> Callable[[User | None], Client]:
    """Signs somebody in, who has just shown who they are, and returns their browser; for None, a stranger's."""

    from allauth.account.internal.flows import login

    def signed_in(user: User | None) -> Client:
        client = Client(raise_request_exception=True)
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            just_now = {"method": "password", "at": time(), "reauthenticated": True}
            session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [just_now]
            session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
            session.save()
        return client

    return signed_in
