"""A small page with a form in it, as `pages` draws one, and a server that keeps its drafts."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from tutela import pages
from tutela.forms.conditions import parse

STATIC = Path(pages.__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def question(name: str, kind: str, inside: str, **conditions: str) -> str:
    """One question in its wrapper, with its conditions parsed."""
    trees = "".join(
        f' data-{key.replace("_", "-")}="{escape(json.dumps(parse(source)))}"'
        for key, source in conditions.items()
    )
    return f'<div class="question" data-question="{name}" data-type="{kind}"{trees}>{inside}</div>'


def text(name: str, kind: str = "text", **conditions: str) -> str:
    inner = name.rpartition(".")[2]
    return question(inner, kind, f'<label>{inner}<input type="text" name="{name}"></label>', **conditions)


def options(name: str, kind: str, codes: str, **conditions: str) -> str:
    control = "checkbox" if kind == "choices" else "radio"
    inside = "".join(
        f'<label><input type="{control}" name="{name}" value="{code}">{code}</label>'
        for code in codes.split()
    )
    return question(name.rpartition(".")[2], kind, f"<fieldset>{inside}</fieldset>", **conditions)


def _row(index: str, mark: str = "") -> str:
    inside = (
        text(f"people.{index}.name")
        + options(f"people.{index}.lives_here", "yes_no", "yes no")
        + text(f"people.{index}.address", show_if="${lives_here} = 'no' and ${urgent} = 'yes'")
    )
    return (
        f'<fieldset class="row" data-row="{index}" id="row-{index}"{mark}>{inside}'
        '<button type="button" data-remove-row hidden>Remove</button></fieldset>'
    )


def _section(name: str, *questions: str) -> str:
    return f'<section class="form-section" data-section="{name}">{"".join(questions)}</section>'


_PEOPLE = (
    f"<div data-rows>{_row('0')}{_row('1', ' data-spare')}{_row('2', ' data-spare')}</div>"
    f"<template data-row-template>{_row('__row__')}</template>"
    '<button type="button" data-add-row hidden>Add another</button>'
)
_FRAGMENT = "".join([
    _section(
        "risk",
        options("urgent", "yes_no", "yes no"),
        options("threats", "choices", "neglect violence other", show_if="${urgent} = 'yes'"),
        text("which", show_if="selected(${threats}, 'other')"),
        text("age", "integer"),
        text("phone", "phone"),
        question("story", "long_text", '<textarea name="story"></textarea>'),
        question("seen_on", "date", '<input type="date" name="seen_on">'),
        question("place", "choice", '<select name="place"><option value=""></option><option value="home">'
                 '</option><option value="school"></option></select>'),
        question("advice", "note", "<p>Look again.</p>"),
    ),
    _section(
        "later",
        text("because", show_if="${age} >= 10"),
        text("since", show_if="${age} >= 10 and ${because} != ''"),
    ),
    _section(
        "people",
        question("people", "repeat", _PEOPLE),
        question("many", "calculate", '<output name="many"></output>', calculation="count(${people})"),
        question("days", "calculate", '<output name="days"></output>', calculation="today() - ${seen_on}"),
    ),
])  # fmt: skip
PAGE = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Form</title>
<script type="module" src="/static/tutela/entry-form.js"></script></head><body>
<form method="post" action="/sent" novalidate data-draft-url="/draft" data-today="2026-03-02">
<input type="hidden" name="csrfmiddlewaretoken" value="first-token">
<div data-form="assessment.initial" data-version="0f">{_FRAGMENT}</div>
<p data-draft-status role="status" data-saving="Saving" data-saved="Saved" data-unsent="Unsent"
 data-signed-out="Signed out" data-other-tab="Other tab"></p>
<p><a data-sign-in href="/sign-in" target="_blank" hidden>Sign in</a></p>
<button name="main" value="yes">Save</button><a href="/elsewhere" data-come-back>Save and come back</a></form>
</body></html>"""

ANSWERS: dict[str, Any] = {
    "urgent": "yes",
    "threats": ["neglect", "other"],
    "which": 'Zoé says "no" <b> & goes',
    "age": "12",
    "phone": "+254 712 345678",
    "story": "One line\n\nand another ٣",
    "seen_on": "2026-02-24",
    "place": "school",
    "because": "of that",
    "people": [
        {"name": "Amal", "lives_here": "yes"},
        {"name": "Idris", "lives_here": "no", "address": "Hill 7"},
    ],
}


@dataclass
class Site:
    """What the server was sent, and what it is told to answer."""

    url: str = ""
    drafts: list[dict[str, str]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    answer: tuple[int, str] = (200, "application/json")
    token: str = "first-token"
    hold: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.hold.set()


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield site
        finally:
            site.hold.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            file = STATIC / self.path.removeprefix("/static/")
            self._reply(200, "text/javascript", file.read_bytes())
        else:
            self._reply(200, "text/html; charset=utf-8", (PAGE if self.path == "/" else "elsewhere").encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        posted = _posted(self.headers, body)
        if self.path == "/sent":
            self.site.sent.append(posted)
            return self._reply(200, "text/html", b"sent")
        self.site.hold.wait(30)
        if posted["csrfmiddlewaretoken"] != self.site.token:
            return self._reply(403, "text/html", b"", {"X-CSRFToken": self.site.token})
        status, kind = self.site.answer
        if status == 200:
            self.site.drafts.append(posted)
        return self._reply(status, kind, b"{}")

    def _reply(self, status: int, kind: str, body: bytes, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": POLICY}
        if status == 302:
            headers["Location"] = "/sign-in"
        for name, value in (headers | (extra or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def _posted(headers: Message, body: bytes) -> dict[str, str]:
    if headers.get_content_type() != "multipart/form-data":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    message = BytesParser().parsebytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body
    )
    fields: dict[str, str] = {}
    for part in message.walk():
        if name := part.get_param("name", header="Content-Disposition"):
            content = part.get_payload(decode=True)
            fields[str(name)] = content.decode() if isinstance(content, bytes) else ""
    return fields
