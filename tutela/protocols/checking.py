"""What is wrong in a pack, and where. Each check is a function; packages further up bring theirs along."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from tutela.foundation.clock import days_after
from tutela.protocols.packs import BadPack, NotInPack, Pack, folder_of, merged, parent_of
from tutela.protocols.reading import Finding
from tutela.protocols.written import Header, Located, Vocabulary, WrittenPack, WrittenRule, read_pack


@dataclass(frozen=True)
class Checked:
    """What a check looks at: the pack as it is written, what it extends, and the whole that they make."""

    written: WrittenPack
    header: Located[Header]
    parent: Pack | None
    pack: Pack


Check = Callable[[Checked], Iterable[Finding]]


def check(pack: str | Path, *, checks: Sequence[Check] | None = None) -> list[Finding]:
    """Everything to mend in a pack, in the order of its files. Raises NotInPack for a pack that is not there.

    What has the wrong shape comes first and alone: only a pack that can be read is compared with itself.
    """
    written = read_pack(folder_of(pack))
    if written.header is None or written.findings:
        return _sorted(written.findings)
    try:
        parent = parent_of(written)
    except NotInPack as error:
        return [written.header.finding(str(error), "extends")]
    except BadPack as error:
        return _sorted(error.findings)
    checked = Checked(written, written.header, parent, merged(written, parent))
    return _sorted(finding for one in (CHECKS if checks is None else checks) for finding in one(checked))


def has_rules(keys: Callable[[Pack], Iterable[str]]) -> Check:
    """A check that the pack has every rule that casework asks for, or says that it leaves it out."""

    def missing(checked: Checked) -> Iterator[Finding]:
        for key in lacking(checked.pack, keys(checked.pack)):
            yield checked.header.finding(f"Casework asks for the rule “{key}”, which is not in this pack.")

    return missing


def lacking(pack: Pack, keys: Iterable[str]) -> list[str]:
    """Those of the rules that the pack does not have, though it does not say that it leaves them out."""
    return [key for key in keys if key not in pack.rules and not pack.leaves_out(key)]


def dates_fit(checked: Checked) -> Iterator[Finding]:
    """The values of one key follow each other without overlap or gap, and run by the same clock."""
    by_key = sorted(checked.written.rules, key=lambda rule: (rule.part.key, rule.part.valid_from))
    for key, found in groupby(by_key, key=lambda rule: rule.part.key):
        versions = list(found)
        for rule in versions:
            if rule.part.valid_until and rule.part.valid_until < rule.part.valid_from:
                yield rule.finding(f"“{key}” ends before it begins.", "valid_until")
        for earlier, later in pairwise(versions):
            yield from _follows(earlier, later)


def rules_name_what_is_there(checked: Checked) -> Iterator[Finding]:
    """The codes of a rule stand in the list it names; what a pack leaves out is in the pack it extends."""
    for rule in checked.written.rules:
        if not rule.part.of:
            continue
        if rule.part.of not in checked.pack.vocabularies:
            yield rule.finding(f"There is no list “{rule.part.of}”.", "of")
        else:
            yield from _codes_outside(rule, checked.pack.vocabulary(rule.part.of))
    inherited = checked.parent.rules if checked.parent else {}
    for number, prefix in enumerate(checked.header.part.without):
        if not any(key == prefix or key.startswith(f"{prefix}.") for key in inherited):
            yield checked.header.finding(f"There is no rule “{prefix}” to leave out.", "without", number)


def lists_fit(checked: Checked) -> Iterator[Finding]:
    """Every list stands once, what it adds exists, and each of its codes means one thing for ever."""
    seen: set[str] = set()
    for found in checked.written.vocabularies:
        name = found.part.name
        if name in seen:
            yield found.finding(f"There are two lists called “{name}”.", "name")
        seen.add(name)
        if found.part.also and found.part.also not in checked.pack.vocabularies:
            yield found.finding(f"There is no list “{found.part.also}”.", "also")
        yield from _codes_used_twice(found, checked.pack)
        yield from _codes_reused(found, checked.parent.vocabularies.get(name) if checked.parent else None)
        yield from _codes_that_rules_need(found, checked)


def words_are_of_something(checked: Checked) -> Iterator[Finding]:
    """Every word in a locale file translates a term that is there."""
    for locale in checked.written.locales:
        for name, words in locale.part.vocabularies.items():
            codes = checked.pack.vocabularies[name].codes if name in checked.pack.vocabularies else ()
            for code in words:
                if code not in codes:
                    yield locale.finding(
                        f"There is no term “{code}” in a list “{name}”.", "vocabularies", name, code
                    )


def forms_stand_once(checked: Checked) -> Iterator[Finding]:
    """No two forms of a pack share a code."""
    seen: set[str] = set()
    for form in checked.written.forms:
        if form.part["code"] in seen:
            yield form.finding(f"There are two forms with the code “{form.part['code']}”.", "code")
        seen.add(form.part["code"])


CHECKS: tuple[Check, ...] = (
    dates_fit,
    rules_name_what_is_there,
    lists_fit,
    words_are_of_something,
    forms_stand_once,
)


def _follows(earlier: Located[WrittenRule], later: Located[WrittenRule]) -> Iterator[Finding]:
    key, ends, begins = earlier.part.key, earlier.part.valid_until, later.part.valid_from
    if ends is None or begins <= ends:
        yield later.finding(f"“{key}” has another value already on {begins.isoformat()}.", "valid_from")
    elif begins != days_after(ends, 1):
        yield later.finding(
            f"“{key}” has no value between {ends.isoformat()} and {begins.isoformat()}.", "valid_from"
        )
    if earlier.part.clock != later.part.clock:
        yield later.finding(f"“{key}” is counted from something else than before.", "clock")


def _codes_outside(rule: Located[WrittenRule], vocabulary: Vocabulary) -> Iterator[Finding]:
    for code in _codes(rule.part):
        if code not in vocabulary.codes:
            yield rule.finding(f"There is no “{code}” in the list “{vocabulary.name}”.", "value")


def _codes_used_twice(found: Located[Vocabulary], pack: Pack) -> Iterator[Finding]:
    also = pack.vocabularies.get(found.part.also)
    taken = {term.code: term for term in also.terms} if also else {}
    for number, term in enumerate(found.part.terms):
        if before := taken.get(term.code):
            retired = before.active_until or term.active_until
            why = "was retired and means something already" if retired else "stands twice"
            yield found.finding(f"“{term.code}” {why} in “{found.part.name}”.", "terms", number, "code")
        taken[term.code] = term


def _codes_reused(found: Located[Vocabulary], inherited: Vocabulary | None) -> Iterator[Finding]:
    """Against the list that this one replaces: what was retired there does not come back as another."""
    retired = {term.code: term.label for term in inherited.terms if term.active_until} if inherited else {}
    for number, term in enumerate(found.part.terms):
        if term.code in retired and term.label.get("en") != retired[term.code].get("en"):
            yield found.finding(
                f"“{term.code}” was retired and means something already.", "terms", number, "code"
            )


def _codes_that_rules_need(found: Located[Vocabulary], checked: Checked) -> Iterator[Finding]:
    """Against the rules that stand on the list that this one replaces."""
    own = {rule.part.key for rule in checked.written.rules}
    codes = checked.pack.vocabulary(found.part.name).codes
    for key, versions in checked.pack.rules.items():
        for rule in versions if key not in own else ():
            for code in _codes(rule) if rule.of == found.part.name else ():
                if code not in codes:
                    yield found.finding(f"The rule “{key}” needs “{code}”, which this list lacks.", "terms")


def _codes(rule: WrittenRule) -> tuple[str, ...]:
    value = (rule.value,) if isinstance(rule.value, str) else rule.value
    return () if isinstance(value, int) else tuple(str(code) for code in value)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.file, finding.line))
