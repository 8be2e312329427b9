"""The exploration wing: offers and commitments of blocks, services, finance, logs of holes, changes."""

import django.db.models.deletion
import onshore.desk.models.record_tables
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0006_rankings"),
    ]

    operations = [
        migrations.AddField(
            model_name="block",
            name="area",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="area", null=True
            ),
        ),
        migrations.AddField(
            model_name="block",
            name="closes",
            field=models.DateField(blank=True, db_column="closes", null=True),
        ),
        migrations.AddField(
            model_name="block",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="block",
            name="name_fa",
            field=models.TextField(blank=True, db_column="name_fa", default=""),
        ),
        migrations.AddField(
            model_name="block",
            name="offered_on",
            field=models.DateField(blank=True, db_column="offered_on", null=True),
        ),
        migrations.AddField(
            model_name="block",
            name="place",
            field=models.TextField(blank=True, db_column="place", default=""),
        ),
        migrations.AddField(
            model_name="block",
            name="source",
            field=models.TextField(blank=True, db_column="source", default=""),
        ),
        migrations.AddField(
            model_name="deposit",
            name="block",
            field=models.ForeignKey(
                blank=True,
                db_column="block_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deposits_as_block",
                to="desk.block",
            ),
        ),
        migrations.AddField(
            model_name="deposit",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="deposit",
            name="name_fa",
            field=models.TextField(blank=True, db_column="name_fa", default=""),
        ),
        migrations.AddField(
            model_name="deposit",
            name="stage",
            field=models.TextField(blank=True, db_column="stage", default=""),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="contractor",
            field=models.ForeignKey(
                blank=True,
                db_column="contractor_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drillholes_as_contractor",
                to="desk.organisation",
            ),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="cost",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="cost", null=True
            ),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="crs",
            field=models.TextField(blank=True, db_column="crs", default=""),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="currency",
            field=models.TextField(blank=True, db_column="currency", default=""),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="deposit",
            field=models.ForeignKey(
                blank=True,
                db_column="deposit_id",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="drillholes_as_deposit",
                to="desk.deposit",
            ),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="east",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="east", null=True
            ),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="kind",
            field=models.TextField(blank=True, db_column="kind", default=""),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="north",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="north", null=True
            ),
        ),
        migrations.AddField(
            model_name="drillhole",
            name="source",
            field=models.TextField(blank=True, db_column="source", default=""),
        ),
        migrations.AddField(
            model_name="estimate",
            name="commodity",
            field=models.TextField(blank=True, db_column="commodity", default=""),
        ),
        migrations.AddField(
            model_name="estimate",
            name="currency",
            field=models.TextField(blank=True, db_column="currency", default=""),
        ),
        migrations.AddField(
            model_name="estimate",
            name="density",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="density", null=True
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="grade_high",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="grade_high", null=True
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="grade_low",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="grade_low", null=True
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="estimate",
            name="includes_reserves",
            field=models.BooleanField(blank=True, db_column="includes_reserves", null=True),
        ),
        migrations.AddField(
            model_name="estimate",
            name="method",
            field=models.TextField(blank=True, db_column="method", default=""),
        ),
        migrations.AddField(
            model_name="estimate",
            name="price",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="price", null=True
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="price_unit",
            field=models.TextField(blank=True, db_column="price_unit", default=""),
        ),
        migrations.AddField(
            model_name="estimate",
            name="tonnage_high",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="tonnage_high", null=True
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="tonnage_low",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="tonnage_low", null=True
            ),
        ),
        migrations.AddField(
            model_name="rig",
            name="bought_on",
            field=models.DateField(blank=True, db_column="bought_on", null=True),
        ),
        migrations.AddField(
            model_name="rig",
            name="cost",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="cost", null=True
            ),
        ),
        migrations.AddField(
            model_name="rig",
            name="currency",
            field=models.TextField(blank=True, db_column="currency", default=""),
        ),
        migrations.AddField(
            model_name="rig",
            name="hours",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="hours", null=True
            ),
        ),
        migrations.AddField(
            model_name="rig",
            name="illustrative",
            field=models.BooleanField(blank=True, db_column="illustrative", null=True),
        ),
        migrations.AddField(
            model_name="rig",
            name="kind",
            field=models.TextField(blank=True, db_column="kind", default=""),
        ),
        migrations.AddField(
            model_name="rig",
            name="place",
            field=models.TextField(blank=True, db_column="place", default=""),
        ),
        migrations.AddField(
            model_name="rig",
            name="rate",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="rate", null=True
            ),
        ),
        migrations.AddField(
            model_name="rig",
            name="state",
            field=models.TextField(blank=True, db_column="state", default=""),
        ),
        migrations.AlterField(
            model_name="drillhole",
            name="lat",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="lat", null=True
            ),
        ),
        migrations.AlterField(
            model_name="drillhole",
            name="lon",
            field=onshore.desk.models.record_tables.ExactDecimal(
                blank=True, db_column="lon", null=True
            ),
        ),
        migrations.CreateModel(
            name="BlockOffer",
            fields=[
                (
                    "block_offer_id",
                    models.CharField(
                        db_column="block_offer_id",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("offered_on", models.DateField(db_column="offered_on", null=True)),
                ("closes", models.DateField(blank=True, db_column="closes", null=True)),
                ("state", models.TextField(db_column="state", default="")),
                ("decided_on", models.DateField(blank=True, db_column="decided_on", null=True)),
                ("reason", models.TextField(blank=True, db_column="reason", default="")),
                ("until", models.DateField(blank=True, db_column="until", null=True)),
                ("state_share", models.FloatField(blank=True, db_column="state_share", null=True)),
                ("terms", models.TextField(blank=True, db_column="terms", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "block",
                    models.ForeignKey(
                        db_column="block_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="block_offers_as_block",
                        to="desk.block",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_column="organisation_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="block_offers_as_organisation",
                        to="desk.organisation",
                    ),
                ),
            ],
            options={
                "db_table": "block_offers",
            },
        ),
        migrations.CreateModel(
            name="DrillingFinance",
            fields=[
                (
                    "drilling_finance_id",
                    models.CharField(
                        db_column="drilling_finance_id",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField(db_column="kind", default="")),
                (
                    "amount",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="amount", null=True),
                ),
                ("currency", models.TextField(db_column="currency", default="")),
                ("covers", models.TextField(blank=True, db_column="covers", default="")),
                ("share", models.FloatField(blank=True, db_column="share", null=True)),
                ("charge", models.FloatField(blank=True, db_column="charge", null=True)),
                ("starts", models.DateField(db_column="from", null=True)),
                ("until", models.DateField(blank=True, db_column="until", null=True)),
                ("state", models.TextField(db_column="state", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "block",
                    models.ForeignKey(
                        blank=True,
                        db_column="block_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drilling_finance_as_block",
                        to="desk.block",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_column="organisation_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drilling_finance_as_organisation",
                        to="desk.organisation",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_column="provider_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drilling_finance_as_provider",
                        to="desk.organisation",
                    ),
                ),
                (
                    "rig",
                    models.ForeignKey(
                        blank=True,
                        db_column="rig_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drilling_finance_as_rig",
                        to="desk.rig",
                    ),
                ),
            ],
            options={
                "db_table": "drilling_finance",
            },
        ),
        migrations.CreateModel(
            name="ExplorationService",
            fields=[
                (
                    "exploration_service_id",
                    models.CharField(
                        db_column="exploration_service_id",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("role", models.TextField(db_column="role", default="")),
                ("service", models.TextField(db_column="service", default="")),
                ("commodities", models.TextField(blank=True, db_column="commodities", default="")),
                ("places", models.TextField(blank=True, db_column="places", default="")),
                ("staff", models.BigIntegerField(blank=True, db_column="staff", null=True)),
                (
                    "competent_persons",
                    models.BigIntegerField(blank=True, db_column="competent_persons", null=True),
                ),
                ("equipment", models.TextField(blank=True, db_column="equipment", default="")),
                (
                    "depth_limit",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="depth_limit", null=True
                    ),
                ),
                (
                    "capacity_per_year",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="capacity_per_year", null=True
                    ),
                ),
                ("unit", models.TextField(blank=True, db_column="unit", default="")),
                ("grade", models.TextField(blank=True, db_column="grade", default="")),
                ("valid_until", models.DateField(blank=True, db_column="valid_until", null=True)),
                ("references", models.TextField(blank=True, db_column="references", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_column="organisation_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exploration_services_as_organisation",
                        to="desk.organisation",
                    ),
                ),
            ],
            options={
                "db_table": "exploration_services",
            },
        ),
        migrations.CreateModel(
            name="ResourceChange",
            fields=[
                (
                    "resource_change_id",
                    models.CharField(
                        db_column="resource_change_id",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("category", models.TextField(db_column="class", default="")),
                ("commodity", models.TextField(blank=True, db_column="commodity", default="")),
                ("changed_on", models.DateField(db_column="changed_on", null=True)),
                ("reason", models.TextField(db_column="reason", default="")),
                (
                    "tonnage",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="tonnage", null=True),
                ),
                (
                    "metal",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="metal", null=True
                    ),
                ),
                ("note", models.TextField(blank=True, db_column="note", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "deposit",
                    models.ForeignKey(
                        db_column="deposit_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resource_changes_as_deposit",
                        to="desk.deposit",
                    ),
                ),
            ],
            options={
                "db_table": "resource_changes",
            },
        ),
        migrations.CreateModel(
            name="WorkCommitment",
            fields=[
                (
                    "work_commitment_id",
                    models.CharField(
                        db_column="work_commitment_id",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField(db_column="kind", default="")),
                ("text", models.TextField(blank=True, db_column="text", default="")),
                (
                    "amount",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="amount", null=True),
                ),
                ("unit", models.TextField(db_column="unit", default="")),
                (
                    "done",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="done", null=True
                    ),
                ),
                ("done_on", models.DateField(blank=True, db_column="done_on", null=True)),
                ("due", models.DateField(db_column="due", null=True)),
                (
                    "cost",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="cost", null=True
                    ),
                ),
                (
                    "spent",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="spent", null=True
                    ),
                ),
                ("currency", models.TextField(blank=True, db_column="currency", default="")),
                ("evidence", models.TextField(blank=True, db_column="evidence", default="")),
                ("source", models.TextField(blank=True, db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "block_offer",
                    models.ForeignKey(
                        db_column="block_offer_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_commitments_as_block_offer",
                        to="desk.blockoffer",
                    ),
                ),
            ],
            options={
                "db_table": "work_commitments",
            },
        ),
        migrations.CreateModel(
            name="Assay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "starts",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="from", null=True),
                ),
                ("to", onshore.desk.models.record_tables.ExactDecimal(db_column="to", null=True)),
                ("analyte", models.TextField(db_column="analyte", default="")),
                (
                    "value",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="value", null=True
                    ),
                ),
                ("unit", models.TextField(db_column="unit", default="")),
                (
                    "below_limit",
                    models.BooleanField(blank=True, db_column="below_limit", null=True),
                ),
                ("sample", models.TextField(blank=True, db_column="sample_id", default="")),
                ("laboratory", models.TextField(blank=True, db_column="laboratory", default="")),
                ("method", models.TextField(blank=True, db_column="method", default="")),
                ("analysed", models.DateField(blank=True, db_column="analysed", null=True)),
                (
                    "hole",
                    models.ForeignKey(
                        db_column="hole_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assays_as_hole",
                        to="desk.drillhole",
                    ),
                ),
            ],
            options={
                "db_table": "assays",
                "constraints": [
                    models.UniqueConstraint(fields=("hole", "starts", "analyte"), name="assays_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="CommodityRoute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("commodity", models.TextField(db_column="commodity", default="")),
                ("mineral", models.TextField(db_column="mineral", default="")),
                ("step", models.BigIntegerField(db_column="step", null=True)),
                ("rare", models.BooleanField(blank=True, db_column="rare", null=True)),
                (
                    "by_product_of",
                    models.TextField(blank=True, db_column="by_product_of", default=""),
                ),
                ("process", models.TextField(db_column="process", default="")),
                ("process_fa", models.TextField(blank=True, db_column="process_fa", default="")),
                ("input", models.TextField(db_column="input", default="")),
                ("output", models.TextField(db_column="output", default="")),
                ("recovery", models.FloatField(blank=True, db_column="recovery", null=True)),
                ("reagents", models.TextField(blank=True, db_column="reagents", default="")),
                ("by_hazard", models.TextField(blank=True, db_column="by_hazard", default="")),
                ("at_home", models.TextField(blank=True, db_column="at_home", default="")),
                ("source", models.TextField(db_column="source", default="")),
                (
                    "illustrative",
                    models.BooleanField(blank=True, db_column="illustrative", null=True),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_column="organisation_id",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commodity_routes_as_organisation",
                        to="desk.organisation",
                    ),
                ),
            ],
            options={
                "db_table": "commodity_routes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("commodity", "mineral", "step"), name="commodity_routes_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LithologyLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "starts",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="from", null=True),
                ),
                ("to", onshore.desk.models.record_tables.ExactDecimal(db_column="to", null=True)),
                ("rock", models.TextField(db_column="rock", default="")),
                ("alteration", models.TextField(blank=True, db_column="alteration", default="")),
                (
                    "mineralisation",
                    models.TextField(blank=True, db_column="mineralisation", default=""),
                ),
                ("oxidation", models.TextField(blank=True, db_column="oxidation", default="")),
                ("recovery", models.FloatField(blank=True, db_column="recovery", null=True)),
                (
                    "density",
                    onshore.desk.models.record_tables.ExactDecimal(
                        blank=True, db_column="density", null=True
                    ),
                ),
                ("description", models.TextField(blank=True, db_column="description", default="")),
                (
                    "hole",
                    models.ForeignKey(
                        db_column="hole_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lithology_logs_as_hole",
                        to="desk.drillhole",
                    ),
                ),
            ],
            options={
                "db_table": "lithology_logs",
                "constraints": [
                    models.UniqueConstraint(fields=("hole", "starts"), name="lithology_logs_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Survey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "depth",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="depth", null=True),
                ),
                (
                    "azimuth",
                    onshore.desk.models.record_tables.ExactDecimal(db_column="azimuth", null=True),
                ),
                ("dip", onshore.desk.models.record_tables.ExactDecimal(db_column="dip", null=True)),
                ("north", models.TextField(blank=True, db_column="north", default="")),
                ("method", models.TextField(blank=True, db_column="method", default="")),
                ("surveyed", models.DateField(blank=True, db_column="surveyed", null=True)),
                (
                    "hole",
                    models.ForeignKey(
                        db_column="hole_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="surveys_as_hole",
                        to="desk.drillhole",
                    ),
                ),
            ],
            options={
                "db_table": "surveys",
                "constraints": [
                    models.UniqueConstraint(fields=("hole", "depth"), name="surveys_key")
                ],
            },
        ),
    ]
