"""Verbs on leaving the house, called inside `commands.act`, which leaves the row."""

from datetime import datetime
from uuid import UUID

from tutela.access.models import User
from tutela.custody.bundles import refused
from tutela.custody.models import Evacuation
from tutela.custody.queries import is_open
from tutela.foundation.refusals import NotFound

REASONS = ("threat", "authorities", "device", "exercise", "other")


def ask_to_evacuate(*, reason: str, alone: bool, by: User, at: datetime) -> Evacuation:
    """Ask for everything here to be destroyed. `alone`: nobody else can be asked in time. Raises Refused."""
    check_reason(reason)
    return Evacuation.objects.create(asked_by=by, asked_at=at, reason=reason, alone=alone)


def agree_to_evacuate(evacuation_id: UUID, *, by: User, at: datetime) -> Evacuation:
    """Be the second person (R91). Raises NotFound, and Refused for whoever asked, or too late."""
    one = Evacuation.objects.select_for_update().filter(id=evacuation_id).first()
    if one is None:
        raise NotFound
    if one.asked_by_id == by.id:
        raise refused("second_person", "You asked for it yourself: somebody else agrees.")
    if not is_open(one, at=at):
        raise refused("too_late", "This was asked too long ago. Whoever still wants it asks again.")
    if one.agreed_at is None:
        one.agreed_by, one.agreed_at = by, at
        one.save(update_fields=["agreed_by", "agreed_at"])
    return one


def check_reason(reason: str) -> None:
    """Raises Refused for a reason that is none of the list."""
    if reason not in REASONS:
        raise refused("no_reason", "Choose why. It is recorded with your name and the time.")
