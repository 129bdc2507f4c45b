"""Every address for everybody, against reach.yaml; and what lists show to whom."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.attachments.adding import added
from tests.cast import (
    SINCE,
    START,
    Around,
    Cast,
    a_case,
    a_file,
    a_service,
    an_emergency,
    closed_to_them,
    gather_around,
    join,
    later,
    opened_for,
    person,
    sent_on,
    stand_in,
    submit,
    to_type,
    today,
)
from tutela import commands
from tutela.access.deputies import put_in_deputy
from tutela.access.granting import name_for_confidential, name_reviewer
from tutela.access.models import Grant, Membership, Role, User
from tutela.access.queries import files_of_supervised_teams
from tutela.access.staffing import Post
from tutela.audit.models import AuditRow
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import files_of
from tutela.data_protection.actions import note_request, report_incident
from tutela.data_protection.models import Destruction
from tutela.data_protection.register import open_register
from tutela.exports.models import Export
from tutela.exports.queries import Chosen, Told
from tutela.foundation.clock import now
from tutela.foundation.ids import derived_id, new_id
from tutela.foundation.refusals import NotFound, Refused
from tutela.published.queries import form_in_force, pack_in_force
from tutela.safeguarding.actions import tell
from tutela.safeguarding.register import open_register as open_reports
from tutela.supervision.models import Digest, PossibleMatch
from tutela.web import second_factor

pytestmark = pytest.mark.django_db

Browse = Callable[[User | None], Client]

WORDS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "reach.yaml").read_text())
LIKE: list[dict[str, str]] = next(line["like"] for line in WORDS if "like" in line)
EVERYBODY = [*Cast.__dataclass_fields__, *Around.__dataclass_fields__, "stranger"]


def spelt_out(line: dict[str, Any]) -> dict[str, Any]:
    """A line with everybody whom it does not name, who get what the head of the list says."""
    named: dict[str, int | str] = {who: status for status, people in line["gets"].items() for who in people}

    def got(who: str) -> int | str:
        if who in named:
            return named[who]
        rules = (
            one for one in LIKE if one["who"] == who and line["address"].startswith(one.get("under", ""))
        )
        return got(next(rules)["as"])

    statuses = {who: got(who) for who in EVERYBODY}
    # Those named first, in their order: what is posted is done by the first of them, and then it is done.
    order = dict.fromkeys([*named, *EVERYBODY])
    return line | {
        "gets": {
            one: [who for who in order if statuses[who] == one]
            for one in dict.fromkeys(statuses[who] for who in order)
        }
    }


REACH = [spelt_out(line) for line in WORDS if "address" in line]


def routes() -> list[str]:
    return [str(one.pattern) for one in get_resolver().url_patterns if isinstance(one, URLPattern)]


def test_every_address_is_in_the_list_and_no_other() -> None:
    assert len(routes()) == len(get_resolver().url_patterns), "an include hides its addresses from this list"
    assert {line["address"] for line in REACH} == set(routes())


def test_every_line_says_what_everybody_gets() -> None:
    for line in REACH:
        named = Counter(who for people in line["gets"].values() for who in people)
        assert named == Counter(EVERYBODY), line["address"]


def test_nobody_is_named_twice_by_a_line() -> None:
    for line in WORDS:
        named = Counter(who for people in line.get("gets", {}).values() for who in people)
        assert set(named.values()) <= {1}, line["address"]


# Which form is sent there, and the question to which something is attached.
FORMS_AT = {
    "intake/group": ("intake.group", ""), "incidents/new": ("data_protection.incident", ""),
    "people/new": ("access.admission", ""), "people/<uuid:person_id>/role": ("access.role", ""),
    "people/<uuid:person_id>/roles/<uuid:role_id>/end": ("access.role_end", ""),
    "people/<uuid:person_id>/address": ("access.address", ""),
    "exports/new/<slug:purpose>": ("exports.request", ""), "attachments": ("follow_up.quick_note", "voice"),
    "files/<uuid:file_id>/attachments": ("cases.document", "pages"),
    "referred/<uuid:referral_id>/answer": ("referral.service_answer", ""),
    "referred/<uuid:referral_id>/outcome": ("referral.service_outcome", ""),
    "files/<uuid:file_id>/services/<uuid:referral_id>/recipient": ("referral.recipient", ""),
    "files/<uuid:file_id>/typing": ("access.typing", ""),
}  # fmt: skip


TAKES_AT_MOST = (
    7_200  # seconds for the whole matrix on a busy machine; everybody showed who they are before it began
)


class House:
    """One file of the caseworker's, and the addresses that lead to it."""

    def __init__(self, cast: Cast, around: Around) -> None:
        self.file = a_case(cast)
        other = submit("intake.identification", by=cast.both).file_id
        self.match = PossibleMatch.objects.create(file_id=self.file, other_id=other, found_at=START)
        submit("referral.done", by=cast.caseworker, file=self.file)
        self.service = a_service(cast)
        self.sheet = new_id()
        submit("intake.identification", by=cast.caseworker, entry_id=derived_id(self.sheet, "child 0"))
        self.entry = Entry.objects.filter(file_id=self.file).latest("revision")
        self.worker, self.cover = (
            cast.caseworker,
            stand_in(cast, since=later(1).date(), until=later(2).date()),
        )
        told = Told("Ministry", "Figures")
        asker, chosen = cast.information_officer, Chosen("all")
        self.export = commands.prepare_export(
            new_id(), "monthly_report", told=told, chosen=chosen, lock="passphrase", by=asker, at=START
        )
        Export.objects.filter(id=self.export.id).update(second_person=True, asked_at=START, number=1)
        self.attachment = self.photographed(cast)
        self.referral = sent_on(cast, self.file, at=now())
        self.typing = to_type(cast, self.file, by=around.data_entry, at=now())
        self.agency = CaseFile.objects.get(id=self.file).agency_id
        self.request, self.incident, self.destruction = new_id(), new_id(), new_id()
        self._fill_registers(cast)
        self.report = self.told(cast)
        self._open_and_close(cast, around)
        self.opening = an_emergency(cast, self.file)
        self.digest = Digest.objects.create(
            agency_id=self.agency, since=START.date(), until=START.date(), made_at=START
        )

    def _fill_registers(self, cast: Cast) -> None:
        file, by = CaseFile.objects.get(id=self.file), cast.caseworker
        pack = pack_in_force(self.agency, START.date())
        open_register(self.agency)
        asked = {"kind": ["access"], "asker": "child", "identity": "known"}
        note_request(asked, self.request, file=file, pack=pack, came_on=START.date(), by=by, at=START)
        report_incident(
            {"kind": "other", "what": "A paper lay open"}, self.incident, agency_id=self.agency, found_at=START, pack=pack,
            day=START.date(), files=[], by=by, at=START,
        )  # fmt: skip
        Destruction.objects.create(
            id=self.destruction, file=file, reason="time_over", proposed_by=by, proposed_at=START
        )

    def told(self, cast: Cast) -> UUID:
        """What the caseworker told one of the two safeguarding focal points, and not the other."""
        report, at = new_id(), now()
        open_reports(self.agency)
        tell(
            {"to": ["focal_point_with_report"], "wish": "named"}, report, agency_id=self.agency, file_id=self.file,
            pack=pack_in_force(self.agency, today()), by=cast.caseworker, day=today(), at=at,
        )  # fmt: skip
        return report

    def _open_and_close(self, cast: Cast, around: Around) -> None:
        """What holds today: a closing, two files opened for a reason, the confidential section, a deputy of tomorrow."""
        day = today()
        self.closing = closed_to_them(around, self.file, day=day)
        opened_for(around.manager_with_reason, self.file, purpose=Grant.Purpose.REASON, day=day)
        opened_for(around.focal_point_with_report, self.file, purpose=Grant.Purpose.SAFEGUARDING, day=day)
        self.grant = new_id()
        name_for_confidential(
            self.grant, self.file, to="supervisor", until=day, why="A decision", by=cast.caseworker, day=day,
            pack=pack_in_force(self.agency, day),
        )  # fmt: skip
        name_reviewer(
            new_id(), self.file, to="reviewer_named", until=day, why="What is best", by=cast.supervisor, day=day,
            pack=pack_in_force(self.agency, day),
        )  # fmt: skip
        self.newcomer, self.asked = (
            person("newcomer", CaseFile.objects.get(id=self.file).agency, role="volunteer"),
            new_id(),
        )
        post = Post(role="manager", team=None, since=day)
        commands.give_role(self.asked, self.newcomer.id, post, by=cast.administrator, at=now())
        self.deputy = new_id()
        place = Membership.objects.get(user=cast.supervisor).id
        tomorrow = day + timedelta(1)
        put_in_deputy(
            self.deputy, place=place, deputy="colleague", since=tomorrow, until=tomorrow, by=cast.supervisor, day=day
        )  # fmt: skip

    def photographed(self, cast: Cast) -> str:
        """A photo of a paper on the file."""
        photo = added(self.file, by=cast.caseworker)
        submit("cases.document", {"pages": [photo]}, by=cast.caseworker, file=self.file)
        return photo

    def address(self, route: str) -> str:
        code = "follow_up.contact" if route.startswith("files") else "intake.identification"
        for place, value in (
            ("<uuid:file_id>", self.file), ("<uuid:entry_id>", self.entry.id), ("<str:code>", code),
            ("<int:match_id>", self.match.pk), ("<uuid:service_id>", self.service), ("<uuid:sheet_id>", self.sheet),
            ("<uuid:user_id>", self.worker.id), ("<uuid:cover_id>", self.cover.id), ("<uuid:request_id>", self.request),
            ("<uuid:incident_id>", self.incident), ("<uuid:destruction_id>", self.destruction),
            ("<uuid:closing_id>", self.closing), ("<uuid:grant_id>", self.grant), ("<uuid:membership_id>", self.deputy),
            ("<uuid:opening_id>", self.opening), ("<uuid:report_id>", self.report), ("<uuid:digest_id>", self.digest.id),
            ("<int:pk>", 1), ("<str:provider_id>", "oidc"),
            ("<uuid:evacuation_id>", new_id()),
            ("<slug:purpose>", "monthly_report"), ("<uuid:export_id>", self.export.id),
            ("<uuid:attachment_id>", self.attachment), ("<uuid:person_id>", self.newcomer.id), ("<uuid:asked_id>", self.asked),
            ("<uuid:role_id>", Membership.objects.filter(user=self.newcomer)[0].id), ("<uuid:referral_id>", self.referral),
            ("<uuid:typing_id>", self.typing),
        ):  # fmt: skip
            route = route.replace(place, str(value))
        return f"/{route}"

    def posted(self, route: str) -> dict[str, str]:
        on_file = route.startswith("files")
        code, question = FORMS_AT.get(route) or (
            "follow_up.contact" if on_file else "intake.identification",
            "",
        )
        version = form_in_force(code, agency_id=self.agency, day=now().date()).version
        return {
            "q": "Tomas", "verdict": "another_child", "entry_id": str(new_id()), "version": version, "base": "3",
            "happened_at": "2026-03-02T09:00", "happened_precision": "exact", "form": code, "question": question,
            "attachment_id": str(new_id()), "size": "9", "offset": "0", "digest": "",
            **({"agreed": "yes"} if route.startswith("people/roles") else {}),
        }  # fmt: skip


def answer(client: Client, house: House, line: dict[str, Any]) -> int | str:
    address = house.address(line["address"])
    posted = line["asked"] == "POST"
    response = client.post(address, house.posted(line["address"])) if posted else client.get(address)
    assert b"<title>Page " not in response.getvalue(), f"/{line['address']} does not say which page it is"
    location = response.headers.get("Location", "")
    return "sign in" if location.startswith("/accounts/login/") else response.status_code


def test_everybody_gets_what_the_list_says(
    cast: Cast, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell of the matrix: each line, each person; and not one that differs."""
    monkeypatch.setattr(second_factor, "FRESH", TAKES_AT_MOST)
    around = gather_around(cast)
    house, everybody = House(cast, around), cast.everybody | around.everybody
    clients = {who: browse(user) for who, user in everybody.items()} | {"stranger": browse(None)}
    asked, wrong = 0, []
    for line in REACH:
        for status, people in line["gets"].items():
            for who in people:
                asked += 1
                if (got := answer(clients[who], house, line)) != status:
                    wrong.append(f"{who} gets {got} and not {status} from {line['asked']} /{line['address']}")
    assert not wrong, "\n".join(wrong)
    assert asked == len(REACH) * len(EVERYBODY)


# What nobody in this house gets, since what it takes is not there; tests of its own show who gets it then.
NOBODY_IN_THIS_HOUSE = {
    "accounts/<str:provider_id>/login/": "no other house signs people in",
    "accounts/<str:provider_id>/login/callback/": "no other house signs people in",
    "accounts/lock/": "answers with nothing",
    "accounts/second-factor/codes/remove/": "nobody has one-time codes",
    "accounts/second-factor/keys/<int:pk>/name/": "nobody has a key",
    "accounts/second-factor/keys/<int:pk>/remove/": "nobody has a key",
    "accounts/second-factor/recovery/": "nobody has recovery codes",
    "attachments": "the piece that is sent is no piece",
    "files/<uuid:file_id>/attachments": "the piece that is sent is no piece",
    "evacuate/<uuid:evacuation_id>": "nobody asked for an evacuation",
    "exports/<uuid:export_id>/answer": "the export waits for nobody",
    "exports/<uuid:export_id>/download": "the export is not made yet",
    "exports/<uuid:export_id>/passphrase": "the export is not made yet",
    "files/<uuid:file_id>/emergency/end": "the emergency is over",
    "files/<uuid:file_id>/entries/<uuid:entry_id>/right": "nobody typed this entry",
    "files/<uuid:file_id>/hand-over": "nobody is asked to take it over",
    "files/<uuid:file_id>/requests/<uuid:request_id>/copy/agree": "nothing was screened",
    "files/<uuid:file_id>/requests/<uuid:request_id>/copy/paper": "nothing was screened",
    "files/<uuid:file_id>/requests/<uuid:request_id>/copy/closed": "nothing was screened",
    "registers/keeping/<uuid:file_id>/hold/end": "nothing holds the file",
}


def test_every_address_is_open_to_somebody_and_shut_to_somebody_near() -> None:
    """Of every address of a file: the nearest who may and the nearest who may not, both among those asked."""
    for line in REACH:
        if line["address"].startswith("files/"):
            got = {who: status for status, people in line["gets"].items() for who in people}
            assert (
                got["closed_out"]
                == got["barred"]
                == got["manager"]
                == got["focal_point"]
                == got["coach"]
                == 404
            )
            assert got["colleague"] == 404
    opened = {line["address"] for line in REACH if {200, 302, 422} & set(line["gets"])}
    assert {line["address"] for line in REACH} - opened == set(NOBODY_IN_THIS_HOUSE)


def test_a_file_that_is_not_there_looks_like_one_that_is_not_yours(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    client = browse(cast.colleague)
    for page in ("", "people", "plan", "consent", "forms/follow_up.contact"):
        one, other = (client.get(f"/files/{which}/{page}") for which in (file, new_id()))
        assert one.status_code == other.status_code == 404
        assert one.content == other.content


def test_an_entry_is_found_on_its_own_file_only(cast: Cast, browse: Browse) -> None:
    file, other = a_file(cast), submit("intake.identification", by=cast.colleague).file_id
    entry = Entry.objects.get(file_id=other)
    assert browse(cast.caseworker).get(f"/files/{file}/entries/{entry.id}").status_code == 404


def test_every_denied_page_leaves_a_row(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    entry = Entry.objects.filter(file_id=file).latest("revision").id
    pages = ("", "people", "plan", "consent", f"entries/{entry}", "forms/follow_up.contact")
    for who in (cast.colleague, cast.elsewhere, cast.outsider):
        client = browse(who)
        before = AuditRow.objects.count()
        for page in pages:
            assert client.get(f"/files/{file}/{page}").status_code == 404
        rows = AuditRow.objects.order_by("id")[before:]
        assert [(row.by, row.file_id, row.allowed) for row in rows] == [(who.id, file, False)] * len(pages)


def test_a_denied_verdict_leaves_a_row(cast: Cast, browse: Browse) -> None:
    match = House(cast, gather_around(cast)).match
    for who in (cast.colleague, cast.other_supervisor, cast.outsider):
        assert browse(who).post(f"/team/matches/{match.pk}", {"verdict": "another_child"}).status_code == 404
        row = AuditRow.objects.latest("id")
        assert (row.act, row.by, row.allowed) == ("match.judged", who.id, False)


def test_no_page_that_is_denied_says_anything_of_the_file(cast: Cast, browse: Browse) -> None:
    file = a_case(cast)
    for who in (cast.colleague, cast.elsewhere, cast.information_officer, cast.outsider):
        for page in ("", "people", "forms/follow_up.contact"):
            body = browse(who).get(f"/files/{file}/{page}").content.decode()
            assert "Tomas" not in body and str(file) not in body


# --- Lists ---------------------------------------------------------------------------------------------------


def reach_of(user: User) -> set[UUID]:
    return set(files_of(user, day=START.date()).values_list("id", flat=True))


def readable(user: User, files: list[UUID]) -> set[UUID]:
    """Those that `user` gets when asking for each."""
    found = set()
    for file in files:
        try:
            commands.read("file.read", file, by=user, at=START)
        except Refused:
            continue
        found.add(file)
    return found


@pytest.fixture
def files(cast: Cast) -> list[UUID]:
    """One file of each caseworker."""
    workers = (cast.caseworker, cast.colleague, cast.both, cast.elsewhere)
    return [submit("intake.identification", by=worker).file_id for worker in workers]


def test_lists_show_what_can_be_read_and_nothing_else(cast: Cast, files: list[UUID]) -> None:
    for user in cast.everybody.values():
        assert reach_of(user) == readable(user, files), user.username
    mine, colleagues, boths, elsewheres = files
    assert reach_of(cast.caseworker) == {mine}
    assert reach_of(cast.supervisor) == reach_of(cast.both) == {mine, colleagues, boths}
    assert reach_of(cast.elsewhere) == {elsewheres}
    for nobody in (cast.other_supervisor, cast.information_officer, cast.administrator, cast.outsider):
        assert reach_of(nobody) == set()


def leave(user: User, *, role: str = "") -> None:
    """The memberships of `user` ended the day before."""
    mine = Membership.objects.filter(user=user)
    (mine.filter(role=role) if role else mine).update(since=SINCE, until=START.date() - timedelta(days=1))


def see_nothing(user: User, files: list[UUID]) -> None:
    assert reach_of(user) == readable(user, files) == set()
    assert files_of_supervised_teams(user, START.date()) == []
    for file in files:
        with pytest.raises(NotFound):
            submit("follow_up.contact", by=user, file=file)


def test_whoever_left_sees_nothing_any_more(cast: Cast, files: list[UUID]) -> None:
    for user in (cast.caseworker, cast.supervisor):
        leave(user)
        see_nothing(user, files)


def test_whoever_left_for_another_agency_takes_no_child_along(cast: Cast, files: list[UUID]) -> None:
    town = Membership.objects.get(user=cast.elsewhere).agency
    leave(cast.caseworker)
    join(cast.caseworker, town, role=Role.CASEWORKER, team="Town")
    see_nothing(cast.caseworker, files)


def test_a_role_in_one_agency_is_no_role_in_another(cast: Cast, files: list[UUID]) -> None:
    """A caseworker elsewhere who is an information officer here reads no file here, not even their own of once."""
    agency = Membership.objects.filter(user=cast.caseworker).get().agency
    town = Membership.objects.get(user=cast.elsewhere).agency
    leave(cast.caseworker)
    join(cast.caseworker, agency, role=Role.INFORMATION_OFFICER)
    join(cast.caseworker, town, role=Role.CASEWORKER, team="Town")
    see_nothing(cast.caseworker, files)


def test_a_disabled_account_sees_nothing(cast: Cast, files: list[UUID]) -> None:
    for user in (cast.caseworker, cast.supervisor):
        User.objects.filter(id=user.id).update(is_active=False)
        user.refresh_from_db()
        see_nothing(user, files)


def test_a_superuser_is_nobody_in_particular(cast: Cast, files: list[UUID]) -> None:
    User.objects.filter(id=cast.outsider.id).update(is_superuser=True, is_staff=True)
    cast.outsider.refresh_from_db()
    see_nothing(cast.outsider, files)


def test_a_search_finds_within_reach_only(cast: Cast) -> None:
    mine = a_case(cast)
    others = [submit("intake.identification", by=who).file_id for who in (cast.colleague, cast.elsewhere)]
    assert len(others) == 2
    assert commands.find("Tomas", by=cast.caseworker, at=START) == [mine]
    code = CaseFile.objects.get(id=mine).case.code
    assert commands.find(code, by=cast.caseworker, at=START) == [mine]
    assert commands.find(code, by=cast.elsewhere, at=START) == []
    assert commands.find(code, by=cast.colleague, at=START) == []
    assert commands.find("Tomas", by=cast.other_supervisor, at=START) == []


def test_the_confidential_part_is_closed_to_the_supervisor(cast: Cast, browse: Browse) -> None:
    file = a_file(cast)
    submit("assessment.comprehensive", {"suspected": "Zwjeruba, the uncle"}, by=cast.caseworker, file=file)
    entry = Entry.objects.filter(file_id=file).latest("revision").id
    page = f"/files/{file}/entries/{entry}"
    assert "Zwjeruba" in browse(cast.caseworker).get(page).content.decode()
    for address in (page, f"/files/{file}/", "/team", f"/files/{file}/people"):
        body = browse(cast.supervisor).get(address)
        assert body.status_code == 200 and "Zwjeruba" not in body.content.decode()
