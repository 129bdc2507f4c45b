"""`tutela story`: invented children at each step, for the demonstration and the tests alike, played through `commands`.

A story in `stories/` says who wrote what on which day. Playing it submits the same forms that people submit, at those
times, under ids that follow from the story: playing it twice writes it once.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import click
import yaml

from tutela.cli.crowd import crowd
from tutela.cli.django import with_django
from tutela.foundation import clock
from tutela.foundation.ids import derived_id

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
    from functools import partial

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
    """Submit every entry of a story, so that it ends before `now`. Returns the file of each child by its name in the story.

    A story that was begun before goes on from the day on which it began.
    """
    from tutela import commands
    from tutela.access.queries import find_user

    story = read(name)
    files: dict[str, UUID] = {}
    revisions: dict[str, int] = {}
    made: dict[str, tuple[UUID, datetime]] = {}
    began = _began(name, story, now=now)
    for number, step in enumerate(story["entries"]):
        child = step.get("child", "child")
        by = find_user(step["by"])
        if by is None:
            raise LookupError(f"Nobody in the cast is called {step['by']}.")
        entry_id, at = _entry_id(name, number), _moment(began, step, by=by)
        amends, happened_at = made[step["amends"]] if "amends" in step else (None, at)
        if "as" in step:
            made[step["as"]] = (entry_id, at)
        submission = commands.Submission(
            form=step["form"], file=files.get(child), answers=_dated(step.get("answers", {}), at, step), entry_id=entry_id,
            base=revisions.get(child), happened_at=happened_at, about=_person(made, step), amends=amends,
        )  # fmt: skip
        submitted = commands.submit(submission, by=by, at=at)
        files[child], revisions[child] = submitted.file_id, submitted.revision
    return files


def is_whole(name: str) -> bool:
    """Whether every entry of a story is written already."""
    from tutela.cases.queries import is_written

    return is_written(_entry_id(name, len(read(name)["entries"]) - 1))


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
