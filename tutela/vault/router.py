"""Wrapped keys live in a database of their own, with backups of their own (design §5)."""

from typing import Any

from django.db.models import Model

_KEYRING, _EVERYTHING_ELSE = "keyring", "default"


class KeyringRouter:
    """Models of `vault` are in the database `keyring` only, all others in `default` only."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Where Django reads `model`."""
        return _home(model._meta.app_label)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Where Django writes `model`."""
        return _home(model._meta.app_label)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Nothing points from one database into the other."""
        return _home(one._meta.app_label) == _home(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Tables are made where they are used, and nowhere else."""
        return db == _home(app_label)


def _home(app_label: str) -> str:
    return _KEYRING if app_label == "vault" else _EVERYTHING_ELSE
