"""`tutela check`: whether this installation may hold children's files."""

from __future__ import annotations

import click

from tutela.cli.django import with_django


@click.command()
@with_django
def check() -> None:
    """Django's deployment check, and ours: packs, published versions, keys."""
    from django.core.management import call_command

    from tutela.cases.queries import files_without_keys
    from tutela.intake.queries import reduced_files, reduced_with_keys
    from tutela.protocols import packs
    from tutela.protocols.checking import check as check_pack
    from tutela.published.queries import changed_versions

    call_command("check", deploy=True, fail_level="ERROR")
    findings = [str(finding) for name in packs.available() for finding in check_pack(name)]
    findings += [
        f"The published version {version} is not what it was. Restore the database."
        for version in changed_versions()
    ]
    reduced = reduced_files()
    findings += [
        f"File {file_id} has no keys. Restore the keyring."
        for file_id in files_without_keys()
        if file_id not in reduced
    ]
    findings += [
        f"File {file_id} was reduced and still has keys. Start the worker, which destroys them."
        for file_id in reduced_with_keys()
    ]
    for finding in findings:
        click.echo(finding)
    click.echo(f"{len(findings)} findings of Tutela's own.")
    if findings:
        raise SystemExit(1)
