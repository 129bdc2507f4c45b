"""What every test stands on: databases in files, a keeper of its own, and no way out to the network."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.keeper.process import running_keeper
from tests.postgres import Cluster, running_cluster
from tutela.keeper.client import KeeperClient

# Each test process has a folder of its own, which settings.py takes for `var`: both SQLite files and the
# keeper's socket and key are in it. Short, since the path of a socket has at most 107 characters.
VAR = Path(tempfile.mkdtemp(prefix="tutela-tests-", dir="/tmp"))

_for_the_session = ExitStack()
_for_the_session.callback(shutil.rmtree, VAR, ignore_errors=True)
atexit.register(_for_the_session.close)  # where pytest stops before it is configured


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(_refuse_the_network)
    if not config.pluginmanager.hasplugin("django"):  # -p no:django runs what needs none
        return
    is_worker = hasattr(config, "workerinput")  # its databases were chosen by the process that started it
    if not is_worker:
        for name in [
            name for name in os.environ if name.startswith("TUTELA_") and name != "TUTELA_TEST_DATABASE"
        ]:
            del os.environ[name]
        if os.environ.get("TUTELA_TEST_DATABASE", "sqlite") == "postgresql":
            cluster = _for_the_session.enter_context(running_cluster(durable=False))
            os.environ["TUTELA_DATABASE_URL"] = cluster.url("tutela")
            os.environ["TUTELA_KEYRING_URL"] = cluster.url("keyring")
    os.environ["TUTELA_VAR"] = str(VAR)
    os.environ["TUTELA_DEMONSTRATION"] = "1"
    os.environ["TUTELA_CLAMAV"] = "none"  # whatever this machine has; tests/attachments says otherwise
    os.environ["DJANGO_SETTINGS_MODULE"] = "tutela.site.settings"

    import django

    django.setup()
    # Else the processes that pytest starts would read the settings before this could say where `var` is.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure() -> None:
    _for_the_session.close()


# Whole cases, stories, pages, commands and processes: minutes, not seconds.
THOROUGH = (
    "casework",
    "web",
    "stories",
    "access",
    "audit",
    "canary",
    "chaos",
    "cli",
    "keeper",
    "data_protection",
    "safeguarding",
    "custody",
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test with a database has both of them: nothing in this house is written to one alone."""
    if item.path.parent.name in THOROUGH:
        item.add_marker("thorough")
    mark = item.get_closest_marker("django_db")
    if mark is not None and "databases" not in mark.kwargs:
        both = pytest.mark.django_db(*mark.args, **mark.kwargs, databases="__all__")
        item.add_marker(both, append=False)


# What a page or a story says is the same on both databases, and so is what checks the kill tests. Of the pages, those
# are asked for on PostgreSQL that sort and choose.
SAID_ALIKE = (
    "web",
    "access",
    "test_what_they_say.py",
    "test_what_was_asked_and_shared.py",
    "test_verifying.py",
)
CHOOSING = (
    "test_intake.py", "test_query_counts.py", "test_team.py", "test_the_day.py", "test_services.py",
    "test_closed_to_somebody.py", "test_opened_for_a_time.py", "test_deputies_and_barriers.py", "test_staffing.py",
    "test_staff_pages.py", "test_referral_received.py", "test_referral_answered.py", "test_typing.py",
)  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what may come out otherwise there: what has a database, and is no matter of words."""
    if os.environ.get("TUTELA_DATABASE_URL", "").startswith("postgresql"):
        chosen = [one for one in items if _may_differ(one)]
        config.hook.pytest_deselected(items=[one for one in items if one not in set(chosen)])
        items[:] = chosen


def _may_differ(item: pytest.Item) -> bool:
    has_database = item.get_closest_marker("django_db") is not None or "db" in getattr(
        item, "fixturenames", ()
    )
    said_alike = item.path.parent.name in SAID_ALIKE or item.path.name in SAID_ALIKE
    return has_database and (not said_alike or item.path.name in CHOOSING)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The keyring gets its few tables as they stand: all migrations of the main database would be worked through for it.

    Servers that tests start migrate it.
    """
    from django.db import connections

    connections["keyring"].settings_dict["TEST"]["MIGRATE"] = False


@pytest.fixture(scope="session")
def keeper() -> Iterator[KeeperClient]:
    """A real keeper, on the socket at which the settings of the tests expect it."""
    with running_keeper(VAR) as client:
        yield client


@pytest.fixture(scope="session")
def django_db_setup(keeper: KeeperClient, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Where there is a database, there is a keeper; and packs are published once, not anew for each test."""
    from datetime import UTC, datetime

    from tutela.published.actions import publish

    with django_db_blocker.unblock():
        for name in ("interagency_2024", "demonstration"):
            publish(name, at=datetime(2025, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Cluster]:
    """A PostgreSQL that writes to disk as in production, for tests that kill it or what writes to it."""
    with running_cluster(durable=True) as cluster:
        yield cluster


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket has a path
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if host is not None and not _is_this_machine(host):
        raise RuntimeError(f"A test reached for the network: {event} {host!r}")


def _is_this_machine(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host)
    if text in {"", "localhost"}:
        return True
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
