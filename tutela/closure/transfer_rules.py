"""How long a hand-over waits, and what is pointed out when a file changes hands (R56, R81, R104). Pure."""

from collections.abc import Iterator
from datetime import date

from tutela.foundation.clock import days_after, months_after
from tutela.foundation.words import Words, say
from tutela.protocols.packs import Pack, rule_on

KEYS = ("transfer.answer", "transfer.repeated_within", "caseload.warning", "caseload.limit")


def answer_by(day: date, *, pack: Pack) -> date:
    """The last day on which whoever is asked on `day` may read the hand-over and answer."""
    return days_after(day, rule_on("transfer.answer", day=day, pack=pack).number)


def counts_as_repeated_since(day: date, *, pack: Pack) -> date:
    """From which day on an earlier change of caseworker makes one on `day` a repeated one."""
    return months_after(day, -rule_on("transfer.repeated_within", day=day, pack=pack).number)


def repeated_words(changes: int, *, since: date) -> Iterator[Words]:
    """What to point out where the child had to get used to somebody new already. Nothing is refused (R56)."""
    if changes:
        yield say(
            "This child’s caseworker changed {changes} times since {since}, and changes again. Avoid the next change.",
            changes=changes,
            since=since.isoformat(),
        )


def load_words(name: str, cases: int, *, pack: Pack, day: date) -> Iterator[Words]:
    """What the supervisor is warned of where somebody has `cases` open cases. No child is ever refused (R81)."""
    limit = rule_on("caseload.limit", day=day, pack=pack).number
    if cases > limit:
        yield say("{name} has {cases} open cases, more than {limit}.", name=name, cases=cases, limit=limit)
    elif cases >= (warning := rule_on("caseload.warning", day=day, pack=pack).number):
        words = "{name} has {cases} open cases. From {warning} on, look whether it can be done; the limit is {limit}."
        yield say(words, name=name, cases=cases, warning=warning, limit=limit)
