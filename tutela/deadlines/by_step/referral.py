"""Services that were asked: the caseworker stays responsible until the service is confirmed (R43)."""

from collections.abc import Iterator
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from tutela.cases.entries import happened_at
from tutela.cases.models import Fact
from tutela.cases.queries import agency_id_of
from tutela.closure.queries import closure_of, reopening_of
from tutela.deadlines.task import Task
from tutela.deadlines.timeline import Event, Timeline
from tutela.deadlines.wanted import Wanted
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.referral.queries import Course, referrals, to_decide_with_the_child, waiting_for_word_on

_CONFIRMED = frozenset({"started", "completed", "not_received"})  # of the list referral_outcome


def wanted(file_id: UUID, line: Timeline, pack: Pack, zone: ZoneInfo) -> Iterator[Wanted]:
    """An answer, and once the service accepted, that it came about. Closing, cancelling and reopening end both."""
    if line.closed:
        return
    reopening = reopening_of(file_id)
    since = reopening.entry.revision if reopening else 0
    for course in referrals(file_id):
        if course.stage != "cancelled" and course.referral.entry.revision >= since:
            yield _answer(course, pack, zone)
            if course.answer and course.answer.contents["answer"] == "accepted":
                yield _service(course, course.answer, pack, zone)


def tasks(file_id: UUID, day: date) -> Iterator[Task]:
    """What has no date. Which service it is stands in the reason, which is covered while somebody is beside (R125)."""
    if waiting_for_word_on([file_id]):
        why = say("A service was told something, and no consent to share stood on the file.")
        yield Task(say("Give your word on what was shared"), "referral.word", "agree", why, "R41, R42")
    if closure_of(file_id):
        return
    courses, pack = referrals(file_id), pack_in_force(agency_id_of(file_id), day)
    for course in to_decide_with_the_child(file_id, courses, day=day):
        why = say(
            "{service}: consent to share no longer stands. Nothing new is shared. "
            "Write down that it goes on as it is, or cancel it.",
            service=course.provider,
        )
        yield Task(say("Decide with the child about a service"), "referral.outcome", "write", why, "R13, R42")
    for course in courses:
        if course.has_expired(pack=pack, day=day):
            why = say(
                "{service}: nobody answered for so long that it cannot be counted on. Ask again, or cancel it.",
                service=course.provider,
            )
            yield Task(say("Ask the service again"), "referral.answer", "write", why, "R41, R43")
        elif course.stage == "completed" and not course.is_settled:
            why = say("{service}: it is completed.", service=course.provider)
            yield Task(say("Ask how the service was"), "referral.outcome", "write", why, "S2 §3.4-4; R43")
        elif course.stage == "declined" and not _asked_elsewhere(course, courses):
            why = say("{service} said no.", service=course.provider)
            yield Task(say("Look for another service"), "referral.referral", "write", why, "S2 §3.4-4; R43")


def _answer(course: Course, pack: Pack, zone: ZoneInfo) -> Wanted:
    anchor, how_soon = _event(course.referral), course.told.get("urgency")
    key = "referral.answer.urgent" if how_soon == "urgent" else "referral.answer.usual"
    rule = rule_on(key, day=anchor.day, pack=pack)
    at = falls(anchor.at, rule, zone)
    heard = sorted([*course.answers, *course.outcomes], key=lambda one: one.entry.revision)
    met = _event(heard[0]) if heard else None
    return Wanted("referral_answer", anchor, at, at, rule.key, rule.citation, rule.pack_hash, met)


def _service(course: Course, answer: Fact, pack: Pack, zone: ZoneInfo) -> Wanted:
    anchor, starts = _event(answer), answer.contents.get("starts_on")
    rule = rule_on("referral.service", day=anchor.day, pack=pack)
    begins = datetime.combine(date.fromisoformat(starts), time.min, tzinfo=zone) if starts else anchor.at
    at = falls(max(begins, anchor.at), rule, zone)
    confirmed = [one for one in course.outcomes if one.contents["outcome"] in _CONFIRMED]
    met = _event(confirmed[0]) if confirmed else None
    return Wanted("referral_service", anchor, at, at, rule.key, rule.citation, rule.pack_hash, met)


def _asked_elsewhere(declined: Course, courses: list[Course]) -> bool:
    """Whether another service was asked for the same person and in the same sector since."""
    return any(
        one.referral.entry.revision > declined.referral.entry.revision
        and one.referral.entry.about == declined.referral.entry.about
        and one.told.get("sector") == declined.told.get("sector")
        for one in courses
    )


def _event(fact: Fact) -> Event:
    return Event(happened_at(fact.entry), fact.entry.happened_on, fact.entry_id, fact.entry.revision)
