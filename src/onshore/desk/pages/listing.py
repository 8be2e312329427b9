"""A list of records: its filters, order, page and exports live in its address."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.desk.models import SavedFilter
from onshore.desk.pages import showing
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.figures import Money
from onshore.figures.shown import digits

PAGE = 50
MOST_COUNTED = 100_000
MOST_EXPORTED = 200_000
_NUMERIC = ("number", "money")
_NOT_FILTERS = ("page", "sort", "export")


@dataclass(frozen=True)
class Column:
    """A column of a list.

    Parameters
    ----------
    label
        What stands over it.
    value
        Path of attributes (``"buyer.name"``) or a function of the row. Money is a
        `onshore.figures.Money` or a pair of amount and currency.
    kind
        ``text``, ``code``, ``number``, ``money``, ``day``, ``state``, ``basis``, ``choice``,
        ``unit``, ``period`` or ``link``.
    unit
        Unit of the numbers, for the column's head.
    link
        Gives a row's address; "" for none.
    """

    label: Any
    value: str | Callable[[Any], Any]
    kind: str = "text"
    unit: Any = ""
    link: Callable[[Any], str] | None = None

    @property
    def heading(self) -> str:
        """Its label, with the unit where it has one."""
        return f"{self.label} ({self.unit})" if self.unit else str(self.label)

    def of(self, row: Any) -> Any:
        """Give the value of a row; what is not there is None."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in self.value.split("."):
            try:
                found = found[name] if isinstance(found, dict) else getattr(found, name)
            except ObjectDoesNotExist:
                return None
            if found is None:
                return None
        return found


@dataclass(frozen=True)
class Filter:
    """A filter of a list: a choice, or a text where there are no choices.

    Parameters
    ----------
    name
        Its name in the address.
    label
        What it is called.
    choices
        Pairs of value and label, or a function giving them; empty for a text.
    apply
        Narrows the rows to a value.
    unset
        What is shown where nothing is chosen; otherwise *all*.
    """

    name: str
    label: Any
    choices: Any
    apply: Callable[[Any, str], Any]
    unset: Any = ""

    def offered(self) -> list[tuple[str, str]]:
        """Give the choices, as texts."""
        pairs = self.choices() if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in pairs]


@dataclass(frozen=True)
class Sort:
    """An order of a list: its name in the address, its label, what ``order_by`` takes."""

    name: str
    label: Any
    order: tuple[Any, ...]


@dataclass(frozen=True)
class Action:
    """A button beside the list's title that leads to a page."""

    label: Any
    url: str
    icon: str = ""


@dataclass(frozen=True)
class Control:
    """A filter as its form shows it."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]
    unset: str = ""


def listing(
    request: HttpRequest,
    rows: Any,
    *,
    title: Any,
    columns: Sequence[Column],
    filters: Sequence[Filter] = (),
    sorts: Sequence[Sort] = (),
    lead: Any = "",
    empty: Any = "",
    template: str = "desk/list.html",
    actions: Sequence[Action] = (),
    page_size: int = PAGE,
    **context: Any,
) -> HttpResponse:
    """Answer with a list of records, or with its export.

    Parameters
    ----------
    rows
        What the actor may see (`onshore.desk.policies.visible`), with what the columns need
        (``select_related``); or a sequence.
    title
        The page's question answered, as a sentence.
    columns
        The first names the row.
    filters, sorts
        What the controls offer; the first sort is the order without a choice. A sequence keeps
        its own order.
    lead
        The answer, over the table; or a function of the number of rows found.
    empty
        What to do first where there are no rows.
    actions
        Buttons beside the title.
    context
        More for the template; ``desk/list.html`` has the blocks ``before_list`` and
        ``after_list``.
    """
    controls, chosen, rows = _narrowed(request, filters, rows)
    order = _order(request, sorts)
    if order is not None and isinstance(rows, QuerySet):
        rows = rows.order_by(*order.order)
    wanted = request.GET.get("export", "")
    if wanted in ("csv", "xlsx"):
        return _export(request, rows, columns, wanted)

    count = _count(rows)
    last = max(1, -(-min(count, MOST_COUNTED) // page_size))
    page = min(max(_whole(request.GET.get("page")), 1), last)
    here = _page(rows, (page - 1) * page_size, page_size)
    return render(
        request,
        template,
        {
            "title": title,
            "lead": digits(str(lead(count)), language()) if callable(lead) else lead,
            "empty": empty,
            "actions": actions,
            "heads": columns,
            "rows": _written(columns, here),
            "controls": controls,
            "sorts": sorts,
            "order": order,
            "filtered": bool(chosen),
            "count": min(count, MOST_COUNTED),
            "more_than_counted": count > MOST_COUNTED,
            "page": page,
            "last_page": last,
            "previous": _address(request, page=page - 1) if page > 1 else "",
            "next": _address(request, page=page + 1) if page < last else "",
            "exports": [(kind, _address(request, export=kind)) for kind in ("csv", "xlsx")],
            "address": _address(request, page=None),
            "bare_address": request.path,
            "saved_filters": _saved(request),
            **context,
        },
    )


def _narrowed(
    request: HttpRequest, filters: Sequence[Filter], rows: Any
) -> tuple[list[Control], dict[str, str], Any]:
    controls, chosen = [], {}
    for told in filters:
        value = request.GET.get(told.name, "").strip().replace("\0", "")[:200]
        offered = told.offered()
        if offered and value not in {known for known, _label in offered}:
            value = ""
        if value:
            chosen[told.name] = value
            rows = told.apply(rows, value)
        controls.append(Control(told.name, str(told.label), value, offered, str(told.unset)))
    return controls, chosen, rows


def _order(request: HttpRequest, sorts: Sequence[Sort]) -> Sort | None:
    wanted = request.GET.get("sort")
    return next((sort for sort in sorts if sort.name == wanted), sorts[0] if sorts else None)


def _count(rows: Any) -> int:
    """Count rows, but no further than is worth it."""
    if isinstance(rows, QuerySet):
        return rows.order_by()[: MOST_COUNTED + 1].count()
    return len(rows)


def _page(rows: Any, start: int, size: int) -> list[Any]:
    """Give the rows of a page; of a later one the keys are found first, which sort faster."""
    if not isinstance(rows, QuerySet) or start == 0:
        return list(rows[start : start + size])
    keys = list(rows.values_list("pk", flat=True)[start : start + size])
    found = {row.pk: row for row in rows.filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 1


def _address(request: HttpRequest, **changes: Any) -> str:
    """Give this list's address with some parts changed; None takes a part out."""
    parts = request.GET.copy()
    parts.pop("export", None)
    for name, value in changes.items():
        if value is None:
            parts.pop(name, None)
        else:
            parts[name] = str(value)
    told = parts.urlencode()
    return f"{request.path}?{told}" if told else request.path


def _saved(request: HttpRequest) -> list[SavedFilter]:
    if request.actor.user is None:
        return []
    own = visible(request.actor, SavedFilter).filter(address__startswith=request.path + "?")
    return list(own.order_by("name")[:30])


def _written(columns: Sequence[Column], rows: Sequence[Any]) -> list[SafeString]:
    """Write the rows of a page as rows of a table; numbers of a column have the same decimals.

    Here and not in the template: there a page of cells would take most of the answer's time.
    """
    by_column = [_column(column, rows, first=number == 0) for number, column in enumerate(columns)]
    return [SafeString(f"<tr>{''.join(cells)}</tr>") for cells in zip(*by_column, strict=True)]


def _column(column: Column, rows: Sequence[Any], *, first: bool) -> list[str]:
    values = [column.of(row) for row in rows]
    if column.kind == "money":
        values = [_pair(value) for value in values]
    shown = _shown(column.kind, values)
    if column.link is not None:
        addresses = [column.link(row) for row in rows]
        shown = [
            format_html('<a href="{}">{}</a>', address, cell) if address else cell
            for address, cell in zip(addresses, shown, strict=True)
        ]
    if first:
        return [f'<th scope="row" class="k-{column.kind}">{cell}</th>' for cell in shown]
    label = escape(column.heading)
    return [f'<td class="k-{column.kind}" data-label="{label}">{cell}</td>' for cell in shown]


def _shown(kind: str, values: list[Any]) -> list[SafeString]:
    if kind == "money":
        places = min(max((showing.decimals_of(amount) for amount, _of in values), default=0), 2)
        return [showing.money(amount, currency, places) for amount, currency in values]
    if kind == "number":
        places = min(max(map(showing.decimals_of, values), default=0), 6)
        return [showing.number(value, places) for value in values]
    show = showing.SHOWN[kind]
    return [show(value) for value in values]


def _pair(value: Any) -> tuple[Any, str]:
    if isinstance(value, Money):
        return value.amount, value.currency
    return (None, "") if value is None else value


def _export(request: HttpRequest, rows: Any, columns: Sequence[Column], kind: str) -> HttpResponse:
    """Give all the rows found, not only those of the page, as a file."""
    import polars as pl

    from onshore.records import csv_bytes, write_table

    every = rows.iterator(2000) if isinstance(rows, QuerySet) else iter(rows)
    held: list[list[Any]] = [[] for _column in columns]
    for number, row in enumerate(every):
        if number == MOST_EXPORTED:
            return _too_many(request)
        for column, values in zip(columns, held, strict=True):
            values.append(column.of(row))
    frame = pl.DataFrame(
        [
            series
            for column, values in zip(columns, held, strict=True)
            for series in _series(column, values)
        ]
    )
    name = request.path.strip("/").replace("/", "-") or "list"
    name = f"{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    if kind == "csv":
        content, media = b"\xef\xbb\xbf" + csv_bytes(frame), "text/csv; charset=utf-8"
    else:
        with tempfile.TemporaryDirectory() as folder:
            write_table(frame, Path(folder) / "list.xlsx")
            content = (Path(folder) / "list.xlsx").read_bytes()
        media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(
        content,
        content_type=media,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _series(column: Column, values: list[Any]) -> Iterable[Any]:
    import polars as pl

    label = column.heading
    if column.kind == "money":
        pairs = [_pair(value) for value in values]
        yield _numbers(label, [amount for amount, _currency in pairs])
        currencies = [of or None for _amount, of in pairs]
        yield pl.Series(_("%s: currency") % label, currencies, pl.String)
    elif column.kind == "number":
        yield _numbers(label, values)
    elif column.kind == "day" and not any(isinstance(value, datetime) for value in values):
        yield pl.Series(label, [value or None for value in values], pl.Date)
    else:
        yield pl.Series(label, [_plain(column.kind, value) for value in values], pl.String)


def _numbers(label: str, values: list[Any]) -> Any:
    import polars as pl

    exact = [None if value in (None, "") else Decimal(str(value)) for value in values]
    return pl.Series(label, exact, pl.Decimal(38, 6))


def _plain(kind: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if kind in ("state", "choice") and not isinstance(value, bool):
        return showing.choice_label(value)
    if kind == "choice":
        return str(showing.choice(value))
    return str(value)


def _too_many(request: HttpRequest) -> HttpResponse:
    told = {
        "title": _("This list is too long to export at once"),
        "next_step": _("Narrow it with the filters, then export it in parts."),
    }
    return render(request, "desk/failure.html", told, status=413)


LATEST = Sort("latest", gettext_lazy("Latest first"), ("-pk",))
"""The order of lists whose keys are numbers."""
