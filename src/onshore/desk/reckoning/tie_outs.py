"""Figures that should tie out: what was published, set beside its parts and the records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from onshore.desk.actor import Actor
from onshore.desk.models import Claim, Desk
from onshore.desk.pages.showing import currency_name
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.desk.reckoning.dashboard import RESTS_ON, SAVED, Terms, frame_of_rates, ledger
from onshore.desk.reckoning.reckoned import reckoned_once
from onshore.desk.tables.frames import frame_of
from onshore.figures import shown

MOST: Final = 400
"""Figures that are set beside each other: relations are sought among all of them."""
_NOT_IN_FORMULA = re.compile(r"[\s()*+/=]")
_MILLION = 1_000_000


@dataclass(frozen=True)
class Row:
    """A relation among figures: what is stated, what the others make it, and how.

    ``keys`` are the claims and desks it is of; ``working`` is in the page's language.
    """

    relation: str
    keys: tuple[str, ...]
    stated: str
    computed: str
    difference: str
    tolerance: str
    verdict: str
    working: str


def tie_out(actor: Actor) -> list[Row]:
    """Tie out published sums and targets that an actor sees, what does not tie first.

    Besides the relations of the account room, a sum that was published as saved is set beside
    what verified claims of its desk make in the records.
    """
    what = f"tie-outs {actor.name} {timezone.localdate()} {language()}"
    return reckoned_once(what, (*RESTS_ON, "observations", "targets"), lambda: _found(actor))


def _found(actor: Actor) -> list[Row]:
    from onshore.account.tie_out import figures_of, in_persian, persian_digits, reconcile

    figures = published(actor)[:MOST]
    fa = language() == "fa"
    rates = frame_of_rates()
    read = figures_of(figures)
    known = {figure.id for figure in read}
    with TemporaryDirectory() as folder:
        declared = Path(folder) / "relations.txt"
        lines = "\n".join(_sums(actor, known))
        declared.write_text(lines, encoding="utf-8")
        found = reconcile(
            read,
            relations=declared if lines else None,
            rates=rates if rates.height else None,
        )
    rows = [
        Row(
            one.relation,
            one.ids,
            persian_digits(in_persian(one.stated)) if fa else one.stated,
            persian_digits(in_persian(one.computed)) if fa else one.computed,
            one.difference,
            one.tolerance,
            one.verdict,
            one.working("fa" if fa else "en"),
        )
        for one in found.findings
    ]
    return [*_beside_records(actor), *rows]


def _sums(actor: Actor, known: set[str]) -> list[str]:
    """Declare that a published sum is that of its published parts."""
    claims = visible(actor, Claim).filter(stated_amount__isnull=False, part_of__isnull=False)
    parts: dict[str, list[str]] = {}
    for whole, key in claims.order_by("pk").values_list("part_of_id", "pk"):
        parts.setdefault(whole, []).append(key)
    return [
        f"sum: {whole} = {' + '.join(keys)}"
        for whole, keys in parts.items()
        if {whole, *keys} <= known
        and not any(_NOT_IN_FORMULA.search(key) for key in (whole, *keys))
    ]


def published(actor: Actor) -> pl.DataFrame:
    """Give the published sums and the targets of desks, as the table of figures has them."""
    claims = frame_of(visible(actor, Claim).order_by("pk")).drop_nulls("stated_amount")
    rows = [
        {
            "id": row["claim_id"],
            "statement": row["statement"] or row["claim_id"],
            **_amount(row["stated_amount"], row["stated_currency"] or ""),
            **_when(row["period"]),
            "basis": row["basis"],
            "sector_or_place": row["sector"] or row["place"] or "",
            "who": row["claimed_by"] or "",
            "source": row["source"] or "",
        }
        for row in claims.iter_rows(named=True)
    ]
    with override("en"):
        rows += _targets(actor)
    names = ("id", "statement", "value", "unit", "period_gregorian", "period_solar_hijri")
    more = ("basis", "sector_or_place", "who", "source")
    return pl.DataFrame(rows, schema=dict.fromkeys((*names, *more), pl.String))


def _targets(actor: Actor) -> list[dict[str, str]]:
    rows = visible(actor, Desk).exclude(target_amount=None).exclude(target_currency="")
    return [
        {
            "id": row.pk,
            "statement": f"Target of {row.name}",
            **_amount(row.target_amount, row.target_currency),
            **_when(row.target_period),
            "basis": "target",
            "sector_or_place": row.sector,
            "who": "",
            "source": row.source,
        }
        for row in rows.order_by("pk")
    ]


def _amount(amount: Decimal, currency: str) -> dict[str, str]:
    """Write an amount to the digits that it was stated to: whole millions as millions."""
    if amount and amount % _MILLION == 0:
        return {"value": f"{(amount / _MILLION).normalize():f}", "unit": f"million {currency}"}
    return {"value": f"{amount.normalize():f}", "unit": currency}


def _when(period: str | None) -> dict[str, str]:
    text = period or ""
    solar = text[:2] in ("12", "13", "14")
    return {
        "period_gregorian": "" if solar else text,
        "period_solar_hijri": text if solar else "",
    }


def _beside_records(actor: Actor) -> Iterator[Row]:
    """Set a published saving of a desk beside what its verified claims make."""
    own = Terms.of_programme()
    claims = frame_of(visible(actor, Claim).order_by("pk")).drop_nulls("stated_amount")
    claims = claims.filter(pl.col("desk_id").is_not_null(), basis="verified")
    if claims.is_empty():
        return
    for row in claims.iter_rows(named=True):
        terms = Terms(row["stated_currency"] or own.currency, own.rate_type, own.calendar)
        rows = ledger(actor, terms).filter(step=SAVED, desk=row["desk_id"])
        counted = Decimal(rows["worth"].sum() or 0)
        difference = row["stated_amount"] - counted
        ties = abs(difference) < Decimal("0.5")
        currency = currency_name(terms.currency)
        money = f"{_shown(row['stated_amount'])} {currency}"
        yield Row(
            "records",
            (row["claim_id"],),
            money,
            f"{_shown(counted)} {currency}",
            f"{difference.normalize():f}",
            "0.5",
            "ties" if ties else "off by",
            _("%(stated)s is published as saved; the %(rows)s verified claims of %(desk)s make it "
              "%(counted)s %(currency)s.")
            % {
                "stated": money,
                "rows": shown.number(rows.height, language()),
                "desk": row["desk_id"],
                "counted": _shown(counted),
                "currency": currency,
            },
        )  # fmt: skip


def _shown(amount: Any) -> str:
    return shown.number(amount, language(), 0)
