"""How a table of trade is laid out: which heading is what, and whether it tells flows once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from onshore.codes import fold
from onshore.trade.columns import candidates, money_of, recognise
from onshore.trade.errors import TradeError

IMPORT, EXPORT = "import", "export"

_FLOWS = {
    IMPORT: "import imports m i 1 واردات ورود",
    EXPORT: "export exports x e 2 صادرات خروج",
    # Parts of the two above, told once more: re-exports and re-imports, and by procedure.
    "": "reexport reexports rx 3 reimport reimports rm 4 dx fm mip mop xip xop "
    "domesticexport domesticexports foreignimport transit ترانزیت صادراتمجدد",
}
RE_EXPORTS = ("reexport", "reexports", "rx", "3", "صادراتمجدد")


@dataclass(frozen=True)
class Layout:
    """How a table of trade is laid out.

    Parameters
    ----------
    columns
        Column of ours to the table's heading.
    reconciled
        Whether each row tells a flow from an exporter to an importer once; else a reporter tells
        its imports and exports.
    home
        The reporter of all rows, where no column names it.
    money
        In which money the values are, with its multiple: ``"thousand USD"``; None: not told.
    unit
        Unit of the quantities where the file's form fixes it; None: not told.
    vintage
        Release of the data, by the file's name.
    period_digits
        Of periods that are numbers: 4 for years, 6 with months (202003), 8 with days.
    revision
        Revision of the Harmonized System, by the heading's or the file's name.
    """

    columns: dict[str, str]
    reconciled: bool
    home: str | None
    money: str | None
    unit: str | None
    vintage: str | None
    revision: str | None
    period_digits: int = 4


def layout_of(headings: Sequence[str], source: str, home: str | None = None) -> Layout:
    """Recognise a table's headings."""
    has_flow = bool(candidates(headings, "flow"))
    reconciled = not has_flow and bool(
        candidates(headings, "exporter") and candidates(headings, "importer")
    )
    needed = ["product", "period", "value"]
    if reconciled:
        needed = ["exporter", "importer", *needed]
    elif home is not None and not _names_both(headings):
        needed = ["partner", "flow", *needed]
    else:
        needed = ["reporter", "partner", "flow", *needed]
        home = None
    if home is not None and not candidates(headings, "partner"):
        # A national extract calls the country of the other side just that.
        needed = ["country" if column == "partner" else column for column in needed]
    found = recognise(headings, needed, optional=_OPTIONAL, source=source)
    columns = {column: heading for heading, column in found.items()}
    if "country" in columns:
        columns["partner"] = columns.pop("country")
    is_baci = set("tijkvq") <= {heading.lower() for heading in headings}
    heading = columns["value"]
    return Layout(
        columns=columns,
        reconciled=reconciled,
        home=home,
        money="thousand USD" if is_baci else money_of(heading),
        unit="t" if is_baci or "quantity_t" in headings else None,
        vintage=_match(r"V(\d{6}[a-z]?)", source),
        revision=_revision(columns["product"]) or _revision(source),
    )


_OPTIONAL = ("quantity", "unit", "currency")


def _match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


def _revision(text: str) -> str | None:
    found = re.search(
        r"hs_?(1992|1996|2002|2007|2012|2017|2022|92|96|02|07|12|17|22)(?!\d)", text, re.I
    )
    return found[1] if found else None


def _names_both(headings: Sequence[str]) -> bool:
    """Say whether one column is the reporter and another the partner."""
    reporters, partners = (candidates(headings, side) for side in ("reporter", "partner"))
    return bool(reporters and partners and set(reporters) != set(partners))


def flow_words(words: Sequence[object], source: str) -> dict[str, list[object]]:
    """Sort the words of a flow column: imports, exports, and what repeats a part of them ("")."""
    sorted_words: dict[str, list[object]] = {IMPORT: [], EXPORT: [], "": []}
    unknown = []
    for word in words:
        key = re.sub(r"[\W_]+", "", fold(str(word)))
        flow = next((flow for flow, known in _FLOWS.items() if key in known.split()), None)
        if flow is None:
            unknown.append(str(word))
        else:
            sorted_words[flow].append(word)
    if unknown:
        raise TradeError(
            f"{source}: the flow column says {', '.join(sorted(unknown)[:5])}, which is neither "
            "import nor export. Write import or export (M or X, واردات or صادرات)."
        )
    return sorted_words


def files_of(path: Path) -> tuple[list[Path], bool]:
    """Give the files of a source, and whether they are Parquet (else CSV)."""
    if path.is_dir():
        parquet = sorted(path.rglob("*.parquet"))
        if parquet:
            return parquet, True
        texts = sorted(file for file in path.rglob("*.csv") if _CODES.search(file.name) is None)
        if texts:
            return texts, False
        raise TradeError(f"{path} holds no Parquet and no CSV files. Give the folder of the facts.")
    if not path.exists():
        raise TradeError(f"{path} is not there. Check the spelling.")
    if path.suffix.lower() in (".parquet", ".pq"):
        return [path], True
    if path.suffix.lower() in (".csv", ".tsv", ".txt", ".gz"):
        return [path], False
    raise TradeError(
        f"{path.name}: customs facts are read from CSV or Parquet. Save the table as CSV (UTF-8)."
    )


_CODES = re.compile(r"(country|product|commodity)_codes", re.I)
