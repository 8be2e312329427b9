"""How fast a table of needs is checked, and by a peer: rows per CPU second, peak memory.

    python benchmarks/records_check.py --rows 1000000

A programme is made in a temporary folder, always the same: needs in CSV with one bad row in a
hundred, of fourteen kinds; Persian digits, days of both calendars, quoted cells; items and
organisations to refer to. The peer is pandera on Polars (group ``bench``), on the same file: what
one would otherwise write. It knows neither calendars, codes nor quantities with units, so it is
given patterns and lists, and misses some. Each runs in a process of its own, and
once on a small table before it is timed; before any time is told, it is made sure that exactly
the bad rows were found.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ITEMS, BUYERS = 20_000, 500
HS = ("848210", "848220", "730411", "841370", "850152", "690220", "720230", "681490")
CLASSES = ("mechanical", "electrical", "consumable", "مواد اولیه")
COLUMNS = (
    "need_id,item_id,buyer_id,description,hs_code,class,yearly_quantity,unit,import_price,currency,"
    "price_date,state"
)
SETTINGS = """\
name = "Benchmark"
home = "IR"
currency = "EUR"
price_date = 2024-09-22
rate_type = "market"
[horizon]
first_year = 2025
years = 5
"""
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

# What is done to the cells of a bad row, by kind.
FAULTS: tuple[dict[int, Callable[[int], str]], ...] = (
    {0: lambda i: f"N-{i - 1:07d}"},
    {1: lambda i: f"IT-9{i % 50_000:05d}"},
    {2: lambda i: f"BUYER {i % 1000}"},
    {3: lambda _: ""},
    {4: lambda i: f"9{i % 300:05d}"},
    {5: lambda _: "mechanicl"},
    {6: lambda i: f"-{i % 977 + 1}"},
    {6: lambda i: f"{i % 977} عدد".translate(PERSIAN)},
    {6: lambda i: f"{i % 977 + 1},5"},
    {7: lambda _: "blob"},
    {9: lambda _: ""},
    {10: lambda i: f"{1390 + i % 13}/07/31"},
    {10: lambda _: "03/04/2024"},
    {10: lambda _: "2024-01-01,published,and more"},
)


def is_bad(i: int) -> bool:
    return i % 100 == 57


def cells(i: int) -> list[str]:
    quantity, month, day = str(i * 7919 % 99_991 + 1), i // 7 % 12 + 1, i // 3 % 28 + 1
    if i % 5 == 0:
        quantity = quantity.translate(PERSIAN)
    elif i % 11 == 0:
        quantity = f"{int(quantity):,}"
    date = f"2024-{month:02d}-{day:02d}" if i % 3 else f"1403/{month:02d}/{day:02d}"
    description = f"بلبرینگ شیار عمیق {6000 + i % 999} 2RS C3"
    if i % 10 == 0:
        description = f'Gear pump, {i % 320} l/min, 1"" flange, cast iron'
    row = [
        f"N-{i:07d}",
        f"IT-{i * 31 % ITEMS:05d}",
        f"ORG-{i % BUYERS:03d}",
        f'"{description}"' if "," in description else description,
        HS[i % len(HS)],
        CLASSES[i % len(CLASSES)],
        f'"{quantity}"' if "," in quantity else quantity,
        "H87" if i % 4 else "عدد",
        f"{i * 104_729 % 9_999_991 / 100 + 0.01:.2f}",
        "EUR" if i % 2 else "USD",
        date,
        "published" if i % 6 else "draft",
    ]
    if is_bad(i):
        for column, spoil in FAULTS[i // 100 % len(FAULTS)].items():
            text = spoil(i)
            row[column] = f'"{text}"' if "," in text and column == 6 else text
    return row


def make_programme(folder: Path, rows: int) -> None:
    (folder / "programme.toml").write_text(SETTINGS, encoding="utf-8")
    with (folder / "items.csv").open("w", encoding="utf-8") as file:
        file.write("item_id,description,class,unit\n")
        file.writelines(f"IT-{i:05d},Item {i},mechanical,H87\n" for i in range(ITEMS))
    with (folder / "organisations.csv").open("w", encoding="utf-8") as file:
        file.write("organisation_id,name,role\n")
        file.writelines(f"ORG-{i:03d},Buyer {i},buyer\n" for i in range(BUYERS))
    with (folder / "needs.csv").open("w", encoding="utf-8") as file:
        file.write(COLUMNS + "\n")
        file.writelines(",".join(cells(i)) + "\n" for i in range(rows))


def bad_rows(rows: int) -> set[int]:
    """Rows as the spreadsheet counts: the heading is row 1."""
    return {i + 2 for i in range(rows) if is_bad(i)}


def by_onshore(folder: Path) -> set[int]:
    from onshore.records import check

    result = check(folder)
    return set(result.errors.filter(file="needs.csv")["row"].to_list())


def by_pandera(folder: Path) -> set[int]:
    import pandera.polars as pa
    import polars as pl

    digits = {persian: latin for latin, persian in zip("0123456789", "۰۱۲۳۴۵۶۷۸۹", strict=True)}
    items = pl.read_csv(folder / "items.csv")["item_id"].to_list()
    buyers = pl.read_csv(folder / "organisations.csv")["organisation_id"].to_list()
    units, currencies = ["H87", "عدد"], ["EUR", "USD"]
    needs = pl.read_csv(folder / "needs.csv", infer_schema=False, truncate_ragged_lines=True)
    number = pl.col("yearly_quantity").str.replace_many(digits)
    grouped = number.str.contains(r"^\d{1,3}(,\d{3})+$")
    needs = needs.with_columns(
        yearly_quantity=pl.when(grouped)
        .then(number.str.replace_all(",", ""))
        .otherwise(number)
        .cast(pl.Float64, strict=False),
        import_price=pl.col("import_price").cast(pl.Float64, strict=False),
    ).with_row_index("row", offset=2)
    schema = pa.DataFrameSchema(
        {
            "need_id": pa.Column(str, unique=True),
            "item_id": pa.Column(str, pa.Check.isin(items)),
            "buyer_id": pa.Column(str, pa.Check.isin(buyers)),
            "description": pa.Column(str),
            "hs_code": pa.Column(str, pa.Check.isin(HS)),
            "class": pa.Column(str, pa.Check.isin(CLASSES)),
            "yearly_quantity": pa.Column(float, pa.Check.ge(0)),
            "unit": pa.Column(str, pa.Check.isin(units)),
            "import_price": pa.Column(float, pa.Check.ge(0)),
            "currency": pa.Column(str, pa.Check.isin(currencies)),
            "price_date": pa.Column(str, pa.Check.str_matches(r"^\d{4}[-/]\d\d[-/]\d\d$")),
            "state": pa.Column(str, pa.Check.isin(["published", "draft"])),
        }
    )
    try:
        schema.validate(needs, lazy=True)
    except pa.errors.SchemaErrors as error:
        found = error.failure_cases.drop_nulls("index")["index"].unique().to_list()
        return {row + 2 for row in found}
    return set()


def measured(find: Callable[[Path], set[int]], folder: Path) -> tuple[set[int], float, float]:
    """Give the rows found, CPU seconds and peak memory in MB, of a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (find, folder))


def _measure(find: Callable[[Path], set[int]], folder: Path) -> tuple[set[int], float, float]:
    with tempfile.TemporaryDirectory() as name:
        make_programme(Path(name), 1000)
        find(Path(name))  # imports and code lists, once
    before = time.process_time()
    found = find(folder)
    seconds = time.process_time() - before
    unit = 1 if sys.platform == "darwin" else 1024
    return found, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args(arguments).rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_programme(folder, rows)
        size = (folder / "needs.csv").stat().st_size / 1e6
        expected = bad_rows(rows)
        print(f"needs.csv: {rows:,} rows, {size:,.0f} MB, {len(expected):,} bad rows")
        found, seconds, memory = measured(by_onshore, folder)
        if found != expected:
            raise SystemExit(
                f"onshore missed {len(expected - found)}, {len(found - expected)} extra"
            )
        tell("onshore check", rows, seconds, memory, f"all {len(found):,} bad rows found")
        try:
            peer, seconds, memory = measured(by_pandera, folder)
        except ModuleNotFoundError:
            print("pandera is not installed; `uv sync --group bench` brings it")
            return
        share = len(peer & expected) / max(len(expected), 1)
        extra = len(peer - expected)
        tell("pandera on Polars", rows, seconds, memory, f"{share:.0%} of them, {extra:,} others")


def tell(name: str, rows: int, seconds: float, memory: float, found: str) -> None:
    rate = rows / seconds
    print(
        f"{name:18} {seconds:7.2f} CPU s  {rate:11,.0f} rows/CPU s  {memory:7,.0f} MB peak  {found}"
    )


if __name__ == "__main__":
    main()
