from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.test import Client

from tests.web.conftest import browse, cast, static_files_by_their_own_names

__all__ = ["browse", "cast", "static_files_by_their_own_names"]

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.cast import Cast
    from tutela.access.models import User

Browse = Callable[["User"], Client]

SUSPECTED = "Qorvath, a driver of Lantern"  # in no other word of any page


@dataclass(frozen=True)
class Told:
    """Who sees to safeguarding in the caseworker's agency, and who might come across what they are told."""

    focal_point: User
    second: User
    manager: User
    data_protection: User
    elsewhere: User


@pytest.fixture
def told(cast: Cast) -> Told:
    from tests.cast import person
    from tutela.access.models import Agency, Role

    here, other = Agency.objects.get(name="Lantern"), Agency.objects.get(name="Open Door")
    point = Role.SAFEGUARDING_FOCAL_POINT
    return Told(
        focal_point=person("focal_point", here, role=point),
        second=person("second_focal_point", here, role=point),
        manager=person("manager", here, role=Role.MANAGER),
        data_protection=person("keeper_of_data", here, role=Role.DATA_PROTECTION_FOCAL_POINT),
        elsewhere=person("focal_point_elsewhere", other, role=point),
    )


def wished(cast: Cast, file: UUID, **answers: Any) -> UUID:
    """Somebody of an aid organisation is suspected, and the survivor wishes that the focal point is told; the entry."""
    from tests.cast import submit

    written = {
        "name": "A driver", "relationship": "other", "safety_mark": ["suspected_of_harm"], "suspected_kind": "un_ngo_staff",
        "safeguarding_wish": "wishes",
    }  # fmt: skip
    return submit("cases.person", written | answers, by=cast.caseworker, file=file).entry_id


def report(browser: Client, file: UUID | None = None, **answers: Any) -> Any:
    """Tell the focal point, as the page does."""
    from tutela.foundation.ids import new_id

    posted = {
        "entry_id": str(new_id()), "to": ["focal_point"], "wish": "named", "whom": SUSPECTED,
        "what": "He waited for her behind the store",
    } | answers  # fmt: skip
    return browser.post(f"/files/{file}/safeguarding" if file else "/safeguarding/new", posted)


def page_of(browser: Client, address: str) -> str:
    """The words of a page, or of the one it leads to."""
    answer = browser.get(address, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return " ".join(answer.content.decode().split())
