"""How long what is made here stands. The house is one for all its agencies, so it goes by the pack that every pack extends."""

from datetime import date, datetime, timedelta
from functools import cache

from tutela.foundation.clock import days_after
from tutela.protocols.packs import Rule, load, rule_on

KEYS = ("custody.keyring_bundle_kept", "custody.evacuation_second_person", "custody.duty_sheet_valid")


def expires(made_on: date) -> date:
    """The day from which a copy of the keyring should be gone, so that destroyed keys are gone with it (design §5)."""
    return days_after(made_on, _rule("custody.keyring_bundle_kept", made_on).number)


def answer_until(asked_at: datetime) -> datetime:
    """Until when a second person may agree to an evacuation (R91)."""
    return asked_at + timedelta(minutes=_rule("custody.evacuation_second_person", asked_at.date()).number)


def sheet_valid_until(made_on: date) -> date:
    """The last day of a duty officer's sheet (R120)."""
    return days_after(made_on, _rule("custody.duty_sheet_valid", made_on).number)


@cache
def _rule(key: str, day: date) -> Rule:
    return rule_on(key, day=day, pack=load())
