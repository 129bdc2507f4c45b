"""After each demo story, what its text says is in the file, and the house has decided nothing by itself."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.stories.reading import (
    TODAY,
    Played,
    entries,
    every_file,
    marked,
    one_entry,
    person,
    texts,
    user,
)
from tutela.access.queries import responsible_for
from tutela.assessment.queries import assessments, lowering_waiting, risk_history, risk_of
from tutela.cases.models import Person
from tutela.cases.queries import agency_id_of, case_of, child_of, entries_of
from tutela.closure.queries import answer_to, is_closed, request_of
from tutela.consent.queries import standing, unanswered
from tutela.deadlines.tasks import tasks_on
from tutela.follow_up.queries import contacts
from tutela.intake.queries import identification_of, registration_of
from tutela.planning.queries import objectives, plans
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force

pytestmark = pytest.mark.django_db

SIBLINGS = ("k", "sister_1", "sister_2", "sister_3")
each_sibling = pytest.mark.parametrize("sibling", SIBLINGS)


# K and his sisters


def test_k_and_his_sisters_became_known_in_four_different_ways(played: Played) -> None:
    ways = {identification_of(played["k"][one]).contents["source"] for one in SIBLINGS}  # type: ignore[union-attr]
    assert ways == {"school", "police", "health", "family_member"}


@each_sibling
def test_each_of_them_has_a_file_a_case_and_a_code_of_their_own(played: Played, sibling: str) -> None:
    case = case_of(played["k"][sibling])
    others = [case_of(played["k"][one]) for one in SIBLINGS if one != sibling]
    assert case and case not in others


@pytest.mark.usefixtures("static_files_by_their_own_names")
@each_sibling
def test_no_page_of_one_file_shows_what_was_written_of_a_brother_or_sister(
    played: Played, sibling: str, client: Client
) -> None:
    """The files are linked: a sibling's name and code stand on the People tab, and nothing that was written of them."""
    file = played["k"][sibling]
    own, pages = set(_written_on(file)), _pages(file, client)
    own_situation = str(one_entry(file, "assessment.initial").answers["situation"])
    assert own_situation in "".join(
        pages.values()
    )  # so that not finding others' words there proves something
    for other in SIBLINGS:
        known = {*_called(played["k"][other])}
        for text in {*_written_on(played["k"][other]), *known} - own:
            for tab, page in pages.items():
                if not (tab == "file_people" and text in known):
                    assert not re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", page), (tab, text)


@each_sibling
def test_their_father_carries_the_marks_and_why_on_each_file_and_is_not_asked(
    played: Played, sibling: str
) -> None:
    father = person(played["k"][sibling], "father")
    assert {"suspected_of_harm", "must_not_be_told"} <= set(father.contents["safety_mark"])
    assert father.contents["safety_mark_why"]
    assert str(father.person_id) not in standing(played["k"][sibling])


@each_sibling
def test_their_mother_is_on_each_file_and_says_what_he_must_not_be_told(played: Played, sibling: str) -> None:
    file = played["k"][sibling]
    mother = person(file, "mother").person_id
    (hers,) = [entry.answers for entry in entries(file, "consent.consent") if entry.about == mother]
    assert "participation" in hers["agreed"]
    assert hers["recipients_excluded"] == ["family"] and hers["withheld"]


def test_k_lost_his_home_and_stays_at_school(played: Played) -> None:
    file = played["k"]["k"]
    assert "shelter" in registration_of(file).contents["urgent_needs"]  # type: ignore[union-attr]
    assert "out_of_school" not in one_entry(file, "assessment.comprehensive").answers["vulnerabilities"]
    assert any(entry.answers["kind"] == "school" for entry in entries(file, "follow_up.contact"))


def test_the_lower_risk_of_one_sister_counts_only_once_the_supervisor_agrees(played: Played) -> None:
    file = played["k"]["sister_2"]
    assert lowering_waiting(file) and _levels(file) == ["high"]


def test_the_oldest_sister_stays_open_while_the_request_to_close_waits(played: Played) -> None:
    file = played["k"]["sister_1"]
    request = request_of(file)
    assert request and answer_to(request) is None and not is_closed(file)


# The girl of thirteen and the woman who says she is her aunt


def test_the_girl_was_never_met_alone_and_her_file_is_open(played: Played) -> None:
    file = played["zuri"]["child"]
    reached = [entry.answers["reached"] for entry in entries(file, "follow_up.contact")]
    assert not {"child_alone", "child_trusted"} & set(reached)
    met: list[object] = []
    met += [entry.answers.get("seen_alone") for entry in entries(file, "assessment.comprehensive")]
    assert "with_others" in met and "alone" not in met and "trusted_person" not in met
    assert not is_closed(file) and request_of(file) is None


def test_attempts_are_written_down_as_attempts(played: Played) -> None:
    reached = [contact.contents["reached"] for contact in contacts(played["zuri"]["child"])]
    assert reached.count("attempt") == 2 and reached.count("child") >= 3


def test_nobody_can_tell_from_the_file_who_spoke_of_the_girl(played: Played) -> None:
    file = played["zuri"]["child"]
    assert "referrer" not in one_entry(file, "intake.identification").answers
    (afraid,) = marked(file, "must_not_be_contacted")
    assert "no name" in afraid.contents["name"] and "phone" not in afraid.contents


def test_the_woman_is_on_file_as_she_says_suspected_and_not_told(played: Played) -> None:
    woman = person(played["zuri"]["child"], "other_caregiver")
    assert set(woman.contents["safety_mark"]) == {"must_not_be_told", "suspected_of_harm"}
    assert str(woman.person_id) not in standing(played["zuri"]["child"])


def test_what_was_seen_and_what_is_made_of_it_stand_apart(played: Played) -> None:
    first = one_entry(played["zuri"]["child"], "assessment.initial").answers
    assert "died" in str(first["situation"]) and "died" not in str(first["judgement"])
    assert "I do not know" in str(first["judgement"])


def test_the_risk_of_the_girl_is_high_although_nothing_is_established(played: Played) -> None:
    file = played["zuri"]["child"]
    assert _levels(file) == ["high"]
    assert all(
        one.contents["finished"] == "no"
        for one in assessments(file)
        if one.contents["kind"] == "comprehensive"
    )


def test_tasks_wait_for_the_girl_her_own_word_among_them(played: Played) -> None:
    waiting = {task.form for task in tasks_on(played["zuri"]["child"], day=TODAY)}
    assert {
        "assessment.comprehensive",
        "follow_up.contact",
        "consent.urgent_answer",
        "consent.consent",
    } <= waiting
    assert len(unanswered(played["zuri"]["child"])) == 1


# The boy of fifteen months, his sister and his brother


def test_the_baby_and_the_two_older_children_have_a_file_each(played: Played) -> None:
    assert set(played["juma"]) == {"juma", "saida", "idris"}
    assert {responsible_for([file])[file] for file in played["juma"].values()} == {user("daniel")}


def test_the_care_of_the_baby_does_not_keep_him_safe_and_his_mother_is_getting_better(played: Played) -> None:
    told = entries(played["juma"]["juma"], "assessment.comprehensive")[-1].answers
    assert "care_not_safe" in told["vulnerabilities"] and "caregiver_strengths" in told["protective_factors"]
    assert {"neglect", "physical_violence"} == set(told["threats"])
    assert "better" in str(told["domains"])


def test_a_mother_can_be_suspected_on_one_file_and_give_her_consent_on_another(played: Played) -> None:
    baby, sister = played["juma"]["juma"], played["juma"]["saida"]
    assert [one.contents["relationship"] for one in marked(baby, "suspected_of_harm")] == ["mother"]
    assert str(person(sister, "mother").person_id) in standing(sister)


def test_the_second_plan_of_the_baby_has_two_tracks(played: Played) -> None:
    assert len(plans(played["juma"]["juma"])) == 2
    first, second, *_ = (one.contents["text"] for one in objectives(played["juma"]["juma"]))
    assert first.startswith("First track") and second.startswith("Second track")


@pytest.mark.parametrize("sibling", ["saida", "idris"])
def test_the_older_two_care_for_others_and_are_out_of_school(played: Played, sibling: str) -> None:
    registered = one_entry(played["juma"][sibling], "intake.registration").answers
    assert registered["care_arrangement"] == "child_carer"
    assert "out of school" in str(registered["concerns"]).lower()


def test_a_corrected_registration_keeps_the_case_and_its_code(played: Played) -> None:
    file = played["juma"]["juma"]
    first, corrected = entries(file, "intake.registration")
    case, child = case_of(file), child_of(file)
    assert corrected.amends == first.id
    assert case and case.entry_id == first.id and case.code == first.given["code"]
    assert child and child.contents["age"] == "1"


# Amina


def test_amina_is_safe_before_any_adult_is_asked(played: Played) -> None:
    acted = one_entry(played["amina"]["child"], "consent.urgent_action")
    consents = entries(played["amina"]["child"], "consent.consent")
    assert consents and all(acted.revision < consent.revision for consent in consents)
    assert acted.answers["basis"] == "urgent_best_interests"


def test_the_supervisor_answers_amina_s_caseworker_within_the_hours_of_the_rule(played: Played) -> None:
    file = played["amina"]["child"]
    acted, answered = one_entry(file, "consent.urgent_action"), one_entry(file, "consent.urgent_answer")
    pack = pack_in_force(agency_id_of(file), TODAY)
    hours = rule_on("consent.override.answer", day=acted.happened_on, pack=pack).number
    assert answered.by_id == user("samira").id
    assert timedelta() < answered.happened_at - acted.happened_at < timedelta(hours=hours)


def test_amina_agrees_herself_and_is_registered_assessed_and_heard_on_the_day_she_comes(
    played: Played,
) -> None:
    file = played["amina"]["child"]
    came = one_entry(file, "intake.identification")
    hers = standing(file)["child"]
    assert came.answers["source"] == "child"
    assert "share_for_services" in hers.contents["agreed"]
    for form in ("consent.explanation", "intake.registration", "assessment.initial"):
        assert one_entry(file, form).happened_on == came.happened_on == hers.entry.happened_on


@pytest.mark.parametrize("relationship", ["father", "mother"])
def test_amina_s_parents_are_marked_and_never_asked(played: Played, relationship: str) -> None:
    file = played["amina"]["child"]
    parent = person(file, relationship)
    assert {"must_not_be_told", "must_not_be_contacted"} <= set(parent.contents["safety_mark"])
    assert str(parent.person_id) not in standing(file)
    assert not [task for task in tasks_on(file, day=TODAY) if task.about == parent.person_id]


def test_amina_has_a_plan_that_begins_with_her_safety(played: Played) -> None:
    assert len(plans(played["amina"]["child"])) == 1
    first = next(iter(objectives(played["amina"]["child"]))).contents
    assert first["horizon"] == "immediate" and "safe" in first["text"]


# The boy of ten, and the man who came back


def test_only_people_changed_the_risk_of_the_boy(played: Played) -> None:
    """High, lower once the supervisor agreed, high again: each level stands on an entry in which somebody chose it."""
    file = played["kito"]["child"]
    daniel, samira = user("daniel").id, user("samira").id
    history = [(one.level, one.entry.form_code, one.entry.by_id) for one in risk_history(file)]
    assert history == [
        ("high", "assessment.initial", daniel),
        ("medium", "assessment.risk_agreement", samira),
        ("high", "assessment.comprehensive", daniel),
    ]
    asked = one_entry(file, "assessment.risk")
    assert asked.by_id == daniel and asked.answers["risk_level"] == "medium"
    assert asked.revision + 1 == risk_history(file)[1].entry.revision


def test_bad_news_alone_left_the_risk_of_the_boy_as_it_was(played: Played) -> None:
    file = played["kito"]["child"]
    news = [
        entry
        for entry in entries(file, "follow_up.contact")
        if "higher" in entry.answers.get("risk_changed", [])
    ]
    before, after = risk_history(file)[1:]
    assert news and all(before.entry.revision < entry.revision < after.entry.revision for entry in news)


def test_the_caseworker_of_the_boy_acts_first_then_looks_again_then_changes_the_plan(played: Played) -> None:
    file = played["kito"]["child"]
    released = next(
        one for one in entries(file, "follow_up.contact") if "higher" in one.answers.get("risk_changed", [])
    )
    acted = entries(file, "consent.urgent_action")[-1]
    looked_again = entries(file, "assessment.comprehensive")[-1]
    planned = entries(file, "planning.plan")[-1]
    steps = [released, acted, looked_again, planned]
    assert steps == sorted(steps, key=lambda entry: entry.revision)
    assert released.happened_on == acted.happened_on
    assert acted.answers["need"] == ["safety"] and looked_again.answers["risk_level"] == "high"


def test_the_man_who_came_back_stays_suspected_marked_and_the_same_person(played: Played) -> None:
    file = played["kito"]["child"]
    suspected = marked(file, "suspected_of_harm")
    assert len(suspected) == 2
    assert {Person.objects.filter(file_id=file, person_id=one.person_id).count() for one in suspected} == {
        1,
        2,
    }


def test_the_boy_had_two_months_of_work_before(played: Played) -> None:
    file = played["kito"]["child"]
    began, acted = one_entry(file, "intake.identification"), entries(file, "consent.urgent_action")[-1]
    assert acted.happened_on - began.happened_on > timedelta(weeks=8)
    assert len(plans(file)) == 2 and not unanswered(file)


# Everybody


def test_nobody_s_risk_was_set_by_anything_but_an_entry_that_names_the_level(played: Played) -> None:
    for file in every_file(played):
        for level in risk_history(file):
            (entry,) = [one for one in entries_of(file) if one.id == level.entry_id]
            chosen = entry.answers.get("risk_level") or entry.answers.get("agreed")
            assert chosen in (level.level, "yes")
        assert risk_of(file)


def _levels(file: UUID) -> list[str]:
    return [one.level for one in risk_history(file)]


def _written_on(file: UUID) -> Iterator[str]:
    """Sentences, names and the code: what would tell one child's story on another child's page."""
    for entry in entries_of(file):
        yield from (text for text in texts(entry) if len(text.split()) > 3)
    yield from _called(file)


def _called(file: UUID) -> Iterator[str]:
    """The names and the code of a child."""
    yield from (one.contents["name"] for one in Person.objects.filter(file_id=file, is_the_child=True))
    case = case_of(file)
    yield case.code if case else ""


def _pages(file: UUID, client: Client) -> dict[str, str]:
    """Every page of a file as its caseworker sees them: their text, without tags and what is in them, by tab."""
    client.force_login(user("amara"))
    tabs = ("file", "file_people", "file_plan", "file_consent")
    urls = {tab: reverse(tab, kwargs={"file_id": file}) for tab in tabs}
    for entry in entries_of(file):
        urls[str(entry.id)] = reverse("file_entry", kwargs={"file_id": file, "entry_id": entry.id})
    answers = {page: client.get(url) for page, url in urls.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {
        page: unescape(re.sub(r"<[^>]*>", "", answer.content.decode())) for page, answer in answers.items()
    }
