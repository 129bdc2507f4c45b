"""Days on which something is wrong: no database, a file that changed meanwhile, a file that has grown for years."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import LEAST, START, Cast, a_case, later, revision, submit
from tutela.access.models import Session, User
from tutela.assessment.models import Assessment
from tutela.audit.models import AuditRow
from tutela.cases.actions import make
from tutela.cases.entries import OpenEntry, seal_entry
from tutela.cases.models import CaseFile, Entry
from tutela.follow_up.models import Contact
from tutela.foundation.ids import new_id
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]


# --- No database -----------------------------------------------------------------------------------------------


def is_down(error: Exception) -> Callable[..., Any]:
    def refuse(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        raise error

    return refuse


@pytest.mark.parametrize(
    "error", [OperationalError("the server closed the connection"), InterfaceError("closed")]
)
@pytest.mark.parametrize(
    "address", ["/", "/cases", "/team", "/files/{file}/", "/files/{file}/forms/closure.request"]
)
def test_without_a_database_every_page_says_so_and_what_to_do(
    cast: Cast, browse: Browse, error: Exception, address: str
) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    mine.raise_request_exception = False
    with connection.execute_wrapper(is_down(error)):
        response = mine.get(address.format(file=file))
    said = response.content.decode()
    assert response.status_code == 503 and response["Retry-After"] == "30"
    assert "A child in danger does not wait" in said and "closed" not in said


@pytest.mark.parametrize(
    "error", [OperationalError("the server closed the connection"), InterfaceError("closed")]
)
def test_a_database_that_goes_away_at_the_very_end_of_a_request_is_said_too(
    cast: Cast, browse: Browse, error: Exception
) -> None:
    """When the session is written, after the page is made: it is no fault of whoever asked for it."""
    mine = browse(cast.caseworker)
    mine.raise_request_exception = False
    sessions = Session._meta.db_table

    def goes_away(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and sessions in sql:
            raise error
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(goes_away):
        assert mine.post("/beside-me").status_code == 503
    assert mine.post("/beside-me").status_code == 302


def test_whatever_else_breaks_stays_an_error(cast: Cast, browse: Browse) -> None:
    mine = browse(cast.caseworker)
    mine.raise_request_exception = False
    with connection.execute_wrapper(is_down(ZeroDivisionError("no database at all"))):
        assert mine.get("/cases").status_code == 500


# --- A file that changed meanwhile -------------------------------------------------------------------------------


def post(
    client: Client,
    file: UUID,
    form: str,
    answers: dict[str, Any] | None = None,
    *,
    base: int,
    amends: Any = "",
) -> Any:
    version = form_in_force(form, agency_id=CaseFile.objects.get(id=file).agency_id, day=START.date()).version
    sent = {
        **LEAST[form], **(answers or {}), "entry_id": str(new_id()), "version": version, "base": base,
        "happened_at": later().strftime("%Y-%m-%dT%H:%M"), "happened_precision": "exact",
    }  # fmt: skip
    return client.post(f"/files/{file}/forms/{form}" + (f"?amends={amends}" if amends else ""), sent)


@pytest.mark.covers("R52")
def test_agreeing_to_close_what_changed_since_shows_what_is_new_first(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    submit("closure.request", by=cast.caseworker, file=file)
    seen = revision(file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    his = browse(cast.supervisor)
    response = post(his, file, "closure.answer", base=seen)
    said = response.content.decode()
    assert response.status_code == 409
    assert "New since then: Contact, by Caseworker." in said and "Look at what is new" in said
    assert not Entry.objects.filter(file=file, form_code="closure.answer").exists()
    assert post(his, file, "closure.answer", base=revision(file)).status_code == 302


def test_correcting_what_was_corrected_a_moment_ago_gets_a_sentence(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    contact = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    submit("follow_up.contact", {"reached": "others"}, by=cast.caseworker, file=file, amends=contact)
    response = post(browse(cast.caseworker), file, "follow_up.contact", base=revision(file), amends=contact)
    assert response.status_code == 409
    assert "This was corrected already. Correct the newer entry instead." in response.content.decode()


# --- A file that has grown for years -----------------------------------------------------------------------------


def grow(cast: Cast, file: UUID, entries: int) -> None:
    """So many contacts more, as they would stand there; one in ten is corrected."""
    form = form_in_force(
        "follow_up.contact", agency_id=CaseFile.objects.get(id=file).agency_id, day=START.date()
    )
    number = revision(file)
    written: list[Entry] = []
    opened: list[OpenEntry] = []
    for _ in range(entries):
        number += 1
        at = START + timedelta(hours=number)
        corrected = written[-1].id if number % 10 == 0 and written and written[-1].amends_id is None else None
        entry = OpenEntry(
            id=new_id(), file_id=file, revision=number, form=form,
            answers={"kind": "phone", "reached": "child", "situation": f"Note {number}"}, by_id=cast.caseworker.id,
            done_by_id=cast.caseworker.id, happened_at=at, happened_on=at.date(), received_at=at, amends=corrected,
        )  # fmt: skip
        written.append(seal_entry(entry, keyed_hash=b""))
        opened.append(entry)
    Entry.objects.bulk_create(written)
    for entry in opened:
        make(Contact, entry, entry.fact("contact"))
    CaseFile.objects.filter(id=file).update(revision=number)


PARTS = ("", "people", "plan", "consent", "forms/follow_up.contact", "forms/closure.request")


def asked_for(client: Client, address: str) -> tuple[int, int]:
    """How many questions the page asked of the database, and how many bytes it has."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return len(queries), len(response.content)


def test_a_file_of_five_hundred_entries_is_as_quick_and_light_as_one_of_thirty(
    cast: Cast, browse: Browse
) -> None:
    small, large, mine = a_case(cast), a_case(cast), browse(cast.caseworker)
    grow(cast, small, 30)
    grow(cast, large, 500)
    newest = Entry.objects.filter(file=large, amends=None).latest("revision").id
    first = Entry.objects.filter(file=small, amends=None).latest("revision").id
    for part in PARTS:
        asked_for(mine, f"/files/{small}/{part}")
        few, light = asked_for(mine, f"/files/{small}/{part}")
        many, heavy = asked_for(mine, f"/files/{large}/{part}")
        assert many <= few + 1, part
        assert heavy < light * 1.2, part
    assert (
        asked_for(mine, f"/files/{large}/entries/{newest}")[0]
        <= asked_for(mine, f"/files/{small}/entries/{first}")[0] + 1
    )


def test_the_story_goes_on_on_older_pages_until_its_beginning(cast: Cast, browse: Browse) -> None:
    file, mine = a_case(cast), browse(cast.caseworker)
    grow(cast, file, 60)
    pages = [mine.get(f"/files/{file}/?page={number}").content.decode() for number in (1, 2, 3)]
    told = [f"Note {number}" for number in range(4, 64)]
    shown = "".join(pages)
    assert [one for one in told if one not in shown] == []
    assert "Note 63" in pages[0] and "Note 63" not in pages[1]
    assert "Identification" in pages[2] and "Page 3 of 3" in pages[2] and "Older" in pages[0]


# --- A value that was changed from outside ---------------------------------------------------------------------


def test_a_value_that_was_changed_is_refused_said_and_left_in_the_log(cast: Cast, browse: Browse) -> None:
    file, other = a_case(cast), a_case(cast)
    fact = Contact.objects.filter(file_id=file).first() or Assessment.objects.get(file_id=file)
    kept = bytes(fact.sealed)
    type(fact).objects.filter(id=fact.id).update(sealed=kept[:-1] + bytes([kept[-1] ^ 1]))
    mine = browse(cast.caseworker)
    response = mine.get(f"/files/{file}/")
    assert response.status_code == 503 and "it was changed from outside" in response.content.decode()
    row = AuditRow.objects.get(act="value.unreadable")
    assert (row.by, row.file_id, row.allowed) == (cast.caseworker.id, file, False)
    assert row.detail == {"why": "Tampered"}
    assert mine.get(f"/files/{other}/").status_code == 200
