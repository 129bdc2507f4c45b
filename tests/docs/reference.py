"""`script/reference`: docs/forms.md and docs/rules.md, written from the packs, so that people can read and check them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from tutela.forms.compiling import compile_form, options_of
from tutela.forms.definition import Form, Question, Section
from tutela.protocols import packs
from tutela.protocols.packs import Pack
from tutela.protocols.written import Located, Vocabulary, WrittenPack, WrittenRule, read_pack

CHECKOUT = Path(__file__).resolve().parents[2]

_WRITTEN = "<!-- Written by script/reference from the packs. Change a pack and run it again. -->"

_KINDS = {
    "text": "a line", "long_text": "text", "integer": "a whole number", "decimal": "a number", "range": "a scale",
    "date": "a date", "time": "a time", "datetime": "a date and a time", "choice": "one of", "choices": "any of",
    "yes_no": "yes or no", "repeat": "several, each with:", "calculate": "worked out", "note": "read only",
    "place": "a place", "phone": "a phone number", "colleague": "a colleague", "photo": "photos",
    "audio": "a recording", "file": "PDF files", "signature": "a signature",
}  # fmt: skip


def forms_page() -> str:
    """Every form with its questions, and every list that they offer."""
    return "\n".join(
        [
            *("# The forms", "", _WRITTEN, ""),
            "What each form asks, how private each answer is and which fact it feeds. A star marks what cannot be left "
            "empty. Under the question stands when it is asked, where that is not always.",
            "",
            "**Private** says under which key of the file an answer is sealed: `identity` (who people are), `case` (what "
            "happened and what is done), `confidential` (for those who may open that section). In the entry, an answer "
            "marked `clear` is sealed with the case; the fact it feeds stands in the clear. What is asked several times is "
            "sealed as one, under the key that stands beside it.",
            "",
            "**Feeds** names the fact in `tutela/forms/facts.yaml` that rules, deadlines, lists or search use. An answer "
            "without one is kept in the entry only.",
            *(line for name in _names() for line in _forms_of(packs.load(name), _written(name))),
        ]
    )


def rules_page() -> str:
    """Every rule with its value, its dates, its source and why it is as it is."""
    return "\n".join(
        [
            *("# The rules", "", _WRITTEN, ""),
            "The numbers and lists that casework uses, by pack. An agency works by one pack from a day on; a pack that "
            "extends another has all its rules but those it leaves out or replaces.",
            "",
            "S0 to S4 are the sources of the requirements, R the numbers of the requirements; [P] marks what no source "
            "states and was decided here. A limit in hours falls to the hour, a longer one at the end of the local day. "
            "A key that ends in `overdue_after` says from when a limit that was missed counts as overdue.",
            "",
            "○ No code reads this rule yet: it stands ready for work to come, and changing it changes nothing.",
            *(line for name in _names() for line in _rules_of(packs.load(name), _written(name))),
        ]
    )


PAGES: Mapping[str, Callable[[], str]] = {"docs/forms.md": forms_page, "docs/rules.md": rules_page}


def write() -> None:
    """Bring the pages up to date."""
    for name, page in PAGES.items():
        (CHECKOUT / name).write_text(page() + "\n", encoding="utf-8")


# --- Forms -------------------------------------------------------------------------------------------------------


def _forms_of(pack: Pack, written: WrittenPack) -> Iterator[str]:
    """The forms that this pack itself writes, then the lists that they offer or that it writes instead of others."""
    forms = [
        compile_form(Form.model_validate(one.part), options_of=options_of(pack)) for one in written.forms
    ]
    own = {one.part.name for one in written.vocabularies}
    asked = {question.list for form in forms for question in _all(form)}
    lists = [one for name, one in pack.vocabularies.items() if name in (asked if forms else own)]
    if forms or lists:
        yield from ("", f"## {pack.title} (`{pack.name}`)")
    for form in forms:
        yield from _form(form, pack)
    if lists:
        yield from ("", f"### Lists of `{pack.name}`", "")
        yield from (_list(one, pack) for one in sorted(lists, key=lambda one: one.title["en"]))


def _form(form: Form, pack: Pack) -> Iterator[str]:
    yield from ("", f"### {form.title['en']}", "", f"`{form.code}` · {form.source}")
    if form.intro:
        yield from ("", _cell(form.intro["en"]))
    rows = [row for section in form.sections for row in _section(section, pack)]
    yield from ("", *_table(("Question", "Answer", "Private", "Feeds", "Source"), rows))


def _section(section: Section, pack: Pack) -> Iterator[tuple[str, ...]]:
    yield (f"*{section.label['en']}*", "", "", "", "")
    for question in section.questions:
        yield _question(question, pack)
        yield from (
            _question(inner, pack, inside=f"{question.label['en']} › ") for inner in question.questions
        )


def _question(question: Question, pack: Pack, *, inside: str = "") -> tuple[str, ...]:
    label = f"{inside}{question.label['en']}{' ★' if question.required else ''} `{question.name}`"
    when = f"<br>asked when {_words(question.show_if)}" if question.show_if else ""
    options = f" [{question.list}](#{_anchor(question.list, pack)})" if question.list else ""
    fact = f"`{question.fact}`" if question.fact else ""
    return (f"{label}{when}", f"{_KINDS[question.type]}{options}", question.seal, fact, question.source)


def _words(tree: object) -> str:
    """A compiled condition, in words."""
    match tree:
        case ["q", str(name)]:
            return f"`{name}`"
        case ["selected", one, other]:
            return f"{_words(one)} has {_words(other)}"
        case ["count-selected", one]:
            return f"the number chosen in {_words(one)}"
        case ["=" | "!=" | "<" | ">" | "<=" | ">=" | "and" | "or" as sign, *parts]:
            return f" {_SIGNS.get(sign, sign)} ".join(_words(part) for part in parts)
        case "":
            return "empty"
        case str(text):
            return f"“{text}”"
    return str(tree)


_SIGNS = {"=": "is", "!=": "is not"}


def _list(vocabulary: Vocabulary, pack: Pack) -> str:
    """One list in one paragraph, what is retired left out; and the list that follows it."""
    words = [f"{term.label['en']} `{term.code}`" for term in vocabulary.terms if term.is_active(pack.version)]
    also = [term.label["en"] for term in pack.vocabulary(vocabulary.name).terms[len(vocabulary.terms) :]]
    more = f"; or: {', '.join(also).lower()}" if also else ""
    name = f'<a id="{_anchor(vocabulary.name, pack)}"></a>**{vocabulary.title["en"]}** `{vocabulary.name}`'
    return f"- {name} ({vocabulary.source}): {'; '.join(words)}{more}."


def _anchor(name: str, pack: Pack) -> str:
    """Where a list of a pack stands on the page: several packs may write one of that name."""
    return f"{pack.name}-{name}"


def _all(form: Form) -> Iterator[Question]:
    for question in form.questions:
        yield question
        yield from question.questions


# --- Rules -------------------------------------------------------------------------------------------------------


def _rules_of(pack: Pack, written: WrittenPack) -> Iterator[str]:
    """The rules that this pack itself writes, in groups by the beginning of their keys."""
    header = written.header
    extends = f" It extends `{header.part.extends}`." if header and header.part.extends else ""
    yield from ("", f"## {pack.title} (`{pack.name}`, {pack.version.isoformat()})", "")
    yield f"{_cell(pack.description)}{extends}{'' if written.rules else ' It has no rule of its own.'}"
    if header and header.part.without:
        yield from ("", "Left out: " + ", ".join(f"`{key}`" for key in header.part.without) + ".")
    for group, rules in groupby(sorted(written.rules, key=_group), key=_group):
        columns = ("Rule", "Value", "Counted from", "Source", "Why")
        yield from (
            "",
            f"### {group.capitalize()}",
            "",
            *_table(columns, [_rule(one.part, pack) for one in rules]),
        )


def _rule(rule: WrittenRule, pack: Pack) -> tuple[str, ...]:
    several = len(pack.rules[rule.key]) > 1
    dates = f"<br>{rule.valid_from} to {rule.valid_until or 'now'}" if several or rule.valid_until else ""
    clock = rule.clock.replace("_", " ") if rule.clock else ""
    ready = "" if _is_read(rule.key) else " ○"
    return (f"`{rule.key}`{ready}{dates}", _value(rule), clock, _cell(rule.citation), _cell(rule.note))


def _value(rule: WrittenRule) -> str:
    if isinstance(rule.value, int):
        return f"{rule.value} {rule.unit.removesuffix('s') if rule.value == 1 else rule.unit}"
    values = (rule.value,) if isinstance(rule.value, str) else rule.value
    return "<br>".join(f"`{one}`" if isinstance(one, str) else _row(one) for one in values)


def _row(row: Mapping[str, int | str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())


def _group(rule: Located[WrittenRule]) -> str:
    return rule.part.key.partition(".")[0].replace("_", " ")


def _is_read(key: str) -> bool:
    """Whether code asks for this rule. Keys of deadlines are put together from their parts; all others are written out."""
    return key.startswith("deadline.") or f'"{key}"' in _CODE


_CODE = "".join(file.read_text(encoding="utf-8") for file in sorted((CHECKOUT / "tutela").rglob("*.py")))


# --- Both --------------------------------------------------------------------------------------------------------


def _names() -> list[str]:
    """Every pack, what others stand on first."""
    return sorted(packs.available(), key=lambda name: (len(packs.load(name).lineage), name))


def _written(name: str) -> WrittenPack:
    return read_pack(packs.folder_of(name))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (columns, ["-"] * len(columns), *rows):
        yield f"| {' | '.join(row)} |"


def _cell(text: str) -> str:
    """Text on one line, for a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    write()
