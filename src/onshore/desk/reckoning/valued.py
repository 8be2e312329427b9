"""Contracts, deliveries, savings and awards with what they are worth in one currency.

Each frame has ``pk``, ``day`` (the day whose rate counts), ``worth`` (Decimal, null where a
price, a quantity or a rate is missing), ``sector`` and ``place``, in the order of its keys or days.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.core.cache import cache

from onshore.desk.models import Award, Claim, Deal, Delivery
from onshore.desk.reckoning.reckoned import SECONDS, key_of
from onshore.desk.tables.frames import frame_of, reckoning
from onshore.records.schemas import NUMBER

_DEALS: Final = ("deals", "needs", "desks", "organisations", "rates")
RESTS_ON: Final = {
    "contracts": _DEALS,
    "deliveries": (*_DEALS, "deliveries"),
    "savings": (*_DEALS, "claims", "baselines"),
    "awards": ("awards", "calls", "rates"),
}
"""The tables that each of the frames rests on."""


class Valued:
    """The frames, each reckoned once for a state of its tables and held while a page is made.

    Parameters
    ----------
    changes
        The last change of each table, of `last_changes`.
    """

    def __init__(self, changes: dict[str, str]) -> None:
        self._changes = changes
        self._held: dict[str, pl.DataFrame] = {}

    def contracts(self, currency: str = "") -> pl.DataFrame:
        """Give all contracts; without a currency their ``value`` as it is, and no ``worth``."""
        if not currency:
            return self._kept("contracts", "", _contracts)
        return self._kept("contracts", currency, lambda: worth(self.contracts(), currency))

    def deliveries(self, currency: str) -> pl.DataFrame:
        """Give all that was accepted, at its contract's price; ``signed`` is the contract's day."""
        return self._kept("deliveries", currency, lambda: worth(self._delivered(), currency))

    def savings(self, currency: str) -> pl.DataFrame:
        """Give the net currency saved by all verified claims; ``day`` is that of verification."""
        return self._kept("savings", currency, lambda: worth(_savings(), currency))

    def awards(self, currency: str) -> pl.DataFrame:
        """Give all awards; ``commitment`` is the one that its call serves."""
        return self._kept("awards", currency, lambda: worth(_awards(), currency))

    def _kept(self, name: str, currency: str, reckon: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        what = f"valued {name} {currency}".rstrip()
        if what not in self._held:
            key = key_of(what, self._changes, RESTS_ON[name])
            self._held[what] = cache.get_or_set(key, reckon, SECONDS)
        return self._held[what]

    def _delivered(self) -> pl.DataFrame:
        schema: dict[str, Any] = {"pk": pl.String, "deal_id": pl.String, "unit": pl.String}
        schema |= {"accepted": NUMBER, "delivered_on": pl.Date}
        rows = Delivery._default_manager.order_by("delivered_on", "pk")
        deals = self.contracts().rename({"pk": "deal_id", "unit": "deal_unit"}).drop("day")
        frame = _frame(rows, schema).join(deals, on="deal_id", maintain_order="left")
        values = [_at_price(row) for row in frame.iter_rows(named=True)]
        return frame.with_columns(pl.Series("value", values, NUMBER), day="delivered_on")


def worth(frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Add what the ``value`` of rows is worth in a currency, each at the rate of its ``day``."""
    found = reckoning().worth_column(frame.select("value", "currency", "day"), currency)
    kept = [name for name in _COLUMNS if name in frame.columns]
    return frame.select(*kept, worth=found)


_COLUMNS = ("pk", "day", "signed", "sector", "place", "commitment")


def _frame(rows: Any, schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows.values_list(*schema)), schema=schema, orient="row")


def _contracts() -> pl.DataFrame:
    texts = ("pk", "currency", "unit", "need_id", "need__sector", "desk__sector", "maker__place")
    schema: dict[str, Any] = dict.fromkeys(texts, pl.String)
    schema |= {"value": NUMBER, "quantity": NUMBER, "signed": pl.Date}
    rows = Deal._default_manager.filter(basis="contracted").order_by("pk")
    own = pl.when(pl.col("need_id").is_null()).then("desk__sector").otherwise("need__sector")
    return _frame(rows, schema).select(
        *("pk", "value", "currency", "signed", "quantity", "unit"),
        day="signed", sector=own, place="maker__place",
    )  # fmt: skip


def _at_price(row: Mapping[str, Any]) -> Decimal | None:
    """Value what was accepted at its contract's price."""
    same = row["unit"] in ("", row["deal_unit"])
    if row["accepted"] is None or row["value"] is None or not row["quantity"] or not same:
        return None
    return Decimal(row["accepted"] * row["value"] / row["quantity"])


def _savings() -> pl.DataFrame:
    from onshore.desk.actions.claims import savings_of

    claims = frame_of(Claim._default_manager.filter(basis="verified").order_by("pk"))
    saved = savings_of(claims).select("claim_id", value="net_currency_saved")
    return claims.join(saved, on="claim_id", how="left", maintain_order="left").select(
        "value", "sector", "place",
        pk="claim_id", day="verified_on", currency=pl.lit(reckoning().currency),
    )  # fmt: skip


def _awards() -> pl.DataFrame:
    schema: dict[str, Any] = dict.fromkeys(("pk", "currency", "call__commitment"), pl.String)
    schema |= {"amount": NUMBER, "awarded": pl.Date}
    rows = Award._default_manager.order_by("pk")
    return _frame(rows, schema).rename(
        {"amount": "value", "awarded": "day", "call__commitment": "commitment"}
    )
