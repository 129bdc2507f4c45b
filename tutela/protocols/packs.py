"""Packs: the procedures that an agency works by, put together from what people wrote.

A pack that extends another takes over its rules, lists and forms, leaves out what its header names, and puts
its own in the place of those with the same key, name or code. A loaded pack stands alone: it can be stored
and read back whole.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tutela.protocols.reading import Finding
from tutela.protocols.written import (
    Located,
    Row,
    Unit,
    Value,
    Vocabulary,
    WrittenPack,
    WrittenRule,
    read_pack,
)

DEFAULT = "interagency_2024"
PACKS = Path(__file__).parent / "packs"


class NotInPack(LookupError):
    """A pack, a rule or a list that is not there, or a rule that has no value on that day."""


class BadPack(ValueError):
    """A pack that cannot be used before somebody has mended it."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings: Sequence[Finding] = findings


@dataclass(frozen=True)
class Rule:
    """A value on a given day, with what a decision keeps of it: key, value, citation, hash of the pack."""

    key: str
    value: Value
    unit: Unit
    citation: str
    pack: str
    pack_hash: str

    @property
    def number(self) -> int:
        """The value, where it is a number. Raises TypeError for a pack that wrote something else."""
        if not isinstance(self.value, int):
            raise TypeError(f"{self.key} in {self.pack} is no number.")
        return self.value

    @property
    def codes(self) -> tuple[str, ...]:
        """The value, where it is a code or several. Raises TypeError for a pack that wrote something else."""
        codes = (self.value,) if isinstance(self.value, str) else self.value
        if isinstance(codes, int) or not all(isinstance(code, str) for code in codes):
            raise TypeError(f"{self.key} in {self.pack} is no list of codes.")
        return tuple(str(code) for code in codes)

    @property
    def is_yes(self) -> bool:
        """Whether the value is the code `yes`: for what a pack turns on or leaves off."""
        return self.codes == ("yes",)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The value, where it is a table. Raises TypeError for a pack that wrote something else."""
        rows = self.value if isinstance(self.value, tuple) else ()
        if not all(isinstance(row, dict) for row in rows) or not rows:
            raise TypeError(f"{self.key} in {self.pack} is no list of rows.")
        return tuple(row for row in rows if isinstance(row, dict))


class FormSource(BaseModel):
    """A form as it is written, and the file it stands in (from the folder that holds the packs)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    content: dict[str, Any]


class Pack(BaseModel):
    """A whole pack. `lineage` names it and the packs it extends, nearest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    version: date
    description: str
    lineage: tuple[str, ...]
    without: tuple[str, ...]
    rules: dict[str, tuple[WrittenRule, ...]]
    vocabularies: dict[str, Vocabulary]
    forms: dict[str, FormSource]

    @cached_property
    def hash(self) -> str:
        """The fingerprint of the whole content: SHA-256, in hexadecimal."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def vocabulary(self, name: str) -> Vocabulary:
        """The list `name` with every term it offers. Raises NotInPack."""
        found = self.vocabularies.get(name)
        if found is None:
            raise NotInPack(f"There is no list “{name}” in {self.name}.")
        also = self.vocabularies.get(found.also)
        return found.model_copy(update={"terms": (*found.terms, *also.terms)}) if also else found

    def form_sources(self) -> dict[str, FormSource]:
        """The forms as they are written, by code."""
        return dict(self.forms)

    def leaves_out(self, key: str) -> bool:
        """Whether the pack, or one that it extends, says that it has no such rule."""
        return _stands_under(key, self.without)


def available() -> list[str]:
    """The names of the packs that come with the installation."""
    return sorted(header.parent.name for header in PACKS.glob("*/pack.yaml"))


def folder_of(pack: str | Path) -> Path:
    """The folder of a pack: by name where it comes with the installation, else by path. Raises NotInPack."""
    folder = pack if isinstance(pack, Path) else PACKS / pack
    if isinstance(pack, str) and pack not in available():
        raise NotInPack(f"There is no pack “{pack}”; there are {', '.join(available())}.")
    if not folder.is_dir():
        raise NotInPack(f"There is no folder {folder}.")
    return folder.resolve()


def load(pack: str | Path = DEFAULT) -> Pack:
    """The pack of that name, or in that folder, with everything it extends. Raises NotInPack and BadPack."""
    return _load(folder_of(pack), ())


def rule_on(key: str, *, day: date, pack: Pack) -> Rule:
    """The value of `key` that holds on `day`, with its citation. Raises NotInPack where there is none."""
    versions = pack.rules.get(key, ())
    if not versions:
        raise NotInPack(f"There is no rule “{key}” in {pack.name}.")
    holding = [version for version in versions if version.holds_on(day)]
    if len(holding) != 1:
        many = f"{len(holding)} values" if holding else "no value"
        raise NotInPack(f"The rule “{key}” in {pack.name} has {many} on {day.isoformat()}.")
    (rule,) = holding
    return Rule(rule.key, rule.value, rule.unit, rule.citation, pack.name, pack.hash)


def parent_of(written: WrittenPack, heirs: tuple[Path, ...] = ()) -> Pack | None:
    """The pack that this one extends: its neighbour of that name, or one of the installation.

    Raises NotInPack and BadPack.
    """
    extends = written.header.part.extends if written.header else None
    if written.header is None or extends is None:
        return None
    neighbour = written.folder.parent / extends
    folder = neighbour.resolve() if neighbour.is_dir() else folder_of(extends)
    if folder in (written.folder, *heirs):
        raise BadPack(
            written.header.finding(f"The packs extend each other in a circle through “{extends}”.", "extends")
        )
    return _load(folder, (written.folder, *heirs))


def merged(written: WrittenPack, parent: Pack | None) -> Pack:
    """What was written, on top of what it extends. Raises BadPack for what has the wrong shape."""
    if written.header is None or written.findings:
        raise BadPack(*written.findings)
    header = written.header.part
    kept = (
        {key: rules for key, rules in parent.rules.items() if not _stands_under(key, header.without)}
        if parent
        else {}
    )
    return Pack(
        name=header.name,
        title=header.title,
        version=header.version,
        description=header.description,
        lineage=(header.name, *(parent.lineage if parent else ())),
        without=(*header.without, *(parent.without if parent else ())),
        rules=kept | _by_key(written),
        vocabularies=_translated((parent.vocabularies if parent else {}) | _by_name(written), written),
        forms=(parent.forms if parent else {})
        | {form.part["code"]: _form_source(form, written) for form in written.forms},
    )


@cache
def _load(folder: Path, heirs: tuple[Path, ...]) -> Pack:
    written = read_pack(folder)
    return merged(written, parent_of(written, heirs))


def _by_key(written: WrittenPack) -> dict[str, tuple[WrittenRule, ...]]:
    found: dict[str, tuple[WrittenRule, ...]] = {}
    for rule in written.rules:
        found[rule.part.key] = (*found.get(rule.part.key, ()), rule.part)
    return found


def _by_name(written: WrittenPack) -> dict[str, Vocabulary]:
    return {vocabulary.part.name: vocabulary.part for vocabulary in written.vocabularies}


def _translated(vocabularies: dict[str, Vocabulary], written: WrittenPack) -> dict[str, Vocabulary]:
    """The lists, with the words that the locale files add to their labels."""
    for locale in written.locales:
        language = locale.document.file.stem
        for name, words in locale.part.vocabularies.items():
            if name in vocabularies:
                vocabularies[name] = _in_language(vocabularies[name], language, words)
    return vocabularies


def _in_language(vocabulary: Vocabulary, language: str, words: dict[str, str]) -> Vocabulary:
    terms = tuple(
        term.model_copy(update={"label": term.label | {language: words[term.code]}})
        if term.code in words
        else term
        for term in vocabulary.terms
    )
    return vocabulary.model_copy(update={"terms": terms})


def _form_source(form: Located[dict[str, Any]], written: WrittenPack) -> FormSource:
    file = form.document.file.relative_to(written.folder.parent)
    return FormSource(file=file.as_posix(), content=form.part)


def _stands_under(key: str, prefixes: Sequence[str]) -> bool:
    return any(key == prefix or key.startswith(f"{prefix}.") for prefix in prefixes)
