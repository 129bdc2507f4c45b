"""Every field of every table is declared sealed, or clear with a reason, in fields.yaml (R128; design §5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db.models import BinaryField, Field, Model

from tutela.cases.models import Fact

Declared = dict[str, dict[str, Any]]

FIELDS: Declared = yaml.safe_load((Path(__file__).parent / "fields.yaml").read_text())
EVERY_FACT = FIELDS.pop("every fact")

MODELS = {model._meta.label: model for model in apps.get_models(include_auto_created=True)}


def declared(label: str) -> tuple[set[str], dict[str, str]]:
    """The fields of a table that are declared sealed, and those that are declared clear with their reasons."""
    own = FIELDS[label]
    shared = EVERY_FACT if issubclass(MODELS[label], Fact) else {}
    sealed = {*own.get("sealed", []), *shared.get("sealed", [])}
    return sealed, {**shared.get("clear", {}), **own.get("clear", {})}


def fields(model: type[Model]) -> dict[str, Field[Any, Any]]:
    concrete = [one for one in model._meta.get_fields() if isinstance(one, Field)]
    return {one.name: one for one in concrete}


def test_every_table_is_declared_and_no_other() -> None:
    assert set(FIELDS) == set(MODELS)


@pytest.mark.parametrize("label", sorted(FIELDS))
def test_every_field_is_declared_once(label: str) -> None:
    sealed, clear = declared(label)
    assert sealed | set(clear) == set(fields(MODELS[label]))
    assert not sealed & set(clear)


def test_what_is_sealed_holds_bytes() -> None:
    readable = [
        f"{label}.{name}"
        for label, model in MODELS.items()
        for name in declared(label)[0]
        if not isinstance(fields(model)[name], BinaryField)
    ]
    assert readable == []


def test_bytes_are_sealed_but_for_one_keyed_hash() -> None:
    clear = {
        f"{label}.{name}"
        for label, model in MODELS.items()
        for name, field in fields(model).items()
        if isinstance(field, BinaryField) and name not in declared(label)[0]
    }
    assert clear == {"cases.Entry.keyed_hash"}


def test_whatever_is_clear_has_a_reason_in_a_line() -> None:
    for label in FIELDS:
        for name, reason in declared(label)[1].items():
            assert isinstance(reason, str) and 3 < len(reason) < 120, f"{label}.{name}"


def test_no_text_about_a_child_is_clear_but_codes() -> None:
    """In tables of casework, a clear field of words is short and holds a code."""
    ours = (
        "cases",
        "consent",
        "intake",
        "assessment",
        "planning",
        "referral",
        "service_directory",
        "follow_up",
        "closure",
        "deadlines",
        "supervision",
        "safeguarding",
        "exports",
    )
    words = {
        f"{label}.{name}": field.max_length
        for label, model in MODELS.items()
        if model._meta.app_label in ours
        for name, field in fields(model).items()
        if field.get_internal_type() in ("CharField", "TextField", "JSONField")
    }
    assert words == {
        "cases.Entry.form_code": 80, "cases.Person.sex": 24, "cases.Case.code": 16, "cases.Draft.place": 200,
        "intake.Registration.area": 40, "intake.ReducedFile.source": 40, "intake.ReducedFile.outcome": 40,
        "assessment.RiskLevel.level": 12, "assessment.Lowering.level": 12,
        "deadlines.Deadline.step": 40, "supervision.PossibleMatch.verdict": 16,
        "supervision.Digest.lines": None,  # ids and counts: tests/casework/test_digest.py
        "exports.Export.purpose": 40, "exports.Export.pack_hash": 64, "exports.Export.columns": None,
        "exports.Export.consent": 24, "exports.Export.lock": 12,
    }  # fmt: skip
