"""Making and revising the plan."""

from datetime import date

from tutela.cases.actions import end, make, outdated_by
from tutela.cases.entries import Kind, OpenEntry
from tutela.planning.models import Objective, Plan, PlanAction


def apply_plan(entry: OpenEntry) -> None:
    """A revised plan is a new version as a whole; the old one stays readable (R37)."""
    newer = outdated_by(Plan, entry)
    for model in (Plan, Objective, PlanAction):
        if newer is None:
            end(model, entry)
    make(Plan, entry, entry.fact("plan"), ended_by_id=newer)
    for number, objective in enumerate(entry.facts.get("objective", [])):
        make(Objective, entry, dict(objective), number=number, position=number, ended_by_id=newer)
    for number, action in enumerate(entry.facts.get("plan_action", [])):
        due_on = str(action.pop("due_on", ""))
        make(
            PlanAction,
            entry,
            dict(action),
            number=number,
            position=number,
            ended_by_id=newer,
            due_on=date.fromisoformat(due_on) if due_on else None,
        )


KINDS = (Kind("planning.plan", apply=apply_plan, continues=True),)
