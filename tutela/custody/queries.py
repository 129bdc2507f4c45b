"""Questions about leaving the house."""

from datetime import datetime
from uuid import UUID

from tutela.access.models import Agency
from tutela.custody.models import Evacuation
from tutela.custody.rules import answer_until
from tutela.foundation.refusals import NotFound


def evacuation(evacuation_id: UUID) -> Evacuation:
    """An evacuation that was asked for. Raises NotFound."""
    found = Evacuation.objects.select_related("asked_by", "agreed_by").filter(id=evacuation_id).first()
    if found is None:
        raise NotFound
    return found


def waiting(*, at: datetime) -> Evacuation | None:
    """The newest evacuation that still waits, for its second person or to be carried out."""
    newest = Evacuation.objects.select_related("asked_by").order_by("-asked_at").first()
    return newest if newest and is_open(newest, at=at) else None


def is_open(one: Evacuation, *, at: datetime) -> bool:
    """Whether it can still be agreed to or carried out: a threat of an hour ago is not one of now."""
    return at <= answer_until(one.agreed_at or one.asked_at)


def agencies_here() -> int:
    """How many agencies keep their files in this house."""
    return Agency.objects.count()
