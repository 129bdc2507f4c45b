"""Exports: who may ask, agree and fetch, and the row that each step leaves; of an export with names, one for each child.

The worker makes what was asked for, under a claim that runs out, and sweeps it away when its time is over.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from tutela.access import queries as access
from tutela.access.deciding import Action, Relation, decide
from tutela.access.models import Agency, User
from tutela.audit import actions as audit
from tutela.audit.models import AuditRow
from tutela.commands.acting import act
from tutela.commands.deciding import place_of_work, refuse
from tutela.exports import actions, kept, queries
from tutela.exports.locking import age_recipient, closed_for, closed_with, new_passphrase
from tutela.exports.making import Rows, rows_of, workbook
from tutela.exports.models import Export
from tutela.exports.queries import Chosen, Told
from tutela.exports.rules import (
    KEPT,
    LAPSES,
    PRIVACY,
    Profile,
    needs_second_person,
    profile_on,
    profiles_on,
    waits_for_protocol,
)
from tutela.foundation.clock import local_day
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import NotFound, Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.protocols.limits import falls
from tutela.protocols.packs import NotInPack, Pack, rule_on
from tutela.published.queries import pack_in_force
from tutela.vault.errors import NoKeys, Tampered

_CLAIM_SECONDS = 600  # a worker that says nothing for so long is taken for dead
_EVERYTHING: Chosen = Chosen("all")
_DROPPED = "export.dropped"  # it was looked at and never asked for: no child’s file has a row of it

_Result = TypeVar("_Result")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """Somebody before the exports of their agency: what they may ask for, agree to and read."""

    agency: Agency
    day: date
    pack: Pack
    roles: frozenset[str]
    profiles: tuple[Profile, ...]

    def may(self, action: Action, classes: frozenset[str], *, relation: Relation = "agency") -> bool:
        """Whether every class of what leaves is theirs to act on."""
        return bool(classes) and all(
            decide(roles=self.roles, relations={relation}, action=action, field_class=one).allowed
            for one in classes
        )

    def reach(self, classes: frozenset[str]) -> Relation | None:
        """Whose cases they may export: those of the agency, those of their own teams, or none."""
        return next((one for one in _REACHES if self.may("export", classes, relation=one)), None)

    @property
    def sees_register(self) -> bool:
        return self.may("see_exports", frozenset({"case"}))

    @property
    def agrees(self) -> bool:
        return self.may("agree_export", frozenset({"case"}))


_REACHES: tuple[Relation, ...] = ("agency", "approves")


def exports_of(*, by: User, at: datetime, verb: str = "exports.read") -> Standing:
    """How somebody stands to exports, for a page of them. Raises NotFound, which leaves a row, for whoever has none."""
    standing = _standing(by=by, at=at, verb=verb)
    if not (standing.profiles or standing.agrees or standing.sees_register):
        refuse("export", by=by, at=at, act=verb, known=False)
    audit.record(act=verb, by=by.id, at=at)
    return standing


def prepare_export(
    export_id: UUID, purpose: str, *, told: Told, chosen: Chosen, lock: str, by: User, at: datetime
) -> Export:  # fmt: skip
    """Work out what an export would hold; nothing is asked for yet. Raises Forbidden, NotFound, and Refused at a question."""
    standing = _standing(by=by, at=at, verb="export.prepared")
    profile = profile_on(purpose, day=standing.day, pack=standing.pack)
    if profile not in standing.profiles:
        refuse("export", by=by, at=at, act="export.prepared")
    if lock == "age":
        told = Told(told.recipient, told.why, age_recipient(told.age_key))
    files = _chosen(chosen, profile, standing, by=by)
    actions.open_register(standing.agency.id)  # the keyring commits first (design §5)
    run = partial(
        actions.prepare, export_id, profile, told, lock=lock, files=files, pack_hash=standing.pack.hash,
        second_person=_needs_second(set(files), by=by, at=at, verb="export.prepared"),
        agency_id=standing.agency.id, by=by, at=at,
    )  # fmt: skip
    return act("export.prepared", run, by=by, at=at, export=str(export_id), purpose=purpose, cases=len(files))


def read_export(export_id: UUID, *, by: User, at: datetime) -> tuple[Export, Standing]:
    """One export, for whoever asked for it, may agree to it, or reads the register. Raises NotFound, which leaves a row."""
    standing = _standing(by=by, at=at, verb="export.read")
    export = _of(export_id, standing, by=by, at=at, verb="export.read")
    mine = export.prepared_by_id == by.id
    if not (mine or (export.asked_at and (standing.sees_register or may_agree(export, standing)))):
        refuse("export", by=by, at=at, act="export.read", known=False)
    audit.record(act="export.read", by=by.id, at=at, export=str(export.id))
    return export, standing


def may_agree(export: Export, standing: Standing) -> bool:
    """Whether somebody has the right to agree to what is in an export, whoever asked for it."""
    return export.second_person and standing.may("agree_export", classes_of(export))


def classes_of(export: Export) -> frozenset[str]:
    """How private what leaves with an export is."""
    return frozenset(PRIVACY[column] for column in export.columns)


def ask_export(export_id: UUID, *, by: User, at: datetime) -> None:
    """Ask for an export that was prepared. Raises NotFound, Forbidden, Conflict."""
    export = _own(export_id, by=by, at=at, verb="export.asked")
    second = _needs_second(set(queries.files_of_export(export.id)), by=by, at=at, verb="export.asked")
    run = partial(actions.ask, export.id, second_person=second, at=at)
    _leaving("export.asked", run, export, by=by, at=at)


def answer_export(export_id: UUID, *, agreed: bool, by: User, at: datetime) -> None:
    """The second person agrees, or does not. Raises NotFound, Forbidden, Conflict."""
    verb = "export.agreed" if agreed else "export.declined"
    standing = _standing(by=by, at=at, verb=verb)
    export = _of(export_id, standing, by=by, at=at, verb=verb)
    if not may_agree(export, standing):
        refuse("agree_export", by=by, at=at, act=verb)
    _leaving(verb, partial(actions.answer, export.id, agreed=agreed, by=by, at=at), export, by=by, at=at)


def lock_export(export_id: UUID, *, by: User, at: datetime) -> str:
    """Close an export with a passphrase, which is returned this once. Raises NotFound, Forbidden, Conflict, Unavailable."""
    export = _own(export_id, by=by, at=at, verb="export.locked")
    actions.standing(export, "to_lock")
    passphrase = new_passphrase()
    closed = closed_with(
        passphrase, kept.kept(export, "open")
    )  # before the transaction: it is slow on purpose
    run = partial(actions.lock, export.id, closed, at=at)
    act("export.locked", run, by=by, at=at, export=str(export.id))
    kept.sweep(export.id, "open")
    return passphrase


def download_export(export_id: UUID, *, by: User, at: datetime) -> tuple[str, bytes]:
    """The name and the content of the closed file. Raises NotFound, Forbidden, Conflict, Unavailable."""
    export = _own(export_id, by=by, at=at, verb="export.downloaded")
    run = partial(actions.downloaded, export.id, at=at)
    content = _leaving("export.downloaded", run, export, by=by, at=at)
    ending = "xlsx.age" if export.lock == "age" else "xlsx"
    return f"export-{export.number}.{ending}", content


# --- What the worker does ------------------------------------------------------------------------------------


def make_exports(*, now: Callable[[], datetime]) -> int:
    """Make what was asked for and agreed to. Returns how many. Any number of workers may do it at once.

    `now`: the clock, since a claim is renewed while the work goes on.
    """
    done, before = 0, now() - timedelta(seconds=_CLAIM_SECONDS)
    for export_id in queries.to_make(claimed_before=before):
        claim = new_id()
        if not actions.claim(export_id, claim, claimed_before=before, at=now()):
            continue
        try:
            done += _make(export_id, claim, now=now)
        except _NothingDone:
            continue
        except Unavailable:
            actions.let_go(export_id, claim)
        except (
            NoKeys,
            Tampered,
            NotInPack,
        ) as error:  # tried again when the claim has run out, until it lapses
            logger.error("An export could not be made: %s", type(error).__name__)
    return done


def sweep_exports(*, at: datetime) -> int:
    """Delete the files of exports whose time is over, and whatever lies there without a line in the register."""
    done = 0
    for export in [one for one in queries.not_swept() if _ends(one) <= at]:
        kept.sweep(export.id)  # the file first: cut off in between, the next round finds the line and ends it
        with suppress(_NothingDone):
            verb = "export.swept" if export.asked_at else _DROPPED
            _leaving(verb, partial(actions.swept, export.id, at=at), export, by=None, at=at)
            done += 1
    lying = set(kept.lying_there())
    for export_id in lying - queries.known_and_not_swept(lying):
        kept.sweep(export_id)
    return done


def _make(export_id: UUID, claim: UUID, *, now: Callable[[], datetime]) -> bool:
    export = Export.objects.select_related("agency", "prepared_by", "answered_by").get(id=export_id)
    zone, began = access.zone_of(export.agency), now()
    day = local_day(began, zone)
    pack = pack_in_force(export.agency_id, day)
    rows = rows_of(
        export, queries.files_of_export(export.id), reach=_still_in_reach(export, at=began), pack=pack, day=day,
        go_on=lambda done: actions.go_on(export.id, claim, done=done, at=now()),
    )  # fmt: skip
    if rows is None:
        return False
    told = queries.told_of(export)
    when = f"{began.astimezone(zone):%Y-%m-%d %H:%M}"
    _keep(export, told, workbook(export, told, rows, pack=pack, when=when))
    return _made(export, claim, rows, pack=pack, at=now())


def _keep(export: Export, told: Told, content: bytes) -> None:
    if export.lock == "age":
        kept.keep(export, "locked", closed_for(told.age_key, content))
    else:
        kept.keep(export, "open", content)


def _made(export: Export, claim: UUID, rows: Rows, *, pack: Pack, at: datetime) -> bool:
    zone = access.zone_of(export.agency)
    until = falls(at, rule_on(KEPT, day=local_day(at, zone), pack=pack), zone)
    run = partial(
        actions.made,
        export.id,
        claim,
        left_out=rows.left_out,
        unreadable=rows.unreadable,
        kept_until=until,
        at=at,
    )
    return _leaving("export.made", run, export, by=None, at=at)


def _still_in_reach(export: Export, *, at: datetime) -> set[UUID]:
    """The cases that whoever asked may export now: they may have left, or the child may have moved to another team."""
    try:
        standing = _standing(by=export.prepared_by, at=at, verb="export.made")
    except NotFound:  # they work nowhere any more
        return set()
    relation = standing.reach(classes_of(export)) if standing.agency.id == export.agency_id else None
    if relation is None:
        return set()
    by = None if relation == "agency" else export.prepared_by
    return set(queries.cases_in_reach(_EVERYTHING, agency_id=export.agency_id, by=by, day=standing.day))


def _ends(export: Export) -> datetime:
    """When the time of an export is over: what was made by its own rule, what waits by that of waiting."""
    if export.kept_until:
        return export.kept_until
    began, zone = export.asked_at or export.prepared_at, access.zone_of(export.agency)
    day = local_day(began, zone)
    return falls(began, rule_on(LAPSES, day=day, pack=pack_in_force(export.agency_id, day)), zone)


# --- Deciding, and the rows ------------------------------------------------------------------------------------


def _standing(*, by: User, at: datetime, verb: str) -> Standing:
    agency, zone = place_of_work(None, by=by, at=at, act=verb)
    day = local_day(at, zone)
    pack = pack_in_force(agency.id, day)
    standing = Standing(agency, day, pack, frozenset(access.roles_on(by, day, agency_id=agency.id)), ())
    own = [
        one
        for one in profiles_on(day, pack=pack)
        if one.roles & standing.roles and standing.reach(one.classes)
    ]
    return Standing(agency, day, pack, standing.roles, tuple(own))


def _needs_second(files: set[UUID], *, by: User, at: datetime, verb: str) -> bool:
    """Whether these cases, with those of what the same person asked for lately, are so many that somebody has to agree."""
    standing = _standing(by=by, at=at, verb=verb)
    lately = at - timedelta(hours=rule_on(KEPT, day=standing.day, pack=standing.pack).number)
    others = queries.asked_lately(by, agency_id=standing.agency.id, since=lately)
    return needs_second_person(len(files | others), day=standing.day, pack=standing.pack)


def _chosen(chosen: Chosen, profile: Profile, standing: Standing, *, by: User) -> list[UUID]:
    if chosen.codes and not profile.identifying:
        words = say("This export has no names, so it is not for single cases. Leave the codes out.")
        raise Refused(Unmet("no_codes_here", words, profile.citation, "codes"))
    if profile.consent == "law" and not chosen.codes:
        words = say("Write down the codes of the cases that the demand names.")
        raise Refused(Unmet("codes_needed", words, profile.citation, "codes"))
    if rule := waits_for_protocol(profile, day=standing.day, pack=standing.pack):
        words = say(
            "Cases are not shared in bulk before the organisations have signed a protocol for it. Ask one service at a time."
        )
        raise Refused(Unmet("no_protocol", words, rule.citation))
    supervised = by if standing.reach(profile.classes) == "approves" else None
    files = queries.cases_in_reach(chosen, agency_id=standing.agency.id, by=supervised, day=standing.day)
    if chosen.codes and len(files) < len(chosen.codes):
        words = say(
            "Not every one of these codes is a case that you may export and that fits what you chose."
        )
        raise Refused(Unmet("not_all", words, profile.citation, "codes"))
    if not files:
        raise Refused(Unmet("no_case", say("No case fits what you chose."), profile.citation, "which"))
    return files


def _of(export_id: UUID, standing: Standing, *, by: User, at: datetime, verb: str) -> Export:
    try:
        return queries.export_of(export_id, agency_id=standing.agency.id)
    except NotFound:
        refuse("export", by=by, at=at, act=verb, known=False)


def _own(export_id: UUID, *, by: User, at: datetime, verb: str) -> Export:
    """What somebody asked for, who still may. Raises NotFound for anybody else’s, Forbidden where the right was lost."""
    standing = _standing(by=by, at=at, verb=verb)
    export = _of(export_id, standing, by=by, at=at, verb=verb)
    if export.prepared_by_id != by.id:
        refuse("export", by=by, at=at, act=verb, known=False)
    if standing.reach(classes_of(export)) is None:
        refuse("export", by=by, at=at, act=verb)
    return export


def _leaving(
    verb: str, run: Callable[[], _Result], export: Export, *, by: User | None, at: datetime
) -> _Result:  # fmt: skip
    """Do one step of an export with its row; of one with names, every child’s file has its row too (R87)."""

    def step() -> _Result:
        files = queries.files_of_export(export.id) if export.identifying and verb != _DROPPED else []
        result = run()
        if result is False:
            raise _NothingDone
        AuditRow.objects.bulk_create(
            AuditRow(
                act=verb, by=by.id if by else None, at=at, file_id=one, detail={"export": str(export.id)}
            )
            for one in files
        )
        return result

    return act(verb, step, by=by, at=at, export=str(export.id))


class _NothingDone(Exception):
    """Another worker was faster: nothing is done and nothing logged."""
