"""Two of three custodians open together what was sealed for them; one alone, or a stranger, never does."""

import re
from itertools import combinations

import pyrage
import pytest

from tutela.keeper import custodians
from tutela.keeper.custodians import Custodian, NotTheirs, Opened, WeakPassphrase

PASSPHRASE = "glacier umbrella tin pepper orbit hammock"
SECRET = b"the root key, thirty-two bytes..."


@pytest.fixture(scope="module")
def people() -> list[tuple[Custodian, bytes]]:
    """Three custodians with their files."""
    made = [(name, *custodians.new_identity(PASSPHRASE)) for name in ("amina", "joseph", "rosa")]
    return [(Custodian(name, recipient), file) for name, recipient, file in made]


@pytest.fixture(scope="module")
def opened(people: list[tuple[Custodian, bytes]]) -> list[Opened]:
    return [custodians.open_identity(file, PASSPHRASE) for _, file in people]


def test_any_two_open_it_in_any_order(people: list[tuple[Custodian, bytes]], opened: list[Opened]) -> None:
    everybody = [one for one, _ in people]
    pairs = custodians.seal_for_pairs(SECRET, everybody)
    assert len(pairs) == 3
    for one, other in combinations(opened, 2):
        for here in ([one, other], [other, one]):
            assert custodians.open_for(pairs, here=here, custodians=everybody) == SECRET


def test_one_alone_opens_nothing(people: list[tuple[Custodian, bytes]], opened: list[Opened]) -> None:
    everybody = [one for one, _ in people]
    pairs = custodians.seal_for_pairs(SECRET, everybody)
    for one in opened:
        assert custodians.open_for(pairs, here=[one, one], custodians=everybody) is None
        for sealed in pairs.values():
            with pytest.raises(NotTheirs):
                custodians.open_pair(sealed, one=one, other=one)


def test_a_changed_byte_opens_nothing(people: list[tuple[Custodian, bytes]], opened: list[Opened]) -> None:
    everybody = [one for one, _ in people]
    pairs = custodians.seal_for_pairs(SECRET, everybody)
    sealed = bytearray(pairs["amina", "joseph"])
    sealed[-1] ^= 1
    with pytest.raises(NotTheirs):
        custodians.open_pair(bytes(sealed), one=opened[0], other=opened[1])


def test_a_file_opens_though_the_machine_is_busy_when_age_measures_it(
    people: list[tuple[Custodian, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """age refuses what by its measure of a moment would take too long, as in a file that says it takes an hour."""
    (_, file), measured = people[0], list[bytes]()
    too_long = re.sub(rb"(?m)^(-> scrypt \S+) \d+$", rb"\1 30", file)
    decrypt = pyrage.passphrase.decrypt

    def busy_at_first(given: bytes, passphrase: str) -> bytes:
        measured.append(given)
        return bytes(decrypt(too_long if len(measured) < 3 else given, passphrase))

    monkeypatch.setattr(pyrage.passphrase, "decrypt", busy_at_first)
    assert custodians.open_identity(file, PASSPHRASE) and len(measured) == 3
    with pytest.raises(NotTheirs):
        custodians.open_identity(too_long, PASSPHRASE)


def test_a_file_opens_with_its_own_passphrase_only(people: list[tuple[Custodian, bytes]]) -> None:
    with pytest.raises(NotTheirs):
        custodians.open_identity(people[0][1], PASSPHRASE + "s")
    with pytest.raises(NotTheirs):
        custodians.open_identity(b"not a file of a custodian", PASSPHRASE)


@pytest.mark.parametrize("weak", ["", "      ", "password1234", "Nairobi2026!", "qwertyuiopasdf"])
def test_a_passphrase_that_would_be_guessed_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassphrase):
        custodians.new_identity(weak)
