"""Numbers as people write them, read without guessing."""

import re
from decimal import Decimal

from onshore.codes import fold, latin_digits
from onshore.figures.errors import FigureError

_MINUS = re.compile("[\u2212\u2010-\u2014]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_NUMBER = r"[-+]?\d(?:[\d.,'٬،٫’/]|[ \u00a0\u2007\u2009\u202f](?=\d{3}(?!\d)))*(?:[eE][-+]?\d+)?"
_AMOUNT = re.compile(rf"(?P<before>[^\d]*?)(?P<number>{_NUMBER})(?P<after>.*)", re.DOTALL)

_SCALES = {
    fold(word): power
    for power, words in {
        3: "thousand thousands هزار тыс тысяч тысяча",
        6: "million millions mln میلیون миллион миллиона миллионов млн",
        9: "billion billions bln میلیارد миллиард миллиарда миллиардов млрд",
        12: "trillion trillions trn تریلیون триллион триллиона триллионов трлн",
    }.items()
    for word in words.split()
}
_SHORT_SCALES = {"k": 3, "m": 6, "mn": 6, "mm": 6, "mio": 6, "bn": 9, "b": 9, "tn": 12}


def parse_number(text: str) -> Decimal:
    """Read a number in Latin, Persian or Arabic digits.

    Thousands may be set apart by spaces, apostrophes, commas or the Persian mark, in groups of
    three; the decimal mark is a point or the Persian mark, or a comma where thousands are set
    apart by something else. A lone comma before other than three digits is not guessed at.

    Raises
    ------
    FigureError
        The text is not a number, or may be read as two.

    Examples
    --------
    >>> parse_number("۱٬۲۰۰٫۵"), parse_number("1 045 000"), parse_number("−23.1")
    (Decimal('1200.5'), Decimal('1045000'), Decimal('-23.1'))
    """
    plain = _MINUS.sub("-", _UNSEEN.sub("", latin_digits(text))).strip()
    spaced = re.sub(rf"(?<=\d)({_SPACE}|['’٬])(?=\d{{3}}(?!\d))", "", plain)
    digits = spaced.replace("،", ",").replace("٫", ".")
    if spaced != plain and re.fullmatch(r"[-+]?\d+,\d+", digits):
        digits = digits.replace(",", ".")
    elif re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"[-+]?\d{1,3}(\.\d{3})+,\d+|[-+]?\d{1,3}(\.\d{3}){2,}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", digits):
        return Decimal(digits)
    raise FigureError(_why_not_a_number(text, digits))


def split_amount(text: str, example: str, *, short_scales: bool) -> tuple[Decimal, str, str]:
    """Take apart a number, its scale words and what stands before and after them.

    ``short_scales`` also takes ``m`` and ``bn`` for million and billion, as with money.
    ``example`` is what a person could have written.
    """
    plain = _MINUS.sub("-", _UNSEEN.sub("", latin_digits(text)))
    match = _AMOUNT.fullmatch(plain)
    if not match:
        raise FigureError(f"'{text.strip()}' has no number. Write one such as {example}.")
    value, rest = parse_number(match["number"].rstrip(".,/'")), match["after"].strip()
    before = match["before"].strip()
    if before.endswith("-"):
        value, before = -value, before[:-1].strip()
    known = _SCALES | _SHORT_SCALES if short_scales else _SCALES
    while rest:
        word, _, after = rest.partition(" ")
        power = known.get(fold(word).rstrip("."))
        if power is None:
            break
        value, rest = value.scaleb(power), after.strip()
    return value, before, rest


def plain_text(value: Decimal, keep: int | None = None) -> str:
    """Write a Decimal without exponent; without zeros at the end unless places are to be kept."""
    text = format(value, "f")
    if "." in text and keep is None:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def _why_not_a_number(text: str, digits: str) -> str:
    shown = text.strip()
    if re.fullmatch(r"[-+]?\d+,\d+", digits):
        return (
            f"'{shown}' may be a decimal or thousands. Write {digits.replace(',', '.')} or "
            f"{digits.replace(',', '')}."
        )
    if re.fullmatch(r"[-+]?\d+/\d+", digits):
        return (
            f"'{shown}' may be a fraction, a date or a decimal. Write "
            f"{digits.replace('/', '.')} if the slash is a decimal mark."
        )
    if not re.search(r"\d", digits):
        return f"'{shown}' is not a number. Write digits, such as 1200 or 1200.5."
    if re.fullmatch(r"[-+]?\d[\d.,]*\s*[^\W\d_]\D*", digits):
        return f"'{shown}' is a number and a text. Write the number alone."
    return f"'{shown}' is not a number that can be read. Write it plainly, such as 1200.5."
