"""The rows of an SDMX data set as SDMX-CSV 2.0 and as SDMX-ML 3.0, and back.

The two are written here, a column at a time: pysdmx writes data through pandas and PyArrow, and
its XML turns the joiners of Persian, apostrophes and backslashes into other signs.
"""

from datetime import datetime
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

import polars as pl

from onshore.report.sdmx_rows import DIMENSIONS, MEASURE, Flow, SdmxError, attributes
from onshore.report.sdmx_structure import VERSION

_NAMESPACE: Final = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
_FLOW_URN: Final = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow="
_ESCAPES: Final = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\t", "&#9;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
)


def csv_text(rows: pl.DataFrame, flow: Flow, agency: str) -> bytes:
    """Write rows as SDMX-CSV 2.0: the flow's id in each row, then its components."""
    return (
        rows.select(
            pl.lit("dataflow").alias("STRUCTURE"),
            pl.lit(_flow(flow, agency)).alias("STRUCTURE_ID"),
            pl.lit("R").alias("ACTION"),
            pl.all(),
        )
        .write_csv()
        .encode()
    )


def rows_of_csv(content: bytes, flow: Flow, agency: str, where: str) -> pl.DataFrame:
    """Read the rows of an SDMX-CSV 2.0 file."""
    try:
        rows = pl.read_csv(BytesIO(content), infer_schema=False)
    except pl.exceptions.PolarsError as wrong:
        raise SdmxError(
            f"{where}: it is not a CSV file ({str(wrong).splitlines()[0]}). "
            "Give the file that onshore series export wrote."
        ) from None
    for column, wanted in (("STRUCTURE", "dataflow"), ("STRUCTURE_ID", _flow(flow, agency))):
        found = rows[column].unique().to_list() if column in rows.columns else []
        if found not in ([wanted], []) or column not in rows.columns:
            raise SdmxError(
                f"{where}: the column {column} must say {wanted} in every row; it says "
                f"{', '.join(map(str, found)) or 'nothing'}. Give the file of this flow."
            )
    return rows.drop("STRUCTURE", "STRUCTURE_ID", "ACTION", strict=False)


def xml_text(
    rows: pl.DataFrame, flow: Flow, agency: str, *, message: str, prepared: datetime
) -> bytes:
    """Write rows as a structure-specific SDMX-ML 3.0 message, one flat observation each."""
    name, urn = flow.upper(), f"{_FLOW_URN}{_flow(flow, agency)}"
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<mes:StructureSpecificData xmlns:mes="{_NAMESPACE}/message" '
        f'xmlns:com="{_NAMESPACE}/common" xmlns:ss="{_NAMESPACE}/data/structurespecific" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:ns1="{urn}:ObsLevelDim:AllDimensions">\n'
        f"<mes:Header><mes:ID>{message}</mes:ID><mes:Test>false</mes:Test>"
        f"<mes:Prepared>{prepared.isoformat(timespec='seconds')}</mes:Prepared>"
        f'<mes:Sender id="{agency}"/>'
        f'<mes:Structure structureID="{name}" namespace="{urn}:ObsLevelDim:AllDimensions" '
        'dimensionAtObservation="AllDimensions">'
        f"<com:StructureUsage>{urn}</com:StructureUsage></mes:Structure></mes:Header>\n"
        f'<mes:DataSet ss:structureRef="{name}" xsi:type="ns1:DataSetType" action="Replace">\n'
    )
    foot = "</mes:DataSet>\n</mes:StructureSpecificData>\n"
    return (head + _observations(rows) + foot).encode()


def rows_of_xml(content: bytes, flow: Flow, agency: str, where: str) -> pl.DataFrame:
    """Read the rows of a structure-specific SDMX-ML 3.0 message, checked against its schema."""
    from pysdmx.errors import Invalid
    from pysdmx.io.xml.doc_validation import validate_doc

    require_plain(content, where)
    try:
        root = ElementTree.fromstring(content)
        validate_doc(content.decode("utf-8"))
    except (SyntaxError, Invalid, UnicodeDecodeError) as wrong:
        raise SdmxError(
            f"{where}: it is not a valid SDMX-ML 3.0 message ({str(wrong).splitlines()[0]}). "
            "Give the file that onshore series export wrote."
        ) from None
    usage = root.findtext(f".//{{{_NAMESPACE}/common}}StructureUsage")
    wanted = f"{_FLOW_URN}{_flow(flow, agency)}"
    if usage != wanted:
        raise SdmxError(f"{where}: its flow is {usage}, not {wanted}. Give the file of this flow.")
    found: list[dict[str, Any]] = [dict(obs.attrib) for obs in root.iter("Obs")]
    known = (*DIMENSIONS, MEASURE, *attributes(flow))
    columns = dict.fromkeys([*known, *(key for row in found for key in row)])
    return pl.DataFrame(found, schema=dict.fromkeys(columns, pl.String))


def require_plain(content: bytes, where: str) -> None:
    """Refuse entities of a file's own, by which a small file can fill the memory."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise SdmxError(f"{where}: it declares entities, as no message of SDMX does. Delete them.")


def _flow(flow: Flow, agency: str) -> str:
    return f"{agency}:{flow.upper()}({VERSION})"


def _observations(rows: pl.DataFrame) -> str:
    """Write each row as an element, its components as attributes where they have a value."""
    if rows.is_empty():
        return ""
    parts = []
    for name in rows.columns:
        escaped = pl.col(name)
        for sign, written in _ESCAPES:
            escaped = escaped.str.replace_all(sign, written, literal=True)
        attribute = pl.concat_str(pl.lit(f' {name}="'), escaped, pl.lit('"'))
        parts.append(pl.when(pl.col(name).is_not_null()).then(attribute).otherwise(pl.lit("")))
    lines = rows.select(pl.concat_str(pl.lit("<Obs"), *parts, pl.lit("/>")).alias("line"))
    return "\n".join(lines["line"]) + "\n"
