"""The programme's settings get a version: a form opened before another's change is noticed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0004_audit_indexes")]
    operations = [
        migrations.AddField(
            model_name="programmesettings",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        )
    ]
