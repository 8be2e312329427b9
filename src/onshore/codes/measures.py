"""Units of measure by their UN/ECE Recommendation 20 codes, and what they convert by."""

from collections import Counter
from fractions import Fraction
from functools import cached_property

from onshore.codes.code_list import Code, CodeList, Entry, told
from onshore.codes.spelling import fold
from onshore.codes.table_files import listed, rows


class Units(CodeList):
    """Units of measure, their dimension and their factor to its coherent unit.

    A unit is found by its code, its symbol (``kg``, ``m²``), its name or a synonym in English,
    Persian or Russian. Where case tells two symbols apart (``mW``, ``MW``) it has to be right.
    """

    def find(self, text: str) -> Code:
        """Give the unit that a code, a symbol, a name or a synonym stands for.

        Raises
        ------
        UnknownCode
            Nothing, or more than one unit, is known by this text.

        Examples
        --------
        >>> [units.find(text).code for text in ("kg", "متر‌مربع", "шт", "PCS", "rolls")]
        ['KGM', 'MTK', 'H87', 'H87', 'XRO']
        """
        written = text.strip()
        if written not in self and written in self._as_written:
            return self.get(self._as_written[written])
        found = super().find(written)
        symbol = self._measures[found.code][2]
        if symbol.startswith("M") and written.startswith("m") and written not in _one_case(written):
            raise self._unknown(text)
        return found

    def dimension(self, code: str) -> str:
        """Name of what a unit measures, such as ``"mass"``; units of one dimension convert.

        Raises
        ------
        UnknownCode
            The list has no such code.
        """
        self.get(code)
        return self._measures[code][0]

    def symbol(self, code: str) -> str:
        """Symbol of a unit, such as ``"m²"``; its English name where it has none.

        Raises
        ------
        UnknownCode
            The list has no such code.
        """
        name = self.get(code).name
        return self._measures[code][2] or name

    def convertible(self, a: str, b: str) -> bool:
        """Whether an amount in unit ``a`` can be told in unit ``b``.

        Raises
        ------
        UnknownCode
            A code is not in the list.
        """
        return self.dimension(a) == self.dimension(b)

    def factor(self, a: str, b: str) -> Fraction:
        """How many of unit ``b`` are one of unit ``a``, exactly.

        Raises
        ------
        UnknownCode
            A code is not in the list.
        ValueError
            The units measure different things.

        Examples
        --------
        >>> units.factor("TNE", "KGM")
        Fraction(1000, 1)
        >>> units.factor("INH", "MMT")
        Fraction(127, 5)
        """
        if not self.convertible(a, b):
            raise ValueError(
                f"{told(self.get(a))} measures {self.dimension(a)}, and {told(self.get(b))} "
                f"measures {self.dimension(b)}: one cannot be told in the other."
            )
        return self._measures[a][1] / self._measures[b][1]

    def reference(self, code: str) -> str:
        """Code of the first unit in the list that measures the same thing.

        Raises
        ------
        UnknownCode
            The list has no such code.
        """
        return self._first_of[self.dimension(code)]

    def _named(self, text: str) -> list[str]:
        return super()._named(text) or super()._named(text.rstrip("."))

    @cached_property
    def _as_written(self) -> dict[str, str]:
        """Symbols and synonyms in their own case, where that leaves one unit."""
        texts = Counter(text for entry in self._entries.values() for text in set(entry.synonyms))
        written = {
            text: code
            for code, entry in self._entries.items()
            for text in entry.synonyms
            if texts[text] == 1
        }
        return written | {symbol: code for code, (*_, symbol) in self._measures.items() if symbol}

    @cached_property
    def _measures(self) -> dict[str, tuple[str, Fraction, str]]:
        return {
            row["code"]: (row["dimension"], Fraction(row["factor"]), row["symbol"])
            for row in rows("units.csv")
        }

    @cached_property
    def _first_of(self) -> dict[str, str]:
        return {measure[0]: code for code, measure in reversed(self._measures.items())}


def _one_case(text: str) -> tuple[str, str]:
    return text.lower(), text.upper()


def _load() -> list[Entry]:
    units_as_read = rows("units.csv")
    folded = Counter(fold(row["symbol"]) for row in units_as_read if row["symbol"])
    entries = []
    for row in units_as_read:
        known = listed(row["synonyms"])
        if row["symbol"] and folded[fold(row["symbol"])] == 1:
            known = (row["symbol"], *known)
        entries.append(Entry(Code(row["code"], row["name_en"], row["name_fa"]), known))
    return entries


units = Units("a unit of UN/ECE Recommendation 20", "KGM (kilogram), H87 (piece) or kg", _load)
