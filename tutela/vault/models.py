"""The keyring: wrapped keys, in a database of their own. Agencies, files and users are plain ids here."""

from typing import ClassVar, Literal, get_args

from django.db import models
from django.db.models import Q

# How private a sealed value is; each file has a key for each (design §5).
SealClass = Literal["identity", "case", "confidential"]
SEAL_CLASSES: tuple[SealClass, ...] = get_args(SealClass)


class AgencyKey(models.Model):
    """The key of an agency, wrapped by the keeper, which alone opens it. It wraps the agency's file keys."""

    agency_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    before = models.BinaryField(
        null=True
    )  # while file keys are wrapped anew: the key that still wraps some of them
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"key of agency {self.agency_id}"


class FileKey(models.Model):
    """A data key of a case file, wrapped with its agency's. Without this row, what it sealed stays closed."""

    file_id = models.UUIDField()
    seal_class = models.CharField(max_length=12)
    agency_id = models.UUIDField()
    wrapped = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file_id", "seal_class"], name="one_key_per_file_and_class"),
            models.CheckConstraint(condition=Q(seal_class__in=SEAL_CLASSES), name="known_seal_class"),
        ]

    def __str__(self) -> str:
        return f"{self.seal_class} key of file {self.file_id}"


class UserKey(models.Model):
    """The key of a user for their drafts, wrapped by the keeper."""

    user_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return f"key of user {self.user_id}"


class RootGeneration(models.Model):
    """Which root key wraps this keyring: so that a keeper with another one is noticed, and a change goes on after a crash."""

    generation = models.PositiveIntegerField(primary_key=True)
    key_id = models.CharField(max_length=16)  # stands, in the clear, before everything that the key closes
    since = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)  # when everything was wrapped with it

    def __str__(self) -> str:
        return f"root key {self.generation}"


class Destruction(models.Model):
    """Keys of a file were destroyed on purpose. What is restored from before must not bring them back (design §5)."""

    file_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"keys of file {self.file_id} destroyed"
