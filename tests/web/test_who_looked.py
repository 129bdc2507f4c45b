"""Who looked at a file: everything for its supervisor, the team for whoever works on it, nothing of safeguarding (R121)."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast, a_case, an_emergency, join, later, person, stand_in, today
from tutela import commands
from tutela.access.models import Membership, Role, User
from tutela.audit.actions import record
from tutela.audit.models import AuditRow, Stream
from tutela.foundation.clock import now
from tutela.foundation.refusals import NotFound
from tutela.supervision.models import Digest
from tutela.web.acts import ACTS

pytestmark = pytest.mark.django_db

Browse = Callable[[User], Client]
TUTELA = Path(__file__).parents[2] / "tutela"


def log_of(client: Client, file: UUID) -> str:
    answer = client.get(f"/files/{file}/access/log")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("form", ["confidential", "closing"])
def test_whoever_opens_a_form_about_access_is_not_said_to_have_opened_the_file(
    cast: Cast, browse: Browse, form: str
) -> None:
    file = a_case(cast)
    assert browse(cast.caseworker).get(f"/files/{file}/access/{form}").status_code == 200
    row = AuditRow.objects.latest("id")
    assert (row.by, row.file_id) == (cast.caseworker.id, file)
    assert str(ACTS[row.act]) == "Opened a form about who can read the file"


def test_the_supervisor_reads_who_did_what(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    browse(cast.caseworker).get(f"/files/{file}/plan/print")
    browse(cast.colleague).get(f"/files/{file}/")
    page = log_of(browse(cast.supervisor), file)
    for told in (
        "Printed the plan",
        "Wrote: Initial assessment",
        "Was denied. What was tried: Read the story",
    ):
        assert told in page
    assert "Colleague" in page and "Looked at who opened the file" in page


def test_whoever_works_on_it_sees_the_team_and_no_more(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    agency = Membership.objects.get(user=cast.caseworker).agency
    focal = person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    for who, at in ((cast.supervisor, now()), (cast.both, now()), (focal, now())):
        record(act="file.read", by=who.id, at=at, file_id=file)
    record(act="file.read", by=cast.colleague.id, at=later(-40), file_id=file)
    browse(cast.supervisor).get(f"/files/{file}/access/log")
    page = log_of(browse(cast.caseworker), file).partition("Who looked at this file")[2]
    assert "Supervisor" in page and "Both" in page
    for hidden in ("Focal point", ">Colleague<", "Looked at who", "Printed", "Wrote"):
        assert hidden not in page


def test_an_emergency_is_nothing_that_the_team_list_tells(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    an_emergency(cast, file, by=cast.other_supervisor, at=now())
    browse(cast.other_supervisor).get(f"/files/{file}/")
    assert "Other supervisor" not in log_of(browse(cast.caseworker), file)
    assert "Opened the file in an emergency" in log_of(browse(cast.supervisor), file)


def test_nobody_else_opens_the_log(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    for who in (cast.colleague, cast.other_supervisor, cast.elsewhere, cast.administrator):
        assert browse(who).get(f"/files/{file}/access/log").status_code == 404
    stand_in(cast, since=later(-1).date(), until=today(), file=file)
    assert browse(cast.colleague).get(f"/files/{file}/access/log").status_code == 200


# --- The safeguarding stream ---------------------------------------------------------------------------------


def safeguarding_reads(cast: Cast, file: UUID) -> User:
    """A safeguarding focal point tried to read the file as such, and looked into a report."""
    agency = Membership.objects.get(user=cast.caseworker).agency
    who = person("guardian", agency, role=Role.SAFEGUARDING_FOCAL_POINT)
    with pytest.raises(NotFound):
        commands.read("file.read", file, by=who, at=now())
    record(act="safeguarding.read", by=who.id, at=now(), file_id=file)
    return who


def test_what_a_safeguarding_focal_point_does_is_in_a_stream_of_its_own(cast: Cast) -> None:
    file = a_case(cast)
    who = safeguarding_reads(cast, file)
    assert set(AuditRow.objects.filter(by=who.id).values_list("stream", flat=True)) == {Stream.SAFEGUARDING}
    assert set(AuditRow.objects.exclude(by=who.id).values_list("stream", flat=True)) == {Stream.ORDINARY}


def test_the_team_never_sees_it_and_the_focal_point_does(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    safeguarding_reads(cast, file)
    agency = Membership.objects.get(user=cast.caseworker).agency
    focal = person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    for who in (cast.caseworker, cast.supervisor, cast.both):
        assert "Guardian" not in log_of(browse(who), file)
    searched = browse(focal).post("/data-protection/log", {"day": today().isoformat()}).content.decode()
    assert searched.count("Guardian") > 1  # in the list of people, and in the log


def test_a_focal_point_of_the_same_team_does_not_see_it_either(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    who = safeguarding_reads(cast, file)
    agency = Membership.objects.get(user=cast.caseworker).agency
    join(cast.both, agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    page = browse(cast.both).post("/data-protection/log", {"person": who.id.hex}).content.decode()
    assert "Nothing is in the log for this" in page


# --- The overview --------------------------------------------------------------------------------------------


def a_digest(cast: Cast, files: list[UUID]) -> Digest:
    lines = [
        {"file": str(file), "by": str(cast.colleague.id), "times": 3, "last": now().isoformat(), "unusual": unusual}
        for file, unusual in zip(files, (["denied", "night"], []), strict=True)
    ]  # fmt: skip
    agency = Membership.objects.get(user=cast.caseworker).agency
    day = later(-9).date()
    return Digest.objects.create(agency=agency, since=day, until=later(-3).date(), made_at=now(), lines=lines)


def test_the_overview_shows_codes_and_what_is_unusual_first(cast: Cast, browse: Browse) -> None:
    files = [a_case(cast), a_case(cast)]
    digest = a_digest(cast, files)
    for address in ("/who-looked", f"/who-looked/{digest.id}"):
        page = browse(cast.supervisor).get(address).content.decode()
        assert "Was denied, At night" in page and "3 times" in page and "Tomas" not in page
        assert page.index("Unusual</caption>") < page.index("As usual</caption>")
    assert AuditRow.objects.filter(act="digest.read", by=cast.supervisor.id).count() == 2


def test_a_supervisor_sees_the_files_of_their_teams_and_a_focal_point_all(cast: Cast, browse: Browse) -> None:
    a_digest(cast, [a_case(cast), a_case(cast)])
    agency = Membership.objects.get(user=cast.caseworker).agency
    focal = person("focal_point", agency, role=Role.DATA_PROTECTION_FOCAL_POINT)
    assert "Nobody opened a file" in browse(cast.other_supervisor).get("/who-looked").content.decode()
    assert "3 times" in browse(focal).get("/who-looked").content.decode()
    other = Membership.objects.get(user=cast.elsewhere).agency
    apart = person("apart", other, role=Role.DATA_PROTECTION_FOCAL_POINT)
    assert "There is no overview yet" in browse(apart).get("/who-looked").content.decode()
    digest = Digest.objects.get().id
    assert browse(apart).get(f"/who-looked/{digest}").status_code == 404


# --- Words ---------------------------------------------------------------------------------------------------

SAY_WHAT_WAS_DONE = {
    "read_file", "read", "read_list", "act", "_act", "record", "_read", "looked", "in_register", "_on_file", "_asked", "_row",
    "_kept_apart", "_leaving", "_leave_row",
}  # fmt: skip


def verbs() -> Iterator[str]:
    """Every act that stands as a word where something is written into the log."""
    for path in sorted(TUTELA.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            yield from (
                one.value
                for said in _said(node)
                for one in ast.walk(said)
                if isinstance(one, ast.Constant)
                and isinstance(one.value, str)
                and re.fullmatch(r"[a-z_]+\.[a-z_]+", one.value)
            )


def _said(node: ast.AST) -> list[ast.expr]:
    """What a place in the code says was done."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "verb":
        return [node.value]
    if not isinstance(node, ast.Call):
        return []
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    words = [one for one in node.args if isinstance(one, ast.Constant)] if name in SAY_WHAT_WAS_DONE else []
    return words + [one.value for one in node.keywords if one.arg in ("act", "verb")]


def test_every_act_has_words_for_people() -> None:
    found = set(verbs())
    assert len(found) > 120
    assert sorted(found - set(ACTS)) == []
