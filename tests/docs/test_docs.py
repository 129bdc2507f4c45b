"""What the documentation says is there: links, pictures, commands, files, functions, settings; and the reference is current."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from tests.docs.reference import CHECKOUT, PAGES
from tutela.cli.main import main

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^(?: {4}|\t)+(.*)$", re.M)
_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
_PATH = re.compile(r"(?:tutela|tests|docs|stories|script|requirements)(?:/[\w.-]+)+")
_FUNCTION = re.compile(r"[a-z_]+(?:\.\w+)+\(\)")
_ENVIRONMENT = re.compile(r"^(?:[A-Z_]+=\S* )+")
_SETTING = re.compile(r"\bTUTELA_[A-Z_]+\b")

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda file: file.relative_to(CHECKOUT).as_posix()
)


@pytest.mark.parametrize("name", PAGES)
def test_the_reference_is_what_the_packs_say(name: str) -> None:
    written = (CHECKOUT / name).read_text(encoding="utf-8")
    assert written == PAGES[name]() + "\n", f"{name} is not current: run script/reference"


@each_document
def test_every_link_and_picture_leads_somewhere(document: Path) -> None:
    lost = [link for link in _links(document) if not _leads_somewhere(link, document)]
    assert lost == []


@each_document
def test_every_file_that_is_named_is_there(document: Path) -> None:
    named = {path for code in _code(document) for path in _PATH.findall(code)}
    assert [path for path in sorted(named) if not (CHECKOUT / path).exists()] == []


@each_document
def test_every_function_that_is_named_is_there(document: Path) -> None:
    named = {code for code in _code(document) if _FUNCTION.fullmatch(code)}
    assert [name for name in sorted(named) if not _is_function(name.removesuffix("()"))] == []


@each_document
def test_every_command_that_is_named_can_be_given(document: Path) -> None:
    wrong = [words for words in _commands(document) if not _can_be_given(words)]
    assert wrong == []


@pytest.mark.parametrize("words", ["nothing", "story plau", "story list --nope", "facts rebuild --chek"])
def test_a_command_that_is_not_there_is_noticed(words: str) -> None:
    assert not _can_be_given(words.split())


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    sources = [*(CHECKOUT / "tutela").rglob("*.py")]
    read = {name for file in sources for name in _SETTING.findall(file.read_text(encoding="utf-8"))}
    documented = set(_SETTING.findall((CHECKOUT / "docs" / "operate.md").read_text(encoding="utf-8")))
    assert read == documented


def _links(document: Path) -> list[str]:
    """The links that stay in this checkout."""
    links: list[str] = _LINK.findall(document.read_text(encoding="utf-8"))
    return [link for link in links if not re.match(r"[a-z]+:", link)]


def _leads_somewhere(link: str, document: Path) -> bool:
    name, _, anchor = unquote(link).partition("#")
    target = document.parent / name if name else document
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(document: Path) -> set[str]:
    """Where a link can lead to inside a page: its headings as their pages name them, and marked places."""
    text = document.read_text(encoding="utf-8")
    headings = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in re.findall(r"^#+ (.*)$", text, re.M)]
    return {heading.replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def _code(document: Path) -> Iterator[str]:
    """What stands in the document as code: between backticks, or in a block of its own."""
    text = document.read_text(encoding="utf-8")
    yield from _SPAN.findall(text)
    yield from _BLOCK.findall(text)
    for block in _FENCE.findall(text):
        yield from block.splitlines()


def _is_function(name: str) -> bool:
    """Whether `commands.submit` or `cases.entries.seal_entry` is there, in `tutela` or by its own name."""
    module, _, function = name.rpartition(".")
    return hasattr(import_module(f"tutela.{module}"), function)


def _commands(document: Path) -> Iterator[list[str]]:
    """What is said after `tutela`, word by word."""
    for code in _code(document):
        line = _ENVIRONMENT.sub("", code)
        for start in ("tutela ", ".venv/bin/tutela "):
            if line.startswith(start) and line[len(start)].islower():
                yield line[len(start) :].split()


def _can_be_given(words: list[str]) -> bool:
    """Whether the commands and options are there. What the command is given after that is its own affair."""
    command: click.Command = main
    context = click.Context(command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        if found is None:
            return False
        command = found
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return all(word.partition("=")[0] in known for word in words if word.startswith("--"))
