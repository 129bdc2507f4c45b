"""The two streams of the log (R121): what is sealed of them, and that nobody moves a row from one to the other."""

import pytest

from tests.audit.unlocked import unlocked_log
from tests.cast import START, Cast, a_file, later
from tutela.audit.actions import record
from tutela.audit.models import AuditRow, Stream
from tutela.audit.sealing import seal_batch
from tutela.audit.verifying import verify

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("was", "becomes"), [(*Stream,), (*reversed(Stream),)])
def test_a_sealed_row_that_is_moved_to_the_other_stream_is_found(
    cast: Cast, was: Stream, becomes: Stream
) -> None:
    record(act="file.read", by=cast.supervisor.id, at=START, file_id=a_file(cast), stream=was)
    seal_batch(at=later(1))
    assert verify().findings == ()
    with unlocked_log():
        AuditRow.objects.filter(act="file.read").update(stream=becomes)
    assert len(verify().findings) == 1


def test_the_log_has_its_guards_after_the_column_came(cast: Cast) -> None:
    a_file(cast)
    with pytest.raises(Exception, match="insert-only"):
        AuditRow.objects.update(stream=Stream.SAFEGUARDING)


@pytest.mark.parametrize("act", ["safeguarding.read", "complaint.heard"])
def test_safeguarding_and_complaints_are_never_ordinary(cast: Cast, act: str) -> None:
    record(act=act, by=cast.supervisor.id, at=START)
    assert AuditRow.objects.get(act=act).stream == Stream.SAFEGUARDING
