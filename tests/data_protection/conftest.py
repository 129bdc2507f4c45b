from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.web.conftest import browse, cast, static_files_by_their_own_names

__all__ = ["browse", "cast", "static_files_by_their_own_names"]

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.cast import Cast
    from tutela.access.models import User

Browse = Callable[["User"], Client]


@dataclass(frozen=True)
class Keepers:
    """Who sees to data protection in the caseworker's agency; `elsewhere` does in another one."""

    focal_point: User
    second: User
    manager: User
    elsewhere: User


@pytest.fixture
def keepers(cast: Cast) -> Keepers:
    from tests.cast import person
    from tutela.access.models import Agency, Role

    here, other = Agency.objects.get(name="Lantern"), Agency.objects.get(name="Open Door")
    point = Role.DATA_PROTECTION_FOCAL_POINT
    return Keepers(
        focal_point=person("focal_point", here, role=point),
        second=person("second_focal_point", here, role=point),
        manager=person("manager", here, role=Role.MANAGER),
        elsewhere=person("focal_point_elsewhere", other, role=point),
    )
