from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # conftest is read before Django is ready
    from tests.cast import Cast


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """Everybody. Where a test commits what it writes, the log is emptied afterwards, which Django cannot do."""
    from django.db import connection

    from tests.audit.unlocked import empty_log
    from tests.cast import gather
    from tutela.vault import opened_keys

    opened_keys.forget_all()  # stories have the same ids in every test, and other keys
    yield gather()
    if not connection.in_atomic_block:
        empty_log()
