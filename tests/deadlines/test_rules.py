"""Deadlines beyond the worked examples (tests/examples): what they keep, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tutela.deadlines.rules import LIMITS, Clocks, due, keys, risks
from tutela.foundation.clock import local_day
from tutela.protocols.limits import falls
from tutela.protocols.packs import NotInPack, Pack, load, rule_on

NAIROBI = ZoneInfo("Africa/Nairobi")
T = datetime(2024, 3, 4, 9, 30, tzinfo=UTC)


def test_a_deadline_keeps_what_explains_it_later() -> None:
    pack = load()
    (one,) = due(Clocks(risk="medium", referred=T), pack=pack, zone=NAIROBI)
    assert (one.step, one.rule) == ("registration", "deadline.medium.registration")
    assert (one.value, one.unit, one.pack_hash) == (3, "days", pack.hash)
    assert one.citation == "S2 §2.1.1.d Fig 12 timeline; R26, R28"


def test_a_deadline_with_a_later_overdue_cites_both_rules() -> None:
    (one,) = due(Clocks(risk="medium", risk_set=T), pack=load(), zone=NAIROBI)
    assert "Fig 12" in one.citation
    assert "R28" in one.citation


def test_deadlines_come_in_the_order_of_casework() -> None:
    clocks = Clocks(risk="high", referred=T, registered=T, risk_set=T, assessed=T, planned=T)
    found = [one.rule.split(".", 2)[2] for one in due(clocks, pack=load(), zone=NAIROBI)]
    assert found == [limit for limit in LIMITS if limit != "post_closure_follow_up"]


def test_moments_are_local_to_the_place_of_work() -> None:
    (one,) = due(Clocks(risk="high", referred=T), pack=load(), zone=NAIROBI)
    assert one.due_at.isoformat() == "2024-03-05T12:30:00+03:00"


@pytest.mark.parametrize("risk", ["", "HIGH", "emergency", "none "])
def test_an_unknown_risk_level_is_refused_with_those_that_exist(risk: str) -> None:
    with pytest.raises(NotInPack, match="it has high, medium, low, none, not_known"):
        due(Clocks(risk=risk, referred=T), pack=load(), zone=NAIROBI)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clocks(contacts=(datetime(2024, 3, 4, 9, 30),))  # noqa: DTZ001 - that is the point


def test_every_level_of_every_pack_has_its_limits() -> None:
    for name in ("interagency_2024", "legacy_2014"):
        pack = load(name)
        assert all(key in pack.rules or pack.leaves_out(key) for key in keys(pack))
        assert set(risks(pack)) == {"high", "medium", "low", "none", "not_known"}


def test_a_limit_that_is_lost_without_being_left_out_is_refused() -> None:
    pack = load()
    rules = {key: rule for key, rule in pack.rules.items() if key != "deadline.high.registration"}
    with pytest.raises(NotInPack, match=r"deadline\.high\.registration"):
        due(Clocks(risk="high", referred=T), pack=pack.model_copy(update={"rules": rules}), zone=NAIROBI)


def _changed_in_july(tmp_path: Path) -> Pack:
    """A pack of a country where, from July 2024, medium risk is registered within two days."""
    folder = tmp_path / "country"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        "{name: country, title: Invented, version: 2024-07-01, extends: interagency_2024, description: None}"
    )
    rule = (
        "- {{key: deadline.medium.registration, value: {value}, unit: days, clock: referred, {dates}, "
        "source: Decree of a country, requirement: R26, verified_on: 2024-07-01}}\n"
    )
    (folder / "rules.yaml").write_text(
        rule.format(value=3, dates="valid_from: 2000-01-01, valid_until: 2024-06-30")
        + rule.format(value=2, dates="valid_from: 2024-07-01")
    )
    return load(folder)


@pytest.mark.parametrize(
    ("referred", "wanted"),
    [
        (datetime(2024, 6, 30, 20, 59, tzinfo=UTC), "2024-07-03T23:59:59+03:00"),
        (datetime(2024, 6, 30, 21, 0, tzinfo=UTC), "2024-07-03T23:59:59+03:00"),
        (datetime(2024, 7, 1, 21, 0, tzinfo=UTC), "2024-07-04T23:59:59+03:00"),
    ],
)
def test_the_limit_of_the_local_day_holds_on_which_the_clock_started(
    tmp_path: Path, referred: datetime, wanted: str
) -> None:
    (one,) = due(Clocks(risk="medium", referred=referred), pack=_changed_in_july(tmp_path), zone=NAIROBI)
    assert one.due_at.isoformat() == wanted
    assert one.value == (3 if local_day(referred, NAIROBI).month == 6 else 2)


def test_what_measures_no_time_is_no_limit() -> None:
    rule = rule_on("caseload.limit", day=T.date(), pack=load())
    with pytest.raises(ValueError, match="measured in cases"):
        falls(T, rule, NAIROBI)
