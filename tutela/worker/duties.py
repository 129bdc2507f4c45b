"""What the worker does, again and again. Each duty may run in any number of workers at once."""

from tutela.worker.loop import Duty


def seal_the_log() -> None:
    """Seal what was added to the audit log since the last batch."""
    from tutela.audit.sealing import seal_batch
    from tutela.foundation.clock import now

    seal_batch(at=now())


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


def clear_sessions() -> None:
    """Forget sessions that have ended."""
    from importlib import import_module

    from django.conf import settings

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


DUTIES: tuple[Duty, ...] = (
    Duty("seal the log", 5, seal_the_log),
    Duty("look for existing files", 10, look_for_existing_files),
    Duty("reduce files that became no case", 3_600, reduce_files),
    Duty("sweep attachments", 3_600, sweep_attachments),
    Duty("recount deadlines", 5, recount_deadlines),
    Duty("clear sessions", 3_600, clear_sessions),
)
