"""A bundle: two of three custodians open it, whoever made it does not, and nobody changes it."""

import resource
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tutela.custody.bundles import Head, add, read_head, unpack, write
from tutela.foundation.refusals import Refused
from tutela.keeper.custodians import Custodian, Opened

SECRET = b"Zwjeruba, the uncle"
HEAD = Head("018f", "data", datetime(2026, 3, 2, 6, tzinfo=UTC))


def a_custodian(name: str) -> tuple[Custodian, Opened]:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return Custodian(name, str(identity.to_public())), Opened(str(identity.to_public()), str(identity))


PEOPLE = [a_custodian(name) for name in ("Zwjadara", "Zwjboros", "Zwjcleor")]
CUSTODIANS, OPENED = [one for one, _ in PEOPLE], [one for _, one in PEOPLE]


def fill(tar: tarfile.TarFile) -> dict[str, Any]:
    add(tar, "rows/zwjsaid", SECRET * 20)
    return {"id": HEAD.id}


def a_bundle(folder: Path, inside: Callable[[tarfile.TarFile], dict[str, Any]] = fill) -> Path:
    return write(folder, HEAD, custodians=CUSTODIANS, fill=inside)


def opens(path: Path, into: Path, *here: Opened) -> bool:
    into.mkdir(exist_ok=True)
    try:
        unpack(path, into, here=here)
    except Refused as refused:
        assert len(refused.unmet) == 1
        return False
    return (into / "rows/zwjsaid").read_bytes() == SECRET * 20


@pytest.mark.parametrize("pair", [(0, 1), (1, 0), (0, 2), (2, 1), (0, 1, 2)])
def test_any_two_of_three_open_it(tmp_path: Path, pair: tuple[int, ...]) -> None:
    assert opens(a_bundle(tmp_path), tmp_path / "in", *(OPENED[one] for one in pair))


def test_one_alone_or_a_stranger_does_not(tmp_path: Path) -> None:
    bundle, (_, stranger) = a_bundle(tmp_path), a_custodian("Stranger")
    for here in ((OPENED[0],), (OPENED[0], OPENED[0]), (OPENED[0], stranger), ()):
        assert not opens(bundle, tmp_path / "in", *here)


def test_it_says_nothing_of_what_is_in_it_or_of_whom_it_is_for(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path)
    names = [one.name.encode() for one in CUSTODIANS]
    for word in (b"Zwjeruba", b"zwjsaid", *names, b"AGE-SECRET-KEY"):
        assert word not in bundle.read_bytes()
    assert read_head(bundle) == HEAD
    assert bundle.stat().st_mode & 0o077 == 0


def test_a_changed_byte_is_refused_wherever_it_is(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path)
    whole, changed = bundle.read_bytes(), tmp_path / "changed.bundle"
    line = whole.index(b"\n") + 1
    places = {*range(0, line, 13), *range(line, len(whole), 29), line - 1, line, len(whole) - 1}
    for place in places:
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert not opens(changed, tmp_path / "in", *OPENED[:2]), f"byte {place} of {len(whole)}"


def test_what_was_cut_off_or_added_to_is_refused(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path)
    whole, changed = bundle.read_bytes(), tmp_path / "changed.bundle"
    for content in (
        whole[:0],
        whole[:40],
        whole[: len(whole) // 2],
        whole[:-1],
        whole + b"x",
        b"not one at all\n",
    ):
        changed.write_bytes(content)
        assert not opens(changed, tmp_path / "in", *OPENED[:2])


def test_the_first_line_of_one_and_the_rest_of_another_are_refused(tmp_path: Path) -> None:
    one = a_bundle(tmp_path).read_bytes()
    other = write(
        tmp_path, Head("0190", "keyring", HEAD.made_at), custodians=CUSTODIANS, fill=fill
    ).read_bytes()
    mixed = tmp_path / "mixed.bundle"
    mixed.write_bytes(one[: one.index(b"\n")] + other[other.index(b"\n") :])
    assert not opens(mixed, tmp_path / "in", *OPENED[:2])


def test_what_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    def breaks(tar: tarfile.TarFile) -> dict[str, Any]:
        add(tar, "rows/said", SECRET)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        a_bundle(tmp_path, breaks)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    def large(tar: tarfile.TarFile) -> dict[str, Any]:
        for number in range(400):
            add(tar, f"rows/{number}", bytes(10_000))
        return {"id": HEAD.id}

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(OSError):
            a_bundle(tmp_path, large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
