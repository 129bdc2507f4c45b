"""Packs that a test writes."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

HEADER = """\
name: {name}
title: A pack for a test
version: 2024-05-01
description: Invented.
"""
RULE = """\
- key: visit.within
  value: 3
  unit: days
  valid_from: 2020-01-01
  source: Invented, section 1
  requirement: R26
  verified_on: 2024-05-01
"""
LIST = """\
- name: colour
  title: Colour
  source: Invented
  terms:
    - {code: red, label: Red}
    - {code: blue, label: Blue, active_until: 2023-12-31}
"""

WritePack = Callable[..., Path]


@pytest.fixture
def write_pack(tmp_path: Path) -> WritePack:
    """Write a pack and give its folder: `header` goes into pack.yaml, every other name is a file."""

    def write(name: str = "here", *, header: str = "", **files: str) -> Path:
        folder = tmp_path / name
        contents = {"pack": HEADER.format(name=folder.name) + dedent(header), "rules": RULE} | files
        for file, text in contents.items():
            path = folder / f"{file.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return folder

    return write
