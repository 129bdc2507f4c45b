"""Several entries in one sitting, such as one visit to three children: all of them are written, or none (R115)."""

import pytest

from tests.cast import LEAST, START, Cast, a_case, a_closed_case, revision
from tutela import commands
from tutela.cases.models import CaseFile, Entry
from tutela.commands import Submission
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, NotFound, Refused

pytestmark = pytest.mark.django_db


def a_contact(file: object, **answers: object) -> Submission:
    return Submission("follow_up.contact", file, {**LEAST["follow_up.contact"], **answers}, new_id())  # type: ignore[arg-type]


def test_one_visit_is_written_on_every_file_and_sent_again_on_none(cast: Cast) -> None:
    files = [a_case(cast) for _ in range(3)]
    visit = [a_contact(file) for file in files]
    first = commands.submit_together(visit, by=cast.caseworker, at=START)
    assert [one.file_id for one in first] == files
    again = commands.submit_together(visit, by=cast.caseworker, at=START)
    assert all(one.repeated for one in again)
    assert Entry.objects.filter(form_code="follow_up.contact").count() == 3


def test_what_is_wrong_is_said_with_the_number_of_the_child_and_nothing_is_written(cast: Cast) -> None:
    files = [a_case(cast), a_case(cast)]
    with pytest.raises(Refused) as refused:
        commands.submit_together(
            [a_contact(files[0]), a_contact(files[1], reached="nobody_knows")], by=cast.caseworker, at=START
        )
    assert [one.question for one in refused.value.unmet] == ["1.reached"]
    assert not Entry.objects.filter(form_code="follow_up.contact").exists()


def test_one_that_the_step_refuses_takes_the_others_back(cast: Cast) -> None:
    open_case, closed = a_case(cast), a_closed_case(cast)
    review = Submission("follow_up.review", closed, LEAST["follow_up.review"], new_id())
    before = revision(open_case)
    with pytest.raises(Refused) as refused:
        commands.submit_together([a_contact(open_case), review], by=cast.caseworker, at=START)
    assert refused.value.unmet[0].code == "closed"
    assert (revision(open_case), revision(closed)) == (before, CaseFile.objects.get(id=closed).revision)
    assert not Entry.objects.filter(file=open_case, form_code="follow_up.contact").exists()


def test_a_file_out_of_reach_is_as_if_it_were_not_there(cast: Cast) -> None:
    with pytest.raises(NotFound):
        commands.submit_together([a_contact(a_case(cast))], by=cast.elsewhere, at=START)


def test_two_entries_on_one_file_keep_their_order_and_their_base(cast: Cast) -> None:
    file = a_case(cast)
    raised = Submission("assessment.risk", file, LEAST["assessment.risk"], new_id(), base=revision(file))
    visit, risk = commands.submit_together([a_contact(file), raised], by=cast.caseworker, at=START)
    assert risk.revision == visit.revision + 1


def test_a_stale_base_takes_all_back(cast: Cast) -> None:
    file, other = a_case(cast), a_case(cast)
    stale = Submission("assessment.risk", file, LEAST["assessment.risk"], new_id(), base=1)
    with pytest.raises(Conflict):
        commands.submit_together([a_contact(other), stale], by=cast.caseworker, at=START)
    assert not Entry.objects.filter(form_code="follow_up.contact").exists()
