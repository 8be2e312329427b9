"""The terms of lines, by field: what offers are indexed by and what needs ask for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from onshore.match.keys import (
    Bags,
    Floats,
    Keys,
    Truth,
    Whole,
    bagged,
    bagged_by_text,
    gram_keys,
    mixed,
    word_keys,
)
from onshore.match.lines import Line

# The fields, in the order of all arrays that have one entry a field.
WORDS, LETTERS, NUMBERS, WRITTEN = range(4)
FIELDS = ("words", "letters", "numbers", "written")

_GRAMS = (3, 4)
_CODE_GRAM = 3
_VARIANT = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True)
class Terms:
    """The terms of some lines.

    ``written`` are the numbers of the terms of ``words``, in their order, together with how they
    are written: the same where two lines write a word in one script. ``others`` tells which
    terms of ``numbers`` are further keys, under which a line may be found though they are no
    part number of its own; ``own`` are the numbers of its own ones.
    """

    words: Bags
    written: Keys
    letters: Bags
    numbers: Bags
    others: Truth
    own: Bags

    def of(self, field: int) -> tuple[Keys, Floats, Whole]:
        """Give the terms of a field, their counts and where those of each line start."""
        bags = (self.words, self.letters, self.numbers, self.words)[field]
        return self.written if field == WRITTEN else bags.keys, bags.counts, bags.starts


@dataclass(frozen=True)
class Asked:
    """What needs ask for.

    ``alone`` tells which are a part number alone; ``hs`` are the first ten digits of their HS
    codes and ``hs_digits`` how many there are.
    """

    terms: Terms
    alone: Truth
    hs: Whole
    hs_digits: Whole

    @classmethod
    def by(cls, needs: Sequence[Line]) -> "Asked":
        """Give what needs ask for."""
        # Without a number of its own a line cannot be one; most are told apart by that.
        alone = [bool(need.part_numbers.own) and need.is_part_number_alone for need in needs]
        return cls(terms_of(needs), np.array(alone, dtype=np.bool_), *hs_of(needs))

    def __len__(self) -> int:
        return len(self.alone)


def terms_of(lines: Sequence[Line]) -> Terms:
    """Give the terms of lines: words, runs of 3 and 4 letters, part numbers and runs of 3 of them.

    A part number counts as a whole as much as all its runs together.
    """
    words, written = _words(lines)
    grams, owners = gram_keys([f" {line.spelled} " for line in lines], _GRAMS)
    numbers, others, own = _numbers(lines)
    return Terms(words, written, bagged_by_text(grams, owners, len(lines)), numbers, others, own)


def _words(lines: Sequence[Line]) -> tuple[Bags, Keys]:
    flat = [word for line in lines for word in line.words]
    owners = _owners(lines, (len(line.words) for line in lines))
    keys = word_keys(flat)
    order = np.lexsort((keys, owners))
    bags = bagged(keys, owners, len(lines), order=order)
    # A word is written one way in a line, so that its first place tells how.
    firsts = order[np.cumsum(bags.counts).astype(np.int64) - bags.counts.astype(np.int64)]
    return bags, mixed(keys[firsts] ^ (_variants(lines, len(flat))[firsts] * _VARIANT))


def _variants(lines: Sequence[Line], words: int) -> Keys:
    """Tell of each word whether it is written in another script; most lines have none."""
    variants = np.zeros(words, dtype=np.uint64)
    start = 0
    for line in lines:
        end = start + len(line.words)
        if not "".join(line.said.values()).isascii():
            said = line.said
            variants[start:end] = [not said.get(word, "").isascii() for word in line.words]
        start = end
    return variants


def _numbers(lines: Sequence[Line]) -> tuple[Bags, Truth, Bags]:
    own = [key for line in lines for key in line.part_numbers.own]
    own_of = _owners(lines, (len(line.part_numbers.own) for line in lines))
    further = [key for line in lines for key in sorted(line.part_numbers.others)]
    further_of = _owners(lines, (len(line.part_numbers.others) for line in lines))
    grams, of_own = gram_keys(own, (_CODE_GRAM,))
    wholes = word_keys(own + further)
    weight = [max(len(key) - _CODE_GRAM + 1, 1) for key in own + further]
    keys = np.concatenate((grams, wholes))
    owners = np.concatenate((own_of[of_own], own_of, further_of))
    counts = np.concatenate((np.ones(len(grams)), np.array(weight, dtype=np.float64)))
    is_other = np.zeros(len(keys))
    is_other[len(grams) + len(own) :] = 1.0
    bags = bagged(keys, owners, len(lines), counts)
    others = bagged(keys, owners, len(lines), is_other).counts > 0
    return bags, others, bagged(wholes[: len(own)], own_of, len(lines))


def _owners(lines: Sequence[Line], counts: Iterable[int]) -> Whole:
    return np.repeat(np.arange(len(lines)), np.fromiter(counts, np.int64, len(lines)))


def hs_of(lines: Sequence[Line]) -> tuple[Whole, Whole]:
    """Give the first ten digits of each line's HS code, filled up with zeros, and how many."""
    digits = ["".join(filter(str.isdecimal, line.hs_code))[:10] for line in lines]
    return (
        np.array([int(code.ljust(10, "0")) for code in digits], dtype=np.int64),
        np.array([len(code) for code in digits], dtype=np.int64),
    )
