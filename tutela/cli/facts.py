"""`tutela facts`: the facts of every file, made again from its entries."""

from __future__ import annotations

import click

from tutela.cli.django import with_django


@click.group()
def facts() -> None:
    """What rules, deadlines and lists stand on: made of entries, and of nothing else."""


@facts.command()
@click.option("--check", is_flag=True, help="Change nothing; say what would come out different.")
@with_django
def rebuild(check: bool) -> None:
    """Replay the entries of every file, in the order of its revisions."""
    from tutela.cases.queries import every_file
    from tutela.commands import rebuild

    files = every_file()
    found = [(file_id, sentence) for file_id in files for sentence in rebuild(file_id, keep=not check)]
    for file_id, sentence in found:
        click.echo(f"{file_id}: {sentence}")
    click.echo(f"{len(files)} files replayed, {len(found)} differences.")
    if check and found:
        raise SystemExit(1)
