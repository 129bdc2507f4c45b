"""Who receives a referral from outside the agency of the file, and how they stand to it (R42, requirements §20)."""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tutela.access.days import in_force
from tutela.access.deciding import SHUT_OUT, Relation
from tutela.access.models import Assignment, Grant, User
from tutela.access.queries import closed_files, memberships_on, relations_to


def as_recipient(user: User, *, file_id: UUID, agency_id: UUID, day: date) -> tuple[set[str], set[Relation]]:
    """In which roles, and how, `user` stands to a file of which a referral was sent to them on `day` (requirements §20).

    Only what they are in the agency that was asked counts, and nothing that they are anywhere else.
    """
    shut_out = SHUT_OUT.intersection(relations_to(user, file_id=file_id, agency_id=agency_id, day=day))
    asked = set(packets_of(user, day).filter(file_id=file_id).values_list("agency_id", flat=True))
    roles = set(memberships_on(user, day).filter(agency_id__in=asked).values_list("role", flat=True))
    return roles, {*shut_out, "referred" if asked else "none"}


def packets_of(user: User, day: date) -> QuerySet[Grant]:
    """The referrals that `user` receives for the agency that was asked, on `day`; none of a file that is gone."""
    there = Assignment.objects.filter(file_id=OuterRef("file_id"), until__isnull=True)
    sent = Grant.objects.filter(Exists(there), in_force(day), user=user, purpose=Grant.Purpose.REFERRAL)
    return sent.exclude(file_id__in=closed_files(user, day))


def recipients_on(file_id: UUID, day: date) -> dict[UUID, Grant]:
    """Who receives which referral of a file on `day`, by the entry that asked."""
    sent = Grant.objects.filter(in_force(day), file_id=file_id, purpose=Grant.Purpose.REFERRAL)
    return {one.entry_id: one for one in sent.select_related("user", "by", "agency") if one.entry_id}
