"""How old the child may be on a day, by what is known of the birth (R16). Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tutela.foundation.clock import age_on, days_after, years_before


def ages_on(day: date, *, known: Mapping[str, Any]) -> tuple[int, int] | None:
    """The youngest and the oldest that a child may be on `day`, in completed years; None where nothing is known.

    `known` are the contents of the child: a day of birth, the days between which it lies, or only its year.
    """
    if born := known.get("birth_date"):
        first = last = date.fromisoformat(born)
    elif between := known.get("born_between"):
        first, last = (date.fromisoformat(one) for one in between)
    elif year := known.get("birth_year"):
        return max(day.year - int(year) - 1, 0), day.year - int(year)
    else:
        return None
    return max(age_on(day, born=last), 0), max(age_on(day, born=first), 0)


def born_between(youngest: int, oldest: int, *, told_on: date) -> list[str]:
    """The first and the last day on which somebody can be born who on `told_on` is of these ages, as ISO days."""
    first = days_after(years_before(told_on, oldest + 1), 1)
    return [first.isoformat(), years_before(told_on, youngest).isoformat()]
