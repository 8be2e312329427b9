"""Boxes in which a record or a code is chosen by a part of its name, or its key is typed."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onshore.codes import UnknownCode, countries, latin_digits, places
from onshore.desk.actor import Actor
from onshore.desk.pages.choices import CHOICES, SectorChoices, home
from onshore.desk.pages.record_choices import TABLES, Choice
from onshore.figures.shown import isolate

_SEPARATORS = re.compile("[;؛\n]")
_MOST_TOLD = 4
_MOST_NAMED = 12


class KeyInput(forms.TextInput):
    """A box with a list that is filled as one types, and beside it the name of what is chosen.

    Parameters
    ----------
    of
        What is chosen: a name in `onshore.desk.pages.choices.CHOICES`.
    several
        Whether it takes several keys, joined by ``;``.
    """

    def __init__(self, of: str, *, several: bool = False, attrs: dict[str, Any] | None = None):
        told = {"class": "code", "dir": "auto", "autocomplete": "off"}
        if of in TABLES:
            told["placeholder"] = gettext_lazy("Name or key")
        elif of != "sector":
            told["placeholder"] = gettext_lazy("Name or code")
        super().__init__(told | (attrs or {}))
        self.of = of
        self.several = several
        self.actor: Actor | None = None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Write the box; for somebody who is signed in, with its list."""
        told = dict(attrs or {})
        box = told.get("id")
        if not box or self.actor is None or self.actor.user is None:
            return super().render(name, value, attrs, renderer)
        described = (told.get("aria-describedby"), f"{box}_told")
        told |= {
            "list": f"{box}_list",
            "aria-describedby": " ".join(filter(None, described)),
            "data-choose": "several" if self.several else "one",
            "hx-get": reverse("choose", args=[self.of]) + ("?several=1" if self.several else ""),
            "hx-trigger": "input changed delay:200ms, focus once",
            "hx-target": f"#{box}_list",
            "hx-sync": "this:queue last",
        }
        return format_html(
            '{}<output class="chosen-told" id="{}_told" for="{}" dir="auto">{}</output>'
            '<datalist id="{}_list"></datalist>',
            super().render(name, value, told, renderer),
            *(box, box, self._told(value), box),
        )

    def _told(self, value: Any) -> str:
        text = str(value or "")
        keys = _parts(text) if self.several else [text.strip()]
        if self.actor is None or not any(keys):
            return ""
        told = [choice.label for choice in CHOICES[self.of].of_keys(self.actor, keys)]
        return "; ".join(told[:_MOST_NAMED]) + ("…" if len(told) > _MOST_NAMED else "")


class KeyField(forms.CharField):
    """The key of a record that the actor may see: typed as it is, or by the record's name.

    Parameters
    ----------
    table
        The table.
    several
        Whether it takes several keys, joined by ``;``.
    """

    def __init__(self, table: str, *, several: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", KeyInput(table, several=several))
        kwargs.setdefault("max_length", 4000)
        super().__init__(**kwargs)
        self.table = table
        self.several = several
        self.actor: Actor | None = None

    def clean(self, value: Any) -> str:
        """Find the key of what was typed; without an actor it stays as it is."""
        text = str(super().clean(value) or "")
        if self.actor is None or not text:
            return text
        if not self.several:
            return key_of(self.table, text.strip(), self.actor)
        parts = list(dict.fromkeys(_parts(text)))
        known = {choice.key for choice in TABLES[self.table].of_keys(self.actor, parts)}
        errors, keys = [], []
        for part in parts:
            try:
                keys.append(part if part in known else key_of(self.table, part, self.actor))
            except forms.ValidationError as error:
                errors.append(error)
                if len(errors) == _MOST_TOLD:
                    break
        if errors:
            raise forms.ValidationError(errors)
        return ";".join(dict.fromkeys(keys))


class PlaceField(forms.CharField):
    """A place: a place of the programme by its name, any other as it is typed.

    Parameters
    ----------
    several
        Whether it takes several places, joined by ``;``.
    """

    def __init__(self, *, several: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", KeyInput("place", several=several))
        kwargs.setdefault("max_length", 4000)
        super().__init__(**kwargs)
        self.several = several
        self.actor: Actor | None = None

    def clean(self, value: Any) -> str:
        """Find the places of the programme by their names, where no other place has the name."""
        text = str(super().clean(value) or "").strip()
        if self.actor is None or not text:
            return text
        parts = _parts(text) if self.several else [text]
        return ";".join(self._key(part, self.actor) for part in parts)

    def _key(self, text: str, actor: Actor) -> str:
        own = TABLES["places"]
        if own.of_keys(actor, [text]):
            return text
        if code := _place_code(text):
            return code if self.several else text
        called = own.called(actor, text)
        if len(called) > 1:
            raise forms.ValidationError(_several(called))
        return called[0].key if called else text


class SectorField(forms.CharField):
    """A sector: one that the programme knows by its name, any other as it is typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", KeyInput("sector", attrs={"class": "text"}))
        kwargs.setdefault("max_length", 4000)
        super().__init__(**kwargs)
        self.actor: Actor | None = None

    def clean(self, value: Any) -> str:
        """Give the sector as the programme writes it."""
        text = str(super().clean(value) or "").strip()
        if self.actor is None or not text:
            return text
        return SectorChoices().known(self.actor, text)


def key_of(table: str, text: str, actor: Actor) -> str:
    """Give the key of the record that a text is the key or the name of.

    Raises
    ------
    django.forms.ValidationError
        The actor sees none, or several.
    """
    choices = TABLES[table]
    spelled = latin_digits(text).replace("ي", "ی").replace("ك", "ک")
    if known := choices.of_keys(actor, (text, spelled, spelled.upper())):
        return known[0].key
    called = choices.called(actor, text)
    if len(called) == 1:
        return called[0].key
    if called:
        raise forms.ValidationError(_several(called))
    said = _("Nothing that you may see has this key or name: %s.") % isolate(text[:100])
    if near := choices.near(actor, text):
        step = _("Near it: %s.") % _listed((choice.key, choice.name) for choice in near)
    else:
        step = _("Type a part of the name, and choose from the list.")
    raise forms.ValidationError(f"{said} {step}")


def seen_by(form: forms.Form, actor: Actor) -> None:
    """Let the boxes of a form offer, take and name what an actor may see."""
    for field in form.fields.values():
        for thing in (field, field.widget):
            if hasattr(thing, "actor"):
                thing.actor = actor


def _several(called: list[Choice]) -> str:
    told = _listed((choice.key, choice.apart) for choice in called[:_MOST_TOLD])
    more = "…" if len(called) > _MOST_TOLD else ""
    return _("Several have this name. Write the key of one: %s.") % (told + more)


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    said = (f"{isolate(key)} ({isolate(name)})" if name else isolate(key) for key, name in pairs)
    return _("; ").join(said)


def _place_code(text: str) -> str:
    """Give the code of a province or a country by its code or name; of no other place any."""
    with suppress(UnknownCode):
        return places.find(text, home()).code
    with suppress(UnknownCode):
        return countries.find(text).code
    return ""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
