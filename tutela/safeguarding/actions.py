"""Verbs of safeguarding reports. All of this is called inside `commands.act`, which decides and leaves the audit row."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tutela.access.models import User
from tutela.foundation.refusals import NotFound, Refused, Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import Pack
from tutela.safeguarding import rules
from tutela.safeguarding.models import Report, Step, Told
from tutela.safeguarding.queries import report_to, whom_to_tell
from tutela.safeguarding.register import REPORT, STEP, sealed

Answers = Mapping[str, Any]


def tell(
    answers: Answers, report_id: UUID, *, agency_id: UUID, file_id: UUID | None, pack: Pack, by: User, day: date,
    at: datetime,
) -> None:  # fmt: skip
    """Tell the focal points whom `by` chose, and nobody else (R122). The same again changes nothing.

    Raises Refused where one of them cannot be told any more, NotFound where the id is somebody else's.
    """
    can_be = {one.username: one for one in whom_to_tell(agency_id=agency_id, file_id=file_id, by=by, day=day)}
    if not set(answers["to"]) <= set(can_be):
        words = say("Choose safeguarding focal points of your agency, and not yourself.")
        raise Refused(Unmet("cannot_be_told", words, "R122", "to"))
    told = {name: answer for name, answer in answers.items() if name != "to"}
    report, is_new = Report.objects.get_or_create(
        id=report_id,
        defaults={
            "agency_id": agency_id, "file_id": file_id, "by": by, "at": at,
            "answer_by": rules.answer_by(at, day=day, pack=pack),
            "sealed": sealed(told, agency_id=agency_id, row=report_id, label=REPORT),
        },
    )  # fmt: skip
    if report.by_id != by.id:
        raise NotFound
    if is_new:
        Told.objects.bulk_create([Told(report=report, user=can_be[one]) for one in answers["to"]])


def take_step(
    answers: Answers, step_id: UUID, *, report_id: UUID, agency_id: UUID, by: User, day: date, at: datetime
) -> None:
    """What a focal point did about a report that was told to them. The same again changes nothing.

    Raises NotFound for any other report, Refused for a day before the report.
    """
    report = report_to(by, report_id, agency_id=agency_id, day=day)
    if date.fromisoformat(str(answers["done_on"])) < report.told_on:
        words = say("This is before it was told. Look at the day again.")
        raise Refused(Unmet("too_early", words, "R85", "done_on"))
    Step.objects.get_or_create(
        id=step_id,
        defaults={
            "report_id": report.id, "by": by, "at": at,
            "sealed": sealed(answers, agency_id=agency_id, row=step_id, label=STEP),
        },
    )  # fmt: skip
