"""What the records call things, in the page's language."""

import re

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from onshore.desk.told import told
from onshore.records import choice_name, schema

_PERSIAN = re.compile(r"[\u0600-\u06ff]")


def language() -> str:
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


def column_label(table: str, column: str) -> str:
    """Give what a column is called: in Persian, its first Persian heading.

    Examples
    --------
    >>> column_label("needs", "yearly_quantity")
    'Yearly quantity'
    """
    told = schema(table).column(column)
    if language() == "fa":
        for heading in (*told.synonyms, *told.last_resort):
            if _PERSIAN.search(heading):
                return heading
    return column.removesuffix("_id").replace("_", " ").capitalize()


_UNITS = (
    *(_("kt per year"), _("quote per base"), _("per unit"), _("per unit of output")),
    *(_("per unit of assembly"), _("degrees"), _("months"), _("per year")),
)


def unit_note(unit: str) -> str:
    """Give the unit of a column, such as *per year*, in the page's language."""
    return gettext(unit) if unit in _UNITS else unit


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


def sentence(text: str) -> str:
    """Give a sentence that another room wrote in English, in the page's language."""
    return told(text)
