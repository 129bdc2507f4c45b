"""When each step of a case is due: from when its clocks started, and the limits of a pack (R26–R28).

No level and no number stands here: which limits a level has, how long they are, and what they are counted
from is in the pack, under `deadline.<level>.<limit>`. Beside a limit can stand `….overdue_after`, and for
follow-ups `….contacts` and `….contacts_with_child`, the number of contacts that there are to be within it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tutela.closure.rules import calls_for_follow_up
from tutela.foundation.clock import local_day
from tutela.protocols.limits import falls
from tutela.protocols.packs import NotInPack, Pack, Rule, rule_on

# In the order of casework. What follows the first point tells two limits of one step apart.
LIMITS = (
    "registration", "initial_assessment", "assessment.start", "assessment.finish", "case_plan",
    "implementation", "follow_up", "review", "post_closure_follow_up",
)  # fmt: skip
_FOR_EVERY_LEVEL = ("initial_assessment", "post_closure_follow_up")
_OVER_ONCE_CLOSED = ("follow_up", "review")


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """When the steps of one case happened; None for what has not. Raises ValueError without a time zone.

    `risk`: the risk level, or the triage priority while there is none. `risk_set`: when the present level was
    set. `first_risk_set`: when the first one was (the same, where None). `assessed`: when an assessment was
    marked finished. `contacts`: those that came about, in any order. `contacts_with_child`: those of them in
    which the child was seen or spoken with (all, where None).
    """

    risk: str = "not_known"
    referred: datetime | None = None
    registered: datetime | None = None
    first_risk_set: datetime | None = None
    risk_set: datetime | None = None
    assessed: datetime | None = None
    planned: datetime | None = None
    last_review: datetime | None = None
    contacts: tuple[datetime, ...] = ()
    contacts_with_child: tuple[datetime, ...] | None = None
    closed_at: datetime | None = None
    closure_reason: str = ""

    def __post_init__(self) -> None:
        if any(moment.utcoffset() is None for moment in self.moments):
            raise ValueError("A clock needs a moment with its time zone.")

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Every moment among the clocks."""
        found = (getattr(self, clock.name) for clock in fields(self))
        single = tuple(moment for moment in found if isinstance(moment, datetime))
        return (*single, *self.contacts, *(self.contacts_with_child or ()))


@dataclass(frozen=True)
class Due:
    """One deadline. Late is what is not done by `overdue_after`; both moments are local to the place of work.

    A stored deadline keeps `rule`, `value`, `unit`, `citation` and `pack_hash`: it explains itself later.
    """

    step: str
    due_at: datetime
    overdue_after: datetime
    rule: str
    value: int
    unit: str
    citation: str
    pack_hash: str


def due(clocks: Clocks, *, pack: Pack, zone: ZoneInfo) -> list[Due]:
    """Every deadline whose clock has started, met or not, in the order of casework.

    `zone` is the place of work (R28). Raises NotInPack for a risk level, or a rule on that day, that the pack
    does not have; OverflowError or ValueError beyond the calendar.
    """
    if not clocks.moments:
        return []
    level = _level(clocks, pack=pack, day=local_day(min(clocks.moments), zone))
    limits = [limit for limit in LIMITS if _runs(limit, clocks, pack=pack, zone=zone)]
    found = (_due(limit, level, clocks, pack=pack, zone=zone) for limit in limits)
    return [one for one in found if one is not None]


def risks(pack: Pack) -> tuple[str, ...]:
    """The risk levels and triage priorities that deadlines can be worked out for."""
    return tuple(dict.fromkeys((*pack.vocabulary("risk_level").codes, *pack.vocabulary("triage").codes)))


def keys(pack: Pack) -> Iterator[str]:
    """The rules that a pack must have, or say that it leaves out."""
    yield "deadline.levels"
    for versions in pack.rules.get("deadline.levels", ()):
        levels = versions.value if isinstance(versions.value, tuple) else ()
        yield from (_key(limit, str(level)) for level in levels for limit in LIMITS)


def _level(clocks: Clocks, *, pack: Pack, day: date) -> str | None:
    """The level whose limits run; None where only those for every level do."""
    if clocks.risk not in risks(pack):
        raise NotInPack(
            f"There is no risk level “{clocks.risk}” in {pack.name}; it has {', '.join(risks(pack))}."
        )
    runs_as = f"deadline.{clocks.risk}.runs_as"
    level = rule_on(runs_as, day=day, pack=pack).codes[0] if runs_as in pack.rules else clocks.risk
    return level if level in rule_on("deadline.levels", day=day, pack=pack).codes else None


def _runs(limit: str, clocks: Clocks, *, pack: Pack, zone: ZoneInfo) -> bool:
    """Whether the limit has a meaning for a case that is closed, or is not."""
    if limit in _OVER_ONCE_CLOSED:
        return clocks.closed_at is None
    if limit == "post_closure_follow_up" and clocks.closed_at is not None:
        return calls_for_follow_up(clocks.closure_reason, pack=pack, day=local_day(clocks.closed_at, zone))
    return True


def _due(limit: str, level: str | None, clocks: Clocks, *, pack: Pack, zone: ZoneInfo) -> Due | None:
    """The deadline of one limit; None where level or pack have none, or its clock has not started."""
    if level is None and limit not in _FOR_EVERY_LEVEL:
        return None
    key = _key(limit, level or "")
    started = _started(key, clocks, pack)
    if started is None:
        return None
    anchor = _anchor(key, started, clocks, pack=pack, zone=zone)
    day = local_day(anchor, zone)
    rule = rule_on(key, day=day, pack=pack)
    later = _rule_beside(key, "overdue_after", day=day, pack=pack)
    due_at = falls(anchor, rule, zone)
    citations = dict.fromkeys([rule.citation] + ([later.citation] if later else []))
    return Due(
        step=limit.split(".")[0],
        due_at=due_at,
        overdue_after=falls(anchor, later, zone) if later else due_at,
        rule=key,
        value=rule.number,
        unit=rule.unit,
        citation=" · ".join(citations),
        pack_hash=rule.pack_hash,
    )


def _key(limit: str, level: str) -> str:
    return f"deadline.{'any_level' if limit in _FOR_EVERY_LEVEL else level}.{limit}"


def _started(key: str, clocks: Clocks, pack: Pack) -> datetime | None:
    """When the clock of a limit started. Raises NotInPack for a limit that is missing, not left out."""
    versions = pack.rules.get(key, ())
    if not versions and pack.leaves_out(key):
        return None
    if not versions or versions[0].clock is None:
        raise NotInPack(f"There is no rule “{key}” with a clock in {pack.name}.")
    return _CLOCKS[versions[0].clock](clocks)


_CLOCKS: dict[str, Callable[[Clocks], datetime | None]] = {
    "referred": lambda clocks: clocks.referred,
    "registered": lambda clocks: clocks.registered,
    "first_risk_set": lambda clocks: clocks.first_risk_set or clocks.risk_set,
    "risk_set": lambda clocks: clocks.risk_set,
    "assessed": lambda clocks: clocks.assessed,
    "planned": lambda clocks: clocks.planned,
    "last_review": lambda clocks: clocks.last_review or clocks.planned,
    "closed_at": lambda clocks: clocks.closed_at,
}


def _anchor(key: str, started: datetime, clocks: Clocks, *, pack: Pack, zone: ZoneInfo) -> datetime:
    """From when the time is counted: the start or, for follow-ups, the last contact that has to be in it.

    Twice within seven days holds until seven days after the last contact but one; where the child has to be
    met in one of them, until seven days after the last contact with the child, if that was earlier.
    """
    day = local_day(max((started, *clocks.contacts)), zone)
    wanted = _rule_beside(key, "contacts", day=day, pack=pack)
    if wanted is None:
        return started
    within = [_latest(clocks.contacts, wanted.number)]
    with_child = _rule_beside(key, "contacts_with_child", day=day, pack=pack)
    if with_child and clocks.contacts_with_child is not None:
        within.append(_latest(clocks.contacts_with_child, with_child.number))
    return max(started, min(moment or started for moment in within))


def _latest(moments: Sequence[datetime], count: int) -> datetime | None:
    """The `count`-th latest moment, or None where there are fewer."""
    return sorted(moments)[-count] if 0 < count <= len(moments) else None


def _rule_beside(key: str, name: str, *, day: date, pack: Pack) -> Rule | None:
    beside = f"{key}.{name}"
    return rule_on(beside, day=day, pack=pack) if beside in pack.rules else None
