"""What a run found in; bulletins as HTML, PDF and XLSX, in English and Persian, out."""

from onshore.report.bulletin import Bulletin, Chart, Column, Headline, Section, Table
from onshore.report.chain_pages import chain_bulletin, chain_chart, chain_page
from onshore.report.chip import draw_chip
from onshore.report.compose import compose
from onshore.report.economy_pages import economy_bulletin, economy_chart, economy_page
from onshore.report.explore_pages import explore_bulletin, explore_chart, explore_page
from onshore.report.finding_page import first_chart
from onshore.report.html import to_html
from onshore.report.inks import INK_OF, PAINTS
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
from onshore.report.trade_pages import trade_bulletin, trade_chart, trade_page
from onshore.report.words import Locale, Words
from onshore.report.xlsx import to_xlsx

__all__ = [
    "INK_OF",
    "PAINTS",
    "Bulletin",
    "Chart",
    "Column",
    "Headline",
    "Locale",
    "Results",
    "SdmxError",
    "SdmxTables",
    "Section",
    "StatisticsTemplate",
    "Table",
    "TemplateErrors",
    "Words",
    "chain_bulletin",
    "chain_chart",
    "chain_page",
    "compose",
    "default_template",
    "draw_chip",
    "economy_bulletin",
    "economy_chart",
    "economy_page",
    "explore_bulletin",
    "explore_chart",
    "explore_page",
    "first_chart",
    "from_sdmx",
    "read_template",
    "reason_in",
    "statistical_bulletin",
    "to_html",
    "to_pdf",
    "to_sdmx",
    "to_xlsx",
    "trade_bulletin",
    "trade_chart",
    "trade_page",
]
