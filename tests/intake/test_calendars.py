"""Other calendars, against rules that are published for whole ranges of years (R16). Single dates stand in tests/examples."""

from datetime import date, timedelta

import pytest

from tutela.foundation.refusals import Refused
from tutela.intake.calendars import gregorian_day

pytestmark = pytest.mark.covers("R16")

# The leap years of the Solar Hijri calendar as they were in force, from 1354 to 1408.
LEAP = {1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408}


@pytest.mark.parametrize("year", range(1972, 2023))
def test_the_ethiopian_year_begins_on_the_eleventh_or_twelfth_of_september(year: int) -> None:
    begins = gregorian_day(f"{year}-1-1", calendar="ethiopian")
    assert begins == date(year + 7, 9, 12 if year % 4 == 0 else 11)


@pytest.mark.parametrize("year", range(1354, 1409))
def test_the_solar_hijri_year_has_its_leap_day_when_it_was_in_force(year: int) -> None:
    if year in LEAP:
        last = gregorian_day(f"{year}-12-30", calendar="solar_hijri")
        assert last + timedelta(days=1) == gregorian_day(f"{year + 1}-1-1", calendar="solar_hijri")
    else:
        with pytest.raises(Refused):
            gregorian_day(f"{year}-12-30", calendar="solar_hijri")


@pytest.mark.thorough
@pytest.mark.parametrize(("calendar", "months"), [("ethiopian", 13), ("solar_hijri", 12)])
def test_no_day_is_told_twice_and_none_is_left_out(calendar: str, months: int) -> None:
    year = 2010 if calendar == "ethiopian" else 1397
    first = before = gregorian_day(f"{year}-1-1", calendar=calendar)
    for month in range(1, months + 1):
        assert gregorian_day(f"{year}-{month}-1", calendar=calendar) == before
        before += timedelta(days=_length(year, month, calendar))
    assert before == first + timedelta(days=365)


def _length(year: int, month: int, calendar: str) -> int:
    """How many days a month has: the last one that is told, and that follows its first day by so many."""
    first = gregorian_day(f"{year}-{month}-1", calendar=calendar)
    for length in [5, 6, 28, 29, 30, 31, 32]:
        try:
            last = gregorian_day(f"{year}-{month}-{length}", calendar=calendar)
        except Refused:
            return length - 1
        assert last == first + timedelta(days=length - 1)
    raise AssertionError("The month has no end.")
