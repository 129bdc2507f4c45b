"""Whether the work of the coming week fits into the week (R81). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tutela.protocols.packs import NotInPack, Pack, rule_on

KEYS = ("caseload.warning", "caseload.limit", "workload.minutes", "workload.week", "workload.ahead")

_MINUTES_IN_AN_HOUR = 60
_OTHER = "other"  # stands for every step that the rule does not name


@dataclass(frozen=True)
class Week:
    """What is due in the coming week against the time there is: how many contacts and steps, minutes, working minutes."""

    due: int
    minutes: int
    working: int

    @property
    def fits(self) -> bool:
        """Whether it can be done at all."""
        return self.minutes <= self.working

    @property
    def hours(self) -> int:
        """The time it takes, in whole hours, rounded up."""
        return -(-self.minutes // _MINUTES_IN_AN_HOUR)

    @property
    def working_hours(self) -> int:
        """The working hours of the week."""
        return self.working // _MINUTES_IN_AN_HOUR


def week_of(
    due: Iterable[tuple[str, str]], *, weekly_hours: int | None, pack: Pack, day: date
) -> Week:  # fmt: skip
    """The week of somebody for whom these are due: step and risk level of each, such as `("follow_up", "high")`.

    A contact counts as often as the level wants contacts. `weekly_hours`: as agreed, or None for those of the pack.
    """
    minutes = {
        str(row["step"]): int(row["minutes"]) for row in rule_on("workload.minutes", day=day, pack=pack).rows
    }
    counted = [(step, _times(step, risk, pack=pack, day=day)) for step, risk in due]
    hours = weekly_hours if weekly_hours is not None else rule_on("workload.week", day=day, pack=pack).number
    return Week(
        due=sum(times for _, times in counted),
        minutes=sum(times * minutes.get(step, minutes[_OTHER]) for step, times in counted),
        working=hours * _MINUTES_IN_AN_HOUR,
    )


def _times(step: str, risk: str, *, pack: Pack, day: date) -> int:
    if step != "follow_up":
        return 1
    try:
        return rule_on(f"deadline.{risk}.follow_up.contacts", day=day, pack=pack).number
    except NotInPack:
        return 1
