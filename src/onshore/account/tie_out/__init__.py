"""Published figures in; the relations among them, each judged within its rounding, out."""

from onshore.account.tie_out.declared import KINDS, judge_relations
from onshore.account.tie_out.figure import Figure
from onshore.account.tie_out.finding import VERDICTS, Finding, in_persian, persian_digits
from onshore.account.tie_out.reconciling import TieOut, reconcile
from onshore.account.tie_out.table import FigureTable, figures_of, read_figures

__all__ = [
    "KINDS",
    "VERDICTS",
    "Figure",
    "FigureTable",
    "Finding",
    "TieOut",
    "figures_of",
    "in_persian",
    "judge_relations",
    "persian_digits",
    "read_figures",
    "reconcile",
]
