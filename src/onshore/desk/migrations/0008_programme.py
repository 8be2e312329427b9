"""The programme, research, events, what is published, and webhooks."""

import django.db.models.deletion
import onshore.desk.models.record_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0007_exploration"),
    ]

    operations = [
        migrations.CreateModel(
            name="Analysis",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("title", models.TextField()),
                ("file", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "desk_analyses",
            },
        ),
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=80)),
                ("number", models.PositiveIntegerField()),
                ("title", models.TextField()),
                ("title_fa", models.TextField(blank=True, default="")),
                ("vintage", models.DateField()),
                ("content", models.JSONField()),
                ("sha256", models.CharField(max_length=64)),
                ("published_by", models.TextField()),
                ("published_at", models.DateTimeField()),
                ("withdrawn", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "desk_bulletins",
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("selection", models.JSONField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "call_id",
                    models.CharField(
                        db_column="call_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.TextField(db_column="title", default="")),
                ("title_fa", models.TextField(blank=True, db_column="title_fa", default="")),
                ("kind", models.TextField(db_column="kind", default="")),
                ("text", models.TextField(blank=True, db_column="text", default="")),
                (
                    "budget",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="budget", null=True),
                ),
                ("currency", models.TextField(db_column="currency", default="")),
                (
                    "most",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="most", null=True
                    ),
                ),
                ("reviewers", models.BigIntegerField(blank=True, db_column="reviewers", null=True)),
                ("published", models.DateField(blank=True, db_column="published", null=True)),
                ("closes", models.DateField(blank=True, db_column="closes", null=True)),
                ("decided_on", models.DateField(blank=True, db_column="decided_on", null=True)),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
            ],
            options={
                "db_table": "calls",
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(db_column="name", default="")),
                ("name_fa", models.TextField(blank=True, db_column="name_fa", default="")),
                (
                    "weight",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="weight", null=True),
                ),
                (
                    "most",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="most", null=True),
                ),
            ],
            options={
                "db_table": "criteria",
            },
        ),
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("person", models.TextField(db_column="person", default="")),
                ("enrolled_on", models.DateField(blank=True, db_column="enrolled_on", null=True)),
                ("attended", models.BooleanField(blank=True, db_column="attended", null=True)),
                ("passed", models.BooleanField(blank=True, db_column="passed", null=True)),
            ],
            options={
                "db_table": "enrolments",
            },
        ),
        migrations.CreateModel(
            name="EventSlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(db_column="number", null=True)),
                ("date", models.DateField(db_column="date", null=True)),
                ("starts", models.TextField(db_column="starts", default="")),
                ("ends", models.TextField(db_column="ends", default="")),
                ("pause", models.BooleanField(blank=True, db_column="pause", null=True)),
            ],
            options={
                "db_table": "event_slots",
            },
        ),
        migrations.CreateModel(
            name="Founding",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "founding_id",
                    models.CharField(
                        db_column="founding_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.TextField(db_column="name", default="")),
                ("founders", models.TextField(db_column="founders", default="")),
                ("place", models.TextField(blank=True, db_column="place", default="")),
                ("opened", models.DateField(blank=True, db_column="opened", null=True)),
                ("state", models.TextField(db_column="state", default="")),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
            ],
            options={
                "db_table": "foundings",
            },
        ),
        migrations.CreateModel(
            name="FoundingStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.BigIntegerField(db_column="number", null=True)),
                ("step", models.TextField(db_column="step", default="")),
                ("due", models.DateField(blank=True, db_column="due", null=True)),
                ("done_on", models.DateField(blank=True, db_column="done_on", null=True)),
                ("done_by", models.TextField(blank=True, db_column="done_by", default="")),
                ("evidence", models.TextField(blank=True, db_column="evidence", default="")),
            ],
            options={
                "db_table": "founding_steps",
            },
        ),
        migrations.CreateModel(
            name="Gate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("trl", models.BigIntegerField(db_column="trl", null=True)),
                ("evidence", models.TextField(db_column="evidence", default="")),
                ("asked_on", models.DateField(blank=True, db_column="asked_on", null=True)),
                ("asked_by", models.TextField(blank=True, db_column="asked_by", default="")),
                ("decision", models.TextField(db_column="decision", default="")),
                ("decided_on", models.DateField(blank=True, db_column="decided_on", null=True)),
                ("decided_by", models.TextField(blank=True, db_column="decided_by", default="")),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
            ],
            options={
                "db_table": "gates",
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "meeting_id",
                    models.CharField(
                        db_column="meeting_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("slot", models.BigIntegerField(db_column="slot", null=True)),
                (
                    "table_number",
                    models.BigIntegerField(blank=True, db_column="table_number", null=True),
                ),
                ("state", models.TextField(db_column="state", default="")),
                ("outcome", models.TextField(blank=True, db_column="outcome", default="")),
                ("note", models.TextField(blank=True, db_column="note", default="")),
            ],
            options={
                "db_table": "meetings",
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("side", models.TextField(db_column="side", default="")),
                ("most", models.BigIntegerField(blank=True, db_column="most", null=True)),
                ("away", models.TextField(blank=True, db_column="away", default="")),
                ("contact", models.TextField(blank=True, db_column="contact", default="")),
            ],
            options={
                "db_table": "participants",
            },
        ),
        migrations.CreateModel(
            name="PartnerGood",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "good_id",
                    models.CharField(
                        db_column="good_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("partner", models.TextField(db_column="partner", default="")),
                ("direction", models.TextField(db_column="direction", default="")),
                ("description", models.TextField(db_column="description", default="")),
                ("hs_code", models.TextField(blank=True, db_column="hs_code", default="")),
                (
                    "value",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="value", null=True
                    ),
                ),
                ("currency", models.TextField(blank=True, db_column="currency", default="")),
                ("period", models.TextField(blank=True, db_column="period", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
            ],
            options={
                "db_table": "partner_goods",
            },
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("phase", models.BigIntegerField(db_column="phase", null=True)),
                ("place", models.TextField(db_column="place", default="")),
                ("starts", models.DateField(blank=True, db_column="from", null=True)),
                ("until", models.DateField(blank=True, db_column="until", null=True)),
                ("sector", models.TextField(blank=True, db_column="sector", default="")),
                (
                    "quotient",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="quotient", null=True
                    ),
                ),
                (
                    "quotient_period",
                    models.TextField(blank=True, db_column="quotient_period", default=""),
                ),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
                ("decided_on", models.DateField(blank=True, db_column="decided_on", null=True)),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
            ],
            options={
                "db_table": "phases",
            },
        ),
        migrations.CreateModel(
            name="Pilot",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "pilot_id",
                    models.CharField(
                        db_column="pilot_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("starts", models.DateField(blank=True, db_column="from", null=True)),
                ("until", models.DateField(blank=True, db_column="until", null=True)),
                ("measure", models.TextField(db_column="measure", default="")),
                (
                    "aim",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="aim", null=True
                    ),
                ),
                (
                    "reached",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="reached", null=True
                    ),
                ),
                ("unit", models.TextField(blank=True, db_column="unit", default="")),
                ("result", models.TextField(db_column="result", default="")),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
            ],
            options={
                "db_table": "pilots",
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "proposal_id",
                    models.CharField(
                        db_column="proposal_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.TextField(db_column="title", default="")),
                ("received", models.DateField(blank=True, db_column="received", null=True)),
                ("summary", models.TextField(blank=True, db_column="summary", default="")),
                (
                    "amount",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="amount", null=True
                    ),
                ),
                ("currency", models.TextField(blank=True, db_column="currency", default="")),
                ("months", models.BigIntegerField(blank=True, db_column="months", null=True)),
                ("trl", models.BigIntegerField(blank=True, db_column="trl", null=True)),
                ("place", models.TextField(blank=True, db_column="place", default="")),
                ("state", models.TextField(blank=True, db_column="state", default="")),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
                ("decided_on", models.DateField(blank=True, db_column="decided_on", null=True)),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
            ],
            options={
                "db_table": "proposals",
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("reviewer", models.TextField(db_column="reviewer", default="")),
                ("assigned_on", models.DateField(blank=True, db_column="assigned_on", null=True)),
                ("declared_on", models.DateField(blank=True, db_column="declared_on", null=True)),
                ("conflict", models.BooleanField(blank=True, db_column="conflict", null=True)),
                (
                    "conflict_text",
                    models.TextField(blank=True, db_column="conflict_text", default=""),
                ),
                ("submitted", models.DateField(blank=True, db_column="submitted", null=True)),
                ("comment", models.TextField(blank=True, db_column="comment", default="")),
            ],
            options={
                "db_table": "reviews",
            },
        ),
        migrations.CreateModel(
            name="Scenario",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.TextField()),
                ("assumptions", models.JSONField()),
                ("result", models.JSONField(null=True)),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("adopted_at", models.DateTimeField(null=True)),
                ("adopted_by", models.TextField(blank=True, default="")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "db_table": "desk_scenarios",
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reviewer", models.TextField(db_column="reviewer", default="")),
                ("criterion", models.TextField(db_column="criterion", default="")),
                (
                    "score",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="score", null=True),
                ),
            ],
            options={
                "db_table": "scores",
            },
        ),
        migrations.CreateModel(
            name="Study",
            fields=[
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "study_id",
                    models.CharField(
                        db_column="study_id", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.TextField(db_column="kind", default="")),
                ("title", models.TextField(db_column="title", default="")),
                ("lead", models.TextField(blank=True, db_column="lead", default="")),
                ("student", models.TextField(blank=True, db_column="student", default="")),
                ("starts", models.DateField(blank=True, db_column="from", null=True)),
                ("until", models.DateField(blank=True, db_column="until", null=True)),
                ("trl", models.BigIntegerField(blank=True, db_column="trl", null=True)),
                ("state", models.TextField(db_column="state", default="")),
                ("handed_over", models.DateField(blank=True, db_column="handed_over", null=True)),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
            ],
            options={
                "db_table": "studies",
            },
        ),
        migrations.CreateModel(
            name="Tranche",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("number", models.BigIntegerField(db_column="number", null=True)),
                ("milestone", models.TextField(db_column="milestone", default="")),
                (
                    "amount",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="amount", null=True),
                ),
                ("due", models.DateField(blank=True, db_column="due", null=True)),
                ("evidence", models.TextField(blank=True, db_column="evidence", default="")),
                ("reached_on", models.DateField(blank=True, db_column="reached_on", null=True)),
                ("accepted_by", models.TextField(blank=True, db_column="accepted_by", default="")),
                ("accepted_on", models.DateField(blank=True, db_column="accepted_on", null=True)),
                ("paid_on", models.DateField(blank=True, db_column="paid_on", null=True)),
            ],
            options={
                "db_table": "tranches",
            },
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("url", models.TextField()),
                ("secret", models.TextField()),
                ("happenings", models.JSONField(default=list)),
                ("created", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "desk_webhooks",
            },
        ),
        migrations.CreateModel(
            name="WebhookCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("happening", models.TextField()),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "desk_webhook_calls",
            },
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "weight",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="weight", null=True),
                ),
                ("wished_by", models.TextField(db_column="wished_by", default="")),
                ("note", models.TextField(blank=True, db_column="note", default="")),
            ],
            options={
                "db_table": "wishes",
            },
        ),
        migrations.AddField(
            model_name="agreement",
            name="access",
            field=models.TextField(blank=True, db_column="access", default=""),
        ),
        migrations.AddField(
            model_name="agreement",
            name="text",
            field=models.TextField(blank=True, db_column="text", default=""),
        ),
        migrations.AddField(
            model_name="agreement",
            name="text_fa",
            field=models.TextField(blank=True, db_column="text_fa", default=""),
        ),
        migrations.AddField(
            model_name="agreement",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="reads_only",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="role",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="award",
            name="called_amount",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="called_amount", null=True
            ),
        ),
        migrations.AddField(
            model_name="award",
            name="called_on",
            field=models.DateField(blank=True, db_column="called_on", null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="premium",
            field=models.FloatField(blank=True, db_column="premium", null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="project",
            field=models.ForeignKey(
                blank=True,
                db_column="project_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards_as_project",
                to="desk.project",
            ),
        ),
        migrations.AddField(
            model_name="award",
            name="until",
            field=models.DateField(blank=True, db_column="until", null=True),
        ),
        migrations.AddField(
            model_name="award",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="block",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="blockoffer",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="challenge",
            name="state",
            field=models.TextField(blank=True, db_column="state", default=""),
        ),
        migrations.AddField(
            model_name="challenge",
            name="text",
            field=models.TextField(blank=True, db_column="text", default=""),
        ),
        migrations.AddField(
            model_name="challenge",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="commitment",
            name="counted",
            field=models.TextField(blank=True, db_column="counted", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="indicator",
            field=models.TextField(blank=True, db_column="indicator", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="measure_fa",
            field=models.TextField(blank=True, db_column="measure_fa", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="product",
            field=models.TextField(blank=True, db_column="product", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="sector",
            field=models.TextField(blank=True, db_column="sector", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="starts",
            field=models.DateField(blank=True, db_column="from", null=True),
        ),
        migrations.AddField(
            model_name="commitment",
            name="text_fa",
            field=models.TextField(blank=True, db_column="text_fa", default=""),
        ),
        migrations.AddField(
            model_name="commitment",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="course",
            name="text",
            field=models.TextField(blank=True, db_column="text", default=""),
        ),
        migrations.AddField(
            model_name="course",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="deal",
            name="access",
            field=models.TextField(blank=True, db_column="access", default=""),
        ),
        migrations.AddField(
            model_name="deposit",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="drillingfinance",
            name="called_amount",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="called_amount", null=True
            ),
        ),
        migrations.AddField(
            model_name="drillingfinance",
            name="called_on",
            field=models.DateField(blank=True, db_column="called_on", null=True),
        ),
        migrations.AddField(
            model_name="drillingfinance",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="estimate",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="event",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="kind",
            field=models.TextField(blank=True, db_column="kind", default=""),
        ),
        migrations.AddField(
            model_name="event",
            name="schedule",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="tables",
            field=models.BigIntegerField(blank=True, db_column="tables", null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="text",
            field=models.TextField(blank=True, db_column="text", default=""),
        ),
        migrations.AddField(
            model_name="event",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="idea",
            name="contact",
            field=models.TextField(blank=True, db_column="contact", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="handed_in_by",
            field=models.TextField(blank=True, db_column="handed_in_by", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="reason",
            field=models.TextField(blank=True, db_column="reason", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="sector",
            field=models.TextField(blank=True, db_column="sector", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="sorted_by",
            field=models.TextField(blank=True, db_column="sorted_by", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="sorted_on",
            field=models.DateField(blank=True, db_column="sorted_on", null=True),
        ),
        migrations.AddField(
            model_name="idea",
            name="summary",
            field=models.TextField(blank=True, db_column="summary", default=""),
        ),
        migrations.AddField(
            model_name="idea",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="resourcechange",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="rig",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="workcommitment",
            name="handed_in",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="workcommitment",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(fields=["due"], name="commitment_due"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["starts"], name="event_from"),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(fields=["state", "received"], name="idea_state"),
        ),
        migrations.AddIndex(
            model_name="workcommitment",
            index=models.Index(fields=["due"], name="work_commitment_due"),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.UniqueConstraint(fields=("slug", "number"), name="bulletin_vintage"),
        ),
        migrations.AddField(
            model_name="call",
            name="commitment",
            field=models.ForeignKey(
                blank=True,
                db_column="commitment_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls_as_commitment",
                to="desk.commitment",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="fund",
            field=models.ForeignKey(
                blank=True,
                db_column="fund_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls_as_fund",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="award",
            name="call",
            field=models.ForeignKey(
                blank=True,
                db_column="call_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards_as_call",
                to="desk.call",
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="call",
            field=models.ForeignKey(
                db_column="call_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="criteria_as_call",
                to="desk.call",
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="course",
            field=models.ForeignKey(
                db_column="course_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments_as_course",
                to="desk.course",
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_column="organisation_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="enrolments_as_organisation",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="eventslot",
            name="event",
            field=models.ForeignKey(
                db_column="event_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="event_slots_as_event",
                to="desk.event",
            ),
        ),
        migrations.AddField(
            model_name="founding",
            name="idea",
            field=models.ForeignKey(
                blank=True,
                db_column="idea_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="foundings_as_idea",
                to="desk.idea",
            ),
        ),
        migrations.AddField(
            model_name="founding",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_column="organisation_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="foundings_as_organisation",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="foundingstep",
            name="founding",
            field=models.ForeignKey(
                db_column="founding_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="founding_steps_as_founding",
                to="desk.founding",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="buyer",
            field=models.ForeignKey(
                db_column="buyer_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings_as_buyer",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="deal",
            field=models.ForeignKey(
                blank=True,
                db_column="deal_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings_as_deal",
                to="desk.deal",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="event",
            field=models.ForeignKey(
                db_column="event_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings_as_event",
                to="desk.event",
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="maker",
            field=models.ForeignKey(
                db_column="maker_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="meetings_as_maker",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="event",
            field=models.ForeignKey(
                db_column="event_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participants_as_event",
                to="desk.event",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="organisation",
            field=models.ForeignKey(
                db_column="organisation_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="participants_as_organisation",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="partnergood",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_column="organisation_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="partner_goods_as_organisation",
                to="desk.organisation",
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("phase", "place"), name="phases_key"),
        ),
        migrations.AddField(
            model_name="pilot",
            name="host",
            field=models.ForeignKey(
                db_column="host_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pilots_as_host",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="pilot",
            name="plant",
            field=models.ForeignKey(
                blank=True,
                db_column="plant_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pilots_as_plant",
                to="desk.plant",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="call",
            field=models.ForeignKey(
                blank=True,
                db_column="call_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals_as_call",
                to="desk.call",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="challenge",
            field=models.ForeignKey(
                blank=True,
                db_column="challenge_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals_as_challenge",
                to="desk.challenge",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="proposer",
            field=models.ForeignKey(
                db_column="proposer_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="proposals_as_proposer",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="award",
            name="proposal",
            field=models.ForeignKey(
                blank=True,
                db_column="proposal_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="awards_as_proposal",
                to="desk.proposal",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="proposal",
            field=models.ForeignKey(
                db_column="proposal_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews_as_proposal",
                to="desk.proposal",
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="proposal",
            field=models.ForeignKey(
                db_column="proposal_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scores_as_proposal",
                to="desk.proposal",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="challenge",
            field=models.ForeignKey(
                blank=True,
                db_column="challenge_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies_as_challenge",
                to="desk.challenge",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="need",
            field=models.ForeignKey(
                blank=True,
                db_column="need_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies_as_need",
                to="desk.need",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="offer",
            field=models.ForeignKey(
                blank=True,
                db_column="offer_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies_as_offer",
                to="desk.offer",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="organisation",
            field=models.ForeignKey(
                db_column="organisation_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies_as_organisation",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="study",
            name="proposal",
            field=models.ForeignKey(
                blank=True,
                db_column="proposal_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="studies_as_proposal",
                to="desk.proposal",
            ),
        ),
        migrations.AddField(
            model_name="pilot",
            name="study",
            field=models.ForeignKey(
                db_column="study_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pilots_as_study",
                to="desk.study",
            ),
        ),
        migrations.AddField(
            model_name="gate",
            name="study",
            field=models.ForeignKey(
                db_column="study_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="gates_as_study",
                to="desk.study",
            ),
        ),
        migrations.AddField(
            model_name="tranche",
            name="award",
            field=models.ForeignKey(
                db_column="award_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tranches_as_award",
                to="desk.award",
            ),
        ),
        migrations.AddField(
            model_name="webhook",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="webhooks",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="webhookcall",
            name="webhook",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="calls", to="desk.webhook"
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="buyer",
            field=models.ForeignKey(
                db_column="buyer_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="wishes_as_buyer",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="event",
            field=models.ForeignKey(
                db_column="event_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="wishes_as_event",
                to="desk.event",
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="maker",
            field=models.ForeignKey(
                db_column="maker_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="wishes_as_maker",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="wish",
            name="need",
            field=models.ForeignKey(
                blank=True,
                db_column="need_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="wishes_as_need",
                to="desk.need",
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(fields=("call", "name"), name="criteria_key"),
        ),
        migrations.AddConstraint(
            model_name="enrolment",
            constraint=models.UniqueConstraint(fields=("course", "person"), name="enrolments_key"),
        ),
        migrations.AddConstraint(
            model_name="eventslot",
            constraint=models.UniqueConstraint(fields=("event", "number"), name="event_slots_key"),
        ),
        migrations.AddConstraint(
            model_name="foundingstep",
            constraint=models.UniqueConstraint(
                fields=("founding", "number"), name="founding_steps_key"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(fields=["event", "slot"], name="meeting_slot"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                fields=("event", "organisation"), name="participants_key"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["state", "received"], name="proposal_state"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(fields=("proposal", "reviewer"), name="reviews_key"),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(
                fields=("proposal", "reviewer", "criterion"), name="scores_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="gate",
            constraint=models.UniqueConstraint(fields=("study", "trl"), name="gates_key"),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.UniqueConstraint(fields=("award", "number"), name="tranches_key"),
        ),
        migrations.AddIndex(
            model_name="webhookcall",
            index=models.Index(fields=["taken_at", "next_at"], name="webhook_call_next"),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.UniqueConstraint(
                fields=("event", "buyer", "maker"), name="wishes_key"
            ),
        ),
    ]
