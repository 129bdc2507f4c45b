"""The components: one template each in `pages/components/`, where its top comment says what it takes.

Every one is shown in every state in the style guide. What they take may be dicts or objects alike.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from tutela.pages import dates

register = template.Library()

# Meaning never hangs on colour alone: each also has a word and one of these shapes.
_SHAPES = {
    "triangle": "M6 .8 11.6 11H.4Z",
    "diamond": "M6 .4 11.6 6 6 11.6.4 6Z",
    "disc": "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Z",
    "ring": "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Zm0 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z",
    "bar": "M1 4.8h10v2.4H1Z",
    "clock": "M6 .5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM5.2 3h1.6v2.7l2 1.9-1.1 1.1-2.5-2.4Z",
    "sun": "M6 .5a5.5 5.5 0 1 0 0 11ZM7.2.6v1.7a3.8 3.8 0 0 1 0 7.4v1.7a5.5 5.5 0 0 0 0-10.8Z",
    "lock": "M2 5h1V4a3 3 0 0 1 6 0v1h1v6.5H2Zm2.6 0h2.8V4a1.4 1.4 0 0 0-2.8 0Z",
    "stop": "M3.5.5h5l3 3v5l-3 3h-5l-3-3v-5ZM3 5v2h6V5Z",
    "tick": "M4.6 10.6.6 6.5l1.5-1.5 2.5 2.6L10 1.8l1.5 1.5Z",
    "cross": "m1 2.4 1.4-1.4L6 4.6 9.6 1 11 2.4 7.4 6 11 9.6 9.6 11 6 7.4 2.4 11 1 9.6 4.6 6Z",
    "note": "M1 1h10v10H1Zm4.2 4v4h1.6V5Zm0-2.4V4h1.6V2.6Z",
    "warning": "M6 .4 11.8 11.4H.2ZM5.3 4v4h1.4V4Zm0 4.9v1.4h1.4V8.9Z",
}
_RISK = {
    "high": (gettext_lazy("High risk"), "triangle"),
    "medium": (gettext_lazy("Medium risk"), "diamond"),
    "low": (gettext_lazy("Low risk"), "disc"),
    "none": (gettext_lazy("No risk found"), "ring"),
}
_NOTICES = {
    "info": ("note", gettext_lazy("Note")),
    "warning": ("warning", gettext_lazy("Attention")),
    "confidential": ("lock", gettext_lazy("Confidential")),
    "success": ("tick", gettext_lazy("Done")),
}


@register.simple_tag
def shape(name: str) -> SafeString:
    """A small drawing that takes the colour of its words and says nothing by itself."""
    return format_html(
        '<svg class="shape" viewBox="0 0 12 12" aria-hidden="true" focusable="false">'
        '<path fill-rule="evenodd" d="{}"/></svg>',
        _SHAPES[name],
    )


@register.inclusion_tag("pages/components/tag.html", takes_context=True)
def risk_tag(context: Context, level: str | None) -> dict[str, object]:
    """The risk level as a word in a filled tag. Covered while somebody is beside the reader (R125)."""
    if context.get("beside_me"):
        return {"kind": "covered", "shape_name": "bar", "words": gettext_lazy("Risk covered")}
    if level == "died":  # no risk is spoken of any more (R54)
        return {"kind": "risk-unset", "shape_name": "bar", "words": gettext_lazy("Has died")}
    words, drawing = _RISK.get(level or "", (gettext_lazy("Risk not set yet"), "bar"))
    return {"kind": f"risk-{level if level in _RISK else 'unset'}", "shape_name": drawing, "words": words}


@register.inclusion_tag("pages/components/late_tag.html")
def late_tag(due: dates.Moment | None) -> dict[str, object]:
    """How a due date stands: a tag where it is late or today, quiet words where it is ahead."""
    if not due:
        return {}
    stands = dates.lateness(due)
    return {"due": due, "kind": stands.kind, "words": stands.words}


@register.inclusion_tag("pages/components/tag.html")
def tag(words: str, kind: str = "plain", shape_name: str = "") -> dict[str, object]:
    """A plain tag. Kinds: `plain`, `confidential`."""
    return {"kind": kind, "shape_name": shape_name, "words": words}


@register.inclusion_tag("pages/components/code_chip.html")
def code_chip(code: str) -> dict[str, object]:
    """A case code: letters of one width, left to right in every language."""
    return {"code": code}


@register.inclusion_tag("pages/components/task_list.html", takes_context=True)
def task_list(context: Context, tasks: Iterable[Any], heading: int = 3) -> dict[str, object]:
    """What is to be done, and why. `heading` is the level of each title."""
    return {"tasks": tasks, "heading": heading, "beside_me": context.get("beside_me")}


@register.inclusion_tag("pages/components/summary_list.html")
def summary_list(rows: Iterable[Any]) -> dict[str, object]:
    """Labels and values."""
    return {"rows": rows}


@register.simple_block_tag
def notice(content: SafeString, kind: str = "info", title: str = "") -> SafeString:
    """A word to the reader around `content`. Kinds: `info`, `warning`, `confidential`, `success`."""
    drawing, word = _NOTICES[kind]
    about = {"kind": kind, "shape_name": drawing, "title": title or word, "content": content}
    return render_to_string("pages/components/notice.html", about)


@register.simple_block_tag
def card(content: SafeString, title: str = "", heading: int = 2) -> SafeString:
    """A framed part of a page around `content`."""
    return render_to_string(
        "pages/components/card.html", {"title": title, "heading": heading, "content": content}
    )


@register.inclusion_tag("pages/components/entry.html", takes_context=True)
def entry(context: Context, one: Any, heading: int = 3, whole: bool = False) -> dict[str, object]:
    """One entry of the chronology; with an amendment, before and after stand side by side."""
    return {"entry": one, "heading": heading, "whole": whole, "beside_me": context.get("beside_me")}


@register.inclusion_tag("pages/components/person.html", takes_context=True)
def person(context: Context, one: Any, heading: int = 2) -> dict[str, object]:
    """A person on the file: safety mark first, safe contact beside every number (R109, R110)."""
    return {"person": one, "heading": heading, "beside_me": context.get("beside_me")}


@register.inclusion_tag("pages/components/service_card.html")
def service_card(one: Any, heading: int = 2) -> dict[str, object]:
    """A service of the directory: a safety concern first, then what it is and how fresh that is (R39, R123)."""
    return {"service": one, "heading": heading}


@register.inclusion_tag("pages/components/side_by_side.html", takes_context=True)
def side_by_side(context: Context, columns: Iterable[Any], heading: int = 3) -> dict[str, object]:
    """What endangers, what makes vulnerable and what protects, beside each other and without a sum (R22)."""
    return {"columns": columns, "heading": heading, "beside_me": context.get("beside_me")}


@register.inclusion_tag("pages/components/step_rail.html")
def step_rail(steps: Sequence[Any]) -> dict[str, object]:
    """Where the case stands, from identification to closure."""
    place = next((number for number, step in enumerate(steps, 1) if _of(step, "state") == "current"), 0)
    return {"steps": steps, "place": place, "current": steps[place - 1] if place else None}


@register.inclusion_tag("pages/components/tabs.html")
def tabs(entries: Iterable[Any], label: str) -> dict[str, object]:
    """Plain links to the parts of one thing."""
    return {"tabs": entries, "label": label}


@register.inclusion_tag("pages/components/pager.html")
def pager(pages: Any) -> dict[str, object]:
    """Earlier and later pages of a long list."""
    return {"pages": pages}


@register.inclusion_tag("pages/components/table.html")
def table(caption: str, columns: Sequence[str], rows: Iterable[Any]) -> dict[str, object]:
    """A table that becomes a list of cards on a phone. The first cell of a row names it."""
    told = [
        {
            "cells": [
                {"column": column, "text": text}
                for column, text in zip(columns, _of(row, "cells"), strict=True)
            ],
            "url": _of(row, "url"),
        }
        for row in rows
    ]
    return {"caption": caption, "columns": columns, "rows": told}


@register.inclusion_tag("pages/components/button_row.html")
def button_row(main: str, others: Iterable[Any] = (), name: str = "", value: str = "") -> dict[str, object]:
    """The one main button of a form, first, and what else can be done, as plain links."""
    return {"main": main, "others": others, "name": name, "value": value}


@register.inclusion_tag("pages/components/search_box.html", takes_context=True)
def search_box(context: Context, search: Any) -> dict[str, object]:
    """A search that is posted, so that what was looked for stands in no address and no history."""
    return {"search": search, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("pages/components/empty_state.html")
def empty_state(title: str, words: str = "", url: str = "", action: str = "") -> dict[str, object]:
    """Nothing here: say so, and what to do next."""
    return {"title": title, "words": words, "url": url, "action": action}


@register.inclusion_tag("pages/components/locked_state.html")
def locked_state(words: str = "") -> dict[str, object]:
    """The files are locked: say what still works and whom to tell."""
    return {"words": words}


@register.inclusion_tag("pages/components/no_permission.html")
def no_permission(words: str = "", url: str = "", action: str = "") -> dict[str, object]:
    """Known of, but not to be opened by this reader: say why, and how to ask."""
    return {"words": words, "url": url, "action": action}


@register.inclusion_tag("pages/components/plain_field.html")
def plain_field(field: BoundField) -> dict[str, object]:
    """A field of one of Django's own forms (signing in), with its label above and without a placeholder."""
    kind = getattr(field.field.widget, "input_type", "")
    return {"field": field, "widget": field.as_widget(attrs={"placeholder": ""}), "box": kind == "checkbox"}


def _of(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
