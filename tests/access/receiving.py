"""What tests of a referral that is received by a colleague of the service ask and say."""

from typing import Any
from uuid import UUID

from django.test import Client

from tests.cast import (
    Cast,
    later,
    person,
    submit,
)
from tutela import commands
from tutela.access.models import Agency, Membership, Role, User
from tutela.foundation.refusals import Refused
from tutela.referral.receiving import received_packet


def agency_of(user: User) -> Agency:
    return Membership.objects.filter(user=user)[0].agency


def next_door(cast: Cast, name: str = "next_door", role: str = Role.CASEWORKER) -> User:
    """Somebody else who works elsewhere, beside the one to whom it is sent."""
    return person(name, agency_of(cast.elsewhere), role=role, team="Town")


def reads(user: User, referral: UUID, *, days: float = 0) -> bool:
    try:
        commands.read_received(referral, verb="packet.received", by=user, at=later(days))
    except Refused:
        return False
    return True


def told(referral: UUID, by: User) -> dict[str, str]:
    received = commands.read_received(referral, verb="packet.received", by=by, at=later(1))
    return received_packet(received.course)[0]


def answers(cast: Cast, file: UUID, form: str = "service_answer", *, days: float = 1, **said: Any) -> UUID:
    return submit(f"referral.{form}", said, by=cast.elsewhere, file=file, at=later(days)).entry_id


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()
