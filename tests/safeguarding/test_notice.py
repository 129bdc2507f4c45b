"""A focal point is sent a notice that something was told to them: by its reference, and nothing more (R122)."""

import pytest

from tests.cast import Cast, a_case
from tests.safeguarding.conftest import Browse, Told, report
from tests.worker.test_notices import Letters, letters, reached
from tutela import commands
from tutela.foundation.clock import now
from tutela.safeguarding.models import Report

__all__ = ["letters"]

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R122")]


def test_only_whom_somebody_told_is_sent_a_notice_and_it_names_nobody(
    cast: Cast, told: Told, browse: Browse, letters: Letters
) -> None:
    file = a_case(cast)
    for user in (told.focal_point, told.second, told.manager, cast.supervisor, cast.caseworker):
        reached(user)
    report(browse(cast.caseworker), file)
    assert letters.taken == []
    for _ in range(2):
        commands.send_notices(at=now())
    assert letters.to == ["focal_point@example.org"]
    (letter,) = letters.taken
    whole = f"{letter['Subject']} {letter.get_content()}"
    assert Report.objects.get().reference in whole
    for word in ("Tomas", "Caseworker", "Qorvath", "afeguarding", "report", str(file), "complain"):
        assert word not in whole
