"""Rows without foreign keys, so that nothing that happens to a file or a user touches its history. Insert-only by trigger."""

from typing import ClassVar

from django.db import models


class Stream(models.TextChoices):
    """Who may read a row (R121): the ordinary ones those who answer for a file, the others whoever is apart from its team."""

    ORDINARY = "ordinary", "ordinary"
    SAFEGUARDING = "safeguarding", "safeguarding and complaints"


class AuditRow(models.Model):
    """One act: who, what, on which file, when, and whether it was allowed. Codes and ids only, never an answer."""

    at = models.DateTimeField()
    by = models.UUIDField(null=True)  # None: the system itself, or somebody not signed in
    act = models.CharField(max_length=64)
    file_id = models.UUIDField(null=True)
    entry_id = models.UUIDField(null=True)
    allowed = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)
    stream = models.CharField(
        max_length=16, choices=Stream.choices, default=Stream.ORDINARY, db_default=Stream.ORDINARY
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["file_id", "at"], name="audit_by_file"),
            models.Index(fields=["entry_id"], name="audit_by_entry"),
            models.Index(fields=["by", "at"], name="audit_by_person"),
            models.Index(fields=["at"], name="audit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.act}"


class AuditSeal(models.Model):
    """A batch of rows under one keyed mark, linked to the seal before it."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    rows = models.JSONField()  # the ids in the batch, in order
    root = models.CharField(max_length=64)  # Merkle root over the rows, hexadecimal
    previous = models.CharField(max_length=64)  # the mark of the seal before, hexadecimal
    mark = models.CharField(max_length=64)  # keyed by the keeper, hexadecimal
    leaf = models.PositiveSmallIntegerField(default=1)  # which columns of a row it covers (`sealing.COVERED`)

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealedRow(models.Model):
    """Which row went into which seal: so that a row that committed late is sealed late, and never forgotten."""

    row_id = models.PositiveBigIntegerField(primary_key=True)
    seal_number = models.PositiveBigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"row {self.row_id} in seal {self.seal_number}"


class HeadSent(models.Model):
    """How it stands with one place to which heads of the log are sent. The only table here that changes."""

    place = models.CharField(max_length=200, primary_key=True)  # as in the setting
    tried_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    seal_number = models.PositiveBigIntegerField(default=0)  # of the head that arrived last
    problem = models.CharField(
        max_length=64, blank=True
    )  # the kind of error of the last attempt; empty: it arrived

    def __str__(self) -> str:
        return self.place
