"""What rows and columns of input-output tables are called, and what they are."""

import re
from collections.abc import Iterable
from typing import Literal

Role = Literal[
    "output",
    "total",
    "imports",
    "value_added",
    "employment",
    "income",
    "product_taxes",
    "factor",
    "exports",
    "households",
    "final",
]

_ROWS: dict[Role, tuple[str, ...]] = {
    "output": (
        "output", "x", "p1", "output bp", "total output", "gross output", "industry output",
        "output at basic prices", "total output at basic prices", "output total", "ستانده",
        "ستانده کل", "تولید ناخالص",
    ),
    "total": (
        "total", "sum", "subtotal", "intermediate consumption", "intermediate inputs", "p2",
        "total intermediate", "intermediate total", "total inputs", "total supply", "جمع",
        "مصرف واسطه", "جمع مصرف واسطه",
    ),
    "imports": (
        "imports", "import", "imported inputs", "intermediate imports", "imports cif", "p7",
        "imported intermediate inputs", "واردات", "واردات واسطه",
    ),
    "value_added": (
        "value added", "gva", "va", "gross value added", "b1g", "value added at basic prices",
        "gross value added at basic prices", "ارزش افزوده", "ارزش افزوده ناخالص",
    ),
    "employment": (
        "employment", "employment domestic total", "total employment", "employment total", "jobs",
        "persons employed", "employed persons", "workers", "employees", "employment persons",
        "اشتغال", "شاغلان", "تعداد شاغلان",
    ),
    "income": (
        "income", "compensation of employees", "compensation employees", "wages", "wage",
        "labour income", "labor income", "wages and salaries", "salaries", "d1",
        "جبران خدمات کارکنان", "دستمزد", "مزد و حقوق",
    ),
    "product_taxes": (
        "net tax products", "taxes less subsidies on products", "net taxes on products",
        "product taxes", "d21x31", "d21 m d31", "خالص مالیات بر محصولات",
    ),
    "factor": (
        "consumption of fixed capital", "consumption fixed capital", "capital consumption",
        "operating surplus", "gross operating surplus", "net operating surplus", "mixed income",
        "energy", "energy use", "water use", "capital", "rent", "مصرف سرمایه ثابت",
    ),
}  # fmt: skip
"""Headings by role, the first of a role being the one that is taken where a table has several."""

_COLUMNS: dict[Role, tuple[str, ...]] = {
    "exports": ("exports", "export", "e", "p6", "exports fob", "صادرات"),
    "households": (
        "households", "household consumption", "final consumption households", "p3 s14",
        "final consumption expenditure by households", "private consumption",
        "final consumption expenditure of households", "مصرف خانوار", "خانوار", "خانوارها",
        "مصرف خصوصی",
    ),
}  # fmt: skip

_FACTOR_WORDS = (
    "tax", "taxes", "subsidies", "surplus", "depreciation", "labour", "labor",
    "compensation", "wage", "wages", "salary", "employment", "employees", "employed", "income",
    "profit", "profits", "emission", "emissions", "co2", "ch4", "jobs", "مالیات", "مازاد",
    "استهلاک",
)  # fmt: skip
_FINAL_WORDS = (
    "final", "consumption", "government", "investment", "formation", "gfcf", "inventory",
    "inventories", "stocks", "valuables", "npish", "exports", "export", "households", "demand",
    "نهایی", "دولت", "سرمایه", "موجودی", "صادرات",
)  # fmt: skip
_TOTAL_WORDS = ("total", "sum", "جمع", "کل")


def plain(name: str) -> str:
    """Give a heading without case, underscores and punctuation.

    Examples
    --------
    >>> plain("Gross value-added_(bp)")
    'gross value added bp'
    """
    text = name.replace("ي", "ی").replace("ك", "ک").replace("\u200c", " ")
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def exact_role(name: str) -> Role | None:
    """Tell what a row below the sectors is, by its whole name alone; not a total."""
    told = plain(name)
    found = next((role for role, names in _ROWS.items() if told in names), None)
    return None if found == "total" else found


def row_role(name: str) -> Role | None:
    """Tell what a row below the sectors is, or None where its name does not say so."""
    told = plain(name)
    for role, names in _ROWS.items():
        if told in names:
            return role
    words = told.split()
    if any(word in _FACTOR_WORDS for word in words):
        return "factor"
    return "total" if any(word in _TOTAL_WORDS for word in words) else None


def column_role(name: str) -> Role | None:
    """Tell what a column beside the sectors is, or None where its name does not say so."""
    told = plain(name)
    for role, names in _COLUMNS.items():
        if told in names or (role == "exports" and told.endswith(" export")):
            return role
    if any(told.endswith(f" {heading}") for heading in _COLUMNS["households"]):
        return "households"
    for known in ("output", "imports"):
        if told in _ROWS[known]:
            return known
    words = told.split()
    if any(word in _TOTAL_WORDS for word in words) or told == "intermediate demand":
        return "total"
    return "final" if any(word in _FINAL_WORDS for word in words) else None


def find_role(role: Role, names: Iterable[str]) -> str | None:
    """Give the name, of those there are, that plays a role; the usual heading before others."""
    there = {plain(name): name for name in reversed(list(names))}
    return next((there[known] for known in _ROWS.get(role, ()) if known in there), None)


def final_columns(role: Role, names: Iterable[str]) -> list[str]:
    """Give the columns of final demand that play a role: of several regions, several."""
    return [name for name in names if column_role(name) == role]
