"""What the supervisor is asked to judge."""

from typing import ClassVar

from django.db import models

from tutela.access.models import User
from tutela.cases.models import CaseFile


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
