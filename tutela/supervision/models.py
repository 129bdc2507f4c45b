"""What the supervisor is asked to judge, and the digests of who looked at which file."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tutela.access.models import Agency, User
from tutela.cases.models import CaseFile
from tutela.foundation.ids import new_id


class MatchSearch(models.Model):
    """That the agency was searched for a file of the same child, once, after registration (R6)."""

    file = models.OneToOneField(CaseFile, on_delete=models.PROTECT, primary_key=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"searched {self.file_id}"


class PossibleMatch(models.Model):
    """Two files that may be of one child. The verdict is a human's, and remembered (R6)."""

    class Verdict(models.TextChoices):
        SAME = "same_child", "the same child"
        ANOTHER = "another_child", "a sibling, twin or namesake: another child"

    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "other"], name="one_match_per_pair")]

    def __str__(self) -> str:
        return f"{self.file_id} and {self.other_id}"


class Digest(models.Model):
    """Who looked at which file of an agency, from one day to another (R121). Made once, by whichever worker is first.

    Each line has `file`, `by`, `times`, `last` (a moment) and `unusual` (codes): ids and counts, as the log has them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="digests")
    since = models.DateField()
    until = models.DateField()  # the last day
    made_at = models.DateTimeField()
    lines = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True)  # when those who read it were sent a notice

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "since"], name="one_digest_per_period"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="digest_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.since} to {self.until}"
