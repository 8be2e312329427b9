"""What a need and an offer agree in, where they differ, and what the offer does not say."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from onshore.match.heads import headings_differ, heads_agree, is_of_the_goods, spoken_words
from onshore.match.lines import Line
from onshore.match.measures import DN_OF_INCH, Measure

Class = Literal["exact", "near", "could make", "none"]
Reason = tuple[str, ...]
Values = tuple[Measure, ...]
Stated = tuple[str, str, Values, Reason]

# Nominal voltages of one level (220, 230, 240; 380, 400, 415) lie within 9 % of each other,
# those of the next ones (400, 440) do not. Elsewhere 1 % covers rounding and conversion.
_TOLERANCE = {"voltage": 0.09}
_ROUNDING = 0.01
_MOST_SAID = 5
_NOMINAL = ("DN", "inch")
_NO_SIZES = {"standard", "mark", "part number"}
_OF_PARTS = {"standard", "bearing"}  # what a line may state of a part of its good

_INCH_OF_DN: dict[float | str, float] = {dn: float(inch) for inch, dn in DN_OF_INCH.items()}

LIKELY = 0.5


class Agreement(NamedTuple):
    """How an offer's stated sizes, standards and part numbers stand to a need's.

    Each reason is what it is about, what the need says and, where it is not the same, what the
    offer says. ``same_number`` tells whether a full part number agrees that one of the lines
    states as such; ``same_good`` whether that number, or a standard together with every size
    that the need states, is of the goods themselves and not of a part of one of them;
    ``same_thing`` whether some word of the need is met, its head noun where a standard or a
    bearing's number agrees, and nothing that it states is unsaid. The last two never are where
    the headings of the HS codes differ.
    """

    agree: tuple[Reason, ...]
    differ: tuple[Reason, ...]
    unsaid: tuple[Reason, ...]
    same_number: bool
    same_good: bool
    same_thing: bool


def grade(agreement: Agreement, probability: float, exact: float, *, none: bool) -> Class:
    """Give the class of a candidate.

    Parameters
    ----------
    agreement
        How the two lines stand to each other.
    probability, exact
        How likely the offer is the thing or an equivalent, and the very thing.
    none
        Whether the score says that the offer has nothing to do with the need.
    """
    if none:
        return "could make" if agreement.same_number else "none"
    if agreement.differ or probability < LIKELY:
        return "could make"
    same = agreement.same_good or (exact >= LIKELY and agreement.same_thing)
    return "exact" if same else "near"


def compare(need: Line, offer: Line) -> Agreement:
    """Compare what two lines state.

    A quantity agrees if one line states nothing that the other leaves out; it differs if both
    have values of it that the other lacks.
    """
    return Claims(need).compared_with(offer)


class Claims:
    """What a need states, laid out once to be compared with many offers.

    ``stated`` has each quantity that it states, what that is about, the values and the reason
    that names all of them.
    """

    def __init__(self, need: Line) -> None:
        self.need = need
        self.stated: list[Stated] = [
            (quantity, kind, values, (kind, _said(values)))
            for quantity, values in need.measures.items()
            for kind in (quantity.partition(":")[0],)
        ]

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """Its words that are no sizes."""
        return spoken_words(self.need)

    def compared_with(self, offer: Line) -> Agreement:
        """Compare what the need and an offer state; see `compare`."""
        need, measures = self.need, offer.measures
        agree: list[Reason] = []
        differ: list[Reason] = []
        unsaid: list[Reason] = []
        numbers = common_numbers(need, offer)
        own = need.part_numbers.own
        if numbers:
            agree.append(("part number", listed([own.get(key, key.upper()) for key in numbers])))
        for quantity, kind, asked, all_of_it in self.stated:
            found = measures.get(quantity)
            if not found and kind in _NOMINAL:
                found = offered(offer, quantity)
            if found == asked:
                agree.append(all_of_it)
            elif found:
                agrees, reason = stand(kind, asked, found)
                (agree if agrees else differ).append(reason)
            elif kind != "mark":  # a mark that no offered one is like is named among the words
                unsaid.append(all_of_it)
        if own and not numbers and not any(kind in ("mark", "bearing") for kind, *_ in differ):
            unsaid.append(("part number", listed(list(own.values()))))
        stated = need.part_numbers.stated, offer.part_numbers.stated
        sure = [key for key in numbers if key in stated[0] or key in stated[1]]
        if unsaid and not sure:  # as with most offers: neither design nor thing can be the same
            return Agreement(tuple(agree), tuple(differ), tuple(unsaid), False, False, False)
        another = headings_differ(need, offer)
        kinds = {kind for kind, *_ in agree}
        heads = not kinds & _OF_PARTS or heads_agree(need, offer)
        is_design = not unsaid and "standard" in kinds and bool(kinds - _NO_SIZES)
        is_thing = not unsaid and self._is_spoken_of_by(offer)
        return Agreement(
            tuple(agree),
            tuple(differ),
            tuple(unsaid),
            same_number=bool(sure),
            same_good=not another
            and ((bool(sure) and is_of_the_goods(sure, need, offer)) or (is_design and heads)),
            same_thing=not another and is_thing and heads,
        )

    def _is_spoken_of_by(self, offer: Line) -> bool:
        return not self.spoken or any(word in offer.said for word in self.spoken)


@lru_cache(maxsize=1 << 16)
def stand(kind: str, asked: Values, found: Values) -> tuple[bool, Reason]:
    """Tell whether two sets of values agree, and say it."""
    if len(asked) == len(found) == 1:
        if _same(asked[0], found[0]):
            return True, (kind, asked[0].said)
        return False, (kind, asked[0].said, found[0].said)
    missing, surplus = set_apart(asked, found)
    if missing and surplus:
        return False, (kind, _said(missing), _said(surplus))
    return True, (kind, _said([measure for measure in asked if measure not in missing]))


def set_apart(
    asked: Sequence[Measure], found: Sequence[Measure]
) -> tuple[list[Measure], list[Measure]]:
    """Give what is asked but not found, and what is found but not asked: if both, they differ."""
    missing = [a for a in asked if not any(_same(a, b) for b in found)]
    surplus = [b for b in found if not any(_same(a, b) for a in asked)] if missing else []
    return missing, surplus


def common_numbers(need: Line, offer: Line) -> list[str]:
    """Give the keys of part numbers that both lines have and one of them as its own."""
    asked, offered = need.part_numbers, offer.part_numbers
    if not (asked.own and not offered.all.isdisjoint(asked.own)) and (
        not offered.own or asked.all.isdisjoint(offered.own)
    ):
        return []
    return sorted((asked.all & offered.own.keys()) | (offered.all & asked.own.keys()))


def offered(offer: Line, quantity: str) -> Values:
    """Give the offer's values of a quantity, nominal pipe sizes also from the other system."""
    stated = offer.measures.get(quantity)
    if stated or quantity not in _NOMINAL:
        return stated or ()
    other, sizes = ("inch", DN_OF_INCH) if quantity == "DN" else ("DN", _INCH_OF_DN)
    return tuple(
        Measure(quantity, (sizes[size],), measure.word, measure.said)
        for measure in offer.measures.get(other, ())
        for size in measure.value
        if size in sizes
    )


def tolerance_of(quantity: str) -> float:
    """Give by what share two values of a quantity may lie apart and be the same."""
    return _TOLERANCE.get(quantity, _ROUNDING)


def _same(asked: Measure, offered: Measure) -> bool:
    a, b = asked.value, offered.value
    if isinstance(a, str) or isinstance(b, str) or a == b:
        return a == b
    tolerance = tolerance_of(asked.quantity)
    if len(a) == len(b):
        return all(_close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    few, many = sorted((a, b), key=len)
    if asked.quantity == "dimensions":
        return all(any(_close(x, y, tolerance) for y in many) for x in few)
    low, high = many[0], many[-1]
    return low <= few[0] <= high


def _close(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


def _said(measures: Sequence[Measure]) -> str:
    return listed([measure.said for measure in measures])


def listed(said: Sequence[str]) -> str:
    """Name the first few of what is said, each once."""
    once = list(dict.fromkeys(said))
    return ", ".join(once[:_MOST_SAID]) + (", …" if len(once) > _MOST_SAID else "")
