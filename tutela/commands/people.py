"""The people of an office: who comes in, as what, and who does not any more. For pages and command line alike (ADR 41).

`by` None is the command line, where an agency is named. An administrator reaches the people of their own agency only, does
nothing here to themselves, and nothing that lets in somebody who works for another agency too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from tutela.access import actions, staffing
from tutela.access.deciding import GIVEN_BY_TWO
from tutela.access.models import Agency, User
from tutela.access.people import role_asked, role_held, user_called
from tutela.access.queries import zone_of
from tutela.access.staffing import Post
from tutela.commands.acting import act
from tutela.commands.deciding import nothing_there
from tutela.commands.reading import may_here
from tutela.exports.locking import new_passphrase
from tutela.foundation.clock import days_after, local_day
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Admitted:
    """Somebody was let in: their password, which stands nowhere else, and whether their role waits for a second person."""

    user_id: UUID
    password: str
    waits: bool


def admit_person(
    user_id: UUID, post: Post, *, username: str, name: str, email: str = "", password: str = "",
    agency: Agency | None = None, by: User | None, at: datetime,
) -> Admitted:  # fmt: skip
    """Give somebody a sign-in and a role. Without a password, one is made, and returned this once.

    Raises Forbidden and NotFound for whoever may not, and Refused for what does not fit.
    """
    verb, password = "user.admitted", password or new_passphrase()
    there = _agency(agency, by=by, at=at, verb=verb)

    def run() -> bool:
        if by is not None:
            staffing.take_turn(by, there)
        actions.check_address(email)
        waits = staffing.take_in(
            user_id, post, username=username, name=name, password=password, email=email, agency=there, by=by, at=at
        )  # fmt: skip
        return waits is not None

    waits = act(verb, run, by=by, at=at, user=str(user_id), **_about(post, by))
    return Admitted(user_id, password, waits)


def give_role(
    asked_id: UUID, user_id: UUID, post: Post, *, agency: Agency | None = None, by: User | None, at: datetime
) -> bool:
    """Give somebody one more role. Returns whether it waits for a second person. Raises as `admit_person` does."""
    verb = "user.joined"
    there = _agency(agency, by=by, at=at, verb=verb)

    def run(user: User) -> bool:
        return staffing.give_role(asked_id, user, post, agency=there, by=by, at=at) is not None

    return act(verb, _on(run, user_id, there, by), by=by, at=at, user=str(user_id), **_about(post, by))


def end_role(membership_id: UUID, user_id: UUID, *, last_day: date, by: User, at: datetime) -> None:
    """End one role of somebody with a day, yesterday at the earliest. Raises Forbidden, NotFound, Refused."""
    verb = "user.role_ended"
    there = may_here("keep_people", by=by, at=at, act=verb)
    held = role_held(membership_id, user_id, there.id)
    if held is None:
        nothing_there(by=by, at=at, act=verb)

    def run(user: User) -> None:
        day = local_day(at, zone_of(there))
        staffing.end_role(membership_id, user, last_day=last_day, agency=there, by=by, day=day)

    act(verb, _on(run, user_id, there, by), by=by, at=at, user=str(user_id), role=held.role)


def end_roles(user_id: UUID, *, last_day: date, agency: Agency, at: datetime) -> int:
    """End every role of somebody in an agency with a day, on the command line. Returns how many."""

    def run(user: User) -> int:
        staffing.drop_asked(user, agency=agency, at=at)
        return actions.leave(user, agency=agency, last_day=last_day)

    return act("user.left", _on(run, user_id, agency, None), by=None, at=at, user=str(user_id))


def answer_role(asked_id: UUID, *, agreed: bool, by: User, at: datetime) -> None:
    """Agree to a role that somebody else gave, or not. Raises Forbidden, NotFound, Conflict, Refused."""
    verb = "user.role_agreed" if agreed else "user.role_declined"
    there = may_here("agree_role", by=by, at=at, act=verb)
    asked = role_asked(asked_id, there.id)
    if asked is None:
        nothing_there(by=by, at=at, act=verb)

    def run() -> None:
        staffing.take_turn(by, there)
        if agreed:
            day = local_day(at, zone_of(there))
            staffing.agree_to_role(asked_id, agency=there, by=by, at=at, day=day)
        else:
            staffing.decline_role(asked_id, agency=there, by=by, at=at)

    act(verb, run, by=by, at=at, user=str(asked.user_id), role=asked.role)


# --- Accounts ------------------------------------------------------------------------------------------------


def shut_out(user_id: UUID, *, by: User | None, at: datetime) -> None:
    """Shut somebody out at once. Raises Forbidden, NotFound, Refused for oneself and for the last administrator."""

    def run(user: User, there: Agency | None) -> None:
        if there is not None:
            day = local_day(at, zone_of(there))
            if staffing.administers(user, there, day):
                staffing.keep_an_administrator(there, but=user, after=days_after(day, -1))
        staffing.drop_asked(user, agency=None, at=at)
        actions.disable(user)

    _account("user.disabled", run, user_id, by=by, at=at)


def give_password(
    user_id: UUID, *, password: str = "", enable: bool = False, by: User | None, at: datetime
) -> str:
    """Another password, which is returned this once; with `enable` also for somebody who was shut out.

    Whoever comes in again gets roles that reach far only when a second person agrees. Raises Forbidden, NotFound, Refused.
    """
    words = password or new_passphrase()
    known = user_called(user_id)
    enabled = known is not None and not known.is_active

    def run(user: User, there: Agency | None) -> None:
        if not (user.is_active or enable):
            shut = say("{who} was shut out. Let them in again instead.", who=user.name)
            raise Refused(Unmet("shut_out", shut, staffing.WRITTEN))
        if there is not None and by is not None and not user.is_active:
            staffing.ask_anew(user, agency=there, by=by, at=at, day=local_day(at, zone_of(there)))
        actions.give_password(user, words, at=at)

    _account("user.password_given", run, user_id, by=by, at=at, enabled=enabled)
    return words


def reset_second_factor(user_id: UUID, *, by: User | None, at: datetime) -> int:
    """Take away the second factors of somebody who lost them. Returns how many. Raises Forbidden, NotFound, Refused."""

    def run(user: User, there: Agency | None) -> int:
        return actions.reset_second_factor(user)

    return _account("user.second_factor_reset", run, user_id, by=by, at=at)


def sign_out(user_id: UUID, *, by: User | None, at: datetime) -> int:
    """End every session of somebody. Returns how many there were. Raises Forbidden, NotFound, Refused."""

    def run(user: User, there: Agency | None) -> int:
        return actions.sign_out(user)

    return _account("user.signed_out", run, user_id, by=by, at=at)


def give_address(user_id: UUID, address: str, *, by: User | None, at: datetime) -> None:
    """Where notices for somebody go. Raises Forbidden, NotFound, Refused for what is no address."""

    def run(user: User, there: Agency | None) -> None:
        actions.give_address(user, address)

    _account("user.address_given", run, user_id, by=by, at=at)


# --- Whose it is to do ---------------------------------------------------------------------------------------


def _agency(agency: Agency | None, *, by: User | None, at: datetime, verb: str) -> Agency:
    """The agency that was named on the command line, or that of the administrator. Raises Forbidden, NotFound."""
    if by is not None:
        return may_here("keep_people", by=by, at=at, act=verb)
    if agency is None:
        raise NotFound
    return agency


def _about(post: Post, by: User | None) -> dict[str, Any]:
    """What the log says of a role that is given: which, and that it waits where it does."""
    waits = by is not None and post.role in GIVEN_BY_TWO
    return {"role": post.role} | ({"waits": True} if waits else {})


def _account(
    verb: str, run: Callable[[User, Agency | None], _Result], user_id: UUID, *, by: User | None, at: datetime,
    **detail: Any,
) -> _Result:  # fmt: skip
    """Do something to an account as a whole, which opens every agency for which somebody works: only where that is one."""
    there = None if by is None else may_here("keep_people", by=by, at=at, act=verb)

    def checked(user: User) -> _Result:
        if there is not None:
            staffing.check_here_only(user, there, local_day(at, zone_of(there)))
        return run(user, there)

    return act(verb, _on(checked, user_id, there, by), by=by, at=at, user=str(user_id), **detail)


def _on(
    run: Callable[[User], _Result], user_id: UUID, agency: Agency | None, by: User | None
) -> Callable[[], _Result]:
    """Find somebody within reach of `by`, who is another, and do it. Raises NotFound, Refused."""

    def found() -> _Result:
        user = user_called(user_id)
        if by is not None and agency is not None:
            staffing.take_turn(by, agency)
            user = staffing.somebody_of(user_id, agency)
            staffing.check_another(user, by)
        if user is None:
            raise NotFound
        return run(user)

    return found
