"""Facts about leaving the house. Codes and ids only: a reason in words would stand here in the clear."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from tutela.access.models import User
from tutela.foundation.ids import new_id


class Evacuation(models.Model):
    """Somebody wants everything here destroyed: who, when, why, and who agreed, or that they were alone (R91)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=16)
    alone = models.BooleanField(default=False)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(agreed_by=models.F("asked_by")), name="nobody_agrees_to_their_own_evacuation"
            ),
        ]

    def __str__(self) -> str:
        return f"evacuation asked {self.asked_at:%Y-%m-%d %H:%M}"
