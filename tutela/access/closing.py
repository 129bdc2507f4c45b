"""A file is closed to a named colleague, who never learns of it (R121). Called inside `commands.act`.

Whoever is responsible for a file may ask; a safeguarding focal point or a manager closes it and opens it again. Who reads
a closing is decided before any of this is called.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tutela.access.models import Assignment, ClosedTo, Membership, Role, User
from tutela.access.queries import approves_on, closed_files, find_user, memberships_on
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.vault import sealing

_LABEL = "access.closed_to"  # permanent


def ask_to_close(closing_id: UUID, file_id: UUID, *, to: str, why: str, by: User, day: date) -> None:
    """Ask that a file be closed to somebody (`to`: the name they sign in with). The same again changes nothing.

    Raises Refused for somebody who does not work in the agency of the file.
    """
    user = _colleague(to, file_id, day)
    if ClosedTo.objects.filter(file_id=file_id, user=user, ended_on__isnull=True).exists():
        return
    ClosedTo.objects.create(
        id=closing_id, file_id=file_id, user=user, asked_by=by, asked_on=day, sealed=_sealed(why, file_id, closing_id)
    )  # fmt: skip


def close_to(
    closing_id: UUID, file_id: UUID, *, to: str, instead: str, why: str, by: User, day: date
) -> None:
    """Close a file to somebody from today on; what was only asked for before holds from now on.

    `instead`: who agrees to decisions in their place; needed where they do so now. The same again changes nothing.
    Raises Refused for the responsible caseworker, and where nobody fit is named in the place of whoever approves.
    """
    user = _colleague(to, file_id, day)
    held = ClosedTo.objects.select_for_update().filter(file_id=file_id, user=user, ended_on__isnull=True)
    closing = held.first() or ClosedTo(id=closing_id, file_id=file_id, user=user)
    if closing.since is not None:
        return
    if Assignment.objects.filter(file_id=file_id, user=user, until__isnull=True).exists():
        words = say("{who} is responsible for this file. Let somebody else take it first.", who=user.name)
        raise Refused(Unmet("responsible", words, "R121, R104", "to"))
    closing.instead = _instead(instead, user, file_id, day) if approves_on(user, file_id, day) else None
    closing.since, closing.closed_by = day, by
    closing.sealed = _sealed(why, file_id, closing.id)
    closing.save()


def open_again(closing_id: UUID, *, by: User, day: date) -> None:
    """A file is open again to whoever it was closed to; or what was asked for is declined. Raises NotFound."""
    closing = ClosedTo.objects.select_for_update().filter(id=closing_id, ended_on__isnull=True).first()
    if closing is None:
        raise NotFound
    closing.ended_on, closing.ended_by = day, by
    closing.save(update_fields=["ended_on", "ended_by"])


def closing_of(closing_id: UUID) -> ClosedTo:
    """A closing that holds or is asked for. Raises NotFound."""
    found = ClosedTo.objects.filter(id=closing_id, ended_on__isnull=True).select_related("user").first()
    if found is None:
        raise NotFound
    return found


def closings_of(agency_id: UUID, *, seen_by: User, day: date) -> list[ClosedTo]:
    """Every closing of an agency that holds or is asked for, the newest first; but of files closed to `seen_by`."""
    files = Assignment.objects.filter(team__agency_id=agency_id, until__isnull=True).values("file_id")
    found = ClosedTo.objects.filter(file_id__in=files, ended_on__isnull=True).exclude(user=seen_by)
    known = found.exclude(file_id__in=closed_files(seen_by, day))
    return list(known.select_related("user", "instead", "asked_by", "closed_by").order_by("-id"))


def closings_on(file_id: UUID) -> list[ClosedTo]:
    """To whom a file is closed, or somebody asked that it be."""
    held = ClosedTo.objects.filter(file_id=file_id, ended_on__isnull=True)
    return list(held.select_related("user", "instead").order_by("id"))


def why_closed(closing: ClosedTo) -> str:
    """The reason that was given. Raises NoKeys, Tampered, Unavailable."""
    opened: str = sealing.open_sealed(
        bytes(closing.sealed), file=closing.file_id, seal_class="confidential", row=closing.id, label=_LABEL
    )
    return opened


def supervisors_beside(agency_id: UUID, day: date) -> Iterable[User]:
    """The supervisors of an agency on `day` who are no deputies, by name."""
    there = Membership.objects.filter(agency_id=agency_id, role=Role.SUPERVISOR, stands_for__isnull=True)
    users = User.objects.filter(is_active=True, memberships__in=there).distinct().order_by("name", "id")
    return [one for one in users if memberships_on(one, day).filter(id__in=there.values("id")).exists()]


def _colleague(username: str, file_id: UUID, day: date) -> User:
    """Somebody who works in the agency of a file."""
    user = find_user(username)
    if user is None or not memberships_on(user, day).filter(agency_id=_agency_id(file_id)).exists():
        raise Refused(Unmet("not_here", say("Choose somebody who works in your agency."), "R121", "to"))
    return user


def _instead(username: str, user: User, file_id: UUID, day: date) -> User:
    """A supervisor of the agency who is neither closed out nor responsible, and is no deputy."""
    chosen = find_user(username)
    responsible = Assignment.objects.filter(file_id=file_id, user=chosen, until__isnull=True).exists()
    if (
        chosen is None or chosen == user or responsible
        or chosen not in supervisors_beside(_agency_id(file_id), day)
        or closed_files(chosen, day).filter(file_id=file_id).exists()
    ):  # fmt: skip
        words = say(
            "{who} agrees to decisions on this file. Name another supervisor who does so instead.",
            who=user.name,
        )
        raise Refused(Unmet("nobody_instead", words, "R121", "instead"))
    return chosen


def _agency_id(file_id: UUID) -> UUID:
    current = Assignment.objects.filter(file_id=file_id, until__isnull=True).select_related("team").first()
    if current is None:
        raise NotFound
    return current.team.agency_id


def _sealed(why: str, file_id: UUID, row: UUID) -> bytes:
    return sealing.seal(why, file=file_id, seal_class="confidential", row=row, label=_LABEL)
