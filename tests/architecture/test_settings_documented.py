"""Whatever can be set from outside is told to whoever runs it, and nothing is told that cannot be set."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"TUTELA_[A-Z_]+|PORT")


def read_in(folder: str) -> set[str]:
    """Every setting that stands as a word of its own in the Python of a folder."""
    return {
        node.value
        for path in sorted((CHECKOUT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SETTING.fullmatch(node.value)
    }


def documented() -> set[str]:
    """The settings with a line in the table of docs/operate.md."""
    page = (CHECKOUT / "docs" / "operate.md").read_text()
    return set(re.findall(rf"^\| `({SETTING.pattern})` \|", page, re.MULTILINE))


def test_every_setting_has_its_line_in_the_documentation() -> None:
    assert read_in("tutela") == documented()
    assert {"PORT", "TUTELA_VAR", "TUTELA_SECRET_KEY"} <= documented()


def reads_of_the_environment() -> Iterator[str]:
    for path in sorted((CHECKOUT / "tutela").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                yield str(path.relative_to(CHECKOUT))


def test_the_environment_is_read_in_one_place() -> None:
    """Each process says where its settings are, and nothing else."""
    processes = {"tutela/cli/django.py", "tutela/site/wsgi.py", "tutela/worker/__main__.py"}
    assert set(reads_of_the_environment()) == {"tutela/site/environment.py", *processes}
    for path in processes:
        (line,) = (one for one in (CHECKOUT / path).read_text().splitlines() if "environ" in one)
        assert line.strip() == 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.site.settings")'
