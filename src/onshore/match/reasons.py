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
_MOST_WORDS, _LONGEST = 8, 60

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
        "هیچ پیشنهادی با این نیاز وجه مشترکی ندارد.",
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
    """A term of a need: what it says, its words, its sound, and the mark that it is.

    The sound is empty where the glossary knows the term, the mark where it is none.
    """

    said: str
    words: tuple[str, ...]
    sound: str
    mark: str


def asked_terms(need: Line) -> list[Asked]:
    """Give the terms of a need that are no sizes and no part numbers of its own."""
    marks = {
        word: quantity
        for quantity, stated in need.measures.items()
        if quantity.startswith("mark")
        for measure in stated
        for word in measure.word.split()
    }
    named = {
        word
        for quantity, stated in need.measures.items()
        if not quantity.startswith("mark")
        for measure in stated
        for word in measure.word.split()
    }
    named |= {word for number in need.part_numbers.own.values() for word in _words_of(number)}
    terms: dict[tuple[str, str], list[str]] = {}
    sounds: dict[str, str] = {}
    for word in dict.fromkeys(need.words):
        if word[0] == SOUND:
            sounds[need.said[word]] = word
        elif word not in named:
            terms.setdefault((need.said[word], marks.get(word, "")), []).append(word)
    return [
        Asked(said, tuple(words), sounds.get(said, ""), mark)
        for (said, mark), words in terms.items()
    ]


def write_reasons(
    agreement: Agreement, need: Line, offer: Line, terms: Sequence[Asked] | None = None
) -> str:
    """Write the reasons of a candidate in their compact form.

    ``terms`` are those of the need, where they are at hand.
    """
    alike, bridged, missing = _words(asked_terms(need) if terms is None else terms, offer)
    agree = [*agreement.agree, *_in_one(alike), *bridged]
    differ = list(agreement.differ)
    if need.hs_code and offer.hs_code:
        if code_key(need.hs_code) == code_key(offer.hs_code):
            agree.append(("HS", need.hs_code))
        else:
            differ.append(("HS", need.hs_code, offer.hs_code))
    unsaid = [*agreement.unsaid, *_in_one(missing)]
    parts = {"agree": agree, "differ": differ, "unsaid": unsaid}
    return _json({head: said for head, said in parts.items() if said})


def write_note(note: str) -> str:
    """Write why a need has no candidate, in the compact form."""
    return json.dumps({"note": note})


def _words(terms: Sequence[Asked], offer: Line) -> tuple[list[str], list[Reason], list[str]]:
    """Give the need's terms that the offer has alike, in other words, and not at all."""
    alike: list[str] = []
    bridged: list[Reason] = []
    missing: list[str] = []
    has = offer.said
    looked_at = 0
    for said, words, sound, mark in terms:
        if mark in offer.measures:
            continue
        if looked_at == _MOST_WORDS:
            break
        looked_at += 1
        if all(word in has for word in words):
            offered = " ".join(dict.fromkeys(has[word] for word in words))
            if _covers(offered, said):
                alike.append(_short(said))
            else:
                bridged.append(("words", _short(said), _short(offered)))
        elif sound and sound in has:
            bridged.append(("words", _short(said), _short(has[sound])))
        else:
            missing.append(_short(said))
    return alike, bridged, missing


@lru_cache(maxsize=1 << 16)
def _covers(offered: str, said: str) -> bool:
    return _words_of(offered) >= _words_of(said)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _in_one(words: list[str]) -> list[Reason]:
    return [("words", ", ".join(words))] if words else []


def _words_of(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(normalise(text))}


def _list(reasons: Iterable[Reason], persian: bool) -> str:
    return ("؛ " if persian else "; ").join(_phrase(*reason, persian=persian) for reason in reasons)


def _phrase(kind: str, said: str, offered: str = "", *, persian: bool) -> str:
    label = _KINDS[kind][persian]
    if not persian:
        phrase = f"{label} {said}".strip()
        return f"{phrase} (offer: {offered})" if offered else phrase
    phrase = f"{label} {isolate(said)}".strip()
    return f"{phrase} (پیشنهاد: {isolate(offered)})" if offered else phrase
