"""What forms hold at first: in the digits and the calendar of the page, and taken back as it is."""

import re

import pytest
from test_routes import FIXED, address, keys_of, model_of, routes, visitor, worlds  # noqa: F401

from onshore.desk.pages.forms import DayField, NumberField
from onshore.records import schema

pytestmark = pytest.mark.django_db
NUMBERS = ("number", "money", "signed", "share", "whole", "date")


def _is_counted(form, name):
    """Whether a box of a form is for a number or a day."""
    field, table = form.fields[name], getattr(form, "table", "")
    column = re.sub(r"_\d+$", "", name)
    if table and column in schema(table).dtypes:
        return schema(table).column(column).type in NUMBERS
    return isinstance(field, DayField | NumberField)


@pytest.mark.parametrize("role", ["officer", "maker", "engineer", "researcher", "analyst"])
def test_numbers_and_days_are_in_persian_on_persian_pages(people, client_of, worlds, visitor, role):  # noqa: F811
    somebody = visitor(role)
    somebody.client = client_of(role, "fa")
    seen, latin = 0, []
    for route in routes():
        if route in FIXED or route.startswith(("api/", "ogc/", "open-data/")):
            continue
        keys = keys_of(somebody.actor, model_of(route))[0] if "<" in route else [""]
        for key in keys:
            url = address(route, key)
            context = somebody.ask("GET", url)[0].context
            form = context.get("form") if context is not None and "form" in context else None
            for bound in getattr(form, "visible_fields", list)():
                value = bound.value()
                if value in (None, "") or not _is_counted(form, bound.name):
                    continue
                seen += 1
                if re.search(r"[0-9]|\u06f2\u06f0\u06f2\u06f4", str(value)):  # or a Gregorian 2024
                    latin.append((url, bound.name, value))
    assert not latin
    assert seen, role
