"""Locking and unlocking at the machine: what was done stands in the log, and no lock waits for the log."""

from tests.custody.house import House
from tests.keeper.process import running_keeper

ROWS = (
    "from tutela.audit.models import AuditRow\n"
    "for row in AuditRow.objects.filter(act__startswith='custody.').order_by('id'):\n"
    "    print(row.act, row.by, row.detail)"
)


def test_locking_and_unlocking_at_the_machine_leave_a_row_each(house: House) -> None:
    with running_keeper(house.var) as keeper:
        assert "Locked." in house.tutela("lock") and keeper.status()["state"] == "locked"
        assert "Unlocked." in house.tutela("unlock") and keeper.status()["state"] == "open"
    assert house.python(ROWS).splitlines() == [
        "custody.locked None {'way': 'command'}",
        "custody.unlocked None {'way': 'command'}",
    ]


def test_a_lock_does_not_wait_for_a_log_that_does_not_answer(house: House) -> None:
    away = {"TUTELA_DATABASE_URL": "postgresql://tutela@%2Fnowhere/main"}
    with running_keeper(house.var) as keeper:
        said = House(house.var, {**house.environment, **away}).tutela("lock")
        assert keeper.status()["state"] == "locked"
    assert said.index("Locked.") < said.index("The log could not be written")
