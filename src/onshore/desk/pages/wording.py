"""What the records call things, in the page's language."""

import re
from collections.abc import Mapping
from typing import Literal

from django.utils.translation import get_language, gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from onshore.desk.pages.told import told
from onshore.records import choice_name, schema
from onshore.report import Words

_PERSIAN = re.compile(r"[\u0600-\u06ff]")


def language() -> Literal["en", "fa"]:
    """Give the page's language: ``en`` or ``fa``."""
    return "fa" if get_language() == "fa" else "en"


def table_label(table: str) -> str:
    """Give the title of a table.

    Examples
    --------
    >>> table_label("needs")
    'Needs'
    """
    told = schema(table)
    return told.title_fa if language() == "fa" else told.title


_WORDS = {
    **{word: word.upper() for word in ("cif", "crs", "hs", "isic", "mrl", "trl", "vat")},
    "fa": "in Persian",
}


_OWN = {
    "asked_by": gettext_lazy("Asked for by"),
    "contested_by_id": gettext_lazy("Contested by"),
    "due": gettext_lazy("Due"),
    "handed_in": gettext_lazy("Handed in"),
    "held_state": gettext_lazy("State before it was held"),
    "part_of_id": gettext_lazy("Part of the claim"),
    "refusal": gettext_lazy("Why it was refused"),
    "refused_by": gettext_lazy("Refused by"),
    "refused_on": gettext_lazy("Refused on"),
    "state_since": gettext_lazy("In this state since"),
    "yearly_value": gettext_lazy("Import in a year"),
}
"""Columns that the desk adds to those of the records."""


def column_label(table: str, column: str) -> str:
    """Give what a column is called: in Persian, its first Persian heading.

    Examples
    --------
    >>> column_label("needs", "yearly_quantity")
    'Yearly quantity'
    >>> column_label("needs", "hs_code"), column_label("needs", "due")
    ('HS code', 'Due')
    """
    if column in _OWN:
        return str(_OWN[column])
    told = schema(table).column(column)
    if language() == "fa":
        for heading in (*told.synonyms, *told.last_resort):
            if _PERSIAN.search(heading):
                return heading
    words = [_WORDS.get(word, word) for word in column.removesuffix("_id").split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


_UNITS = (
    *(_("kt per year"), _("quote per base"), _("per unit"), _("per unit of output")),
    *(_("per unit of assembly"), _("degrees"), _("months"), _("per year")),
)


def unit_note(unit: str) -> str:
    """Give the unit of a column, such as *per year*, in the page's language."""
    return gettext(unit) if unit in _UNITS else unit


def unit_named(unit: str | None) -> str:
    """Name a unit that was written in words, such as *million t*, in the page's language."""
    return Words(language()).name("unit", unit) if unit else ""


def choice_label(value: str) -> str:
    """Give the name of a choice, such as a state of a need.

    Examples
    --------
    >>> choice_label("serial supply")
    'Serial supply'
    """
    if language() == "fa":
        return choice_name(value) or value
    return value[:1].upper() + value[1:]


def sentence(text: str, labels: Mapping[str, str] | None = None, *, required: bool = False) -> str:
    """Give a sentence that another room wrote in English, in the page's language; see `told`."""
    return told(text, labels, required=required)
