"""The directory of an agency. It is about no child, and sealed all the same: shelters and private phones are in it.

What is said of a service is sealed under keys of the agency's directory, whom to speak to under another one than the rest:
a page that is handed out never opens that. Nothing is overwritten; a changed service is a new version of it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tutela.access.models import Agency, User
from tutela.published.models import FormVersion


class Service(models.Model):
    """One version of what is known of a service. `service_id` is the same through all versions."""

    id = models.UUIDField(primary_key=True)
    service_id = models.UUIDField(db_index=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    replaced_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField()
    sealed_contact = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service_id"],
                condition=Q(replaced_by__isnull=True),
                name="one_current_version_per_service",
            ),
        ]

    def __str__(self) -> str:
        return f"service {self.service_id}"


class Verification(models.Model):
    """Somebody asked the service whether all of this is still right (R39)."""

    id = models.UUIDField(primary_key=True)
    service_id = models.UUIDField(db_index=True)
    verified_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"service {self.service_id} verified on {self.verified_on}"


class SafetyConcern(models.Model):
    """Why nobody should be sent to a service for now (R123). It holds until it is lifted."""

    id = models.UUIDField(primary_key=True)
    service_id = models.UUIDField(db_index=True)
    since = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lifted_on = models.DateField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"concern about service {self.service_id}"


class Gap(models.Model):
    """A need in an area for which there is no service: sector, area, how many children; nobody's name (R46)."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    noted_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"gap noted on {self.noted_on}"
