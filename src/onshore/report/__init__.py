"""What a run found in; bulletins as HTML, PDF and XLSX, in English and Persian, out."""

from onshore.report.bulletin import Bulletin, Chart, Column, Headline, Section, Table
from onshore.report.chain_pages import chain_bulletin
from onshore.report.chip import draw_chip
from onshore.report.compose import compose
from onshore.report.economy_pages import economy_bulletin
from onshore.report.explore_pages import explore_bulletin
from onshore.report.finding_page import first_chart
from onshore.report.html import to_html
from onshore.report.inks import INK_OF, PAINTS
from onshore.report.ocds import (
    ContractingProcess,
    Publication,
    contracting_processes,
    record_package,
    release_package,
)
from onshore.report.pdf import to_pdf
from onshore.report.reasons import reason_in
from onshore.report.results import Results
from onshore.report.sdmx import SdmxTables, from_sdmx, to_sdmx
from onshore.report.sdmx_rows import SdmxError
from onshore.report.statistics import statistical_bulletin
from onshore.report.statistics_template import (
    StatisticsTemplate,
    TemplateErrors,
    default_template,
    read_template,
)
from onshore.report.trade_pages import trade_bulletin
from onshore.report.words import Locale, Words
from onshore.report.xlsx import to_xlsx

__all__ = [
    "INK_OF",
    "PAINTS",
    "Bulletin",
    "Chart",
    "Column",
    "ContractingProcess",
    "Headline",
    "Locale",
    "Publication",
    "Results",
    "SdmxError",
    "SdmxTables",
    "Section",
    "StatisticsTemplate",
    "Table",
    "TemplateErrors",
    "Words",
    "chain_bulletin",
    "compose",
    "contracting_processes",
    "default_template",
    "draw_chip",
    "economy_bulletin",
    "explore_bulletin",
    "first_chart",
    "from_sdmx",
    "read_template",
    "reason_in",
    "record_package",
    "release_package",
    "statistical_bulletin",
    "to_html",
    "to_pdf",
    "to_sdmx",
    "to_xlsx",
    "trade_bulletin",
]
