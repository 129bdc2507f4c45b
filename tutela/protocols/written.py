"""A pack as people write it: a folder of YAML files, the shape of each, and where every part stands.

pack.yaml           what it is called, what it extends and what it leaves out
rules.yaml          numbers and lists, each with its dates and its source
vocabularies/       the lists that forms offer
forms/              the forms; what they mean is known to `tutela.forms`
locale/fr.yaml      the words of the lists in another language
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from tutela.protocols.reading import Document, Finding, Place, Unreadable, read

Unit = Literal[
    "hours", "days", "weeks", "months", "completed years", "minutes",
    "times", "cases", "caseworkers", "people", "code", "codes", "rows", "amount",
]  # fmt: skip
Clock = Literal[
    "referred", "registered", "first_risk_set", "risk_set", "assessed", "planned", "last_review", "closed_at",
]  # fmt: skip

Number = Annotated[StrictInt, Field(ge=0)]
Row = dict[str, Number | StrictStr]
Value = Number | StrictStr | tuple[StrictStr, ...] | tuple[Row, ...]
Code = Annotated[StrictStr, Field(pattern=r"^[a-z0-9_]+$")]
Text = Annotated[StrictStr, Field(min_length=1)]


def _labels(written: object) -> object:
    return {"en": written} if isinstance(written, str) else written


# Words per language. A bare string is English.
Labels = Annotated[dict[str, Text], BeforeValidator(_labels)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(_Part):
    """pack.yaml. `without` names rules of the extended pack, and all below them, that this one lacks."""

    name: Code
    title: Text
    version: date
    description: Text
    extends: Code | None = None
    without: tuple[StrictStr, ...] = ()


class WrittenRule(_Part):
    """One value that casework uses, in one period.

    `valid_until` is the last day it holds; `clock` is what a limit is counted from; `of` is the list that its
    codes come from; `requirement` is an R-number; `verified_on` is when it was last compared with its source.
    """

    key: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
    value: Value
    unit: Unit
    of: str = ""
    clock: Clock | None = None
    valid_from: date
    valid_until: date | None = None
    source: Text
    requirement: Annotated[StrictStr, Field(pattern=r"^R\d+(, R\d+)*$")]
    verified_on: date
    note: str = ""

    @property
    def citation(self) -> str:
        """Where it is written, for people: `S2 §3.4-6; R52`."""
        return f"{self.source}; {self.requirement}"

    def holds_on(self, day: date) -> bool:
        """Whether this is the value on `day`."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class Term(_Part):
    """One entry of a list. It is retired with `active_until`, never deleted, and its code never reused."""

    code: Code
    label: Labels
    hint: Labels = {}
    source: str = ""
    active_from: date | None = None
    active_until: date | None = None
    maps_to: dict[str, str] = {}

    def is_active(self, day: date) -> bool:
        """Whether it can be chosen on `day`."""
        return (self.active_from is None or self.active_from <= day) and (
            self.active_until is None or day <= self.active_until
        )


class Vocabulary(_Part):
    """A list. `also` names a second list whose terms follow its own, such as the ways of not answering."""

    name: Code
    title: Labels
    source: Text
    requirement: str = ""
    note: str = ""
    also: str = ""
    terms: tuple[Term, ...] = Field(min_length=1)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in the order of the list, retired ones too."""
        return tuple(term.code for term in self.terms)


class Locale(_Part):
    """The words of one language: list → code → words."""

    vocabularies: dict[str, dict[str, Text]] = {}


_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Located(Generic[_Kind]):
    """A part of a pack, and where it stands."""

    part: _Kind
    document: Document
    place: Place = ()

    def finding(self, sentence: str, *inside: str | int) -> Finding:
        """`sentence`, about this part or what is `inside` it."""
        return self.document.finding(sentence, (*self.place, *inside))


@dataclass
class WrittenPack:
    """What in the folder of one pack has the right shape, and a finding for everything that has not."""

    folder: Path
    header: Located[Header] | None = None
    rules: list[Located[WrittenRule]] = field(default_factory=list)
    vocabularies: list[Located[Vocabulary]] = field(default_factory=list)
    locales: list[Located[Locale]] = field(default_factory=list)
    forms: list[Located[dict[str, Any]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_pack(folder: Path) -> WrittenPack:
    """Read the folder of a pack, whatever its state."""
    pack = WrittenPack(folder)
    headers = list(_parts(pack, [folder / "pack.yaml"], Header))
    pack.header = headers[0] if headers else None
    if pack.header and pack.header.part.name != folder.name:
        pack.findings.append(
            pack.header.finding(f"The pack is called otherwise than its folder, {folder.name}.", "name")
        )
    pack.rules = list(_parts(pack, _files(folder, "rules"), WrittenRule, many=True))
    pack.vocabularies = list(_parts(pack, _files(folder, "vocabularies"), Vocabulary, many=True))
    pack.locales = list(_parts(pack, _files(folder, "locale"), Locale))
    pack.forms = list(_forms(pack))
    return pack


def _files(folder: Path, name: str) -> list[Path]:
    """`name`.yaml, and every file in the folder `name` where the pack has grown one."""
    whole = folder / f"{name}.yaml"
    return [*([whole] if whole.exists() else []), *sorted((folder / name).rglob("*.yaml"))]


def _parts(
    pack: WrittenPack, files: Sequence[Path], kind: type[_Kind], *, many: bool = False
) -> Iterator[Located[_Kind]]:
    """What the files hold: each a `kind` or, with `many`, a list of them. The rest becomes findings."""
    shape: TypeAdapter[_Kind] = TypeAdapter(kind)
    for document in _documents(pack, files):
        if many and not isinstance(document.content, list):
            pack.findings.append(document.finding("This file is not a list: each entry begins with a dash."))
            continue
        places: list[Place] = [(number,) for number in range(len(document.content))] if many else [()]
        for place in places:
            try:
                part = shape.validate_python(document.content[place[0]] if place else document.content)
            except ValidationError as error:
                pack.findings.extend(_findings(error, document, place))
            else:
                yield Located(part, document, place)


def _forms(pack: WrittenPack) -> Iterator[Located[dict[str, Any]]]:
    for document in _documents(pack, _files(pack.folder, "forms")):
        if isinstance(document.content, dict) and isinstance(document.content.get("code"), str):
            yield Located(document.content, document)
        else:
            pack.findings.append(document.finding("This form has no code."))


def _documents(pack: WrittenPack, files: Sequence[Path]) -> Iterator[Document]:
    for file in files:
        try:
            yield read(file)
        except Unreadable as error:
            pack.findings.append(error.finding)


def _findings(error: ValidationError, document: Document, place: Place) -> Iterator[Finding]:
    """One finding per thing that is wrong: a value that fits none of several shapes is one thing."""
    found: dict[Place, str] = {}
    for problem in error.errors():
        inside = (
            (*place, *problem["loc"][:1]) if problem["loc"][:1] == ("value",) else (*place, *problem["loc"])
        )
        found.setdefault(
            inside, _sentence(problem["type"], str(inside[-1]) if inside else "", problem["msg"])
        )
    for where, sentence in found.items():
        yield document.finding(sentence, where)


def _sentence(kind: str, name: str, message: str) -> str:
    if kind == "missing":
        return f"“{name}” is missing."
    if kind == "extra_forbidden":
        return f"“{name}” is not known here."
    if not name:
        return "This does not hold names with their values."
    if name == "value":
        return "“value” is not a whole number from 0, a word, a list of words or a list of rows."
    return f"“{name}”: {message[0].lower()}{message[1:]}."
