"""The registers of data protection: requests, legal holds, destructions, incidents.

They belong to an agency and outlive the files they name: what is sealed here is sealed under keys of the agency's register,
which the data-protection focal point may open without opening any child's file.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from tutela.access.models import Agency, User
from tutela.cases.models import CaseFile


class RightsRequest(models.Model):
    """Somebody asks to see, correct or delete what is written of them, or objects (R88). What and who is sealed."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    came_on = models.DateField()
    due_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"request {self.id}"


class RightsAnswer(models.Model):
    """What was answered, by whom, after whose identity was checked how (R88)."""

    request = models.OneToOneField(
        RightsRequest, on_delete=models.PROTECT, primary_key=True, related_name="answer"
    )
    answered_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"answer to {self.request_id}"


class Screening(models.Model):
    """What of a file is in the copy that somebody is given, so that it tells on nobody else (R87).

    One person screens and another agrees; a newer screening stands in place of the last.
    """

    id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(RightsRequest, on_delete=models.PROTECT, related_name="screenings")
    revision = (
        models.PositiveIntegerField()
    )  # of the file, as it was screened: what came later is not in the copy
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("by")), name="screening_has_two_people"
            )
        ]

    def __str__(self) -> str:
        return f"screening {self.id}"


class LegalHold(models.Model):
    """Why a file must not be destroyed for now, whatever its time (R90)."""

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file"], condition=Q(ended_on__isnull=True), name="one_legal_hold_per_file"
            )
        ]

    def __str__(self) -> str:
        return f"hold on {self.file_id}"


class Destruction(models.Model):
    """That the keys of a file are to be destroyed, who agreed, that they were, and the proof (R90, R91).

    Once done, nothing of the file opens; the row stays, in the clear, since it must be read without any key.
    """

    id = models.UUIDField(primary_key=True)
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)  # of the list destruction_reason
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    backups_gone_on = models.DateField(null=True)  # the day on which no copy of the keys is left
    keys = models.CharField(max_length=64, blank=True)  # SHA-256 of the wrapped keys that were destroyed
    proof = models.CharField(max_length=64, blank=True)  # keyed by the keeper over all of this

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file"], condition=Q(withdrawn_at__isnull=True), name="one_destruction_per_file"
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by")),
                name="destruction_has_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"destruction of {self.file_id}"


class Incident(models.Model):
    """Something leaked, was lost or was seen by somebody who should not: from then on a clock runs (R92)."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    tell_by = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"incident {self.id}"


class IncidentStep(models.Model):
    """What was done about an incident, such as containing it or telling people; each kind may come again (R92)."""

    id = models.UUIDField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=40)  # of the list incident_step
    done_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}"


class AffectedFile(models.Model):
    """A child whom an incident concerns."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="affected")
    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "file"], name="affected_once_per_incident")
        ]

    def __str__(self) -> str:
        return f"{self.file_id} in {self.incident_id}"
