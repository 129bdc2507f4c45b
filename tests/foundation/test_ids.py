"""What is told apart by its spelling: a case code finds the slips of a hand, and a reference on a paper is never a code."""

import pytest

from tutela.foundation.ids import new_case_code, new_reference, read_case_code

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
MANY = 2_000


@pytest.mark.covers("R17")
def test_a_code_is_read_however_it_is_spaced_or_written() -> None:
    code = new_case_code()
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert read_case_code(typed) == code


@pytest.mark.covers("R17")
def test_one_wrong_letter_is_no_code() -> None:
    plain = new_case_code().replace("-", "")
    for place, right in enumerate(plain):
        for wrong in LETTERS.replace(right, ""):
            assert read_case_code(plain[:place] + wrong + plain[place + 1 :]) is None


@pytest.mark.covers("R17")
def test_of_two_neighbours_that_changed_places_nearly_all_are_no_code() -> None:
    """ISO 7064 finds every wrong letter, and of neighbours all but about one in eight hundred."""
    swapped = [
        plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
        for plain in (new_case_code().replace("-", "") for _ in range(MANY))
        for place in range(len(plain) - 1)
        if plain[place] != plain[place + 1]
    ]
    assert len([one for one in swapped if read_case_code(one)]) < len(swapped) / 200


@pytest.mark.covers("R124")
def test_a_reference_on_a_paper_is_never_read_as_a_code() -> None:
    """Of letters that are drawn without a look, one in about forty would be."""
    references = {new_reference() for _ in range(MANY)}
    assert len(references) == MANY
    assert [one for one in references if read_case_code(one)] == []
