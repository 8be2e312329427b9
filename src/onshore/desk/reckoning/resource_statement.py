"""The resource ledger of deposits: by commodity and class, what there was, changed and is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl
from django.utils.translation import gettext_lazy as _

from onshore.desk.actor import Actor
from onshore.desk.models import Estimate, ResourceChange
from onshore.desk.pages.showing import day_text
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.desk.tables.frames import frame_of
from onshore.figures import shown
from onshore.records import schema

CLASSES = schema("estimates").column("class").choices
"""Classes, the least known first."""


@dataclass(frozen=True)
class Statement:
    """What deposits hold.

    Parameters
    ----------
    lines
        The lines of `onshore.explore.resource_ledger`.
    balances
        A row for each commodity and class: ``commodity``, ``class``, ``deposits``, ``tonnage``
        (t), ``metal`` (t; null where one of them is not told), in the order of the classes.
        Classes are not added up to a total: reserves may be part of resources.
    warnings
        What does not tie, in the page's language.
    failed
        Why deposits have no ledger, in the page's language.
    """

    lines: list[dict[str, Any]]
    balances: list[dict[str, Any]]
    warnings: list[str]
    failed: list[str]


def statement(actor: Actor, deposit: str | None = None) -> Statement:
    """Make the ledger of a deposit, or of all, from what an actor sees, each by itself.

    A deposit whose records make no ledger is told, and keeps no other from having one.
    """
    from onshore.explore import ExploreError

    estimates, changes = (
        frame_of(rows.filter(deposit=deposit) if deposit else rows)
        for rows in (visible(actor, Estimate), visible(actor, ResourceChange))
    )
    lines: list[dict[str, Any]] = []
    balances: list[pl.DataFrame] = []
    warnings, failed = [], []
    for key in estimates["deposit_id"].unique(maintain_order=True):
        try:
            own = pl.col("deposit_id") == key
            ledger = _ledger(estimates.filter(own), changes.filter(own))
        except ExploreError as error:
            failed.append(_in_words(str(error), key))
            continue
        lines += ledger.lines.iter_rows(named=True)
        balances.append(ledger.balances)
        warnings += [_in_words(text, key) for text in ledger.warnings]
    return Statement(lines, _by_class(balances), warnings, failed)


def require_ledger(deposit: str) -> None:
    """Go on only if all that is recorded of a deposit makes a ledger.

    Raises
    ------
    onshore.explore.ExploreError
        It makes none.
    """
    _ledger(
        *(
            frame_of(model._default_manager.filter(deposit=deposit))
            for model in (Estimate, ResourceChange)
        )
    )


def _ledger(estimates: pl.DataFrame, changes: pl.DataFrame) -> Any:
    from onshore.explore import resource_ledger

    return resource_ledger(estimates, changes)


def _by_class(balances: Sequence[pl.DataFrame]) -> list[dict[str, Any]]:
    if not balances:
        return []
    order = {name: number for number, name in enumerate(CLASSES)}
    metal = pl.col("metal")
    added = (
        pl.concat(balances)
        .filter(pl.col("tonnage") > 0)
        .group_by("commodity", "class")
        .agg(
            pl.len().alias("deposits"),
            pl.col("tonnage").sum(),
            pl.when(metal.is_not_null().all()).then(metal.sum()).alias("metal"),
        )
        .with_columns(pl.col("class").replace_strict(order, default=99).alias("place"))
    )
    return added.sort("commodity", "place").drop("place").to_dicts()


_SAID: Final = (
    (
        r"the estimate of (?P<day>[\d-]+) differs by (?P<amount>.+) from what",
        _(
            "%(deposit)s: the estimate of %(day)s differs by %(amount)s from what the changes "
            "before it make. Record the missing changes."
        ),
    ),
    (
        r"the reclassifications of (?P<day>[\d-]+) add up to (?P<amount>.+) t, not 0",
        _(
            "%(deposit)s: the reclassifications of %(day)s add up to %(amount)s t, not 0. What "
            "became reserve was lost or diluted."
        ),
    ),
    (
        r"the change of (?P<day>[\d-]+) is not after the first estimate",
        _(
            "%(deposit)s: the change of %(day)s is not after the first estimate of its class, "
            "which holds it already. Mend its day, or record an estimate of 0 t before."
        ),
    ),
    (
        r"there is no estimate of",
        _("%(deposit)s: a change has no estimate before it. Record the one that opens its class."),
    ),
    (
        r"after this change .+ would have",
        _("%(deposit)s: a change takes more than there is. Mend it, or what came before it."),
    ),
)
"""What the ledger says in English, and how the desk says it."""


def _in_words(text: str, deposit: str) -> str:
    for pattern, said in _SAID:
        if found := re.search(pattern, text):
            facts = found.groupdict()
            if "day" in facts:
                facts["day"] = day_text(date.fromisoformat(facts["day"]))
            if "amount" in facts:
                facts["amount"] = shown.isolate(shown.digits(facts["amount"], language()))
            return str(said) % {"deposit": shown.isolate(deposit), **facts}
    return text
