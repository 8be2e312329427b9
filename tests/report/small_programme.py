"""A small programme and what a run of it would find, with figures that can be checked by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from onshore.figures import RateTable
from onshore.plan import Plan
from onshore.records import Programme, Settings, schema
from onshore.report import Results

MEHR = "Mehr News Agency (facts; CC BY 4.0)"
TRACKER = "Global Iron and Steel Tracker, September 2025 (CC BY 4.0), changed"


SETTINGS = Settings(
    name="Localization of the steel supply chain",
    name_fa="بومی‌سازی زنجیره تأمین فولاد",
    home="IR",
    currency="EUR",
    calendar="solar_hijri",
    price_date=date(2024, 9, 22),
    rate_type="market",
    discount_rate=0.08,
    first_year=1404,
    years=3,
    phases={1: 1404, 2: 1406},
    illustrative=True,
)


def small_table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {
        column: pl.Series(column, [_cell(row.get(column), dtype) for row in rows], dtype=dtype)
        for column, dtype in schema(name).dtypes.items()
    }
    return pl.DataFrame(columns)


def _cell(value: Any, dtype: pl.DataType) -> Any:
    return Decimal(str(value)) if value is not None and dtype == pl.Decimal(38, 6) else value


def rows(columns: str, *values: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns.split(), row, strict=True)) for row in values]


TABLES: dict[str, list[dict[str, Any]]] = {
    "places": rows(
        "place_id name name_fa kind parent phase",
        ("IR", "Iran", "ایران", "country", None, None),
        ("IR-10", "Isfahan", "اصفهان", "province", "IR", 1),
        ("IR-06", "Khuzestan", "خوزستان", "province", "IR", 1),
        ("IR-07", "Fars", "فارس", "province", "IR", 2),
        ("PARK-1", "Murcheh Khort park", "شهرک مورچه‌خورت", "park", "IR-10", None),
    ),
    "organisations": rows(
        "organisation_id name name_fa role place",
        ("B-1", "Zagros Steel", "فولاد زاگرس", "buyer", "IR-10"),
        ("B-2", "Karun Rolling", "نورد کارون", "buyer", "IR-06"),
        ("M-1", "Sepahan Bearings", "بلبرینگ سپاهان", "maker", "PARK-1"),
        ("M-2", "Karun Refractories", "نسوز کارون", "maker", "IR-06"),
        ("M-3", "Fars Instruments", "ابزار دقیق فارس", "maker", "IR-07"),
    ),
    "items": rows(
        "item_id description class sector unit",
        ("I-1", "Deep groove ball bearing 6205-2RS", "mechanical", "steel", "H87"),
        ("I-2", "Magnesia-carbon brick", "consumable", "steel", "TNE"),
        ("I-3", "Pressure transmitter", "electrical", "petrochemicals", "H87"),
        ("I-4", "Graphite electrode UHP 600", "consumable", "steel", "TNE"),
    ),
    "needs": rows(
        "need_id item_id buyer_id description yearly_quantity import_price currency incoterm "
        "origin access",
        (
            "N-1",
            "I-1",
            "B-1",
            "Bearing 6205-2RS for <roller tables>",
            1200,
            4,
            "EUR",
            "CIF",
            "DE",
            None,
        ),
        ("N-2", "I-2", "B-1", "آجر نسوز منیزیت‌کربن MgO-C 14%", 800, 950, "EUR", "CIF", "CN", None),
        ("N-3", "I-3", "B-2", "Датчик давления 4-20 мА", 40, 610, "USD", "CIF", "RU", None),
        (
            "N-4",
            "I-4",
            "B-2",
            "Graphite electrode UHP 600 x 2400",
            300,
            4200,
            "USD",
            "CIF",
            "CN",
            None,
        ),
        ("N-5", "I-4", "B-1", "<script>alert('need')</script>", 10, 4200, "USD", "CIF", "CN", None),
        ("N-6", "I-4", "B-1", "A secret electrode", 10, 4200, "USD", "CIF", "CN", "confidential"),
    ),
    "offers": rows(
        "offer_id maker_id description",
        ("O-1", "M-1", "بلبرینگ شیار عمیق 6205-2RS"),
        ("O-2", "M-2", "Magnesia-carbon brick 14 % C, ISO 10081"),
        ("O-3", "M-3", "Pressure gauge & transmitter"),
    ),
    "desks": rows(
        "desk_id name name_fa sector target_amount target_currency target_period source",
        ("D-S", "Steel desk", "میز فولاد", "steel", 2_000_000, "EUR", "1403", MEHR),
        ("D-P", "Petrochemicals desk", "میز پتروشیمی", "petrochemicals", None, None, None, MEHR),
    ),
    "budgets": rows(
        "year fund amount currency",
        (1404, "Fund", 500_000, "EUR"),
        (1405, "Fund", 400_000, "EUR"),
        (1406, "Fund", 300_000, "EUR"),
    ),
    "claims": rows(
        "claim_id sector period basis stated_amount stated_currency part_of statement source",
        ("A", None, "1399", "announced", 245_000_000, "EUR", None, "Four new desks", MEHR),
        ("A1", "petrochemicals", "1399", "announced", 60_000_000, "EUR", "A", "Petro", MEHR),
        ("A2", "refining", "1399", "announced", 80_000_000, "EUR", "A", "Refining", MEHR),
        ("A3", "home appliances", "1399", "announced", 63_000_000, "EUR", "A", "Home", MEHR),
        ("A4", "automotive", "1399", "announced", 42_000_000, "EUR", "A", "Auto", MEHR),
        ("B", None, "1398", "announced", 1_045_000_000, "EUR", None, "Saved since 1398", MEHR),
        ("B1", "petrochemicals", "1398", "announced", 140_000_000, "EUR", "B", "Oil", MEHR),
        ("B2", "electronics", "1398", "announced", 120_000_000, "EUR", "B", "Telecoms", MEHR),
        ("B3", "automotive", "1398", "announced", 340_000_000, "EUR", "B", "Cars", MEHR),
        ("B4", "steel", "1398", "announced", 440_000_000, "EUR", "B", "Steel, copper", MEHR),
    ),
    "rates": rows(
        "base quote date until rate rate_type source illustrative",
        ("USD", "IRR", date(2018, 4, 10), date(2022, 3, 20), 42_000, "official", "CBI", False),
        ("USD", "IRR", date(2020, 8, 22), date(2020, 12, 31), 225_000, "market", "Invented", True),
    ),
    "awards": rows(
        "award_id kind amount currency awarded basis statement source",
        (
            "W",
            "contract",
            40_000_000_000_000,
            "IRR",
            date(2020, 8, 22),
            "announced",
            "Projects for knowledge-based firms",
            MEHR,
        ),
    ),
    "plants": rows(
        "plant_id name name_fa place lon lat product capacity status source",
        (
            "P-1",
            "Mobarakeh <Steel>",
            "فولاد مبارکه",
            "IR-10",
            51.43,
            32.24,
            "crude steel",
            10000,
            "operating",
            TRACKER,
        ),
        (
            "P-2",
            "Khouzestan Steel",
            "فولاد خوزستان",
            "IR-06",
            48.73,
            31.27,
            "crude steel",
            3600,
            "operating",
            TRACKER,
        ),
        (
            "P-3",
            "Not yet built",
            None,
            "IR-07",
            52.5,
            29.5,
            "crude steel",
            900,
            "announced",
            TRACKER,
        ),
    ),
    "observations": rows(
        "indicator product partner period value unit status source",
        ("exports", "steel ingots", None, "1398-Q1", 1.425, "million t", "reported", MEHR),
        ("exports", "steel ingots", None, "1397-Q1", 1.854, "million t", "reported", MEHR),
        (
            "exports, growth as stated",
            "steel ingots",
            None,
            "1398-Q1",
            -23,
            "percent",
            "reported",
            MEHR,
        ),
        ("exports", "auto parts", "RU", "2022", 13, "million USD", "reported", MEHR),
        ("exports", "auto parts", "RU", "2023", 66, "million USD", "reported", MEHR),
        ("production", "crude steel", None, "1397", 25, "million t", "final", MEHR),
        ("production", "copper cathode", None, "1403-H1", 145, "thousand t", "provisional", MEHR),
        (
            "production, growth as stated",
            "copper cathode",
            None,
            "1403-H1",
            12,
            "percent",
            "reported",
            MEHR,
        ),
    ),
    "targets": rows(
        "indicator product period value unit statement source",
        ("production", "crude steel", "1398", 30, "million t", "Planned", MEHR),
        ("exports", "steel ingots", "1398-Q1", 1.9, "million t", "Aim", MEHR),
    ),
}

SQUARES = {"IR-10": (50, 31), "IR-06": (47.5, 30), "IR-07": (51, 28)}


def outlines() -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"iso_3166_2": code, "name": code},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [
                        [[w, s], [w + 2.5, s], [w + 2.5, s + 2.5], [w, s + 2.5], [w, s]]
                    ],
                },
            }
            for code, (w, s) in SQUARES.items()
        ],
    }


AGREES = '{"agree": [["bearing", "6205-2RS"]], "unsaid": [["length", "<b>25 mm</b>"]]}'
PARTLY = '{"agree": [["words", "MgO-C brick"]], "unsaid": [["words", "14%"]]}'
DIFFERS = '{"agree": [["words", "pressure"]], "differ": [["current", "4-20 mA", "0-5 V"]]}'
NOTHING = '{"note": "nothing in common"}'

MATCHES = pl.DataFrame(
    [
        ("N-1", 1, "O-1", 0.91, "exact", AGREES),
        ("N-2", 1, "O-2", 0.64, "near", PARTLY),
        ("N-2", 2, "O-3", 0.02, "none", NOTHING),
        ("N-3", 1, "O-3", 0.35, "could make", DIFFERS),
        ("N-4", 1, "O-2", 0.03, "none", NOTHING),
        ("N-5", 1, "O-2", 0.01, "none", NOTHING),
        ("N-6", 1, "O-2", 0.01, "none", NOTHING),
    ],
    schema=["need_id", "rank", "offer_id", "score", "class", "reasons"],
    orient="row",
)

PLAN_TABLE = pl.DataFrame(
    [
        ("N-2", "O-2", "M-2", 1404, 1405, Decimal(450_000), Decimal("1250000.5"), None),
        ("N-1", "O-1", "M-1", 1404, 1404, Decimal(50_000), Decimal(9_000), None),
        ("N-3", "O-3", "M-3", 1406, 1406, Decimal(120_000), Decimal(20_000), None),
    ],
    schema=schema("plan").dtypes,
    orient="row",
)

PLAN = Plan(
    starts=pl.DataFrame(),
    objective=1_279_000.5,
    bound=1_290_000.0,
    gap=11_000 / 1_279_000.5,
    status="within the gap",
)

LIMITS = pl.DataFrame(
    [
        ("budget", None, 0, 500_000.0, 500_000.0, True),
        ("budget", None, 1, 0.0, 400_000.0, False),
        ("budget", None, 2, 120_000.0, 300_000.0, False),
        ("capacity", "M-2", 1, 800.0, 800.0, True),
    ],
    schema=["kind", "name", "year", "used", "limit", "binding"],
    orient="row",
)


LEDGER = pl.DataFrame(
    [
        ("C-1", "verified", "steel", "D-S", Decimal(420_000), Decimal(-31_000)),
        ("C-2", "verified", "petrochemicals", "D-P", Decimal(130_000), Decimal(22_000)),
        ("C-3", "accepted", "steel", "D-S", Decimal(310_000), Decimal(40_000)),
        ("C-4", "delivered", "steel", "D-S", Decimal(150_000), Decimal(0)),
        ("C-5", "contracted", "petrochemicals", "D-P", Decimal(510_000), Decimal(90_000)),
        ("C-6", "contracted", "steel", "D-S", Decimal(220_000), None),
        ("C-7", "MoU", "steel", "D-S", Decimal(380_000), Decimal(0)),
        ("C-8", "announced", "automotive", None, Decimal(640_000), Decimal(0)),
        ("C-9", "target", "refining", None, Decimal(260_000), Decimal(0)),
    ],
    schema={
        "claim_id": pl.String,
        "basis": pl.String,
        "sector": pl.String,
        "desk_id": pl.String,
        "net_currency_saved": pl.Decimal(38, 6),
        "cost_effect": pl.Decimal(38, 6),
    },
    orient="row",
)

LEFT_OUT = pl.DataFrame(
    [
        (
            "N-3",
            "O-3",
            "the import price is FOB, so freight and insurance have to be given as well",
        ),
        (
            "N-4",
            "O-2",
            "the import price is EXW, so freight and insurance have to be given as well",
        ),
        ("N-5", "O-2", "the need does not say its import price"),
        ("N-6", "O-2", "a reason of which nobody has heard"),
    ],
    schema=["need_id", "offer_id", "reason"],
    orient="row",
)

BROKEN = pl.DataFrame(
    [("B", "deliveries", "who verified it is who claims it", "Have it verified by another.")],
    schema=["claim_id", "rule", "reason", "next_step"],
    orient="row",
)


def small_results(folder: Path, **changes: Any) -> Results:
    """Give the results; ``tables`` and ``settings`` replace parts of the programme."""
    tables = TABLES | changes.pop("tables", {})
    frames = {name: small_table(name, rows) for name, rows in tables.items()}
    programme = Programme(changes.pop("settings", SETTINGS), frames, folder)
    found: dict[str, Any] = {
        "matches": MATCHES,
        "plan": PLAN,
        "plan_table": PLAN_TABLE,
        "limits": LIMITS,
        "left_out": LEFT_OUT,
        "ledger": LEDGER,
        "broken_claims": BROKEN,
        "rates": RateTable(programme.table("rates")),
        "notes": ("needs.csv: the column 'colour' is not known and was not read.",),
    }
    return Results(programme=programme, **(found | changes))
