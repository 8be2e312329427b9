"""What a line is about, beside what it names: a roller with a bearing 6306 is no bearing."""

import re
from collections.abc import Sequence

from onshore.match.letters import code_key
from onshore.match.lines import SOUND, Line

_DIGIT = re.compile(r"\d")
_BEARING = ("bear", "brg")  # as `stem` leaves it
_HEADING = 4  # digits of an HS heading


def spoken_words(line: Line) -> tuple[str, ...]:
    """Give the words of a line that are no sizes."""
    sizes = _words_of_sizes(line)
    return tuple(word for word in line.words if word not in sizes)


def heads_agree(need: Line, offer: Line) -> bool:
    """Tell whether two lines are about the same kind of good, by their head nouns.

    Examples
    --------
    >>> from onshore.match.lines import read_line
    >>> bolt = read_line("Hex bolt ISO 4014 M16x80")
    >>> [heads_agree(bolt, read_line(f"{said} ISO 4014 M16")) for said in ("پیچ", "Hex nut")]
    [True, False]
    """
    return _is_met(need, offer) and (not phrase_of(offer) or _is_met(offer, need))


def headings_differ(need: Line, offer: Line) -> bool:
    """Tell whether the HS codes of two lines, where both have one, are of other headings."""
    ours, theirs = code_key(need.hs_code)[:_HEADING], code_key(offer.hs_code)[:_HEADING]
    return len(ours) == len(theirs) == _HEADING and ours != theirs


def is_of_the_goods(keys: Sequence[str], need: Line, offer: Line) -> bool:
    """Tell whether one of these agreeing part numbers is of the goods, not of a part of one.

    A bearing's number is of the good where both lines are about bearings.

    Examples
    --------
    >>> from onshore.match.lines import read_line
    >>> need = read_line("Ball bearing 6306")
    >>> said = ("بلبرینگ 6306", "Conveyor roller 133 x 465 mm, bearing 6306")
    >>> [is_of_the_goods(["6306"], need, read_line(line)) for line in said]
    [True, False]
    """
    bearings = {
        key
        for line in (need, offer)
        for measure in line.measures.get("bearing", ())
        for key in (code_key(measure.said), str(measure.value))
    }
    if any(key not in bearings for key in keys):
        return True
    return _is_bearing(need) and _is_bearing(offer)


def phrase_of(line: Line) -> list[str]:
    """Give the words that name the good, the head noun last.

    They stand before the first size or code, a bearing's number left aside. In Persian and
    Russian, where the head comes first, they are those of the first term.

    Examples
    --------
    >>> from onshore.match.lines import read_line
    >>> phrase_of(read_line("Oil pump 5 kW, new")), phrase_of(read_line("شیر یکطرفه DN50"))
    (['oil', 'pump'], ['check', 'valv'])
    """
    sizes = _words_of_sizes(line)
    bearings = {
        word for measure in line.measures.get("bearing", ()) for word in measure.word.split()
    }
    phrase: list[str] = []
    for word in line.words:
        if word[0] == SOUND or word in bearings:
            continue
        if word not in sizes and not _DIGIT.search(word):
            phrase.append(word)
        elif phrase:
            break
    if line.script == "latin":
        return phrase
    return [word for word in phrase if line.said[word] == line.said[phrase[0]]]


def _is_bearing(line: Line) -> bool:
    phrase = phrase_of(line)
    return not phrase or any(word in phrase for word in _BEARING)


def _is_met(line: Line, other: Line) -> bool:
    """Tell whether the other line has the head noun of this one, if it has one."""
    phrase = phrase_of(line)
    if not phrase:
        return True
    after = line.words[line.words.index(phrase[-1]) + 1 :][:1]
    heard = after[0] if after and after[0][0] == SOUND else phrase[-1]
    return phrase[-1] in other.said or heard in other.said


def _words_of_sizes(line: Line) -> set[str]:
    return {
        word
        for values in line.measures.values()
        for measure in values
        for word in measure.word.split()
    }
