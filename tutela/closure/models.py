"""Facts about closing a case. Each is an event with who and when; whether a case is closed follows from them."""

from typing import ClassVar

from django.db import models

from tutela.access.models import User
from tutela.cases.models import Fact


class ClosureRequest(Fact):
    """A caseworker asks the supervisor to agree that the case may be closed (R52)."""

    LABEL = "closure.request"
    AMENDABLE: ClassVar[bool] = False


class ClosureAnswer(Fact):
    """The supervisor agrees, or returns the request with what to do first. Agreement permits; it does not close."""

    LABEL = "closure.answer"
    AMENDABLE: ClassVar[bool] = False

    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, related_name="answer")


class Closure(Fact):
    """The case was discussed with the child and closed by the caseworker (R52)."""

    LABEL = "closure.closure"
    AMENDABLE: ClassVar[bool] = False

    request = models.OneToOneField(ClosureRequest, on_delete=models.PROTECT, related_name="closure")


class Reopening(Fact):
    """The case is open again, under its code, with its history (R55)."""

    LABEL = "closure.reopening"
    AMENDABLE: ClassVar[bool] = False


class Death(Fact):
    """The child has died. It is never corrected; a new event of the supervisor says that it was an error (R54)."""

    LABEL = "closure.death"
    AMENDABLE: ClassVar[bool] = False


class ApproachingEighteen(Fact):
    """What a young person needs at 18, as looked at together (R58, R59). The birthday itself closes nothing."""

    LABEL = "closure.approaching_eighteen"
    AMENDABLE: ClassVar[bool] = False


# --- Whose file it is: what waits and what was said; the assignment itself is in `access` ---------------------


class TransferRequest(Fact):
    """Somebody is asked to take over the file, with a hand-over (R56). It moves nothing until they accept."""

    LABEL = "closure.transfer"
    AMENDABLE: ClassVar[bool] = False

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer_by = models.DateField()  # the last day on which they may read the hand-over and answer


class TransferAnswer(Fact):
    """The colleague takes over, or returns the file with a reason (R56)."""

    LABEL = "closure.transfer_answer"
    AMENDABLE: ClassVar[bool] = False

    request = models.OneToOneField(TransferRequest, on_delete=models.PROTECT, related_name="answer")


class Move(Fact):
    """Another caseworker is responsible from this entry on, until the next such entry (R104)."""

    LABEL = "closure.move"
    AMENDABLE: ClassVar[bool] = False

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")


class HandOverRead(Fact):
    """Whoever got the file has read the hand-over, and the child was told (R104)."""

    LABEL = "closure.hand_over_read"
    AMENDABLE: ClassVar[bool] = False

    move = models.OneToOneField(Move, on_delete=models.PROTECT, related_name="confirmation")


class Conflict(Fact):
    """What somebody who works on the file said of their ties to the family or the case (R103)."""

    LABEL = "closure.conflict_of_interest"
    AMENDABLE: ClassVar[bool] = False


class ConflictAnswer(Fact):
    """What the supervisor decided about a tie (R103)."""

    LABEL = "closure.conflict_answer"
    AMENDABLE: ClassVar[bool] = False

    conflict = models.OneToOneField(Conflict, on_delete=models.PROTECT, related_name="answer")


class CoverTold(Fact):
    """Whether the child was told who stands in meanwhile (R104)."""

    LABEL = "closure.cover_told"
    AMENDABLE: ClassVar[bool] = False
