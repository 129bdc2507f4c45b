"""Every address leaves a row in the log for whoever gets something there, or stands here with the reason why it need not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.access.test_reach import REACH, House, answer
from tests.cast import Cast, gather_around
from tutela.access.models import User
from tutela.audit.models import AuditRow

pytestmark = pytest.mark.django_db

# What needs none, and why.
NONE_NEEDED = {
    "GET accounts/inactive/": "says only that an account is shut",
    "GET accounts/login/": "an empty form; what is sent on it leaves a row",
    "GET accounts/logout/": "asks once more; leaving leaves a row",
    "GET accounts/password/change/": "an empty form; a change leaves a row",
    "GET accounts/reauthenticate/": "an empty form; what is sent on it leaves a row",
    "GET find": "an empty form; a search leaves a row",
    "GET forms/<str:code>": "an empty form of a child whom nobody has told of yet",
    "GET accounts/back/": "says that somebody is back; the sign-in left its row",
    "GET accounts/cancelled/": "says that nothing was done",
    "GET accounts/passkey/": "a question to one’s own key; what is answered leaves a row",
    "GET accounts/second-factor/": "one’s own factors, by kind",
    "GET accounts/second-factor/codes/": "an empty form; what is added leaves a row",
    "GET accounts/second-factor/keys/": "one’s own keys, by name",
    "GET accounts/second-factor/keys/add/": "an empty form; what is added leaves a row",
    "GET accounts/second-factor/keys/show-again/": "an empty form; what is sent on it leaves a row",
    "GET accounts/second-factor/recovery/new/": "an empty form; new codes leave a row",
    "GET accounts/second-factor/show-again/": "an empty form; what is sent on it leaves a row",
    "GET accounts/second-factor/show/": "an empty form; what is sent on it leaves a row",
    "GET accounts/sessions/": "one’s own sessions",
    "GET accounts/still-here/": "that somebody is still there",
    "GET duty-sheet": "an empty form; taking the sheet leaves a row for each child",
    "GET emergency": "an empty form; opening a file leaves a row",
    "POST emergency": "refused: what was typed comes back, and nothing was opened",
    "GET evacuate": "an empty form; asking leaves a row",
    "GET lock-the-house": "an empty form; locking leaves a row",
    "POST lock-the-house": "refused: nobody said why, and nothing was locked",
    "GET oversight/close": "an empty form",
    "GET oversight/open": "an empty form; opening a file leaves a row",
    "GET people/new": "an empty form",
    "POST people/new": "refused: what was typed comes back, and nobody was admitted",
    "POST registers/destructions/<uuid:destruction_id>/agree": "refused: the case is open, and nothing was destroyed",
    "GET team/deputies": "who stands in for whom: colleagues",
    "GET team/deputies/new": "an empty form",
    "GET unlock": "of the machine",
    "GET healthz": "of the machine",
    "GET intake/criteria": "of the procedure",
    "GET intake/group": "an empty form",
    "GET readyz": "of the machine",
    "GET styleguide": "invented children",
    "GET team/meeting/notes": "an empty form",
    "POST beside-me": "of one's own session, and it only covers",
    "POST intake/group": "refused: what was typed comes back, and nothing was kept",
}

GETS_SOMETHING = (200, 302, 422)


def somebody(line: dict[str, Any]) -> str | None:
    """Whoever gets something there; None where nobody does, such as an address that only takes what is posted."""
    people = [who for status in GETS_SOMETHING for who in line["gets"].get(status, []) if who != "stranger"]
    return people[0] if people else None


def test_every_address_leaves_a_row(cast: Cast, browse: Callable[[User | None], Client]) -> None:
    around = gather_around(cast)
    house = House(cast, around)
    clients = {who: browse(user) for who, user in (cast.everybody | around.everybody).items()}
    silent = set()
    for line in REACH:
        who = somebody(line)
        if who is None:
            continue
        before = AuditRow.objects.count()
        answer(clients[who], house, line)
        if AuditRow.objects.count() == before:
            silent.add(f"{line['asked']} {line['address']}")
    assert silent == set(NONE_NEEDED)
