"""Who agrees to what (R7–R12, R14, R117, R119): the age decides who is asked, people may disagree, and a supervisor answers."""

from typing import Any
from uuid import UUID

import pytest

from tests.casework.refusing import refusal
from tests.cast import START, Cast, a_case, a_file, later, people_apart, submit
from tutela import commands
from tutela.cases.queries import people_around
from tutela.consent.people import CaseworkerWish, caseworker_wishes
from tutela.consent.queries import (
    basis_for_sharing,
    disagreements,
    last_consultation,
    not_asked,
    not_to_be_told,
    standing,
    voices,
)
from tutela.consent.rules import interpreter_flag
from tutela.deadlines.tasks import tasks_on
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db

SHARE = "share_for_services"
PURPOSES = ["participation", "data_collection_storage", SHARE, "tracing", "anonymised_reporting"]


def put_on_file(cast: Cast, file: UUID, **answers: Any) -> UUID:
    submit("cases.person", answers, by=cast.caseworker, file=file)
    return people_around(file)[-1].person_id


def ask(cast: Cast, file: UUID, about: UUID | None = None, *, at: Any = START, **answers: Any) -> UUID:
    return submit("consent.consent", answers, by=cast.caseworker, file=file, about=about, at=at).entry_id


def outcome(file: UUID, purpose: str = "participation") -> str:
    return voices(file, day=START.date()).stands(purpose).outcome


def tasks(file: UUID, days: int = 0) -> dict[str, Any]:
    return {str(one.title): one for one in tasks_on(file, day=later(days).date())}


def basis(file: UUID, recipient: str = "other_agencies", **about: Any) -> str | None:
    found = basis_for_sharing(file, recipient=recipient, day=START.date(), **about)
    return found.kind if found else None


# --- Purposes (R7) and how it was given (R9, R119) --------------------------------------------------------------


@pytest.mark.covers("R7")
def test_five_purposes_are_answered_each_by_itself(cast: Cast) -> None:
    file = a_file(cast)
    ask(cast, file, agreed=PURPOSES[:2], refused=PURPOSES[3:])
    assert [outcome(file, purpose) for purpose in PURPOSES] == [
        "agreed", "agreed", "nobody_asked", "child_says_no", "child_says_no",
    ]  # fmt: skip


@pytest.mark.covers("R7")
def test_one_purpose_is_not_both_agreed_and_refused(cast: Cast) -> None:
    both = {"agreed": ["participation", "tracing"], "refused": ["tracing"]}
    assert refusal("consent.consent", both, by=cast.caseworker, file=a_file(cast)) == {"refused": "both"}


def test_silence_is_no_answer(cast: Cast) -> None:
    nothing = {"agreed": None}
    assert refusal("consent.consent", nothing, by=cast.caseworker, file=a_file(cast)) == {
        "agreed": "nothing_said"
    }
    ask(cast, a_file(cast), agreed=None, not_able="yes", form=None)


@pytest.mark.covers("R8")
def test_a_no_does_not_run_out_nor_get_lost_in_a_later_silence(cast: Cast) -> None:
    file = a_file(cast)
    ask(cast, file, agreed=["participation"], refused=[SHARE], until=later(1).date().isoformat())
    ask(cast, file, agreed=["participation"], at=later(1))
    ask(cast, file, put_on_file(cast, file), agreed=[SHARE])
    later_on = voices(file, day=later(30).date())
    assert later_on.stands(SHARE).outcome == "child_says_no"


@pytest.mark.covers("R9", "R119")
def test_how_it_was_given_is_kept_with_where_the_original_lies(cast: Cast) -> None:
    file = a_file(cast)
    told: dict[str, Any] = {
        "form": "thumbprint", "original": "Locked cupboard in the office", "language": "Swahili",
        "recipients_excluded": ["family"], "excluded_why": "fear_of_harm", "withheld": "Where she sleeps",
    }  # fmt: skip
    ask(cast, file, **told)
    kept = standing(file)["child"].contents
    assert {name: kept[name] for name in told} == told


@pytest.mark.covers("R119")
@pytest.mark.parametrize(
    "form", ["spoken", "spoken_with_witness", "written", "thumbprint", "recorded", "agrees_unsigned"]
)
def test_each_way_of_agreeing_is_an_answer(cast: Cast, form: str) -> None:
    file = a_file(cast)
    ask(cast, file, form=form)
    assert outcome(file) == "agreed"


@pytest.mark.covers("R9")
def test_agreeing_once_counts_on_that_day_only(cast: Cast) -> None:
    file = a_file(cast)
    ask(cast, file, agreed=[SHARE], once="yes")
    assert basis(file) == "consent"
    assert basis_for_sharing(file, recipient="other_agencies", day=later(1).date()) is None
    assert "Ask the child again" in tasks(file, days=1)


# --- By age (R8) ------------------------------------------------------------------------------------------------


@pytest.mark.covers("R8")
@pytest.mark.parametrize(
    ("age", "child", "mother", "stands"),
    [
        ("4", False, True, "agreed"),
        ("4", True, False, "caregiver_not_asked"),
        ("9", True, False, "caregiver_not_asked"),
        ("9", False, True, "child_not_asked"),
        ("9", True, True, "agreed"),
        ("13", True, False, "caregiver_not_asked"),
        ("16", True, False, "agreed"),
        ("16", False, True, "child_not_asked"),
    ],
)
def test_the_age_says_who_has_to_agree(cast: Cast, age: str, child: bool, mother: bool, stands: str) -> None:
    file = a_file(cast, age=age)
    if child:
        ask(cast, file, agreed=[SHARE])
    if mother:
        ask(cast, file, put_on_file(cast, file), agreed=[SHARE])
    assert outcome(file, SHARE) == stands
    assert basis(file) == ("consent" if stands == "agreed" else None)


def test_a_child_who_cannot_decide_for_now_is_not_waited_for(cast: Cast) -> None:
    file = a_file(cast, age="9")
    ask(cast, file, agreed=None, not_able="yes", form=None)
    ask(cast, file, put_on_file(cast, file))
    assert outcome(file) == "agreed"


@pytest.mark.covers("R8")
@pytest.mark.parametrize(
    ("situation", "stands"),
    [("parent", "agreed"), ("heads_household", "agreed"), ("married", "caregiver_not_asked")],
)
def test_who_heads_a_household_or_is_a_parent_follows_the_law_of_the_pack(
    cast: Cast, situation: str, stands: str
) -> None:
    """The demonstration's country lets the first two consent alone."""
    file = a_file(cast, age="14")
    submit("consent.explanation", {"situation": [situation]}, by=cast.caseworker, file=file)
    ask(cast, file)
    assert outcome(file) == stands


# --- Parents, and somebody in their place (R8, R12) ---------------------------------------------------------------


@pytest.mark.covers("R8")
def test_each_parent_is_asked_or_it_is_said_why_not(cast: Cast) -> None:
    file = a_file(cast, age="9")
    mother, father = put_on_file(cast, file), put_on_file(cast, file, name="Abdul", relationship="father")
    waiting = [one.about for one in tasks_on(file, day=START.date()) if str(one.title) == "Ask the caregiver"]
    assert waiting == [mother, father]
    ask(cast, file, mother)
    told = {"reason": "not_reached", "why": "Abroad since the spring"}
    submit("consent.not_asked", told, by=cast.caseworker, file=file, about=father)
    assert "Ask the caregiver" not in tasks(file)
    assert not_asked(file)[str(father)].contents == {**told, "person": str(father)}
    ask(cast, file, father)
    assert not_asked(file) == {}


def test_whoever_looks_after_the_child_is_asked_as_a_parent_is(cast: Cast) -> None:
    file = a_file(cast, age="9")
    neighbour = put_on_file(cast, file, relationship="neighbour", cares="yes")
    assert tasks(file)["Ask the caregiver"].about == neighbour


@pytest.mark.covers("R12")
def test_somebody_answers_in_place_of_a_caregiver_who_is_suspected(cast: Cast) -> None:
    file = a_file(cast, age="9")
    put_on_file(cast, file, name="Abdul", relationship="father", safety_mark=["suspected_of_harm"])
    ask(cast, file, agreed=[SHARE])
    teacher = put_on_file(cast, file, name="Nadia", relationship="teacher")
    ask(cast, file, teacher, agreed=[SHARE])
    assert basis(file) is None  # a teacher is no caregiver
    ask(cast, file, teacher, agreed=[SHARE], third_party="trusted_adult", third_party_why="suspected")
    assert basis(file) == "consent"


@pytest.mark.covers("R12")
def test_somebody_in_their_place_does_not_outvote_a_caregiver_who_says_no(cast: Cast) -> None:
    file = a_file(cast, age="9")
    ask(cast, file, agreed=[SHARE])
    ask(cast, file, put_on_file(cast, file), agreed=None, refused=[SHARE])
    office = put_on_file(cast, file, name="Welfare office", relationship="other")
    ask(cast, file, office, agreed=[SHARE], third_party="government", third_party_why="unavailable")
    assert outcome(file, SHARE) == "caregiver_says_no"


@pytest.mark.covers("R12")
def test_why_no_caregiver_answers_must_be_said_and_a_child_answers_for_itself(cast: Cast) -> None:
    file = a_file(cast)
    office = put_on_file(cast, file, relationship="other")
    third = {"third_party": "cbo_ngo"}
    said = refusal("consent.consent", third, by=cast.caseworker, file=file, about=office)
    assert said == {"third_party_why": "needed"}
    third["third_party_why"] = "unavailable"
    assert refusal("consent.consent", third, by=cast.caseworker, file=file) == {"third_party": "the_child"}


@pytest.mark.covers("R109")
def test_the_word_of_somebody_who_is_suspected_counts_no_more(cast: Cast) -> None:
    file = a_file(cast, age="9")
    father = put_on_file(cast, file, name="Abdul", relationship="father")
    ask(cast, file, agreed=[SHARE])
    ask(cast, file, father, agreed=[SHARE], recipients_excluded=["authorities"], withheld="What he did")
    assert basis(file) == "consent"
    marked = {"name": "Abdul", "relationship": "father", "safety_mark": ["suspected_of_harm"]}
    submit("cases.person", marked, by=cast.caseworker, file=file, about=father)
    assert basis(file) is None
    ask(cast, file, put_on_file(cast, file), agreed=[SHARE])
    found = basis_for_sharing(file, recipient="authorities", day=START.date())
    assert found is not None and found.withheld == ()


# --- People who do not agree (R8) ---------------------------------------------------------------------------------


@pytest.mark.covers("R8")
def test_a_no_of_the_child_and_a_yes_of_the_mother_go_to_the_supervisor(cast: Cast) -> None:
    file = a_file(cast, age="9")
    ask(cast, file, agreed=None, refused=["participation"])
    ask(cast, file, put_on_file(cast, file))
    assert tasks(file)["Answer where people do not agree"].action == "agree"
    assert [one.form for one in waiting_for_word([file])] == ["consent.consultation"]
    told = {"answer": "go_on", "advice": "Ask him again with his aunt"}
    submit("consent.consultation", told, by=cast.supervisor, file=file)
    assert "Answer where people do not agree" not in tasks(file)
    assert waiting_for_word([file]) == []
    answer = last_consultation(file)
    assert answer is not None and answer.contents["advice"] == told["advice"]
    assert outcome(file) == "child_says_no"  # whatever the supervisor answers


@pytest.mark.covers("R8")
def test_two_adults_apart_go_to_the_supervisor_whose_wait_holds_everything_back(cast: Cast) -> None:
    file = a_file(cast, age="9")
    mother, father = put_on_file(cast, file), put_on_file(cast, file, name="Abdul", relationship="father")
    ask(cast, file, agreed=[SHARE])
    ask(cast, file, mother, agreed=[SHARE])
    ask(cast, file, father, agreed=None, refused=[SHARE])
    assert disagreements(file, day=START.date()) == {SHARE}
    submit("consent.consultation", {"answer": "talk_again"}, by=cast.supervisor, file=file)
    assert (outcome(file, SHARE), basis(file)) == ("waits", None)
    ask(cast, file, father, agreed=[SHARE])
    assert (outcome(file, SHARE), basis(file)) == ("agreed", "consent")


def test_a_new_word_opens_it_again(cast: Cast) -> None:
    file = a_file(cast)
    mother = people_apart(cast, file)
    submit("consent.consultation", {"answer": "go_on"}, by=cast.supervisor, file=file)
    assert disagreements(file, day=START.date()) == set()
    ask(cast, file, mother, agreed=None, refused=["participation"], at=later(1))
    assert disagreements(file, day=START.date()) == {"participation"}


def test_only_the_supervisor_answers_and_not_on_what_they_asked_themselves(cast: Cast) -> None:
    file = a_file(cast)
    people_apart(cast, file)
    with pytest.raises(Forbidden):
        submit("consent.consultation", by=cast.caseworker, file=file)
    with pytest.raises(NotFound):
        submit("consent.consultation", by=cast.other_supervisor, file=file)
    own = submit("intake.identification", by=cast.both).file_id
    submit("consent.consent", by=cast.both, file=own)
    mother = submit("cases.person", by=cast.both, file=own) and people_around(own)[0].person_id
    submit(
        "consent.consent",
        {"agreed": None, "refused": ["participation"]},
        by=cast.both,
        file=own,
        about=mother,
    )
    with pytest.raises(Refused) as refused:
        submit("consent.consultation", by=cast.both, file=own)
    assert [one.code for one in refused.value.unmet] == ["own_action"]


def test_where_nobody_is_apart_there_is_nothing_to_answer(cast: Cast) -> None:
    file = a_case(cast)
    ask(cast, file)
    with pytest.raises(Refused) as refused:
        submit("consent.consultation", by=cast.supervisor, file=file)
    assert [one.code for one in refused.value.unmet] == ["nothing_waiting"]


# --- Explaining (R10), interpreting (R117), choosing (R14) ----------------------------------------------------------


@pytest.mark.covers("R10")
def test_how_it_was_explained_is_kept_and_no_six_boxes(cast: Cast) -> None:
    file = a_file(cast)
    assert str(tasks_on(file, day=START.date())[0].title) == "Register the child"
    assert "Before any question about harm." in str(tasks(file)["Explain the work and its limits"].why)
    told = {
        "language": "Swahili", "interpreter_who": "interpreter", "interpreter": "Ms Baraka", "aids": ["pictures"],
        "said": "Will my uncle read it?", "do_not_tell": "Her uncle",
    }  # fmt: skip
    submit("consent.explanation", told, by=cast.caseworker, file=file)
    assert "Explain the work and its limits" not in tasks(file)


@pytest.mark.covers("R10")
def test_a_later_explanation_that_is_silent_takes_nothing_back(cast: Cast) -> None:
    file = a_file(cast, age="14")
    told = {"do_not_tell": "Her uncle", "situation": ["parent"]}
    first = submit("consent.explanation", told, by=cast.caseworker, file=file).entry_id
    submit("consent.explanation", by=cast.caseworker, file=file, at=later(1))
    ask(cast, file, at=later(1))
    assert (not_to_be_told(file), outcome(file)) == (["Her uncle"], "agreed")
    submit(
        "consent.explanation", {"do_not_tell": None}, by=cast.caseworker, file=file, amends=first, at=later(2)
    )
    assert (not_to_be_told(file), outcome(file)) == ([], "caregiver_not_asked")


@pytest.mark.covers("R117")
@pytest.mark.parametrize("who", ["relative", "child"])
def test_a_relative_or_a_child_who_interprets_is_flagged_in_words(who: str) -> None:
    assert "interpreted" in str(interpreter_flag(who))
    assert interpreter_flag("interpreter") is None


@pytest.mark.covers("R14")
def test_whom_the_child_would_rather_work_with_is_there_for_who_chooses(cast: Cast) -> None:
    file, silent = a_file(cast), a_file(cast)
    wish = {"caseworker_wish": "woman", "caseworker_profile": "Not from the camp"}
    submit("consent.explanation", wish, by=cast.caseworker, file=file)
    submit("consent.explanation", {"caseworker_wish": "not_asked"}, by=cast.caseworker, file=silent)
    submit("consent.explanation", by=cast.caseworker, file=file, at=later(1))  # says nothing new about it
    assert caseworker_wishes([file, silent]) == {file: CaseworkerWish("woman", "Not from the camp")}


def test_it_is_rebuilt_the_same(cast: Cast) -> None:
    file = a_file(cast, age="9")
    mother = people_apart(cast, file)
    submit("consent.consultation", by=cast.supervisor, file=file)
    ask(cast, file, mother, at=later(1))
    submit("consent.not_asked", by=cast.caseworker, file=file, about=mother, at=later(2))
    assert commands.rebuild(file, keep=False) == []
