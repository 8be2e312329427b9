"""The records of an upload as they shall be: made beforehand, written in few statements."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onshore.desk import search
from onshore.desk.actions.acting import Stale, facts
from onshore.desk.auditing.audit import Change
from onshore.desk.reckoning.import_value import put_yearly_value
from onshore.desk.tables.bulk_rows import PreparedRows
from onshore.desk.uploading.existing import Existing, in_batches
from onshore.desk.uploading.kinds import Kind


class Draft:
    """The records of an upload as they shall be, with their lines of the audit."""

    def __init__(self, kind: Kind, existing: Existing, plan: pl.DataFrame, today: date) -> None:
        self.kind, self.existing, self.today = kind, existing, today
        self.new: list[Any] = []
        self.changed: list[Any] = []
        self.changes: list[Change] = []
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
            put_yearly_value([*self.new, *self.changed])
        self.words = search.words_made(kind.table, [*self.new, *self.changed])
        self._inserted = PreparedRows(kind.model, self.new)
        self._updated = PreparedRows(kind.model, self.changed, self._changing())

    def _changing(self) -> list[str]:
        names = [name.removesuffix("_id") for name in self.existing.attributes.values()]
        valued = ["yearly_value"] if self.kind.table == "needs" else []
        return [self.kind.key, *names, "version", *valued]

    def _add(self, key: str, values: Mapping[str, Any]) -> None:
        thing = self.kind.model(pk=key)
        self._set(thing, self.existing.kept(values))
        if self.kind.table == "needs":
            thing.state, thing.state_since = "draft", self.today
        self.new.append(thing)
        self._note(key, {}, facts(thing))

    def _change(self, key: str, values: Mapping[str, Any]) -> None:
        thing = self._there[key]
        before = facts(thing)
        differing = self.existing.differing(values, self.existing.found[key])
        self._set(thing, differing)
        thing.version += 1
        after = facts(thing)
        was, now = ({n: of[n] for n in differing if n in of} for of in (before, after))
        self.changed.append(thing)
        self._note(key, was, now)

    def _note(self, key: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        change = Change(self.kind.table, key, was, now)
        _ = change.told  # written now, not while others wait
        self.changes.append(change)

    def _set(self, thing: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(thing, self.existing.attributes[name], value)

    def write(self) -> None:
        """Write the records."""
        try:
            with transaction.atomic():
                self._inserted.insert()
        except IntegrityError as error:
            raise changed_meanwhile() from error
        self._updated.update(self.kind.key)


def changed_meanwhile() -> Stale:
    """Tell that what is there is not what the person was shown."""
    return Stale(
        _("Records of this sheet were changed since you looked at it."),
        _("Read it again: it shows what would change now."),
    )
