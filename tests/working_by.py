"""Packs that a test writes, and an agency that works by one of them from a day on.

    python -m tests.working_by AGENCY SINCE

has an agency of a running installation see its assessments; SINCE is a moment, with its offset.
"""

import os
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tutela.site.settings"
    django.setup()

from tests.cast import START, later
from tutela.access.models import Agency
from tutela.published.actions import publish, put_in_force

APPROVING = """\
name: {name}
title: An agency where a supervisor sees what was made
version: 2026-01-01
extends: demonstration
description: Invented.
"""


def approval_of(what: str) -> str:
    """The rule by which a supervisor sees each `plan`, or each `assessment`."""
    return f"""\
- key: {what}.approval
  value: "yes"
  unit: code
  of: yes_no
  valid_from: 1989-11-20
  source: Invented
  requirement: R37
  verified_on: 2026-01-01
"""


def works_by(
    folder: Path,
    header: str,
    *,
    day: int = 0,
    at: datetime | None = None,
    agency: str = "Lantern",
    **files: str,
) -> None:
    """From a day on, the agency of the caseworker, or another, works by a pack that is written into `folder`."""
    folder.mkdir()
    (folder / "pack.yaml").write_text(header.format(name=folder.name))
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    since = at or later(day)
    pack = publish(folder, at=since)
    put_in_force(agency_id=Agency.objects.get(name=agency).id, pack=pack, since=since.date(), at=since)


def assessments_are_seen(*, at: datetime = START, agency: str = "Lantern") -> None:
    """From a day on, every finished assessment of an agency waits for a supervisor's word."""
    with TemporaryDirectory() as folder:
        works_by(Path(folder) / "seeing", APPROVING, at=at, agency=agency, rules=approval_of("assessment"))


if __name__ == "__main__":
    assessments_are_seen(agency=sys.argv[1], at=datetime.fromisoformat(sys.argv[2]))
