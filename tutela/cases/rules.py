"""How old the child may be on a day, by what is known of the birth (R16). Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tutela.foundation.clock import age_on, days_after, years_before

_FIRST_OF_JANUARY, _LAST_OF_DECEMBER = (1, 1), (12, 31)


def birth_between(known: Mapping[str, Any]) -> tuple[date, date] | None:
    """The first and the last day on which a child can have been born; None where nothing is known.

    `known` are the contents of the child: a day of birth, the days between which it lies, or only its year.
    """
    if born := known.get("birth_date"):
        return date.fromisoformat(born), date.fromisoformat(born)
    if between := known.get("born_between"):
        first, last = (date.fromisoformat(one) for one in between)
        return first, last
    if year := known.get("birth_year"):
        return date(int(year), *_FIRST_OF_JANUARY), date(int(year), *_LAST_OF_DECEMBER)
    return None


def ages_on(day: date, *, known: Mapping[str, Any]) -> tuple[int, int] | None:
    """The youngest and the oldest that a child may be on `day`, in completed years; None where nothing is known."""
    between = birth_between(known)
    if between is None:
        return None
    first, last = between
    return max(age_on(day, born=last), 0), max(age_on(day, born=first), 0)


def born_between(youngest: int, oldest: int, *, told_on: date) -> list[str]:
    """The first and the last day on which somebody can be born who on `told_on` is of these ages, as ISO days."""
    first = days_after(years_before(told_on, oldest + 1), 1)
    return [first.isoformat(), years_before(told_on, youngest).isoformat()]
