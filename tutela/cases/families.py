"""Files of one family: one file a child, linked by somebody who knows both, seen by those who may open both (R115)."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tutela.access.barriers import keeps_apart
from tutela.access.models import User
from tutela.access.queries import today_of
from tutela.cases.models import CaseFile, FamilyLink
from tutela.foundation.ids import derived_id
from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say


def family_of(file_id: UUID, *, within: set[UUID]) -> list[UUID]:
    """The other files of the family, as far as links lead among the files of `within`."""
    family, ahead = [file_id], [file_id]
    links = FamilyLink.objects.filter(file_id__in=within, other_id__in=within)
    pairs = list(links.order_by("linked_at").values_list("file_id", "other_id"))
    while ahead:
        here = ahead.pop(0)
        beside = [other if one == here else one for one, other in pairs if here in (one, other)]
        found = [one for one in dict.fromkeys(beside) if one not in family]
        family += found
        ahead += found
    return family[1:]


def link_family(file_id: UUID, other_id: UUID, *, by: User, at: datetime) -> None:
    """Say that two files are of one family. The same again changes nothing.

    Raises Refused where a barrier stands between the agencies of the two (R105).
    """
    agencies = CaseFile.objects.filter(id__in=(file_id, other_id)).values_list("agency_id", flat=True)
    if keeps_apart(agencies, today_of(by, at=at)):
        words = say("A barrier stands between the agencies of these two files, so nothing links them.")
        raise Refused(Unmet("kept_apart", words, "R105", "other"))
    first, second = sorted((file_id, other_id))
    FamilyLink.objects.get_or_create(
        id=derived_id(first, f"family {second}"),
        defaults={"file_id": first, "other_id": second, "linked_by": by, "linked_at": at},
    )


def part_family(file_id: UUID, other_id: UUID) -> None:
    """Take back that two files are of one family: they were linked by mistake."""
    pair = Q(file_id=file_id, other_id=other_id) | Q(file_id=other_id, other_id=file_id)
    FamilyLink.objects.filter(pair).delete()
