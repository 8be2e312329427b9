"""What a run found in; bulletins as HTML, PDF and XLSX, in English and Persian, out."""

from onshore.report.bulletin import Bulletin, Chart, Column, Headline, Section, Table
from onshore.report.compose import compose
from onshore.report.html import to_html
from onshore.report.pdf import to_pdf
from onshore.report.results import Results
from onshore.report.words import Locale
from onshore.report.xlsx import to_xlsx

__all__ = [
    "Bulletin",
    "Chart",
    "Column",
    "Headline",
    "Locale",
    "Results",
    "Section",
    "Table",
    "compose",
    "to_html",
    "to_pdf",
    "to_xlsx",
]
