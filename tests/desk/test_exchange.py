"""A programme goes into the desk and out again without loss."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest
from django.db import connection

import onshore
from onshore.desk.actor import PUBLIC
from onshore.desk.auditing import audit
from onshore.desk.models import Item, Need
from onshore.desk.tables import exchange
from onshore.records import NoProgramme, TableErrors, schema, tables, write_table

pytestmark = pytest.mark.django_db


def _same(one: onshore.records.Programme, other: onshore.records.Programme) -> None:
    assert one.settings == other.settings
    for name in tables():
        key = list(schema(name).key)
        assert one.table(name).sort(key).equals(other.table(name).sort(key)), name


def test_worked_example_goes_in_and_out(worked_example: Path, tmp_path: Path) -> None:
    counts = exchange.load(worked_example, PUBLIC)
    given = onshore.open(worked_example)
    assert counts == {n: f.height for n, f in given.frames.items() if f.height}
    exchange.export(tmp_path / "out")
    _same(given, onshore.open(tmp_path / "out"))
    _same(given, exchange.programme())
    assert not list(audit.verify())
    need = Need.objects.filter(currency="EUR", yearly_value__isnull=False).first()
    assert need.yearly_value == pytest.approx(float(need.import_price * need.yearly_quantity))


def test_folder_with_errors_loads_nothing(worked_example: Path, tmp_path: Path) -> None:
    for path in worked_example.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    needs = pl.read_csv(tmp_path / "needs.csv", infer_schema=False)
    write_table(needs.with_columns(buyer_id=pl.lit("nobody")), tmp_path / "needs.csv")
    with pytest.raises(TableErrors):
        exchange.load(tmp_path, PUBLIC)
    assert not Item.objects.exists()


def test_loading_over_records_is_asked_for(worked_example: Path) -> None:
    exchange.load(worked_example, PUBLIC)
    Need.objects.filter(pk=Need.objects.first().pk).update(sector="changed")
    with pytest.raises(exchange.NotEmpty):
        exchange.load(worked_example, PUBLIC)
    exchange.load(worked_example, PUBLIC, replace=True)
    _same(onshore.open(worked_example), exchange.programme())


def test_exact_decimals_keep_every_digit(db: None) -> None:
    from decimal import Decimal

    from onshore.desk.models import Deal, Organisation

    for key in ("b", "m"):
        Organisation.objects.create(organisation_id=key, name=key, role="buyer")
    value = Decimal("98765432109876543210.123456")
    Deal.objects.create(
        deal_id="D", basis="MoU", buyer_id="b", maker_id="m", value=value, signed="2024-01-01"
    )
    assert Deal.objects.get().value == value


@pytest.mark.django_db(transaction=True)
def test_database_opens_as_a_programme(worked_example: Path) -> None:
    exchange.load(worked_example, PUBLIC)
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        address = f"sqlite:///{told['NAME']}"
    else:
        parts = urlsplit(os.environ["DATABASE_URL"])
        address = parts._replace(path=f"/{told['NAME']}").geturl()
    _same(onshore.open(worked_example), onshore.open(address))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite:////no/such/file.db", "no database file"),
        ("mysql://x/y", "not a kind of database"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be read"),
    ],
)
def test_wrong_address_is_told(address: str, said: str) -> None:
    with pytest.raises(NoProgramme, match=said):
        onshore.open(address)


def test_other_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database " * 100)
    with pytest.raises(NoProgramme, match="not the desk's database"):
        onshore.open(f"sqlite:///{tmp_path / 'x.db'}")
