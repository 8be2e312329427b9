"""Filters that many lists have: by words, by one of a column's choices."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from onshore.desk.pages.listing import Filter
from onshore.desk.pages.wording import choice_label


def by_words(*fields: str, label: Any = "") -> Filter:
    """Filter by a text that one of some fields holds."""

    def holding(rows: Any, text: str) -> Any:
        return rows.filter(reduce(or_, (Q(**{f"{name}__icontains": text}) for name in fields)))

    return Filter("q", label or _("Words"), (), holding)


def by_choice(name: str, label: Any, choices: Sequence[str], *, field: str = "") -> Filter:
    """Filter by one of the choices of a field, which is called ``name`` if not otherwise."""

    def chosen(rows: Any, value: str) -> Any:
        return rows.filter(**{field or name: value})

    return Filter(name, label, lambda: [(each, choice_label(each)) for each in choices], chosen)
