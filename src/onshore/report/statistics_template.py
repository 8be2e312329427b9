"""The template of a statistical bulletin: what a statistician writes, read with every fault named.

It is a TOML file: ``[bulletin]`` for the whole, one ``[[section]]`` for each question.
"""

import re
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final

from onshore.figures import FigureError, Period
from onshore.report.words import Locale

EACH: Final = "each"
ALL: Final = "all"
ITSELF: Final = "itself"
PART_OF: Final = "part_of"
SHOWN: Final = ("headline", "growth", "course", "whole", "table", "wide table", "targets")
EVERY: Final = ("year", "half", "quarter", "month", "range")

OF_ALL: Final = ("programme", "country")
OF_PERIODS: Final = ("first", "last", "span")
OF_GROWTH: Final = ("rising", "compared")
OF_SECTION: Final = (*OF_ALL, "indicator", "products", "figures", *OF_PERIODS, *OF_GROWTH)
OF_PART: Final = ("product", "period", "before", "value", "value_before", "change", "moved")
OF_WHOLE: Final = ("whole", "whole_value", "whole_before", "whole_change", "whole_moved")
OF_HEADLINE: Final = (*OF_PART, *OF_WHOLE)

_LAST: Final = re.compile(r"last ([1-9][0-9]{0,2})")
_AT_LINE: Final = re.compile(r"\(at line ([0-9]+), column [0-9]+\)")
_HOW: Final = "See a template that works: onshore series template --out template.toml"

Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class TemplateFault:
    """A fault of a template: its line, what is wrong, and what mends it."""

    line: int
    reason: str
    next_step: str


class TemplateErrors(ValueError):
    """A template that cannot be used; the message gives every fault by its line.

    Parameters
    ----------
    where
        Name of the file.
    faults
        In the order of their lines.
    """

    def __init__(self, where: str, faults: list[TemplateFault]) -> None:
        self.where = where
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(
            "\n".join(
                f"{where}, line {fault.line}: {fault.reason}\n  next: {fault.next_step}"
                for fault in self.faults
            )
        )


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    en: str = ""
    fa: str = ""

    def of(self, locale: Locale) -> str:
        """Give the text in a language."""
        return self.fa if locale == "fa" else self.en


@dataclass(frozen=True)
class SectionPlan:
    """A section as the template asks for it.

    ``periods`` are canonical texts; ``last`` keeps only so many of the newest periods, and 0 all.
    ``line`` and ``lines`` tell where its keys stand.
    """

    line: int
    lines: Mapping[str, int]
    name: Text
    indicator: str
    title: Text = Text()
    lead: Text = Text()
    empty: Text = Text()
    notes: tuple[Text, ...] = ()
    products: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    last: int = 0
    every: str = ""
    show: tuple[str, ...] = ("growth", "table")
    headline: str = ""
    whole: tuple[str, ...] = ()
    whole_name: Text = Text()


@dataclass(frozen=True)
class StatisticsTemplate:
    """A template of a statistical bulletin, as ``read_template`` gives it."""

    where: str
    title: Text
    subtitle: Text
    notices: tuple[Text, ...]
    foot: Text
    sections: tuple[SectionPlan, ...]


def default_template() -> str:
    """Give the template that is used where a programme has none: text to be edited.

    Examples
    --------
    >>> len(read_template(default_template(), "default").sections)
    2
    """
    return files("onshore.report").joinpath("statistics_template.toml").read_text(encoding="utf-8")


def read_template(text: str, where: str) -> StatisticsTemplate:
    """Read a template.

    Parameters
    ----------
    text
        The file's text, TOML.
    where
        The file's name, for errors.

    Raises
    ------
    TemplateErrors
        Every fault by its line: a key that is not known, a text with a placeholder that is not,
        a period that cannot be read, a headline without its whole.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = _AT_LINE.search(str(wrong))
        line = int(found[1]) if found else text.count("\n") + 1
        reason = f"it is not TOML: {_AT_LINE.sub('', str(wrong)).strip()}"
        step = "Look for a quote, a bracket or a comma that is missing there or just above."
        raise TemplateErrors(where, [TemplateFault(line, reason, step)]) from None
    reading = _Reading(text)
    template = reading.template(tree, where)
    if reading.faults or template is None:
        raise TemplateErrors(where, reading.faults)
    return template


@dataclass
class _Reading:
    """Reads the tree of a template and gathers its faults."""

    text: str
    faults: list[TemplateFault] = field(default_factory=list)

    def template(self, tree: dict[str, Any], where: str) -> StatisticsTemplate | None:
        """Read the whole template; None where nothing can be made of it."""
        self.lines = _lines(self.text)
        self.unknown(tree, ("bulletin", "section"), ())
        head, sections = tree.get("bulletin", {}), tree.get("section", [])
        if not isinstance(head, dict) or not isinstance(sections, list):
            self.fault((), "[bulletin] or [[section]] is written otherwise", _HOW)
            return None
        if not sections:
            self.fault((), "there is no [[section]]", _HOW)
        self.unknown(head, _BULLETIN, ("bulletin",))
        values = {
            key: self.value(head, key, reader, ("bulletin",)) for key, reader in _BULLETIN.items()
        }
        if not head.get("title"):
            self.fault(("bulletin",), "the bulletin has no title", 'Write title = "...".')
        for key, value in values.items():
            for text in _texts(value):
                self.placeholders(text, OF_ALL, ("bulletin", key))
        plans = [self.section(entry, number) for number, entry in enumerate(sections)]
        return StatisticsTemplate(
            where=where,
            title=values["title"] or Text(),
            subtitle=values["subtitle"] or Text(),
            notices=values["notices"] or (),
            foot=values["foot"] or Text(),
            sections=tuple(plan for plan in plans if plan is not None),
        )

    def section(self, entry: Any, number: int) -> SectionPlan | None:
        """Read one section; None where it lacks what it cannot be without."""
        path = ("section", number)
        if not isinstance(entry, dict):
            self.fault(path, "a section is not a table", "Write [[section]] above its keys.")
            return None
        self.unknown(entry, (*_SECTION, "periods", "whole"), path)
        values = {key: self.value(entry, key, reader, path) for key, reader in _SECTION.items()}
        values |= self.value(entry, "periods", _periods, path) or {}
        values["whole"] = self.value(entry, "whole", _whole, path)
        told: tuple[str, ...] = OF_PART if values["headline"] else ()
        told += OF_WHOLE if values["headline"] and values["whole"] not in (None, (ITSELF,)) else ()
        for key, value in values.items():
            allowed = (*OF_ALL, "indicator") if key in ("name", "empty") else (*OF_SECTION, *told)
            for text in _texts(value):
                self.placeholders(text, allowed, (*path, key))
        self.headline(entry, values, path)
        if not (values["name"] and values["indicator"]):
            for key in ("name", "indicator"):
                if key not in entry:
                    self.fault(path, f"the section has no {key}", f'Write {key} = "...".')
            return None
        lines = {key: self.line((*path, key)) for key in entry}
        given = {key: value for key, value in values.items() if value is not None}
        return SectionPlan(line=self.line(path), lines=lines, **given)

    def headline(self, entry: dict[str, Any], values: dict[str, Any], path: Any) -> None:
        """Ask for the whole of a headline: one product's rise can hide a fall of all."""
        if entry.get("headline") and not entry.get("whole"):
            self.fault(
                (*path, "headline"),
                "a headline stands alone",
                "Name the parts of its whole, itself among them: whole = [...]; or write "
                'whole = "part_of" where the table names it, "itself" where it is the whole.',
            )
        whole, headline = values["whole"], values["headline"]
        named = whole and whole not in ((ITSELF,), (PART_OF,))
        if headline and named and headline not in whole:
            self.fault(
                (*path, "whole"),
                f"'{headline}' is not among its whole",
                "Add it to the list: a whole holds all its parts.",
            )
        shown = values["show"]
        if shown and "headline" in shown and not entry.get("headline"):
            self.fault(
                (*path, "show"),
                "a headline is to be shown, and none is named",
                'Write headline = "..." and whole = [...], or take "headline" from the list.',
            )

    def value(self, tree: dict[str, Any], key: str, reader: Reader, path: tuple[Any, ...]) -> Any:
        """Read the value of a key; None where it is absent or wrong."""
        if key not in tree:
            return None
        try:
            return reader(tree[key])
        except (_Wrong, FigureError) as wrong:
            reason, _, step = str(wrong).partition(". ")
            self.fault((*path, key), f"{key}: {reason}", step or _HOW)
            return None

    def unknown(self, tree: Mapping[str, Any], known: Any, path: tuple[Any, ...]) -> None:
        """Name the keys that mean nothing."""
        for key in tree:
            if key not in known:
                near = get_close_matches(key, list(known), 1)
                step = f"Write {near[0]}." if near else f"Known are: {', '.join(known)}."
                self.fault((*path, key), f"'{key}' means nothing here", step)

    def placeholders(self, text: str, allowed: tuple[str, ...], path: tuple[Any, ...]) -> None:
        """Name the placeholders of a text that nothing fills."""
        try:
            parts = list(string.Formatter().parse(text))
        except ValueError:
            step = "Close each { with }; for a brace itself, write {{ or }}."
            self.fault(path, f"a brace is open in '{text}'", step)
            return
        for _, name, form, conversion in parts:
            if name is None:
                continue
            if name not in allowed or form or conversion:
                near = get_close_matches(name, allowed, 1)
                step = f"Write {{{near[0]}}}." if near else f"Known here: {', '.join(allowed)}."
                if name in OF_HEADLINE:
                    step = "It is filled by a headline with its whole: name both, or delete it."
                self.fault(path, f"nothing fills {{{name}}} here", step)

    def fault(self, path: tuple[Any, ...], reason: str, next_step: str) -> None:
        """Note a fault at the line of a key."""
        fault = TemplateFault(self.line(path), reason, next_step)
        if fault not in self.faults:
            self.faults.append(fault)

    def line(self, path: tuple[Any, ...]) -> int:
        """Find the line of a key, or of what it stands in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Wrong(ValueError):
    """A value that cannot be used: what is wrong. What mends it."""


def _lines(text: str) -> dict[tuple[Any, ...], int]:
    """Find the lines of a template's tables and keys."""
    lines: dict[tuple[Any, ...], int] = {}
    table: tuple[Any, ...] = ()
    counts: dict[str, int] = {}
    within = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not within:
            if head := re.match(r"\s*\[\[\s*([\w-]+)\s*\]\]", line):
                counts[head[1]] = counts.get(head[1], -1) + 1
                table = (head[1], counts[head[1]])
                lines[table] = number
            elif head := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
                table = (head[1],)
                lines[table] = number
            elif key := re.match(r"\s*([\w-]+)\s*[=.]", line):
                lines.setdefault((*table, key[1]), number)
        for quotes in re.findall(r'"""|\'\'\'', line):
            within = "" if within == quotes else within or quotes
    return lines


def _texts(value: Any) -> list[str]:
    if isinstance(value, Text):
        return [value.en, value.fa]
    if isinstance(value, tuple):
        return [text for part in value if isinstance(part, Text) for text in (part.en, part.fa)]
    return []


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f"{value!r} is not a text. Write it in quotes.")
    return value.strip()


def _text(value: Any) -> Text:
    if isinstance(value, dict):
        if set(value) != {"en", "fa"}:
            raise _Wrong('a text has other languages. Write { en = "...", fa = "..." }.')
        return Text(_string(value["en"]), _string(value["fa"]))
    return Text(_string(value), _string(value))


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _Wrong(f'{value!r} is not a list. Write ["...", "..."].')
    return tuple(dict.fromkeys(_string(part) for part in value))


def _text_list(value: Any) -> tuple[Text, ...]:
    if not isinstance(value, list):
        raise _Wrong('it is not a list. Write ["...", "..."].')
    return tuple(_text(part) for part in value)


def _choice(known: tuple[str, ...]) -> Reader:
    def read(value: Any) -> str:
        if value not in known:
            raise _Wrong(f"{value!r} is not known. Write one of: {', '.join(known)}.")
        return str(value)

    return read


def _choices(known: tuple[str, ...]) -> Reader:
    one = _choice(known)
    return lambda value: tuple(one(part) for part in _strings(value))


def _whole(value: Any) -> tuple[str, ...]:
    return (value,) if value in (ITSELF, PART_OF) else _strings(value)


def _periods(value: Any) -> dict[str, Any]:
    if value == "all":
        return {}
    if isinstance(value, str):
        last = _LAST.fullmatch(value)
        if not last:
            raise _Wrong(f'\'{value}\' names no periods. Write "all", "last 4" or a list.')
        return {"last": int(last[1])}
    return {"periods": tuple(str(Period.parse(text).named()) for text in _strings(value))}


_BULLETIN: Final[dict[str, Reader]] = {
    "title": _text,
    "subtitle": _text,
    "notices": _text_list,
    "foot": _text,
}
_SECTION: Final[dict[str, Reader]] = {
    "name": _text,
    "indicator": _string,
    "title": _text,
    "lead": _text,
    "empty": _text,
    "notes": _text_list,
    "products": _strings,
    "places": _strings,
    "partners": _strings,
    "every": _choice(EVERY),
    "show": _choices(SHOWN),
    "headline": _string,
    "whole_name": _text,
}
