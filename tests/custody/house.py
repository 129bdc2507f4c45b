"""A whole installation in a folder of its own, run by commands as its operator runs them; and its three custodians."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.postgres import Cluster
from tests.server import CHECKOUT
from tutela.keeper.custodians import new_identity

on_both = pytest.mark.parametrize("cluster", ["sqlite", "postgresql"], indirect=True)

NAMES = ("Ada", "Bo", "Cleo")
_PASSPHRASE = "copper lantern ninety walrus gravel sonnet"


@dataclass(frozen=True)
class House:
    """An installation: its folder, and where its databases are where they are not in it."""

    var: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """What its processes find in their environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TUTELA_")}
        return clean | {
            "TUTELA_VAR": str(self.var), "TUTELA_DEMONSTRATION": "1",
            "TUTELA_CLAMAV": "none",  # whatever this machine has
            **self.environment,
        }  # fmt: skip

    def tutela(self, *arguments: object, typed: str = "", wrong: bool = False) -> str:
        """What a command says. `typed`: lines somebody types; `wrong`: it must be refused, and never with a traceback."""
        ran = subprocess.run(
            [CHECKOUT / ".venv/bin/tutela", *map(str, arguments)], env=self.settings, input=typed, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert (ran.returncode != 0) == wrong and "Traceback" not in ran.stdout, ran.stdout
        return ran.stdout

    def python(self, code: str, *, code_returned: int = 0) -> str:
        """What a piece of Python says that runs in this installation."""
        begin = "import django; django.setup()\n"
        ran = subprocess.run(
            [sys.executable, "-c", begin + code], cwd=CHECKOUT, text=True, check=False,
            env=self.settings | {"DJANGO_SETTINGS_MODULE": "tutela.site.settings"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert ran.returncode == code_returned, ran.stdout
        return ran.stdout

    def left(self) -> list[str]:
        """Every file that is left in its folder."""
        return sorted(str(path.relative_to(self.var)) for path in self.var.rglob("*") if path.is_file())


def make_custodians(folder: Path) -> Path:
    """Three custodians' files in `folder`, and beside them the file that names them as `tutela init` writes it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    told = []
    for name in NAMES:
        recipient, file = new_identity(f"{_PASSPHRASE} {name}")
        (folder / f"{name}.age").write_bytes(file)
        told.append({"name": name, "recipient": recipient})
    path = folder / "custodians.json"
    path.write_text(json.dumps(told))
    return path


def passphrases(*names: str) -> str:
    """What these custodians type, one after the other."""
    return "".join(f"{_PASSPHRASE} {name}\n" for name in names)


def addresses(database: Cluster | None, name: str) -> dict[str, str]:
    """Two databases of a PostgreSQL under these names, or nothing for SQLite in the folder."""
    if database is None:
        return {}
    return {
        "TUTELA_DATABASE_URL": database.ensure(f"{name}-main"),
        "TUTELA_KEYRING_URL": database.ensure(f"{name}-keyring"),
    }
