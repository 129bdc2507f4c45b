"""A date of birth as people tell it, in the day of the Gregorian calendar that it means (R16). Pure."""

import re
from collections.abc import Callable
from datetime import date

from convertdate import coptic, persian

from tutela.forms.values import western_digits
from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import Words, say

IN_WORDS = "words"  # of the list birth_calendar: kept as told, and no day follows from it

# The Ethiopian calendar has the months and leap years of the Coptic one, and counts its years from another event.
_ETHIOPIAN_ERA = 276  # years: 1 Mäskäräm 2000 is 1 Thout 1724, and 12 September 2007

_Day = tuple[int, int, int]  # year, month, day
_PARTS = re.compile(r"\s*(\d{1,4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,4})\s*", re.ASCII)


def gregorian_day(told: str, *, calendar: str) -> date:
    """The Gregorian day that `told` means in `calendar`, a code of the list `birth_calendar` other than `words`.

    `told` is year, month, day or day, month, year, in the digits of any script, with - / or . between them: the year has
    four digits. Raises Refused, in one sentence, for what is no date and for a day that this calendar does not have.
    """
    parts = _PARTS.fullmatch(western_digits(told))
    if parts is None or (len(parts[1]) == 4) == (len(parts[3]) == 4):
        raise _refused("malformed", say("Write the date as year-month-day, with four digits for the year."))
    first, month, last = (int(part) for part in parts.groups())
    year, day = (first, last) if len(parts[1]) == 4 else (last, first)
    try:
        return _READERS[calendar](year, month, day)
    except ValueError:
        words = say("There is no such day in this calendar. Look at the day, the month and the calendar.")
        raise _refused("no_such_day", words) from None


def _gregorian(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def _ethiopian(year: int, month: int, day: int) -> date:
    return _there_and_back((year - _ETHIOPIAN_ERA, month, day), coptic.to_gregorian, coptic.from_gregorian)


def _solar_hijri(year: int, month: int, day: int) -> date:
    return _there_and_back((year, month, day), persian.to_gregorian, persian.from_gregorian)


def _there_and_back(day: _Day, there: Callable[..., _Day], back: Callable[..., _Day]) -> date:
    """The library goes on counting past the end of a month: only what comes back as it was is a day. Raises ValueError."""
    found = date(*there(*day))
    if tuple(back(found.year, found.month, found.day)) != day:
        raise ValueError
    return found


_READERS: dict[str, Callable[[int, int, int], date]] = {
    "gregorian": _gregorian, "ethiopian": _ethiopian, "solar_hijri": _solar_hijri,
}  # fmt: skip


def _refused(code: str, words: Words) -> Refused:
    return Refused(Unmet(code, words, "R16", "birth_told"))
