"""The log can only grow (tutela.audit.guards)."""

from django.db import migrations

from tutela.audit import guards


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: guards.put_up(editor.connection),
            lambda apps, editor: guards.take_down(editor.connection),
            elidable=False,
        )
    ]
