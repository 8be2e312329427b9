"""What other rooms say in English about cells and files, told in the page's language.

`onshore.records`, `onshore.figures` and `onshore.codes` name a fault by a sentence and the next
step by another. Each sentence is known here by its pattern; what stands in its places (numbers,
headings, codes) is kept as it is. A sentence that is not known stays as it was written.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from onshore.codes import countries, currencies, fold, hs, isic, places, units
from onshore.figures import months, shown
from onshore.records import choice_name, schema, tables
from onshore.report import reason_in

_SENTENCES = (
    # Cells
    _("the cell is empty, and every row needs a value here."),
    _("fill it in."),
    _("the cell is merged with another, which alone holds the value."),
    _("unmerge the cells and write the value in each row it holds for."),
    _("the cell holds a formula whose result was not saved."),
    _("open the workbook in a spreadsheet program and save it, or write the value."),
    _("the cell holds a spreadsheet's error."),
    _("mend its formula or write the value."),
    _("mend its formula."),
    _("%(code)s stands for no currency."),
    _("write the code of the currency, such as EUR."),
    _("the cell names a section of the HS."),
    _("write the six digits of the good."),
    _("the value is not one of the column's."),
    _("write %(near)s, or one of: %(choices)s."),
    _("write one of: %(choices)s."),
    _("the value is neither yes nor no."),
    _("write yes or no (بله or خیر)."),
    _("write the cell again."),
    # Numbers
    _("'%(text)s' is not a number."),
    _("'%(text)s' is not a number that can be read."),
    _("'%(text)s' is a number and a text."),
    _("'%(text)s' may be a decimal or thousands."),
    _("'%(text)s' may be a fraction, a date or a decimal."),
    _("write %(number)s if the slash is a decimal mark."),
    _("the number is negative."),
    _("write %(number)s, or leave the cell empty."),
    _("a share lies between 0 and 1."),
    _("write it such as 35%% or 0.35."),
    _("write %(percent)s or %(share)s if that is meant."),
    _("the number is too large."),
    _("check its digits."),
    _("the number is not whole."),
    _("write a whole number."),
    _("the number cannot be read."),
    _("write it plainly, such as 1200.5."),
    _("write digits, such as %(one)s or %(other)s."),
    _("the cell says that there is no value."),
    _("leave the cell empty."),
    _("brackets around a number may mean that it is negative."),
    _("write %(bare)s, or %(negative)s where the column takes it."),
    _("the comma may be a decimal mark or one of thousands."),
    _("write %(number)s if it is the decimal mark."),
    _(
        "the mark may be a decimal mark or one of thousands: other cells of the column have a"
        " decimal comma."
    ),
    _("write %(one)s or %(other)s."),
    _("the column does not hold shares."),
    _("write the number without %%."),
    _("the cell holds a quantity and its unit."),
    _("write %(number)s here and %(unit)s in the column unit."),
    _("the cell holds an amount and its currency."),
    _("write %(number)s here and %(currency)s in the column of the currency."),
    _("the cell holds a number and a text."),
    _("write the number alone."),
    _("write the number alone, in %(unit)s."),
    _("the cell holds a number in words."),
    _("write %(number)s."),
    # Days
    _("the cell holds a spreadsheet's day number."),
    _("format the cell as a date, or write the day as 2024-09-22 or 1403/07/01."),
    _("the cell does not hold a day."),
    _("write the day as 2024-09-22 or 1403/07/01, or leave the cell empty."),
    _("the cell does not name a single day."),
    _("write the day as 2024-09-22 or 1403/07/01."),
    _("it may be day %(a)s of month %(b)s, or day %(c)s of month %(d)s."),
    _("%(day)s is not a day: %(month)s has %(count)s days."),
    _("%(day)s is not a day: %(month)s has %(count)s days and is not a leap year."),
    _("write a day of the month; its last is %(day)s."),
    _("there is no month %(month)s."),
    _("write a month from 1 to 12."),
    _("%(year)s is not a year."),
    _("%(year)s is neither a Solar Hijri year (1300 to 1500) nor a Gregorian one (1800 to 2200)."),
    _("write the year in four digits."),
    _("the period is missing."),
    _("'%(text)s' is not a period: '%(word)s' may be the month %(month)s."),
    _(
        "write a year (1403), a half (1403-H1), a quarter (1398-Q1), a month (1403-07 or Mehr 1403)"
        " or two days (2019-03-21 to 2019-06-21)."
    ),
    # Codes
    _("'%(text)s' is not %(kind)s."),
    _("correct the cell; near it: %(near)s."),
    _("nothing is near it; write one such as %(example)s."),
    _("'%(text)s' is the name of more than one entry."),
    _("write the code of one: %(codes)s."),
    _(
        "'%(text)s' has %(count)s digits: national tariff lines are longer than the Harmonized"
        " System."
    ),
    _("write its six digits, %(code)s."),
    _("'%(text)s' has %(count)s digits, and its first six, %(code)s, are not an HS 2022 code."),
    _("'%(text)s' has %(count)s digits: its leading zero is lost."),
    _("'%(text)s' has 1 digit: its leading zero is lost."),
    _(
        "'%(text)s' has %(count)s digits; an HS 2022 code has 2 (chapter), 4 (heading) or 6"
        " (subheading)."
    ),
    _("'%(text)s' has lost its leading zero."),
    _("write %(code)s (%(name)s)."),
    _("'%(text)s' may be any of %(codes)s."),
    _("write the code."),
    _("the toman is not a currency of ISO 4217."),
    _("write the amount in rial (IRR): one toman is ten rial."),
    # Rows
    _("%(column)s has a value and %(second)s has none."),
    _("fill in %(column)s or %(second)s."),
    _("fill in %(column)s."),
    _("the day is before %(column)s."),
    _("write the later day here."),
    _("the number is above %(column)s."),
    _("write at most %(column)s."),
    _("the number is not between %(low)s and %(high)s."),
    _("write one between %(low)s and %(high)s."),
    _("the key is that of row %(row)s already."),
    _("give row %(row)s or row %(other)s another key, or delete one of them."),
    _("no row of the table %(table)s has this key."),
    _("write %(key)s, as in %(table)s."),
    _("write %(key)s, the key of what has that name in %(table)s."),
    _("near it: %(near)s."),
    _("correct it, or add a row with this key to %(table)s."),
    _("%(count)s cells of the column refer to the table %(table)s, which has no rows."),
    _("add the table %(table)s to the folder, or leave the column empty."),
    _("the row has too %(way)s cells: %(cells)s, under %(width)s headings."),
    _("the row holds NUL characters."),
    _("type the row again as text."),
    _("the row holds bytes that are not UTF-8; some letters are lost."),
    _("type the row again, and save the sheet as 'CSV UTF-8' or as XLSX."),
    _("a quotation mark opens a cell and does not close it."),
    _("the row is another organisation's, and you bring in your own."),
    _("write %(own)s, or leave the row out."),
    _("another record has this key already."),
    _("give the row another key."),
    _("the record with this key belongs to %(owner)s."),
    _("the need is verified as localized and is not changed any more."),
    _("leave the row out, or revert the need to import first."),
    # Headings
    _("the required column is missing."),
    _("add a column headed %(column)s."),
    _("%(count)s headings mean the column %(column)s."),
    _("keep one of them and rename or delete the others."),
    _("no headings of the table %(table)s are in the first %(rows)s rows."),
    _("write a heading row with at least %(columns)s."),
    # Files
    _("the file is empty."),
    _("the sheet is empty."),
    _("write a heading row and the rows under it."),
    _("the workbook has no visible sheet."),
    _("show the sheet of the table."),
    _("the workbook cannot be read."),
    _("it is not an XLSX workbook."),
    _("it is an Excel workbook of the old kind, or one with a password."),
    _("it is an old or protected Excel workbook, not text."),
    _("take the password off and save it as XLSX, or as 'CSV UTF-8'."),
    _("it is refused before it is unpacked: %(what)s."),
    _("ask whoever sent it for the table as CSV, or save it again from a spreadsheet program."),
    _("it does not have the sizes that it declares."),
    _("its sheet spans %(rows)s rows and %(columns)s columns."),
    _("delete the stray cells far below or right of the table."),
    _("it holds a document type definition, which no spreadsheet program writes."),
    _("it is encrypted or packed in an unusual way."),
    _("it is damaged."),
    _("it is a PDF file, not a table."),
    _("it is a Parquet file, not text."),
    _("it is a binary file, not text."),
    _("it is a zip file (perhaps an XLSX workbook), not text."),
    _("its text is in UTF-32."),
    _("its text is neither UTF-8, UTF-16 nor Windows-1256."),
    _("it looks like UTF-16 text without a byte-order mark."),
    _("it cannot be read as a CSV file."),
    _("a row is too long to be one."),
    _("check its line ends."),
    _("save the sheet again as 'CSV UTF-8' or as XLSX."),
    _("save it as CSV (UTF-8), XLSX or Parquet."),
    _("open it in a spreadsheet program and save it again as XLSX, or as 'CSV UTF-8'."),
    _("open it in a spreadsheet program and save it again as XLSX."),
    _("give the file the ending of what it is, or save the sheet again as 'CSV UTF-8' or as XLSX."),
    _("it has more than %(rows)s rows."),
    _("divide it into several files."),
    _("reading it took more than %(seconds)s seconds."),
    _("reading it took more memory than an upload may take."),
    _("the reader could not go on with this file."),
    _("save the table alone as 'CSV UTF-8', or divide it into several files."),
    # Projections
    _("The target's period is no year, half, quarter or month. Set it for one of these."),
    _("Nothing is observed of it. Add observations of the same indicator, product, place."),
    _(
        "The target is in %(asked)s and the observations in %(told)s, which one cannot be told in"
        " the other. Give both in units of one kind."
    ),
    _(
        "The target's period lies before the newest unbroken run of observations, from %(first)s."
        " Add those between."
    ),
    _(
        "The observations are of %(kinds)s in no step with a %(kind)s of the %(calendar)s calendar."
        " Add observations of such periods."
    ),
    _(
        "A projection needs %(count)s %(kinds)s without a gap; there is %(one)s up to %(last)s."
        " Add %(before)s and those before it."
    ),
    _(
        "A projection needs %(count)s %(kinds)s without a gap; there are %(one)s up to %(last)s."
        " Add %(before)s and those before it."
    ),
    # Notes
    _("read from the sheet %(sheet)s; not read: %(others)s."),
    _("read as Windows-1256; UTF-8 is safer."),
    _("the table %(table)s has headings and no rows."),
    _("%(count)s cells of %(column)s have more than six decimals and were rounded."),
)
_KINDS = (
    _("a unit of UN/ECE Recommendation 20"),
    _("a currency of ISO 4217"),
    _("a country of ISO 3166-1"),
    _("a place of ISO 3166-2"),
    _("an HS 2022 code"),
    _("an ISIC Rev. 4 code"),
    _("a period that can be read"),
    *(_("years"), _("halves"), _("quarters"), _("months")),
    *(_("year"), _("half"), _("quarter"), _("month")),
    *(_("gregorian"), _("solar hijri")),
)
_ON_A_FORM = {
    "the cell holds a spreadsheet's error.": _("this is a spreadsheet's error."),
    "mend its formula or write the value.": _("write the value."),
    "mend its formula.": _("write the value."),
    "the cell names a section of the HS.": _("this is a section of the HS."),
    "write the cell again.": _("write it again."),
    "write %(number)s, or leave the cell empty.": _("write %(number)s, or leave it empty."),
    "the cell says that there is no value.": _("this says that there is no value."),
    "leave the cell empty.": _("leave it empty."),
    "write %(bare)s, or %(negative)s where the column takes it.": _(
        "write %(bare)s, or %(negative)s where it may be negative."
    ),
    "the column does not hold shares.": _("no share is meant here."),
    "the cell holds a quantity and its unit.": _("this is a quantity and its unit."),
    "write %(number)s here and %(unit)s in the column unit.": _(
        "write %(number)s here and %(unit)s as its unit."
    ),
    "the cell holds an amount and its currency.": _("this is an amount and its currency."),
    "write %(number)s here and %(currency)s in the column of the currency.": _(
        "write %(number)s here and %(currency)s as its currency."
    ),
    "the cell holds a number and a text.": _("this is a number and a text."),
    "the cell holds a number in words.": _("this is a number in words."),
    "the cell holds a spreadsheet's day number.": _("this is a spreadsheet's day number."),
    "format the cell as a date, or write the day as 2024-09-22 or 1403/07/01.": (
        "write the day as 2024-09-22 or 1403/07/01."
    ),
    "the cell does not hold a day.": _("this is not a day."),
    "write the day as 2024-09-22 or 1403/07/01, or leave the cell empty.": _(
        "write the day as 2024-09-22 or 1403/07/01, or leave it empty."
    ),
    "the cell does not name a single day.": _("this is not a single day."),
    "correct the cell; near it: %(near)s.": _("correct it; near it: %(near)s."),
}
"""What is said of a field in place of a cell."""
_REQUIRED = {
    "write %(number)s, or leave the cell empty.": "write %(number)s.",
    "leave the cell empty.": "fill it in.",
    "write the day as 2024-09-22 or 1403/07/01, or leave the cell empty.": (
        "write the day as 2024-09-22 or 1403/07/01."
    ),
}
"""What is said of a field that may not be left empty."""
_MEANING = re.compile(r"fill it in: .+", re.DOTALL)
_PLACE = re.compile(r"%\\\((\w+)\\\)s")
_CODE = re.compile(r"(\S+) \((.+)\)", re.DOTALL)
_NUMBERS = frozenset(
    ("number", "one", "other", "bare", "negative", "percent", "share", "low", "high", "count")
)
"""Places that hold numbers and no words."""


def told(text: str, labels: Mapping[str, str] | None = None, *, required: bool = False) -> str:
    """Tell a sentence, or several, in the page's language.

    Parameters
    ----------
    labels
        What a form calls the columns; None where the cells of a sheet are meant.
    required
        Whether the form's field may not be left empty.

    Examples
    --------
    >>> told("the number is negative.")
    'The number is negative.'
    >>> told("the day is before from.", {"from": "First day"})
    "The day is before 'First day'."
    """
    persian = get_language() == "fa"
    if labels is None and not persian:
        return _capitalized(text)
    whole = _one(text, labels, required=required)
    if whole is not None:
        return whole
    for end in re.finditer(r"[.:] (?=[^\W\d_])", text):
        first = _one(text[: end.start() + 1], labels, required=required)
        if first is not None:
            return f"{first} {told(text[end.end() :], labels, required=required)}"
    return reason_in("fa", text) if persian else _capitalized(text)


def _one(text: str, labels: Mapping[str, str] | None, *, required: bool) -> str | None:
    """Tell one sentence; None if it is not known."""
    text = _MEANING.sub("fill it in.", text)  # what a column says is told in English only
    for plain in (text, text[:1].lower() + text[1:]):
        for pattern, sentence in _patterns():
            if found := pattern.fullmatch(plain):
                if labels is not None:
                    sentence = _of_a_field(sentence, required=required)
                places = {
                    name: _place(name, value, labels or {})
                    for name, value in found.groupdict().items()
                }
                return _capitalized(gettext(sentence) % places)
    return None


def _of_a_field(sentence: str, *, required: bool) -> str:
    if required and sentence in _REQUIRED:
        return _REQUIRED[sentence]
    return _ON_A_FORM.get(sentence, sentence)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _place(name: str, value: str, labels: Mapping[str, str]) -> str:
    """Give what stands in a place, kept apart from the direction of the text around it."""
    persian = get_language() == "fa"
    if name in ("column", "second") and value in labels:
        return f"«{labels[value]}»" if persian else f"'{labels[value]}'"
    if not persian:
        return value
    if value in _KINDS:
        return gettext(value)
    if value in tables():
        return schema(value).title_fa
    names = [choice_name(part) for part in value.split(", ")]
    if None not in names:
        return "، ".join(str(name) for name in names)
    if name in ("day", "month"):
        return _day(value)
    if name in ("near", "codes", "unit"):
        return "؛ ".join(map(_code, re.split(r"; (?=\S+(?: \(|;|$))", value)))
    if name == "example":
        *parts, last = map(_code, re.split(", | or ", value))
        return f"{'، '.join(parts)} یا {last}" if parts else last
    if re.fullmatch(r"[-\d.,]+", value):
        value = shown.digits(value, "fa")
        if name in _NUMBERS:
            value = re.sub(r"(?<=\d)\.(?=\d+$)", "٫", value)
    return shown.isolate(value)


def _day(value: str) -> str:
    """Write days and months as Persian does: 30 Azar 1405 (2026-12-21)."""
    dated = re.sub(
        r"\d{4}-\d\d-\d\d", lambda day: shown.day(date.fromisoformat(day[0]), "fa"), value
    )
    return shown.digits(re.sub("[A-Z][a-z]+", lambda word: _month(word[0]), dated), "fa")


def _month(word: str) -> str:
    known = months.spellings().get(fold(word))
    return months.name(*known, "fa") if known else word


def _code(text: str) -> str:
    """Give a code with its Persian name: IR-08 (Kerman)."""
    if found := _CODE.fullmatch(text):
        code, name = found.groups()
        for codes in (places, currencies, countries, units, isic, hs):
            if code in codes and codes.name(code).startswith(name.rstrip("…")):
                persian = codes.name(code, "fa")
                if persian != codes.name(code):
                    return f"{shown.isolate(code)} ({persian})"
    return shown.isolate(text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the pattern of each sentence, those without places first."""
    made = []
    for sentence in sorted(_SENTENCES, key=lambda sentence: sentence.count("%(")):
        pattern = _PLACE.sub(_group, re.escape(sentence.replace("%%", "%")))
        made.append((re.compile(pattern, re.DOTALL), sentence))
    return tuple(made)


def _group(found: re.Match[str]) -> str:
    if found[1] == "kind":
        inside = "|".join(map(re.escape, _KINDS))
    elif found[1] in _NUMBERS:
        inside = r"[^A-Za-z]*\d[^A-Za-z]*"
    else:
        inside = ".+?"
    return f"(?P<{found[1]}>{inside})"
