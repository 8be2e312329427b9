"""A change by program: an action of the pages, and the columns whose cells it takes.

What is sent is read as the forms of the pages read it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from inspect import Parameter, signature
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _

from onshore.desk.actions.acting import Refused
from onshore.desk.actor import Actor
from onshore.desk.models import RECORDS
from onshore.desk.pages.record_forms import RecordForm, record_form
from onshore.desk.policies import visible
from onshore.records import Column, schema

Facts = Mapping[str, str | bool | int | float | None]


@dataclass(frozen=True)
class Change:
    """Something that a program may do to a record, or the making of one.

    Parameters
    ----------
    name, says
        Its name, and what it does in a sentence.
    action
        The action of the pages.
    of
        The table whose columns its facts are cells of.
    takes
        The column of each fact, by the fact's name.
    texts
        Facts that are no column: texts.
    required
        Facts that are asked for, besides what the table and the action need.
    filled
        Facts that the action finds by itself where they are not given.
    whole
        Whether the action takes the facts as one record, instead of one by one.
    reads
        The form that reads the facts, where rules of whole rows do not fit them.
    """

    name: str
    says: str
    action: Callable[..., Any]
    of: str = ""
    takes: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    whole: bool = False
    reads: type[Form] | None = None

    @property
    def facts(self) -> dict[str, Column | None]:
        """The column of each fact; None of a text that is no column."""
        told = schema(self.of) if self.of else None
        columns = {name: told.column(column) for name, column in self.takes.items()} if told else {}
        return {**columns, **dict.fromkeys(self.texts)}

    def needs(self, fact: str) -> bool:
        """Whether a fact has to be given."""
        if fact in self.required:
            return True
        column = self.facts[fact]
        if self.whole:
            return column is not None and column.required and fact not in self.filled
        asked = signature(self.action).parameters[fact]
        return asked.default is Parameter.empty and "None" not in str(asked.annotation)

    def read(self, actor: Actor, facts: Facts) -> dict[str, Any]:
        """Read facts as the forms of the pages do; give what the action takes.

        Raises
        ------
        Refused
            One is not known, is missing, cannot be read, or names a record that is not there.
        """
        self.require_known(facts)
        self._check_references(actor, facts)
        told = {name: str(facts.get(name) or "")[:4000] for name in self.texts}
        if self.takes:
            form = self._form({self.takes[n]: _typed(facts.get(n)) for n in self.takes})
            if self.whole:
                return {"values": form.record_fields, **told}
            cells = {name: form.cleaned_data[column] for name, column in self.takes.items()}
            told |= {name: self._filled(name, value) for name, value in cells.items()}
        return {
            name: value for name, value in told.items() if value is not None or self._asks(name)
        }

    def require_known(self, facts: Facts) -> None:
        """Refuse facts that it does not take."""
        if strange := sorted(set(facts) - set(self.facts)):
            raise Refused(
                _("These are no facts: %s.") % ", ".join(strange),
                _("See the description of the API for what is taken."),
                "facts",
            )

    def _form(self, typed: dict[str, str]) -> Any:
        form = (self.reads or _form_of(self))(typed)
        if not form.is_valid():
            column, errors = next(iter(form.errors.items()))
            fact = next((n for n, of in self.takes.items() if of == column), column)
            raise Refused(str(errors[0]), _("Mend it, and send it again."), fact)
        return form

    def _check_references(self, actor: Actor, facts: Facts) -> None:
        for name, column in self.facts.items():
            key = facts.get(name)
            if column is None or column.type != "ref" or not key:
                continue
            if "\0" in str(key) or not visible(actor, RECORDS[column.table or ""]).filter(pk=key):
                raise Refused(
                    _("There is no such record, or your role does not see it."),
                    _("Look at the key."),
                    name,
                )

    def _filled(self, name: str, value: Any) -> Any:
        """Give an empty text as the action takes it."""
        takes_text = "str" in str(signature(self.action).parameters[name].annotation)
        return "" if value is None and takes_text and self._asks(name) else value

    def _asks(self, name: str) -> bool:
        asked = signature(self.action).parameters.get(name)
        return asked is not None and asked.default is Parameter.empty


def same(*names: str) -> dict[str, str]:
    """Let facts have the names of their columns."""
    return {name: name for name in names}


@cache
def _parameters(action: Callable[..., Any]) -> frozenset[str]:
    return frozenset(signature(action).parameters)


def sent_along(action: Callable[..., Any], **told: Any) -> dict[str, Any]:
    """Give those of version, reason and token that an action takes."""
    takes = _parameters(action)
    every = "told" in takes
    return {name: value for name, value in told.items() if every or name in takes}


_FORMS: dict[tuple[str, str], type[RecordForm]] = {}


def _form_of(change: Change) -> type[RecordForm]:
    key = (change.of, f"{change.action.__module__}.{change.action.__name__}")
    if key not in _FORMS:
        required = [change.takes[name] for name in change.takes if change.needs(name)]
        made = record_form(change.of, tuple(change.takes.values()), required=required)
        for name, column in change.takes.items():
            made.base_fields[column].required = change.needs(name)
        _FORMS[key] = made
    return _FORMS[key]


def _typed(value: Any) -> str:
    """Write a value as a person would type it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)
