"""`tutela protocol`: what the rules say for a case or a child, and whether a pack is in order. No Django."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from tutela.cli import asked_for
from tutela.cli.coverage import coverage
from tutela.cli.publishing import publishing
from tutela.consent import rules as consent
from tutela.deadlines import rules as deadlines
from tutela.exports.rules import profiles_fit
from tutela.forms.checking import forms_fit
from tutela.foundation import clock
from tutela.foundation.refusals import Refused
from tutela.protocols import checking, packs
from tutela.protocols.packs import BadPack, NotInPack, Pack

Rows = Sequence[Mapping[str, str]]


class PackOption(click.ParamType[Pack]):
    """The name of a pack."""

    name = "pack"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> Pack:
        if isinstance(value, Pack):
            return value
        try:
            return packs.load(str(value))
        except NotInPack as error:
            raise click.UsageError(str(error)) from error
        except BadPack as error:
            first, more = str(error.findings[0]), len(error.findings) - 1
            raise click.UsageError(f"{first}{f' ({more} more)' if more else ''}") from error


class ZoneOption(click.ParamType[ZoneInfo]):
    """The name of a time zone."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, context: click.Context | None
    ) -> ZoneInfo:
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(str(value))
        except (ValueError, OSError, LookupError) as error:
            raise click.UsageError(
                f"There is no time zone {value!r}. Write one such as Africa/Nairobi or UTC."
            ) from error


_pack = click.option(
    "--pack", type=PackOption(), default=packs.DEFAULT, show_default=True, help="The pack of rules."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def protocol() -> None:
    """Show and check the rules that casework follows."""


protocol.add_command(coverage)


@protocol.command("deadlines")
@click.option("--risk", default="not_known", show_default=True, help="The risk level, or not_known.")
@click.option("--referred", metavar="TIME", help="When the referral was received.")
@click.option("--registered", metavar="TIME", help="When the child was registered.")
@click.option("--risk-set", metavar="TIME", help="When the risk level was set.")
@click.option("--assessed", metavar="TIME", help="When an assessment was finished.")
@click.option("--planned", metavar="TIME", help="When the case plan was made.")
@click.option("--contacts", metavar="TIME,TIME", help="When contacts came about.")
@click.option("--reviewed", metavar="TIME", help="When the plan was last reviewed.")
@click.option(
    "--tz", "zone", type=ZoneOption(), default="UTC", show_default=True, help="Where the work is done."
)
@_pack
@_as_json
def show_deadlines(
    risk: str,
    referred: str | None,
    registered: str | None,
    risk_set: str | None,
    assessed: str | None,
    planned: str | None,
    contacts: str | None,
    reviewed: str | None,
    zone: ZoneInfo,
    pack: Pack,
    as_json: bool,
) -> None:
    """What is due when, for a case with these times.

    A TIME is written as 2024-05-17T09:30, or with an offset as 2024-05-17T09:30+03:00 or 2024-05-17T06:30Z.
    Without an offset it is read in the time zone given with --tz.
    """
    clocks = deadlines.Clocks(
        risk=risk,
        referred=_moment("--referred", referred, zone),
        registered=_moment("--registered", registered, zone),
        risk_set=_moment("--risk-set", risk_set, zone),
        assessed=_moment("--assessed", assessed, zone),
        planned=_moment("--planned", planned, zone),
        last_review=_moment("--reviewed", reviewed, zone),
        contacts=tuple(_moments("--contacts", contacts or "", zone)),
    )
    if risk not in deadlines.risks(pack):
        raise click.UsageError(
            f"There is no risk level {risk!r}. Choose one of {', '.join(deadlines.risks(pack))}."
        )
    _print(
        [_deadline_row(one) for one in _due(clocks, pack, zone)],
        as_json=as_json,
        empty="No clock has started.",
    )


@protocol.command("consent")
@click.option(
    "--age", metavar="YEARS", help="The age of the child in completed years; every band, without it."
)
@_pack
@_as_json
def show_consent(age: str | None, pack: Pack, as_json: bool) -> None:
    """What is asked of the child and of the caregiver, by the age of the child."""
    today = clock.now().date()
    if age is None:
        _print([vars(band) for band in consent.bands(pack=pack, day=today)], as_json=as_json)
        return
    try:
        band = consent.consent_for(_years(age), pack=pack, day=today)
    except Refused as error:
        raise click.UsageError(str(error.unmet[0].words)) from error
    if as_json:
        click.echo(json.dumps(vars(band), ensure_ascii=False, indent=2))
    else:
        _print([vars(band)], as_json=False)


@protocol.command("check")
@click.argument("pack")
def check_pack(pack: str) -> None:
    """What is to be mended in PACK, the name of a pack or the path of its folder."""
    try:
        findings = checking.check(_named(pack), checks=_CHECKS)
    except NotInPack as error:
        raise click.UsageError(str(error)) from error
    for finding in findings:
        click.echo(f"{os.path.relpath(finding.file)}:{finding.line}: {finding.sentence}")
    if findings:
        click.get_current_context().exit(1)
    click.echo(f"{pack}: nothing to mend.")


@protocol.command("list")
def list_packs() -> None:
    """The packs that come with this installation."""
    found = [packs.load(name) for name in packs.available()]
    _print(
        [{"pack": one.name, "version": one.version.isoformat(), "title": one.title} for one in found],
        as_json=False,
    )


_CHECKS = (*checking.CHECKS, checking.has_rules(asked_for.keys), forms_fit, profiles_fit)
protocol.add_command(publishing(_CHECKS))


def _named(pack: str) -> str | Path:
    return Path(pack) if "/" in pack or os.sep in pack or pack.startswith(".") else pack


def _moments(option: str, written: str, zone: ZoneInfo) -> Iterator[datetime]:
    for one in written.split(",") if written.strip() else ():
        moment = _moment(option, one, zone)
        if moment is not None:
            yield moment


def _moment(option: str, written: str | None, zone: ZoneInfo) -> datetime | None:
    """The moment somebody wrote; without an offset, in the zone of the place. Raises UsageError."""
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        there_and_back = moment.astimezone(ZoneInfo("UTC")).astimezone(moment.tzinfo)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(
            f"{option}: {written!r} is not a time. Write it as 2024-05-17T09:30."
        ) from error
    if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise click.UsageError(
            f"{option}: {written!r} did not exist in {zone.key}, where the clocks went forward then."
        )
    return moment


def _years(written: str) -> int:
    if re.fullmatch(r"-?[0-9]{1,4}", written) is None:
        raise click.UsageError(f"{written!r} is not an age. Write completed years, such as 11.")
    return int(written)


def _due(clocks: deadlines.Clocks, pack: Pack, zone: ZoneInfo) -> list[deadlines.Due]:
    try:
        return deadlines.due(clocks, pack=pack, zone=zone)
    except NotInPack as error:
        raise click.UsageError(str(error)) from error
    except (OverflowError, ValueError) as error:
        raise click.UsageError(
            "One of the times is too near the end of the calendar to count from it."
        ) from error


def _deadline_row(due: deadlines.Due) -> dict[str, str]:
    return {
        "step": due.step,
        "due_at": _iso(due.due_at),
        "overdue_after": _iso(due.overdue_after),
        "rule": due.rule,
        "citation": due.citation,
    }


def _iso(moment: datetime) -> str:
    written = moment.isoformat()
    return written.removesuffix("+00:00") + "Z" if moment.tzname() == "UTC" else written


def _print(rows: Rows, *, as_json: bool, empty: str = "") -> None:
    """The rows as JSON, or as a table whose columns are as wide as what stands in them."""
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    if not rows:
        click.echo(empty)
        return
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in rows[0]}
    for line in ({name: name.replace("_", " ") for name in widths}, *rows):
        click.echo("  ".join(line[name].ljust(width) for name, width in widths.items()).rstrip())
