"""Makers that are the same, by their names and where they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, log

import polars as pl

from onshore.match.letters import normalise
from onshore.match.merging.blocking import pairs_worth_comparing
from onshore.match.merging.clusters import Likely, cluster
from onshore.match.merging.likeness import jaro_winkler
from onshore.match.merging.maker_names import Word, read_name, sound
from onshore.match.merging.tables import check_ids, texts_of
from onshore.match.words import WORD

_OPTIONAL = ("name_fa", "country", "place", "city", "industrial_park", "address", "website")
_SCHEMA = {
    "organisation_id": pl.String,
    "cluster_id": pl.String,
    "probability": pl.Float64,
    "reasons": pl.String,
}
THRESHOLD = 0.7

# Log-odds that two makers are the same. Names that have all their words in common are the same
# with probability 0.95, whatever is not known; with three quarters of them only if the place
# agrees too; with half of them if the website does.
_BASE, _NAMES = -7.0, 10.0
_SAME = {"website": 4.0, "place": 2.0, "city": 2.0, "industrial_park": 1.0, "address": 1.0}
_OTHER = {"website": -1.0, "place": -2.5, "city": -2.5, "industrial_park": -1.0, "address": 0.0}

_ALIKE = 0.92
_LEAST_LETTERS = 5
_LEAST_NAMES = 0.34


@dataclass(frozen=True)
class Maker:
    """A maker, read: its names in every script, and where it is, normalised."""

    names: tuple[tuple[Word, ...], ...]
    where: dict[str, str]

    @property
    def forms(self) -> frozenset[str]:
        """Give every form of every word of its names."""
        return frozenset(form for name in self.names for word in name for form in word.forms)

    @property
    def grams(self) -> frozenset[str]:
        """Give the runs of three letters of its first name, as it sounds."""
        text = " ".join(sound(word.written) for name in self.names[:1] for word in name)
        return frozenset(f" {text} "[at : at + 3] for at in range(len(text)))


def merge_makers(organisations: pl.DataFrame) -> pl.DataFrame:
    """Find organisations that are the same maker.

    Names are compared without their legal forms, across Latin, Persian and Cyrillic script by
    their consonants, and through the glossary (فولاد is *steel*). Rare words of names count for
    more, words such as *industrial* for little. Website, place, city and park that agree speak
    for the same maker, others against it; another country, or a number that one name alone
    has (Plant 1, Plant 2), forbids it. The log-odds are
    ``-7 + 10 n + 4 website + 2 place + 2 city + 1 park + 1 address``, with n the share of the
    weight of both names that they have in common; what differs takes 1, 2.5, 2.5, 1 and 0 away,
    what is not known counts for nothing. From 0.7 on two are merged.

    Parameters
    ----------
    organisations
        Columns ``organisation_id`` and ``name``; optional ``name_fa``, ``country``, ``place``,
        ``city``, ``industrial_park``, ``address``, ``website``. Other columns are ignored.

    Returns
    -------
    DataFrame
        One row per organisation in their order: ``organisation_id``, ``cluster_id`` (the least
        id of the cluster), ``probability`` (Float64, as in `merge_items`) and ``reasons``: a
        JSON object with ``with`` (the id compared with), ``agree`` and ``differ``, lists of what
        is the same and what is not. Null where no other comes near.

    Raises
    ------
    MatchError
        A column is missing, or an id is empty or occurs twice.

    Examples
    --------
    >>> makers = pl.DataFrame({
    ...     "organisation_id": ["A", "B", "C"],
    ...     "name": ["Foolad Mobarakeh Co.", "شرکت فولاد مبارکه (سهامی عام)", "Foolad Khuzestan"],
    ... })
    >>> merge_makers(makers)["cluster_id"].to_list()
    ['A', 'A', 'C']
    """
    texts = texts_of(organisations, "organisations", ["organisation_id", "name"], _OPTIONAL)
    check_ids(texts["organisation_id"], "organisations")
    ids = texts["organisation_id"].to_list()
    # The order of positions, and all that follows, does not depend on the rows' order.
    order = sorted(range(len(ids)), key=lambda row: ids[row])
    rows = texts.to_dicts()
    compared = _Makers.of([_read(rows[row]) for row in order])
    told: dict[str, tuple[str, float, str | None]] = {}
    for members in compared.clusters():
        for at in members:
            cluster_id = ids[order[members[0]]]
            probability, other = compared.standing(at, members)
            reasons = None
            if other is not None:
                said = compared.reasons(at, other)
                reasons = json.dumps({"with": ids[order[other]], **said}, ensure_ascii=False)
            told[ids[order[at]]] = (cluster_id, probability, reasons)
    return pl.DataFrame([(i, *told[i]) for i in ids], schema=_SCHEMA, orient="row")


@dataclass(frozen=True)
class _Makers:
    makers: Sequence[Maker]
    rarity: dict[str, float]
    chances: dict[tuple[int, int], float] = field(default_factory=dict)
    nearest: dict[int, tuple[float, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, makers: Sequence[Maker]) -> "_Makers":
        counts: dict[str, int] = {}
        for maker in makers:
            for form in maker.forms:
                counts[form] = counts.get(form, 0) + 1
        most = log(len(makers) + 1) or 1.0
        # Even a frequent word of a name tells more than nothing.
        rarity = {f: 0.5 + 0.5 * log((len(makers) + 1) / n) / most for f, n in counts.items()}
        compared = cls(makers, rarity)
        lows, highs = pairs_worth_comparing([m.forms for m in makers], [m.grams for m in makers])
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
            chance = compared.chance(low, high)
            if compared._names(low, high)[0] >= _LEAST_NAMES:
                for at, other in ((low, high), (high, low)):
                    known = compared.nearest.get(at, (-1.0, 0))
                    compared.nearest[at] = max(known, (chance, -other))
        return compared

    def clusters(self) -> list[list[int]]:
        likely = [Likely(*pair, chance) for pair, chance in self.chances.items()]
        return cluster(len(self.makers), likely, self.chance, threshold=THRESHOLD)

    def chance(self, low: int, high: int) -> float:
        if (low, high) not in self.chances:
            self.chances[low, high] = round(self._chance(low, high), 6)
        return self.chances[low, high]

    def standing(self, at: int, members: Sequence[int]) -> tuple[float, int | None]:
        """Give how surely a maker is where it is, and which other one it is compared with."""
        others = [other for other in members if other != at]
        if not others:
            chance, other = self.nearest.get(at, (0.0, None))
            return round(1 - chance, 6), None if other is None else -other
        chances = [self.chance(min(at, other), max(at, other)) for other in others]
        best = others[max(range(len(others)), key=chances.__getitem__)]
        return round(sum(chances) / len(chances), 6), best

    def reasons(self, at: int, other: int) -> dict[str, list[list[str]]]:
        one, two = self.makers[at], self.makers[other]
        _, common, apart = self._names(at, other)
        agree, differ = [["name", *pair] for pair in common], [["name", *pair] for pair in apart]
        for field_, same in _where(one, two).items():
            said = [field_, one.where[field_], two.where[field_]]
            (agree if same else differ).append(said[: 2 if same else 3])
        return {name: said for name, said in (("agree", agree), ("differ", differ)) if said}

    def _chance(self, low: int, high: int) -> float:
        one, two = self.makers[low], self.makers[high]
        where = _where(one, two)
        share, _, apart = self._names(low, high)
        numbers = [any(map(str.isdigit, word)) for pair in apart for word in pair if word]
        if where.get("country") is False or any(numbers):
            return 0.0
        odds = _BASE + _NAMES * share
        odds += sum((_SAME if same else _OTHER).get(name, 0.0) for name, same in where.items())
        return 1 / (1 + exp(-odds))

    def _names(self, a: int, b: int) -> tuple[float, list[list[str]], list[list[str]]]:
        """Give the share that the names which are most alike have in common, and their words."""
        each = [
            self._compare(one, other)
            for one in self.makers[a].names
            for other in self.makers[b].names
        ]
        return max(each, key=lambda found: found[0], default=(0.0, [], []))

    def _compare(
        self, one: Sequence[Word], other: Sequence[Word]
    ) -> tuple[float, list[list[str]], list[list[str]]]:
        rest = list(other)
        common: list[list[str]] = []
        apart: list[list[str]] = []
        shared = total = 0.0
        for word in one:
            found = next((w for w in rest if _same_word(word, w)), None)
            weight = self._weight(word)
            if found is None:
                apart.append([word.written, ""])
                total += weight
                continue
            rest.remove(found)
            common.append([word.written, found.written])
            both = (weight + self._weight(found)) / 2
            shared, total = shared + both, total + both
        apart += [["", word.written] for word in rest]
        total += sum(map(self._weight, rest))
        return (shared / total if total else 0.0), common, apart

    def _weight(self, word: Word) -> float:
        return word.weight * min(self.rarity.get(form, 1.0) for form in word.forms)


def _read(row: dict[str, str]) -> Maker:
    names = tuple(filter(None, map(read_name, dict.fromkeys([row["name"], row["name_fa"]]))))
    where = {name: normalise(row[name]) for name in _OPTIONAL[1:]}
    host = where["website"].partition("://")[2] or where["website"]
    where["website"] = host.partition("/")[0].removeprefix("www.")
    return Maker(names, {name: text for name, text in where.items() if text})


def _same_word(a: Word, b: Word) -> bool:
    if a.forms & b.forms:
        # Short words of one script that only sound alike (Pars, Persia) are not the same.
        sounds_only = not ({a.written} & b.forms or {b.written} & a.forms)
        return not (
            sounds_only
            and a.written.isascii() == b.written.isascii()
            and a.weight == b.weight == 1.0
            and jaro_winkler(a.written, b.written) < 0.8
        )
    if any(map(str.isdigit, a.written + b.written)):
        return False
    short = min(len(a.written), len(b.written)) < _LEAST_LETTERS
    return not short and jaro_winkler(a.written, b.written) >= _ALIKE


def _where(one: Maker, other: Maker) -> dict[str, bool]:
    """Tell for what both state of where they are whether it is the same."""
    return {
        name: _same_place(one.where[name], other.where[name])
        for name in one.where
        if name in other.where
    }


def _same_place(a: str, b: str) -> bool:
    if a == b:
        return True
    one, other = ({sound(word) or word for word in WORD.findall(text)} for text in (a, b))
    return 2 * len(one & other) > len(one | other)
