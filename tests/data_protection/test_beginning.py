"""The data-protection focal point begins at one page, which leads to every register and says what waits (R88, R90, R92)."""

from datetime import timedelta

import pytest

from tests.cast import Cast, a_case, a_closed_case, an_emergency, today
from tests.data_protection.conftest import Browse, Keepers
from tests.data_protection.test_incidents import report
from tests.data_protection.test_requests import note
from tutela.cases.models import CaseFile
from tutela.data_protection.actions import propose_destruction, take_step
from tutela.data_protection.models import Incident
from tutela.data_protection.queries import waits_of
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id
from tutela.published.queries import pack_in_force

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R88", "R90", "R92")]

REGISTERS = ("/registers/requests", "/registers/incidents", "/registers/keeping", "/who-looked", "/exports")


def test_the_page_leads_to_every_register_and_they_lead_back(
    cast: Cast, keepers: Keepers, browse: Browse
) -> None:
    theirs = browse(keepers.focal_point)
    page = theirs.get("/", follow=True).content.decode()
    for place in REGISTERS:
        assert f'href="{place}"' in page
        assert theirs.get(place).status_code == 200
    for place in REGISTERS[:3]:
        assert 'href="/data-protection"' in theirs.get(place).content.decode().partition("</header>")[2]


def test_it_says_that_nothing_waits(cast: Cast, keepers: Keepers, browse: Browse) -> None:
    page = browse(keepers.focal_point).get("/data-protection").content.decode()
    for words in (
        "Nothing is to be answered",
        "No incident is open",
        "No file’s time is over",
        "Nothing is to be reviewed",
    ):
        assert words in page
    assert "The first is due" not in page and "Tell whom it concerns" not in page


def test_it_counts_what_waits_and_says_until_when(cast: Cast, keepers: Keepers, browse: Browse) -> None:
    file, closed = a_case(cast), a_closed_case(cast)
    note(browse(cast.caseworker), file)
    for _ in range(2):
        report(browse(cast.caseworker))
    propose_destruction(
        "time_over", new_id(), file=CaseFile.objects.get(id=closed), by=keepers.second, at=now()
    )
    an_emergency(cast, file, at=now())
    page = browse(keepers.focal_point).get("/data-protection").content.decode()
    for words in (
        "1 to answer",
        "The first is due",
        "2 still open",
        "Tell whom it concerns",
        "1 for a second person to agree to",
    ):
        assert words in page
    assert "1 to review, see below" in page and "Tomas" not in page


def test_whom_it_concerns_is_told_once_and_the_incident_stays_open_until_it_is_closed(
    cast: Cast, keepers: Keepers, browse: Browse
) -> None:
    report(browse(cast.caseworker))
    one = Incident.objects.get()
    pack = pack_in_force(one.agency_id, today())

    def waiting() -> tuple[int, int]:
        waits = waits_of(one.agency_id, pack=pack, day=today())
        return waits.incidents, waits.to_tell

    def done(kind: str) -> None:
        take_step(
            {"what": "In person"}, new_id(), incident_id=one.id, kind=kind, agency_id=one.agency_id, files=[],
            by=keepers.focal_point, at=now(),
        )  # fmt: skip

    assert waiting() == (1, 1)
    done("contained")
    assert waiting() == (1, 1)
    done("people_told")
    assert waiting() == (1, 0)
    done("closed")
    assert waiting() == (0, 0)


def test_a_file_whose_time_is_over_waits_until_somebody_asks_to_end_it(cast: Cast, keepers: Keepers) -> None:
    file = CaseFile.objects.get(id=a_closed_case(cast))
    pack = pack_in_force(file.agency_id, today())
    later = today() + timedelta(days=8000)
    assert waits_of(file.agency_id, pack=pack, day=today()).over == 0
    assert waits_of(file.agency_id, pack=pack, day=later).over == 1
    propose_destruction("time_over", new_id(), file=file, by=keepers.focal_point, at=now())
    waits = waits_of(file.agency_id, pack=pack, day=later)
    assert (waits.over, waits.proposed) == (0, 1)


def test_what_waits_elsewhere_is_not_counted(cast: Cast, keepers: Keepers, browse: Browse) -> None:
    note(browse(cast.caseworker), a_case(cast))
    report(browse(cast.caseworker))
    page = browse(keepers.elsewhere).get("/data-protection").content.decode()
    assert "Nothing is to be answered" in page and "No incident is open" in page
