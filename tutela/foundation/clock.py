"""The one clock, and what a local day is (R28)."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The last whole second: a limit of a day or more falls at the end of the local day (R28).
_LAST_SECOND = time(23, 59, 59)


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which `moment` falls at the place of work."""
    return moment.astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of `day` at the place of work; the second of the two where clocks go back at midnight."""
    return datetime.combine(day, _LAST_SECOND, tzinfo=zone).replace(fold=1)


def days_after(day: date, days: int) -> date:
    """The day `days` days later."""
    return day + timedelta(days=days)


def months_after(day: date, months: int) -> date:
    """The same day `months` calendar months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(day.day, last))


def years_before(day: date, years: int) -> date:
    """The same day `years` years earlier; the day before where that year has no 29 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return days_after(day, -1).replace(year=day.year - years)


def age_on(day: date, *, born: date) -> int:
    """Completed years of age on `day`."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
