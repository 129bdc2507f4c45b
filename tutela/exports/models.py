"""The register of what left: each step of an export with who and when. Where it stands follows from them (R87, R93)."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from tutela.access.models import Agency, User
from tutela.cases.models import CaseFile
from tutela.foundation.ids import derived_id


class Export(models.Model):
    """One export, from preparing it until its file is swept away. Its line in the register stays."""

    id = models.UUIDField(primary_key=True)  # made with the sheet: sent twice, it is prepared once
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(null=True)  # runs through the agency; given when it is asked for
    purpose = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)  # by which what may leave was decided
    columns = models.JSONField()
    identifying = models.BooleanField()
    linkable = models.BooleanField()
    consent = models.CharField(max_length=24)  # what is asked of each child's file, as the pack says
    lock = models.CharField(max_length=12)
    records = models.PositiveIntegerField()  # cases that it was asked for
    second_person = models.BooleanField()  # whether somebody else has to agree
    sealed = models.BinaryField()  # to whom, why, and the recipient's public key
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    claim = models.UUIDField(null=True)  # of the worker that makes it
    claimed_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)  # cases looked at so far
    left_out = models.PositiveIntegerField(
        default=0
    )  # not agreed to by the child's people, or out of reach by now
    unreadable = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)  # from then on nobody here can open it
    downloaded_at = models.DateTimeField(null=True)  # the first time
    swept_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-prepared_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "number"], name="one_export_per_number"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=models.F("prepared_by")),
                name="nobody_agrees_to_their_own_export",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.number}"


class ExportedFile(models.Model):
    """That a case is in an export: so that its file can say what left. What is left out when it is made has no such row."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["export", "file"], name="a_file_once_per_export")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} in {self.export_id}"


def register_id(agency_id: UUID) -> UUID:
    """Under which id the keys of an agency's register of exports lie in the keyring."""
    return derived_id(agency_id, "register of exports")
