"""Who is given which role, and what nobody does alone, to themselves, or to somebody of another agency (ADR 41).

`by` None is whoever looks after the machine, on the command line: nobody stands beside them, so nobody is asked.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from tutela.access.actions import join
from tutela.access.days import member_on
from tutela.access.deciding import GIVEN_BY_TWO
from tutela.access.models import Agency, Membership, Role, RoleAsked, Team, User
from tutela.access.office import roles, username_problem
from tutela.foundation.clock import days_after
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, NotFound, Refused, Unmet
from tutela.foundation.words import Words, say

IN_A_TEAM = frozenset({"caseworker", "supervisor", "coach"})
WRITTEN = "Requirements §20"
_MOST_LETTERS = 120  # of a name


@dataclass(frozen=True, kw_only=True)
class Post:
    """What somebody is to be: a role, in a team by its name where the role has one, from a day; hours of a week."""

    role: str
    team: str | None
    since: date
    weekly_hours: int | None = None


# --- Somebody comes in ---------------------------------------------------------------------------------------


def check_admission(*, username: str, name: str) -> None:
    """Raises Refused, at its question, for a name that nobody can sign in with or that is taken, and for a name of nobody."""
    if problem := username_problem(username):
        raise _refused("bad_username", Words(problem), "username")
    if not name.strip() or len(name) > _MOST_LETTERS:
        words = say("Give a name of 1 to {most} characters.", most=_MOST_LETTERS)
        raise _refused("bad_name", words, "name")
    if User.objects.filter(
        username__iexact=username
    ).exists():  # two that differ in capitals are taken for one
        raise _taken(username)


def check_post(post: Post, agency: Agency) -> None:
    """Raises Refused, at its question, for a role that is none, and for a team that does not go with it or is not there."""
    named = post.role.replace("_", " ")
    if post.role not in roles():
        words = say("There is no role {role}. There are: {roles}.", role=named, roles=", ".join(roles()))
        raise _refused("no_role", words, "role")
    if post.role in IN_A_TEAM and not post.team:
        raise _refused("needs_team", say("A {role} belongs to a team. Name their team.", role=named), "team")
    if post.team and post.role not in IN_A_TEAM:
        words = say("The role {role} belongs to no team. Leave the team out.", role=named)
        raise _refused("no_team", words, "team")
    if post.team and not Team.objects.filter(agency=agency, name=post.team).exists():
        words = say("The agency has no team {team}.", team=post.team)
        raise _refused("no_such_team", words, "team")


def take_in(
    user_id: UUID, post: Post, *, username: str, name: str, password: str, email: str, agency: Agency, by: User | None,
    at: datetime,
) -> RoleAsked | None:  # fmt: skip
    """Give somebody a sign-in, with a password that they change, and a role. Returns what waits for a second person.

    Raises Refused as `check_admission`, `check_post` and `give_role` do.
    """
    check_admission(username=username, name=name)
    try:
        user = User.objects.create_user(
            id=user_id,
            username=username,
            name=name.strip(),
            password=password,
            email=email,
            password_given_at=at,
        )
    except IntegrityError:  # somebody was faster
        raise _taken(username) from None
    return give_role(user_id, user, post, agency=agency, by=by, at=at)


# --- Roles ---------------------------------------------------------------------------------------------------


def give_role(
    asked_id: UUID, user: User, post: Post, *, agency: Agency, by: User | None, at: datetime
) -> RoleAsked | None:
    """Give somebody a role, or where it reaches far ask a second person for it, whose word is waited for.

    Raises Refused for a role that does not fit, that they have or that waits already, and beyond a barrier (R105).
    """
    check_post(post, agency)
    if by is not None:
        _check_new(user, post, agency)
    if post.role not in GIVEN_BY_TWO:
        _join(user, post, agency)
        return None
    asked = RoleAsked(
        id=asked_id, user=user, agency=agency, team=Team.objects.filter(agency=agency, name=post.team).first(),
        role=post.role, since=post.since, weekly_hours=post.weekly_hours, asked_by=by, asked_at=at,
    )  # fmt: skip
    if by is None:
        asked.agreed, asked.answered_at = True, at
        _join(user, post, agency)
    asked.save(force_insert=True)
    return asked if by is not None else None


def agree_to_role(asked_id: UUID, *, agency: Agency, by: User, at: datetime, day: date) -> None:
    """The second person agrees: the role begins, today at the earliest.

    Raises NotFound, Conflict where it was answered already, and Refused for whoever asked, whoever it is for, and for
    somebody who was shut out meanwhile.
    """
    asked = _waiting(asked_id, agency)
    if by.id in (asked.asked_by_id, asked.user_id):
        words = say("Somebody else agrees: neither who gave the role, nor who is to have it.")
        raise Refused(Unmet("needs_another", words, WRITTEN))
    if not asked.user.is_active:
        raise Refused(
            Unmet("shut_out", say("{who} was shut out. Let them in first.", who=asked.user.name), WRITTEN)
        )
    _answer(asked, agreed=True, by=by, at=at)
    team = asked.team.name if asked.team else None
    since = max(asked.since, day)
    _join(asked.user, Post(role=asked.role, team=team, since=since, weekly_hours=asked.weekly_hours), agency)


def decline_role(asked_id: UUID, *, agency: Agency, by: User, at: datetime) -> None:
    """The role is not given: a second person says so, or whoever asked takes it back. Raises NotFound, Conflict."""
    _answer(_waiting(asked_id, agency), agreed=False, by=by, at=at)


def end_role(
    membership_id: UUID, user: User, *, last_day: date, agency: Agency, by: User | None, day: date
) -> None:
    """End one role with a day, yesterday at the earliest, which ends it at once.

    Raises NotFound, and Refused for the last administrator, for a day further back, and where somebody who came in by
    mistake would be on no list any more.
    """
    found = Membership.objects.filter(id=membership_id, user=user, agency=agency, stands_for__isnull=True)
    role = found.filter(Q(until__isnull=True) | Q(until__gte=day)).first()
    if role is None:
        raise NotFound
    if last_day < days_after(day, -1):
        words = say("Choose yesterday or a later day. What somebody was before stays as it was.")
        raise _refused("too_early", words, "until")
    if role.role == Role.ADMINISTRATOR and by is not None:
        keep_an_administrator(agency, but=user, after=last_day)
    if last_day < role.since:  # it never held for a whole day; the log says what it was
        if by is not None:
            _keep_in_sight(role)
        role.delete()
        return
    role.until = last_day
    role.save(update_fields=["until"])


def ask_anew(user: User, *, agency: Agency, by: User, at: datetime, day: date) -> None:
    """Whoever was shut out and comes in again gets what reaches far only when a second person agrees."""
    open_ones = Membership.objects.filter(
        Q(until__isnull=True) | Q(until__gte=day), user=user, agency=agency, role__in=GIVEN_BY_TWO,
        stands_for__isnull=True,
    ).select_related("team")  # fmt: skip
    for one in list(open_ones):
        end_role(one.id, user, last_day=days_after(day, -1), agency=agency, by=None, day=day)
        team = one.team.name if one.team else None
        post = Post(role=one.role, team=team, since=max(one.since, day), weekly_hours=one.weekly_hours)
        give_role(new_id(), user, post, agency=agency, by=by, at=at)


def drop_asked(user: User, *, agency: Agency | None, at: datetime) -> None:
    """Whatever waits for a second person's word on somebody waits no more, and is not given."""
    waiting = RoleAsked.objects.filter(user=user, answered_at__isnull=True)
    (waiting.filter(agency=agency) if agency else waiting).update(answered_at=at, agreed=False)


# --- What is asked before anything is done to somebody -------------------------------------------------------


def take_turn(by: User, agency: Agency) -> None:
    """Until the transaction ends, nobody else changes anything about the people of this agency.

    So two administrators who shut each other out take turns. Raises NotFound for whoever was shut out while they waited.
    """
    Agency.objects.select_for_update(no_key=True).get(id=agency.id)
    if not User.objects.filter(id=by.id, is_active=True).exists():
        raise NotFound


def somebody_of(user_id: UUID, agency: Agency) -> User:
    """Somebody who has, had or is to get a role in an agency. Raises NotFound."""
    there = Membership.objects.filter(agency=agency, user_id=user_id)
    asked = RoleAsked.objects.filter(agency=agency, user_id=user_id)
    if not (there.exists() or asked.exists()):
        raise NotFound
    return User.objects.get(id=user_id)


def check_another(user: User, by: User) -> None:
    """Raises Refused for somebody who would change what they are themselves."""
    if user.id == by.id:
        words = say("Nobody changes their own roles or account here. Ask another administrator.")
        raise Refused(Unmet("oneself", words, WRITTEN))


def works_elsewhere(user: User, agency: Agency, day: date) -> bool:
    """Whether somebody has or is to get a role in another agency too, from `day` on."""
    goes_on = Q(until__isnull=True) | Q(until__gte=day)
    waiting = RoleAsked.objects.filter(user=user, answered_at__isnull=True)
    others = Membership.objects.filter(goes_on, user=user)
    return others.exclude(agency=agency).exists() or waiting.exclude(agency=agency).exists()


def check_here_only(user: User, agency: Agency, day: date) -> None:
    """Raises Refused where the account opens another agency as well: its administrator has no say here, and none there."""
    if works_elsewhere(user, agency, day):
        words = say(
            "{who} works for another agency too. End their roles here; whoever looks after this system does the rest.",
            who=user.name,
        )
        raise Refused(Unmet("works_elsewhere", words, "R105"))


def keep_an_administrator(agency: Agency, *, but: User, after: date) -> None:
    """Raises Refused where nobody but `but` would be administrator of an agency after a day."""
    others = Membership.objects.filter(agency=agency, role=Role.ADMINISTRATOR, user__is_active=True)
    if not others.filter(since__lte=days_after(after, 1), until__isnull=True).exclude(user=but).exists():
        words = say("{who} is the last administrator. Admit another one first.", who=but.name)
        raise Refused(Unmet("last_administrator", words, WRITTEN))


def administers(user: User, agency: Agency, day: date) -> bool:
    """Whether somebody is administrator of an agency on a day, whether or not they can sign in."""
    mine = Membership.objects.filter(member_on(day), user=user, agency=agency)
    return mine.filter(role=Role.ADMINISTRATOR).exists()


def _keep_in_sight(role: Membership) -> None:
    """Raises Refused where nothing else says that somebody belongs to the agency, so that nobody would find them again."""
    others = Membership.objects.filter(agency=role.agency_id, user=role.user_id).exclude(id=role.id)
    asked = RoleAsked.objects.filter(agency=role.agency_id, user=role.user_id)
    if not (others.exists() or asked.exists()):
        words = say(
            "{who} never had another role here. Give them the right one first, then end this one; or shut them out.",
            who=role.user.name,
        )
        raise Refused(Unmet("only_role", words, WRITTEN))


def _check_new(user: User, post: Post, agency: Agency) -> None:
    same = Q(user=user, agency=agency, role=post.role, team__name=post.team)
    goes_on = Q(until__isnull=True) | Q(until__gte=post.since)
    held = Membership.objects.filter(same, goes_on, stands_for__isnull=True).exists()
    if held or RoleAsked.objects.filter(same, answered_at__isnull=True).exists():
        words = say(
            "{who} has this role on that day already, or it waits for a second person.", who=user.name
        )
        raise _refused("has_role", words, "role")


def _waiting(asked_id: UUID, agency: Agency) -> RoleAsked:
    found = RoleAsked.objects.select_for_update(no_key=True, of=("self",))
    asked = found.select_related("user", "team").filter(id=asked_id, agency=agency).first()
    if asked is None:
        raise NotFound
    if asked.answered_at is not None:
        raise Conflict(Unmet("answered", say("This was answered already. Look at the page again."), WRITTEN))
    return asked


def _answer(asked: RoleAsked, *, agreed: bool, by: User, at: datetime) -> None:
    asked.agreed, asked.answered_by, asked.answered_at = agreed, by, at
    asked.save(update_fields=["agreed", "answered_by", "answered_at"])


def _join(user: User, post: Post, agency: Agency) -> None:
    join(
        user, agency=agency, team=post.team, role=post.role, since=post.since, weekly_hours=post.weekly_hours
    )


def _taken(username: str) -> Refused:
    words = say("Somebody signs in as {username} already. Choose another name.", username=username)
    return _refused("taken", words, "username")


def _refused(code: str, words: Words, question: str) -> Refused:
    return Refused(Unmet(code, words, WRITTEN, question))
