"""The marks of a user's item that a learned model goes by: words, pieces and shape of codes."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from onshore.match.coding.reading import LONGEST, read
from onshore.match.letters import normalise

_PIECES, _SHAPES = (2, 3, 4), (3, 4, 5, 6)
_STARTS = (3, 4, 5)
_LONGEST_CODE = 60
_NOT_IN_CODE = re.compile("[^a-z0-9а-я]+")
_LETTER, _DIGIT = re.compile("[^\\W\\d_]"), re.compile("[0-9]")
_LETTERS, _DIGITS = re.compile("a+"), re.compile("9+")
_MAKER_WORD = re.compile("[^\\W\\d_]{3,}")


def marks(description: str, part_number: str = "", maker: str = "") -> set[str]:
    """Give the marks of an item, each as ``kind:text``.

    Of a part number: its pieces of 2 to 4 letters and digits, how it starts, its shape with
    every letter written ``a`` and every digit ``9``, its shape with the digits alone blotted out
    (``lm9999``), and its length. Sizes of one series share shapes, and so do makers who follow
    one standard of designation. Of a maker: the words of its name and their pieces. Of a
    description: words, pairs of words, and pieces of words.

    Examples
    --------
    >>> sorted(mark for mark in marks("", "LM-78") if mark.startswith("start:"))
    ['start:lm7', 'start:lm78']
    >>> sorted(marks("Gate valves"))[:3]
    ['letters: gat', 'letters: val', 'letters:alve']
    """
    found = set(_of_text(description[:LONGEST]))
    code = normalise(part_number)[:_LONGEST_CODE]
    if code:
        found.update(_of_code(code))
    found.update(_of_maker(normalise(maker[:LONGEST])))
    return found


def _of_code(code: str) -> Iterator[str]:
    key = _NOT_IN_CODE.sub("", code)
    yield from (f"part:{piece}" for piece in _runs(f"^{key}$", _PIECES))
    yield from (f"start:{key[:length]}" for length in _STARTS if len(key) >= length)
    blotted = _DIGIT.sub("9", code)
    shape = _LETTER.sub("a", blotted)
    yield from (f"shape:{piece}" for piece in _runs(f"^{shape}$", _SHAPES))
    yield from (f"series:{piece}" for piece in _runs(f"^{blotted}$", _SHAPES))
    yield f"form:{_DIGITS.sub('9', _LETTERS.sub('a', shape))}"
    yield f"length:{len(code)}"


def _of_maker(maker: str) -> Iterator[str]:
    for word in _MAKER_WORD.findall(maker):
        yield f"maker:{word}"
        yield from (f"maker:{piece}" for piece in _runs(f"{word}$", (4,)))


def _of_text(description: str) -> Iterator[str]:
    said = read(description)
    words = (*said.wanted, *said.native)
    yield from (f"word:{word}" for word in words)
    yield from (f"words:{a} {b}" for a, b in pairwise(words))
    yield from (f"not:{word}" for word in said.shut_out)
    for word in {said.words.get(word, word) for word in words}:
        yield from (f"letters:{piece}" for piece in _runs(f" {word} ", (4,)))


def _runs(text: str, sizes: Iterable[int]) -> Iterator[str]:
    for size in sizes:
        for at in range(len(text) - size + 1):
            yield text[at : at + size]
