"""An instance kept as a folder of CSV files, as the localization benchmark writes it."""

from __future__ import annotations

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
    items, makers, candidates = (tables[name] for name in ("items", "makers", "candidates"))
    _require_unique(items, "item", folder / "items.csv")
    _require_unique(makers, "maker", folder / "makers.csv")
    _require_known(candidates, "item", items, folder / "candidates.csv", "items.csv")
    _require_known(candidates, "maker", makers, folder / "candidates.csv", "makers.csv")
    _require_known(tables["capacity"], "maker", makers, folder / "capacity.csv", "makers.csv")
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
    try:
        table = pl.read_csv(path, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, OSError) as mistake:
        reason = str(mistake).partition("\n")[0]
        raise PlanError(
            f"{path} cannot be read ({reason}). Save it anew as CSV in UTF-8."
        ) from None
    table = table.rename({name: name.strip() for name in table.columns})
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise PlanError(
            f"{path}: no column {', '.join(missing)}; found {', '.join(table.columns)}."
        )
    # What is no number is named with its row by the instance itself.
    return table.select(
        pl.col(name).str.strip_chars() if kind == pl.String else _number(table, name, kind, path)
        for name, kind in columns.items()
    )


def _number(table: pl.DataFrame, name: str, kind: type[pl.DataType], path: Path) -> pl.Series:
    number = table[name].str.strip_chars().cast(pl.Float64, strict=False)
    wrong = number.is_null() | number.is_nan()
    if kind == pl.Int64:
        wrong |= number != number.round()
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        what = "a whole number" if kind == pl.Int64 else "a number"
        raise PlanError(
            f"{path}, row {row + 2}, column {name}: {table[name][row]!r} is not {what}. "
            f"Mend it; {int(wrong.sum())} such cells are in this column."
        )
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
        raise PlanError(
            f"{path}, row {row + 2}, column {key}: {table[key][row]} is not in {where}. "
            "Add it there, or mend the spelling."
        )
