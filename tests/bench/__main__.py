"""`script/bench pages`: requests each second and how long they take, beside a bare handler; and where the time goes."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from tests.bench import floor
from tests.bench.asking import Times, ask, of_the_floor, of_tutela, signed_in
from tests.bench.inside import PARTS
from tests.bench.leaving import leave
from tests.keeper.process import running_keeper
from tests.server import CHECKOUT, Server, running_server
from tutela.site.supervisor import die_with_parent

FLOOR_PORT = 8699
_PASSWORD = "demonstration only"


@click.group()
def main() -> None:
    """Measure. The figures of one run compare with each other, not with those of another machine or day."""


@main.command()
@click.option("--files", default=10_000, show_default=True, type=click.IntRange(100))
@click.option("--seconds", default=10.0, show_default=True, help="How long each page is asked for.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the crowd here, for another run.")
def pages(files: int, seconds: float, folder: Path | None) -> None:
    """Today, the case list, a file, a name search and a submission, of a caseworker in a crowd of files."""
    folder = folder or CHECKOUT / ".cache" / f"bench{files}"
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(folder, arguments=("--no-stories",)) as server:
        took = _crowd(server, files)
        browser, cookies = signed_in(server.url, username="caseworker1", password=_PASSWORD)
        asked = of_tutela(browser)
        ours = {name: ask(server.url, cookies, one, seconds=seconds) for name, one in asked.items()}
    parts = _inside(folder)
    with _floor(folder) as url:
        least = {name: ask(url, {}, one, seconds=seconds) for name, one in of_the_floor(iter(ours)).items()}
    click.echo(
        f"{files} files{took}; one web process, 4 threads, 4 people asking at once, {seconds:.0f} s each; SQLite.\n"
    )
    click.echo(_table(ours, least))
    click.echo(
        f"\nMilliseconds of one page under the profiler, which slows Python about twice. Parts overlap.\n\n{_profile(parts)}"
    )


@main.command()
@click.option("--files", default=10_000, show_default=True, type=click.IntRange(100))
@click.option("--attachments", default=2_000, show_default=True, type=click.IntRange(0))
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--folder", type=click.Path(path_type=Path), help="Keep the crowd here, for another run.")
def leaving(files: int, attachments: int, database: str, folder: Path | None) -> None:
    """Copying the house, leaving it with a last bundle, and bringing it back elsewhere."""
    folder = folder or CHECKOUT / ".cache" / f"bench{files}"
    folder.mkdir(parents=True, exist_ok=True)
    with running_server(folder, arguments=("--no-stories",)) as server:
        _crowd(server, files)
    took = leave(folder / "var", attachments=attachments, postgresql=database == "postgresql")
    click.echo(f"{files} files, {attachments} attachments of 100 kB, {database}.\n")
    click.echo("| | seconds | of them working |\n| --- | ---: | ---: |")
    for name, one in took.items():
        click.echo(f"| {name} | {one.passed:.1f} | {f'{one.worked:.1f}' if one.worked else ''} |")


def _crowd(server: Server, files: int) -> str:
    """Fill the installation, once. Returns how long it took, in words."""
    marker = server.var / "crowd"
    if marker.exists():
        return ""
    began = time.monotonic()
    subprocess.run(
        [CHECKOUT / ".venv/bin/tutela", "story", "crowd", "--files", str(files)], env=_environment(server.var), check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    marker.touch()
    return f", made in {time.monotonic() - began:.0f} s"


def _inside(folder: Path) -> Mapping[str, Mapping[str, float]]:
    statements, profile = folder / "statements.json", folder / "profile.json"
    with running_keeper(folder / "var"):
        subprocess.run(
            [sys.executable, "-m", "tests.bench.inside", statements, profile], env=_environment(folder / "var"),
            cwd=CHECKOUT, check=True,
        )  # fmt: skip
    told: Mapping[str, Mapping[str, float]] = json.loads(profile.read_text())
    return told


@contextmanager
def _floor(folder: Path) -> Iterator[str]:
    """The bare handler, served as Tutela is, on copies of its databases."""
    copies = folder / "floor"
    shutil.rmtree(copies, ignore_errors=True)
    copies.mkdir()
    for name in ("tutela", "keyring"):
        floor.copied(folder / "var" / f"{name}.sqlite3", copies)
    command = [
        sys.executable, "-m", "granian", "tests.bench.floor:application", "--interface", "wsgi", "--port", str(FLOOR_PORT),
        "--workers", "1", "--blocking-threads", "4", "--no-log",
    ]  # fmt: skip
    environment = os.environ | {
        "FLOOR_FOLDER": str(copies),
        "FLOOR_STATEMENTS": str(folder / "statements.json"),
    }
    process = subprocess.Popen(command, env=environment, cwd=CHECKOUT, preexec_fn=die_with_parent)
    url = f"http://127.0.0.1:{FLOOR_PORT}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while True:
        try:
            httpx.get(f"{url}/0", trust_env=False).raise_for_status()
            return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)


def _environment(var: Path) -> dict[str, str]:
    return os.environ | {"TUTELA_VAR": str(var), "TUTELA_DEMONSTRATION": "1"}


def _table(ours: Mapping[str, Times], least: Mapping[str, Times]) -> str:
    lines = [
        "| page | requests/s | p50 ms | p95 ms | bare: requests/s | p50 ms | p95 ms | ratio |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, one in ours.items():
        bare = least[name]
        lines.append(
            f"| {name} | {one.each_second:.1f} | {one.p50:.0f} | {one.p95:.0f} | {bare.each_second:.0f} | {bare.p50:.1f} "
            f"| {bare.p95:.1f} | {one.each_second / bare.each_second:.2f} |"
        )
    return "\n".join(lines)


def _profile(parts: Mapping[str, Mapping[str, float]]) -> str:
    columns = ("all", *PARTS)
    lines = [f"| page | {' | '.join(columns)} |", f"| --- |{' ---: |' * len(columns)}"]
    lines += [
        f"| {name} | {' | '.join(f'{told[one]:.1f}' for one in columns)} |" for name, told in parts.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
