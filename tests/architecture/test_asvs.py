"""docs/asvs.md maps OWASP ASVS 5.0, level 2 (level 3 for authorisation), to tests that exist, or to what is not there, or to
a deviation that is stated and counted. Below the mapping stand those tests that look at the code as a whole.
"""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "asvs.md").read_text()

# How many requirements of level 1 and 2 each section has (they stand before those of level 3); of chapter 8 all of them.
ASKED: Mapping[str, int] = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2, "V2.1": 3, "V2.2": 3, "V2.3": 4, "V2.4": 1, "V3.2": 2, "V3.3": 4,
    "V3.4": 6, "V3.5": 5, "V3.7": 2, "V4.1": 3, "V4.2": 1, "V4.3": 2, "V4.4": 4, "V5.1": 1, "V5.2": 3, "V5.3": 2, "V5.4": 3,
    "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5, "V6.6": 3, "V6.8": 4, "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5,
    "V7.5": 2, "V7.6": 2, "V8.1": 4, "V8.2": 4, "V8.3": 3, "V8.4": 2, "V9.1": 3, "V9.2": 4, "V10.1": 2, "V10.2": 2, "V10.3": 4,
    "V10.4": 11, "V10.5": 5, "V10.6": 2, "V10.7": 3, "V11.1": 2, "V11.2": 3, "V11.3": 3, "V11.4": 4, "V11.5": 1, "V11.6": 1,
    "V12.1": 3, "V12.2": 2, "V12.3": 4, "V13.1": 1, "V13.2": 5, "V13.3": 2, "V13.4": 5, "V14.1": 2, "V14.2": 4, "V14.3": 3,
    "V15.1": 3, "V15.2": 3, "V15.3": 7, "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 3, "V17.1": 1, "V17.2": 4,
    "V17.3": 2,
}  # fmt: skip


def rows() -> list[tuple[str, str]]:
    """Each requirement with what shows it."""
    lines = [line.strip("|").split("|") for line in DOCUMENT.splitlines() if line.startswith("| V")]
    return [(number.strip(), shown.strip()) for number, _, shown in lines]


def test_every_requirement_stands_there_once() -> None:
    asked = [f"{section}.{number}" for section, most in ASKED.items() for number in range(1, most + 1)]
    assert len(asked) == 259
    assert [number for number, _ in rows()] == asked


def test_every_test_that_is_named_exists_and_runs() -> None:
    named = [(number, one) for number, shown in rows() for one in re.findall(r"tests/[\w/]+\.py::\w+", shown)]
    missing = [f"{number}: {one}" for number, one in named if not _runs(one)]
    assert len(named) > 100
    assert missing == []


def _runs(named: str) -> bool:
    path, _, name = named.partition("::")
    return name in _tests_of(ROOT / path)


@cache
def _tests_of(path: Path) -> set[str]:
    """The tests of a module that nothing skips."""
    if not path.exists():
        return set()
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    return {
        one.name for one in functions if not any("skip" in ast.unparse(mark) for mark in one.decorator_list)
    }


def test_whatever_no_test_shows_is_stated_and_counted() -> None:
    tested = [shown for _, shown in rows() if re.search(r"tests/[\w/]+\.py::\w+", shown)]
    absent = [shown for _, shown in rows() if shown.startswith("nothing here: ")]
    deviations = [shown for _, shown in rows() if shown.startswith("deviation: ")]
    assert len(tested) + len(absent) + len(deviations) == len(rows())
    counted = f"{len(tested)} are shown by a test, {len(absent)} are about what is not there, {len(deviations)} are deviations."
    assert counted in DOCUMENT, counted
    assert all(len(shown) > 20 for shown in deviations)


# --- The code as a whole -----------------------------------------------------------------------------------------


@cache
def modules() -> list[tuple[str, ast.Module]]:
    """Every module of the product, by its name."""
    paths = [path for path in sorted((ROOT / "tutela").rglob("*.py")) if "migrations" not in path.parts]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text())) for path in paths]


@cache
def imports(tree: ast.Module) -> set[str]:
    """The packages that a module imports, such as `http.client`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def importing(*packages: str) -> set[str]:
    """The modules that import any of these, or a part of them."""
    return {
        name
        for name, tree in modules()
        if any(
            one == package or one.startswith(f"{package}.") for one in imports(tree) for package in packages
        )
    }


@cache
def calls(tree: ast.Module) -> list[tuple[str, ast.Call]]:
    """Every call of a module, with the name of what is called."""
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_no_command_is_put_together_for_a_shell() -> None:
    found = [
        (name, called)
        for name, tree in modules()
        for called, node in calls(tree)
        if called in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
        or any(word.arg == "shell" for word in node.keywords)
    ]
    assert found == []


def test_nothing_is_evaluated_or_unpickled() -> None:
    found = [
        (name, called)
        for name, tree in modules()
        for called, _ in calls(tree)
        if called
        in ("eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load", "yaml.full_load")
    ]
    assert found == []
    assert importing("pickle", "marshal", "shelve", "dill", "code") == set()


def test_no_xml_is_parsed() -> None:
    assert importing("xml", "lxml", "defusedxml") == set()


# Who speaks with anything outside of its own process, and with what.
SPEAK = {
    "tutela/audit/sending.py": "the mail server of the operator, with heads of the log",
    "tutela/cli/serve.py": "asks its own web process, over loopback, whether it answers",
    "tutela/commands/telling.py": "the mail server of the operator, with notices that name nobody",
    "tutela/keeper/client.py": "the keeper, over a Unix socket",
    "tutela/keeper/frames.py": "the keeper, over a Unix socket",
    "tutela/keeper/server.py": "the keeper itself",
}


def test_only_named_modules_speak_with_the_network() -> None:
    speaking = (
        "socket",
        "socketserver",
        "http.client",
        "urllib.request",
        "requests",
        "httpx",
        "smtplib",
        "django.core.mail",
    )
    assert importing(*speaking) == set(SPEAK)


def test_every_module_that_does_cryptography_is_in_the_inventory() -> None:
    inventory = (ROOT / "docs" / "cryptography.md").read_text()
    doing = importing(
        "cryptography",
        "hashlib",
        "hmac",
        "secrets",
        "pyrage",
        "msoffcrypto",
        "jwt",
        "xkcdpass",
        "django.core.signing",
    )
    assert len(doing) > 5
    assert [name for name in sorted(doing) if f"`{name}`" not in inventory] == []
    named = set(re.findall(r"`(tutela/[\w/]+\.py)`", inventory))
    assert named - doing == set(), "these do none any more"


def test_only_approved_hashes_are_used() -> None:
    source = "\n".join(ast.unparse(tree) for _, tree in modules())
    used = set(re.findall(r"\b(?:md[245]|sha_?\d+|blake\w+|ripemd\w*|whirlpool)\b", source, re.IGNORECASE))
    assert {one.lower() for one in used} == {"sha256"}
    assert importing("hashlib.new") == set() and "hashlib.new(" not in source


def test_nothing_that_must_not_be_guessed_comes_from_random() -> None:
    assert importing("random") <= {"tutela/cli/crowd.py"}  # invented names of invented children


def test_no_script_keeps_anything_in_the_browser_but_when_it_was_last_used() -> None:
    scripts = sorted((ROOT / "tutela" / "pages" / "static").rglob("*.js"))
    keeping = re.compile(r"(?:localStorage|sessionStorage|indexedDB|document\.cookie|caches)\b[^;]*")
    found = {(script.name, kept) for script in scripts for kept in keeping.findall(script.read_text())}
    assert len(scripts) > 3
    assert found == {
        ("idle.js", "localStorage.setItem(USED, String(Date.now()))"),
        ("idle.js", "localStorage.getItem(USED) ?? Date.now())"),
    }


@pytest.mark.parametrize(("demonstration", "said"), [("0", "False"), ("1", "True")])
def test_debug_pages_are_for_demonstrations_only(demonstration: str, said: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TUTELA_VAR": str(tmp_path), "TUTELA_SECRET_KEY": "k" * 60,
        "TUTELA_DEMONSTRATION": demonstration, "TUTELA_DEBUG": "1",
    }  # fmt: skip
    asked = [sys.executable, "-c", "from tutela.site import settings; print(settings.DEBUG)"]
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == said


@pytest.mark.parametrize("group", ["base", "test", "build"])
def test_every_dependency_has_hashes_and_a_reason(group: str) -> None:
    wanted = [
        line
        for line in (ROOT / "requirements" / f"{group}.in").read_text().splitlines()
        if line[:1].isalpha()
    ]
    if group == "base":
        assert [line for line in wanted if "#" not in line] == []
    locked = (ROOT / "requirements" / f"{group}.txt").read_text()
    pinned = re.findall(r"^[\w.\-\[\],]+==.*\\\n    --hash=sha256:[0-9a-f]{64}", locked, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.\-\[\],]+==", locked, re.MULTILINE)) > 0
    assert "://" not in locked


def test_the_documentation_says_how_soon_weaknesses_are_mended() -> None:
    told = (ROOT / "SECURITY.md").read_text().partition("## How soon weaknesses are mended")[2]
    assert "days" in told.partition("\n## ")[0]


def test_the_documentation_lists_every_log() -> None:
    from tutela.site.settings import LOGGING

    told = (ROOT / "docs" / "operate.md").read_text().partition("## Logs")[2].partition("\n## ")[0]
    handlers: Any = LOGGING["handlers"]
    assert set(handlers) == {"stderr"}
    for log in ("standard error", "`audit_auditrow`", "heads"):
        assert log in told, log
