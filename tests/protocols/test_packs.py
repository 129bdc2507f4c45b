"""Packs and their rules: dates, extending, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.protocols.conftest import LIST, RULE, WritePack
from tutela.protocols.packs import BadPack, NotInPack, Pack, Rule, available, load, rule_on

DAY = date(2024, 6, 3)
DATED = RULE.replace(
    "valid_from: 2020-01-01", "valid_from: 2020-01-01\n  valid_until: 2023-12-31"
) + RULE.replace("value: 3", "value: 5").replace("valid_from: 2020-01-01", "valid_from: 2024-01-01")


def test_a_rule_comes_with_its_citation_and_the_hash_of_its_pack(write_pack: WritePack) -> None:
    pack = load(write_pack())
    rule = rule_on("visit.within", day=DAY, pack=pack)
    assert rule == Rule("visit.within", 3, "days", "Invented, section 1; R26", "here", pack.hash)


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2020, 1, 1), 3), (date(2023, 12, 31), 3), (date(2024, 1, 1), 5), (date(2030, 1, 1), 5)],
)
def test_of_two_dated_values_the_one_holds_that_is_valid_that_day(
    write_pack: WritePack, day: date, value: int
) -> None:
    assert rule_on("visit.within", day=day, pack=load(write_pack(rules=DATED))).number == value


def test_a_day_before_the_first_value_is_refused_with_the_key_and_the_day(write_pack: WritePack) -> None:
    with pytest.raises(NotInPack, match=r"“visit.within” in here has no value on 2019-12-31"):
        rule_on("visit.within", day=date(2019, 12, 31), pack=load(write_pack(rules=DATED)))


def test_two_values_on_one_day_are_refused(write_pack: WritePack) -> None:
    pack = load(write_pack(rules=RULE + RULE.replace("value: 3", "value: 5")))
    with pytest.raises(NotInPack, match=r"has 2 values on 2024-06-03"):
        rule_on("visit.within", day=DAY, pack=pack)


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(NotInPack, match=r"There is no rule “visit.often” in interagency_2024\."):
        rule_on("visit.often", day=DAY, pack=load())


@pytest.mark.parametrize(
    "field", ["source", "requirement", "verified_on", "valid_from", "unit", "value", "key"]
)
def test_a_value_lacking_anything_fails_to_load(write_pack: WritePack, field: str) -> None:
    lines = ["- dummy: 1", *RULE.removeprefix("- ").splitlines()]
    kept = [line.strip() for line in lines[1:] if not line.strip().startswith(f"{field}:")]
    folder = write_pack(rules="- " + "\n  ".join(kept) + "\n")
    with pytest.raises(BadPack, match=rf"rules.yaml:1: “{field}” is missing"):
        load(folder)


@pytest.mark.parametrize("source", ['""', "null", "7"])
def test_an_empty_source_is_no_source(write_pack: WritePack, source: str) -> None:
    with pytest.raises(BadPack, match=r"“source”"):
        load(write_pack(rules=RULE.replace("Invented, section 1", source)))


@pytest.mark.parametrize("value", ["-1", "1.5", "true", "{a: 1}", "[1, 2]", "null"])
def test_a_value_is_a_whole_number_a_word_or_a_list(write_pack: WritePack, value: str) -> None:
    with pytest.raises(BadPack, match=r"rules.yaml:2: “value” is not a whole number"):
        load(write_pack(rules=RULE.replace("value: 3", f"value: {value}")))


def test_yes_and_no_are_words_in_a_pack(write_pack: WritePack) -> None:
    answers = LIST.replace("red", "yes").replace("blue", "no")
    assert load(write_pack(vocabularies=answers)).vocabulary("colour").codes == ("yes", "no")


def test_a_pack_takes_over_what_it_extends_and_puts_its_own_in_the_place(write_pack: WritePack) -> None:
    other = RULE.replace("visit.within", "call.within")
    write_pack("parent", rules=RULE + other, vocabularies=LIST)
    child = load(write_pack("child", header="extends: parent", rules=RULE.replace("value: 3", "value: 9")))
    assert child.lineage == ("child", "parent")
    assert rule_on("visit.within", day=DAY, pack=child).number == 9
    assert rule_on("call.within", day=DAY, pack=child).number == 3
    assert child.vocabulary("colour").codes == ("red", "blue")


def test_an_overriding_value_takes_the_place_of_every_dated_one(write_pack: WritePack) -> None:
    write_pack("parent", rules=DATED)
    child = load(write_pack("child", header="extends: parent", rules=RULE.replace("value: 3", "value: 9")))
    assert rule_on("visit.within", day=date(2021, 1, 1), pack=child).number == 9
    assert rule_on("visit.within", day=DAY, pack=child).number == 9


def test_a_pack_says_what_it_leaves_out(write_pack: WritePack) -> None:
    write_pack("parent", rules=RULE + RULE.replace("visit.within", "visit.within.overdue_after"))
    child = load(write_pack("child", header="extends: parent\nwithout: [visit.within]", rules="[]"))
    assert child.rules == {}
    assert child.leaves_out("visit.within")
    assert child.leaves_out("visit.within.overdue_after")
    assert not child.leaves_out("visit.within_reach")


def test_packs_that_extend_each_other_are_refused(write_pack: WritePack) -> None:
    write_pack("one", header="extends: two")
    with pytest.raises(BadPack, match=r"in a circle"):
        load(write_pack("two", header="extends: one"))


def test_a_pack_elsewhere_can_extend_one_of_the_installation(write_pack: WritePack) -> None:
    pack = load(write_pack("country", header="extends: interagency_2024"))
    assert rule_on("deadline.medium.registration", day=DAY, pack=pack).number == 3


def test_an_unknown_pack_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotInPack, match=r"There is no pack “nowhere”; there are .*interagency_2024"):
        load("nowhere")


@pytest.mark.parametrize("name", ["../packs/legacy_2014", "/", "", ".", "legacy_2014/"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(NotInPack):
        load(name)


def test_the_hash_is_of_the_content_and_not_of_the_file(write_pack: WritePack) -> None:
    first = load(write_pack("a/here"))
    same = load(write_pack("b/here", rules="# a remark\n" + RULE))
    other = load(write_pack("c/here", rules=RULE.replace("value: 3", "value: 4")))
    assert first.hash == same.hash != other.hash
    assert len(first.hash) == 64


@pytest.mark.parametrize("name", available())
def test_a_pack_that_was_stored_and_read_back_is_the_same(name: str) -> None:
    pack = load(name)
    assert Pack.model_validate_json(pack.model_dump_json()).hash == pack.hash
    assert Pack.model_validate(pack.model_dump(mode="json")) == pack


def test_the_terms_that_a_list_adds_follow_its_own(write_pack: WritePack) -> None:
    more = "- {name: no_answer, title: None, source: Invented, terms: [{code: unknown, label: Not known}]}\n"
    pack = load(write_pack(vocabularies=LIST.replace("  terms:", "  also: no_answer\n  terms:") + more))
    assert pack.vocabulary("colour").codes == ("red", "blue", "unknown")


def test_a_term_is_active_until_the_day_it_is_retired(write_pack: WritePack) -> None:
    _, blue = load(write_pack(vocabularies=LIST)).vocabulary("colour").terms
    retired = date(2023, 12, 31)
    assert blue.is_active(retired)
    assert not blue.is_active(retired + timedelta(1))


def test_locale_files_add_their_words_to_the_labels(write_pack: WritePack) -> None:
    pack = load(write_pack(vocabularies=LIST, locale__fr="vocabularies: {colour: {red: Rouge}}"))
    red, blue = pack.vocabulary("colour").terms
    assert red.label == {"en": "Red", "fr": "Rouge"}
    assert blue.label == {"en": "Blue"}


def test_forms_come_as_they_are_written_with_their_file(write_pack: WritePack) -> None:
    folder = write_pack(forms__intake="code: intake.first\ntitle: First\n")
    source = load(folder).form_sources()["intake.first"]
    assert source.content == {"code": "intake.first", "title": "First"}
    assert source.file == "here/forms/intake.yaml"


@pytest.mark.parametrize(
    ("value", "read"),
    [("[a, b]", lambda rule: rule.number), ("3", lambda rule: rule.codes), ("3", lambda rule: rule.rows)],
)
def test_a_rule_that_is_read_as_something_else_says_so(
    write_pack: WritePack, value: str, read: Callable[[Rule], object]
) -> None:
    pack = load(write_pack(rules=RULE.replace("value: 3", f"value: {value}")))
    with pytest.raises(TypeError, match=r"visit.within in here is no"):
        read(rule_on("visit.within", day=DAY, pack=pack))


def test_a_file_that_is_no_yaml_is_refused_with_its_line(write_pack: WritePack) -> None:
    with pytest.raises(BadPack, match=r"rules.yaml:2: This is not YAML"):
        load(write_pack(rules="- key: a\n  key: b\n"))


def test_a_folder_without_a_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadPack, match=r"pack.yaml:1: This file cannot be read"):
        load(tmp_path / "empty")
