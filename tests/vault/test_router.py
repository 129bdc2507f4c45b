import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connections

from tutela.foundation.ids import new_id
from tutela.vault.models import AgencyKey, FileKey, UserKey
from tutela.vault.router import KeyringRouter

BOTH = ["default", "keyring"]
router = KeyringRouter()


@pytest.mark.django_db(databases=BOTH)
def test_the_keyring_holds_wrapped_keys_only_and_the_main_database_none() -> None:
    keyring = set(connections["keyring"].introspection.table_names())
    assert keyring - {"django_migrations"} == {
        "vault_agencykey", "vault_destruction", "vault_filekey", "vault_rootgeneration", "vault_userkey",
    }  # fmt: skip
    assert not any(table.startswith("vault_") for table in connections["default"].introspection.table_names())


@pytest.mark.parametrize("model", [AgencyKey, FileKey, UserKey])
def test_keys_are_read_and_written_in_the_keyring(model: type[AgencyKey]) -> None:
    assert router.db_for_read(model) == router.db_for_write(model) == "keyring"
    assert router.allow_migrate("keyring", "vault")
    assert not router.allow_migrate("default", "vault")


def test_everything_else_is_in_the_main_database() -> None:
    assert router.db_for_read(ContentType) == router.db_for_write(ContentType) == "default"
    assert router.allow_migrate("default", "contenttypes")
    assert not router.allow_migrate("keyring", "contenttypes")


def test_nothing_relates_across_the_two() -> None:
    assert not router.allow_relation(UserKey(user_id=new_id()), ContentType())
    assert router.allow_relation(ContentType(), ContentType())
