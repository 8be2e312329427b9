"""What the boxes of forms offer to choose from: records, and codes of goods, money and places."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from onshore import codes
from onshore.codes import Code, CodeList, UnknownCode, fold
from onshore.desk.actor import Actor
from onshore.desk.models import Desk, Need, ProgrammeSettings
from onshore.desk.pages.record_choices import MOST, TABLES, Choice
from onshore.desk.pages.wording import language
from onshore.desk.policies import visible
from onshore.report import Words

_NO_CURRENCIES = ("XXX", "XTS")
_MOST_SECTORS = 200


class Choices(Protocol):
    """Something that keys are chosen from."""

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give what a part of a name, or a key, fits best; without one, the first."""

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Give the choices of those keys that the actor may see."""


@dataclass(frozen=True)
class CodeChoices:
    """The codes of a scheme: those that a cell takes."""

    held: CodeList
    takes: Callable[[str], bool] = bool

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give the codes that a text fits; where it fits none, those near it."""
        found = self.held.holding(text, 2 * MOST + 1) or self.held.near(text)
        return [_code_choice(code) for code in found if self.takes(code.code)][:MOST]

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Give the codes that are in the scheme; a name stands for its code."""
        return [_code_choice(code) for key in keys for code in _found(self.held, key)]


class UnitChoices(CodeChoices):
    """Units, each told apart by its symbol."""

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give the units that a text fits."""
        return [self._with_symbol(unit) for unit in super().holding(actor, text)]

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Give the units that are in the list."""
        return [self._with_symbol(unit) for unit in super().of_keys(actor, keys)]

    def _with_symbol(self, unit: Choice) -> Choice:
        symbol = codes.units.symbol(unit.key)
        return unit if symbol in (unit.name, unit.also) else replace(unit, apart=symbol)


class PlaceChoices:
    """The programme's places, then the provinces of home, countries, and all other provinces."""

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give the places that a text fits; where it fits none, those near it."""
        own, here = TABLES["places"].holding(actor, text), f"{home()}-"
        if not text:
            return _unlike([*own, *map(_code_choice, _in(here, codes.places))])
        provinces = codes.places.holding(text, 10 * MOST)
        found = [*_in(here, provinces), *codes.countries.holding(text), *provinces]
        near = [] if own or found else [*codes.places.near(text), *codes.countries.near(text)]
        return _unlike([*own, *map(_code_choice, [*found, *near])])

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Give the places with some keys; the name of a province stands for its code."""
        asked = list(keys)
        own = {choice.key: choice for choice in TABLES["places"].of_keys(actor, asked)}
        return [choice for key in asked for choice in ([own[key]] if key in own else _place(key))]


class SectorChoices:
    """The sectors that the programme's desks and needs are of."""

    def holding(self, actor: Actor, text: str) -> list[Choice]:
        """Give the sectors that a text fits."""
        wanted = fold(text)
        return [one for one in self._all(actor) if wanted in fold(f"{one.key} {one.name}")][:MOST]

    def of_keys(self, actor: Actor, keys: Iterable[str]) -> list[Choice]:
        """Name sectors."""
        return [_sector(key) for key in keys]

    def known(self, actor: Actor, text: str) -> str:
        """Give a sector as the programme writes it; one that it does not know stays as it is."""
        wanted = fold(text)
        known = (one.key for one in self._all(actor) if wanted in map(fold, (one.key, one.name)))
        return next(known, text)

    def _all(self, actor: Actor) -> list[Choice]:
        found: dict[str, None] = {}
        for model in (Desk, Need):
            rows = visible(actor, model).exclude(sector="").order_by("sector")
            found |= dict.fromkeys(rows.values_list("sector", flat=True).distinct()[:_MOST_SECTORS])
        return [_sector(sector) for sector in sorted(found)]


def home() -> str | None:
    """Give the code of the programme's country."""
    settings = ProgrammeSettings.objects.values_list("settings", flat=True).first() or {}
    return settings.get("home")


def _sector(key: str) -> Choice:
    name = Words(language()).name("sector", key)
    return Choice(key, name if name != key else "")


def _in(country: str, provinces: Iterable[Code]) -> list[Code]:
    return [place for place in provinces if place.code.startswith(country)]


def _place(text: str) -> list[Choice]:
    known = [*_found(codes.places, text), *_found(codes.countries, text)]
    return [_code_choice(code) for code in known[:1]]


def _found(held: CodeList, text: str) -> Iterator[Code]:
    try:
        yield held.find(text)
    except UnknownCode:
        return


def _code_choice(code: Code) -> Choice:
    name = (code.name_fa if language() == "fa" else "") or code.name
    return Choice(code.code, name, also=code.name if name != code.name else code.name_fa)


def _unlike(choices: Iterable[Choice]) -> list[Choice]:
    """Give choices without those whose key came before."""
    first: dict[str, Choice] = {}
    for choice in choices:
        first.setdefault(choice.key, choice)
    return list(first.values())[:MOST]


CHOICES: dict[str, Choices] = {
    **TABLES,
    "hs": CodeChoices(codes.hs, str.isdigit),
    "isic": CodeChoices(codes.isic),
    "currency": CodeChoices(codes.currencies, lambda code: code not in _NO_CURRENCIES),
    "country": CodeChoices(codes.countries),
    "unit": UnitChoices(codes.units),
    "place": PlaceChoices(),
    "sector": SectorChoices(),
}
"""What there is to choose from, by its name in addresses."""
