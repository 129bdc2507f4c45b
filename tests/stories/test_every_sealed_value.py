"""Whatever the stories left sealed: no byte of it can be changed, and no two values can change places, without being found."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from django.apps import apps
from django.db.models import Model

from tests.stories.reading import Played
from tutela.cases import entries
from tutela.cases.models import Entry, Fact
from tutela.vault import sealing
from tutela.vault.errors import Tampered

pytestmark = pytest.mark.django_db

DECLARED: Mapping[str, Any] = yaml.safe_load(
    (Path(__file__).parents[1] / "architecture" / "fields.yaml").read_text()
)
# Sealed with a user's or an agency's key; tests/vault/test_sealing.py changes every byte of such a value.
OTHER_KEYS = {
    "cases.Draft", "cases.PrivateLabel", "follow_up.DayPlan", "follow_up.MeetingNotes", "service_directory.Service",
    "service_directory.ServiceEntry", "service_directory.Gap", "service_directory.SharedService",
}  # fmt: skip
KEYS_THEMSELVES = {"vault.AgencyKey", "vault.FileKey", "vault.UserKey"}  # tests/vault/test_keyring.py


class Value(NamedTuple):
    """A sealed value as it lies there, and how the house opens it."""

    where: str
    blob: bytes
    opened: Callable[[bytes], Any]


def of_facts() -> Iterator[Value]:
    for model in apps.get_models():
        if issubclass(model, Fact):
            for row in model.objects.all():  # type: ignore[attr-defined]
                yield Value(f"{model._meta.label} sealed", bytes(row.sealed), opener_of(row))


def opener_of(row: Fact) -> Callable[[bytes], Any]:
    def opened(blob: bytes) -> Any:
        return sealing.open_sealed(blob, file=row.file_id, seal_class=row.SEAL, row=row.id, label=row.LABEL)

    return opened


def of_entries() -> Iterator[Value]:
    for row in Entry.objects.all():
        for seal_class in ("case", "identity", "confidential"):
            if blob := getattr(row, f"sealed_{seal_class}"):
                yield Value(f"cases.Entry sealed_{seal_class}", bytes(blob), entry_opener(row, seal_class))


def entry_opener(row: Entry, seal_class: str) -> Callable[[bytes], Any]:
    return lambda blob: entries._opened(row, seal_class, blob)


@pytest.fixture
def values(played: Played) -> list[Value]:
    found = [*of_entries(), *of_facts()]
    for one in found:
        one.opened(one.blob)  # each opens as it lies there
    return found


def test_every_kind_of_sealed_value_is_among_them(values: list[Value]) -> None:
    """Or is named here as one that lies under another key."""
    seen = {one.where for one in values}
    kinds = {(model, field) for model in apps.get_models() for field in sealed_fields(model)}
    left = {
        model._meta.label
        for model, field in kinds
        if f"{model._meta.label} {field}" not in seen and model._default_manager.exists()
    }
    assert left <= OTHER_KEYS | KEYS_THEMSELVES
    assert len(seen) > 30 and len(values) > 300


def sealed_fields(model: type[Model]) -> list[str]:
    declared = DECLARED["every fact"] if issubclass(model, Fact) else DECLARED[model._meta.label]
    sealed: list[str] = declared.get("sealed", [])
    return sealed


def test_a_change_of_any_byte_is_refused(values: list[Value]) -> None:
    """Every byte of one value of each kind, and of every value some bytes: first, last, and one in each part."""
    one_of_each = {kind: next(group) for kind, group in groupby(sorted(values, key=where), key=where)}
    survived = [
        (one.where, place)
        for one in values
        for place in (range(len(one.blob)) if one is one_of_each[one.where] else some_of(one.blob))
        if opens(one, with_a_bit_flipped(one.blob, place))
    ]
    assert survived == []


def test_two_values_that_changed_places_are_refused(values: list[Value]) -> None:
    """Each put in the place of the next of its kind, and of the next of any kind."""
    by_kind = sorted(values, key=where)
    for order in (values, by_kind):
        assert [
            one.where
            for one, other in zip(order, [*order[1:], order[0]], strict=True)
            if opens(one, other.blob)
        ] == []


def where(value: Value) -> str:
    return value.where


def opens(value: Value, blob: bytes) -> bool:
    try:
        value.opened(blob)
    except Tampered:
        return False
    return True


def with_a_bit_flipped(blob: bytes, place: int) -> bytes:
    return blob[:place] + bytes([blob[place] ^ 1 << place % 8]) + blob[place + 1 :]


def some_of(blob: bytes) -> set[int]:
    """The version, the algorithm, the key's id, the nonce, the first of what is sealed, the tag."""
    return {0, 1, 5, 15, 22, len(blob) - 20, len(blob) - 1}
