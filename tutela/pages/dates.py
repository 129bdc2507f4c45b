"""Dates in words that stand near ("in 2 days", "3 days late"), the exact date, and ages.

The steps from days to weeks to months are steps of wording, not rules of casework.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from tutela.foundation.clock import age_on, now

_WEEK, _MONTH, _YEAR = 7, 30, 12  # days, days, months
_DAYS_UNTIL, _WEEKS_UNTIL = 2 * _WEEK, 2 * _MONTH  # from here on weeks, from here on months
_HOUR = timedelta(hours=1)

Moment = date | datetime


@dataclass(frozen=True)
class Lateness:
    """How a due date stands: `late`, `today` or `ahead`, with the words for it."""

    kind: Literal["late", "today", "ahead"]
    words: str


def distance(moment: Moment) -> str:
    """How far `moment` is from now: "in 2 days", "yesterday", "3 weeks ago"."""
    days = _days_from_today(moment)
    if days == 0:
        return gettext("today")
    if days in (1, -1):
        return gettext("tomorrow") if days == 1 else gettext("yesterday")
    words = gettext("in {length}") if days > 0 else gettext("{length} ago")
    return words.format(length=_length(abs(days)))


def lateness(due: Moment) -> Lateness:
    """How `due` stands. A date is late from the next day on (R28); a moment, from that moment on."""
    days = _days_from_today(due)
    if isinstance(due, datetime) and abs(due - now()) < timedelta(days=1):
        return _lateness_in_hours(due)
    if days < 0:
        return Lateness("late", gettext("{length} late").format(length=_length(-days)))
    return Lateness("today", gettext("today")) if days == 0 else Lateness("ahead", distance(due))


def exact(moment: Moment) -> str:
    """The date itself, with the weekday, and the local time where there is one."""
    if isinstance(moment, datetime):
        return date_format(timezone.localtime(moment), pgettext("date format", "D j M Y, H:i"))
    return date_format(moment, pgettext("date format", "D j M Y"))


def age_words(born: date, *, estimated: bool = False) -> str:
    """Completed years, or under two years months: "9 years", "14 months", "about 9 years"."""
    today = timezone.localdate()
    months = (today.year - born.year) * _YEAR + today.month - born.month - (today.day < born.day)
    if months < 1:
        words = gettext("under 1 month")
    elif months < 2 * _YEAR:
        words = ngettext("{n} month", "{n} months", months).format(n=months)
    else:
        words = years_words(age_on(today, born=born))
    return gettext("about {age}").format(age=words) if estimated else words


def years_words(years: int) -> str:
    """A number of years: "9 years"."""
    return ngettext("{n} year", "{n} years", years).format(n=years)


def _days_from_today(moment: Moment) -> int:
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    return (day - timezone.localdate()).days


def _lateness_in_hours(due: datetime) -> Lateness:
    left = due - now()
    hours = max(1, round(abs(left) / _HOUR))
    length = ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    if left < timedelta():
        return Lateness("late", gettext("{length} late").format(length=length))
    return Lateness("today", gettext("in {length}").format(length=length))


def _length(days: int) -> str:
    if days < _DAYS_UNTIL:
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if days < _WEEKS_UNTIL:
        weeks = days // _WEEK
        return ngettext("{n} week", "{n} weeks", weeks).format(n=weeks)
    months = days // _MONTH
    return ngettext("{n} month", "{n} months", months).format(n=months)
