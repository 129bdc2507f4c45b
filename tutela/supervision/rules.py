"""Whether the work fits the week (R81), how long an emergency lasts (R120), when it is night (R121). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from tutela.protocols.packs import NotInPack, Pack, rule_on

KEYS = (
    "caseload.warning", "caseload.limit", "workload.minutes", "workload.week", "workload.ahead",
    "emergency.lasts", "emergency.review_within", "emergency.most_in_a_day",
    "access_log.digest_every", "access_log.team_sees", "access_log.night_from", "access_log.night_until",
    "access_log.many_files",
)  # fmt: skip

_OTHER = "other"  # stands for every step that the rule does not name


@dataclass(frozen=True)
class Week:
    """What is due in the coming week (`due` contacts and steps, and what they take) against the working time."""

    due: int
    takes: timedelta
    working_hours: int

    @property
    def fits(self) -> bool:
        """Whether it can be done at all."""
        return self.takes <= timedelta(hours=self.working_hours)

    @property
    def hours(self) -> int:
        """The time it takes, in whole hours, rounded up."""
        return next(hours for hours in count() if timedelta(hours=hours) >= self.takes)


def week_of(
    due: Iterable[tuple[str, str]], *, weekly_hours: int | None, pack: Pack, day: date
) -> Week:  # fmt: skip
    """The week of somebody for whom these are due: the step of each and its rule, such as `deadline.high.follow_up`.

    A contact counts as often as its rule wants contacts. `weekly_hours`: as agreed, or None for those of the pack.
    """
    minutes = {
        str(row["step"]): int(row["minutes"]) for row in rule_on("workload.minutes", day=day, pack=pack).rows
    }
    counted = [(step, _times(rule, pack=pack, day=day)) for step, rule in due]
    hours = weekly_hours if weekly_hours is not None else rule_on("workload.week", day=day, pack=pack).number
    return Week(
        due=sum(times for _, times in counted),
        takes=timedelta(minutes=sum(times * minutes.get(step, minutes[_OTHER]) for step, times in counted)),
        working_hours=hours,
    )


def _times(rule: str, *, pack: Pack, day: date) -> int:
    """How many contacts a limit asks for; once, where it says nothing of that."""
    try:
        return rule_on(f"{rule}.contacts", day=day, pack=pack).number
    except NotInPack:
        return 1


def emergency_ends(at: datetime, *, day: date, pack: Pack) -> datetime:
    """Until when a file is open to whoever opens it in an emergency at `at` (R120)."""
    return at + timedelta(hours=rule_on("emergency.lasts", day=day, pack=pack).number)


def review_by(at: datetime, *, day: date, pack: Pack) -> datetime:
    """Until when an opening of `at` is to be answered by somebody who was not part of it (R120)."""
    return at + timedelta(hours=rule_on("emergency.review_within", day=day, pack=pack).number)


def is_night(moment: datetime, *, day: date, pack: Pack) -> bool:
    """Whether a moment, in local time, falls into the night (R121)."""
    begins, ends = (
        rule_on(f"access_log.night_{name}", day=day, pack=pack).number for name in ("from", "until")
    )
    return moment.hour >= begins or moment.hour < ends
