"""Attachments, on files and in browsers of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.cast import Cast
    from tutela.access.models import User


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """Everybody. Where a test commits what it writes, the log is emptied afterwards, which Django cannot do."""
    from django.db import connection

    from tests.audit.unlocked import empty_log
    from tests.cast import gather
    from tutela.vault import opened_keys

    opened_keys.forget_all()  # stories have the same ids in every test, and other keys
    yield gather()
    if not connection.in_atomic_block:
        empty_log()


@pytest.fixture(autouse=True)
def static_files_by_their_own_names(settings: Settings) -> None:
    """Nothing was collected, so no name carries a hash."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.startswith("whitenoise")]


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    """Nothing lies in the folder of attachments when a test begins."""
    from pathlib import Path

    from django.conf import settings

    for path in Path(settings.ATTACHMENTS).iterdir():
        path.unlink()


@pytest.fixture
def browse() -> Callable[[User], Client]:
    """Signs somebody in and returns their browser, which shows errors instead of a 500."""

    def signed_in(user: User) -> Client:
        client = Client(raise_request_exception=True)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in
