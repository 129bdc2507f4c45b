"""`tutela story`: invented children at each step, for the demonstration and the tests alike, played through `commands`.

A story in `stories/` says who wrote what on which day. Playing it submits the same forms that people submit, at those
times, under ids that follow from the story: playing it twice writes it once. A step is a `form` on the file of one `child`
(`happened`: on an earlier day than it was written), the same form for several `children` at once, the links of a `family`,
or a `cover`.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import click
import yaml

from tutela.cli.crowd import crowd
from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.foundation.ids import derived_id

if TYPE_CHECKING:
    from tutela.access.models import User

STORIES = Path(__file__).resolve().parents[2] / "stories"
_DAY = re.compile(r"\{day (\d+)\}")
_STORY_IDS = UUID("5d0c6a0e-7f0b-5b1e-9a51-2f7a3c3c9d11")


def names() -> list[str]:
    """Every story, by the name of its file."""
    return sorted(path.stem for path in STORIES.glob("*.yaml") if path.stem != "cast")


def read(name: str) -> dict[str, Any]:
    """One story, or the cast, as it is written."""
    written: dict[str, Any] = yaml.safe_load((STORIES / f"{name}.yaml").read_text())
    return written


def prepare_cast(*, at: datetime) -> None:
    """The invented agencies, teams and people of the stories, with the packs they work by. Again changes nothing."""
    from tutela.access.actions import admit, found_agency
    from tutela.access.queries import find_user

    for agency in read("cast")["agencies"]:
        founded = found_agency(
            name=agency["name"], time_zone=agency["time_zone"], pack=agency["pack"], teams=agency["teams"],
            since=agency["since"], at=at,
        )  # fmt: skip
        for person in agency["people"]:
            if find_user(person["username"]) is None:
                admit(
                    username=person["username"], name=person["name"], password=read("cast")["password"], agency=founded,
                    team=person.get("team"), role=person["role"], since=agency["since"],
                )  # fmt: skip


def prepare_services(*, at: datetime) -> None:
    """The invented services of the directory, checked so many days ago. Again changes nothing."""
    from tutela import commands
    from tutela.access.queries import agency_of, find_user, today_of
    from tutela.published.queries import form_in_force
    from tutela.service_directory.actions import keep_service, open_directory

    for number, service in enumerate(read("cast")["services"]):
        by = find_user(service["by"])
        agency = agency_of(by, at.date()) if by else None
        if by is None or agency is None:
            raise LookupError(f"Nobody in the cast is called {service['by']}.")
        day = clock.days_after(today_of(by, at=at), -service["checked_days_ago"])
        form = form_in_force("service_directory.service", agency_id=agency.id, day=day).version
        open_directory(agency.id)  # the keyring commits first (design §5)
        keep = partial(
            keep_service, {**service["told"], "checked": "yes"}, uuid5(_STORY_IDS, f"service {number}"), form=form,
            agency_id=agency.id, by=by, at=at, day=day,
        )  # fmt: skip
        commands.act("service.kept", keep, by=by, at=at, action="keep_directory")


def play(name: str, *, now: datetime) -> dict[str, UUID]:
    """Play every step of a story, so that it ends before `now`. Returns the file of each child by its name in the story.

    A story that was begun before goes on from the day on which it began.
    """
    story = read(name)
    playing = _Playing(name, began=_began(name, story, now=now))
    for number, step in enumerate(story["entries"]):
        if "family" in step:
            playing.link(step)
        elif "cover" in step:
            playing.cover(number, step)
        elif "children" in step:
            playing.visit(number, step)
        else:
            playing.write(number, step)
    return playing.files


def is_whole(name: str) -> bool:
    """Whether every entry of a story is written already."""
    from tutela.cases.queries import is_written

    steps = read(name)["entries"]
    last = max(number for number, step in enumerate(steps) if "form" in step and "children" not in step)
    return is_written(_entry_id(name, last))


class _Playing:
    """A story as far as it was played: the files of its children, and what was made on the way."""

    def __init__(self, name: str, *, began: date) -> None:
        self.name, self.began = name, began
        self.files: dict[str, UUID] = {}
        self.revisions: Counter[str] = Counter()
        self.made: dict[str, tuple[UUID, datetime]] = {}

    def write(self, number: int, step: dict[str, Any]) -> None:
        """One form on one file."""
        from tutela import commands
        from tutela.cases.queries import is_written
        from tutela.foundation.refusals import Forbidden, NotFound

        by, child, entry_id = _somebody(step["by"]), step.get("child", "child"), _entry_id(self.name, number)
        at = _moment(self.began, step, by=by)
        amends, happened_at = self.made[step["amends"]] if "amends" in step else (None, at)
        if "happened" in step:
            happened_at = _moment(self.began, step["happened"], by=by)
        if "as" in step:
            self.made[step["as"]] = (entry_id, at)
        submission = commands.Submission(
            form=step["form"], file=self.files.get(child), answers=_dated(step.get("answers", {}), at, step),
            entry_id=entry_id, base=self.revisions[child] or None, happened_at=happened_at, about=_person(self.made, step),
            amends=amends,
        )  # fmt: skip
        try:
            commands.submit(submission, by=by, at=at)
        except (Forbidden, NotFound):  # after a hand-over, whoever wrote it may not send it again
            if not is_written(entry_id):
                raise
        self.files.setdefault(child, derived_id(entry_id, "file"))
        self.revisions[child] += 1

    def visit(self, number: int, step: dict[str, Any]) -> None:
        """One visit to a family, written once: `answers` for all of them, `children` what each child has of their own."""
        from tutela import commands

        by = _somebody(step["by"])
        at, once = _moment(self.began, step, by=by), step["answers"]
        visits = [
            commands.Submission(
                step["form"], self.files[child], _dated({**once, **own}, at, step),
                derived_id(_entry_id(self.name, number), f"visit {child}"), happened_at=at,
            )
            for child, own in step["children"].items()
        ]  # fmt: skip
        commands.submit_together(visits, by=by, at=at)
        self.revisions.update(step["children"].keys())

    def link(self, step: dict[str, Any]) -> None:
        """Say that files are of one family: the first of them with each other one."""
        from tutela import commands
        from tutela.cases.families import link_family

        by = _somebody(step["by"])
        at, (first, *others) = _moment(self.began, step, by=by), (self.files[one] for one in step["family"])
        for other in others:
            run = partial(link_family, first, other, by=by, at=at)
            commands.act("family.linked", run, by=by, at=at, action="write", file_id=first, other=str(other))

    def cover(self, number: int, step: dict[str, Any]) -> None:
        """Somebody stands in on one file, from one day of the story to another."""
        from tutela import commands
        from tutela.access.actions import put_in_cover

        by, told, cover_id = _somebody(step["by"]), step["cover"], _entry_id(self.name, number)
        at = _moment(self.began, step, by=by)
        since, until = (clock.days_after(self.began, told[which]) for which in ("since", "until"))
        run = partial(
            put_in_cover, cover_id, covered_for=_somebody(told["away"]).id, stand_in=told["stand_in"], since=since,
            until=until, confidential=False, file_id=self.files[step.get("child", "child")], by=by, day=at.date(),
        )  # fmt: skip
        commands.act(
            "cover.put_in", run, by=by, at=at, action="cover", cover=str(cover_id), reason=told["reason"]
        )


def _somebody(username: str) -> User:
    from tutela.access.queries import find_user

    if (found := find_user(username)) is None:
        raise LookupError(f"Nobody in the cast is called {username}.")
    return found


def _dated(answers: Any, at: datetime, step: dict[str, Any]) -> Any:
    """The answers with `{day 12}` written as the date of that day of the story."""
    if isinstance(answers, dict):
        return {name: _dated(answer, at, step) for name, answer in answers.items()}
    if isinstance(answers, list):
        return [_dated(answer, at, step) for answer in answers]
    named = _DAY.fullmatch(str(answers))
    return clock.days_after(at.date(), int(named[1]) - step["day"]).isoformat() if named else answers


def _person(made: dict[str, tuple[UUID, datetime]], step: dict[str, Any]) -> UUID | None:
    """The person that an entry is about: somebody whom an earlier entry put on the file."""
    return derived_id(made[step["about"]][0], "person") if "about" in step else None


def _entry_id(name: str, number: int) -> UUID:
    return uuid5(_STORY_IDS, f"{name} {number}")


def _began(name: str, story: dict[str, Any], *, now: datetime) -> date:
    """Day 0 of a story: where it was begun before, that day; else so many days before now."""
    from tutela.access.queries import find_user, today_of
    from tutela.cases.queries import opened_on

    first = story["entries"][0]
    by = find_user(first["by"])
    if opened := opened_on(derived_id(_entry_id(name, 0), "file")):
        return clock.days_after(opened, -first["day"])
    return clock.days_after(today_of(by, at=now) if by else now.date(), -int(story["began_days_ago"]))


def _moment(began: date, step: dict[str, Any], *, by: Any) -> datetime:
    """When a step happened: so many days after the story began, at a time of the place of work."""
    from tutela.access.queries import agency_of, zone_of

    day = clock.days_after(began, step["day"])
    return datetime.combine(day, time.fromisoformat(step["time"]), tzinfo=zone_of(agency_of(by, day)))


@click.group()
def story() -> None:
    """Invented children, for the demonstration and the tests."""


story.add_command(crowd)


@story.command("list")
def list_() -> None:
    """Every story, with what it tells."""
    for name in names():
        click.echo(f"{name:<28} {read(name)['title']}")


@story.command("play")
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="Play every story.")
@with_django
def play_(name: str | None, every: bool) -> None:
    """Play one story, or every one, into a demonstration."""
    from django.conf import settings

    if not settings.DEMONSTRATION:
        raise click.ClickException(
            "Stories are played into a demonstration only. Set TUTELA_DEMONSTRATION=1 for one."
        )
    if not every and name not in names():
        raise click.UsageError(f"There is no story {name}. There are: {', '.join(names())}.")
    now = clock.now()
    prepare_cast(at=now)
    prepare_services(at=now)
    for one in names() if every else [str(name)]:
        if not is_whole(one):
            play(one, now=now)
            click.echo(f"Played {one}.")
    for line in demonstration_users():
        click.echo(line)


def demonstration_users() -> list[str]:
    """Who can sign in to a demonstration, for whoever starts it."""
    cast = read("cast")
    people = [
        (one["username"], one["name"], one["role"], agency["name"])
        for agency in cast["agencies"]
        for one in agency["people"]
    ]
    lines = [
        f"  {username:<14} {name}, {role.replace('_', ' ')}, {agency}"
        for username, name, role, agency in people
    ]
    return ["Sign in as one of these, with the password " + cast["password"] + ":", *lines]
