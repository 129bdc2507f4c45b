"""Runs the worked examples in tests/examples, which a social worker can read and check."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from tutela.assessment.rules import health_care_offer
from tutela.cases.rules import ages_on, born_between
from tutela.closure import rules as closure
from tutela.consent.rules import (
    Answer,
    ConsentBand,
    Said,
    apart,
    ask_again,
    consent_for,
    consent_for_range,
    stands,
    who_consents,
)
from tutela.deadlines.rules import Clocks, Due, due
from tutela.follow_up.rules import run_of_attempts
from tutela.foundation.clock import end_of_day
from tutela.foundation.refusals import Refused
from tutela.intake import rules as screening
from tutela.intake.calendars import gregorian_day
from tutela.protocols.packs import DEFAULT, load
from tutela.protocols.reading import read
from tutela.referral import rules as referral
from tutela.service_directory.rules import freshness

EXAMPLES = Path(__file__).parent / "examples"
TODAY = date(2024, 6, 3)

Given = dict[str, Any]
Expected = Mapping[str, Any]


def check_deadlines(given: Given, expect: Expected, rule: str) -> None:
    zone = ZoneInfo(given.pop("place"))
    pack = load(given.pop("pack", DEFAULT))
    found = {_named(one): one for one in due(_clocks(given, zone), pack=pack, zone=zone)}
    for step, when in expect.items():
        if step == "only":
            assert list(found) == when
            continue
        limits = when if isinstance(when, dict) else {"due": when, "overdue after": when}
        assert found[step].due_at == _moment(limits["due"], zone)
        assert found[step].overdue_after == _moment(limits["overdue after"], zone)
    steps = [step for step in expect if step != "only"]
    assert not steps or any(_cites(found[step].citation, rule) for step in steps)


def check_consent(given: Given, expect: Expected, rule: str) -> None:
    pack = load(given.pop("pack", DEFAULT))
    if "age" in given:
        _compare(lambda: consent_for(given["age"], pack=pack, day=TODAY), expect, rule)
    else:
        ages = (given["youngest"], given["oldest"])
        _compare(lambda: consent_for_range(*ages, pack=pack, day=TODAY), expect, rule)


def check_purposes(given: Given, expect: Expected, rule: str) -> None:
    pack = load(given.get("pack", DEFAULT))
    ages = (
        (given["age"],) * 2
        if "age" in given
        else (given["youngest"], given["oldest"])
        if "youngest" in given
        else None
    )
    needed = who_consents(ages, situations=given.get("situations", ()), pack=pack, day=TODAY)
    said = [_said(who, answer) for who, answer in given["says"].items()]
    found = stands(said, needed)
    assert (found.outcome, list(found.rests_on)) == (expect["stands"], expect.get("rests on", []))
    assert "apart" not in expect or apart(said) == set(expect["apart"])


def check_again(given: Given, expect: Expected, rule: str) -> None:
    purposes = ["participation"]
    why = ask_again(
        ended=_yes(given["ended"]), bands_then=given["then"], bands_now=given["now"], offered=purposes,
        now=[*purposes, *given.get("new purposes", [])],
    )  # fmt: skip
    assert len(why) == expect["reasons"]


def check_health(given: Given, expect: Expected, rule: str) -> None:
    if "refused" in expect:
        with pytest.raises(Refused) as refused:
            health_care_offer(given["happened"], pack=load(), day=TODAY)
        _is_refused(refused.value, expect, rule)
        return
    offer = health_care_offer(given["happened"], pack=load(), day=TODAY)
    assert offer.when == expect["offer"]
    assert _cites(offer.citation, rule)


def check_closure(given: Given, expect: Expected, rule: str) -> None:
    missing = closure.missing_for_closure(*_closing(given), pack=load(), day=given["day"])
    assert [unmet.code for unmet in missing] == expect["missing"]
    assert all(str(unmet.words) and unmet.citation for unmet in missing)
    assert not missing or any(_cites(unmet.citation, rule) for unmet in missing)


def check_after(given: Given, expect: Expected, rule: str) -> None:
    zone = ZoneInfo(given["place"])
    found = closure.follow_up_due(_moment(given["closed"], zone), given["reason"], pack=load(), zone=zone)
    if "missing" in expect:
        agreed = closure.FollowUp(safe=given.get("safe", ""), way=given.get("way", ""))
        day = _moment(given["closed"], zone).date()
        missing = closure.missing_for_follow_up(given["reason"], agreed, pack=load(), day=day)
        assert [unmet.code for unmet in missing] == expect["missing"]
        assert closure.is_refused(agreed, pack=load(), day=day) is _yes(expect.get("refused", "no"))
        assert all(_cites(unmet.citation, rule) for unmet in missing)
        return
    wanted = expect["follow-up"]
    assert found == (None if wanted == "none" else _moment(wanted, zone))


def check_directory(given: Given, expect: Expected, rule: str) -> None:
    found = freshness(
        verified_on=given.get("checked"), ends_on=given.get("ends"), pack=load(), day=given["day"]
    )
    assert found.state == expect["state"]
    assert str(found.words) and _cites(found.citation, rule)


def check_referral(given: Given, expect: Expected, rule: str) -> None:
    stands = referral.stage(given["happened"], cancelled=_yes(given.get("cancelled", "no")))
    expired = referral.has_expired(stands, asked_on=given["asked"], pack=load(), day=given["day"])
    settled = referral.is_settled(stands, feedback=_yes(given.get("feedback", "no")))
    assert (stands, expired, settled) == (expect["stage"], _yes(expect["expired"]), _yes(expect["settled"]))


def check_attempts(given: Given, expect: Expected, rule: str) -> None:
    assert len(run_of_attempts(given["results"])) == expect["counting"]


def check_screening(given: Given, expect: Expected, rule: str) -> None:
    found = screening.criteria(
        {name.replace(" ", "_"): value for name, value in given.items()}, pack=load(), day=TODAY
    )
    if "eligible" in expect:
        assert {True: "yes", False: "no", None: "not yet"}[found.answers_agree] == expect["eligible"]
        return
    assert [_advice(one) for one in found.advice] == expect["says"]
    assert list(found.silent_on) == expect.get("silent on", [])
    assert found.citation and found.review_on > found.version


def check_ages(given: Given, expect: Expected, rule: str) -> None:
    if "birth date" in given:
        known = {"birth_date": given["birth date"].isoformat()}
    else:
        known = {
            "born_between": born_between(given["age"], given["oldest"], told_on=given["told on"]), "birth_year": 1000,
        }  # fmt: skip
    between = ages_on(given["on"], known=known)
    assert between == (expect["youngest"], expect["oldest"])
    assert screening.by_age(*between, pack=load(), day=given["on"]) == expect["counts as"]
    try:
        bands = [one.band for one in consent_for_range(*between, pack=load(), day=TODAY)]
    except Refused:
        bands = "none"  # type: ignore[assignment]
    assert bands == expect["bands"]


def check_calendars(given: Given, expect: Expected, rule: str) -> None:
    if "refused" in expect:
        with pytest.raises(Refused) as refused:
            gregorian_day(str(given["told"]), calendar=given["calendar"])
        _is_refused(refused.value, expect, rule)
        assert refused.value.unmet[0].question == "birth_told"
    else:
        assert gregorian_day(str(given["told"]), calendar=given["calendar"]) == expect["day"]


def check_waiting(given: Given, expect: Expected, rule: str) -> None:
    def place(name: str) -> screening.Rank:
        told = given[name]
        return screening.rank(
            triage=told["triage"], with_whom=told.get("with whom", ""), age=told.get("age"), pack=load(), day=TODAY
        )  # fmt: skip

    assert sorted(given, key=place) == expect["order"]


def check_eighteen(given: Given, expect: Expected, rule: str) -> None:
    pack, day = load(), given["day"]
    if "goes on" in given:
        asked = closure.BestInterests(
            goes_on=_yes(given["goes on"]), ground=given.get("ground", ""), consent=_yes(given["consent"])
        )
        missing = closure.missing_for_best_interests(asked, age=given.get("age"), pack=pack, day=day)
        assert [unmet.code for unmet in missing] == expect["missing"]
        assert not missing or any(_cites(unmet.citation, rule) for unmet in missing)
        return
    born = given.get("born") or (given["born earliest"], given["born latest"])
    between = born if isinstance(born, tuple) else (born, born)
    assert closure.is_near_eighteen(between, pack=pack, day=day) is _yes(expect["look ahead"])
    if "of age" in expect:
        of_age = {
            "surely": closure.is_surely_grown(between, pack=pack, day=day),
            "surely not": closure.is_surely_child(between, pack=pack, day=day),
        }
        assert [name for name, holds in of_age.items() if holds] == (
            [expect["of age"]] if expect["of age"] != "in doubt" else []
        )


CHECKS: dict[str, Callable[[Given, Expected, str], None]] = {
    "deadlines": check_deadlines,
    "consent": check_consent,
    "purposes": check_purposes,
    "again": check_again,
    "health": check_health,
    "closure": check_closure,
    "after": check_after,
    "directory": check_directory,
    "referral": check_referral,
    "attempts": check_attempts,
    "screening": check_screening,
    "ages": check_ages,
    "calendars": check_calendars,
    "waiting": check_waiting,
    "eighteen": check_eighteen,
}
ALL = [(file.stem, example) for file in sorted(EXAMPLES.glob("*.yaml")) for example in read(file).content]


@pytest.mark.parametrize(("file", "example"), ALL, ids=[example["name"] for _, example in ALL])
def test_example(file: str, example: dict[str, Any]) -> None:
    assert set(example) == {"name", "rule", "given", "expect"}
    CHECKS[file.split("_")[0]](dict(example["given"]), example["expect"], example["rule"])


def test_every_example_has_a_name_of_its_own() -> None:
    names = [(file, example["name"]) for file, example in ALL]
    assert len(set(names)) == len(names) > 0


def _advice(one: screening.Advice) -> str:
    """`very_young x neglect = covered`, or `high_risk = covered` of another reason."""
    about = one.reason or f"{one.vulnerability or 'whatever'} x {one.threat or 'whatever'}"
    return f"{about} = {one.says}"


def _said(who: str, answer: str) -> Said:
    answers: dict[str, Answer] = {
        "yes": "given",
        "no": "refused",
        "took it back": "withdrawn",
        "ended": "expired",
    }
    in_place = who == "in place"
    return Said(
        who, answers.get(answer, ""), caregiver=who != "child" and not in_place, in_place=in_place,
        able=answer != "not able",
    )  # fmt: skip


def _clocks(given: Given, zone: ZoneInfo) -> Clocks:
    clocks: Given = {name.replace(" ", "_"): value for name, value in given.items()}
    for name, value in clocks.items():
        if name in ("contacts", "contacts_with_child"):
            clocks[name] = tuple(_moment(one, zone) for one in value)
        elif name not in ("risk", "closure_reason"):
            clocks[name] = _moment(value, zone)
    return Clocks(**clocks)


def _moment(written: object, zone: ZoneInfo) -> datetime:
    """`2024-03-04 09:30` on the wall of the place, or `end of 2024-03-04`."""
    text = str(written)
    if text.startswith("end of "):
        return end_of_day(date.fromisoformat(text.removeprefix("end of ")), zone)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _named(one: Due) -> str:
    """`assessment start`: what follows the step in the key of its rule tells two limits of one step apart."""
    _, _, limit = one.rule.rpartition(f".{one.step}")
    return f"{one.step}{limit.replace('.', ' ')}"


def _compare(ask: Callable[[], ConsentBand | tuple[ConsentBand, ...]], expect: Expected, rule: str) -> None:
    if "refused" in expect:
        with pytest.raises(Refused) as refused:
            ask()
        _is_refused(refused.value, expect, rule)
        return
    found = ask()
    bands = found if isinstance(found, tuple) else (found,)
    assert all(_cites(band.citation, rule) for band in bands)
    if "bands" in expect:
        assert [band.band for band in bands] == expect["bands"]
    else:
        assert {name: value for name, value in vars(bands[0]).items() if name != "citation"} == expect


def _is_refused(refused: Refused, expect: Expected, rule: str) -> None:
    (unmet,) = refused.unmet
    assert unmet.code == expect["refused"]
    assert str(unmet.words).endswith(".")
    assert _cites(unmet.citation, rule)


def _closing(given: Given) -> tuple[closure.Request, closure.Agreement | None, closure.Discussion]:
    request = closure.Request(
        by=_person(given["asked by"]),
        reason=given["reason"],
        objectives_met=_yes(given["objectives met"]),
        safe=_yes(given["safe"]),
        no_further_risk=_yes(given["no further risk"]),
        stable=_yes(given["stable"]),
        justification=given.get("justification", ""),
        unreachable_since=_day(given.get("unreachable since")),
        declining_adult_suspected=_yes(given.get("declining adult suspected", "no")),
        still_at_risk_at_18=given.get("still at risk at 18", ""),
        declining_adult=given.get("declining adult", ""),
        child_asked=given.get("child asked", ""),
        child_view=given.get("child wishes", ""),
        receiver_sought=_yes(given.get("receiver sought", "no")),
        suspected=frozenset(given.get("marked as suspected", ())),
        attempts=tuple(given.get("attempts", ())),
        reached=_day(given.get("reached")),
        assessed=_yes(given.get("initial assessment finished", "no")),
        risk=given.get("risk", ""),
        surely_child=_yes(given.get("surely under age", "no")),
        died=_yes(given.get("death recorded", "no")),
    )
    answered = given["answered by"]
    agreement = (
        None
        if answered == "nobody"
        else closure.Agreement(by=_person(answered), agreed=_yes(given["agreed"]))
    )
    discussion = closure.Discussion(
        on=_day(given["discussed on"]),
        child_view=given["child view"],
        knows_how_to_return=_yes(given["knows how to return"]),
        objection=given["objection"],
    )
    return request, agreement, discussion


def _person(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def _yes(written: str) -> bool:
    return {"yes": True, "no": False}[written]


def _day(written: object) -> date | None:
    return written if isinstance(written, date) else None


def _cites(citation: str, rule: str) -> bool:
    return any(one in citation.replace(";", ",").replace(",", " ").split() for one in rule.split(", "))
