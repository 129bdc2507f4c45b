"""Is the child on file already? Who learns of it, and who never does (R6)."""

from uuid import UUID

import pytest

from tests.cast import START, Cast, a_case, a_file, later, submit
from tutela import commands
from tutela.access.models import User
from tutela.cases.queries import case_of
from tutela.foundation.refusals import Forbidden
from tutela.supervision.models import PossibleMatch
from tutela.supervision.queries import matches_to_judge, supervised_files

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R6")]


def registered(
    name: str, *, by: User, threats: list[str] | None = None, screened: list[str] | None = None
) -> UUID:
    file = submit("intake.identification", {"name": name}, by=by).file_id
    if screened:
        submit("intake.screening", {"threats": screened}, by=by, file=file)
    submit("intake.registration", {"name": name}, by=by, file=file)
    if threats:
        submit("assessment.initial", {"threats": threats}, by=by, file=file)
    return file


def matches() -> set[tuple[UUID, UUID]]:
    commands.look_for_existing_files(at=START)
    return {(one.file_id, one.other_id) for one in PossibleMatch.objects.all()}


def test_matches_among_ones_own_children_are_shown_before_registering(cast: Cast) -> None:
    own, others = registered("Mariam", by=cast.caseworker), registered("Mariam", by=cast.colleague)
    a_file(cast, name="Maryam")
    found = commands.find("Meriem", by=cast.caseworker, at=START)
    assert own in found and others not in found


def waiting_for(user: User) -> list[PossibleMatch]:
    """The pairs that somebody is asked to judge."""
    day = START.date()
    return matches_to_judge(supervised_files(user, day=day), by=user, day=day)


def test_a_caseworker_registers_without_waiting_for_anybody(cast: Cast) -> None:
    registered("Mariam", by=cast.colleague)
    file = registered("Mariam", by=cast.caseworker)
    assert case_of(file) is not None
    assert not PossibleMatch.objects.exists()


def test_a_match_elsewhere_in_the_agency_goes_to_the_supervisor_only(cast: Cast) -> None:
    pair = {registered("Mariam", by=cast.colleague), registered("Maryam", by=cast.caseworker)}
    assert [set(one) for one in matches()] == [pair]
    assert waiting_for(cast.supervisor)
    for who in (cast.caseworker, cast.other_supervisor, cast.information_officer):
        assert not waiting_for(who)


def test_a_match_in_another_agency_is_never_shown(cast: Cast) -> None:
    registered("Mariam", by=cast.elsewhere)
    registered("Mariam", by=cast.caseworker)
    assert matches() == set()


@pytest.mark.parametrize("threat", ["sexual_gender_based_violence", "recruitment_use"])
@pytest.mark.parametrize("where", ["threats", "screened"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
def test_a_file_that_names_sexual_violence_or_recruitment_never_appears(
    cast: Cast, threat: str, where: str, first: bool
) -> None:
    """Whether it was assessed or screened, and whichever of the two was there before."""
    if first:
        registered("Mariam", by=cast.colleague, **{where: [threat]})
    registered("Mariam", by=cast.caseworker)
    if not first:
        registered("Mariam", by=cast.colleague, **{where: [threat]})
    assert matches() == set()


def test_two_children_of_one_name_and_age_are_two_files_with_two_codes(cast: Cast) -> None:
    twins = [a_file(cast, name="Hawa", age="6", sex="female") for _ in range(2)]
    for file in twins:
        submit("intake.registration", {"name": "Hawa", "sex": "female"}, by=cast.caseworker, file=file)
    codes = {case.code for file in twins if (case := case_of(file))}
    assert len(set(twins)) == len(codes) == 2


def test_sibling_twin_or_namesake_is_remembered(cast: Cast) -> None:
    registered("Hawa", by=cast.colleague)
    registered("Hawa", by=cast.caseworker)
    assert len(matches()) == 1
    (match,) = waiting_for(cast.supervisor)
    commands.judge_match(match.pk, verdict="another_child", by=cast.supervisor, at=later(1))
    assert waiting_for(cast.supervisor) == []
    assert len(matches()) == 1
    match.refresh_from_db()
    assert (match.verdict, match.judged_by) == ("another_child", cast.supervisor)


def test_somebody_without_a_part_in_casework_looks_for_nobody(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        commands.find("Mariam", by=cast.information_officer, at=START)


def test_a_child_without_a_name_is_searched_for_by_nothing(cast: Cast) -> None:
    a_case(cast)
    file = a_file(cast, name=None)
    submit("intake.registration", {"name": None}, by=cast.caseworker, file=file)
    assert not {one for one in matches() if one[0] == file}
