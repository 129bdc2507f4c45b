"""Deadlines: made by entries, met or superseded by entries, never deleted (the timeliness indicators need them)."""

from collections.abc import Iterator
from typing import ClassVar

from django.db import models
from django.db.models import Q

from tutela.cases.models import Entry, Fact


class Deadline(Fact):
    """Something that is due on a file. The days stand in the clear, the hours and the rule in the sealed value (R28, R128)."""

    LABEL = "deadlines.deadline"
    AMENDABLE: ClassVar[bool] = False

    step = models.CharField(max_length=40)
    due_on = models.DateField()
    overdue_on = models.DateField()  # the last day on which it is not overdue
    met_by = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True)

    def labels(self) -> Iterator[str]:
        """A deadline is told apart by its limit and by the entry it is counted from."""
        yield f"{self.LABEL} {self.step} {self.entry_id}"

    class Meta(Fact.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["overdue_on"],
                condition=Q(met_by__isnull=True, ended_by__isnull=True),
                name="open_deadlines",
            ),
        ]
