"""Whatever is made to be printed says at its foot where it came from, has its row in the log, and names no child."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_case, a_service, submit
from tutela.access.models import User
from tutela.audit.models import AuditRow
from tutela.cases.models import Case
from tutela.cases.queries import entries_of
from tutela.foundation.ids import derived_id, new_id, read_case_code

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
REFERENCE = re.compile(r'Reference <span dir="ltr">([2-9A-Z]{4}-[2-9A-Z]{4})</span>')


def a_plan(cast: Cast) -> UUID:
    file = a_case(cast)
    submit("planning.plan", by=cast.caseworker, file=file)
    submit("planning.copy_given", by=cast.caseworker, file=file)
    return file


def a_sheet_of_slips(cast: Cast) -> UUID:
    sheet = new_id()
    answers = {"slip": "GT 1"}
    submit("intake.identification", answers, by=cast.caseworker, entry_id=derived_id(sheet, "child 0"))
    return sheet


def a_packet(cast: Cast) -> str:
    file = a_case(cast)
    submit("referral.done", by=cast.caseworker, file=file)
    asked = next(one for one in entries_of(file) if one.form.code == "referral.done")
    return f"/files/{file}/services/{asked.id}"


# Each paper: its address, the row it leaves, and whether whoever printed it stands on it.
PAPERS: dict[str, tuple[Callable[[Cast], str], bool]] = {
    "plan.printed": (lambda cast: f"/files/{a_plan(cast)}/plan/print", True),
    "plan.copy_printed": (lambda cast: f"/files/{a_plan(cast)}/plan/copy/paper", False),
    "run_sheet.printed": (lambda cast: "/day-plan/run-sheet", True),
    "slips.printed": (lambda cast: f"/intake/group/{a_sheet_of_slips(cast)}", False),
    "services.printed": (lambda cast: f"/services/list?{a_service(cast)}", False),
    "packet.printed": (a_packet, True),
}


@pytest.mark.covers("R87", "R124")
@pytest.mark.parametrize("verb", PAPERS)
def test_a_paper_has_a_reference_that_leads_to_its_row(cast: Cast, browse: Browse, verb: str) -> None:
    prepare, named = PAPERS[verb]
    address, client = prepare(cast), browse(cast.caseworker)
    body = client.get(address).content.decode()
    (reference,) = REFERENCE.findall(body)
    row = AuditRow.objects.get(act=verb)
    assert (row.by, row.detail["reference"]) == (cast.caseworker.id, reference)
    foot = body[body.rindex('<p class="small soft">') :].partition("</p>")[0]
    assert ("Printed by <bdi>Caseworker</bdi>" in foot) == named
    assert "Tomas" not in foot and not any(
        code in foot for code in Case.objects.values_list("code", flat=True)
    )
    (other,) = REFERENCE.findall(client.get(address).content.decode())
    assert other != reference and read_case_code(reference) is None


@pytest.mark.covers("R124")
@pytest.mark.parametrize("verb", PAPERS)
def test_the_title_of_a_paper_says_nothing_of_a_child(cast: Cast, browse: Browse, verb: str) -> None:
    body = browse(cast.caseworker).get(PAPERS[verb][0](cast)).content.decode()
    (title,) = re.findall(r"<title>(.*?)</title>", body, re.DOTALL)
    codes = Case.objects.values_list("code", flat=True)
    assert title and not any(one in title for one in ("Tomas", "Boy", "risk", *codes))
