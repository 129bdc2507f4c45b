"""`tutela`: the group of all commands."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

# Command → where it is, and what it is for. A module is imported when its command is used, so that
# `tutela protocol` needs no Django.
COMMANDS = {
    "agency": ("tutela.cli.agency:agency", "Make the agencies that work here."),
    "audit": ("tutela.cli.audit:audit", "Verify the log, print its head."),
    "check": ("tutela.cli.check:check", "Say whether this installation may hold children's files."),
    "custodians": ("tutela.cli.custodians:custodians", "Say who opens the files, and replace who was lost."),
    "backup": ("tutela.cli.custody:backup", "Copy the house into bundles that it cannot open itself."),
    "checksum": (
        "tutela.cli.custody:checksum",
        "One number for all that is held, to compare with elsewhere.",
    ),
    "evacuate": ("tutela.cli.custody:evacuate", "Lock, write a last bundle, and destroy everything here."),
    "facts": ("tutela.cli.facts:facts", "Make facts again from entries."),
    "init": ("tutela.cli.custodians:init", "Set up an installation for real children."),
    "keys": ("tutela.cli.keys:keys", "Change keys while people work."),
    "lock": ("tutela.cli.keeper:lock", "Close every file at once."),
    "prepare": ("tutela.cli.prepare:prepare", "Bring both databases and the static files up to date."),
    "protocol": ("tutela.cli.protocol:protocol", "Show and check the rules that casework follows."),
    "rehearse": ("tutela.cli.custodians:rehearse", "Lock, and have two custodians open it again."),
    "restore": ("tutela.cli.custody:restore", "Bring a house back from its bundles, with two custodians."),
    "unlock": ("tutela.cli.keeper:unlock", "Open the files again."),
    "story": ("tutela.cli.story:story", "Play invented children into a demonstration."),
    "user": ("tutela.cli.user:user", "Say who signs in, and what they are."),
    "serve": ("tutela.cli.serve:serve", "Start keeper, web and worker on this machine."),
}


class Commands(click.Group):
    """A group that imports its commands late and says what is wrong in one sentence."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name][0].partition(":")
        found: click.Command = getattr(import_module(module), command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run; bad input leaves one sentence on the error stream and the exit code 2, never a traceback."""
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
        except click.ClickException as error:
            if not standalone_mode:
                raise
            click.echo(error.format_message(), err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            if not standalone_mode:
                raise
            click.echo("Stopped.", err=True)
            sys.exit(1)
        if not standalone_mode:
            return code
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tutela: child protection case management."""


if __name__ == "__main__":
    main(prog_name="tutela")
