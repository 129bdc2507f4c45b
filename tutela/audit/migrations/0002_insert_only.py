"""The log can only grow: triggers refuse every change and every removal, whoever asks through the application."""

from django.db import migrations

KEYS = {"audit_auditrow": "id", "audit_auditseal": "number", "audit_sealedrow": "row_id"}
TABLES = tuple(KEYS)


def forbid(apps, schema_editor):
    for table in TABLES:
        for statement in _statements(table, schema_editor.connection.vendor):
            schema_editor.execute(statement)


def allow(apps, schema_editor):
    for table in TABLES:
        for verb in ("update", "delete", "replace", "truncate"):
            on = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")


def _statements(table, vendor):
    if vendor == "sqlite":
        for verb in ("update", "delete"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END"
            )
        # REPLACE removes a row without asking the trigger that forbids removing.
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {KEYS[table]} = NEW.{KEYS[table]}) "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END"
        )
        return
    yield (
        "CREATE OR REPLACE FUNCTION audit_insert_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is insert-only'; END $$"
    )
    for verb in ("update", "delete"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_insert_only()"
        )
    # TRUNCATE asks no row. An empty table may be emptied, as tests do at their end.
    yield (
        "CREATE OR REPLACE FUNCTION audit_never_emptied() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ DECLARE has_rows boolean; BEGIN "
        "EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || TG_RELID::regclass || ')' INTO has_rows; "
        "IF has_rows THEN RAISE EXCEPTION 'the audit log is insert-only'; END IF; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_never_emptied()"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow, elidable=False)]
