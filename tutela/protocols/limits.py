"""When a time limit falls: to the hour for hours, at the end of the local day for everything longer (R28)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tutela.foundation.clock import days_after, end_of_day, local_day, months_after
from tutela.protocols.packs import Rule


def falls(start: datetime, limit: Rule, zone: ZoneInfo) -> datetime:
    """The moment that lies `limit` after `start`, at the place of work.

    Hours are elapsed hours, whatever the clocks on the wall did; months are calendar months, clipped at the
    end of a shorter one. Raises ValueError for a unit that measures no time, and ValueError or OverflowError
    beyond the calendar.
    """
    if limit.unit == "hours":
        return (start.astimezone(UTC) + timedelta(hours=limit.number)).astimezone(zone)
    day = local_day(start, zone)
    if limit.unit == "months":
        return end_of_day(months_after(day, limit.number), zone)
    if limit.unit in ("days", "weeks"):
        return end_of_day(days_after(day, timedelta(**{limit.unit: limit.number}).days), zone)
    raise ValueError(f"{limit.key} in {limit.pack} is measured in {limit.unit}, which is no time.")
