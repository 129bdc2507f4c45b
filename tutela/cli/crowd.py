"""`tutela story crowd`: an installation full of invented, varied files, to see how it bears them.

A few dozen files are written as people write them, one submission after the other; the others are copies of these under
other ids, names and caseworkers (`commands.copying`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
import yaml

from tutela.cli.django import with_django
from tutela.foundation import clock

if TYPE_CHECKING:
    from tutela.access.models import User
    from tutela.commands.copying import Copy

_WRITTEN = 60  # files that are written; all others are copies of one of them
_AT_ONCE = 50  # copies in one transaction
_EACH = 25  # files of one caseworker
_TEAM = 6  # caseworkers of one supervisor
_OLDEST = 200  # days since the first of them became known

Material = dict[str, Any]


@click.command()
@click.option(
    "--files", default=1_000, show_default=True, type=click.IntRange(1, 100_000), help="How many files."
)
@click.option("--seed", default=7, show_default=True, help="The same seed invents the same children.")
@with_django
def crowd(files: int, seed: int) -> None:
    """Fill a demonstration with invented, varied files."""
    from django.conf import settings

    if not settings.DEMONSTRATION:
        raise click.ClickException(
            "A crowd is invented in a demonstration only. Set TUTELA_DEMONSTRATION=1 for one."
        )
    now, invent = clock.now(), random.Random(seed)  # noqa: S311 invents people; guards nothing
    material: Material = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    workers = _staff(material, -(-files // _EACH), at=now)
    with click.progressbar(length=files, label="Inventing files") as bar:
        for made in fill(files, workers, material, invent=invent, now=now):
            bar.update(made)
    first = workers[0]
    click.echo(
        f"{files} files of {len(workers)} caseworkers. Sign in as {first.user.username} or {first.supervisor.username} "
        f"with the password of the demonstration."
    )


@dataclass(frozen=True)
class Worker:
    """A caseworker with the supervisor of their team."""

    user: User
    supervisor: User
    team: UUID


def fill(
    files: int, workers: Sequence[Worker], material: Material, *, invent: random.Random, now: datetime
) -> Iterator[int]:
    """Write the first files and copy them until there are so many; yields how many were made each time."""
    from tutela.commands.copying import copy_file

    written: list[_Written] = []
    for number in range(min(files, _WRITTEN)):
        worker, sex = workers[number % len(workers)], invent.choice(("female", "male"))
        name = _name(sex, material, invent)
        written.append(_Written(_write(name, sex, worker, material, invent, now), name, sex, worker))
        yield 1
    for start in range(len(written), files, _AT_ONCE):
        of = invent.choice(written)
        others = [workers[number % len(workers)] for number in range(start, min(start + _AT_ONCE, files))]
        copies = [of.copied(_name(of.sex, material, invent), to) for to in others]
        yield len(copy_file(of.file_id, copies, at=now))


@dataclass(frozen=True)
class _Written:
    file_id: UUID
    name: str
    sex: str
    worker: Worker

    def copied(self, name: str, to: Worker) -> Copy:
        """The same file about a child called `name`, kept by another caseworker."""
        from tutela.commands.copying import Copy

        of = self.worker
        people = {of.user.id: to.user.id, of.supervisor.id: to.supervisor.id, of.team: to.team}
        return Copy(words={self.name: name}, people=people)


def _write(
    name: str, sex: str, worker: Worker, material: Material, invent: random.Random, now: datetime
) -> UUID:
    """One file, as far as its case has come: from a child somebody worries about to a case that was closed."""
    from tutela import commands
    from tutela.foundation.ids import new_id

    file_id: UUID | None = None
    revision = 0
    began = invent.randint(3, _OLDEST)
    for day, form, answers in _course(name, sex, material, invent):
        if day > began:
            break
        at = now - timedelta(began - day, minutes=-revision)
        by = worker.supervisor if form == "closure.answer" else worker.user
        submission = commands.Submission(form, file_id, answers, new_id(), base=revision)
        submitted = commands.submit(submission, by=by, at=min(at, now))
        file_id, revision = submitted.file_id, submitted.revision
    if file_id is None:
        raise AssertionError("A file begins with its identification.")
    return file_id


def _course(
    name: str, sex: str, material: Material, invent: random.Random
) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """What is written about a child, and on which day of the case."""

    def one(of: str) -> str:
        return str(invent.choice(material[of]))

    risk, age = invent.choice(("high", "medium", "medium", "low")), str(invent.randint(0, 17))
    triage = invent.choice((risk, "not_known"))
    yield 0, "intake.identification", {
        "name": name, "sex": sex, "age": age, "source": invent.choice(("school", "community_member", "health")),
        "reported": one("reports"), "triage": triage,
    }  # fmt: skip
    yield 0, "consent.explanation", {"confirmed": "yes"}
    yield 0, "consent.consent", {"agreed": ["participation", "data_collection_storage"], "form": "spoken"}
    area = invent.choice(("river_district", "hill_district", "harbour_district", "border_camp"))
    yield 1, "intake.registration", {"name": name, "sex": sex, "age": age, "area": area}
    yield 1, "assessment.initial", {
        "seen": "saw", "situation": one("seen"), "judgement": one("made_of_it"), "risk_level": risk,
        "risk_reason": one("made_of_it"), "finished": "yes",
    }  # fmt: skip
    yield 3, "planning.plan", {
        "objectives": [{"text": one("objectives")}], "actions": [{"what": one("actions")}, {"what": one("actions")}]
    }  # fmt: skip
    then = 3
    for _ in range(invent.randint(2, 12)):
        then += invent.randint(2, 15)
        yield then, "follow_up.contact", {
            "kind": invent.choice(("phone", "home_visit_scheduled", "school")), "reached": "child",
            "situation": one("contacts"), "progress": "going_on",
        }  # fmt: skip
    yield then + 1, "follow_up.review", {"trigger": ["scheduled"], "plan_still_fits": "yes"}
    if invent.choice((True, False)):
        yield then + 2, "closure.request", {
            "reason": "goals_met_safe_no_concern", "objectives_met": "yes", "safe": "yes", "no_further_risk": "yes",
            "stable": "yes", "justification": one("contacts"),
        }  # fmt: skip
        yield then + 3, "closure.answer", {"agreed": "yes", "actions": one("made_of_it")}


def _name(sex: str, material: Material, invent: random.Random) -> str:
    given, family = material["girls" if sex == "female" else "boys"], material["families"]
    return " ".join((invent.choice(given), invent.choice(family), invent.choice(family)))


def _staff(material: Material, workers: int, *, at: datetime) -> list[Worker]:
    """The agency of the crowd with so many caseworkers, in teams that each have a supervisor. The first of each can sign in."""
    from tutela.access.actions import admit, found_agency
    from tutela.access.queries import find_user, team_called
    from tutela.cli.story import read

    since, password = material["since"], read("cast")["password"]
    teams = [f"Team {number + 1}" for number in range(-(-workers // _TEAM))]
    agency = found_agency(
        name=material["agency"], time_zone=material["time_zone"], pack=material["pack"], teams=teams, since=since, at=at
    )  # fmt: skip

    def person(role: str, number: int, team: str) -> User:
        username = f"{role}{number + 1}"
        return find_user(username) or admit(
            username=username, name=f"{role.capitalize()} {number + 1}", password=None if number else password,
            agency=agency, team=team, role=role, since=since,
        )  # fmt: skip

    supervisors = [person("supervisor", number, team) for number, team in enumerate(teams)]
    ids = [team_called(team, agency_id=agency.id).id for team in teams]
    return [
        Worker(
            person("caseworker", number, teams[number // _TEAM]),
            supervisors[number // _TEAM],
            ids[number // _TEAM],
        )
        for number in range(workers)
    ]
