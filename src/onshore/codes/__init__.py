"""What things are called: goods, activities, units, currencies, countries and provinces."""

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
