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
    from tutela.data_protection.queries import destroyed_files, destroyed_with_keys
    from tutela.intake.queries import reduced_files, reduced_with_keys
    from tutela.protocols import packs
    from tutela.protocols.checking import check as check_pack
    from tutela.published.queries import changed_versions
    from tutela.vault.keyring import destructions

    call_command("check", deploy=True, fail_level="ERROR")
    findings = [str(finding) for name in packs.available() for finding in check_pack(name)]
    findings += _outdated_packs()
    findings += [
        f"The published version {version} is not what it was. Restore the database."
        for version in changed_versions()
    ]
    gone = reduced_files() | destroyed_files() | set(destructions())
    findings += [
        f"File {file_id} has no keys. Restore the keyring."
        for file_id in files_without_keys()
        if file_id not in gone
    ]
    findings += [
        f"File {file_id} was reduced and still has keys. Start the worker, which destroys them."
        for file_id in reduced_with_keys()
    ]
    findings += [
        f"File {file_id} was destroyed and still has keys. Start the worker, which destroys them."
        for file_id in destroyed_with_keys()
    ]
    findings += _keys()
    findings += _of_the_log()
    findings += _scanner()
    for finding in findings:
        click.echo(finding)
    for sentence in _how_the_log_stands():
        click.echo(sentence)
    click.echo(f"{len(findings)} findings of Tutela's own.")
    if findings:
        raise SystemExit(1)


def _keys() -> Iterator[str]:
    """Of an installation for real children: whether it was rehearsed, and where what is open could be written to."""
    from django.conf import settings

    from tutela.custody.rotating import unfinished
    from tutela.vault.custodians import sealed_key
    from tutela.vault.memory import swap_in_the_clear

    if count := unfinished():
        yield f"{count} changes of keys are not finished. Start the worker, which goes on with them."
    if settings.DEMONSTRATION:
        return
    if not sealed_key().exists:
        yield f"There is no sealed root key in {settings.ROOT_KEY}. Run: tutela init"
    elif not sealed_key().rehearsed:
        yield "Nobody has shown that this installation can be locked and opened again. Run: tutela rehearse"
    for place in swap_in_the_clear():
        yield (
            f"Memory can be swapped out to {place}, and it cannot be seen that this is encrypted: what people have open could "
            "be read there afterwards. Turn swap off (swapoff -a, and in /etc/fstab), or encrypt it."
        )


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


def _of_the_log() -> Iterator[str]:
    """What is wrong with how the log is kept. Whether it is whole, `tutela audit verify` says."""
    from tutela.audit import guards, sending

    if missing := guards.missing():
        yield f"The log lacks guards: {', '.join(missing)}. Run: tutela prepare"
    for place, state in sending.states().items():
        if state and state.problem:
            since = f"since {state.sent_at:%Y-%m-%d %H:%M} UTC" if state.sent_at else "yet"
            yield f"No head of the log has reached {place} {since}: {state.problem}. It is tried again every minute."


def _how_the_log_stands() -> Iterator[str]:
    from tutela.audit import rights, sending

    yield _RIGHTS[rights.state()]
    if not sending.states():
        yield "Heads of the log stay on this machine. TUTELA_AUDIT_HEADS sends them elsewhere."


_RIGHTS = {
    "added to": "Log: the application can only add to it; somebody else owns its tables.",
    "changed": "Log: somebody else owns its tables, and the application may change them. Run: tutela prepare",
    "owned": "Log: rests on triggers; the application owns its tables. TUTELA_DATABASE_OWNER_URL takes that away.",
    "sqlite": "Log: rests on triggers; SQLite knows no rights.",
}
