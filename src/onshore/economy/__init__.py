"""Input-output tables in; multipliers, extraction and import substitution out.

The room answers: what a new plant or a localized good would do to the rest of the economy.
"""

from onshore.economy.coefficients import input_coefficients, leontief_inverse
from onshore.economy.decomposition import decompose
from onshore.economy.effects import effects, household_notes, multipliers, no_households
from onshore.economy.errors import EconomyError
from onshore.economy.extraction import extract, extract_together
from onshore.economy.linkages import linkages
from onshore.economy.reading import read_table
from onshore.economy.regions import location_quotients, next_places, regional_table
from onshore.economy.substitution import Substitution, substitute, substitution_effects
from onshore.economy.systems import from_pymrio
from onshore.economy.table import Table

__all__ = [
    "EconomyError",
    "Substitution",
    "Table",
    "decompose",
    "effects",
    "extract",
    "extract_together",
    "from_pymrio",
    "household_notes",
    "input_coefficients",
    "leontief_inverse",
    "linkages",
    "location_quotients",
    "multipliers",
    "next_places",
    "no_households",
    "read_table",
    "regional_table",
    "substitute",
    "substitution_effects",
]
