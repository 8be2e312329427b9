"""What goods and activities are called: HS 2022 and ISIC Rev. 4."""

import re
from bisect import bisect_left
from functools import cached_property

from onshore.codes.code_list import Code, CodeList, Entry, shortened, told
from onshore.codes.spelling import fold
from onshore.codes.table_files import rows

_HS_LENGTHS = {2: "chapter", 4: "heading", 6: "subheading"}


class HarmonizedSystem(CodeList):
    """Sections, chapters, headings and subheadings of the Harmonized System 2022.

    A code may be written with dots or spaces (``7207.11``) and with ``HS`` before it.
    """

    def near(self, text: str, n: int = 3) -> list[Code]:
        """Give up to ``n`` entries near a code or a description, best first."""
        digits = self._code_written(text)
        return self._with_prefix(digits, n) if digits.isdecimal() else super().near(text, n)

    def _with_prefix(self, digits: str, n: int) -> list[Code]:
        for length in range(len(digits), 1, -1):
            found = self._beginning_with(digits[:length])
            if found:
                found.sort(key=lambda code: (abs(len(code) - len(digits)), code))
                return [self.get(code) for code in found[:n]]
        return []

    def _beginning_with(self, prefix: str) -> list[str]:
        first = bisect_left(self._in_order, prefix)
        return self._in_order[first : bisect_left(self._in_order, prefix + ":", first)]

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self.codes)

    def _likeness(self, shared: int, wanted: int, known: int) -> float:
        # Descriptions are long: what counts is how much of the question they contain.
        return shared / wanted * (1 - known / 10_000)

    def _code_written(self, text: str) -> str:
        bare = re.sub(r"^hs\s*(2022)?[\s:]+|^hs(?=\d)", "", fold(text))
        joined = re.sub(r"(?<=\d)[\s.\-]+(?=\d)", "", bare)
        return joined.upper()

    def _wrong(self, text: str) -> str:
        digits = self._code_written(text)
        if not digits.isdecimal() or len(digits) in _HS_LENGTHS:
            return ""
        stated = f"'{shortened(text)}' has {_digits(digits)}"
        if len(digits) > 6:
            if digits[:6] in self:
                return (
                    f"{stated}: national tariff lines are longer than the Harmonized System. "
                    f"Write its six digits, {told(self.get(digits[:6]))}."
                )
            return f"{stated}, and its first six, {digits[:6]}, are not an HS 2022 code." + _near(
                self.near(digits[:6])
            )
        if "0" + digits in self:
            return f"{stated}: its leading zero is lost. Write {told(self.get('0' + digits))}."
        return f"{stated}; an HS 2022 code has 2 (chapter), 4 (heading) or 6 (subheading)." + _near(
            self.near(digits)
        )


class IndustrialClassification(CodeList):
    """Sections, divisions, groups and classes of ISIC Rev. 4.

    A code may be written with ``ISIC`` before it or with its section letter (``C2410``).
    """

    def _code_written(self, text: str) -> str:
        code = re.sub(r"^isic\s*(rev\.?\s*4)?[\s:]+", "", fold(text)).upper()
        with_section = re.fullmatch(r"([A-U])\s?(\d{2,4})", code)
        if with_section and self._section_of.get(with_section[2][:2]) == with_section[1]:
            return with_section[2]
        return code

    @property
    def _section_of(self) -> dict[str, str]:
        return {c.code: c.parent for c in self if len(c.code) == 2 and c.parent}

    def _wrong(self, text: str) -> str:
        code = self._code_written(text)
        if not code.isdecimal() or 2 <= len(code) <= 4:
            return ""
        if len(code) == 3 and "0" + code in self:
            return f"'{code}' has lost its leading zero. Write {told(self.get('0' + code))}."
        return (
            f"'{shortened(text)}' has {_digits(code)}; an ISIC Rev. 4 code is a section letter "
            "or has 2 (division), 3 (group) or 4 (class) digits."
        ) + _near(self.near(code[:4]))


def _near(codes: list[Code]) -> str:
    return " Near it: " + "; ".join(told(code) for code in codes) + "." if codes else ""


def _digits(code: str) -> str:
    return "1 digit" if len(code) == 1 else f"{len(code)} digits"


def _load_hs() -> list[Entry]:
    return [
        Entry(Code(row["code"], row["description"], parent=row["parent"] or None))
        for row in rows("hs2022.csv")
    ]


def _load_isic() -> list[Entry]:
    entries, section = [], ""
    for row in rows("isic4.csv"):
        code = row["code"]
        if code.isalpha():
            section = code
        parent = None if code.isalpha() else section if len(code) == 2 else code[:-1]
        entries.append(Entry(Code(code, row["desc"], parent=parent)))
    return entries


hs = HarmonizedSystem("an HS 2022 code", "720711 or 7207.11", _load_hs)
isic = IndustrialClassification("an ISIC Rev. 4 code", "2410 or C", _load_isic)
