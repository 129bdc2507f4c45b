"""Who may ask for what, who agrees, who fetches it; and what each step leaves in the log."""

from datetime import timedelta
from uuid import UUID

import pyrage
import pytest
from django.db import IntegrityError, transaction

from tests.cast import START, Cast, a_case, submit
from tests.exports.asking import TOLD, agency_of, another, asked, fetched, made, prepared
from tutela import commands
from tutela.access.models import Membership, Role, User
from tutela.audit.models import AuditRow
from tutela.cases.models import Case
from tutela.commands import exporting
from tutela.exports.models import Export
from tutela.exports.queries import Chosen, Told, stage_of, told_of
from tutela.exports.rules import needs_second_person, profiles_on, waits_for_protocol
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, Forbidden, NotFound, Refused, Unavailable
from tutela.protocols import packs
from tutela.vault.keeper import keeper

pytestmark = pytest.mark.django_db

NAMELESS = {"monthly_report", "donor_report", "service_mapping", "programme_review"}


def may_ask_for(user: User) -> set[str]:
    try:
        return {one.purpose for one in commands.exports_of(by=user, at=START).profiles}
    except NotFound:
        return set()


@pytest.mark.covers("R87")
def test_each_role_asks_for_what_it_answers_for_and_others_for_nothing(cast: Cast) -> None:
    roles = {
        role: another(cast, role, role)
        for role in (Role.MANAGER, Role.DATA_ENTRY, Role.VOLUNTEER, Role.COACH)
    }
    assert may_ask_for(cast.information_officer) == NAMELESS
    teams = {"monthly_report", "service_mapping", "caseload_transfer", "legal_request"}
    assert may_ask_for(cast.supervisor) == may_ask_for(cast.other_supervisor) == teams
    for nobody in (*roles.values(), cast.caseworker, cast.administrator, cast.elsewhere):
        assert may_ask_for(nobody) == set()


def test_whoever_has_no_right_is_told_nothing_and_leaves_a_row(cast: Cast) -> None:
    a_case(cast)
    for who in (cast.caseworker, cast.administrator, another(cast, "typist", Role.DATA_ENTRY)):
        with pytest.raises(NotFound):
            commands.exports_of(by=who, at=START)
        for purpose in ("monthly_report", "caseload_transfer"):
            with pytest.raises(Forbidden):
                prepared(who, purpose)
            row = AuditRow.objects.latest("id")
            assert (row.act, row.by, row.allowed) == ("export.prepared", who.id, False)
    assert not Export.objects.exists()


@pytest.mark.covers("R93")
@pytest.mark.parametrize("purpose", ["caseload_transfer", "legal_request"])
def test_an_information_officer_never_gets_names(cast: Cast, purpose: str) -> None:
    a_case(cast)
    with pytest.raises(Forbidden):
        prepared(cast.information_officer, purpose)


def test_a_supervisor_exports_the_cases_of_their_own_teams_only(cast: Cast) -> None:
    a_case(cast)
    assert prepared(cast.supervisor).records == 1
    with pytest.raises(Refused, match="no_case"):
        prepared(cast.other_supervisor)


def test_codes_of_other_teams_and_slips_are_refused_in_one_sentence(cast: Cast) -> None:
    code = Case.objects.get(file_id=a_case(cast)).code
    chosen = Chosen("all", codes=(code,))
    assert prepared(cast.supervisor, "legal_request", chosen=chosen).records == 1
    with pytest.raises(Refused, match="not_all"):
        prepared(cast.other_supervisor, "legal_request", chosen=chosen)
    with pytest.raises(Refused, match="no_codes_here"):
        prepared(cast.supervisor, "monthly_report", chosen=chosen)


def test_a_legal_demand_takes_in_only_cases_that_it_names(cast: Cast) -> None:
    a_case(cast)
    with pytest.raises(Refused, match="codes_needed"):
        prepared(cast.supervisor, "legal_request")


def test_a_secret_key_is_refused_with_a_warning_and_anything_else_with_a_sentence(cast: Cast) -> None:
    a_case(cast)
    identity = pyrage.x25519.Identity.generate()
    for written, code in ((str(identity), "secret_key"), ("age1abc", "no_age_key"), ("", "no_age_key")):
        with pytest.raises(Refused, match=code):
            prepared(cast.information_officer, lock="age", told=Told("Ministry", "Figures", written))
    written = f"  {identity.to_public()}\n"
    export = prepared(cast.information_officer, lock="age", told=Told("Ministry", "Figures", written))
    assert told_of(export).age_key == str(identity.to_public())


def test_the_same_sheet_twice_is_one_export_and_somebody_elses_is_none(cast: Cast) -> None:
    a_case(cast)
    one = prepared(cast.supervisor)
    assert prepared(cast.supervisor, export_id=one.id).id == one.id
    with pytest.raises(NotFound):
        prepared(cast.information_officer, export_id=one.id)
    assert Export.objects.count() == 1


def test_numbers_run_without_a_gap_and_asking_twice_gives_one(cast: Cast) -> None:
    a_case(cast)
    exports = [prepared(cast.supervisor) for _ in range(3)]
    for export in (exports[2], exports[0], exports[0]):
        commands.ask_export(export.id, by=cast.supervisor, at=START)
    numbers = dict(Export.objects.values_list("id", "number"))
    assert [numbers[one.id] for one in exports] == [2, None, 1]


def test_nothing_is_made_before_it_is_asked_for(cast: Cast) -> None:
    a_case(cast)
    prepared(cast.supervisor)
    assert commands.make_exports(now=lambda: START) == 0


# --- The second person ---------------------------------------------------------------------------------------


def test_more_than_fifty_cases_need_a_second_person() -> None:
    pack = packs.load()
    assert [needs_second_person(cases, day=START.date(), pack=pack) for cases in (50, 51)] == [False, True]


def many(export: Export) -> Export:
    """As if it were of so many cases that a second person has to agree."""
    Export.objects.filter(id=export.id).update(second_person=True)
    return Export.objects.get(id=export.id)


def test_fifty_one_cases_wait_for_a_second_person(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(51):
        file = submit("intake.identification", by=cast.caseworker).file_id
        submit("intake.registration", by=cast.caseworker, file=file)
    export = asked(cast.information_officer)
    assert (export.records, export.second_person, stage_of(export)) == (51, True, "waits")
    assert commands.make_exports(now=lambda: START) == 0


def test_many_small_exports_are_one_large_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many cases cannot leave in parts, either: not even where all parts were prepared before one was asked for."""
    for _ in range(3):
        a_case(cast)
    monkeypatch.setattr(exporting, "needs_second_person", lambda cases, **_: cases > 2)
    codes = list(Case.objects.values_list("code", flat=True))
    parts = [
        prepared(cast.supervisor, "legal_request", chosen=Chosen("all", codes=(code,))) for code in codes
    ]
    for part in parts:
        commands.ask_export(part.id, by=cast.supervisor, at=START)
    assert [stage_of(Export.objects.get(id=one.id)) for one in parts] == ["being_made", "being_made", "waits"]
    again = asked(cast.supervisor, "legal_request", chosen=Chosen("all", codes=(codes[0],)))
    assert stage_of(again) == "waits"
    next_day = START + timedelta(hours=25)
    later = asked(cast.supervisor, "legal_request", chosen=Chosen("all", codes=(codes[0],)), at=next_day)
    assert stage_of(later) == "being_made"


@pytest.mark.covers("R89")
def test_cases_are_not_shared_in_bulk_before_a_protocol_is_signed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_case(cast)
    day = START.date()
    guidelines, here = packs.load(), packs.load("demonstration")
    (transfer,) = [one for one in profiles_on(day, pack=here) if one.purpose == "caseload_transfer"]
    assert waits_for_protocol(transfer, day=day, pack=here) is None
    rule = waits_for_protocol(transfer, day=day, pack=guidelines)
    assert rule and "R89" in rule.citation
    monkeypatch.setattr(exporting, "waits_for_protocol", lambda profile, **_: rule)
    with pytest.raises(Refused, match="no_protocol"):
        prepared(cast.supervisor, "caseload_transfer")


def test_it_is_made_once_somebody_else_with_the_right_has_agreed(cast: Cast) -> None:
    a_case(cast)
    export = many(asked(cast.information_officer))
    assert commands.make_exports(now=lambda: START) == 0
    manager = another(cast, "manager", Role.MANAGER)
    commands.answer_export(export.id, agreed=True, by=manager, at=START)
    assert commands.make_exports(now=lambda: START) == 1
    export.refresh_from_db()
    assert (export.prepared_by, export.answered_by, export.agreed) == (
        cast.information_officer,
        manager,
        True,
    )


def test_nobody_agrees_to_their_own_export(cast: Cast) -> None:
    a_case(cast)
    export = many(asked(cast.information_officer))
    with pytest.raises(Forbidden, match="own_export"):
        commands.answer_export(export.id, agreed=True, by=cast.information_officer, at=START)
    assert commands.make_exports(now=lambda: START) == 0
    with pytest.raises(IntegrityError), transaction.atomic():  # not even past the verb
        Export.objects.filter(id=export.id).update(answered_by=cast.information_officer, agreed=True)


def test_whoever_may_not_export_names_may_not_agree_to_them(cast: Cast) -> None:
    a_case(cast)
    export = many(asked(cast.supervisor, "caseload_transfer"))
    for who in (cast.information_officer, cast.caseworker, cast.administrator):
        with pytest.raises(Forbidden):
            commands.answer_export(export.id, agreed=True, by=who, at=START)
    with pytest.raises(NotFound):
        commands.answer_export(export.id, agreed=True, by=cast.elsewhere, at=START)
    commands.answer_export(export.id, agreed=True, by=another(cast, "manager", Role.MANAGER), at=START)


def test_what_was_not_agreed_to_is_never_made_and_stays_answered(cast: Cast) -> None:
    a_case(cast)
    export, manager = many(asked(cast.supervisor)), another(cast, "manager", Role.MANAGER)
    commands.answer_export(export.id, agreed=False, by=manager, at=START)
    assert commands.make_exports(now=lambda: START) == 0
    with pytest.raises(Conflict):
        commands.answer_export(export.id, agreed=True, by=cast.other_supervisor, at=START)


# --- Fetching ------------------------------------------------------------------------------------------------


def test_only_whoever_asked_gets_the_file(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    others = (cast.supervisor, cast.caseworker, another(cast, "manager", Role.MANAGER), cast.elsewhere)
    for who in others:
        for fetch in (commands.lock_export, commands.download_export):
            with pytest.raises(NotFound):
                fetch(export.id, by=who, at=START)
            assert AuditRow.objects.latest("id").allowed is False
    fetched(export)
    for who in others:
        with pytest.raises(NotFound):
            commands.download_export(export.id, by=who, at=START)


def test_whoever_lost_the_role_gets_nothing_any_more(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    later = START + timedelta(hours=20)
    Membership.objects.filter(user=cast.information_officer).update(role=Role.ADMINISTRATOR)
    for fetch in (commands.lock_export, commands.download_export):
        with pytest.raises(Forbidden):
            fetch(export.id, by=cast.information_officer, at=later)


def test_the_passphrase_is_shown_once(cast: Cast) -> None:
    a_case(cast)
    export = made(cast.information_officer)
    with pytest.raises(Conflict):  # it has no passphrase yet
        commands.download_export(export.id, by=cast.information_officer, at=START)
    fetched(export)
    with pytest.raises(Conflict):
        commands.lock_export(export.id, by=cast.information_officer, at=START)


def test_while_the_files_are_locked_nothing_is_made_and_afterwards_it_is(cast: Cast) -> None:
    a_case(cast)
    asked(cast.information_officer)
    keeper().lock()
    try:
        assert commands.make_exports(now=lambda: START) == 0
        with pytest.raises(Unavailable):
            prepared(cast.information_officer)
    finally:
        keeper().unlock()
    assert commands.make_exports(now=lambda: START) == 1


# --- The log -------------------------------------------------------------------------------------------------


def steps(file: UUID | None) -> list[str]:
    rows = AuditRow.objects.filter(act__startswith="export.", file_id=file).order_by("id")
    return [row.act for row in rows]


@pytest.mark.covers("R87")
def test_every_step_leaves_a_row_and_with_names_one_for_each_child(cast: Cast) -> None:
    file, other = a_case(cast), a_case(cast)
    code = Case.objects.get(file_id=file).code
    export = many(asked(cast.supervisor, "legal_request", chosen=Chosen("all", codes=(code,))))
    commands.answer_export(export.id, agreed=True, by=another(cast, "manager", Role.MANAGER), at=START)
    commands.make_exports(now=lambda: START)
    fetched(Export.objects.get(id=export.id))
    commands.sweep_exports(at=START + timedelta(days=2))
    assert steps(None) == [
        "export.prepared", "export.asked", "export.agreed", "export.made", "export.locked", "export.downloaded", "export.swept",
    ]  # fmt: skip
    assert steps(file) == [
        "export.asked",
        "export.agreed",
        "export.made",
        "export.downloaded",
        "export.swept",
    ]
    assert steps(other) == []


def test_without_names_the_log_counts_and_names_no_child(cast: Cast) -> None:
    file = a_case(cast)
    fetched(made(cast.information_officer))
    assert steps(file) == []
    row = AuditRow.objects.get(act="export.prepared")
    assert row.detail["cases"] == 1 and row.detail["purpose"] == "monthly_report"


def test_to_whom_it_went_is_sealed_in_the_register(cast: Cast) -> None:
    a_case(cast)
    export = asked(cast.information_officer)
    assert b"Zorvanquist" not in bytes(export.sealed)
    assert told_of(export) == TOLD
    assert "Zorvanquist" not in str(list(AuditRow.objects.values_list("detail", flat=True)))


def test_another_agency_sees_nothing_of_it(cast: Cast) -> None:
    a_case(cast)
    export = asked(cast.information_officer)
    town = Membership.objects.get(user=cast.elsewhere).agency
    assert town.id != agency_of(cast).id
    Membership.objects.filter(user=cast.elsewhere).update(role=Role.MANAGER)
    with pytest.raises(NotFound):
        commands.read_export(export.id, by=cast.elsewhere, at=START)
    with pytest.raises(NotFound):
        commands.read_export(new_id(), by=cast.information_officer, at=START)
