"""What `check` finds, and that the packs of the installation have nothing to mend."""

from collections.abc import Iterable

import pytest

from tests.protocols.conftest import LIST, RULE, WritePack
from tutela.assessment import rules as assessment
from tutela.closure import rules as closure
from tutela.consent import rules as consent
from tutela.deadlines import rules as deadlines
from tutela.protocols.checking import CHECKS, Checked, check, has_rules
from tutela.protocols.packs import NotInPack, Pack, available, load
from tutela.protocols.reading import Finding

DATED = RULE.replace("valid_from: 2020-01-01", "valid_from: 2020-01-01\n  valid_until: 2023-12-31")
LATER = RULE.replace("valid_from: 2020-01-01", "valid_from: 2024-01-01")


def _found(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.file.name}:{finding.line}: {finding.sentence}" for finding in findings]


def _keys(pack: Pack) -> Iterable[str]:
    return [*deadlines.keys(pack), *consent.KEYS, *assessment.KEYS, *closure.KEYS]


@pytest.mark.parametrize("name", available())
def test_the_packs_of_the_installation_have_nothing_to_mend(name: str) -> None:
    assert _found(check(name, checks=(*CHECKS, has_rules(_keys)))) == []


@pytest.mark.parametrize("name", available())
def test_what_was_decided_here_says_so(name: str) -> None:
    for rule in (rule for versions in load(name).rules.values() for rule in versions):
        assert "Tutela" not in rule.source or "[P]" in rule.source


def test_a_good_pack_has_no_finding(write_pack: WritePack) -> None:
    assert check(write_pack(rules=DATED + LATER, vocabularies=LIST)) == []


def test_everything_of_the_wrong_shape_is_found_at_once(write_pack: WritePack) -> None:
    rules = RULE.replace("  source: Invented, section 1\n", "") + RULE.replace("unit: days", "unit: moons")
    folder = write_pack(rules=rules, vocabularies=LIST.replace("code: red", "code: Red one"))
    first, second, third = _found(check(folder))
    assert first == "rules.yaml:1: “source” is missing."
    assert second.startswith("rules.yaml:9: “unit”: input should be 'hours', 'days'")
    assert third.startswith("vocabularies.yaml:5: “code”: string should match")


def test_a_name_that_nothing_knows_is_found(write_pack: WritePack) -> None:
    assert _found(check(write_pack(rules=RULE + "  colour: red\n"))) == [
        "rules.yaml:8: “colour” is not known here."
    ]


def test_a_list_where_a_mapping_should_be_is_found(write_pack: WritePack) -> None:
    assert _found(check(write_pack(rules="key: visit.within"))) == [
        "rules.yaml:1: This file is not a list: each entry begins with a dash."
    ]


def test_a_pack_with_another_name_than_its_folder_is_found(write_pack: WritePack) -> None:
    folder = write_pack("here").rename(write_pack("there") / "elsewhere")
    assert _found(check(folder)) == ["pack.yaml:1: The pack is called otherwise than its folder, elsewhere."]


def test_overlapping_dates_are_found(write_pack: WritePack) -> None:
    overlapping = LATER.replace("2024-01-01", "2023-12-31")
    assert _found(check(write_pack(rules=DATED + overlapping))) == [
        "rules.yaml:12: “visit.within” has another value already on 2023-12-31."
    ]


def test_a_value_without_an_end_leaves_no_room_for_a_later_one(write_pack: WritePack) -> None:
    assert _found(check(write_pack(rules=RULE + LATER))) == [
        "rules.yaml:11: “visit.within” has another value already on 2024-01-01."
    ]


def test_a_gap_between_two_values_is_found(write_pack: WritePack) -> None:
    late = LATER.replace("2024-01-01", "2024-01-02")
    assert _found(check(write_pack(rules=DATED + late))) == [
        "rules.yaml:12: “visit.within” has no value between 2023-12-31 and 2024-01-02."
    ]


def test_a_value_that_ends_before_it_begins_is_found(write_pack: WritePack) -> None:
    backwards = DATED.replace("2023-12-31", "2019-12-31")
    assert _found(check(write_pack(rules=backwards))) == [
        "rules.yaml:5: “visit.within” ends before it begins."
    ]


def test_a_limit_keeps_its_clock(write_pack: WritePack) -> None:
    rules = DATED.replace("unit: days", "unit: days\n  clock: referred") + LATER.replace(
        "unit: days", "unit: days\n  clock: planned"
    )
    assert _found(check(write_pack(rules=rules))) == [
        "rules.yaml:13: “visit.within” is counted from something else than before."
    ]


def test_a_rule_that_names_an_absent_list_is_found(write_pack: WritePack) -> None:
    rules = RULE.replace("value: 3", "value: [red]").replace("unit: days", "unit: codes\n  of: colours")
    assert _found(check(write_pack(rules=rules, vocabularies=LIST))) == [
        "rules.yaml:4: There is no list “colours”."
    ]


def test_a_code_that_is_not_in_the_list_of_the_rule_is_found(write_pack: WritePack) -> None:
    rules = RULE.replace("value: 3", "value: [red, green]").replace("unit: days", "unit: codes\n  of: colour")
    assert _found(check(write_pack(rules=rules, vocabularies=LIST))) == [
        "rules.yaml:2: There is no “green” in the list “colour”."
    ]


def test_what_is_left_out_has_to_be_there(write_pack: WritePack) -> None:
    write_pack("parent")
    folder = write_pack("child", header="extends: parent\nwithout:\n  - visit.within\n  - visit.often\n")
    assert _found(check(folder)) == ["pack.yaml:8: There is no rule “visit.often” to leave out."]


def test_a_rule_that_casework_asks_for_and_nobody_wrote_is_found(write_pack: WritePack) -> None:
    def keys(pack: Pack) -> list[str]:
        return ["visit.within", "visit.often"]

    assert _found(check(write_pack(), checks=[has_rules(keys)])) == [
        "pack.yaml:1: Casework asks for the rule “visit.often”, which is not in this pack."
    ]
    write_pack("parent", rules=RULE.replace("visit.within", "visit.often"))
    child = write_pack("child", header="extends: parent\nwithout: [visit.often]")
    assert check(child, checks=[has_rules(keys)]) == []


def test_a_pack_without_a_limit_of_one_level_is_found(write_pack: WritePack) -> None:
    header = "extends: interagency_2024\nwithout: [deadline.low.case_plan]"
    folder = write_pack(header=header, rules="[]")
    assert deadlines.LIMITS[4] == "case_plan"
    assert check(folder, checks=[has_rules(_keys)]) == []
    levels = """\
        - key: deadline.levels
          value: [high, medium, low, none]
          unit: codes
          of: risk_level
          valid_from: 2020-01-01
          source: Invented
          requirement: R23
          verified_on: 2024-05-01
        """
    missing = check(
        write_pack("more", header="extends: interagency_2024", rules=levels), checks=[has_rules(_keys)]
    )
    assert (
        "pack.yaml:1: Casework asks for the rule “deadline.none.registration”, which is not in this pack."
        in (_found(missing))
    )


def test_a_code_that_stands_twice_is_found(write_pack: WritePack) -> None:
    assert _found(check(write_pack(vocabularies=LIST + "    - {code: red, label: Also red}\n"))) == [
        "vocabularies.yaml:7: “red” stands twice in “colour”."
    ]


def test_a_retired_code_is_never_used_again(write_pack: WritePack) -> None:
    assert _found(check(write_pack(vocabularies=LIST + "    - {code: blue, label: Sad}\n"))) == [
        "vocabularies.yaml:7: “blue” was retired and means something already in “colour”."
    ]


def test_a_retired_code_is_not_used_again_in_a_pack_that_extends(write_pack: WritePack) -> None:
    write_pack("parent", vocabularies=LIST)
    child = write_pack(
        "child",
        header="extends: parent",
        vocabularies=LIST.replace("label: Blue, active_until: 2023-12-31", "label: Sad"),
    )
    assert _found(check(child)) == ["vocabularies.yaml:6: “blue” was retired and means something already."]


def test_a_list_that_takes_the_place_of_another_keeps_the_codes_that_rules_need(
    write_pack: WritePack,
) -> None:
    rule = RULE.replace("value: 3", "value: [red]").replace("unit: days", "unit: codes\n  of: colour")
    write_pack("parent", rules=rule, vocabularies=LIST)
    child = write_pack(
        "child", header="extends: parent", rules="[]", vocabularies=LIST.replace("code: red", "code: green")
    )
    assert _found(check(child)) == [
        "vocabularies.yaml:4: The rule “visit.within” needs “red”, which this list lacks."
    ]


def test_two_lists_of_one_name_are_found(write_pack: WritePack) -> None:
    assert _found(check(write_pack(vocabularies=LIST + LIST))) == [
        "vocabularies.yaml:7: There are two lists called “colour”."
    ]


def test_a_list_that_adds_an_absent_one_is_found(write_pack: WritePack) -> None:
    folder = write_pack(vocabularies=LIST.replace("  terms:", "  also: no_answer\n  terms:"))
    assert _found(check(folder)) == ["vocabularies.yaml:4: There is no list “no_answer”."]


def test_a_code_that_the_added_list_has_too_is_found(write_pack: WritePack) -> None:
    more = "- {name: no_answer, title: None, source: Invented, terms: [{code: red, label: Not known}]}\n"
    folder = write_pack(vocabularies=LIST.replace("  terms:", "  also: no_answer\n  terms:") + more)
    assert _found(check(folder)) == ["vocabularies.yaml:6: “red” stands twice in “colour”."]


def test_words_for_a_term_that_is_not_there_are_found(write_pack: WritePack) -> None:
    words = "vocabularies:\n  colour:\n    red: Rouge\n    green: Vert\n"
    assert _found(check(write_pack(vocabularies=LIST, locale__fr=words))) == [
        "fr.yaml:4: There is no term “green” in a list “colour”."
    ]


def test_two_forms_of_one_code_are_found(write_pack: WritePack) -> None:
    form = "title: First\ncode: intake.first\n"
    assert _found(check(write_pack(forms__one=form, forms__two=form))) == [
        "two.yaml:2: There are two forms with the code “intake.first”."
    ]


def test_a_form_without_a_code_is_found(write_pack: WritePack) -> None:
    assert _found(check(write_pack(forms__one="title: First\n"))) == ["one.yaml:1: This form has no code."]


def test_a_pack_that_extends_nothing_that_exists_is_found(write_pack: WritePack) -> None:
    (finding,) = _found(check(write_pack(header="extends: nowhere")))
    assert finding.startswith("pack.yaml:5: There is no pack “nowhere”")


def test_what_is_wrong_in_the_extended_pack_is_found_there(write_pack: WritePack) -> None:
    write_pack("parent", rules="- {key: visit.within}")
    findings = check(write_pack("child", header="extends: parent"))
    assert {finding.file.parent.name for finding in findings} == {"parent"}


def test_a_pack_that_is_not_there_is_refused() -> None:
    with pytest.raises(NotInPack):
        check("nowhere")


def test_another_package_brings_its_own_check(write_pack: WritePack) -> None:
    def too_short(checked: Checked) -> Iterable[Finding]:
        for rule in checked.written.rules:
            yield rule.finding("Too short.", "value")

    assert _found(check(write_pack(), checks=(*CHECKS, too_short))) == ["rules.yaml:2: Too short."]
