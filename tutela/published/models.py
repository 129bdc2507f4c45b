"""What was published. Nothing here is ever changed."""

from typing import ClassVar

from django.db import models


class FormVersion(models.Model):
    """One published form, compiled, under the hash of its content."""

    version = models.CharField(max_length=64, primary_key=True)
    code = models.CharField(max_length=80, db_index=True)
    content = models.JSONField()
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.code} {self.version[:8]}"


class PackVersion(models.Model):
    """One published pack, with the versions of its forms, under the hash of its content."""

    hash = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=80, db_index=True)
    forms = models.JSONField()  # form code → version
    content = models.JSONField()
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.hash[:8]}"


class PackInForce(models.Model):
    """From which day an agency works by which pack. Agency ids are plain: this stands below access."""

    agency_id = models.UUIDField(db_index=True)
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="in_force")
    since = models.DateField()
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["since", "decided_at"]

    def __str__(self) -> str:
        return f"{self.pack} from {self.since}"
