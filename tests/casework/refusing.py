"""What must be refused, and leaves nothing behind."""

from typing import Any

import pytest

from tests.cast import submit
from tutela.access.models import Assignment
from tutela.audit.models import AuditRow
from tutela.cases.models import Case, CaseFile, Draft, Entry, Fact
from tutela.foundation.refusals import Refused


def everything() -> dict[str, int]:
    """How much is written down, table by table."""
    tables = (CaseFile, Entry, Case, Draft, Assignment, AuditRow, *Fact.__subclasses__())
    return {model.__name__: model.objects.count() for model in tables}  # type: ignore[attr-defined]


def refusal(form: str, answers: dict[str, Any], **more: Any) -> dict[str, str]:
    """Submit what must be refused with 422, see that nothing is kept of it, and say what was wrong at which question."""
    before = everything()
    with pytest.raises(Refused) as refused:
        submit(form, answers, **more)
    assert refused.value.status == 422
    assert everything() == before
    assert all(str(one.words) for one in refused.value.unmet)
    return {one.question: one.code for one in refused.value.unmet}
