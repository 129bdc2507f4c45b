"""What an answer means for the work that follows: the codes of the lists that casework acts on. Pure."""

from collections.abc import Sequence
from datetime import date

from tutela.protocols.packs import Pack, Rule, rule_on

KEYS = ("home_visit.people",)

# Of the list contact_result.
WITH_CHILD = frozenset({"child", "child_alone", "child_trusted"})
MISSING = "missing"
NOT_REACHED = frozenset({"attempt", MISSING})

# Of the list risk_changed: what calls for a review before its time (R49).
REVIEW_SOONER = frozenset(
    {"new_violence", "worse_wellbeing", "care_change", "dissatisfaction", "action_ineffective"}
)

# Of the same list: what leads to the risk level next; only a person changes it (R23).
RISK_TO_LOOK_AT = frozenset({"higher", "lower"})

_MOVED = frozenset({"ongoing", "completed", "not_achieved"})  # of the list action_status


def people_at_home(day: date, *, pack: Pack) -> Rule:
    """How many people go to a home together at most, with where that is written (S2 Annex 10)."""
    return rule_on("home_visit.people", day=day, pack=pack)


def run_of_attempts(results: Sequence[str]) -> list[int]:
    """Which of `results` (codes of contact_result, in the order in which they happened) are attempts that still count.

    Reaching anybody ends a run of attempts; of a child who is missing only reaching the child does (R113).
    """
    run: list[int] = []
    for place, result in enumerate(results):
        if result in NOT_REACHED:
            run.append(place)
        elif result in WITH_CHILD or not any(results[one] == MISSING for one in run):
            run = []
    return run


def progress_of(statuses: Sequence[str]) -> str:
    """How far carrying out the plan is (a code of plan_progress), from where its actions stand; empty without any."""
    if not statuses:
        return ""
    if all(status == "completed" for status in statuses):
        return "done"
    return "going_on" if _MOVED & set(statuses) else "not_begun"
