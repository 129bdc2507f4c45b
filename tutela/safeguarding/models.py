"""Safeguarding reports. They are no entries on a file, so that nothing that reads a file comes across one (R122).

What was told, what the survivor wishes and what was done is sealed under keys of the agency's register of reports. Days on
which something was done are sealed too: in the clear stands who wrote to whom, and when.
"""

from typing import ClassVar

from django.db import models

from tutela.access.models import Agency, User
from tutela.cases.models import CaseFile
from tutela.foundation.ids import new_id


class Report(models.Model):
    """Somebody told safeguarding focal points of their choice about a person who works for an aid organisation.

    `file`: on which it was written; None for a report without a case. It says to whom the report is closed, and is shown
    to a focal point only where the survivor wishes to be named.
    """

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)  # None: the agency has set no time
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What it is called where no child, code or colleague may be named, such as an e-mail."""
        return f"S-{self.id.hex[-8:].upper()}"


class Told(models.Model):
    """A focal point to whom a report was written. Nobody joins them later."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="told")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True)  # when they were sent a notice

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "user"], name="told_once_of_each_report")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} for {self.user_id}"


class Step(models.Model):
    """What a focal point did about a report, such as passing it on or ending it."""

    id = models.UUIDField(primary_key=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="steps")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"step of {self.report_id}"
