"""What happens to an export, step by step. All of this is called by `commands.exporting`, which decides and leaves the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from tutela.access.models import Agency, User
from tutela.exports import kept
from tutela.exports.models import Export, ExportedFile, register_id
from tutela.exports.queries import TOLD, Told, stage_of
from tutela.exports.rules import Profile
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Unmet
from tutela.foundation.words import say
from tutela.vault import keyring, sealing

_AT_ONCE = 500  # rows named in one question to the database


def open_register(agency_id: UUID) -> None:
    """Make the keys of an agency's register, once. The keyring commits first: before `commands.act`, never inside."""
    keyring.mint_file_keys(file_id=register_id(agency_id), agency_id=agency_id)


def prepare(
    export_id: UUID, profile: Profile, told: Told, *, lock: str, files: Sequence[UUID], second_person: bool,
    pack_hash: str, agency_id: UUID, by: User, at: datetime,
) -> Export:  # fmt: skip
    """Write down what an export would hold. The same sheet again changes nothing. Raises NotFound for somebody else's id."""
    Agency.objects.select_for_update(no_key=True).get(id=agency_id)  # sent twice at once, it is prepared once
    if (earlier := Export.objects.filter(id=export_id).first()) is not None:
        if earlier.prepared_by_id != by.id:
            raise NotFound
        return earlier
    sealed = sealing.seal(
        asdict(told), file=register_id(agency_id), seal_class="case", row=export_id, label=TOLD
    )
    export = Export.objects.create(
        id=export_id, agency_id=agency_id, purpose=profile.purpose, pack_hash=pack_hash,
        columns=list(profile.fields), identifying=profile.identifying, linkable=profile.linkable,
        consent=profile.consent, lock=lock, records=len(files), second_person=second_person, sealed=sealed,
        prepared_by=by, prepared_at=at,
    )  # fmt: skip
    ExportedFile.objects.bulk_create(ExportedFile(export=export, file_id=file_id) for file_id in files)
    return export


def ask(export_id: UUID, *, second_person: bool, at: datetime) -> None:
    """It is asked for. Asked twice, nothing more happens. Raises Conflict where it lapsed meanwhile."""
    export = _locked(export_id)
    if export.asked_at is not None:
        return
    standing(export, "prepared")
    Agency.objects.select_for_update(no_key=True).get(id=export.agency_id)  # one number after the other
    last = Export.objects.filter(agency_id=export.agency_id).aggregate(last=Max("number"))["last"] or 0
    export.asked_at, export.number, export.second_person = at, last + 1, export.second_person or second_person
    export.save(update_fields=["asked_at", "number", "second_person"])


def answer(export_id: UUID, *, agreed: bool, by: User, at: datetime) -> None:
    """A second person agrees or not. Raises Forbidden for whoever asked, Conflict where it was answered or lapsed."""
    export = _locked(export_id)
    if export.prepared_by_id == by.id:
        words = say("Somebody else has to agree to what you asked for.")
        raise Forbidden(Unmet("own_export", words, "R87"))
    standing(export, "waits")
    export.agreed, export.answered_by, export.answered_at = agreed, by, at
    export.save(update_fields=["agreed", "answered_by", "answered_at"])


def claim(export_id: UUID, claim: UUID, *, claimed_before: datetime, at: datetime) -> bool:
    """Take an export to make it, unless another worker has it. Whoever stopped in the middle is followed by the next."""
    free = Export.objects.filter(id=export_id, made_at__isnull=True, swept_at__isnull=True)
    fresh = free.filter(claim__isnull=True).update(claim=claim, claimed_at=at, done=0)
    return bool(
        fresh or free.filter(claimed_at__lt=claimed_before).update(claim=claim, claimed_at=at, done=0)
    )


def go_on(export_id: UUID, claim: UUID, *, done: int, at: datetime) -> bool:
    """Say how far it is. False where another worker took over, or it lapsed."""
    mine = Export.objects.filter(id=export_id, claim=claim, made_at__isnull=True, swept_at__isnull=True)
    return bool(mine.update(done=done, claimed_at=at))


def let_go(export_id: UUID, claim: UUID) -> None:
    """It cannot be made just now: the next round tries again."""
    mine = Export.objects.filter(id=export_id, claim=claim, made_at__isnull=True)
    mine.update(claim=None, claimed_at=None, done=0)


def made(
    export_id: UUID, claim: UUID, *, left_out: Iterable[UUID], unreadable: int, kept_until: datetime, at: datetime
) -> bool:  # fmt: skip
    """It is made, and its file lies there. False where another worker took over."""
    gone = list(left_out)
    mine = Export.objects.filter(id=export_id, claim=claim, made_at__isnull=True, swept_at__isnull=True)
    if not mine.update(
        made_at=at, kept_until=kept_until, left_out=len(gone) - unreadable, unreadable=unreadable
    ):
        return False
    for start in range(0, len(gone), _AT_ONCE):
        ExportedFile.objects.filter(export_id=export_id, file_id__in=gone[start : start + _AT_ONCE]).delete()
    return True


def lock(export_id: UUID, closed: bytes, *, at: datetime) -> None:
    """Keep the workbook as it was closed with a passphrase. Raises Conflict where it was closed already."""
    export = _locked(export_id)
    standing(export, "to_lock")
    kept.keep(export, "locked", closed)
    export.locked_at = at
    export.save(update_fields=["locked_at"])


def downloaded(export_id: UUID, *, at: datetime) -> bytes:
    """The closed file, for whoever asked for it. Raises Conflict before it is ready, NotFound after it was swept."""
    export = _locked(export_id)
    if stage_of(export) == "swept" or (export.kept_until and export.kept_until <= at):
        raise NotFound
    standing(export, "ready")
    content = kept.kept(export, "locked")
    if export.downloaded_at is None:
        export.downloaded_at = at
        export.save(update_fields=["downloaded_at"])
    return content


def swept(export_id: UUID, *, at: datetime) -> bool:
    """Its time is over. What was only looked at, and never asked for, leaves no line. False where it was swept already."""
    forgotten, _ = Export.objects.filter(id=export_id, asked_at__isnull=True).delete()
    return bool(forgotten or Export.objects.filter(id=export_id, swept_at__isnull=True).update(swept_at=at))


def _locked(export_id: UUID) -> Export:
    export = Export.objects.select_for_update(no_key=True).filter(id=export_id).first()
    if export is None:
        raise NotFound
    return export


def standing(export: Export, stage: str) -> None:
    """Raises Conflict where an export stands elsewhere than at `stage`."""
    if stage_of(export) != stage:
        words = say("This export has gone on meanwhile. Look at it again.")
        raise Conflict(Unmet("gone_on", words, "R87"))
