"""The criteria of every pack speak of terms that there are, and every term has its words for children (R3, R5)."""

from datetime import date

import pytest

from tutela.protocols.packs import Pack, available, load, rule_on

TODAY = date(2026, 11, 27)
PACKS = [load(name) for name in available()]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)


@each_pack
@pytest.mark.covers("R3")
def test_every_row_of_the_matrix_is_of_terms_that_there_are(pack: Pack) -> None:
    for row in rule_on("screening.matrix", day=TODAY, pack=pack).rows:
        assert str(row["vulnerability"]) in ("any", *pack.vocabulary("vulnerability").codes)
        assert str(row["threat"]) in ("any", *pack.vocabulary("safety_threat").codes)
        assert str(row["says"]) in pack.vocabulary("criteria_advice").codes
        assert {row["vulnerability"], row["threat"]} != {"any"}


@each_pack
@pytest.mark.covers("R3")
def test_the_matrix_has_a_source_a_day_and_a_next_review(pack: Pack) -> None:
    for rule in pack.rules["screening.matrix"]:
        assert rule.source and rule.verified_on
    assert pack.rules["screening.matrix.review_every"][0].unit == "months"


@each_pack
@pytest.mark.covers("R3")
@pytest.mark.parametrize("name", ["safety_threat", "vulnerability"])
def test_every_term_has_words_for_children(pack: Pack, name: str) -> None:
    own, for_children = pack.vocabularies[name].codes, pack.vocabularies[f"{name}_for_children"].codes
    assert set(for_children) == set(own)


@each_pack
@pytest.mark.covers("R5")
def test_every_trigger_and_exclusion_says_something(pack: Pack) -> None:
    triggers, exclusions = (pack.vocabulary(f"care_reform_{kind}").codes for kind in ("trigger", "exclusion"))
    rows = rule_on("screening.care_reform", day=TODAY, pack=pack).rows
    said = {str(row["reason"]): str(row["says"]) for row in rows}
    assert set(said) == {*triggers, *exclusions}
    assert {said[code] for code in triggers} <= {"always", "covered"}
    assert {said[code] for code in exclusions} == {"other_help"}
    assert said["formal_alternative_care"] == said["reintegration"] == "always"
