"""An instance kept as a folder of CSV files, as the localization benchmark writes it."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import polars as pl

from onshore.plan.instance import Instance, PlanError

_FILES: dict[str, dict[str, type[pl.DataType]]] = {
    "items": {"item": pl.String, "max_makers": pl.Int64, "share": pl.Float64},
    "makers": {"maker": pl.String, "region": pl.String},
    "capacity": {"maker": pl.String, "year": pl.Int64, "hours": pl.Float64},
    "candidates": {
        "item": pl.String,
        "maker": pl.String,
        "tooling_cost_musd": pl.Float64,
        "lead_years": pl.Int64,
        "hours_per_year": pl.Float64,
        "annual_saving_musd": pl.Float64,
    },
    "budgets": {"year": pl.Int64, "budget_musd": pl.Float64, "discount": pl.Float64},
    "floors": {"region": pl.String, "floor_share": pl.Float64},
}


# What the instance calls a column, and what its file does.
_COLUMNS = {
    ("candidates", "resource"): "maker",
    ("candidates", "tooling_cost"): "tooling_cost_musd",
    ("candidates", "use_per_year"): "hours_per_year",
    ("candidates", "annual_saving"): "annual_saving_musd",
    ("capacity", "resource"): "maker",
    ("capacity", "amount"): "hours",
    ("budgets", "amount"): "budget_musd",
    ("floors", "group"): "region",
}
_SHOWN = 10
# Digits and signs of Persian and Arabic numbers.
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫", "01234567890123456789.", "٬")


def is_instance_folder(folder: str | Path) -> bool:
    """Tell whether a folder holds an instance rather than a programme."""
    folder = Path(folder)
    return (folder / "candidates.csv").is_file() and (folder / "makers.csv").is_file()


def read_instance(folder: str | Path) -> Instance:
    """Read an instance from a folder of CSV files.

    Parameters
    ----------
    folder
        ``items.csv`` (item, max_makers, share), ``makers.csv`` (maker, region), ``capacity.csv``
        (maker, year, hours), ``candidates.csv`` (item, maker, tooling_cost_musd, lead_years,
        hours_per_year, annual_saving_musd), ``budgets.csv`` (year, budget_musd, discount) and
        ``floors.csv`` (region, floor_share). Money is in million USD of year 0. Other columns
        are not read. A maker is its own resource, its region its group.

    Raises
    ------
    PlanError
        A file or column is missing, a cell is no number, an item or maker is not in its table or
        occurs twice, or a row cannot be planned with. Names the file and the row.
    """
    folder = Path(folder)
    tables = {name: _table(folder / f"{name}.csv", columns) for name, columns in _FILES.items()}
    for name in ("items", "candidates", "budgets"):
        if tables[name].is_empty():
            raise PlanError(
                f"{folder / f'{name}.csv'}: there is a heading but no row. Without {name} there is "
                "nothing to plan: add them, or take the whole file again."
            )
    items, makers, candidates = (tables[name] for name in ("items", "makers", "candidates"))
    _require_unique(items, "item", folder / "items.csv")
    _require_unique(makers, "maker", folder / "makers.csv")
    _require_known(candidates, "item", items, folder / "candidates.csv", "items.csv")
    _require_known(candidates, "maker", makers, folder / "candidates.csv", "makers.csv")
    _require_known(tables["capacity"], "maker", makers, folder / "capacity.csv", "makers.csv")
    _require_capacity(tables, folder / "capacity.csv")
    try:
        return _instance(tables)
    except PlanError as mistake:
        raise _in_files(mistake, folder, candidates["item"]) from None


def _instance(tables: dict[str, pl.DataFrame]) -> Instance:
    items, makers, candidates = (tables[name] for name in ("items", "makers", "candidates"))
    return Instance(
        candidates.join(items, on="item", how="left", maintain_order="left")
        .join(makers, on="maker", how="left", maintain_order="left")
        .select(
            "item",
            "maker",
            "lead_years",
            "share",
            "max_makers",
            resource="maker",
            tooling_cost="tooling_cost_musd",
            use_per_year="hours_per_year",
            annual_saving="annual_saving_musd",
            opens=pl.lit(0, dtype=pl.Int64),
            group="region",
        ),
        tables["capacity"].select("year", resource="maker", amount="hours"),
        tables["budgets"].select("year", "discount", amount="budget_musd"),
        tables["floors"].select("floor_share", group="region"),
    )


def _in_files(mistake: PlanError, folder: Path, items: pl.Series) -> PlanError:
    """Word the problems of an instance by its files: their lines and their columns."""
    if mistake.problems.is_empty():
        return mistake
    lines = []
    for table, row, column, reason, found in mistake.problems.head(_SHOWN).iter_rows():
        file, place = table, f"row {row + 1}"
        if table == "candidates" and column in ("share", "max_makers"):
            file, place = "items", f"item {items[row - 1]}"
        column = _COLUMNS.get((table, column), column)
        lines.append(f"  {folder / f'{file}.csv'}, {place}, column {column}: {reason} ({found})")
    more = mistake.problems.height - _SHOWN
    if more > 0:
        lines.append(f"  and {more} more")
    told = "1 row" if mistake.problems.height == 1 else f"{mistake.problems.height} rows"
    text = "\n".join(lines)
    return PlanError(
        f"{told} cannot be planned with. Mend them and plan again:\n{text}", mistake.problems
    )


def read_items(folder: str | Path) -> pl.Series:
    """Read the names of all items, those without a candidate too."""
    return _table(Path(folder) / "items.csv", _FILES["items"])["item"]


def instance_hash(folder: str | Path) -> str:
    """Give the SHA-256 of the files that `read_instance` reads, names and contents, in order."""
    digest = hashlib.sha256()
    for name in sorted(_FILES):
        content = (Path(folder) / f"{name}.csv").read_bytes()
        digest.update(f"{name}.csv {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def instance_digest(instance: Instance) -> str:
    """Give the SHA-256 of an instance's tables, as CSV, in the order of their names."""
    digest = hashlib.sha256()
    for name, table in sorted(vars(instance).items()):
        if isinstance(table, pl.DataFrame):
            lists = [column for column, kind in table.schema.items() if kind == pl.List]
            flat = table.with_columns(pl.col(column).list.join(";") for column in lists)
            digest.update(f"{name}\n{flat.write_csv()}".encode())
    return digest.hexdigest()


def _table(path: Path, columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    if not path.is_file():
        raise PlanError(f"{path} is not there. An instance has the files {', '.join(_FILES)}.")
    text = _text(path)
    heading = [name.strip() for name in next(csv.reader(text.splitlines()), [])]
    missing = [name for name in columns if name not in heading]
    if missing:
        raise PlanError(
            f"{path}, row 1: no column {', '.join(missing)}; found {', '.join(heading)}. "
            "Give the heading its columns, with commas between."
        )
    for name in columns:
        if heading.count(name) > 1:
            raise PlanError(f"{path}, row 1: the column {name} is there twice. Take one out.")
    try:
        table = pl.read_csv(text.encode(), infer_schema=False)
    except pl.exceptions.PolarsError as mistake:
        raise PlanError(_torn(path, text, len(heading), str(mistake))) from None
    table.columns = heading if len(set(heading)) == len(heading) else table.columns
    # What is no number is named with its row by the instance itself.
    return table.select(
        _name(table, name) if kind == pl.String else _number(table, name, kind, path)
        for name, kind in columns.items()
    )


def _text(path: Path) -> str:
    content = path.read_bytes()
    if not content.strip():
        raise PlanError(f"{path} is empty. Take the file again from where it came.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        row = content.count(b"\n", 0, mistake.start) + 1
        raise PlanError(
            f"{path}, row {row}: the file is not written in UTF-8. Save it anew as CSV UTF-8."
        ) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise PlanError(
            f"{path}, row {row}: the file holds a character that no text has (NUL): it is damaged "
            "or not written in UTF-8. Save it anew as CSV UTF-8."
        )
    return text


def _torn(path: Path, text: str, width: int, mistake: str) -> str:
    """Name the first row that has more cells than the heading."""
    for cells in (lines := csv.reader(text.splitlines())):
        if len(cells) > width:
            return (
                f"{path}, row {lines.line_num}: {len(cells)} cells, and the heading has {width}. "
                "Put text that holds a comma in quotation marks, or take the cells out."
            )
    reason = mistake.partition("\n")[0]
    return f"{path} cannot be read ({reason}). Save it anew as CSV UTF-8."


def _name(table: pl.DataFrame, name: str) -> pl.Series:
    return table[name].str.strip_chars().replace("", None)


def _number(table: pl.DataFrame, name: str, kind: type[pl.DataType], path: Path) -> pl.Series:
    number = table[name].str.strip_chars().cast(pl.Float64, strict=False)
    if number.null_count():
        western = pl.Series(
            [None if cell is None else cell.strip().translate(_DIGITS) for cell in table[name]],
            dtype=pl.String,
        )
        number = western.cast(pl.Float64, strict=False).alias(name)
    wrong = number.is_null() | number.is_nan()
    if kind == pl.Int64:
        wrong |= number != number.round()
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        what = "a whole number" if kind == pl.Int64 else "a number"
        cell = table[name][row]
        said = f"{cell!r} is not {what}" if (cell or "").strip() else f"it is empty; {what} is due"
        others = int(wrong.sum()) - 1
        more = f" {others} more cells of this column are like it." if others else ""
        like = "3" if kind == pl.Int64 else "1200.5"
        raise PlanError(f"{path}, row {row + 2}, column {name}: {said}. Write it as {like}.{more}")
    return number.cast(kind)


def _require_unique(table: pl.DataFrame, key: str, path: Path) -> None:
    twice = table[key].is_duplicated() | table[key].is_null()
    if twice.any():
        row = int(twice.arg_max() or 0)
        said = "is empty" if table[key][row] is None else f"{table[key][row]} occurs twice"
        raise PlanError(f"{path}, row {row + 2}, column {key}: {said}. Give each {key} one row.")


def _require_known(
    table: pl.DataFrame, key: str, known: pl.DataFrame, path: Path, where: str
) -> None:
    unknown = ~table[key].is_in(known[key].implode()) | table[key].is_null()
    if unknown.any():
        row = int(unknown.arg_max() or 0)
        found = table[key][row]
        said = (
            f"it is empty; give one of {where}" if found is None else f"{found} is not in {where}"
        )
        raise PlanError(
            f"{path}, row {row + 2}, column {key}: {said}. Add it there, or mend the spelling."
        )


def _require_capacity(tables: dict[str, pl.DataFrame], path: Path) -> None:
    makers = tables["candidates"].select("maker").unique(maintain_order=True)
    wanted = makers.join(tables["budgets"].select("year"), how="cross", maintain_order="left")
    missing = wanted.join(
        tables["capacity"], on=["maker", "year"], how="anti", maintain_order="left"
    )
    # Where a row is of a year outside the horizon, that is what has to be told.
    inside = tables["capacity"]["year"].is_in(tables["budgets"]["year"].implode()).all()
    if inside and not missing.is_empty():
        maker, year = missing.row(0)
        others = f" {missing.height - 1} more such rows are missing." if missing.height > 1 else ""
        raise PlanError(
            f"{path}, column hours: {maker} has no row for year {year}. Add it; give 0 where the "
            f"maker has no hours.{others}"
        )
