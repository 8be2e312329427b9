"""The records of an upload as they shall be: made beforehand, written in few statements."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Stale, facts
from onshore.desk.frames import programme_settings, reckoning
from onshore.desk.uploads import Existing, Kind, in_batches


class Draft:
    """The records of an upload as they shall be, with their lines of the audit."""

    def __init__(self, kind: Kind, existing: Existing, plan: pl.DataFrame, today: date) -> None:
        self.kind, self.existing, self.today = kind, existing, today
        self.new: list[Any] = []
        self.changed: list[Any] = []
        self.notes: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        kept = plan.filter(plan["kind"] == "changed")["key"].to_list()
        self._there: dict[str, Any] = {}
        for some in in_batches(kept):
            self._there |= {row.pk: row for row in kind.model.objects.filter(pk__in=some)}
        for (_row, key, values), way in zip(existing, plan["kind"], strict=True):
            if way == "new":
                self._add(key, values)
            elif way == "changed":
                self._change(key, values)
        if kind.table == "needs":
            _value([*self.new, *self.changed])

    def _add(self, key: str, values: Mapping[str, Any]) -> None:
        thing = self.kind.model(pk=key)
        self._set(thing, self.existing.kept(values))
        if self.kind.table == "needs":
            thing.state, thing.state_since = "draft", self.today
        self.new.append(thing)
        self.notes.append((key, {}, facts(thing)))

    def _change(self, key: str, values: Mapping[str, Any]) -> None:
        thing = self._there[key]
        before = facts(thing)
        differing = self.existing.differing(values, self.existing.found[key])
        self._set(thing, differing)
        thing.version += 1
        after = facts(thing)
        was, now = ({n: of[n] for n in differing if n in of} for of in (before, after))
        self.changed.append(thing)
        self.notes.append((key, was, now))

    def _set(self, thing: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(thing, self.existing.attributes[name], value)

    def write(self) -> None:
        """Write the records, in few statements."""
        rows = self.kind.model._default_manager
        try:
            with transaction.atomic():
                rows.bulk_create(self.new, batch_size=500)
        except IntegrityError as error:
            raise changed_meanwhile() from error
        fields = [name.removesuffix("_id") for name in self.existing.attributes.values()]
        fields += ["version", *(["yearly_value"] if self.kind.table == "needs" else [])]
        rows.bulk_create(
            self.changed,
            batch_size=500,
            update_conflicts=True,
            unique_fields=[self.kind.key],
            update_fields=fields,
        )


def _value(needs: Sequence[Any]) -> None:
    """Put the yearly import value of needs, in the programme's currency, on them."""
    settings = programme_settings()
    day = date.fromisoformat(settings["price_date"]) if settings.get("price_date") else None
    prices = [(need.import_price, need.currency, need.price_date or day) for need in needs]
    worths = reckoning().worths(prices, settings["currency"])
    for need, worth in zip(needs, worths, strict=True):
        quantity = need.yearly_quantity
        known = worth is not None and quantity is not None
        need.yearly_value = float(worth * quantity) if known else None


def changed_meanwhile() -> Stale:
    """Tell that what is there is not what the person was shown."""
    return Stale(
        _("Records of this sheet were changed since you looked at it."),
        _("Read it again: it shows what would change now."),
    )
