"""Whatever anybody does leaves a row; where the row cannot be written, nothing was done (design §5)."""

import inspect
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.answering import filled
from tests.attachments.adding import added
from tests.cast import LEAST, START, Cast, a_case, a_file, submit
from tests.ready import ready_for, who_writes
from tutela import commands
from tutela.access.models import Agency, Assignment, Membership, RoleAsked, User
from tutela.access.staffing import Post
from tutela.attachments.models import Attachment
from tutela.audit.models import AuditRow
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import Case, CaseFile, Draft, Entry, Fact
from tutela.cases.queries import entry_of
from tutela.cli.story import play, prepare_cast, prepare_services
from tutela.forms.definition import Question
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Forbidden, NotFound, Refused
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db


def newest() -> AuditRow:
    row = AuditRow.objects.order_by("id").last()
    assert row is not None
    return row


def told(row: AuditRow) -> tuple[str, UUID | None, UUID | None, bool]:
    return row.act, row.by, row.file_id, row.allowed


# --- Every act -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(commands.KINDS))
def test_every_form_leaves_one_row_and_the_same_again_none(cast: Cast, form: str) -> None:
    file, by = ready_for(cast, form), who_writes(cast, form)
    sent = {
        "by": by,
        "file": file,
        "entry_id": new_id(),
        "base": file and CaseFile.objects.get(id=file).revision,
    }
    before = AuditRow.objects.count()
    submitted = submit(form, **sent)
    assert AuditRow.objects.count() == before + 1
    row = newest()
    assert told(row) == (form, by.id, submitted.file_id, True)
    assert (row.entry_id, row.at, row.detail) == (submitted.entry_id, START, {"revision": submitted.revision})
    assert submit(form, **sent).repeated
    assert AuditRow.objects.count() == before + 1


def a_draft(cast: Cast, file: UUID) -> None:
    version = form_in_force(
        "follow_up.contact", agency_id=CaseFile.objects.get(id=file).agency_id, day=START.date()
    )
    draft = OpenDraft(new_id(), version.version, 1, {"answers": {"situation": "Half a sentence"}})
    commands.keep_draft(Place("follow_up.contact", file), draft, by=cast.caseworker, at=START)


# Everything in `commands` that reads or changes something, with the row it leaves.
ACTS: dict[str, tuple[Callable[[Cast, UUID], object], str]] = {
    "submit": (lambda cast, file: submit("follow_up.contact", by=cast.caseworker, file=file), "follow_up.contact"),
    "keep_draft": (a_draft, "draft.kept"),
    "act": (lambda cast, file: commands.act("tested", lambda: 1, by=cast.caseworker, at=START), "tested"),
    "read": (
        lambda cast, file: commands.read("file.read", file, by=cast.caseworker, at=START), "file.read"
    ),
    "read_list": (
        lambda cast, file: commands.read_list("cases.read", by=cast.caseworker, at=START, files=[file]), "cases.read"
    ),
    "find": (lambda cast, file: commands.find("Tomas", by=cast.caseworker, at=START), "find"),
    "submit_together": (
        lambda cast, file: commands.submit_together(
            [commands.Submission("follow_up.contact", file, LEAST["follow_up.contact"], new_id())], by=cast.caseworker, at=START
        ), "follow_up.contact",
    ),
    "attach": (lambda cast, file: added(file, by=cast.caseworker), "attachment.kept"),
    "set_label": (lambda cast, file: commands.set_label(file, "By the well", by=cast.caseworker, at=START), "label.set"),
    "rebuild": (lambda cast, file: commands.rebuild(file, keep=True), "facts.rebuilt"),
    "admit_person": (
        lambda cast, file: commands.admit_person(
            new_id(), Post(role="caseworker", team="River", since=START.date()), username="amina", name="Amina",
            by=cast.administrator, at=START,
        ), "user.admitted",
    ),
    "give_role": (
        lambda cast, file: commands.give_role(
            new_id(), cast.colleague.id, Post(role="manager", team=None, since=START.date()), by=cast.administrator, at=START
        ), "user.joined",
    ),
    "end_role": (
        lambda cast, file: commands.end_role(
            Membership.objects.get(user=cast.colleague).id, cast.colleague.id, last_day=START.date(),
            by=cast.administrator, at=START,
        ), "user.role_ended",
    ),
    "end_roles": (
        lambda cast, file: commands.end_roles(
            cast.colleague.id, last_day=START.date(), agency=Agency.objects.get(name="Lantern"), at=START
        ), "user.left",
    ),
    "shut_out": (lambda cast, file: commands.shut_out(cast.colleague.id, by=cast.administrator, at=START), "user.disabled"),
    "give_password": (
        lambda cast, file: commands.give_password(cast.colleague.id, by=cast.administrator, at=START), "user.password_given"
    ),
    "give_address": (
        lambda cast, file: commands.give_address(cast.colleague.id, "a@example.org", by=cast.administrator, at=START),
        "user.address_given",
    ),
    "sign_out": (lambda cast, file: commands.sign_out(cast.colleague.id, by=cast.administrator, at=START), "user.signed_out"),
    "reset_second_factor": (
        lambda cast, file: commands.reset_second_factor(cast.colleague.id, by=cast.administrator, at=START),
        "user.second_factor_reset",
    ),
    "look_for_existing_files": (lambda cast, file: commands.look_for_existing_files(at=START), "file.searched"),
}  # fmt: skip

# What only answers a question for a page that leaves the row, or is called by what does.
QUESTIONS = {
    "may_begin",
    "apply",
    "rights",
    "readable_classes",
    "opened_with",
    "form_for",
    "form_in_version",
    "form_titles",
    "answers_to_begin_with",
    "may_here",
    "may_agree",
    "check_allowed",
    "readers_of",
    "may_receive",
    "received_by",
    "was_sent",
    "is_typed",
    "entry_id_of",
    "whose_paper",
}

# Tested elsewhere, where what they need is made.
ELSEWHERE = {
    "custodian_comes", "judge_match", "recount_deadlines", "reduce_files", "open_in_emergency", "end_emergency",
    "look_at_emergency", "review_emergency", "make_digests", "send_notices", "take_piece", "read_attachment",
    "sweep_attachments", "destroy_file", "destroy_left_keys", "exports_of", "prepare_export", "read_export", "ask_export",
    "answer_export", "lock_export", "download_export", "make_exports", "sweep_exports", "report_unreadable", "answer_role",
    "send_referral", "end_referral", "read_received", "have_typed", "end_typing", "open_to_type", "confirm_typed",
}  # fmt: skip


def test_nothing_in_commands_is_forgotten_here() -> None:
    public = {
        name
        for name, one in vars(commands).items()
        if inspect.isfunction(one)
        and one.__module__.startswith(commands.__name__)
        and not name.startswith("_")
    }
    assert public == {*ACTS, *QUESTIONS, *ELSEWHERE}


@pytest.mark.parametrize("name", ACTS)
def test_every_act_leaves_a_row(cast: Cast, name: str) -> None:
    act, verb = ACTS[name]
    file = a_case(cast)
    before = AuditRow.objects.count()
    act(cast, file)
    assert AuditRow.objects.count() == before + 1
    assert newest().act == verb


def test_keeping_a_draft_leaves_one_row_and_each_keystroke_none(cast: Cast) -> None:
    file = a_file(cast)
    a_draft(cast, file)
    row, draft = newest(), Draft.objects.get()
    again = OpenDraft(draft.entry_id, draft.form_id, 1, {"answers": {"situation": "A whole sentence"}})
    commands.keep_draft(Place("follow_up.contact", file), again, by=cast.caseworker, at=START)
    assert newest().id == row.id


# --- A log that fails ----------------------------------------------------------------------------------------


class LogIsFull(Exception):
    pass


@pytest.fixture
def no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise LogIsFull

    monkeypatch.setattr("tutela.audit.actions.record", refuse)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that casework, or the office, writes."""
    tables = (
        CaseFile, Entry, Case, Draft, Attachment, Assignment, User, Membership, RoleAsked, AuditRow, *Fact.__subclasses__(),
    )  # fmt: skip
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in tables}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ACTS)
def test_where_the_log_fails_nothing_was_done(cast: Cast, name: str, request: pytest.FixtureRequest) -> None:
    act, _ = ACTS[name]
    file = a_case(cast)
    before = everything()
    request.getfixturevalue("no_log")
    with pytest.raises(LogIsFull):
        act(cast, file)
    assert everything() == before


@pytest.mark.parametrize("form", sorted(commands.KINDS))
def test_where_the_log_fails_no_form_is_taken(cast: Cast, form: str, request: pytest.FixtureRequest) -> None:
    file = ready_for(cast, form)
    before = everything()
    request.getfixturevalue("no_log")
    with pytest.raises(LogIsFull):
        submit(form, by=who_writes(cast, form), file=file)
    assert everything() == before


def test_where_the_log_fails_what_was_run_is_undone(cast: Cast, no_log: None) -> None:
    before = everything()
    with pytest.raises(LogIsFull):
        commands.act("renamed", lambda: rename(cast), by=cast.caseworker, at=START)
    cast.colleague.refresh_from_db()
    assert cast.colleague.name == "Colleague"
    assert everything() == before


def rename(cast: Cast) -> None:
    cast.colleague.name = "Somebody else"
    cast.colleague.save()


def test_an_act_that_fails_leaves_no_row(cast: Cast) -> None:
    before = AuditRow.objects.count()
    with pytest.raises(ZeroDivisionError):
        commands.act("tried", lambda: 1 / 0, by=cast.caseworker, at=START)
    assert AuditRow.objects.count() == before


# --- Denials -------------------------------------------------------------------------------------------------


def test_a_denial_leaves_a_row_that_stays(cast: Cast) -> None:
    file = a_file(cast)
    before = AuditRow.objects.count()
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.elsewhere, file=file)
    with pytest.raises(Forbidden):
        submit("follow_up.contact", by=cast.supervisor, file=file)
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=cast.colleague, at=START)
    with pytest.raises(Forbidden):
        commands.find("Tomas", by=cast.information_officer, at=START)
    with pytest.raises(NotFound):
        commands.form_for("follow_up.contact", file_id=file, by=cast.outsider, at=START)
    rows = list(AuditRow.objects.order_by("id")[before:])
    assert [told(row) for row in rows] == [
        ("follow_up.contact", cast.elsewhere.id, file, False),
        ("follow_up.contact", cast.supervisor.id, file, False),
        ("file.read", cast.colleague.id, file, False),
        ("find", cast.information_officer.id, None, False),
        ("follow_up.contact", cast.outsider.id, file, False),
    ]
    assert all(row.detail["reason"] for row in rows)


@pytest.mark.django_db(transaction=True)
def test_a_denial_is_committed_though_the_request_fails(cast: Cast) -> None:
    from django.db import connections

    file = a_file(cast)
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.elsewhere, file=file)
    connections.close_all()  # whatever was not committed is gone now
    assert told(newest()) == ("follow_up.contact", cast.elsewhere.id, file, False)


def test_somebody_who_works_nowhere_leaves_a_row_when_they_try(cast: Cast) -> None:
    before = AuditRow.objects.count()
    for attempt in (
        lambda: commands.find("Tomas", by=cast.outsider, at=START),
        lambda: submit("intake.identification", by=cast.outsider),
        lambda: commands.form_for("intake.identification", file_id=None, by=cast.outsider, at=START),
    ):
        with pytest.raises(NotFound):
            attempt()
    rows = AuditRow.objects.order_by("id")[before:]
    assert [told(row) for row in rows] == [
        ("find", cast.outsider.id, None, False),
        ("intake.identification", cast.outsider.id, None, False),
        ("intake.identification", cast.outsider.id, None, False),
    ]


def test_trying_files_that_are_not_there_leaves_rows(cast: Cast) -> None:
    nowhere = new_id()
    with pytest.raises(NotFound):
        submit("follow_up.contact", by=cast.caseworker, file=nowhere, base=0)
    assert told(newest()) == ("follow_up.contact", cast.caseworker.id, nowhere, False)
    with pytest.raises(NotFound):
        commands.read("file.read", nowhere, by=cast.caseworker, at=START)
    assert told(newest()) == ("file.read", cast.caseworker.id, nowhere, False)


# --- What a row never holds ----------------------------------------------------------------------------------

CANARY = "Zwjeruba"


def canary(question: Question) -> Any:
    """An answer that nobody would give, wherever words can be written."""
    if question.options:
        codes = [option.code for option in question.options if not option.retired]
        return codes[-1:] if question.type == "choices" else codes[-1]
    return {"yes_no": "yes", "integer": "7", "date": "2013-11-05", "phone": "0700 987 654"}.get(
        question.type, CANARY
    )


def the_log() -> str:
    return json.dumps(list(AuditRow.objects.values()), default=str, ensure_ascii=False)


def test_no_row_holds_an_answer_whatever_happens_to_it(cast: Cast) -> None:
    """Taken, refused, kept as a draft, searched for, asked for as a form or a verb."""
    file = a_case(cast, risk="high")
    agency = CaseFile.objects.get(id=file).agency_id
    for form in commands.KINDS:
        definition = form_in_force(form, agency_id=agency, day=START.date())
        answers = {**dict.fromkeys(LEAST[form]), **filled(definition, canary, today=START.date())}
        for wrong in ({}, {CANARY: CANARY}):
            try:
                where = None if form == "intake.identification" else file
                submit(form, answers | wrong, by=who_writes(cast, form), file=where)
            except Refused:
                continue
        draft = OpenDraft(new_id(), definition.version, 1, answers)
        commands.keep_draft(Place(form, file), draft, by=cast.caseworker, at=START)
    for name in (CANARY, "0700 987 654"):
        commands.find(name, by=cast.caseworker, at=START)
    for attempt in (
        lambda: commands.form_for(CANARY, file_id=file, by=cast.caseworker, at=START),
        lambda: commands.submit(
            commands.Submission(CANARY, file, {}, new_id()), by=cast.caseworker, at=START
        ),
    ):
        with pytest.raises(NotFound):
            attempt()
    log = the_log()
    assert len(log) > 5_000
    for word in (CANARY, "700 987 654", "700987654", "2013-11-05", "sexual_gender", "suspected"):
        assert word not in log
    assert CANARY in json.dumps(
        [entry_of(row.id, file_id=row.file_id).answers for row in Entry.objects.all()]
    )


def test_no_row_of_a_story_holds_a_word_of_it(db: None) -> None:
    prepare_cast(at=now())
    prepare_services(at=now())
    play("tomas", now=now())
    log = the_log()
    for word in ("Tomas", "Grace", "kiln", "brick", "school", "+254", "exploitation"):
        assert word not in log


def test_a_search_is_counted_and_not_quoted(cast: Cast) -> None:
    file = a_case(cast)
    commands.find("Tomas", by=cast.caseworker, at=START)
    assert newest().detail == {"found": 1, "shown": [file.hex]}
