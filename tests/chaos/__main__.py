"""`script/chaos`: kill web, worker, keeper and database again and again while people work, and look at what is left."""

import sys
import time
from collections.abc import Sequence

import click

from tests.chaos.runs import Report, run

DATABASES = ("sqlite", "postgresql")


@click.command()
@click.option("--kills", type=click.IntRange(1), required=True, help="How many, on each database.")
@click.option("--database", type=click.Choice([*DATABASES, "both"]), default="both", show_default=True)
@click.option("--seed", type=int, help="Kill in the same order as a run before.")
def main(kills: int, database: str, seed: int | None) -> None:
    """Kill at every commit boundary and at random moments. Exit code 1 where anything was lost, doubled or different."""
    seed = time.time_ns() % 1_000_000 if seed is None else seed
    reports = []
    for one in DATABASES:
        if database in (one, "both"):
            reports.append(run(one, kills=kills, seed=seed))
            click.echo(_told(reports[-1]))
    sys.exit(any(report.violations for report in reports))


def _told(report: Report) -> str:
    """The closing table of one database."""
    victims = sorted({who for _, who in report.killed})
    lines = [f"\n{report.database}, seed {report.seed}: {report.killed.total()} kills", _row("", victims)]
    for where in sorted({where for where, _ in report.killed}):
        lines.append(_row(where, [report.killed[where, who] or "" for who in victims]))
    lines.append(f"  transactions of entries were struck after statements: {sorted(report.within)}")
    lines += [f"  {name}: {figure}" for name, figure in report.figures.items()]
    lines += [f"VIOLATION: {sentence}" for sentence in report.violations] or ["  no violation"]
    return "\n".join(lines)


def _row(name: str, cells: Sequence[object]) -> str:
    return f"  {name:<50}" + "".join(f"{cell!s:>12}" for cell in cells)


if __name__ == "__main__":
    main()
