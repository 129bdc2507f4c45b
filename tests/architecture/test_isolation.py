"""What the tests stand on: no network, and databases like those of an installation."""

import socket

import pytest
from django.db import connections


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org"])
def test_no_test_can_reach_the_network(host: str) -> None:
    with pytest.raises(RuntimeError, match="reached for the network"):
        socket.create_connection((host, 80), timeout=1)


@pytest.mark.django_db
@pytest.mark.parametrize("alias", ["default", "keyring"])
def test_databases_are_as_durable_as_those_of_an_installation(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)  # a database in memory says `memory`
        else:
            cursor.execute("SHOW listen_addresses")
            assert cursor.fetchone() == ("",)  # ours, on its socket, and nobody else's
