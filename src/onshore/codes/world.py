"""Currencies, countries and provinces: ISO 4217, ISO 3166-1 and ISO 3166-2.

Codes and English names come from pycountry, Persian ones from the Unicode CLDR (by Babel) and
from pycountry's own translations; everyday names that neither has are in the data files.
"""

import gettext
import re
from collections.abc import Iterable
from functools import cached_property

from onshore.codes.code_list import Code, CodeList, Entry, shortened, told
from onshore.codes.spelling import fold
from onshore.codes.table_files import listed, rows


class Places(CodeList):
    """Provinces, states and other subdivisions of all countries.

    Where no name is the same, one that differs only in how its vowels are transcribed will do
    (``Khouzestan`` for Khuzestan), if it fits a single place.
    """

    def find(self, text: str, country: str | None = None) -> Code:
        """Give the place that a code or a name stands for.

        Parameters
        ----------
        text
            An ISO 3166-2 code or a name in English, Persian or the country's own spelling.
        country
            ISO 3166-1 alpha-2 code of the country to look in; None looks in all.

        Raises
        ------
        UnknownCode
            No place, or more than one, is known by this text.

        Examples
        --------
        >>> places.find("Eşfahān").code, places.find("Khouzestan").code
        ('IR-10', 'IR-06')
        """
        code = self._code_written(text)
        if code in self:
            return self.get(code)
        known = self._in(country, self._named(text))
        if len(known) > 1:
            raise self._ambiguous(text, known)
        alike = known or self._in(country, self._alike(text))
        if len(alike) != 1:
            raise self._unknown(text)
        return self.get(alike[0])

    def _in(self, country: str | None, codes: Iterable[str]) -> list[str]:
        return [code for code in codes if country is None or code.startswith(f"{country}-")]

    def _named(self, text: str) -> list[str]:
        return super()._named(text) or super()._named(_KIND.sub("", fold(text)))

    def _alike(self, text: str) -> list[str]:
        consonants = _consonants(text)
        return self._by_consonants.get(consonants, []) if len(consonants) > 2 else []

    @cached_property
    def _by_consonants(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = {}
        for name, codes in self._by_name.items():
            owners = known.setdefault(_consonants(name), [])
            owners.extend(code for code in codes if code not in owners)
        return known


_KIND = re.compile(r"\b(province( of)?|ostan|استان)\b")


def _consonants(name: str) -> str:
    """Reduce a name in Latin letters to its consonants, those that transcriptions agree on."""
    letters = re.sub(r"[^a-z]", "", _KIND.sub("", fold(name)))
    letters = letters.replace("gh", "q").replace("kh", "x").replace("w", "v")
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiou]", "", letters))


class Currencies(CodeList):
    """Currencies of ISO 4217; ``US$``, ``€`` and everyday Persian names are understood."""

    def _wrong(self, text: str) -> str:
        if fold(text) in _TOMAN:
            return (
                "The toman is not a currency of ISO 4217. Write the amount in rial (IRR): "
                "one toman is ten rial."
            )
        several = self._of_that_word(text)
        if len(several) > 1:
            choice = (told(self.get(code)) for code in several)
            named = "; ".join(choice if len(several) < _TOO_MANY else several)
            return f"'{shortened(text)}' may be any of {named}. Write the code."
        return ""

    def _of_that_word(self, text: str) -> list[str]:
        word = fold(text)
        wanted = {word, word.removesuffix("s")}
        return [code.code for code in self if fold(code.name).split()[-1] in wanted]


_TOO_MANY = 10
_TOMAN = {fold(word) for word in ("toman", "tomans", "tuman", "تومان", "تومن", "irt")}


def _load_currencies() -> list[Entry]:
    import pycountry
    from babel import Locale

    english, persian = Locale("en"), Locale("fa")
    everyday = {row["code"]: listed(row["synonyms"]) for row in rows("currency_names.csv")}
    entries = []
    for currency in sorted(pycountry.currencies, key=lambda c: c.alpha_3):
        code = currency.alpha_3
        name = english.currencies.get(code, currency.name)
        known = [currency.name, currency.numeric, *everyday.get(code, ())]
        if code in english.currency_symbols:
            known.append(english.currency_symbols[code])
        entries.append(Entry(Code(code, name, persian.currencies.get(code, "")), tuple(known)))
    return entries


def _load_countries() -> list[Entry]:
    import pycountry
    from babel import Locale

    english, persian = Locale("en"), Locale("fa")
    everyday = {row["code"]: listed(row["synonyms"]) for row in rows("country_names.csv")}
    entries = []
    for country in sorted(pycountry.countries, key=lambda c: c.alpha_2):
        code = country.alpha_2
        known = [country.name, country.alpha_3, country.numeric, *everyday.get(code, ())]
        known += [getattr(country, field, "") for field in ("official_name", "common_name")]
        name = english.territories.get(code, country.name)
        name_fa = persian.territories.get(code, "")
        entries.append(Entry(Code(code, name, name_fa), tuple(filter(None, known))))
    return entries


def _load_places() -> list[Entry]:
    import pycountry

    everyday = {row["code"]: row for row in rows("provinces_ir.csv")}
    persian = gettext.translation("iso3166-2", pycountry.LOCALES_DIR, ["fa"], fallback=True)
    entries = []
    for place in sorted(pycountry.subdivisions, key=lambda p: p.code):
        translated = persian.gettext(place.name)
        name_fa = "" if translated == place.name else translated
        parent = place.parent_code or place.country_code
        names = everyday.get(place.code)
        if names:
            code = Code(place.code, names["name_en"], names["name_fa"], parent)
            known = (place.name, name_fa, *listed(names["synonyms"]))
        else:
            code = Code(place.code, place.name, name_fa, parent)
            known = ()
        entries.append(Entry(code, tuple(filter(None, known))))
    return entries


currencies = Currencies("a currency of ISO 4217", "EUR, USD or IRR", _load_currencies)
countries = CodeList("a country of ISO 3166-1", "IR, Iran or ایران", _load_countries)
places = Places("a place of ISO 3166-2", "IR-10, Isfahan or اصفهان", _load_places)
