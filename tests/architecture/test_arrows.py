"""Arrows that the import checker cannot see: relations between models, migrations that wait for others."""

from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field, Model

CHECKOUT = Path(__file__).resolve().parents[2]


def _contract(name: str) -> dict[str, list[str]]:
    parser = ConfigParser()
    parser.read(CHECKOUT / ".importlinter")
    return {key: value.split("\n") for key, value in parser[f"importlinter:contract:{name}"].items()}


def _floors() -> dict[str, int]:
    """Each package with its height in the house; the foundation is 0."""
    layers = [layer for layer in _contract("house")["layers"] if layer]
    return {
        package.strip().strip("()"): height
        for height, layer in enumerate(reversed(layers))
        for package in layer.split("|")
    }


FLOORS = _floors()


def _package(module: str) -> str | None:
    """`cases` for `tutela.cases.models`; None for what is not ours."""
    house, _, rest = module.partition(".")
    return rest.partition(".")[0] if house == "tutela" else None


def _points_up(source: str, target: str | None) -> bool:
    return target is not None and source != target and FLOORS[source] <= FLOORS[target]


def _our_models() -> Iterator[tuple[str, type[Model]]]:
    for model in apps.get_models(include_auto_created=True):
        package = _package(model.__module__)
        if package is not None:
            yield package, model


def test_every_relation_between_models_points_down() -> None:
    upward = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for package, model in _our_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field)  # written here, not the other end of a relation written elsewhere
        and isinstance(field.related_model, type)
        and _points_up(package, _package(field.related_model.__module__))
    ]
    assert upward == []


def test_no_relation_goes_to_whatever_it_likes() -> None:
    generic = [
        f"{model.__name__}.{field.name}"
        for _, model in _our_models()
        for field in model._meta.private_fields
        if field.is_relation
    ]
    assert generic == []


def test_every_migration_waits_only_for_what_stands_below() -> None:
    upward = [
        f"{label}.{name} waits for {needed}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        for needed, _ in migration.dependencies
        if _points_up_by_label(label, needed)
    ]
    assert upward == []


def test_no_migration_pushes_itself_before_another() -> None:
    pushing = [
        f"{label}.{name}"
        for (label, name), migration in MigrationLoader(None).disk_migrations.items()
        if migration.run_before and _package_of(label)
    ]
    assert pushing == []


def _points_up_by_label(label: str, needed: str) -> bool:
    source = _package_of(label)
    return source is not None and _points_up(source, _package_of(needed))


def _package_of(label: str) -> str | None:
    if label == "__setting__":  # waits for the model of users, whichever it is
        label = settings.AUTH_USER_MODEL.split(".")[0]
    return _package(apps.get_app_config(label).name)


def test_every_way_in_is_forbidden_to_import_models() -> None:
    ways_in = {
        name for name in ("web", "api", "sync", "worker", "cli") if (CHECKOUT / "tutela" / name).is_dir()
    }
    assert {f"tutela.{name}" for name in ways_in} == set(_contract("interfaces")["source_modules"]) - {""}
