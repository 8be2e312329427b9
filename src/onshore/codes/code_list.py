"""A list of codes with their names: how one is found, and what is near when none is."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import islice

from onshore.codes.spelling import fold


@dataclass(frozen=True)
class Code:
    """An entry of a code list.

    Parameters
    ----------
    code
        The code as the list's keeper writes it.
    name
        Name in English.
    name_fa
        Name in Persian; empty where no source gives one.
    parent
        Code of the entry one level up, or None.
    """

    code: str
    name: str
    name_fa: str = ""
    parent: str | None = None


class UnknownCode(LookupError):
    """A text that names no entry of a code list, or more than one."""


@dataclass(frozen=True)
class Entry:
    """A code with the further texts it is known by."""

    code: Code
    synonyms: tuple[str, ...] = ()


class CodeList:
    """Codes of one scheme, found by code or by name.

    The entries are read when first asked for.

    Parameters
    ----------
    kind
        What an entry is, for messages: "an HS 2022 code".
    example
        What a person could have written, for messages.
    load
        Reads the entries, in the order in which they are listed.
    """

    def __init__(self, kind: str, example: str, load: Callable[[], Sequence[Entry]]) -> None:
        self.kind = kind
        self.example = example
        self._load = load

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, in the order of the list."""
        return tuple(self._entries)

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def __iter__(self) -> Iterator[Code]:
        return (entry.code for entry in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, code: str) -> Code:
        """Give the entry of a code that is written exactly as in the list.

        Raises
        ------
        UnknownCode
            The list has no such code.
        """
        try:
            return self._entries[code].code
        except KeyError:
            raise self._unknown(code) from None

    def find(self, text: str) -> Code:
        """Give the entry that a code, a name or a synonym stands for.

        Case, accents, digits of either script and Arabic letter forms make no difference.

        Raises
        ------
        UnknownCode
            Nothing, or more than one entry, is known by this text. The message says what is
            near and what to write.
        """
        code = self._code_written(text)
        if code in self._entries:
            return self._entries[code].code
        known = self._named(text)
        if len(known) == 1:
            return self._entries[known[0]].code
        if known:
            raise self._ambiguous(text, known)
        raise self._unknown(text)

    def name(self, code: str, locale: str = "en") -> str:
        """Name of a code in ``"en"`` or ``"fa"``; English where there is no Persian name.

        Raises
        ------
        UnknownCode
            The list has no such code.
        """
        entry = self.get(code)
        return (entry.name_fa or entry.name) if locale == "fa" else entry.name

    def near(self, text: str, n: int = 3) -> list[Code]:
        """Give up to ``n`` entries whose code or names look most like a text, best first."""
        wanted = _trigrams(fold(text))
        shared: Counter[int] = Counter()
        for trigram in wanted:
            shared.update(self._places_of.get(trigram, ()))
        texts, owners = self._spellings
        best: dict[str, float] = {}
        for place, count in shared.items():
            likeness = self._likeness(count, len(wanted), len(texts[place]))
            owner = owners[place]
            best[owner] = max(best.get(owner, 0.0), likeness)
        ranked = sorted(best, key=lambda code: (-best[code], code))
        return [self._entries[code].code for code in ranked[:n] if best[code] >= _LEAST_LIKENESS]

    def holding(self, text: str, n: int = 20) -> list[Code]:
        """Give up to ``n`` entries whose code begins with a text or whose names hold its words.

        The beginning of a word is enough, and so is a part of one. The entry that the text stands
        for comes first, then codes and names that begin with it. Without a text, the first
        entries of the list are given.

        Examples
        --------
        >>> from onshore.codes import currencies
        >>> [code.code for code in currencies.holding("ریال")][:2]
        ['IRR', 'BRL']
        """
        wanted, code = fold(text), self._code_written(text)
        if not wanted:
            return [entry.code for entry in islice(self._entries.values(), n)]
        words, best = wanted.split(), dict.fromkeys(self._beginning(code), 1)
        for name, owners in self._by_name.items():
            if all(word in name for word in words):
                rank = _rank(name, wanted, words)
                for owner in owners:
                    best[owner] = min(rank, best.get(owner, rank))
        with suppress(UnknownCode):
            best[self.find(text).code] = 0
        place = {code: at for at, code in enumerate(self._entries)}
        found = nsmallest(n, best, key=lambda code: (best[code], place[code]))
        return [self._entries[code].code for code in found]

    def _beginning(self, text: str) -> Iterator[str]:
        return (code for code in self._entries if code.startswith(text))

    def _likeness(self, shared: int, wanted: int, known: int) -> float:
        """Compare two spellings by the trigrams they share (Dice's coefficient)."""
        return 2 * shared / (wanted + known)

    def _code_written(self, text: str) -> str:
        return fold(text).upper()

    def _named(self, text: str) -> list[str]:
        return self._by_name.get(fold(text), [])

    def _wrong(self, text: str) -> str:  # noqa: ARG002 - a list says more where it can
        return ""

    def _unknown(self, text: str) -> UnknownCode:
        if not text.strip():
            kind = self.kind[0].upper() + self.kind[1:]
            return UnknownCode(f"{kind} is missing. Write one such as {self.example}.")
        wrong = self._wrong(text)
        if wrong:
            return UnknownCode(wrong)
        near = self.near(text)
        if near:
            hint = "Near it: " + "; ".join(told(code) for code in near) + "."
        else:
            hint = f"Nothing is near it; write one such as {self.example}."
        return UnknownCode(f"'{shortened(text)}' is not {self.kind}. {hint}")

    def _ambiguous(self, text: str, known: Iterable[str]) -> UnknownCode:
        choice = "; ".join(told(self._entries[code].code) for code in known)
        return UnknownCode(
            f"'{shortened(text)}' is the name of more than one entry. Write the code of one: "
            f"{choice}."
        )

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.code.code: entry for entry in self._load()}

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = {}
        for code, entry in self._entries.items():
            for text in dict.fromkeys(fold(text) for text in _texts(entry)):
                known.setdefault(text, []).append(code)
        return known

    @cached_property
    def _spellings(self) -> tuple[list[frozenset[str]], list[str]]:
        texts, owners = [], []
        for code, entry in self._entries.items():
            for text in dict.fromkeys(fold(text) for text in (code, *_texts(entry))):
                texts.append(_trigrams(text))
                owners.append(code)
        return texts, owners

    @cached_property
    def _places_of(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, trigrams in enumerate(self._spellings[0]):
            for trigram in trigrams:
                places.setdefault(trigram, []).append(place)
        return places


_LEAST_LIKENESS = 0.25


def _rank(name: str, wanted: str, words: Sequence[str]) -> int:
    """Tell how well a name that holds some words fits them: 2 is best."""
    if name.startswith(wanted):
        return 2
    return 3 if all(f" {word}" in f" {name}" for word in words) else 4


def told(code: Code) -> str:
    """Write a code with its name, as messages do."""
    return f"{code.code} ({shortened(code.name)})"


def shortened(text: str, width: int = 60) -> str:
    """Cut a text for a message."""
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _texts(entry: Entry) -> Iterable[str]:
    yield from (text for text in (entry.code.name, entry.code.name_fa) if text)
    yield from entry.synonyms


def _trigrams(text: str) -> frozenset[str]:
    padded = f"  {text} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))
