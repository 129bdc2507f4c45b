"""Facts about how a child became known, was screened and was registered; and what is left of a file that ended before."""

from django.db import models

from tutela.cases.models import CaseFile, Fact

NO_CONSENT = (
    "no_consent"  # the outcome of a file to which nobody agreed; beside the codes of screening_outcome
)


class Identification(Fact):
    """How a child at risk became known, and how fast somebody must act (R1)."""

    LABEL = "intake.identification"


class Screening(Fact):
    """The three questions, what was seen, and what a person decided follows from it (R2, R4)."""

    LABEL = "intake.screening"


class Registration(Fact):
    """What was asked when the case was opened (R15). The code stands on the case, which no amendment changes."""

    LABEL = "intake.registration"

    area = models.CharField(max_length=40, blank=True)


class ReducedFile(models.Model):
    """What is left of an identification that became no case: its source and its outcome; the day stands on the file (R17).

    The file's keys are destroyed. It is no fact: nothing could make it again.
    """

    file = models.OneToOneField(CaseFile, on_delete=models.PROTECT, primary_key=True, related_name="reduced")
    source = models.CharField(max_length=40)  # of the list identification_source
    outcome = models.CharField(max_length=40)  # of the list screening_outcome, or NO_CONSENT
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reduced {self.file_id}"
