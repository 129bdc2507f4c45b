"""Rendering templates without a server, and reading what came out."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

TEMPLATES = Path(__file__).parents[2] / "tutela" / "pages" / "templates"
_WITHOUT_END = {"input", "meta", "link", "br", "path", "hr", "img"}


class Element:
    """One element of a page: its tag, its attributes, its text and what is inside."""

    def __init__(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.tag = tag
        self.attributes = dict(attributes)
        self.parts: list[Element | str] = []  # what is inside, in order

    def __iter__(self) -> "Iterator[Element]":
        yield self
        for element in self.inside:
            yield from element

    @property
    def inside(self) -> "list[Element]":
        """The elements directly inside."""
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def own_text(self) -> str:
        """The text directly inside, as it is written."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def all(self, tag: str = "", **attributes: str) -> "list[Element]":
        """Every element of that tag with these attributes; `_` in a name stands for `-`."""
        asked = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self
            if tag in ("", element.tag)
            and all(element.attributes.get(name) == value for name, value in asked.items())
        ]

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements <{tag}> {attributes}"
        return found[0]

    @property
    def text(self) -> str:
        """All words inside, with single spaces."""
        return " ".join(self._written().split())

    def _written(self) -> str:
        return " ".join(part if isinstance(part, str) else part._written() for part in self.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        assert len(element.attributes) == len(attrs), f"an attribute stands twice on <{tag}>: {attrs}"
        self.open[-1].parts.append(element)
        if tag not in _WITHOUT_END:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parsed(html: str) -> Element:
    """`html` as elements. Fails where they are not closed in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is never closed"
    return reader.root


def page(template: str, context: Mapping[str, Any] | None = None) -> Element:
    """A template of a whole page, with what every page knows."""
    return parsed(render_to_string(template, dict(context or {}), request=RequestFactory().get("/")))


def piece(source: str, **context: Any) -> Element:
    """A piece of a template that uses the components."""
    loaded = "{% load components fragment words %}" + source
    return parsed(engines["django"].from_string(loaded).render(context))
