"""Sizes that Persian lines write in words or in their own way, written the common way."""

import re
from functools import cache

from onshore.match.units import any_of, is_persian, units

_PERSIAN = re.compile("[\u0600-\u06ff]")

# Latin letters as Persian spells them, before a number.
_SPELLED = {
    "پی ان": "pn", "دی ان": "dn", "قطر نامی": "dn", "فشار نامی": "pn", "ان پی اس": "nps",
    "ام": "m", "ای پی": "ip", "اچ ار سی": "hrc", "اسکجوال": "sch", "اسکیجول": "sch",
    "اسکجول": "sch", "اس تی": "st", "سی کی": "ck", "ایزو": "iso", "دین": "din",
    "ای اس تی ام": "astm", "ای پی ای": "api", "ای ان": "en", "استاندارد ملی": "isiri",
    "استاندارد ملی ایران": "isiri", "استاندارد ملی شماره": "isiri",
    "استاندارد ملی ایران شماره": "isiri", "اس اس": "ss", "ان یو": "nu", "ان جی": "nj",
}  # fmt: skip
_INCHES = {
    "یک هشتم": "1/8", "یک چهارم": "1/4", "ربع": "1/4", "سه هشتم": "3/8", "یک دوم": "1/2",
    "نیم": "1/2", "سه چهارم": "3/4", "یک": "1", "دو": "2", "سه": "3", "چهار": "4", "پنج": "5",
    "شش": "6", "هشت": "8", "ده": "10", "دوازده": "12", "شانزده": "16", "بیست": "20",
}  # fmt: skip
_PARTS = {"نیم": "1/2", "ربع": "1/4", "یک چهارم": "1/4", "سه چهارم": "3/4"}


def plain(text: str) -> str:
    """Write the sizes of a normalised line the common way.

    In Persian a slash may be the decimal mark, numbers of inches and the letters before a number
    may be spelled out. "PN16/DN200" is parted in any language.

    Examples
    --------
    >>> plain("موتور 7/5 کیلووات"), plain("لوله یک و نیم اینچ پی ان 16"), plain("pn16/dn200")
    ('موتور 7.5 کیلووات', 'لوله 1 1/2 اینچ pn 16', 'pn16 dn200')
    """
    if "/" in text:
        text = _BEFORE_LABEL.sub(" ", text)
    if text.isascii() or not _PERSIAN.search(text):
        return text
    spelled, inches, low, *slashes = _patterns()
    text = spelled.sub(lambda match: _SPELLED[match[1]], text)
    text = inches.sub(_of_inches, text)
    text = low.sub("l", text)
    if "/" in text:
        for slash in slashes:
            text = slash.sub(r"\1.\2", text)
    return text


_BEFORE_LABEL = re.compile("(?<=[0-9])/(?=(?:dn|pn|ду|ру|class|cl)[ .-]?[0-9])")


def _of_inches(match: re.Match[str]) -> str:
    whole = match["whole"]
    part = _PARTS.get(match["part"], match["part"] or "")
    return f"{_INCHES.get(whole, whole)} {part}".strip()


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    here, numbered = r"(?<![^\W_])", r"(?=[ .-]{0,2}[0-9])"
    inch = r"(?= ?(?:اینچ|inch|\"))"
    part = f"{any_of(_PARTS)}|[1-9]/[1-9][0-9]?"
    persian = [unit for unit in units() if is_persian(unit) and units()[unit].quantity != "inch"]
    with_unit = rf"(?= ?(?:[xх*]|در [0-9]|{any_of(persian)}(?![^\W_])))"
    # A current transformer of 200/5 A states two numbers, a bore of 127/5 mm one.
    whole = "([0-9]{1,2}|[0-9]{3}(?=/[0-9]{1,2} ?(?:میل|سانت)))"
    return (
        re.compile(f"{here}({any_of(_SPELLED)}){numbered}"),
        re.compile(
            f"{here}(?P<whole>[0-9]{{1,2}}|{any_of(_INCHES)})(?: و (?P<part>{part}))?{inch}"
        ),
        re.compile(rf"{here}(?<=3(?:04|16|17) )ال(?![^\W_])"),  # استیل 316 ال
        re.compile(rf"{here}(?<![0-9][./,]){whole}/([0-9]{{1,2}})(?![/0-9.,]){with_unit}"),
        re.compile(
            "(?:(?<=[xх*])|(?<=[xх*] )|(?<=در ))([0-9]{1,3})/([0-9]{1,2})"
            "(?![/0-9.,]| ?[\"']| ?(?:inch|in|اینچ))"
        ),
    )
