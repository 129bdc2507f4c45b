"""Assessing, and saying how high the risk is."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from tutela.assessment.models import (
    Assessment,
    AssessmentAnswer,
    AssessmentWordAsked,
    Circumstances,
    Lowering,
    Need,
    RiskLevel,
)
from tutela.assessment.queries import assessments_asked, lowering_waiting, risk_of
from tutela.assessment.rules import asks_for_word
from tutela.cases.actions import end, make, make_latest, missing_for_word, outdated_by
from tutela.cases.entries import Kind, OpenEntry
from tutela.cases.queries import agency_id_of, entry_of, last_entry
from tutela.forms.definition import Answers
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.protocols.packs import rule_on
from tutela.published.queries import pack_in_force


def missing_for_assessment(entry: OpenEntry) -> Sequence[Unmet]:
    """A correction leaves the risk level alone: a change of it is an entry of its own (R23)."""
    if entry.amends is None:
        return []
    before = entry_of(entry.amends, file_id=entry.file_id)
    if before.fact("risk").get("level") == entry.fact("risk").get("level"):
        return []
    words = say("A correction does not change the risk level. Leave it, and record the change on its own.")
    question = next(one.name for one in entry.form.questions if one.fact == "risk.level")
    return [Unmet("level_not_corrected", words, "R23", question)]


def apply_assessment(entry: OpenEntry, *, kind: str) -> None:
    """Record the assessment; where it names a risk level, that holds from now on. A correction sets none."""
    make(Assessment, entry, {**entry.fact("assessment"), "kind": kind})
    if entry.fact("assessment").get("finished") == "yes":
        _ask_for_word(entry)
    if entry.fact("risk").get("level") and not entry.amends:
        apply_risk(entry)


def _ask_for_word(entry: OpenEntry) -> None:
    """Where the pack says so, a supervisor is asked; each assessment and each correction of one anew (R37)."""
    pack = pack_in_force(agency_id_of(entry.file_id), entry.happened_on)
    if asks_for_word(pack=pack, day=entry.happened_on):
        make(AssessmentWordAsked, entry, {})


def missing_for_assessment_answer(entry: OpenEntry) -> Sequence[Unmet]:
    """An assessment waits for a word, and somebody else made it."""
    return missing_for_word(
        entry,
        assessments_asked(entry.file_id),
        nothing=Unmet("nothing_waiting", say("No assessment waits for your word."), "R37"),
        own=Unmet(
            "own_assessment", say("You made this assessment yourself. Another supervisor answers."), "R37"
        ),
    )


def apply_assessment_answer(entry: OpenEntry) -> None:
    """One word answers every assessment of this file that waits."""
    asked = [str(one.entry_id) for one in assessments_asked(entry.file_id)]
    end(AssessmentWordAsked, entry)
    make(AssessmentAnswer, entry, {**entry.fact("assessment_answer"), "assessments": asked})


def apply_comprehensive(entry: OpenEntry) -> None:
    """Record the assessment with the needs it names: its list stands for the whole, in the order they were put (R24)."""
    newer = outdated_by(Need, entry)
    if newer is None:
        end(Need, entry)
    for position, need in enumerate(entry.facts.get("need", [])):
        make(Need, entry, dict(need), number=position, position=position, ended_by_id=newer)
    apply_assessment(entry, kind="comprehensive")


def begin_comprehensive(file_id: UUID, last: Answers) -> Answers:
    """What is on file is not asked again (R22). What belongs to one visit, and every decision, is asked anew."""
    first = last_entry("assessment.initial", file_id=file_id, about=None)
    known = (
        {name: first.answers[name] for name in _ALSO_ASKED_FIRST if name in first.answers} if first else {}
    )
    return {**known, **{name: answer for name, answer in last.items() if name not in _ASKED_EACH_TIME}}


_ALSO_ASKED_FIRST = ("threats", "protective_factors")
_ASKED_EACH_TIME = frozenset(
    {"home_visit", "seen_alone", "not_alone_why", "risk_level", "risk_reason", "finished"}
)


def apply_circumstances(entry: OpenEntry) -> None:
    make_latest(Circumstances, entry, entry.fact("circumstances"))


def apply_risk(entry: OpenEntry) -> None:
    """Raising acts at once; lowering from high waits for the supervisor (R23)."""
    risk = entry.fact("risk")
    before = risk_of(entry.file_id)
    end(Lowering, entry)
    if before and _waits(before.level, risk["level"], entry):
        make(Lowering, entry, {"reason": risk["reason"]}, level=risk["level"])
        return
    if not before or before.level != risk["level"]:
        set_risk(entry)


def _waits(before: str, after: str, entry: OpenEntry) -> bool:
    """Whether going from one level to another lowers it from a level that needs the supervisor's agreement (R23)."""
    pack = pack_in_force(agency_id_of(entry.file_id), entry.happened_on)
    levels = pack.vocabulary("risk_level").codes  # the highest first
    guarded = rule_on("risk.lowering_needs_agreement", day=entry.happened_on, pack=pack).codes
    return before in guarded and levels.index(after) > levels.index(before)


def set_risk(entry: OpenEntry) -> None:
    """The level that `entry` names holds from now on; no wish from before it is left."""
    risk = entry.fact("risk")
    end(Lowering, entry)
    end(RiskLevel, entry)
    make(RiskLevel, entry, {"reason": risk["reason"]}, level=risk["level"])


def begin_risk_again(entry: OpenEntry) -> None:
    """After closing, the level of the reopening holds; one that R23 guards goes on until the supervisor agrees to less."""
    risk, before = entry.fact("risk"), risk_of(entry.file_id)
    if before is None or not _waits(before.level, risk["level"], entry):
        set_risk(entry)
        return
    end(Lowering, entry)
    end(RiskLevel, entry)
    make(RiskLevel, entry, before.contents, level=before.level)
    make(Lowering, entry, {"reason": risk["reason"]}, level=risk["level"])


def missing_for_agreement(entry: OpenEntry) -> Sequence[Unmet]:
    """There is a lowering to answer, and somebody else asked for it."""
    waiting = lowering_waiting(entry.file_id)
    return missing_for_word(
        entry,
        [waiting] if waiting else [],
        nothing=Unmet("nothing_waiting", say("No change of the risk level waits for agreement."), "R23"),
        own=Unmet("own_request", say("You asked for this yourself. Another supervisor decides."), "R23"),
    )


def apply_agreement(entry: OpenEntry) -> None:
    """Agreed: the lower level holds. Not agreed: the risk stays high."""
    waiting = lowering_waiting(entry.file_id)
    end(Lowering, entry)
    if waiting and entry.fact("risk_agreement")["agreed"] == "yes":
        end(RiskLevel, entry)
        make(RiskLevel, entry, waiting.contents, level=waiting.level)


KINDS = (
    Kind("assessment.initial", apply=partial(apply_assessment, kind="initial"), unmet=missing_for_assessment),
    Kind(
        "assessment.comprehensive", apply=apply_comprehensive, unmet=missing_for_assessment,
        continues=True, begin=begin_comprehensive,
    ),
    Kind(
        "assessment.assessment_answer", apply=apply_assessment_answer, unmet=missing_for_assessment_answer,
        action="agree", amendable=False, needs_base=True,
    ),
    Kind("assessment.circumstances", apply=apply_circumstances, continues=True),
    Kind("assessment.risk", apply=apply_risk, amendable=False, needs_base=True),
    Kind(
        "assessment.risk_agreement", apply=apply_agreement, unmet=missing_for_agreement,
        action="agree", amendable=False, needs_base=True,
    ),
)  # fmt: skip
