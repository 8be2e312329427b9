"""What a need and an offer agree in, where they differ, and what the offer does not say."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from onshore.match.lines import Line
from onshore.match.measures import DN_OF_INCH, Measure

Class = Literal["exact", "near", "could make", "none"]
Reason = tuple[str, ...]

# Nominal voltages of one level (220, 230, 240; 380, 400, 415) lie within 9 % of each other,
# those of the next ones (400, 440) do not. Elsewhere 1 % covers rounding and conversion.
_TOLERANCE = {"voltage": 0.09}
_ROUNDING = 0.01
_MOST_SAID = 5

_INCH_OF_DN: dict[float | str, float] = {dn: float(inch) for inch, dn in DN_OF_INCH.items()}

LIKELY = 0.5


@dataclass(frozen=True)
class Agreement:
    """How an offer's stated sizes, standards and part numbers stand to a need's.

    Each reason is what it is about, what the need says and, where it is not the same, what the
    offer says. ``same_number`` tells whether a full part number agrees that one of the lines
    states as such, ``same_design`` whether a standard agrees together with every size that the
    need states and some word of it, ``same_thing`` whether some word of the need does, and
    nothing that it states is unsaid.
    """

    agree: tuple[Reason, ...]
    differ: tuple[Reason, ...]
    unsaid: tuple[Reason, ...]
    same_number: bool
    same_design: bool
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
    same = agreement.same_number or agreement.same_design
    return "exact" if same or (exact >= LIKELY and agreement.same_thing) else "near"


def compare(need: Line, offer: Line) -> Agreement:
    """Compare what two lines state.

    A quantity agrees if one line states nothing that the other leaves out; it differs if both
    have values of it that the other lacks.
    """
    agree: list[Reason] = []
    differ: list[Reason] = []
    unsaid: list[Reason] = []
    numbers = common_numbers(need, offer)
    if numbers:
        said = [need.part_numbers.own.get(key, key.upper()) for key in numbers]
        agree.append(("part number", _listed(said)))
    for quantity, asked in need.measures.items():
        kind = quantity.partition(":")[0]
        stands, ours, theirs = _stand(asked, offered(offer, quantity))
        if stands == "differ":
            differ.append((kind, ours, theirs))
        elif stands == "agree":
            agree.append((kind, ours))
        elif kind != "mark":  # a mark that no offered one is like is named among the words
            unsaid.append((kind, ours))
    if need.part_numbers.own and not numbers and not {"mark", "bearing"} & {r[0] for r in differ}:
        unsaid.append(("part number", _listed(list(need.part_numbers.own.values()))))
    return Agreement(
        agree=tuple(agree),
        differ=tuple(differ),
        unsaid=tuple(unsaid),
        same_number=any(
            key in need.part_numbers.stated or key in offer.part_numbers.stated for key in numbers
        ),
        same_design=_same_design(need, offer, agree, unsaid),
        same_thing=not unsaid and _same_words(need, offer),
    )


@lru_cache(maxsize=1 << 16)
def _stand(
    asked: tuple[Measure, ...], found: tuple[Measure, ...]
) -> tuple[Literal["agree", "differ", "unsaid"], str, str]:
    """Tell how two sets of values stand to each other, and what each says of it."""
    if not found:
        return "unsaid", _said(asked), ""
    missing, surplus = set_apart(asked, found)
    if missing and surplus:
        return "differ", _said(missing), _said(surplus)
    return "agree", _said([measure for measure in asked if measure not in missing]), ""


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
    if asked.all.isdisjoint(offered.own) and offered.all.isdisjoint(asked.own):
        return []
    return sorted((asked.all & offered.own.keys()) | (offered.all & asked.own.keys()))


def offered(offer: Line, quantity: str) -> tuple[Measure, ...]:
    """Give the offer's values of a quantity, nominal pipe sizes also from the other system."""
    stated = offer.measures.get(quantity)
    if stated or quantity not in ("DN", "inch"):
        return stated or ()
    other, sizes = ("inch", DN_OF_INCH) if quantity == "DN" else ("DN", _INCH_OF_DN)
    return tuple(
        Measure(quantity, (sizes[size],), measure.word, measure.said)
        for measure in offer.measures.get(other, ())
        for size in measure.value
        if size in sizes
    )


def _same(asked: Measure, offered: Measure) -> bool:
    a, b = asked.value, offered.value
    if isinstance(a, str) or isinstance(b, str) or a == b:
        return a == b
    tolerance = _TOLERANCE.get(asked.quantity, _ROUNDING)
    if len(a) == len(b):
        return all(_close(x, y, tolerance) for x, y in zip(a, b, strict=True))
    few, many = sorted((a, b), key=len)
    if asked.quantity == "dimensions":
        return all(any(_close(x, y, tolerance) for y in many) for x in few)
    low, high = many[0], many[-1]
    return low <= few[0] <= high


def _close(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance * max(abs(a), abs(b))


def _same_design(need: Line, offer: Line, agree: list[Reason], unsaid: list[Reason]) -> bool:
    kinds = {kind for kind, *_ in agree}
    sizes = kinds - {"standard", "mark", "part number"}
    if "standard" not in kinds or not sizes or unsaid:
        return False
    return _same_words(need, offer)


def _same_words(need: Line, offer: Line) -> bool:
    stated = {word for found in need.measures.values() for m in found for word in m.word.split()}
    spoken = [word for word in need.words if word not in stated]
    return not spoken or any(word in offer.said for word in spoken)


def _said(measures: Sequence[Measure]) -> str:
    return _listed([measure.said for measure in measures])


def _listed(said: list[str]) -> str:
    once = list(dict.fromkeys(said))
    return ", ".join(once[:_MOST_SAID]) + (", …" if len(once) > _MOST_SAID else "")
