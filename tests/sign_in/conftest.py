"""People who sign in as people do: with what they know and what they have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pytest_django.fixtures import Settings

from tests.casework.conftest import cast
from tests.web.conftest import static_files_by_their_own_names

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.sign_in.someone import Someone
    from tutela.access.models import User

__all__ = ["cast", "static_files_by_their_own_names"]


@pytest.fixture
def demanded(settings: Settings) -> None:
    """A second factor is demanded, as everywhere but in a demonstration."""
    settings.SECOND_FACTOR = True


@pytest.fixture
def someone() -> Callable[..., Someone]:
    """Somebody of the cast at a browser, with a password that they know."""
    from django.test import Client

    from tests.sign_in.someone import PASSWORD, Someone

    def at_a_browser(user: User, *, address: str = "10.0.0.7") -> Someone:
        if "nothing hashes" in user.password:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        return Someone(user, Client(raise_request_exception=True, REMOTE_ADDR=address))

    return at_a_browser
