"""Notices by e-mail: sent once, by the worker, and they name nobody (R120, R121, R125)."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from django.db import connections
from pytest_django import Settings

from tests.casework.conftest import cast
from tests.cast import Cast, a_case, an_emergency, later, person
from tutela import commands
from tutela.access.actions import give_address
from tutela.access.models import EmergencyOpening, Membership, Role, User
from tutela.cases.models import CaseFile
from tutela.foundation.refusals import Refused
from tutela.supervision.models import Digest
from tutela.worker.duties import DUTIES

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


class Letters:
    """What a mail server took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refused: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        letter = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(letter, EmailMessage)
        self.taken.append(letter)
        return "250 ok"

    @property
    def to(self) -> list[str]:
        return sorted(str(one["To"]) for one in self.taken)


@pytest.fixture
def letters(settings: Settings) -> Iterator[Letters]:
    """A mail server on this machine, to which notices go."""
    taken = Letters()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield taken
    server.stop()


def reached(user: User) -> None:
    give_address(user, f"{user.username}@example.org")


def said_by_us(caplog: pytest.LogCaptureFixture) -> str:
    """What stands in the log of the house; the mail server of the test has one of its own."""
    return " ".join(one.getMessage() for one in caplog.records if one.name.startswith("tutela"))


def focal_point(cast: Cast) -> User:
    agency = Membership.objects.get(user=cast.caseworker).agency
    user = person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    reached(user)
    return user


def opened(cast: Cast) -> UUID:
    file = a_case(cast)
    an_emergency(cast, file)
    return file


def test_supervisor_and_focal_point_are_told_and_nobody_else(cast: Cast, letters: Letters) -> None:
    focal_point(cast)
    for user in (cast.supervisor, cast.colleague, cast.other_supervisor, cast.caseworker):
        reached(user)  # `both` has no address: nothing breaks
    opened(cast)
    assert letters.taken == []  # not while it is opened
    commands.send_notices(at=later(minutes=1))
    assert letters.to == ["focal_point@example.org", "supervisor@example.org"]
    commands.send_notices(at=later(minutes=2))
    assert len(letters.taken) == 2


def test_a_notice_has_a_reference_and_names_nobody(cast: Cast, letters: Letters) -> None:
    reached(cast.supervisor)
    file = opened(cast)
    commands.send_notices(at=later(minutes=1))
    (letter,) = letters.taken
    whole = f"{letter['Subject']} {letter['From']} {letter.get_content()}"
    assert EmergencyOpening.objects.get().reference in whole and "2026-03-05" in whole
    code = CaseFile.objects.get(id=file).case.code
    for secret in (
        code,
        str(file),
        "Tomas",
        "Colleague",
        "Caseworker",
        "breathe",
        "emergency",
        "child",
        "case",
    ):
        assert secret.lower() not in whole.lower()


def test_the_overview_is_told_to_whoever_reads_it(cast: Cast, letters: Letters) -> None:
    focal_point(cast)
    for user in (cast.supervisor, cast.other_supervisor, cast.caseworker, cast.elsewhere):
        reached(user)
    a_case(cast)
    commands.make_digests(at=later(7))
    commands.send_notices(at=later(7))
    assert letters.to == ["focal_point@example.org", "other_supervisor@example.org", "supervisor@example.org"]
    assert "2026-03-02 to 2026-03-08" in letters.taken[0].get_content()


def test_without_a_mail_server_nothing_is_sent_and_nothing_breaks(cast: Cast, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", ""
    reached(cast.supervisor)
    opened(cast)
    commands.send_notices(at=later(minutes=1))
    assert EmergencyOpening.objects.get().told_at is not None  # no old notices, once there is one


def test_a_mail_server_that_is_down_is_tried_again(
    cast: Cast, letters: Letters, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    reached(cast.supervisor)
    opened(cast)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    commands.send_notices(at=later(minutes=1))
    assert "ConnectionRefusedError" in said_by_us(caplog) and "supervisor" not in said_by_us(caplog)
    settings.EMAIL_PORT = port
    commands.send_notices(at=later(minutes=2))
    assert letters.to == ["supervisor@example.org"]


def test_one_bad_address_keeps_no_notice_from_the_others(
    cast: Cast, letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    for user in (cast.supervisor, cast.both):
        reached(user)
    letters.refused = {"both@example.org"}
    opened(cast)
    for minutes in (1, 2):
        commands.send_notices(at=later(minutes=minutes))
    assert letters.to == ["supervisor@example.org"] and "both@" not in said_by_us(caplog)


@pytest.mark.django_db(transaction=True, databases=["default", "keyring"])
def test_two_workers_at_once_send_it_once(cast: Cast, letters: Letters) -> None:
    reached(cast.supervisor)
    opened(cast)

    def work(_: int) -> None:
        try:
            commands.send_notices(at=later(minutes=1))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    assert letters.to == ["supervisor@example.org"]


def test_what_is_no_address_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused):
        give_address(cast.supervisor, "supervisor at example.org")
    reached(cast.supervisor)
    give_address(cast.supervisor, "")
    assert cast.supervisor.email == ""


def test_the_worker_does_both(cast: Cast, letters: Letters) -> None:
    reached(cast.supervisor)
    opened(cast)
    duties = {duty.name: duty.act for duty in DUTIES}
    duties["make digests"]()
    duties["send notices"]()
    assert Digest.objects.exists() and len(letters.taken) > 1
