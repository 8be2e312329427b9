"""What things are called: goods, activities, units, currencies, countries and provinces.

``onshore.codes.hs_revisions``, a module to import by its own name since it needs Polars, carries
codes of goods from one revision of the Harmonized System to another.
"""

from onshore.codes.classifications import hs, isic
from onshore.codes.code_list import Code, CodeList, UnknownCode
from onshore.codes.measures import units
from onshore.codes.spelling import fold, latin_digits
from onshore.codes.world import countries, currencies, places

__all__ = [
    "Code",
    "CodeList",
    "UnknownCode",
    "countries",
    "currencies",
    "fold",
    "hs",
    "isic",
    "latin_digits",
    "places",
    "units",
]
