"""What a form is: sections of questions, as written in a pack and as compiled and published.

A form in a pack names its lists and writes its conditions as text. *Compiling* puts the options and the parsed
condition trees in place, so that a published version stands alone: rendering, validation and the browser need nothing
else, and its hash is its version (design §4).
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Seal = Literal["clear", "identity", "case", "confidential"]
QuestionType = Literal[
    "text", "long_text", "integer", "decimal", "range", "date", "time", "datetime", "choice", "choices",
    "yes_no", "repeat", "calculate", "note", "place", "phone", "colleague", "photo", "audio", "file", "signature",
]  # fmt: skip

# Answered with something that is kept beside the entry; the answer is a list of its ids.
ATTACHED: frozenset[str] = frozenset({"photo", "audio", "file", "signature"})

# An answer as it is kept: text for everything that is one value, a list of codes for `choices` and of ids for what is
# attached, rows for `repeat`.
Answer = str | list[str] | list[dict[str, Any]]
Answers = dict[str, Answer]
Tree = list[Any]  # a parsed condition, see tutela.forms.conditions


def _labels(written: object) -> object:
    return {"en": written} if isinstance(written, str) else written


# Words per language. A bare string in YAML is English.
Labels = Annotated[dict[str, str], BeforeValidator(_labels)]


def in_language(labels: dict[str, str], language: str) -> str:
    """The words in `language`, or in its base language, or in English."""
    return labels.get(language) or labels.get(language.split("-")[0]) or labels.get("en", "")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Part):
    """One choice of a list. Retired options stay readable and can no longer be chosen."""

    code: str = Field(pattern=r"^[a-z0-9_]+$")
    label: Labels
    hint: Labels = {}
    retired: bool = False


class Question(_Part):
    """One question. `required`, `show_if`, `check` and `calculation` hold condition trees once compiled."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: QuestionType
    label: Labels = {}
    hint: Labels = {}
    list: str = ""  # the vocabulary its options come from
    options: tuple[Option, ...] = ()  # filled in by compiling
    fact: str = ""  # `record.field` of the fact catalogue
    seal: Seal = "case"
    required: bool = False
    show_if: str | Tree = ""
    check: str | Tree = ""
    check_words: Labels = {}
    calculation: str | Tree = ""
    minimum: str = ""  # for integer, decimal, range: a number; for dates: `today` or an ISO date
    maximum: str = ""  # of what is attached: how many there can be
    max_length: int = 0  # 0: the default of its type
    questions: tuple["Question", ...] = ()  # of a repeat
    decision: str = ""  # the decision it serves (R126)
    source: str = ""


class Section(_Part):
    """A part of a form with a heading of its own."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: Labels
    hint: Labels = {}
    questions: tuple[Question, ...]


class Form(_Part):
    """A form. `code` is `step.name`, such as `assessment.initial`."""

    code: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    title: Labels
    intro: Labels = {}
    source: str = ""
    sections: tuple[Section, ...]

    @cached_property
    def version(self) -> str:
        """The hash of the whole content: a form that differs anywhere is another version."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def questions(self) -> Iterator[Question]:
        """Every question outside repeats, in the order of the page."""
        for section in self.sections:
            yield from section.questions

    @property
    def attached(self) -> tuple[Question, ...]:
        """The questions that are answered with a photo, a recording, a file or a signature."""
        return tuple(question for question in self.questions if question.type in ATTACHED)
