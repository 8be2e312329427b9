"""What the ``onshore chain`` commands read, what they tell of it, and how they write results."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from onshore.cli.console import Refused, existing, step, warn
from onshore.cli.result_folder import source, write_results

if TYPE_CHECKING:
    import polars as pl

    from onshore.chain import Chain
    from onshore.report import Bulletin
    from onshore.report.map import Province

Language = Literal["en", "fa"]
Projects = Literal["none", "likely", "all"]
Texts = Annotated[list[str] | None, Parameter(negative="")]
OUTLINES = "provinces.geojson"
_NUMBERS = {
    "weeks": "",
    "share": "",
    "cost": "",
    "price": "",
    "most": "",
    "amount": "",
    "year": "whole",
}
_DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫"

_FORMULAS = {
    "run": ("Linear program of years x places x seasons, solved by HiGHS",
            "Recipes with share bounds in the form of PyPSA's Process"),
    "target": ("Malcolm et al. (1959), Operations Research 7(5), 646-669",
               "Clark (1962), The PERT model for the distribution of an activity time",
               "Wilson (1927), Probable inference (interval of a share)"),
    "shock": ("Simchi-Levi et al. (2015), Interfaces 45(5), 375-390",),
    "expand": ("Mixed-integer program of projects and flows, solved by HiGHS",),
}  # fmt: skip


@contextmanager
def refusals() -> Iterator[None]:
    """Refuse in the room's own words what it cannot answer."""
    from onshore.chain import ChainError

    try:
        yield
    except ChainError as mistake:
        raise Refused(str(mistake), status=1) from None


def opened_chain(folder: Path) -> "Chain":
    """Read a chain, or refuse with every bad row named."""
    from onshore import chain as room

    if not folder.exists():
        raise Refused(
            f"{folder} is not there. Give the folder of a chain: chain.toml (name, years) and its "
            "tables; examples/chain/steel is one."
        )
    if not folder.is_dir():
        raise Refused(f"{folder} is a file. A chain is a folder with chain.toml and its tables.")
    with refusals(), step("Reading the chain"):
        return room.read_chain(folder)


def years_of(chain: "Chain", years: Sequence[int] | None) -> list[int] | None:
    """Give the years that are asked for, or refuse those that the chain does not tell."""
    if not years:
        return None
    unknown = [year for year in years if year not in chain.settings.years]
    if unknown:
        known = ", ".join(str(year) for year in chain.settings.years)
        raise Refused(f"the chain does not tell {unknown[0]}. Its years are {known}.")
    return sorted(set(years))


def read_table(path: Path, what: str, needed: Collection[str]) -> "pl.DataFrame":
    """Read a small table that is given beside the chain, or refuse it."""
    import polars as pl

    suffix = existing(path).suffix.lower()
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".csv": lambda file: pl.read_csv(file, infer_schema=False),
        ".parquet": pl.read_parquet,
        ".xlsx": pl.read_excel,
    }
    if suffix not in readers:
        raise Refused(f"{path}: give {what} as CSV, XLSX or Parquet.")
    try:
        frame = readers[suffix](path)
    except (OSError, pl.exceptions.PolarsError, ValueError) as wrong:
        told = str(wrong).splitlines()[0]
        raise Refused(
            f"{path} cannot be read: {told}. Save it as CSV in UTF-8 with one row of headings.",
            status=1,
        ) from None
    lacking = [name for name in needed if name not in frame.columns]
    if lacking:
        found = ", ".join(frame.columns) or "none"
        raise Refused(
            f"{path.name}: the column {lacking[0]} is missing. {what[:1].upper()}{what[1:]} has "
            f"the columns {', '.join(needed)}. Found: {found}.",
            status=1,
        )
    return frame.with_columns(
        _numbers(path, frame[name], kind)
        for name, kind in _NUMBERS.items()
        if name in frame.columns
    )


def _numbers(path: Path, column: "pl.Series", kind: str) -> "pl.Series":
    """Read a column of numbers, in whichever digits, or refuse the first that is none."""
    import polars as pl

    text = column.cast(pl.String).str.strip_chars().replace("", None)
    western = text.str.replace_many(list(_DIGITS), list("01234567890123456789.")).cast(
        pl.Float64, strict=False
    )
    for row in (western.is_null() & text.is_not_null()).arg_true().head(1):
        raise Refused(
            f"{path.name}, row {row + 2}, column {column.name}: {text[row]} is no number. Write "
            "figures alone, such as 0.5.",
            status=1,
        )
    return western.cast(pl.Int64 if kind == "whole" else pl.Float64)


def outlines_of(folder: Path) -> "list[Province]":
    """Read the outlines that lie beside a chain's tables, if there are any."""
    from onshore.report.map import read_provinces

    path = folder / OUTLINES
    if not path.is_file():
        return []
    try:
        return read_provinces(path)
    except ValueError as wrong:
        raise Refused(str(wrong), status=1) from None


def chain_metadata(chain: "Chain", folder: Path, years: Sequence[int] | None) -> dict[str, Any]:
    """Tell what a result was made from: the folder, its name, what of it is illustrative."""
    from onshore.chain.telling import description

    rows = sum(chain.table(name).height for name in chain.tables)
    return {"source": source(folder, rows), **description(chain, years)}


def named_tables(chain: "Chain", activity: "pl.DataFrame | None" = None) -> "dict[str, Any]":
    """Give the tables that every result has: where plants stand, and how keys are called."""
    from onshore.chain.sites import names, sites

    return {"sites": sites(chain, activity), "names": names(chain)}


def product_of(opened: "Chain", product: str | None, objective: str | None) -> str | None:
    """Give the commodity that a page is about, or refuse one that the chain does not have."""
    from onshore.chain.telling import main_product

    if product is None:
        return main_product(opened, objective)
    known = opened.table("commodities")["commodity"].to_list()
    if product not in known:
        raise Refused(f"the chain has no commodity '{product}'. There are: {', '.join(known)}.")
    return product


def write_chain(
    out: Path,
    kind: str,
    tables: "Mapping[str, pl.DataFrame]",
    told: Mapping[str, Any],
    warnings: Sequence[str],
    folder: Path,
    language: Language,
) -> None:
    """Write a chain's result with its page and chart, and say its warnings last."""
    from onshore import report

    outlines = outlines_of(folder)

    def compose(
        kind: str, tables: "dict[str, pl.DataFrame]", told: Mapping[str, Any]
    ) -> "Bulletin":
        return report.chain_bulletin(kind, tables, told, language, outlines=outlines)

    metadata = {**told, "warnings": list(warnings), "formulas": list(_FORMULAS[kind])}
    write_results(out, kind, tables, metadata, compose=compose)
    warn(warnings)
