"""Somebody types a paper form for a named worker: an empty form, once, until a day, and nothing to read (§20, R112)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import (
    FIRST_DAY,
    LEAST,
    Cast,
    a_case,
    a_closed_case,
    a_file,
    later,
    person,
    stand_in,
    submit,
    to_type,
)
from tests.words import plain_words
from tutela import commands
from tutela.access.actions import leave
from tutela.access.closing import close_to
from tutela.access.models import Membership, Role, TypingTask, User
from tutela.access.typists import to_be_looked_at
from tutela.audit.models import AuditRow
from tutela.cases.models import Draft, Entry
from tutela.commands import Submission, Submitted, typed
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, NotFound, Refused

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


@pytest.fixture
def typist(cast: Cast) -> User:
    return person("typist", Membership.objects.filter(user=cast.caseworker)[0].agency, role=Role.DATA_ENTRY)


def opens(user: User, task: UUID, *, days: float = 0) -> bool:
    try:
        commands.open_to_type(task, by=user, at=later(days))
    except Refused:
        return False
    return True


def types(
    cast: Cast,
    task: UUID,
    file: UUID,
    *,
    by: User,
    days: float = 0,
    form: str = "follow_up.contact",
    **more: Any,
) -> Submitted:
    answers = {**LEAST[form], **more.pop("answers", {})}
    told: dict[str, Any] = {"entry_id": commands.entry_id_of(task), "done_by": cast.caseworker} | more
    return commands.submit(Submission(form=form, file=file, answers=answers, **told), by=by, at=later(days))


# --- Who types, and what -------------------------------------------------------------------------------------


@pytest.mark.covers("R112")
def test_what_is_typed_is_the_caseworkers_and_says_who_typed_it(cast: Cast, typist: User) -> None:
    file = a_case(cast)
    task = to_type(cast, file, by=typist)
    entry = Entry.objects.get(id=types(cast, task, file, by=typist, days=1, happened_at=later(-1)).entry_id)
    assert (entry.by, entry.done_by, entry.happened_on) == (typist, cast.caseworker, later(-1).date())
    row = AuditRow.objects.latest("id")
    assert (row.act, row.by, row.file_id, row.allowed) == ("follow_up.contact", typist.id, file, True)
    assert commands.rebuild(file, keep=False) == []


def test_it_is_typed_once_and_the_same_again_is_the_same(cast: Cast, typist: User) -> None:
    file = a_case(cast)
    task = to_type(cast, file, by=typist)
    first = types(cast, task, file, by=typist)
    again = types(cast, task, file, by=typist)
    assert (again.entry_id, again.repeated) == (first.entry_id, True)
    with pytest.raises(Conflict):
        types(cast, task, file, by=typist, answers={"kind": "home_visit_scheduled"})
    with pytest.raises(NotFound):
        types(cast, task, file, by=typist, entry_id=new_id())
    assert not opens(typist, task)


def test_whoever_types_reads_searches_and_exports_nothing_before_and_after(
    cast: Cast, typist: User, browse: Browse
) -> None:
    file = a_case(cast, at=now())
    task = to_type(cast, file, by=typist, at=now())
    client = browse(typist)
    pages = (
        "",
        "people",
        "documents",
        "forms/follow_up.contact",
        "forms/follow_up.review",
        "access",
        "typing",
    )
    for _ in range(2):
        assert {client.get(f"/files/{file}/{one}").status_code for one in pages} == {404}
        assert client.post("/find", {"q": "Tomas"}).status_code == 403
        assert (client.get("/exports").status_code, client.get("/services").status_code) == (404, 403)
        assert str(file) not in client.get("/cases").content.decode()
        answers = {
            **LEAST["follow_up.contact"],
            "happened_at": "2026-03-02T09:00",
            "happened_precision": "day",
            "entry_id": str(new_id()),
        }
        client.post(f"/typing/{task}", answers)
        entry = Entry.objects.get(id=commands.entry_id_of(task)).id
        assert client.get(f"/files/{file}/entries/{entry}").status_code == 404
        assert client.get(f"/typing/{task}").status_code == 404
    with pytest.raises(NotFound):
        commands.read("entry.read", file, by=typist, at=now())


def test_nobody_near_types_it(cast: Cast, typist: User) -> None:
    file, other = a_case(cast), a_case(cast)
    task, beside = to_type(cast, file, by=typist), person("beside", role=Role.DATA_ENTRY, agency=agency(cast))
    for who in (beside, cast.colleague, cast.supervisor, cast.elsewhere, cast.outsider, cast.caseworker):
        assert not opens(who, task)
        row = AuditRow.objects.latest("id")
        assert (row.act, row.by, row.file_id, row.allowed) == ("typing.opened", who.id, file, False)
    for wrong in (
        {"form": "follow_up.review"}, {"form": "follow_up.interpreter"}, {"done_by": cast.colleague}, {"done_by": typist},
        {"amends": new_id()}, {"about": new_id()},
    ):  # fmt: skip
        with pytest.raises(Refused):
            types(cast, task, file, by=typist, **wrong)
    with pytest.raises(NotFound):
        types(cast, task, other, by=typist)
    with pytest.raises(NotFound):
        submit("closure.request", by=typist, file=file)
    assert opens(typist, task)


def test_it_ends_by_itself_with_its_last_day_and_at_once_by_hand(cast: Cast, typist: User) -> None:
    file = a_case(cast)
    task = to_type(cast, file, by=typist)
    assert [opens(typist, task, days=day) for day in (0, 5, 6)] == [True, True, False]
    with pytest.raises(NotFound):
        types(cast, task, file, by=typist, days=6)
    commands.end_typing(task, file, by=cast.supervisor, at=later(1))
    assert not opens(typist, task, days=1)
    with pytest.raises(NotFound):
        types(cast, task, file, by=typist, days=1)


def test_whoever_types_no_more_and_to_whom_the_file_is_closed_types_nothing(cast: Cast, typist: User) -> None:
    file, other = a_case(cast), a_case(cast)
    task, of_other = to_type(cast, file, by=typist), to_type(cast, other, by=typist)
    manager = person("manager", agency(cast), role=Role.MANAGER)
    close_to(new_id(), file, to="typist", instead="", why="A cousin", by=manager, day=FIRST_DAY)
    assert [opens(typist, one) for one in (task, of_other)] == [False, True]
    leave(typist, agency=agency(cast), last_day=FIRST_DAY)
    assert not opens(typist, of_other, days=1)


def test_whoever_may_write_on_the_file_anyway_types_it_once_too(cast: Cast) -> None:
    file = a_case(cast)
    Membership.objects.create(user=cast.colleague, agency=agency(cast), role=Role.DATA_ENTRY, since=FIRST_DAY)
    stand_in(cast)
    task = to_type(cast, file, by=cast.colleague)
    types(cast, task, file, by=cast.colleague)
    assert [one.id for one in to_be_looked_at([file], worker=cast.caseworker)] == [task]


@pytest.mark.covers("R86")
def test_the_confidential_part_is_not_typed_whatever_is_sent(
    cast: Cast, typist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack may put such a question into a form that is typed: here, a form that has one is."""
    form = "assessment.comprehensive"
    monkeypatch.setattr(typed, "TYPED", frozenset({form}))
    file = a_case(cast)
    task = to_type(cast, file, by=typist, form=form)
    with pytest.raises(NotFound):
        types(cast, task, file, by=typist, form=form, answers={"suspected": "The uncle"})
    assert types(cast, task, file, by=typist, form=form).file_id == file


# --- Giving it, and looking at it ----------------------------------------------------------------------------


def agency(cast: Cast) -> Any:
    return Membership.objects.filter(user=cast.caseworker)[0].agency


def gives(cast: Cast, file: UUID, *, by: User | None = None, days: int = 5, **more: Any) -> None:
    told = {"forms": ["follow_up.contact"], "typist": "typist", "worker": "caseworker"} | more
    until = FIRST_DAY + timedelta(days)
    commands.have_typed(new_id(), file, until=until, by=by or cast.caseworker, at=later(0), **told)


def test_caseworker_stand_in_and_supervisor_give_it_and_nobody_else(cast: Cast, typist: User) -> None:
    file = a_case(cast)
    for who in (cast.colleague, cast.other_supervisor, cast.elsewhere, typist, cast.outsider):
        with pytest.raises(Refused):
            gives(cast, file, by=who)
    stand_in(cast)
    for who in (cast.caseworker, cast.supervisor, cast.colleague):
        gives(cast, file, by=who)
    gives(cast, file, worker="colleague")
    assert TypingTask.objects.count() == 4


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"typist": "elsewhere"}, "no_typist"), ({"typist": "colleague"}, "no_typist"), ({"worker": "colleague"}, "no_worker"),
        ({"worker": "typist"}, "no_worker"), ({"forms": ["consent.consent"]}, "not_typed"),
        ({"forms": ["closure.request"]}, "not_typed"), ({"days": 15}, "too_long"), ({"days": -1}, "too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_is_refused_in_one_sentence(
    cast: Cast, typist: User, wrong: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        gives(cast, a_case(cast), **wrong)
    assert [one.code for one in refused.value.unmet] == [code]


def test_only_an_open_case_with_a_code_has_something_typed(cast: Cast, typist: User) -> None:
    for file in (a_file(cast), a_closed_case(cast)):
        with pytest.raises(Refused, match="no_open_case"):
            gives(cast, file)


@pytest.mark.parametrize("how", ["right", "corrected"])
def test_it_waits_until_the_caseworker_has_looked_at_it(cast: Cast, typist: User, how: str) -> None:
    file = a_case(cast)
    task = to_type(cast, file, by=typist)
    entry = types(cast, task, file, by=typist).entry_id
    assert [one.id for one in to_be_looked_at([file], worker=cast.caseworker)] == [task]
    for who in (typist, cast.supervisor, cast.colleague):
        with pytest.raises(Refused):
            commands.confirm_typed(file, entry, by=who, at=later(1))
    if how == "right":
        commands.confirm_typed(file, entry, by=cast.caseworker, at=later(1))
    else:
        submit("follow_up.contact", by=cast.caseworker, file=file, amends=entry, at=later(1))
    assert to_be_looked_at([file], worker=cast.caseworker) == []
    with pytest.raises(NotFound):
        commands.confirm_typed(file, entry, by=cast.caseworker, at=later(1))


# --- As people see it ----------------------------------------------------------------------------------------


def test_from_giving_it_to_saying_that_it_is_right(cast: Cast, typist: User, browse: Browse) -> None:
    file = a_case(cast, at=now())
    mine, theirs = browse(cast.caseworker), browse(typist)
    assert "Have a form typed" in mine.get(f"/files/{file}/access").content.decode()
    until = (now() + timedelta(days=3)).date().isoformat()
    given = {
        "entry_id": str(new_id()),
        "forms": ["follow_up.contact"],
        "to": "typist",
        "worker": "caseworker",
        "until": until,
    }
    assert mine.post(f"/files/{file}/typing", given).status_code == 302
    task = TypingTask.objects.get()
    assert theirs.get("/").headers["Location"] == "/typing"
    listed = theirs.get("/typing").content.decode()
    assert "Tomas" not in listed and str(file) not in listed and f"/typing/{task.id}" in listed
    assert "Boy" not in plain_words(listed)
    sheet = theirs.get(f"/typing/{task.id}").content.decode()
    assert "Tomas" not in sheet and str(file) not in sheet and "medium" not in sheet.casefold()
    paper = {
        **LEAST["follow_up.contact"], "situation": "Half a sentence", "happened_at": "2026-03-02T09:00",
        "happened_precision": "exact", "entry_id": str(new_id()),
    }  # fmt: skip
    assert theirs.post(f"/typing/{task.id}/draft", paper).status_code == 200
    assert "Half a sentence" in theirs.get(f"/typing/{task.id}").content.decode()
    assert theirs.post(f"/typing/{task.id}", {**paper, "happened_at": "tomorrow"}).status_code == 422
    for _ in range(2):
        assert theirs.post(f"/typing/{task.id}", paper).status_code == 302
    assert not Draft.objects.filter(user=typist).exists()
    assert "Nothing is given to you" in theirs.get("/typing").content.decode()
    entry = commands.entry_id_of(task.id)
    assert f"/files/{file}/entries/{entry}" in mine.get("/").content.decode()
    shown = mine.get(f"/files/{file}/entries/{entry}").content.decode()
    assert "Half a sentence" in shown and "Typist" in shown and "It is right" in shown
    assert mine.post(f"/files/{file}/entries/{entry}/right").status_code == 302
    assert "It is right" not in mine.get(f"/files/{file}/entries/{entry}").content.decode()
    assert "Typed for you" not in mine.get("/").content.decode()


def test_what_was_begun_is_let_go_when_it_is_ended(cast: Cast, typist: User, browse: Browse) -> None:
    file = a_case(cast, at=now())
    task = to_type(cast, file, by=typist, at=now())
    theirs = browse(typist)
    theirs.post(
        f"/typing/{task}/draft",
        {"situation": "Half a sentence", "happened_at": "", "entry_id": str(new_id())},
    )
    assert Draft.objects.filter(user=typist).exists()
    assert browse(cast.caseworker).post(f"/files/{file}/typing/{task}/end").status_code == 302
    assert not Draft.objects.filter(user=typist).exists()
    assert theirs.get(f"/typing/{task}").status_code == 404
