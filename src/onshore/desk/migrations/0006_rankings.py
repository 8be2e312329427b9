"""Rankings learned from reviews."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0005_settings_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ranking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.TextField()),
                ("confirmed", models.PositiveIntegerField()),
                ("rejected", models.PositiveIntegerField()),
                ("compared", models.PositiveIntegerField()),
                ("before", models.FloatField(null=True)),
                ("after", models.FloatField(null=True)),
                ("in_use", models.BooleanField(default=False)),
                ("text", models.TextField()),
            ],
            options={
                "db_table": "desk_rankings",
            },
        ),
    ]
