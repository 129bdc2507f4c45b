"""Looks for words in every file of a folder, in every way in which a program may have written them down."""

import base64
import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus


def written(word: str) -> set[bytes]:
    """The bytes that `word` may have become; those of base64 without the letters that depend on what stands around it."""
    escaped = json.dumps(word)[1:-1]
    as_text = {
        word,
        word.lower(),
        word.upper(),
        escaped,
        escaped.upper(),
        quote(word),
        quote_plus(word),
        ascii(word)[1:-1],
    }
    bytes_of = {text.encode(coding) for text in as_text for coding in ("utf-8", "utf-16-le", "utf-16-be")}
    return bytes_of | {word.encode().hex().encode(), *_in_base64(word.encode())}


def files_with(words: Collection[str], folders: Collection[Path]) -> list[str]:
    """Which word stands in which file of these folders."""
    needles = [(word, needle) for word in words for needle in written(word)]
    found = []
    for path in _files(folders):
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # a temporary file that is gone again
            continue
        found += sorted({f"{word} in {path.name}" for word, needle in needles if needle in content})
    return found


def without(text: str, names: Sequence[str]) -> str:
    """The text with these names taken out, longer ones first where one is a part of another."""
    for name in names:
        text = text.replace(name, "")
    return text


def columns_with(
    words: Collection[str], database: Path, *, except_tables: str, but: Sequence[str] = ()
) -> list[str]:
    """Which word stands in which column of a SQLite database, but for tables whose names begin with `except_tables`.

    `but`: names in which a word may stand as a part.
    """
    found = []
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            if table.startswith(except_tables):
                continue
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                cells = without(" ".join(str(cell) for cell in row if isinstance(cell, str)), but)
                found += [f"{word} in {table}" for word in words if word in cells]
    connection.close()
    return sorted(set(found))


def _files(folders: Collection[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _in_base64(content: bytes) -> set[bytes]:
    codings = (base64.b64encode, base64.urlsafe_b64encode)
    return {
        coding(b"x" * shift + content)[4 if shift else 0 : -4] for coding in codings for shift in range(3)
    }
