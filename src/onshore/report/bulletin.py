"""What a bulletin is: sections, each one question answered by figures, charts and tables.

The writers (HTML, PDF, XLSX) all render this one form, so that they cannot disagree.
"""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from onshore.figures import Basis
from onshore.report.inks import INK_OF

Kind = Literal[
    "text", "code", "number", "money", "share", "percent", "whole", "year", "date", "basis", "class"
]


@dataclass(frozen=True)
class Column:
    """A column of a table as it is shown.

    Parameters
    ----------
    key
        Name of the column in the table's frame.
    title
        Heading, in the bulletin's language, without the unit.
    kind
        How a value is set: ``code`` is isolated from the direction of the text around it,
        ``basis`` is shown as a chip, ``share`` is a fraction shown in percent.
    unit
        Unit shown in the heading, such as ``million EUR``.
    decimals
        Places after the decimal mark, for numbers; None for as many as each value has, where the
        rows are of unlike units.
    """

    key: str
    title: str
    kind: Kind = "text"
    unit: str = ""
    decimals: int | None = 0


@dataclass(frozen=True)
class Table:
    """A table as it is shown: columns in reading order over a frame of values.

    Parameters
    ----------
    title
        A sentence or a name of what the rows are.
    columns
        The columns shown, in order.
    frame
        One row per line, with a column for each ``Column.key``.
    total
        Whether the last row is the total of those above it.
    note
        What a reader must know to use it; shown under the table.
    shown
        How many rows a page shows, counted from the top, with the total row where there is
        one; 0 shows all. A workbook always holds every row.
    """

    title: str
    columns: tuple[Column, ...]
    frame: pl.DataFrame
    total: bool = False
    note: str = ""
    shown: int = 0


@dataclass(frozen=True)
class Chart:
    """A picture that states a finding.

    Parameters
    ----------
    title
        The finding, as a sentence.
    svg
        The picture: one ``<svg>`` element with a ``viewBox``, text as text.
    alt
        What it shows, for those who do not see it.
    foot
        Source, vintage and basis.
    wide
        Whether it takes the whole width of the page; others may stand two side by side.
    """

    title: str
    svg: str
    alt: str
    foot: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Headline:
    """One figure set large, never without its basis or status.

    Parameters
    ----------
    label
        What it is.
    value
        The figure, already set in the bulletin's digits, with its unit.
    basis
        Its step on the ladder, where it is a localization figure.
    status
        Its status as a word, where it is an observed statistic.
    note
        What stands beside it: the whole, the period, the place.
    """

    label: str
    value: str
    basis: Basis | None = None
    status: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One question and its answer.

    Parameters
    ----------
    key
        Stable short name, used as anchor and as the name of the sheet.
    title
        The answer's headline, as a sentence.
    lead
        The answer in one to three sentences.
    name
        Short name for the contents and the sheet, in the bulletin's language.
    """

    key: str
    title: str
    lead: str
    name: str
    headlines: tuple[Headline, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bulletin:
    """A whole report in one language.

    Parameters
    ----------
    locale
        ``en`` or ``fa``.
    title, subtitle
        Title of the bulletin and the line under it.
    imprint
        Label and value pairs: home country, price date in both calendars, horizon, rate type,
        version of the software.
    notices
        What must be read first, such as that the data are illustrative.
    sections
        In reading order.
    sources
        Every source named by the data, once each.
    foot
        Line at the foot of every page, such as that the data are illustrative.
    in_files
        Whether the tables are files beside the page; else a workbook holds every row.
    """

    locale: Literal["en", "fa"]
    title: str
    subtitle: str
    imprint: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    sources: tuple[str, ...] = field(default=())
    foot: str = ""
    in_files: bool = False

    @property
    def on_ladder(self) -> bool:
        """Whether any of its figures has a basis, so that the ladder needs its legend."""
        return any(
            any(headline.basis is not None for headline in section.headlines)
            or any(column.kind == "basis" for table in section.tables for column in table.columns)
            or any(f"p-{ink}" in chart.svg for chart in section.charts for ink in INK_OF.values())
            for section in self.sections
        )

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Direction of the running text."""
        return "rtl" if self.locale == "fa" else "ltr"
