"""Assessing, and saying how high the risk is."""

from collections.abc import Sequence
from functools import partial

from tutela.assessment.models import Assessment, Lowering, RiskLevel
from tutela.assessment.queries import lowering_waiting, risk_of
from tutela.cases.actions import end, make
from tutela.cases.entries import Kind, OpenEntry
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say


def apply_assessment(entry: OpenEntry, *, kind: str) -> None:
    """Record the assessment; where it names a risk level, that holds from now on."""
    make(Assessment, entry, {**entry.fact("assessment"), "kind": kind})
    if entry.fact("risk").get("level"):
        apply_risk(entry)


def apply_risk(entry: OpenEntry) -> None:
    """Raising acts at once; lowering from high waits for the supervisor (R23)."""
    risk = entry.fact("risk")
    before = risk_of(entry.file_id)
    end(Lowering, entry)
    if before and before.level == "high" and risk["level"] != "high":
        make(Lowering, entry, {"reason": risk["reason"]}, level=risk["level"])
        return
    if not before or before.level != risk["level"]:
        set_risk(entry)


def set_risk(entry: OpenEntry) -> None:
    """The level that `entry` names holds from now on."""
    risk = entry.fact("risk")
    end(RiskLevel, entry)
    make(RiskLevel, entry, {"reason": risk["reason"]}, level=risk["level"])


def missing_for_agreement(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a lowering to answer, and somebody else asked for it."""
    waiting = lowering_waiting(entry.file_id)
    if waiting is None:
        return [Unmet("nothing_waiting", say("No change of the risk level waits for agreement."), "R23")]
    if entry.by_id in (waiting.entry.by_id, waiting.entry.done_by_id):
        return [Unmet("own_request", say("You asked for this yourself. Another supervisor decides."), "R23")]
    return []


def apply_agreement(entry: OpenEntry) -> None:
    """Agreed: the lower level holds. Not agreed: the risk stays high."""
    waiting = lowering_waiting(entry.file_id)
    end(Lowering, entry)
    if waiting and entry.fact("risk_agreement")["agreed"] == "yes":
        end(RiskLevel, entry)
        make(RiskLevel, entry, waiting.contents, level=waiting.level)


KINDS = (
    Kind("assessment.initial", apply=partial(apply_assessment, kind="initial"), ),
    Kind("assessment.comprehensive", apply=partial(apply_assessment, kind="comprehensive"), continues=True),
    Kind("assessment.risk", apply=apply_risk, amendable=False, needs_base=True),
    Kind(
        "assessment.risk_agreement", apply=apply_agreement, unmet=missing_for_agreement,
        action="agree", amendable=False, needs_base=True,
    ),
)  # fmt: skip
