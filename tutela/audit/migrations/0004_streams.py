"""Rows of safeguarding and complaints stand in a stream of their own (R121).

The column is added in place: making the table anew, as Django does on SQLite, would lose the triggers that guard it.
"""

from django.db import migrations, models

COLUMN = "ALTER TABLE audit_auditrow ADD COLUMN stream varchar(16) DEFAULT 'ordinary' NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_leaves_and_heads")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(COLUMN, "ALTER TABLE audit_auditrow DROP COLUMN stream", elidable=False)
            ],
            state_operations=[
                migrations.AddField(
                    model_name="auditrow",
                    name="stream",
                    field=models.CharField(
                        choices=[("ordinary", "ordinary"), ("safeguarding", "safeguarding and complaints")],
                        db_default="ordinary",
                        default="ordinary",
                        max_length=16,
                    ),
                )
            ],
        ),
        migrations.AddIndex(
            model_name="auditrow", index=models.Index(fields=["by", "at"], name="audit_by_person")
        ),
        migrations.AddIndex(model_name="auditrow", index=models.Index(fields=["at"], name="audit_by_day")),
    ]
