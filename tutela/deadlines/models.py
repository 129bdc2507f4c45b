"""Deadlines: made and met by entries, superseded by entries or a change of the pack, never deleted (timeliness needs them)."""

from collections.abc import Iterator
from typing import ClassVar

from django.db import models
from django.db.models import Q

from tutela.cases.models import CaseFile, Entry, Fact
from tutela.published.models import PackInForce


class Deadline(Fact):
    """Something that is due on a file. The days stand in the clear, the hours and the rule in the sealed value (R28, R128).

    `ended_by_pack`: it was another pack that superseded it, and no entry; `ended_by` is then the entry that was the
    newest on the file, so that what is open has one test whatever ended it (ADR 0022).
    """

    LABEL = "deadlines.deadline"
    AMENDABLE: ClassVar[bool] = False

    step = models.CharField(max_length=40)
    due_on = models.DateField()
    overdue_on = models.DateField()  # the last day on which it is not overdue
    met_by = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+", null=True)
    ended_by_pack = models.ForeignKey(PackInForce, on_delete=models.PROTECT, related_name="+", null=True)

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
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_by_pack__isnull=True) | Q(ended_by__isnull=False),
                name="ended_by_pack_is_ended",
            ),
        ]


class Recount(models.Model):
    """That the deadlines of a file were worked out anew when its agency began to work by another pack.

    Made once for each file and change, under the lock of the file: that is the claim of whoever does it. It says after
    which revision it took place, so that replaying the entries finds it in its place (ADR 0022).
    """

    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    change = models.ForeignKey(PackInForce, on_delete=models.PROTECT, related_name="+")
    after_revision = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["file", "after_revision", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "change"], name="one_recount_per_change")
        ]

    def __str__(self) -> str:
        return f"{self.change_id} on {self.file_id}"
