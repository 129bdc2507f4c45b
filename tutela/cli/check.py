"""`tutela check`: whether this installation may hold children's files."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

import click

from tutela.cli import asked_for
from tutela.cli.django import with_django
from tutela.protocols.checking import lacking


@click.command()
@with_django
def check() -> None:
    """Django's deployment check, and ours: packs, what agencies work by, published versions, keys."""
    from django.core.management import call_command

    from tutela.cases.queries import files_without_keys
    from tutela.intake.queries import reduced_files, reduced_with_keys
    from tutela.protocols import packs
    from tutela.protocols.checking import check as check_pack
    from tutela.published.queries import changed_versions

    call_command("check", deploy=True, fail_level="ERROR")
    findings = [str(finding) for name in packs.available() for finding in check_pack(name)]
    findings += _outdated_packs()
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
    findings += _scanner()
    for finding in findings:
        click.echo(finding)
    click.echo(f"{len(findings)} findings of Tutela's own.")
    if findings:
        raise SystemExit(1)


def _scanner() -> Iterator[str]:
    """A scanner that is there and does not answer keeps every attachment out. That there is none is said, and is no finding."""
    from django.conf import settings

    from tutela.media.scanning import ScannerFailed, is_clean, scanner_on

    scanner = scanner_on(settings.CLAMAV)
    if not scanner:
        click.echo(
            "No virus scanner is used: attachments are made anew, and not scanned. See docs/operate.md."
        )
        return
    try:
        is_clean(b"nothing at all", scanner=scanner)
    except ScannerFailed:
        yield f"The virus scanner {scanner[0]} does not answer, so no attachment is taken. Start it, or mend its database."


def _outdated_packs() -> Iterator[str]:
    """A published pack never changes: after an update, an agency may work by one that lacks what casework asks for."""
    from tutela.access.queries import agencies_by_name, zone_of
    from tutela.foundation import clock
    from tutela.published.queries import pack_in_force

    for name, agency in sorted(agencies_by_name().items()):
        day = clock.local_day(clock.now(), zone_of(agency))
        pack = pack_in_force(agency.id, day)
        if lacks := lacking(pack, asked_for.keys(pack)):
            yield (
                f"{name} works by {pack.name} of {pack.version}, which lacks rules that casework asks for: "
                f"{len(lacks)}, such as “{lacks[0]}”. "
                f"Run: tutela protocol publish {pack.name} --agency {quote(name)} --since {day}"
            )
