"""What the worker does, again and again. Each duty may run in any number of workers at once."""

from tutela.worker.loop import Duty


def seal_the_log() -> None:
    """Seal what was added to the audit log since the last time, a day's worth too."""
    from tutela.audit.sealing import seal_log
    from tutela.foundation.clock import now

    seal_log(at=now())


def seal_what_was_left() -> None:
    """Look through the whole log for rows that no seal covers, such as one that was committed very late."""
    from tutela.audit.sealing import seal_log
    from tutela.foundation.clock import now

    seal_log(at=now(), whole=True)


def send_heads() -> None:
    """Send the head of the log to where the operator says."""
    from tutela.audit.sending import send_heads
    from tutela.foundation.clock import now

    send_heads(at=now())


def look_for_existing_files() -> None:
    """Search for files that a newly registered child may have already (R6)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.look_for_existing_files(at=now())


def reduce_files() -> None:
    """Reduce what became no case to date, source and outcome once its time has come (R17)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.reduce_files(at=now())


def destroy_left_keys() -> None:
    """Destroy the keys of files that were ended and whose keys came back or were left (ADR 40)."""
    from tutela import commands

    commands.destroy_left_keys()


def sweep_attachments() -> None:
    """Remove what was added to a form and never sent, once its time has come."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.sweep_attachments(at=now())


def recount_deadlines() -> None:
    """Work out anew what is due on files whose agency began to work by another pack (ADR 0022)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.recount_deadlines(at=now())


def keep_up_with_keys() -> None:
    """See that this host has the root key of the keyring, and finish what changes of keys have begun (ADR 0029)."""
    from tutela.custody.rotating import go_on
    from tutela.foundation.clock import now

    go_on(at=now())


def make_digests() -> None:
    """Make the digest of who looked at which file, where a period is over (R121)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.make_digests(at=now())


def send_notices() -> None:
    """Tell by e-mail that something waits (R120, R121)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.send_notices(at=now())


def send_destructions() -> None:
    """Have the places of bundles hold which keys were destroyed."""
    from tutela.custody.places import send_destructions

    send_destructions()


def make_exports() -> None:
    """Make exports that were asked for and agreed to (R93)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.make_exports(now=now)


def sweep_exports() -> None:
    """Delete the files of exports whose time is over (R93)."""
    from tutela import commands
    from tutela.foundation.clock import now

    commands.sweep_exports(at=now())


def clear_sessions() -> None:
    """Forget sessions that have ended."""
    from importlib import import_module

    from django.conf import settings

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


DUTIES: tuple[Duty, ...] = (
    Duty("seal the log", 5, seal_the_log),
    Duty("seal what was left", 3_600, seal_what_was_left),
    Duty("send heads of the log", 10, send_heads),
    Duty("look for existing files", 10, look_for_existing_files),
    Duty("reduce files that became no case", 3_600, reduce_files),
    Duty("destroy keys that were left", 3_600, destroy_left_keys),
    Duty("sweep attachments", 3_600, sweep_attachments),
    Duty("recount deadlines", 5, recount_deadlines),
    Duty("keep up with changes of keys", 5, keep_up_with_keys),
    Duty("make digests", 600, make_digests),
    Duty("send notices", 30, send_notices),
    Duty("send the list of destroyed keys", 60, send_destructions),
    Duty("make exports", 5, make_exports),
    Duty("sweep exports", 60, sweep_exports),
    Duty("clear sessions", 3_600, clear_sessions),
)
