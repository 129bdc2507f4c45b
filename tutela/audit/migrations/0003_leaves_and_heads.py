"""Seals say which columns they cover; where heads of the log went."""

from django.db import migrations, models

from tutela.audit import guards


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_insert_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeadSent',
            fields=[
                ('place', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('tried_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('seal_number', models.PositiveBigIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name='auditseal',
            name='leaf',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='sealedrow',
            name='seal_number',
            field=models.PositiveBigIntegerField(db_index=True),
        ),
        # SQLite made two tables anew, and lost their triggers.
        migrations.RunPython(
            lambda apps, editor: guards.put_up(editor.connection), migrations.RunPython.noop, elidable=False
        ),
    ]
