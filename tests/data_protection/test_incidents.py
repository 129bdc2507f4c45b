"""Something leaked: anybody reports it, a clock runs, and the children whom it concerns are on a list (R92)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import HERE, Cast, a_case
from tests.data_protection.conftest import Browse, Keepers
from tutela.cases.models import Case
from tutela.data_protection.models import AffectedFile, Incident
from tutela.foundation.clock import now
from tutela.foundation.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.covers("R92")]

LOST = "A phone was left in the minibus"


def report(browser: Client, **answers: Any) -> Any:
    an_hour_ago = (now() - timedelta(hours=1)).astimezone(HERE).strftime("%Y-%m-%dT%H:%M")
    posted = {
        "entry_id": str(new_id()),
        "kind": "device_lost",
        "found_on": an_hour_ago,
        "what": LOST,
    } | answers
    return browser.post("/incidents/new", posted)


def code_of(file: UUID) -> str:
    return Case.objects.get(file_id=file).code


@pytest.mark.parametrize("who", ["caseworker", "supervisor", "information_officer", "administrator"])
def test_everybody_who_works_there_reports_one_and_the_clock_runs(
    cast: Cast, keepers: Keepers, browse: Browse, who: str
) -> None:
    assert report(browse(getattr(cast, who))).status_code == 302
    row = Incident.objects.get()
    assert row.tell_by - row.found_at == timedelta(hours=72)
    assert b"minibus" not in bytes(row.sealed)
    page = browse(keepers.focal_point).get("/registers/incidents").content.decode()
    assert "A phone or computer is lost or stolen" in page and "Tell whom it concerns" in page


def test_somebody_who_works_nowhere_reports_nothing(cast: Cast, browse: Browse) -> None:
    assert report(browse(cast.outsider)).status_code == 404


@pytest.mark.parametrize("who", ["caseworker", "supervisor", "both", "administrator"])
def test_only_the_focal_point_reads_them(cast: Cast, keepers: Keepers, browse: Browse, who: str) -> None:
    report(browse(cast.caseworker))
    incident = Incident.objects.get().id
    theirs = browse(getattr(cast, who))
    for address in ("", f"/{incident}", f"/{incident}/step"):
        assert theirs.get(f"/registers/incidents{address}").status_code == 403
    assert browse(keepers.elsewhere).get(f"/registers/incidents/{incident}").status_code == 404


def test_the_children_are_listed_by_their_codes_and_come_to_light_later_too(
    cast: Cast, keepers: Keepers, browse: Browse
) -> None:
    one, other = a_case(cast), a_case(cast)
    report(browse(cast.caseworker), codes=code_of(one).lower())
    incident = Incident.objects.get().id
    theirs = browse(keepers.focal_point)
    step = {
        "entry_id": str(new_id()),
        "kind": "contained",
        "what": "The phone was locked",
        "codes": code_of(other),
    }
    assert theirs.post(f"/registers/incidents/{incident}/step", step).status_code == 302
    page = theirs.get(f"/registers/incidents/{incident}").content.decode()
    assert code_of(one) in page and code_of(other) in page and "The phone was locked" in page
    assert "Tomas" not in page
    told = {"entry_id": str(new_id()), "kind": "people_told", "what": "Both families, in person"}
    assert "Tell whom it concerns" in page
    theirs.post(f"/registers/incidents/{incident}/step", told)
    assert "Tell whom it concerns" not in theirs.get(f"/registers/incidents/{incident}").content.decode()


def test_a_code_that_is_none_of_theirs_comes_back_with_its_line(cast: Cast, browse: Browse) -> None:
    codes = f"{code_of(a_case(cast))}\nXX-0000"
    page = report(browse(cast.caseworker), codes=codes)
    assert page.status_code == 422
    assert "Line 2 is no case code of your agency. Look at it again." in page.content.decode()
    assert not Incident.objects.exists() and not AffectedFile.objects.exists()


def test_what_is_still_to_come_was_not_found_yet(cast: Cast, browse: Browse) -> None:
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = report(browse(cast.caseworker), found_on=tomorrow)
    assert page.status_code == 422 and "Enter when it was found" in page.content.decode()
