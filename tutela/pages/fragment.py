"""A compiled form made ready for its templates: every question with its names, its words and its answer.

The fragment is the same with and without answers, so that one kept for offline use and filled by the browser
is the page that the server would have sent (design §4, offline §1). It knows no user, no address and no day.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from tutela.forms.definition import ATTACHED, Form, Option, Question, Section, in_language
from tutela.forms.values import most_attached
from tutela.pages.spoken import sentences

SPARE_ROWS = 2  # empty rows at the end of a repeat, for those without script
ROW_MARK = "__row__"  # stands for the index in the row that the browser copies
_MOST_RADIOS = 7  # a longer list is quicker to open than to read
_MOST_RADIOS_IN_ROW = 2  # rows come many at once
_MOST_STEPS = 11  # a scale such as 0 to 10 fits on a phone
_WIDEST, _WIDTH_OF_NUMBER = 40, 8  # characters

# What a question of each type is drawn with, and the attributes of its control.
_INPUT, _TEXTAREA = "pages/fragment/input.html", "pages/fragment/textarea.html"
_CHOICES, _SELECT = "pages/fragment/choices.html", "pages/fragment/select.html"
_WHOLE = {"type": "text", "inputmode": "numeric", "dir": "ltr", "size": _WIDTH_OF_NUMBER}
_BROKEN = {"type": "text", "inputmode": "decimal", "dir": "ltr", "size": _WIDTH_OF_NUMBER}
_CONTROLS: dict[str, tuple[str, Mapping[str, object]]] = {
    "text": (_INPUT, {"type": "text", "dir": "auto"}),
    "place": (_INPUT, {"type": "text", "dir": "auto"}),
    "phone": (_INPUT, {"type": "tel", "dir": "ltr", "size": 20}),
    "integer": (_INPUT, _WHOLE),
    "decimal": (_INPUT, _BROKEN),
    "range": (_INPUT, _BROKEN),
    "date": (_INPUT, {"type": "date"}),
    "time": (_INPUT, {"type": "time"}),
    "datetime": (_INPUT, {"type": "datetime-local"}),
    "long_text": (_TEXTAREA, {"dir": "auto", "rows": 5}),
    "choice": (_CHOICES, {"type": "radio"}),
    "yes_no": (_CHOICES, {"type": "radio"}),
    "choices": (_CHOICES, {"type": "checkbox"}),
    "colleague": (_SELECT, {}),
    "note": ("pages/fragment/note.html", {}),
    "calculate": ("pages/fragment/calculate.html", {}),
    "repeat": ("pages/fragment/repeat.html", {}),
    **dict.fromkeys(ATTACHED, ("pages/fragment/attached.html", {})),
}
# What a device offers for each kind of attachment, and how many there can be.
_ACCEPTED = {
    "photo": "image/jpeg,image/png,image/webp", "signature": "image/jpeg,image/png,image/webp",
    "audio": "audio/wav,audio/flac,audio/ogg,audio/mpeg", "file": "application/pdf",
}  # fmt: skip
_CALLED = {
    "photo": gettext_lazy("Photo {n}"), "audio": gettext_lazy("Recording {n}"), "file": gettext_lazy("Document {n}"),
    "signature": gettext_lazy("Signature {n}"),
}  # fmt: skip
_HAPPENED_AT = "happened_at"  # the one field beside the fragment that can be wrong
_YES_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


@dataclass(frozen=True)
class Choice:
    """One radio, checkbox or option."""

    code: str
    label: str
    hint: str
    chosen: bool
    id: str


@dataclass(frozen=True)
class Row:
    """One row of a repeat. A spare one is empty and goes when the browser can add rows itself."""

    index: str
    asked: "list[Asked]"
    spare: bool = False


@dataclass(frozen=True)
class Asked:
    """A question as it stands on the page. `name` is the path of its answer: `age`, `objectives.0.text`."""

    question: Question
    name: str
    language: str
    answer: Any
    problems: Mapping[str, object]

    @property
    def id(self) -> str:
        return control_id(self.name)

    @property
    def label(self) -> str:
        return in_language(self.question.label, self.language)

    @property
    def hint(self) -> str:
        return in_language(self.question.hint, self.language)

    @property
    def value(self) -> str:
        return self.answer if isinstance(self.answer, str) else ""

    @property
    def long(self) -> bool:
        if any(" " in option.code for option in self.question.options):  # what is no code can be no id
            return True
        return len(self.question.options) > (_MOST_RADIOS_IN_ROW if "." in self.name else _MOST_RADIOS)

    @property
    def template(self) -> str:
        if self.question.type == "choice" and self.long:
            return _SELECT
        return _CHOICES if self.scale else _CONTROLS[self.question.type][0]

    @cached_property
    def problem(self) -> list[str]:
        return sentences(self.problems.get(self.name))

    @property
    def described_by(self) -> str:
        parts = [("hint", self.hint or self.bounds), ("problem", self.problem)]
        return " ".join(f"{self.id}-{part}" for part, there in parts if there)

    @property
    def bounds(self) -> tuple[str, str] | None:
        """Least and most of a range too long for a scale: without them nobody knows what its number means."""
        least, most = self.question.minimum, self.question.maximum
        wide = self.question.type == "range" and not self.scale
        return (least, most) if wide and least and most else None

    @property
    def conditions(self) -> SafeString:
        """The attributes on which the browser acts: what shows the question, checks it, works it out."""
        question = self.question
        written: dict[str, object] = {
            "data-question": question.name,
            "data-type": question.type,
            "data-show-if": question.show_if,
            "data-required": question.required,
            "data-check": question.check,
            "data-check-words": in_language(question.check_words, self.language),
            "data-calculation": question.calculation,
            "data-minimum": question.minimum,
            "data-maximum": question.maximum,
            "data-max-length": question.max_length,
        }
        return _attributes(written)

    @property
    def control(self) -> SafeString:
        """The attributes of a single control. A shared phone must not offer what was typed before."""
        given = dict(_CONTROLS[self.question.type][1])
        if given.get("type") == "text" and "size" not in given and self.question.max_length:
            given["size"] = min(self.question.max_length, _WIDEST)
        if self.question.type != "calculate":
            given["autocomplete"] = "off"
        if self.suggestions:
            given["list"] = f"{self.id}-known"
        return _attributes({**given, "name": self.name, "id": self.id} | self.said_of_it)

    @property
    def suggestions(self) -> tuple[Option, ...]:
        """What a text may well be, beside anything else: options that a page gave to a question of text."""
        return self.question.options if self.question.type == "text" else ()

    @property
    def said_of_it(self) -> dict[str, object]:
        """What assistive technology is told about the control."""
        return {
            "aria-describedby": self.described_by,
            "aria-invalid": "true" if self.problem else "",
            "aria-required": "true" if self.question.required else "",
        }

    @property
    def group(self) -> SafeString:
        """The attributes of the fieldset around several controls; the error summary leads to it."""
        if self.question.type in ("choice", "yes_no", "range"):
            return _attributes({"id": self.id, "tabindex": "-1", "role": "radiogroup"} | self.said_of_it)
        return _attributes({"id": self.id, "tabindex": "-1", "aria-describedby": self.described_by})

    @property
    def choice_type(self) -> str:
        return "checkbox" if self.question.type == "choices" else "radio"

    @property
    def choices(self) -> list[Choice]:
        chosen = [self.answer] if isinstance(self.answer, str) else list(self.answer or ())
        return [
            Choice(code, label, hint, code in chosen, f"{self.id}-{code}")
            for code, label, hint, retired in self._offered
            if not retired or code in chosen
        ]

    @property
    def kept(self) -> list[Choice]:
        """What is attached already, as boxes: who takes the tick away takes it out of the answer."""
        called, there = str(_CALLED[self.question.type]), self.answer if isinstance(self.answer, list) else []
        return [
            Choice(one, called.format(n=number), "", True, f"{self.id}-{one}")
            for number, one in enumerate(there, start=1)
        ]

    @property
    def adding(self) -> SafeString:
        """The attributes of the place where something is added, for the script."""
        question = self.question
        return _attributes(
            {
                "data-add": question.type,
                "data-most": most_attached(question),
                "data-called": _CALLED[question.type],
            }
        )

    @property
    def choosing(self) -> SafeString:
        """The attributes of the field that chooses a file."""
        several = most_attached(self.question) > 1
        return _attributes(
            {"type": "file", "name": self.name, "id": f"{self.id}-file", "accept": _ACCEPTED[self.question.type],
             "multiple": several, "autocomplete": "off"}
        )  # fmt: skip

    @property
    def rows(self) -> list[Row]:
        given = cast(list[dict[str, Any]], self.answer) if isinstance(self.answer, list) else []
        filled = [self._row(str(index), answers) for index, answers in enumerate(given)]
        spare = [
            self._row(str(index), {}, spare=True) for index in range(len(given), len(given) + SPARE_ROWS)
        ]
        return filled + spare

    @property
    def row_to_copy(self) -> Row:
        return self._row(ROW_MARK, {})

    def _row(self, index: str, answers: Mapping[str, Any], *, spare: bool = False) -> Row:
        inner = self.question.questions
        return Row(
            index, _asked(inner, answers, self.problems, self.language, f"{self.name}.{index}."), spare
        )

    @property
    def _offered(self) -> Iterator[tuple[str, str, str, bool]]:
        if self.question.type == "yes_no":
            yield from ((code, str(label), "", False) for code, label in _YES_NO)
        yield from ((number, number, "", False) for number in self.scale)
        for option in self.question.options:
            yield (
                option.code,
                _label(option, self.language),
                in_language(option.hint, self.language),
                option.retired,
            )

    @cached_property
    def scale(self) -> list[str]:
        """The steps of a short range. A slider always has a value; a scale can be left unanswered."""
        least, most = self.question.minimum, self.question.maximum
        if self.question.type != "range" or not (least.isdecimal() and most.isdecimal()):
            return []
        steps = range(int(least), int(most) + 1)
        return [str(step) for step in steps] if len(steps) <= _MOST_STEPS else []


@dataclass(frozen=True)
class Part:
    """A section as it stands on the page."""

    name: str
    label: str
    hint: str
    asked: list[Asked]


def parts(
    form: Form, *, answers: Mapping[str, Any], problems: Mapping[str, object], language: str
) -> list[Part]:
    """The sections of `form` with `answers` in them and `problems` (path → sentences) beside them."""
    return [
        Part(
            name=section.name,
            label=in_language(section.label, language),
            hint=in_language(section.hint, language),
            asked=_asked(section.questions, answers, problems, language, ""),
        )
        for section in form.sections
    ]


@dataclass(frozen=True)
class Problem:
    """One line of the error summary: where it leads, which question, what to do."""

    href: str
    label: str
    words: str


def summary(form: Form | None, problems: Mapping[str, object], *, language: str) -> list[Problem]:
    """Every problem in the order of the page; those that belong to no question of `form` come first."""
    labels = {_HAPPENED_AT: gettext("When did this happen?")} | (
        _labels(form.sections, language) if form else {}
    )
    order = ["", *labels]
    return [
        Problem(f"#{control_id(path)}" if _bare(path) in labels else "", _labelled(path, labels), words)
        for path in sorted(problems, key=lambda path: _place(path, order))
        for words in sentences(problems[path])
    ]


def control_id(path: str) -> str:
    """The id of the control that holds the answer at `path`: `objectives.0.text` → `q-objectives-0-text`."""
    if path == _HAPPENED_AT:
        return path
    return "q-" + path.replace(".", "-")


def _asked(
    questions: tuple[Question, ...],
    answers: Mapping[str, Any],
    problems: Mapping[str, object],
    language: str,
    start: str,
) -> list[Asked]:
    return [Asked(one, start + one.name, language, answers.get(one.name), problems) for one in questions]


def _labels(sections: tuple[Section, ...], language: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for question in (question for section in sections for question in section.questions):
        labels[question.name] = in_language(question.label, language)
        for inner in question.questions:
            labels[f"{question.name}.{inner.name}"] = in_language(inner.label, language)
    return labels


def _labelled(path: str, labels: Mapping[str, str]) -> str:
    """The label of what is wrong; inside a row, with the number of the row before it."""
    label, row = labels.get(_bare(path), ""), _row_of(path)
    return label if row < 0 else f"{labels.get(path.split('.')[0], '')} {row + 1}: {label}"


def _row_of(path: str) -> int:
    return next((int(step) for step in path.split(".") if step.isdecimal()), -1)


def _bare(path: str) -> str:
    """`path` without the index of its row."""
    return ".".join(step for step in path.split(".") if not step.isdecimal())


def _place(path: str, order: list[str]) -> tuple[int, int, int]:
    """Where a problem stands on the page: its question, then its row, then the question inside the row."""
    row = _row_of(path)
    question, inner = path.split(".")[0], _bare(path)
    return (
        order.index(question) if question in order else 0,
        row,
        order.index(inner) if inner in order else 0,
    )


def _label(option: Option, language: str) -> str:
    return in_language(option.label, language)


def _attributes(written: Mapping[str, object]) -> SafeString:
    """Those attributes of `written` that hold something, ready for a tag; condition trees as JSON."""
    return mark_safe(" ".join(_attribute(name, value) for name, value in written.items() if value))  # noqa: S308


def _attribute(name: str, value: object) -> str:
    if value is True:
        return name
    if isinstance(value, list):  # in single quotes, since JSON is full of double ones
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return f"{name}='{text.replace('&', '&amp;').replace(chr(39), '&#39;').replace('<', '&lt;')}'"
    return f'{name}="{escape(str(value))}"'
