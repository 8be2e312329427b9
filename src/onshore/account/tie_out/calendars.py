"""What the texts of a row say about time and place, held against the calendars and code lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from onshore.account.tie_out import subjects
from onshore.account.tie_out.figure import Figure
from onshore.account.tie_out.finding import (
    CANNOT,
    DERIVED,
    OFF,
    PERIOD,
    PLACE,
    TIES,
    Finding,
    with_unit,
)
from onshore.account.tie_out.spans import WEEKDAY, WEEKDAYS, Span
from onshore.codes import fold, places
from onshore.figures import FigureError, Period, solar_hijri

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Periods --------------------------------------------------------------------------------------


def propose_periods(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Hold the Gregorian text of each row against the Solar Hijri one; count its years."""
    same: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        same.setdefault((figure.gregorian.text, figure.solar.text), []).append(figure)
    for alike in same.values():
        finding = period_finding(alike[0])
        if finding:
            yield replace(finding, ids=tuple(figure.id for figure in alike))
    for figure in figures:
        yield from _years(figure)
        yield from _dates(figure)


def period_finding(figure: Figure) -> Finding | None:
    """Judge whether both texts of a row name the same days."""
    printed, solar = figure.gregorian, figure.solar
    named = f"~{solar.period}" if solar.period else solar.text
    values = {"printed": printed.text, "solar": named}
    for doubtful, clear in ((solar, printed), (printed, solar)):
        if doubtful.choices and (clear.known or len(doubtful.choices) > 1):
            names = ", ".join(f"{p} ({p.start} – {p.end})" for p in doubtful.choices)
            return Finding(
                "period", (figure.id,), PERIOD, "period.either",
                values | {"text": doubtful.text, "choices": names}, doubtful.text, names,
            )  # fmt: skip
    if not printed.known or not solar.known or solar.period is None:
        return None
    if printed.text.strip() == solar.text.strip():
        return None
    period = solar.period
    values |= {"start": str(period.start), "end": str(period.end)}
    if _is_coarse(printed, period) or solar.about or printed.about:
        return _coarse(figure, printed, period, values)
    return _by_the_day(figure, printed, period, values)


def _is_coarse(printed: Span, period: Period) -> bool:
    """Whether a Gregorian text names whole years or months, which no Solar Hijri period fills."""
    told = printed.period
    if told is None:
        return printed.named and period.calendar == "solar_hijri"
    return (
        told.calendar == "gregorian"
        and period.calendar == "solar_hijri"
        and (told.kind != "range" or printed.named)
    )


def _coarse(
    figure: Figure, printed: Span, period: Period, values: dict[str, str]
) -> Finding | None:
    """Refuse only what has no day in common; a year is often named by the other calendar's."""
    first = printed.start or date.min
    last = printed.end or date.max
    if first <= period.end and period.start <= last:
        return None
    return Finding(
        "period", (figure.id,), OFF, "period.apart", values, printed.text,
        f"{period.start}/{period.end}",
    )  # fmt: skip


def _by_the_day(
    figure: Figure, printed: Span, period: Period, values: dict[str, str]
) -> Finding | None:
    wrong, late = [], 0
    if printed.start is not None and printed.start != period.start:
        late = (printed.start - period.start).days
        wrong.append("start")
    end_told = printed.end is not None
    if printed.end is not None and printed.end != period.end:
        month_holds = (
            printed.period is None
            and printed.end_from is not None
            and printed.end_from <= period.end <= printed.end
        )
        if not month_holds:
            late = late or (printed.end - period.end).days
            wrong.append("end")
    told = f"{printed.start or '…'}/{printed.end or '…'}"
    values |= {"told_start": str(printed.start or "…"), "told_end": str(printed.end or "…")}
    days = f"{period.start}/{period.end}"
    ids = (figure.id,)
    if not wrong:
        open_end = not end_told or printed.start is None
        key = "period.open" if open_end else "period.same"
        return Finding("period", ids, TIES, key, values, told, days, "0", "0")
    values["days"] = str(abs(late))
    values["first"] = _first_day_told(period, wrong)
    key = f"period.{'both' if len(wrong) == 2 else wrong[0]}_{'late' if late > 0 else 'early'}"
    return Finding("period", ids, OFF, key, values, told, days, str(late), "0")


def _first_day_told(period: Period, wrong: list[str]) -> str:
    """Say the first day of the year, where the printed one is not it."""
    if period.calendar != "solar_hijri":
        return ""
    year, month, day = solar_hijri.from_gregorian(period.start)
    if "start" in wrong and (month, day) == (1, 1):
        return f"@period.first_day|year={year}|start={period.start}"
    return ""


def _years(figure: Figure) -> Iterator[Finding]:
    """Check a number of years by the years that its texts name."""
    told = [span.years for span in (figure.gregorian, figure.solar) if span.years]
    if figure.kind == "years" and figure.number is not None and figure.number == int(figure.number):
        told.insert(0, int(figure.number))
    if not told:
        return
    named = [
        (span, span.period)
        for span in (figure.gregorian, figure.solar)
        if span.period is not None and span.period.days > 300
    ]
    for span, period in named[:1] if figure.kind != "years" else named:
        first, last = _year(period, start=True), _year(period, start=False)
        number = last - first + 1
        hit = told[0] in (
            {number, number - 1} if span.about or figure.kind != "years" else {number}
        )
        if hit:
            number = told[0]
        values = {
            "told": str(told[0]),
            "first": str(first),
            "last": str(last),
            "number": str(number),
        }
        yield Finding(
            "period", (figure.id,), TIES if hit else OFF,
            "years.ties" if hit else "years.off", values, f"{told[0]} years", f"{number} years",
            str(told[0] - number if not hit else 0), "0",
        )  # fmt: skip
        return


def _year(period: Period, *, start: bool) -> int:
    day = period.start if start else period.end
    return solar_hijri.from_gregorian(day)[0] if period.calendar == "solar_hijri" else day.year


def _dates(figure: Figure) -> Iterator[Finding]:
    """Check a printed day and its weekday by the row's period."""
    told, span = _day_told(figure), figure.gregorian
    if figure.kind == "date" and told is not None and span.period is not None:
        inside = span.period.contains(told)
        values = {"told": _days_told(told), "start": str(span.start), "end": str(span.end)}
        same = told.start == span.start and told.end == span.end
        yield Finding(
            "date", (figure.id,), TIES if inside else OFF,
            "date.same" if same else "date.inside" if inside else "date.outside", values,
            figure.written, f"{span.start}/{span.end}",
        )  # fmt: skip
    day = told or span.period
    texts = (figure.statement, figure.written, figure.gregorian.text, figure.solar.text)
    printed = next((m for text in texts if (m := WEEKDAY.search(fold(text)))), None)
    if day is None:
        day = _in_text(figure.statement)
    if printed is None:
        if figure.kind == "date" and day is not None and day.start == day.end:
            name = _DAYS[day.start.weekday()]
            yield Finding(
                "weekday", (figure.id,), DERIVED, "weekday.derived",
                {"day": str(day.start), "name": name}, "", name,
            )  # fmt: skip
        return
    if day is None or day.start != day.end:
        day = _in_text(figure.statement) or day
    if day is None or day.start != day.end:
        return
    name, said = _DAYS[day.start.weekday()], _DAYS[WEEKDAYS[printed[1]]]
    off = (WEEKDAYS[printed[1]] - day.start.weekday() + 3) % 7 - 3
    yield Finding(
        "weekday", (figure.id,), TIES if name == said else OFF,
        "weekday.ties" if name == said else "weekday.off",
        {"day": str(day.start), "name": name, "said": said}, said, name, str(off), "0",
    )  # fmt: skip


def _day_told(figure: Figure) -> Period | None:
    """Read the day in the value, which may leave its year to the period."""
    if figure.kind != "date":
        return None
    text = " ".join(WEEKDAY.sub(" ", fold(figure.written)).split()).strip(" ,")
    years = [s.period.start.year for s in (figure.gregorian,) if s.period]
    for attempt in (text, *(f"{text} {year}" for year in years)):
        try:
            return Period.parse(attempt)
        except FigureError:
            continue
    return None


_DATE_IN_TEXT = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2} [^\W\d_]+,? \d{4}|[^\W\d_]+ \d{1,2},? \d{4}"
)


def _in_text(text: str) -> Period | None:
    found = _DATE_IN_TEXT.search(fold(text))
    if not found:
        return None
    try:
        return Period.parse(found[0])
    except FigureError:
        return None


def _days_told(period: Period) -> str:
    if period.start == period.end:
        return str(period.start)
    return f"{period.start}/{period.end}"


# Lists and places -----------------------------------------------------------------------------

_RANKS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
_ORDINALS = _RANKS.split()
_BEFORE_NTH = re.compile(rf"\bbefore the ({'|'.join(_ORDINALS)}|\d+(?:st|nd|rd|th))\b")


def propose_counts(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Hold a number of things against the list of their names, or the rank of the one after."""
    for figure in figures:
        if figure.kind != "count" or figure.number is None or figure.number != int(figure.number):
            continue
        number = int(figure.number)
        ranked = _BEFORE_NTH.search(fold(figure.statement))
        if ranked:
            rank = _rank(ranked[1])
            hit = rank - 1 == number
            yield Finding(
                "count", (figure.id,), TIES if hit else OFF,
                "count.rank_ties" if hit else "count.rank_off",
                {"rank": str(rank), "before": str(rank - 1), "told": str(number)},
                with_unit(figure), str(rank - 1), str(number - rank + 1), "0",
            )  # fmt: skip
            continue
        for text in (figure.sector, figure.who):
            names = subjects.listed(text)
            # Another list beside a number, of speakers or sectors, is of another length mostly.
            if len(names) < 3 or len(names) > 60 or not _lists(figure, text):
                continue
            hit = len(names) == number
            if not hit and text is figure.who:
                continue
            yield Finding(
                "count", (figure.id,), TIES if hit else OFF if not figure.hedge else CANNOT,
                "count.ties" if hit else "count.off",
                {"names": ", ".join(names), "listed": str(len(names)), "told": str(number)},
                with_unit(figure), f"{len(names)} names", str(number - len(names)), "0",
            )  # fmt: skip
            break


def _rank(word: str) -> int:
    return _ORDINALS.index(word) + 1 if word in _ORDINALS else int(re.sub(r"\D", "", word))


_SEMICOLON = re.compile("[;؛]")


def _lists(figure: Figure, text: str) -> bool:
    """Whether a list may be that of the things counted: places of places, bodies that sign."""
    noun = figure.unit.dimension[0][0]
    if noun in {"organisa", "organiza", "body", "institu", "party", "ministry", "agency"}:
        return text is figure.who or bool(_SEMICOLON.search(text))
    return text is figure.sector and bool(_SEMICOLON.search(text))


def propose_places(figures: Sequence[Figure]) -> Iterator[Finding]:
    """Name every place that the lists know more than once in the country spoken of."""
    named = {
        name: _codes(name)
        for figure in figures
        for name in subjects.listed(figure.sector)
        if _may_be_place(name)
    }
    countries = Counter(codes[0][:2] for codes in named.values() if len(codes) == 1)
    home = countries.most_common(1)[0][0] if countries else None
    for figure in figures:
        for name in dict.fromkeys(subjects.listed(figure.sector)):
            codes = named.get(name, ())
            here = [c for c in codes if home is None or c.startswith(f"{home}-")]
            if len(here) < 2:
                continue
            told = "; ".join(f"{code} {places.name(code)}" for code in here)
            yield Finding(
                "place", (figure.id,), PLACE, "place.several",
                {"name": name, "number": str(len(here)), "codes": told}, name, told,
            )  # fmt: skip


def _may_be_place(name: str) -> bool:
    words = name.split()
    first = name[:1]
    return (
        len(words) <= 4
        and not re.search(r"\d", name)
        and (first.isupper() or bool(re.match("[\u0600-\u06ff]", first)))
    )


@cache
def _codes(name: str) -> tuple[str, ...]:
    """Give the codes of the places that are known by just this name."""
    return tuple(places._named(name))
