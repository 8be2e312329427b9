"""The audit is asked for by record and by table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_audit_append_only"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="auditentry",
            name="audit_thing",
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["key", "table", "number"], name="audit_record"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["table", "number"], name="audit_table"),
        ),
    ]
