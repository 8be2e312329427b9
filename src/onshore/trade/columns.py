"""Which heading of a table of trade is which column of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from onshore.codes import fold
from onshore.trade.errors import TradeError

# Of each column, spellings in the order in which they are preferred. Two headings that are equally
# good make the table ambiguous.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "reporter": (
        "reporter i",
        "reporteriso reporteriso3 reporteriso3a",
        "reportercode rtcode",
        "country countryiso3 iso3 iso alpha3 declarant geo location locationcode کشور",
        "reportername reporterdesc rttitle countryname گزارشگر کشورگزارشگر کشورگزارشدهنده",
    ),
    "partner": (
        "partner j",
        "partneriso partneriso3 partneriso3a",
        "partnercode ptcode partnercountry counterpart origin destination counterpartarea",
        "partnername partnerdesc pttitle طرفمعامله کشورطرفمعامله شریک شریکتجاری طرف",
    ),
    "exporter": (
        "exporter i",
        "exporteriso exporteriso3 exporteriso3d isoo origin source",
        "exportercode exportingcountry origincountry",
        "exportername صادرکننده کشورصادرکننده کشورمبدا مبدا",
    ),
    "importer": (
        "importer j",
        "importeriso importeriso3 importeriso3d isod destination",
        "importercode importingcountry destinationcountry",
        "importername واردکننده کشورواردکننده کشورمقصد مقصد",
    ),
    "country": (
        "country",
        "iso3 iso countryiso3 countrycode exporter reporter i origin alpha3",
        "reporteriso exporteriso exporteriso3 reporteriso3",
        "reportercode exportercode locationcode geo",
        "countryname reportername exportername reporterdesc کشور صادرکننده گزارشگر "
        "کشورصادرکننده کشورگزارشگر کشورگزارشدهنده",
    ),
    "product": (
        "product k",
        "productcode cmdcode commoditycode hscode sitccode تعرفه کدتعرفه شمارهتعرفه hsproductcode",
        "commodity cmd good item tariffcode tariffline کالا کدکالا محصول",
    ),
    "period": (
        "period t",
        "year refyear yr سال دوره",
        "date month time timeperiod yyyymm refperiodid perioddesc تاریخ ماه",
    ),
    "year": ("year t", "refyear yr سال", "period time timeperiod دوره"),
    "flow": (
        "flow",
        "flowcode rgcode tradeflow flowtype direction نوع جریان جریانتجاری نوعتجارت",
        "flowdesc flowname tradeflowname rgdesc",
    ),
    "value": (
        "value v",
        "primaryvalue tradevalue",
        "exportvalue importvalue exports imports export import amount ارزش ارزشدلاری مبلغ",
        "cifvalue",
        "fobvalue",
    ),
    "quantity": (
        "quantity q",
        "netwgt netweight netweightkg netmass weight وزن وزنخالص مقدار",
        "qty altqty tonnes tons kg",
        "grosswgt grossweight",
    ),
    "currency": (
        "currency",
        "currencycode ارز واحدپول",
    ),
    "unit": (
        "unit",
        "quantityunit qtyunit qtyunitabbr qunit واحد واحدمقدار",
        "qtyunitcode",
    ),
}

_PRODUCT = re.compile(r"(hs|sitc|bec|cpc|isic|naics|cn|nace)(rev)?\d{0,4}(code|product|digit)?")
_VALUE = re.compile(
    r"(trade|export|import)?s?(value)?s?(in)?(k|th|thousand|m|mn|million|bn|billion)?"
    r"(usd|eur|irr|gbp|cny|dollars?|دلار)"
)
_QUANTITY = re.compile(r"(quantity|qty|weight|netweight)(in)?(t|tonnes?|tons?|kg|kgs)")
_PATTERNS = {"product": _PRODUCT, "value": _VALUE, "quantity": _QUANTITY}


def recognise(
    columns: Sequence[str],
    wanted: Sequence[str],
    *,
    optional: Sequence[str] = (),
    source: str = "the table",
) -> dict[str, str]:
    """Say which heading stands for which column.

    A heading is known in English or Persian, in any case, with or without spaces, hyphens and
    underscores: those of BACI (``t, i, j, k, v, q``), UN Comtrade (``refYear``, ``reporterISO``,
    ``cmdCode``, ``primaryValue``), the Atlas and plain words (``exporter``, ``hs6``,
    ``export_usd``, ``ارزش``).

    Parameters
    ----------
    columns
        The table's headings.
    wanted
        Columns that must be there, of ``reporter, partner, exporter, importer, country, product,
        period, year, flow, value, quantity, currency, unit``. A heading such as ``exporter`` can
        stand for ``exporter``, ``country`` or ``reporter``: for the one that is wanted.
    optional
        Columns that are taken where they are there.
    source
        The file's name, for messages.

    Returns
    -------
    dict
        Heading to column, in the order of ``wanted`` and ``optional``.

    Raises
    ------
    TradeError
        A wanted column is missing, or two headings stand for one.

    Examples
    --------
    >>> recognise(["exporter", "hs6", "export_usd"], ["country", "product", "value"])
    {'exporter': 'country', 'hs6': 'product', 'export_usd': 'value'}
    >>> recognise(list("tijkvq"), ["exporter", "importer", "value"], optional=["quantity"])
    {'i': 'exporter', 'j': 'importer', 'v': 'value', 'q': 'quantity'}
    """
    found: dict[str, str] = {}
    missing = []
    for column in (*wanted, *optional):
        headings = candidates(columns, column)
        free = [heading for heading in headings if heading not in found]
        if len(free) > 1:
            raise TradeError(
                f"{source}: the columns {_told(free)} may each be the {column}. "
                f"Rename the one that is meant to {column}, or remove the other."
            )
        if free:
            found[free[0]] = column
        elif column in wanted:
            missing.append(column)
    if missing:
        step = f"Rename the column that holds it, {_example(missing[0])}."
        if missing == ["flow"]:
            step = "Add a column flow that says import or export in each row."
        raise TradeError(
            f"{source}: there is no column {_told(missing, 'or')}; found {_told(columns)}. {step}"
        )
    return found


def candidates(columns: Sequence[str], column: str) -> list[str]:
    """Give the headings that may stand for a column, the best kind of spelling only."""
    if column not in _SPELLINGS:
        raise TradeError(f"'{column}' is not a column of trade. There are: {_told(_SPELLINGS)}.")
    keys = {heading: _key(heading) for heading in columns}
    exact = [heading for heading in columns if heading == column]
    if exact:
        return exact[:1]
    for place, spellings in enumerate(_SPELLINGS[column]):
        known = spellings.split()
        fits = [heading for heading, key in keys.items() if key in known]
        if not fits and place == 1 and column in _PATTERNS:
            pattern = _PATTERNS[column]
            fits = [heading for heading, key in keys.items() if pattern.fullmatch(key)]
        if fits:
            return fits
    return []


_MULTIPLES = {
    "k": "thousand ",
    "th": "thousand ",
    "thousand": "thousand ",
    "m": "million ",
    "mn": "million ",
    "million": "million ",
    "bn": "billion ",
    "billion": "billion ",
}


def money_of(heading: str) -> str | None:
    """Say in which money a heading says its values are; None where it does not say.

    Examples
    --------
    >>> money_of("value_kusd"), money_of("export_usd"), money_of("value")
    ('thousand USD', 'USD', None)
    """
    match = _VALUE.fullmatch(_key(heading))
    if match is None:
        return None
    multiple, currency = match[4], match[5]
    code = "USD" if currency.startswith(("dollar", "دلار")) else currency.upper()
    return f"{_MULTIPLES.get(multiple, '')}{code}"


def _key(heading: str) -> str:
    return re.sub(r"[\W_]+", "", fold(heading))


_SPELLINGS = {
    column: tuple(" ".join(_key(word) for word in tier.split()) for tier in tiers)
    for column, tiers in _SPELLINGS.items()
}


def _told(names: Sequence[str] | dict[str, tuple[str, ...]], joint: str = "and") -> str:
    *others, last = [f"'{name}'" for name in names] or ["none"]
    return f"{', '.join(others)} {joint} {last}" if others else last


def _example(column: str) -> str:
    spelt = [word for tier in _SPELLINGS[column] for word in tier.split() if word.isascii()]
    return f"for example to {column}" + (f" or {spelt[1]}" if len(spelt) > 1 else "")
