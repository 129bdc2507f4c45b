"""Facts about what happened after the plan was made, and what people keep for their own working day."""

from typing import ClassVar

from django.db import models

from tutela.access.models import User
from tutela.cases.models import Fact


class Contact(Fact):
    """A visit, a call, a talk, or an attempt at one (R47)."""

    LABEL = "follow_up.contact"


class Review(Fact):
    """A look at whether the plan still fits the child (R49)."""

    LABEL = "follow_up.review"


class Search(Fact):
    """What supervisor and caseworker agreed to do about a child who could not be reached (R113)."""

    LABEL = "follow_up.search"


class PlaceCheck(Fact):
    """Whether a place is right for meeting the child; the newest of each place holds (R48)."""

    LABEL = "follow_up.place_check"


class SetAside(Fact):
    """Something that is due and cannot be done now: why, and when it is tried again (R114)."""

    LABEL = "follow_up.set_aside"


class Conference(Fact):
    """Several agencies talked about this child (R50)."""

    LABEL = "follow_up.conference"


class DayPlan(models.Model):
    """The visits that somebody plans for a day, with code word and hour of return: sealed with their own key (R48)."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "day"], name="one_plan_per_person_and_day")
        ]

    def __str__(self) -> str:
        return f"plan for {self.day}"


class MeetingNotes(models.Model):
    """What a team agreed in a meeting, with codes and no names: sealed with the key of whoever wrote it (R50)."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    held_on = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["-held_on", "-id"]

    def __str__(self) -> str:
        return f"notes of {self.held_on}"
