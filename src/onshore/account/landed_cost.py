"""What an import costs at the buyer's door, from its price by delivery term.

Delivery terms are those of Incoterms 2020 (ICC publication 723E).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from onshore.account.columns import MONEY, named, typed
from onshore.account.errors import AccountError
from onshore.figures import RateTable

TERMS = ("EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")

# What a price by the term leaves out, up to the home port.
_WITHOUT = {
    "origin_charges": ("EXW", "FCA", "FAS"),
    "freight": ("EXW", "FCA", "FAS", "FOB"),
    "insurance": ("EXW", "FCA", "FAS", "FOB", "CFR", "CPT"),
}
# Terms that name a place at home: either the port, or the buyer's own place.
_TO_A_PLACE = ("CPT", "CIP", "DAP", "DPU", "DDP")
_TO_THE_BUYER = ("DAP", "DPU", "DDP")

PRICE_COLUMNS: dict[str, pl.DataType] = {
    "reference_cif": MONEY,
    "import_price": MONEY,
    "incoterm": pl.String(),
    "delivered_to": pl.String(),
    "origin_charges": MONEY,
    "freight": MONEY,
    "insurance": MONEY,
    "currency": pl.String(),
    "price_date": pl.Date(),
    "duty": pl.Float64(),
    "duty_base": pl.String(),
    "handling_inland": MONEY,
    "local_currency": pl.String(),
    "vat": pl.Float64(),
    "vat_recoverable": pl.Boolean(),
}
"""The columns of the table ``baselines`` that a landed cost is made of."""

_IN_PRICE_CURRENCY = ("reference_cif", "import_price", "origin_charges", "freight", "insurance")


def incoterms() -> pl.DataFrame:
    """Tell what a price by each delivery term holds, and so what makes it a CIF price.

    Returns
    -------
    DataFrame
        One row per term of Incoterms 2020: ``incoterm``; ``origin_charges`` (carriage to the
        port, loading, export clearance), ``freight``, ``insurance``, ``handling_inland``,
        ``duty`` (bool: whether the price holds it). CPT and CIP are taken as delivered to
        the port, DAP, DPU and DDP to the buyer, where the record does not say otherwise.

    Examples
    --------
    >>> incoterms().filter(incoterm="CFR").row(0)
    ('CFR', True, True, False, False, False)
    """
    return pl.DataFrame(
        {
            "incoterm": TERMS,
            **{part: [term not in terms for term in TERMS] for part, terms in _WITHOUT.items()},
            "handling_inland": [term in _TO_THE_BUYER for term in TERMS],
            "duty": [term == "DDP" for term in TERMS],
        }
    )


def landed_cost(
    prices: pl.DataFrame, *, rates: RateTable, currency: str, rate_type: str
) -> pl.DataFrame:
    """Work out what one imported unit costs at the buyer's door: the import parity price.

    import parity = (FOB + freight + insurance) x rate(date, type) + duty + handling and inland

    duty = share x CIF; or x FOB, where ``duty_base`` says so

    VAT counts only where the buyer cannot recover it; its base is CIF and duty. What a term
    leaves out has to be given and is added; what it holds beyond the port is taken off to
    reach CIF and stands again in the parity: handling and inland carriage in a price that is
    delivered to the buyer, and in DDP the duty and, where ``vat`` is given, the VAT.

    Parameters
    ----------
    prices
        One row per price, with the columns of the table ``baselines``: either
        ``reference_cif``, or ``import_price`` with ``incoterm`` (str), ``origin_charges``,
        ``freight``, ``insurance`` (Decimal, per unit, in ``currency``; write 0 where there are
        none) and ``delivered_to`` (*port* or *buyer*); ``currency`` (str), ``price_date``
        (Date), ``duty``, ``vat`` (float, shares), ``duty_base`` (*CIF*, also where empty, or
        *FOB*), ``vat_recoverable`` (bool; empty means yes), ``handling_inland`` (Decimal, per
        unit, in ``local_currency``, or ``currency`` where that is empty).
    rates, currency, rate_type
        Exchange rates, the ISO 4217 code to reckon in, and the type of rate.

    Returns
    -------
    DataFrame
        The rows of ``prices`` in their order with ``cif``, ``duty_paid``, ``vat_paid``,
        ``local_charges``, ``import_parity`` (Decimal(38, 6), per unit, in ``parity_currency``),
        ``parity_currency`` (str), ``added`` and ``taken_off`` (str: what was, to reach CIF).

    Raises
    ------
    AccountError
        A price lacks what its term leaves out, or cannot be split; all are named with reasons.
    MissingRate
        A currency has no rate of this type on a price date.

    Examples
    --------
    10 USD free on board, with freight of 1.50 and insurance of 0.50, at 42,000 rials: a CIF of
    504,000 rials; 10 % of duty, and 20,000 rials of handling.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> day = date(2020, 8, 1)
    >>> prices = pl.DataFrame({
    ...     "import_price": [Decimal(10)], "incoterm": ["FOB"], "freight": [Decimal("1.5")],
    ...     "insurance": [Decimal("0.5")], "currency": ["USD"], "price_date": [day],
    ...     "duty": [0.1], "handling_inland": [Decimal(20_000)], "local_currency": ["IRR"],
    ... })
    >>> rates = RateTable(pl.DataFrame({
    ...     "base": ["USD"], "quote": ["IRR"], "date": [day], "rate": [Decimal(42000)],
    ...     "rate_type": ["official"],
    ... }))
    >>> row = landed_cost(prices, rates=rates, currency="IRR", rate_type="official").row(
    ...     0, named=True)
    >>> [int(row[name]) for name in ("cif", "duty_paid", "import_parity")]
    [504000, 50400, 574400]
    >>> row["added"]
    'freight, insurance'
    """
    asked = with_price_problem(typed(prices, PRICE_COLUMNS))
    _require_priced(asked, prices)
    parts = in_currency(asked, rates=rates, currency=currency, rate_type=rate_type)
    found = with_parity(parts)
    held = pl.when("_held_inland").then(pl.lit("handling_inland"))
    ddp = pl.col("incoterm") == "DDP"
    return prices.with_columns(
        found.select(
            cif="_cif",
            duty_paid="_duty",
            vat_paid="_vat",
            local_charges="_local",
            import_parity="_parity",
            parity_currency=pl.lit(currency),
            added=_listed(
                pl.when(pl.col("incoterm").is_in(terms)).then(pl.lit(part))
                for part, terms in _WITHOUT.items()
            ),
            taken_off=_listed(
                (
                    held,
                    pl.when(ddp & (pl.col("duty") > 0)).then(pl.lit("duty")),
                    pl.when(ddp & (pl.col("vat") > 0)).then(pl.lit("VAT")),
                )
            ),
        )
    )


def _listed(parts: Iterable[pl.Expr]) -> pl.Expr:
    return pl.concat_str(list(parts), separator=", ", ignore_nulls=True)


def with_price_problem(prices: pl.DataFrame) -> pl.DataFrame:
    """Add ``price_problem``: why the price cannot be brought to CIF, or null; and what it holds.

    ``_held_inland`` (bool) tells whether the price holds handling and inland carriage.
    """
    term, price, cif = pl.col("incoterm"), pl.col("import_price"), pl.col("reference_cif")
    to = pl.col("delivered_to")
    default = pl.when(term.is_in(_TO_THE_BUYER)).then(pl.lit("buyer")).otherwise(pl.lit("port"))
    held = price.is_not_null() & term.is_in(_TO_A_PLACE) & (pl.coalesce(to, default) == "buyer")
    needed = {
        part: price.is_not_null() & term.is_in(terms) & pl.col(part).is_null()
        for part, terms in _WITHOUT.items()
    }
    by_fob = (pl.col("duty_base") == "FOB").fill_null(value=False) & (pl.col("duty") > 0)
    for part in ("freight", "insurance"):
        needed[part] |= by_fob & pl.col(part).is_null()
    needed["handling_inland"] = held & pl.col("handling_inland").is_null()
    needed["duty"] = (term == "DDP") & pl.col("duty").is_null()
    lacking = pl.concat_str(
        [pl.when(gap).then(pl.lit(part)) for part, gap in needed.items()],
        separator=", ",
        ignore_nulls=True,
    )
    cases: list[tuple[pl.Expr, pl.Expr]] = [
        (price.is_null() & cif.is_null(), pl.lit("it has neither a CIF price nor an import price")),
        (
            price.is_not_null() & cif.is_not_null(),
            pl.lit("it has both a CIF price and an import price, and only one can hold"),
        ),
        (
            price.is_not_null() & ~term.is_in(TERMS).fill_null(value=False),
            pl.lit("its import price has no delivery term of Incoterms 2020"),
        ),
        (
            to.is_not_null() & ~term.is_in(_TO_A_PLACE).fill_null(value=False),
            pl.lit("its delivery term names no place at home, and delivered_to gives one"),
        ),
        (
            pl.any_horizontal(needed.values()),
            pl.format("its {} price needs {}", pl.coalesce(term, pl.lit("CIF")), lacking),
        ),
        (
            held
            & (pl.coalesce("local_currency", "currency") == pl.col("currency"))
            & (pl.col("handling_inland") >= price),
            pl.lit("the handling and inland carriage that its price holds are all of the price"),
        ),
    ]
    return prices.with_columns(
        price_problem=pl.coalesce(pl.when(bad).then(reason) for bad, reason in cases),
        _held_inland=held.fill_null(value=False),
    )


def in_currency(
    prices: pl.DataFrame,
    *,
    rates: RateTable,
    currency: str,
    rate_type: str,
    quantity: pl.Expr | None = None,
) -> pl.DataFrame:
    """Bring the amounts of prices, times a quantity, to one currency on their price dates."""
    times = pl.lit(1) if quantity is None else quantity
    amounts = [*_IN_PRICE_CURRENCY, "handling_inland"]
    parts = prices.with_columns(
        *((times.cast(MONEY) * pl.col(name)).alias(f"_{name}") for name in amounts),
        local_currency=pl.coalesce("local_currency", "currency"),
    )
    for name in amounts:
        parts = rates.convert_column(
            parts,
            amount=f"_{name}",
            currency="local_currency" if name == "handling_inland" else "currency",
            on="price_date",
            to=currency,
            rate_type=rate_type,
            out=f"_{name}",
        )
    return parts


def with_parity(parts: pl.DataFrame) -> pl.DataFrame:
    """Add ``_cif``, ``_duty``, ``_vat``, ``_local``, ``_parity``, all in one currency."""
    zero = pl.lit(0, dtype=MONEY)
    duty, vat = (pl.col(name).cast(MONEY).fill_null(0) for name in ("duty", "vat"))
    local = pl.col("_handling_inland").fill_null(0)
    beyond = (pl.col("_freight").fill_null(0) + pl.col("_insurance").fill_null(0)).cast(MONEY)
    not_in_base = pl.when(pl.col("duty_base") == "FOB").then(beyond).otherwise(zero)
    to_port = sum(
        (
            pl.when(pl.col("incoterm").is_in(terms)).then(pl.col(f"_{part}")).otherwise(zero)
            for part, terms in _WITHOUT.items()
        ),
        pl.col("_import_price"),
    ) - pl.when("_held_inland").then(local).otherwise(zero)
    # Of CIF + duty x (CIF - what the base leaves out) = price without VAT, the CIF.
    duty_unpaid = (to_port / (1 + vat) + duty * not_in_base) / (1 + duty)
    at_port = pl.when(pl.col("incoterm") == "DDP").then(duty_unpaid).otherwise(to_port)
    cif = pl.coalesce(pl.col("_reference_cif"), at_port.cast(MONEY))
    recoverable = pl.col("vat_recoverable").fill_null(value=True)
    return (
        parts.with_columns(_cif=cif, _local=local.cast(MONEY))
        .with_columns(_duty=(duty * (pl.col("_cif") - not_in_base)).cast(MONEY))
        .with_columns(
            _vat=pl.when(recoverable)
            .then(zero)
            .otherwise((vat * (pl.col("_cif") + pl.col("_duty"))).cast(MONEY))
        )
        .with_columns(_parity=pl.sum_horizontal("_cif", "_duty", "_vat", "_local"))
    )


def _require_priced(asked: pl.DataFrame, prices: pl.DataFrame) -> None:
    who = "baseline_id" if "baseline_id" in prices.columns else "row"
    rows = prices.with_row_index("row", offset=1).select(pl.col(who).alias("_who"))
    bad = pl.concat([rows, asked], how="horizontal").filter(pl.col("price_problem").is_not_null())
    if not bad.is_empty():
        raise AccountError(
            f"Prices cannot be brought to the buyer's door: {named(bad, '_who', 'price_problem')}. "
            "Give what is missing, per unit; write 0 where there is none."
        )
