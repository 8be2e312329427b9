"""The reasons of a candidate: their compact form, and a sentence in English or Persian."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from onshore.figures.shown import isolate
from onshore.match.agreement import Agreement, Reason
from onshore.match.errors import MatchError
from onshore.match.letters import code_key, normalise
from onshore.match.lines import SOUND, Line
from onshore.match.words import WORD, stem

_json = json.JSONEncoder(ensure_ascii=False).encode
MOST_WORDS, _LONGEST = 8, 60
_COMMA = ", "

_KINDS = {
    "part number": ("part number", "شماره فنی"),
    "standard": ("standard", "استاندارد"),
    "mark": ("type", "تیپ"),
    "bearing": ("bearing number", "شماره بلبرینگ"),
    "words": ("", ""),
    "grade": ("grade", "گرید"),
    "seal": ("seal", "آب‌بندی"),
    "clearance": ("clearance", "لقی"),
    "HS": ("HS code", "کد HS"),
    "unit": ("unit", "واحد"),
    "DN": ("", "قطر نامی"),
    "PN": ("", "فشار نامی"),
    "class": ("", "کلاس"),
    "schedule": ("", "رده"),
    "IP": ("", "درجه حفاظت"),
    "thread": ("thread", "رزوه"),
    "pitch": ("pitch", "گام"),
    "length": ("length", "اندازه"),
    "dimensions": ("dimensions", "ابعاد"),
    "inch": ("size", "اندازه"),
    "area": ("area", "سطح"),
    "power": ("power", "توان"),
    "apparent power": ("apparent power", "توان ظاهری"),
    "voltage": ("voltage", "ولتاژ"),
    "current": ("current", "جریان"),
    "charge": ("charge", "ظرفیت"),
    "frequency": ("frequency", "فرکانس"),
    "temperature": ("temperature", "دما"),
    "pressure": ("pressure", "فشار"),
    "mass": ("mass", "جرم"),
    "flow": ("flow", "دبی"),
    "throughput": ("throughput", "ظرفیت"),
    "speed": ("speed", "سرعت"),
    "volume": ("volume", "حجم"),
    "torque": ("torque", "گشتاور"),
    "force": ("force", "نیرو"),
    "density": ("density", "چگالی"),
    "resistance": ("resistance", "مقاومت"),
    "capacitance": ("capacitance", "ظرفیت خازنی"),
    "share": ("share", "درصد"),
    "mesh": ("", "مش"),
    "ply": ("", "لایه"),
    "poles": ("", "قطب"),
    "teeth": ("", "دندانه"),
    "cores": ("", "رشته"),
    "data": ("", "حجم داده"),
    "HRC": ("hardness", "سختی"),
    "HB": ("hardness", "سختی"),
    "HV": ("hardness", "سختی"),
}
_HEADS = {
    "agree": ("Agrees", "همخوان"),
    "differ": ("Differs", "ناهمخوان"),
    "unsaid": ("Not said", "گفته‌نشده"),
}
_NOTES = {
    "empty need": (
        "The need has neither a description nor a part number.",
        "این نیاز نه شرح دارد و نه شماره فنی.",
    ),
    "nothing in common": (
        "No offer has anything in common with the need.",
        "هیچ توانمندی‌ای با این نیاز وجه مشترکی ندارد.",
    ),
}


def explain(reasons: str, locale: Literal["en", "fa"] = "en") -> str:
    """Say the reasons of a candidate in a sentence.

    Parameters
    ----------
    reasons
        A cell of the column ``reasons`` of `find_candidates`.
    locale
        ``en`` or ``fa``. In Persian what the lines say is isolated from the direction of the
        text around it.

    Raises
    ------
    MatchError
        If the text is not of that form, or the locale is not known.

    Examples
    --------
    >>> explain('{"agree": [["words", "gate valve"]], "differ": [["DN", "DN 200", "DN 250"]]}')
    'Agrees: gate valve. Differs: DN 200 (offer: DN 250).'
    >>> explain('{"unsaid": [["voltage", "400 V"]]}', "fa")
    'گفته‌نشده: ولتاژ \u2068400 V\u2069.'
    """
    if locale not in ("en", "fa"):
        raise MatchError(f"No reasons in the language {locale!r}. Use 'en' or 'fa'.")
    persian = locale == "fa"
    try:
        parts = json.loads(reasons)
        if "note" in parts:
            return _NOTES[parts["note"]][persian]
        said = [
            f"{_HEADS[head][persian]}: {_list(parts[head], persian)}."
            for head in _HEADS
            if parts.get(head)
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MatchError(
            f"These are not reasons of a candidate: {reasons[:80]!r}. "
            "Pass a cell of the column 'reasons' as find_candidates wrote it."
        ) from error
    return " ".join(said)


class Asked(NamedTuple):
    """A term of a need: what it says, how that is shown, its words, its sound, and its mark.

    ``shown`` is ready to stand within quotes of JSON. The sound is empty where the glossary knows
    the term, the mark where it is none.
    """

    said: str
    shown: str
    word: str
    more: tuple[str, ...]
    sound: str
    mark: str


def asked_terms(need: Line) -> list[Asked]:
    """Give the terms of a need that are no sizes and no part numbers of its own."""
    marks: dict[str, str] = {}
    named: set[str] = set()
    for quantity, stated in need.measures.items():
        is_mark = quantity.startswith("mark")
        for measure in stated:
            if is_mark:
                marks |= dict.fromkeys(measure.word.split(), quantity)
            else:
                named.update(measure.word.split())
    for number in need.part_numbers.own.values():
        named |= _words_of(number)
    terms: dict[tuple[str, str], list[str]] = {}
    sounds: dict[str, str] = {}
    for word in dict.fromkeys(need.words):
        if word[0] == SOUND:
            sounds[need.said[word]] = word
        elif word not in named:
            terms.setdefault((need.said[word], marks.get(word, "")), []).append(word)
    return [
        Asked(said, _shown(said), words[0], tuple(words[1:]), sounds.get(said, ""), mark)
        for (said, mark), words in terms.items()
    ]


def write_reasons(
    agreement: Agreement, need: Line, offer: Line, terms: Sequence[Asked] | None = None
) -> str:
    """Write the reasons of a candidate in their compact form.

    ``terms`` are those of the need, where they are at hand.
    """
    agree, differ, unsaid = (
        [written(reason) for reason in reasons]
        for reasons in (agreement.agree, agreement.differ, agreement.unsaid)
    )
    words = _words(asked_terms(need) if terms is None else terms, offer)
    return joined(agree, differ, unsaid, words, (need.hs_code, offer.hs_code))


class Words(NamedTuple):
    """The need's terms that an offer has alike, in other words (as reasons), and not at all."""

    alike: list[str]
    bridged: list[str]
    missing: list[str]


def joined(
    agree: list[str], differ: list[str], unsaid: list[str], words: Words, hs: tuple[str, str]
) -> str:
    """Join written reasons; those of the words and of the two HS codes are added to them."""
    if words.alike:
        agree.append(f'["words", "{_COMMA.join(words.alike)}"]')
    agree += words.bridged
    if words.missing:
        unsaid.append(f'["words", "{_COMMA.join(words.missing)}"]')
    if hs[0] and hs[1]:
        if code_key(hs[0]) == code_key(hs[1]):
            agree.append(written(("HS", hs[0])))
        else:
            differ.append(written(("HS", *hs)))
    said = (("agree", agree), ("differ", differ), ("unsaid", unsaid))
    parts = [f'"{head}": [{_COMMA.join(some)}]' for head, some in said if some]
    return f"{{{_COMMA.join(parts)}}}"


def write_note(note: str) -> str:
    """Write why a need has no candidate, in the compact form."""
    return json.dumps({"note": note})


def _words(terms: Sequence[Asked], offer: Line) -> Words:
    words = Words([], [], [])
    has, measures = offer.said, offer.measures
    if measures:
        terms = [term for term in terms if term.mark not in measures]
    for term in terms[:MOST_WORDS]:
        offered = said_for(term, offer)
        if not offered and term.sound in has:
            words.bridged.append(bridge(term, has[term.sound]))
        elif not offered:
            words.missing.append(term.shown)
        elif covers(offered, term.said):
            words.alike.append(term.shown)
        else:
            words.bridged.append(bridge(term, offered))
    return words


def said_for(term: Asked, offer: Line) -> str:
    """Give what an offer says for a term, nothing if it lacks a word of it."""
    has = offer.said
    if not term.more:
        return has.get(term.word, "")
    words = (term.word, *term.more)
    if not all(word in has for word in words):
        return ""
    return " ".join(dict.fromkeys(has[word] for word in words))


def bridge(term: Asked, offered: str) -> str:
    """Write that an offer says a term in other words."""
    return f'["words", "{term.shown}", "{_shown(offered)}"]'


@lru_cache(maxsize=1 << 16)
def written(reason: Reason) -> str:
    """Write a reason as JSON."""
    return _json(reason)


@lru_cache(maxsize=1 << 16)
def _shown(text: str) -> str:
    """Write a text, not too long, as it stands within quotes of JSON."""
    return _json(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")[1:-1]


@lru_cache(maxsize=1 << 16)
def covers(offered: str, said: str) -> bool:
    """Tell whether what an offer says has all the words of what a need says."""
    return offered == said or _words_of(offered) >= _words_of(said)


@lru_cache(maxsize=1 << 16)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in WORD.findall(normalise(text)))


def _list(reasons: Iterable[Reason], persian: bool) -> str:
    return ("؛ " if persian else "; ").join(_phrase(*reason, persian=persian) for reason in reasons)


def _phrase(kind: str, said: str, offered: str = "", *, persian: bool) -> str:
    label = _KINDS[kind][persian]
    if not persian:
        phrase = f"{label} {said}".strip()
        return f"{phrase} (offer: {offered})" if offered else phrase
    phrase = f"{label} {isolate(said)}".strip()
    return f"{phrase} (پیشنهاد: {isolate(offered)})" if offered else phrase
