"""A child who waits: the three questions, while nobody has answered them to an end."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from tutela.cases.queries import case_of
from tutela.deadlines.task import Task
from tutela.foundation.words import say
from tutela.intake.queries import screening_of

_DECIDED = "eligible"  # of the list screening_outcome


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """Screening, which holds up nothing: registration and urgent action stand beside it (R2)."""
    screening = screening_of(file_id)
    decided = screening and (screening.contents["ends_here"] or screening.contents["outcome"] == _DECIDED)
    if case_of(file_id) or decided:
        return
    title = say("Go on with the screening") if screening else say("Screen the child")
    why = say("Three questions, and what follows. It holds up neither registration nor urgent action.")
    yield Task(title, "intake.screening", "write", why, "S2 §2.1.1.d Fig 11; R2")
