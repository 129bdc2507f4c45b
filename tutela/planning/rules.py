"""What would make a plan clearer, and whose word is asked for (R30, R37, R84). Nothing here ever keeps anybody from working."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, rule_on

KEYS = ("plan.approval",)
CEILING = "fund.ceiling"  # a pack need not have one: there is no amount that fits every country

# Of the list action_status: nothing is left to be done.
OVER = frozenset({"completed", "not_achieved", "cancelled"})

Told = Mapping[str, Any]  # the contents of one fact


def hints_for_objective(objective: Told) -> list[Words]:
    """What is missing for a SMART objective, as a coach would ask for it (R30; S2 §3.4-3)."""
    text, need = objective.get("text", ""), objective.get("need", "")
    hints = []
    if need and text == need:
        hints.append(say("Say what should change, more exactly than the need."))
    if not objective.get("measure"):
        hints.append(say("How will you see that it is reached?"))
    if not objective.get("horizon"):
        hints.append(say("Until when?"))
    if not need:
        hints.append(say("Which need does it answer?"))
    return hints


def hints_for_action(action: Told, *, due_on: date | None) -> list[Words]:
    """What is missing for an action that somebody can do and somebody can see done (R31)."""
    if action.get("status") in OVER:
        return []
    hints = []
    if not action.get("who"):
        hints.append(say("Who does it?"))
    if due_on is None:
        hints.append(say("Until when?"))
    return hints


def above_ceiling(action: Told, *, pack: Pack, day: date) -> bool:
    """Whether an action that is still to be done costs more than a caseworker may spend alone (R84)."""
    if CEILING not in pack.rules or action.get("status") in OVER or not action.get("cost"):
        return False
    return int(action["cost"]) > rule_on(CEILING, day=day, pack=pack).number


def asks_for_word(actions: Sequence[Told], *, pack: Pack, day: date) -> list[str]:
    """Why a supervisor is asked for a word on a plan: `approval`, `cost`, both or neither."""
    why = ["approval"] if rule_on("plan.approval", day=day, pack=pack).is_yes else []
    return [*why, "cost"] if any(above_ceiling(one, pack=pack, day=day) for one in actions) else why
