"""What each story shows of consent, services, safety, families and the ends of cases."""

from datetime import timedelta

import pytest

from tests.stories.reading import TODAY, Played, entries, every_file, one_entry, person, user
from tutela.access.queries import changes_of_hands, covers_in, responsible_for, supervised_teams
from tutela.assessment.queries import risk_history, risk_of
from tutela.cases.families import family_of
from tutela.cases.queries import agency_id_of, case_of, files_of
from tutela.closure.queries import closure_of, conflicts_waiting, is_closed, reopening_of
from tutela.consent.queries import (
    basis_for_sharing,
    mandatory_report,
    not_asked,
    services_to_decide,
    standing,
    withdrawals,
)
from tutela.deadlines.queries import open_deadlines
from tutela.follow_up.queries import set_asides
from tutela.intake.queries import screening_of
from tutela.planning.queries import meetings, plan_copy_of, safety_plan_of
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force
from tutela.referral.queries import gaps_of, packet_of, referrals

pytestmark = pytest.mark.django_db

STARTED_WITH_SCREENING = [
    ("amina", "child"), ("juma", "juma"), ("k", "k"), ("kito", "child"), ("tomas", "child"), ("zuri", "child"),
]  # fmt: skip


@pytest.mark.parametrize(("story", "child"), STARTED_WITH_SCREENING)
def test_they_were_screened_as_children_at_risk_who_need_case_management(
    played: Played, story: str, child: str
) -> None:
    screening = screening_of(played[story][child])
    assert screening and screening.contents["outcome"] == "eligible"
    assert screening.contents["is_child"] == "child" and screening.contents["at_risk"] == "yes"


@pytest.mark.parametrize(
    ("story", "child", "relationship", "reason"),
    [
        ("amina", "child", "father", "suspected"),
        ("amina", "child", "mother", "not_safe"),
        ("zuri", "child", "other_caregiver", "suspected"),
        ("juma", "juma", "mother", "suspected"),
        ("k", "k", "father", "suspected"),
    ],
)
def test_who_was_never_asked_for_consent_and_why(
    played: Played, story: str, child: str, relationship: str, reason: str
) -> None:
    file = played[story][child]
    who = person(file, relationship).person_id
    assert not_asked(file)[str(who)].contents["reason"] == reason
    assert who not in {entry.about for entry in entries(file, "consent.consent")}


# What was shared, with whom, on which basis


@pytest.mark.parametrize(
    ("story", "child", "provider", "stage"),
    [
        ("amina", "child", "Safe house, Quiet Courtyard", "started"),
        ("kito", "child", "Counsellor at the district hospital", "started"),
        ("juma", "juma", "Feeding centre of the hill villages", "started"),
        ("k", "k", "Legal aid office at the harbour", "started"),
        ("tomas", "child", "Sewing course, Hands at Work", "completed"),
        ("salim", "child", "Tracing team of the border camp", "completed"),
        ("nadia", "child", "Sewing course, Hands at Work", "declined"),
    ],
)
def test_each_service_was_asked_on_consent_and_its_answer_is_there(
    played: Played, story: str, child: str, provider: str, stage: str
) -> None:
    (course,) = referrals(played[story][child])
    assert (course.provider, course.stage) == (provider, stage)
    assert course.told["basis"] == "consent" and course.told["basis_entries"]


def test_the_safe_house_was_told_neither_where_amina_lives_nor_who_her_parents_are(played: Played) -> None:
    (course,) = referrals(played["amina"]["child"])
    assert set(packet_of(course)) <= {"need", "first_name", "age", "language"}
    assert not {"Ibrahim", "Fatuma"} & set(" ".join(packet_of(course).values()).split())


def test_the_legal_aid_office_was_told_of_k_s_mother_and_not_of_his_father(played: Played) -> None:
    (course,) = referrals(played["k"]["k"])
    told = " ".join(packet_of(course).values())
    assert "Mariam" in told and "Rashid" not in told


def test_nothing_of_zuri_was_sent_to_any_service(played: Played) -> None:
    file = played["zuri"]["child"]
    assert referrals(file) == []
    assert not standing(file)
    urgent = [entry.answers["shared_with"] for entry in entries(file, "consent.urgent_action")]
    assert urgent[0] == "Nobody" and str(urgent[-1]).endswith("Nothing of who told us.")


def test_where_there_is_no_legal_service_amina_s_file_says_so(played: Played) -> None:
    (gap,) = gaps_of([played["amina"]["child"]])
    assert gap.sector == "legal"


@pytest.mark.parametrize(
    ("story", "decision"),
    [("amina", "no_duty"), ("zuri", "deferred_for_safety"), ("kito", "report_required_reported")],
)
def test_whether_to_report_was_decided_by_somebody_after_talking_it_over(
    played: Played, story: str, decision: str
) -> None:
    file = played[story]["child"]
    report = mandatory_report(file)
    assert report and report.contents["decision"] == decision
    told = one_entry(file, "consent.mandatory_report").answers
    assert told["consulted_on"] and told["decided_by"] and told["risks"] and told["rationale"]


def test_only_the_decision_to_report_kito_opens_the_way_to_an_authority(played: Played) -> None:
    """Consent would too; towards authorities a decision not to report gives nothing by itself."""
    deferred = played["zuri"]["child"]
    basis = basis_for_sharing(deferred, recipient="authorities", day=TODAY)
    assert basis is None or basis.kind == "urgent_best_interests"


# Safety


@pytest.mark.parametrize(("story", "child"), [("amina", "child"), ("k", "k"), ("kito", "child")])
def test_the_child_made_a_safety_plan(played: Played, story: str, child: str) -> None:
    plan = safety_plan_of(played[story][child])
    assert plan and "child" in one_entry(played[story][child], "planning.safety_plan").answers["made_with"]


def test_amina_takes_no_paper_with_her(played: Played) -> None:
    copy = plan_copy_of(played["amina"]["child"])
    assert copy and copy.contents["answer"] == "kept_here"


def test_zuri_s_home_is_no_place_to_talk_and_a_closed_gate_was_put_off_for_two_days(played: Played) -> None:
    file = played["zuri"]["child"]
    check = one_entry(file, "follow_up.place_check").answers
    assert check["place"] == "home" and check["private"] == "no"
    assert set_asides(file)["follow_up"].contents["reason"] == "no_access"


def test_when_nobody_reached_zuri_the_supervisor_said_how_to_look_for_her(played: Played) -> None:
    file = played["zuri"]["child"]
    missing = [entry for entry in entries(file, "follow_up.contact") if entry.answers["reached"] == "missing"]
    search = one_entry(file, "follow_up.search")
    assert missing[-1].revision < search.revision and search.by_id == user("samira").id


@pytest.mark.parametrize(("story", "child"), [("zuri", "child"), ("juma", "juma")])
def test_the_comprehensive_assessment_took_two_visits(played: Played, story: str, child: str) -> None:
    first, second = entries(played[story][child], "assessment.comprehensive")
    assert first.answers["finished"] == "no" and first.answers["to_find_out"]
    assert first.happened_on < second.happened_on


def test_kito_s_caseworker_has_a_tie_and_works_on_with_safeguards(played: Played) -> None:
    file = played["kito"]["child"]
    decided = one_entry(file, "closure.conflict_answer")
    assert decided.by_id == user("samira").id and decided.answers["decision"] == "safeguards"
    assert not conflicts_waiting([file]) and responsible_for([file])[file] == user("daniel")


def test_kito_s_review_found_the_old_plan_unfit_before_the_new_one(played: Played) -> None:
    file = played["kito"]["child"]
    review = one_entry(file, "follow_up.review")
    assert review.answers["plan_still_fits"] == "no"
    assert (
        entries(file, "planning.plan")[0].revision
        < review.revision
        < entries(file, "planning.plan")[-1].revision
    )


def test_amina_s_planning_meeting_was_without_her_parents_and_juma_s_without_his_mother(
    played: Played,
) -> None:
    (hers,) = meetings(played["amina"]["child"])
    assert hers.contents["who"] == ["child", "caseworker"] and hers.contents["caregiver_absent"] == "not_safe"
    (his,) = meetings(played["juma"]["juma"])
    assert "father" in his.contents["who"] and "mother" not in his.contents["who"]


# Families, and one visit written once


@pytest.mark.parametrize(
    ("story", "visited", "not_there"),
    [("k", {"k", "sister_2", "sister_3"}, {"sister_1"}), ("juma", {"saida", "idris"}, {"juma"})],
)
def test_the_files_of_a_family_are_linked_and_a_visit_stands_on_each_child_who_was_there(
    played: Played, story: str, visited: set[str], not_there: set[str]
) -> None:
    files = played[story]
    for file in files.values():
        assert {file, *family_of(file, within=set(files.values()))} == set(files.values())
    visits = {one: one_entry(files[one], "follow_up.family_visit") for one in visited}
    assert len({(one.happened_at, str(one.answers["household"])) for one in visits.values()}) == 1
    assert len({str(one.answers["situation"]) for one in visits.values()}) == len(visited)
    assert not [one for one in not_there if entries(files[one], "follow_up.family_visit")]


def test_no_link_leads_out_of_a_family(played: Played) -> None:
    everybody = every_file(played)
    for files in played.values():
        for file in files.values():
            assert set(family_of(file, within=everybody)) == set(files.values()) - {file} or len(files) == 1


# The ends of cases


def test_tomas_was_closed_because_his_objectives_were_met_and_came_back(played: Played) -> None:
    file = played["tomas"]["child"]
    request = one_entry(file, "closure.request").answers
    assert request["reason"] == "goals_met_safe_no_concern" and request["objectives_met"] == "yes"
    assert not is_closed(file) and reopening_of(file)


def test_salim_said_alone_and_himself_that_he_wishes_no_more_support(played: Played) -> None:
    file = played["salim"]["child"]
    request, agreed, closed = (
        one_entry(file, form) for form in ("closure.request", "closure.answer", "closure.closure")
    )
    assert request.answers["reason"] == "child_and_family_no_longer_wish"
    assert request.answers["child_asked"] == "alone" and request.answers["child_view"]
    assert agreed.by_id == user("samira").id != request.by_id
    assert request.revision < agreed.revision < closed.revision and is_closed(file)
    closure = closure_of(file)
    assert closure and not [one for one in open_deadlines([file]) if one.step == "post_closure_follow_up"]


def test_salim_took_back_his_consent_to_share_and_each_service_was_decided_with_him(played: Played) -> None:
    file = played["salim"]["child"]
    (taken,) = withdrawals(file)
    assert set(taken.contents["purposes"]) == {"share_for_services", "tracing"}
    assert taken.decision and services_to_decide(file) == []
    assert set(standing(file)["child"].contents["agreed"]) == {"participation", "data_collection_storage"}
    assert basis_for_sharing(file, recipient="other_agencies", day=TODAY) is None


def test_salim_had_an_interpreter_of_his_choice_who_promised_silence(played: Played) -> None:
    told = one_entry(played["salim"]["child"], "consent.explanation").answers
    assert (told["interpreter_who"], told["interpreter_sex"], told["interpreter_signed"]) == (
        "interpreter", "man", "yes",
    )  # fmt: skip


def test_nadia_was_handed_over_once_and_read_and_told_before(played: Played) -> None:
    file = played["nadia"]["child"]
    asked, taken = one_entry(file, "closure.transfer"), one_entry(file, "closure.transfer_answer")
    assert (asked.by_id, taken.by_id) == (user("amara").id, user("daniel").id)
    assert asked.answers["child_told"] == "told" and taken.answers["read"] == "yes"
    within = rule_on("transfer.answer", day=TODAY, pack=pack_in_force(agency_id_of(file), TODAY)).number
    assert taken.happened_on - asked.happened_on <= timedelta(days=within)
    assert responsible_for([file])[file] == user("daniel")
    assert changes_of_hands(file, since=asked.happened_on) == 1


def test_nadia_s_case_was_closed_opened_again_and_closed_again_under_one_code(played: Played) -> None:
    file = played["nadia"]["child"]
    closed = entries(file, "closure.closure")
    reopened = one_entry(file, "closure.reopening")
    assert closed[0].revision < reopened.revision < closed[1].revision and is_closed(file)
    assert len(entries(file, "intake.registration")) == 1 and case_of(file)
    assert [one.level for one in risk_history(file)] == ["medium", "low", "medium", "low"]
    risk = risk_of(file)
    assert risk and risk.level == "low"


def test_nadia_was_asked_for_consent_again_after_the_reopening(played: Played) -> None:
    file = played["nadia"]["child"]
    reopened = one_entry(file, "closure.reopening")
    for consent in standing(file).values():
        assert consent.entry.revision > reopened.revision
    assert set(standing(file)) == {"child", str(person(file, "mother").person_id)}


def test_nadia_knew_who_stood_in_while_her_caseworker_was_away(played: Played) -> None:
    told = one_entry(played["nadia"]["child"], "closure.cover_told")
    assert told.by_id == user("amara").id and told.answers["child_told"] == "told"


# What is in the demonstration beside the files


def test_somebody_stands_in_today_for_kito_s_caseworker_and_reads_no_confidential_part(
    played: Played,
) -> None:
    samira = user("samira")
    (cover,) = covers_in([team.id for team in supervised_teams(samira, TODAY)], seen_by=samira, day=TODAY)
    assert cover.file_id == played["kito"]["child"] and not cover.confidential
    assert (cover.covered_for.username, cover.stand_in.username) == ("daniel", "amara")
    assert cover.since <= TODAY <= cover.until


def test_the_one_who_stands_in_reaches_that_file_and_no_other_of_the_colleague(played: Played) -> None:
    amara, daniel = ({file.id for file in files_of(user(one), day=TODAY)} for one in ("amara", "daniel"))
    assert amara & daniel == {played["kito"]["child"]}
