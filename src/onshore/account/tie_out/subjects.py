"""What a figure is about: the words of its statement without those that only relate it."""

from __future__ import annotations

import re
from functools import cache

from onshore.codes import fold

_PHRASES = re.compile(
    r"\b(a year (before|earlier|ago)|(the )?(same|previous|prior|preceding|last) (year|period)"
    r"|year[- ]on[- ]year|year[- ]over[- ]year|part of (it|this|that|the|these|them)?|of which"
    r"|share of|out of|in all|more than|at least|at most|up to|or more|or less|no less than"
    r"|per ?cent(age)?( points?)?|compared (with|to)|in (us )?(dollars?|euros?|rials?)"
    r"|سال (گذشته|قبل|پیش)|(مدت|دوره) مشابه( سال)?|نسبت به|بخشی از( آن| این)?"
    r"|از (آن|این) (میان|مبلغ|رقم)"
    r"|بیش از|دست کم|حداقل|حدود|به دلار|به یورو|به ریال)(?!\w)"
)
_EMPTY_WORDS = """
the of in to at on for and by a an its it this that those these with from per as is are
was were be been being or not than which who whose through since during over above under
below about around some nearly almost roughly approximately year years annual annually
yearly quarter half month months before after ago earlier previous prior last current
first second third fourth plan planned target targeted expected stated named new
total totals overall sum all whole altogether grand subtotal part parts_of thereof
accounts accounted account makes make made represents represented
doubled tripled quadrupled halved
growth grew grow change changed increase increased rise rose decrease decreased fall fell
decline declined drop dropped reduction gain up down higher lower more less least most
share proportion percentage percent ratio same such amount value volume figure
equivalent conversion converted their they
country countries nation national nationwide
در از به با و که این آن را برای سال ماه فصل نیمه نخست اول دوم سوم چهارم است بود شد شده می
هر تا بر هم نیز جمع مجموع کل کلیه رشد افزایش کاهش تغییر افت سهم درصد نسبت معادل همان ارزش
کشور ملی سراسر میزان مقدار حجم رقم برنامه هدف هدفگذاری پیش بینی گذشته قبل پیش
"""
_EMPTY = frozenset(map(fold, _EMPTY_WORDS.split()))
_SAME = {"output": "produc", "outturn": "produc", "deposit": "deposit"}
_GROWTH = re.compile(
    r"\b(growth|grew|grow|change|changed|increase|increased|rise|rose|decrease|decreased|fall|fell"
    r"|decline|declined|drop|dropped|reduction|up|down|رشد|افزایش|کاهش|تغییر|افت)(?!\w)"
)
_FALL = re.compile(
    r"\b(decrease|decreased|fall|fell|decline|declined|drop|dropped|reduction|down|کاهش|افت)(?!\w)"
)
_NOT_GROWTH = re.compile(r"\b(share|target|contribution|سهم)(?!\w)")
_SHARE = re.compile(
    r"\b(share|proportion|percentage of|percent of|as a percent|accounts? for|accounted for"
    r"|makes? up|made up|represents?|represented|of (the )?total|سهم)(?!\w)"
)
_TOTAL = re.compile(
    r"\b(total|totals|overall|sum|in all|altogether|grand total|جمع|مجموع|کل)(?!\w)"
)
_ALL = re.compile(r"^(all|whole|total|کل|همه|تمام)\b")
_PART = re.compile(
    r"(^| |: ?)(part of|of which|thereof|out of (this|that|it|which)|including|of (this|that|it),"
    r"|بخشی از|از (این|آن) (میان|مبلغ|رقم|مقدار|تعداد)|که از آن|شامل)(?!\w)"
)
_SAME_AS = re.compile(
    r"\b(the same|equivalent|conversion|converted|in (us )?dollars?|in euros?|in rials?|معادل|همان"
    r"|به دلار|به یورو|به ریال)(?!\w)"
)
_THOSE = re.compile(r"\b(those|these|the said|them|آن|این)(?!\w)")
_PARTIAL = re.compile(r"\b(such as|among (them|others|which)|for example|including|از جمله)(?!\w)")


@cache
def stem(word: str) -> str:
    """Cut the endings of number and tense, so that *saved* and *savings* are one word."""
    if re.search("[\u0600-\u06ff]", word):
        return re.sub("(های|ها)$", "", word) if len(word) > 4 else word
    if word in _SAME:
        return _SAME[word]
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("tion", "ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def words_of(text: str) -> frozenset[str]:
    """Give the words that tell what a text is about."""
    plain = _PHRASES.sub(" ", fold(text))
    found = re.findall(r"[^\W\d_]{2,}", plain)
    return frozenset(stem(word) for word in found if word not in _EMPTY)


def all_words(text: str) -> frozenset[str]:
    """Give all words of a text, those that relate it to others too."""
    return frozenset(stem(word) for word in re.findall(r"[^\W_]+", fold(text)))


def tells_growth(text: str) -> bool:
    """Whether a statement in percent speaks of a change over time."""
    plain = fold(text)
    return bool(_GROWTH.search(plain)) and not _NOT_GROWTH.search(plain)


def tells_fall(text: str) -> bool:
    """Whether a change is told as a fall, so that its number is written without a minus."""
    return bool(_FALL.search(fold(text)))


def tells_share(text: str) -> bool:
    """Whether a percent is that of a part in a whole."""
    return bool(_SHARE.search(fold(text)))


def tells_total(statement: str) -> bool:
    """Whether a figure is called a total."""
    return bool(_TOTAL.search(fold(statement)))


def of_all(sector: str) -> bool:
    """Whether a sector is all of them."""
    return bool(_ALL.search(fold(sector)))


def tells_part(text: str) -> bool:
    """Whether a figure is called part of another."""
    return bool(_PART.search(fold(text)))


def tells_same(text: str) -> bool:
    """Whether a figure is told to be another one's amount in other money."""
    return bool(_SAME_AS.search(fold(text)))


def refers_back(text: str) -> bool:
    """Whether a statement speaks of things named before."""
    return bool(_THOSE.search(fold(text)))


def tells_examples(text: str) -> bool:
    """Whether a statement names examples only."""
    return bool(_PARTIAL.search(fold(text)))


def part_of_what(text: str) -> frozenset[str]:
    """Give the words for the whole in *Part of the saving: steel*."""
    found = re.search(r"part of (?:the |this |that |these )?([^:,;]+)", fold(text))
    named = re.split(r"\b(for|from|to|in|of)\b", found[1])[0] if found else ""
    return words_of(named)


def listed(text: str) -> list[str]:
    """Split a list of names."""
    return [
        part.strip() for part in re.split(r"[;؛\n]|،|, (?:and )?|(?<!\d),", text) if part.strip()
    ]
