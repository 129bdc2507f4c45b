"""Going on without consent (R11): what is urgent is done at once by anybody; what is not waits for the supervisor."""

from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_closed_case, a_file, later, submit
from tutela import commands
from tutela.cases.queries import entries_of
from tutela.consent.queries import basis_for_sharing, unanswered
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db


def basis(file: UUID, recipient: str = "other_agencies", *, days: int = 0) -> str | None:
    found = basis_for_sharing(file, recipient=recipient, day=later(days).date())
    return found.kind if found else None


def asks(cast: Cast, file: UUID, **answers: Any) -> UUID:
    return submit("consent.override", answers, by=cast.caseworker, file=file).entry_id


def agrees(cast: Cast, file: UUID, agreed: str = "yes") -> None:
    submit("consent.override_answer", {"agreed": agreed}, by=cast.supervisor, file=file)


# --- At once --------------------------------------------------------------------------------------------------------


@pytest.mark.covers("R11")
def test_a_supervisor_may_act_at_once_too_and_another_one_answers(cast: Cast) -> None:
    file = a_file(cast)
    submit("consent.urgent_action", by=cast.supervisor, file=file)
    assert len(unanswered(file)) == 1
    with pytest.raises(Refused) as refused:
        submit("consent.urgent_answer", by=cast.supervisor, file=file)
    assert [one.code for one in refused.value.unmet] == ["own_action"]
    submit("consent.urgent_answer", by=cast.both, file=file)
    assert unanswered(file) == []


def test_acting_at_once_opens_nobody_elses_file(cast: Cast) -> None:
    file = a_file(cast)
    for nobody in (cast.colleague, cast.other_supervisor, cast.elsewhere, cast.administrator, cast.outsider):
        with pytest.raises(NotFound):
            submit("consent.urgent_action", by=nobody, file=file)
    first = submit("consent.urgent_action", by=cast.caseworker, file=file).entry_id
    with pytest.raises(Forbidden):  # what somebody else did, they correct themselves
        submit("consent.urgent_action", by=cast.supervisor, file=file, amends=first)


@pytest.mark.covers("R11")
def test_nothing_blocks_it(cast: Cast) -> None:
    """No consent form, no registration, no plan; every purpose refused; everything withdrawn; everything waiting; closed."""
    fresh, closed, refused, waiting = a_file(cast), a_closed_case(cast), a_file(cast), a_case(cast)
    submit(
        "consent.consent",
        {"agreed": None, "refused": ["participation", "share_for_services"]},
        by=cast.caseworker,
        file=refused,
    )
    submit("consent.consent", by=cast.caseworker, file=waiting)
    submit("consent.withdrawal", by=cast.caseworker, file=waiting)
    asks(cast, waiting)
    for file in (fresh, closed, refused, waiting):
        for somebody in (cast.caseworker, cast.supervisor):
            submit("consent.urgent_action", by=somebody, file=file, base=0)
        for recipient in ("authorities", "other_agencies", "family"):
            assert basis(file, recipient) == "vital_interests"


@pytest.mark.covers("R11")
def test_silence_does_not_end_it_and_a_no_of_the_supervisor_does(cast: Cast) -> None:
    file = a_file(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    assert basis(file, days=3) == "vital_interests"
    submit("consent.urgent_answer", {"answer": "disagree"}, by=cast.supervisor, file=file, at=later(3))
    assert basis(file, days=3) is None


def test_it_is_no_basis_for_ever(cast: Cast) -> None:
    file = a_file(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    submit("consent.urgent_answer", by=cast.supervisor, file=file)
    assert (basis(file, days=7), basis(file, days=8)) == ("vital_interests", None)
    submit(
        "consent.urgent_action",
        {"basis": "urgent_best_interests"},
        by=cast.caseworker,
        file=file,
        at=later(8),
    )
    assert basis(file, days=8) == "urgent_best_interests"


@pytest.mark.covers("R11")
def test_what_the_child_was_told_and_how_it_takes_part_is_kept(cast: Cast) -> None:
    file = a_file(cast)
    told = {"child_told": "later", "participation": "She chose who goes with her"}
    submit("consent.urgent_action", told, by=cast.caseworker, file=file)
    kept = entries_of(file)[-1].answers
    assert {name: kept[name] for name in told} == told


# --- Not at once ------------------------------------------------------------------------------------------------------


@pytest.mark.covers("R11")
def test_it_counts_only_once_the_supervisor_agrees(cast: Cast) -> None:
    file = a_case(cast)
    asks(cast, file)
    assert basis(file) is None
    assert "Answer on going on without consent" in [
        str(one.title) for one in tasks_on(file, day=START.date())
    ]
    assert [one.form for one in waiting_for_word([file])] == ["consent.override_answer"]
    agrees(cast, file)
    assert basis(file) == "best_interests_override"
    assert waiting_for_word([file]) == []


def test_a_no_of_the_supervisor_is_no_basis(cast: Cast) -> None:
    file = a_case(cast)
    asks(cast, file)
    agrees(cast, file, "no")
    assert basis(file) is None


@pytest.mark.covers("R11")
@pytest.mark.parametrize("missing", ["best_interests", "legal_basis"])
def test_it_needs_a_reason_and_a_legal_basis(cast: Cast, missing: str) -> None:
    nothing = {missing: None}
    assert refusal("consent.override", nothing, by=cast.caseworker, file=a_case(cast)) == {missing: "needed"}


def test_it_is_for_the_recipients_and_the_time_it_names(cast: Cast) -> None:
    file = a_case(cast)
    asks(cast, file, until=later(5).date().isoformat())
    agrees(cast, file)
    assert basis(file, "unhcr") is None
    assert (basis(file, days=5), basis(file, days=6)) == ("best_interests_override", None)


def test_it_names_a_recipient(cast: Cast) -> None:
    said = refusal("consent.override", {"recipients": None}, by=cast.caseworker, file=a_case(cast))
    assert said == {"recipients": "no_recipient"}


@pytest.mark.covers("R42")
def test_authorities_are_told_by_no_override(cast: Cast) -> None:
    said = refusal("consent.override", {"recipients": ["authorities"]}, by=cast.caseworker, file=a_case(cast))
    assert said == {"recipients": "authorities"}


def test_one_waits_at_a_time_and_nobody_answers_their_own(cast: Cast) -> None:
    file = a_case(cast)
    asks(cast, file)
    with pytest.raises(Refused) as refused:
        asks(cast, file)
    assert [one.code for one in refused.value.unmet] == ["waiting"]
    with pytest.raises(Forbidden):
        submit("consent.override_answer", by=cast.caseworker, file=file)
    own = submit("intake.identification", by=cast.both).file_id
    submit("consent.override", by=cast.both, file=own)
    with pytest.raises(Refused) as refused:
        submit("consent.override_answer", by=cast.both, file=own)
    assert [one.code for one in refused.value.unmet] == ["own_action"]


def test_it_is_rebuilt_the_same(cast: Cast) -> None:
    file = a_case(cast)
    asks(cast, file)
    agrees(cast, file, "no")
    asks(cast, file)
    agrees(cast, file)
    assert commands.rebuild(file, keep=False) == []
