"""What was attached. The answer of an entry holds its id; here stands where its bytes lie and under which key."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tutela.access.models import User


class Attachment(models.Model):
    """One photo, recording, paper or signature: sealed with its writer's key until it is sent, then with its file's.

    Its bytes lie under `blob` in the folder of attachments; what it is, what it was called and how long it is are sealed.
    """

    id = models.UUIDField(primary_key=True)  # made on the device
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry_id = models.UUIDField(db_index=True)  # of the entry that it was sent with, or will be
    file_id = models.UUIDField(null=True, db_index=True)  # None until it is sent
    seal_class = models.CharField(max_length=12, blank=True)  # that of its question, once it is sent
    blob = models.UUIDField(unique=True)
    added_at = models.DateTimeField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(file_id__isnull=True, seal_class="")
                | Q(file_id__isnull=False) & ~Q(seal_class=""),
                name="sealed_by_class_once_sent",
            )
        ]

    def __str__(self) -> str:
        return f"attachment {self.id}"
