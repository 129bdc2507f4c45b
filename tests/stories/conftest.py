"""Every demo story, played once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.stories.reading import Played


@pytest.fixture(scope="package")
def played(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Played]:
    """Every story, played on an empty installation, and taken back afterwards."""
    from tests.stories.reading import NOW
    from tutela.cli.story import names, play, prepare_cast, prepare_services
    from tutela.vault import opened_keys

    with django_db_blocker.unblock(), _taken_back():
        opened_keys.forget_all()  # stories have the same ids in every test, and other keys
        prepare_cast(at=NOW)
        prepare_services(at=NOW)
        yield {name: play(name, now=NOW) for name in names()}
        opened_keys.forget_all()


@pytest.fixture
def static_files_by_their_own_names(settings: Settings) -> None:
    """For pages: hashed names, and the folder of the files, exist only once the static files are collected."""
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@contextmanager
def _taken_back() -> Iterator[None]:
    """One transaction around everything, in both databases, as Django has around the tests of one class."""
    from django.db import connections, transaction

    with ExitStack() as stack:
        for database in connections:
            atomic = transaction.atomic(using=database)
            # Keys are minted in a transaction that may have none around it but that of a test.
            atomic._from_testcase = True  # type: ignore[attr-defined]
            stack.enter_context(atomic)
            stack.callback(transaction.set_rollback, True, using=database)
        yield
