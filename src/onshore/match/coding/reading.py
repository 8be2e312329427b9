"""A line of goods, or a description of a code, read: what it wants and what it shuts out."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from onshore.match.coding.bounds import Bounds, bounds_of
from onshore.match.coding.translating import is_foreign, translate
from onshore.match.letters import normalise
from onshore.match.words import STOP, stem

LONGEST = 4_000  # characters of a line that are read: no description of one good is longer

_TOKEN = re.compile(
    r"n\.?e\.?[cs]\.?(?:o\.?i\.?)?(?![a-z])|[<>]=?|[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+|[;(),]"
)
_ELSEWHERE = re.compile(r"n\.?e\.?[cs]\.?(?:o\.?i\.?)?")
_NUMBER = r"(?<![0-9.,])([0-9][0-9.,]*+)"
_UNIT = r"\s*(?:%|[a-z/]{1,4}[23]?\b)?\s*(?:by (?:weight|wgt)\s*)?,?\s*"
_BOUNDS = tuple(
    (re.compile(pattern), mark)
    for pattern, mark in (
        (r"\bwh?ether(?: or not|/not)?\b", " "),
        (r"\b(?:othr?|ot)\b", "other"),
        (r"\bneso\b", "nesoi"),
        (r"\b(?:wo|w/o)\b", "without"),
        (rf"{_NUMBER}{_UNIT}or more\b", r">=\1 "),
        (rf"{_NUMBER}{_UNIT}or (?:less|under)\b", r"<=\1 "),
        (
            r"\b(?:not (?:more than|exceeding|over|greater than|ov|gt|exceed)|nov|nt ov(?:er)?|le|"
            r"lt=|max|up to)\s*(?=[0-9])",
            "<=",
        ),
        (r"\b(?:not (?:less than|under|lt)|ge|gt=|at least|min)\s*(?=[0-9])", ">="),
        (r"\b(?:more than|exceed(?:ing|s)?|over|ov|gt|greater than|above)\s*(?=[0-9])", ">"),
        (r"\b(?:less than|under|below|lt|un)\s*(?=[0-9])", "<"),
    )
)
_SHUT_OUT = frozenset(
    ("excluding", "excl", "except", "exc", "excep", "excluded", "not", "nt", "without", "no")
)

# Spellings of one sound that British and American writers choose differently.
_SPELLINGS = (
    ("aluminum", "aluminium"),
    ("fiber", "fibr"),
    ("sulf", "sulph"),
    ("color", "colour"),
    ("mold", "mould"),
    ("jewelr", "jeweller"),
    ("plow", "plough"),
    ("airplan", "aeroplan"),
    ("gray", "grey"),
    ("iz", "is"),
    ("yz", "ys"),
    ("ae", "e"),
    ("oe", "e"),
)
_ONE_WORD = {"tir": "tyr", "center": "centr", "meter": "metr", "theater": "theatr", "liter": "litr",
             "pajama": "pyjama"}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What a text says of a good.

    Parameters
    ----------
    wanted
        Stems in their order; Persian and Russian words as English ones, where they are known,
        and bounds as ``>=85``.
    shut_out
        Stems that follow "other than", "excluding", "not".
    residual
        Whether it says "other" or "not elsewhere specified".
    words
        What the line says for each stem.
    native
        Stems of Persian and Russian words as they stand.
    bounds
        Measures with their units.
    """

    wanted: tuple[str, ...]
    shut_out: tuple[str, ...]
    residual: bool
    words: dict[str, str]
    native: tuple[str, ...] = ()
    bounds: tuple[Bounds, ...] = ()


def read(text: str) -> Said:
    """Read a text in English, Persian or Russian.

    Examples
    --------
    >>> said = read("Woven fabrics, 85 percent or more by weight of cotton, not dyed, NESOI")
    >>> said.wanted, said.shut_out, said.residual
    (('woven', 'fabric', '>=85', 'weight', 'cotton'), ('dyed',), True)
    """
    text = normalise(text[:LONGEST])
    bounds = bounds_of(text)
    words: dict[str, str] = {}
    native: tuple[str, ...] = ()
    if is_foreign(text):
        text, words, native = _in_english(text)
    text = text.replace(" per cent", "%").replace(" percent", "%")
    for pattern, mark in _BOUNDS:
        text = pattern.sub(mark, text)
    wanted: list[str] = []
    shut_out: list[str] = []
    residual = False
    for word, out in _marked(text):
        if not word:
            residual = True
            continue
        for meant in _shorthand().get(word, (word,)):
            term = spell(stem(meant)) if meant[0].isalpha() else _bound(meant)
            (shut_out if out else wanted).append(term)
            words.setdefault(term, words.get(word, word))
    return Said(tuple(wanted), tuple(shut_out), residual, words, native, bounds)


def spell(word: str) -> str:
    """Spell a stem the one way in which stems are compared.

    Examples
    --------
    >>> spell("aluminum"), spell("fiber"), spell("tir"), spell("oxidiz")
    ('aluminium', 'fibr', 'tyr', 'oxidis')
    """
    word = _ONE_WORD.get(word, word)
    for american, british in _SPELLINGS:
        if american in word:
            word = word.replace(american, british)
    return word


@cache
def _shorthand() -> dict[str, tuple[str, ...]]:
    """Read what trade English writes short (``stl`` for steel), and its other words for goods."""
    path = resources.files("onshore.match.coding").joinpath("data", "shorthand.csv")
    rows = csv.DictReader(path.read_text("utf-8").splitlines())
    return {row["shorthand"]: tuple(row["english"].split()) for row in rows}


def _in_english(text: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    terms, native = translate(text)
    words: dict[str, str] = {}
    for term in terms:
        for word in term.english:
            words.setdefault(word, term.said)
    return " ".join(" ".join(term.english) for term in terms), words, native


def _marked(text: str) -> Iterator[tuple[str, bool]]:
    """Give each word and whether it is shut out; an empty one for 'other'."""
    tokens = _TOKEN.findall(text)
    depth, out_at, out, began = 0, 0, False, False
    bound = ""
    for at, token in enumerate(tokens):
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            out = out and depth >= out_at
        elif token in (",", ";"):
            out = out and depth > out_at
        elif token[0] in "<>":
            bound = token
        elif token in ("other", "others") and tokens[at + 1 : at + 2] != ["than"]:
            if not began:
                yield "", False
        elif token in _SHUT_OUT or token in ("other", "others"):
            out, out_at = True, depth
        elif token[0] == "n" and _ELSEWHERE.fullmatch(token):
            yield "", False
        elif token[0].isdigit():
            yield bound + token, out
            bound, began = "", True
        elif token not in STOP and token != "than" and len(token) > 1:
            yield token, out
            began = True


def _bound(word: str) -> str:
    digits = word.lstrip("<>=")
    mark = word[: len(word) - len(digits)]
    digits = digits.replace(",", "").rstrip(".")
    return mark + (digits.rstrip("0").rstrip(".") if "." in digits else digits)
