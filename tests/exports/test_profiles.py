"""What `tutela protocol check` finds in the exports of a pack: a name where there may be none, what happened beside one."""

from datetime import date
from pathlib import Path

import pytest

from tests.protocols.conftest import WritePack, write_pack
from tutela.cli import asked_for
from tutela.exports.rules import keys, profiles_fit, profiles_on
from tutela.protocols import packs
from tutela.protocols.checking import check, has_rules

__all__ = ["write_pack"]

HEADER = "extends: interagency_2024\n"
SOURCED = """  valid_from: 2026-01-01
  source: Invented, section 1
  requirement: R93
  verified_on: 2026-11-28
"""


def columns(purpose: str, *codes: str) -> str:
    listed = ", ".join(codes)
    return (
        f"- key: export.fields.{purpose}\n  value: [{listed}]\n  unit: codes\n  of: export_field\n{SOURCED}"
    )


def purposes(row: str) -> str:
    return f"- key: export.purposes\n  value:\n    - {row}\n  unit: rows\n{SOURCED}"


GOOD = '{purpose: monthly_report, identity: "no", linkable: "no", consent: unless_refused, who: supervisor}'


def found(folder: Path) -> list[str]:
    return [one.sentence for one in check(folder, checks=[profiles_fit])]


def test_a_pack_that_changes_the_columns_of_a_purpose_is_in_order(write_pack: WritePack) -> None:
    folder = write_pack(header=HEADER, rules=columns("monthly_report", "sex", "age_band") + purposes(GOOD))
    assert found(folder) == []
    (profile,) = profiles_on(date(2026, 11, 28), pack=packs.load(folder))
    assert profile.fields == ("sex", "age_band") and profile.classes == {"clear"}
    assert profile.roles == {"supervisor"} and not profile.identifying


@pytest.mark.covers("R93")
@pytest.mark.parametrize(
    "code", ["name", "other_names", "birth_date", "caregiver_name", "case_code", "opened_on", "responsible"]
)
def test_a_name_in_an_export_without_names_is_found(write_pack: WritePack, code: str) -> None:
    folder = write_pack(header=HEADER, rules=columns("donor_report", "sex", code))
    assert found(folder) == [f"“{code}” says who a child is, and “donor_report” is an export without names."]


@pytest.mark.covers("R93")
@pytest.mark.parametrize("code", ["threats", "vulnerabilities", "urgent_needs", "closure_reason", "source"])
def test_what_happened_beside_a_name_is_found(write_pack: WritePack, code: str) -> None:
    folder = write_pack(header=HEADER, rules=columns("caseload_transfer", "name", code))
    assert found(folder) == [
        f"“{code}” says what happened to a child, and “caseload_transfer” is an export with names (R93)."
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ("purpose: party", "There is no “party” in the list “export_purpose”."),
        ('identity: "perhaps"', "“identity” is one of yes, no."),
        ('linkable: ""', "“linkable” is one of yes, no."),
        ("consent: never", "“consent” is one of none, unless_refused, sharing_agreed, law."),
        ("who: volunteer", "“who” names roles out of"),
        ('who: ""', "“who” names roles out of"),
        ("who: supervisor data_entry", "“who” names roles out of"),
    ],
)
def test_a_purpose_that_makes_no_sense_is_found(write_pack: WritePack, changed: str, sentence: str) -> None:
    name = changed.partition(":")[0]
    row = ", ".join(changed if part.startswith(f"{name}:") else part for part in GOOD.strip("{}").split(", "))
    (told,) = found(write_pack(header=HEADER, rules=purposes(f"{{{row}}}")))
    assert told.startswith(sentence)


def test_columns_for_a_purpose_that_is_not_there_are_found(write_pack: WritePack) -> None:
    assert found(write_pack(header=HEADER, rules=columns("party", "sex"))) == [
        "“export.purposes” has no purpose “party”."
    ]


def test_names_and_linkable_numbers_do_not_go_together(write_pack: WritePack) -> None:
    row = GOOD.replace('"no"', '"yes"')
    assert found(write_pack(header=HEADER, rules=purposes(row))) == [
        "An export with names needs no number by which it can be linked."
    ]


def test_a_purpose_without_columns_is_found(write_pack: WritePack) -> None:
    row = GOOD.replace("monthly_report", "tracing_list")
    folder = write_pack(header=HEADER, rules=purposes(row))
    told = [one.sentence for one in check(folder, checks=[has_rules(keys)])]
    assert told == ["Casework asks for the rule “export.fields.tracing_list”, which is not in this pack."]
    assert set(keys(packs.load())) <= set(asked_for.keys(packs.load()))
