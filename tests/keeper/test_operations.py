import pytest

from tutela.keeper.client import KeeperClient
from tutela.keeper.envelope import Key
from tutela.keeper.errors import KeeperError, KeeperLocked, KeeperRefused, Tampered
from tutela.keeper.keys import RootKeyDriver, RootKeys
from tutela.keeper.messages import Wrapped
from tutela.keeper.operations import Keeper

AGENCY = "agency one"


def an_agency(client: KeeperClient) -> Wrapped:
    return Wrapped(client.new_agency_key(AGENCY), AGENCY)


def test_a_new_file_key_unwraps_to_a_key_that_opens_and_closes(client: KeeperClient) -> None:
    agency = an_agency(client)
    contexts = ["file a identity", "file a case"]
    wrapped = client.new_file_keys(agency, contexts)
    items = [(agency, Wrapped(key, context)) for key, context in zip(wrapped, contexts, strict=True)]
    identity, case = client.unwrap(items)
    assert identity is not None and case is not None
    assert len(identity) == len(case) == 32 and identity != case
    assert client.unwrap(items) == [identity, case]


def test_the_same_key_is_found_again_after_unlocking(client: KeeperClient) -> None:
    agency = an_agency(client)
    items = [(agency, Wrapped(client.new_file_keys(agency, ["file a case"])[0], "file a case"))]
    before = client.unwrap(items)
    client.lock()
    client.unlock()
    assert client.unwrap(items) == before


def test_a_users_key_is_wrapped_without_an_agency(client: KeeperClient) -> None:
    wrapped = Wrapped(client.new_user_key("user u"), "user u")
    (key,) = client.unwrap([(None, wrapped)])
    assert key is not None and len(key) == 32


def test_an_agency_key_never_leaves_the_keeper(client: KeeperClient) -> None:
    agency = an_agency(client)
    assert client.unwrap([(None, agency), (agency, agency)]) == [None, None]


def test_any_changed_byte_of_a_wrapped_key_is_refused(client: KeeperClient) -> None:
    agency = an_agency(client)
    (wrapped,) = client.new_file_keys(agency, ["file a case"])
    changed_files = [(agency, Wrapped(changed, "file a case")) for changed in every_change(wrapped)]
    changed_agencies = [
        (Wrapped(changed, AGENCY), Wrapped(wrapped, "file a case")) for changed in every_change(agency.key)
    ]
    assert set(client.unwrap(changed_files)) == {None}
    assert set(client.unwrap(changed_agencies)) == {None}
    for changed in every_change(agency.key):
        with pytest.raises(Tampered):
            client.new_file_keys(Wrapped(changed, AGENCY), ["file a case"])


def test_a_wrapped_key_in_another_place_is_refused_and_the_others_open(client: KeeperClient) -> None:
    agency, other = an_agency(client), Wrapped(client.new_agency_key("agency two"), "agency two")
    one, two = client.new_file_keys(agency, ["file a case", "file b case"])
    found = client.unwrap(
        [
            (agency, Wrapped(two, "file a case")),  # another file's
            (agency, Wrapped(one, "file a identity")),  # of another class
            (other, Wrapped(one, "file a case")),  # under another agency's
            (
                Wrapped(agency.key, "agency two"),
                Wrapped(one, "file a case"),
            ),  # an agency key that changed hands
            (agency, Wrapped(one, "file a case")),
        ]
    )
    assert found[:4] == [None] * 4
    assert found[4] is not None


def test_a_mac_depends_on_purpose_data_and_root_key(client: KeeperClient) -> None:
    mac = client.mac("audit", b"batch 1")
    assert len(mac) == 32
    assert client.mac("audit", b"batch 1") == mac
    assert len({mac, client.mac("audit", b"batch 2"), client.mac("other", b"batch 1")}) == 3


def test_lock_makes_it_forget_and_changes_the_epoch(client: KeeperClient) -> None:
    agency = an_agency(client)
    (wrapped,) = client.new_file_keys(agency, ["file a case"])
    client.put_names([("0" * 32, 1, ["Amina Noor"])])
    epoch = client.status()["epoch"]

    locked = client.lock()
    assert locked["state"] == "locked" and locked["epoch"] != epoch
    assert client.epoch == locked["epoch"]
    for ask in (
        lambda: client.new_agency_key(AGENCY),
        lambda: client.new_user_key("user u"),
        lambda: client.new_file_keys(agency, ["file b case"]),
        lambda: client.unwrap([(agency, Wrapped(wrapped, "file a case"))]),
        lambda: client.mac("audit", b""),
        lambda: client.search_names("Amina", [], limit=5),
        lambda: client.put_names([("0" * 32, 1, ["Amina"])]),
        lambda: client.forget_names([]),
    ):
        with pytest.raises(KeeperLocked):
            ask()
    assert client.status() == locked
    assert client.lock()["state"] == "locked"  # twice does no harm

    unlocked = client.unlock()
    assert unlocked["state"] == "open" and unlocked["epoch"] not in (epoch, locked["epoch"])
    assert client.unlock() == unlocked
    assert client.search_names("Amina", [("0" * 32, 1)], limit=5).missing == ["0" * 32]


def test_it_says_which_driver_it_has(client: KeeperClient) -> None:
    status = client.status()
    assert (status["state"], status["driver"]) == ("open", "file")


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        "status",
        {},
        {"do": "status"},
        {"do": "format", "with": {}},
        {"do": "_unwrap", "with": {}},
        {"do": ["status"], "with": {}},
        {"do": "status", "with": {"more": 1}},
        {"do": "mac", "with": {"purpose": "audit", "data": "Amina"}},
        {"do": "unwrap", "with": {"items": [["Amina"]]}},
        {"do": "unwrap", "with": {"items": [[None, "Amina"]]}},
        {"do": "names.put", "with": {"people": [["Amina", 1, ["Amina"]]]}},
        {"do": "names.put", "with": {"people": [["0" * 32, "Amina", ["Amina"]]]}},
        {"do": "names.search", "with": {"query": 3, "candidates": [], "limit": 5}},
    ],
)
def test_a_question_without_sense_is_refused_and_never_repeated(
    request_: object, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(_Known())
    keeper.unlock()
    with caplog.at_level("DEBUG"):
        assert keeper.answer(request_)["error"] == "refused"
    assert "Amina" not in caplog.text


def test_a_client_is_told_that_its_question_had_no_sense(client: KeeperClient) -> None:
    with pytest.raises(KeeperRefused):
        client.put_names([("not an id", 1, ["Amina"])])
    assert client.status()["state"] == "open"


def test_an_answer_found_before_a_lock_is_not_given_after_it() -> None:
    keeper = Keeper(_Known())
    keeper.unlock()
    keys = {"do": "mac", "with": {"purpose": "audit", "data": b""}}
    assert "answer" in keeper.answer(keys)
    mac = Key.mac

    def locked_meanwhile(self: Key, data: bytes, *, purpose: str) -> bytes:
        keeper.lock()
        return mac(self, data, purpose=purpose)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Key, "mac", locked_meanwhile)
        assert keeper.answer(keys)["error"] == "locked"


def test_a_driver_that_needs_people_leaves_it_locked() -> None:
    class Sealed(_Known):
        def open(self) -> RootKeys:
            raise KeeperLocked

    keeper = Keeper(Sealed())
    with pytest.raises(KeeperLocked):
        keeper.unlock()
    assert keeper.answer({"do": "unlock", "with": {}})["error"] == "locked"
    assert keeper.status()["state"] == "locked"


def test_no_error_of_the_keeper_carries_data() -> None:
    for error in KeeperError.__subclasses__():
        assert str(error()) and error().args == (str(error()),)


class _Known(RootKeyDriver):
    name = "known"
    rehearsed = True

    def open(self) -> RootKeys:
        return RootKeys(bytes(32), None, bytes(32), 0)


def every_change(value: bytes) -> list[bytes]:
    """`value` with one byte changed, for each of its bytes."""
    return [value[:at] + bytes([value[at] ^ 0x55]) + value[at + 1 :] for at in range(len(value))]
