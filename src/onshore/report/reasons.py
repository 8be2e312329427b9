"""Reasons that other rooms give in English, in the bulletin's language and by their kind."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from onshore.report.words import Locale

_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True)
class Reason:
    """A sentence with places to be filled, in both languages, and its kind, if it has one."""

    pattern: re.Pattern[str]
    text: dict[str, str]
    kind: dict[str, str] | None


@cache
def reasons() -> tuple[Reason, ...]:
    """Return every reason that is known, as ``reasons.toml`` holds them."""
    with files("onshore.report").joinpath("reasons.toml").open("rb") as file:
        rooms = tomllib.load(file)
    return tuple(
        Reason(
            pattern=re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+?)", re.escape(entry["en"])), re.DOTALL),
            text={"en": entry["en"], "fa": entry["fa"]},
            kind=entry.get("kind"),
        )
        for room in rooms.values()
        for entry in room.values()
    )


def reason_in(locale: Locale, text: str) -> str:
    """Write a reason in a language; one that is not known is left as it was written.

    Examples
    --------
    >>> reason_in("fa", "the maker is abroad")
    'سازنده در خارج است'
    """
    found = _find(text)
    if found is None or locale == "en":
        return text
    reason, values = found
    return reason.text[locale].format(**values)


def kind_in(locale: Locale, text: str) -> str:
    """Name what a reason has in common with others; a reason without a kind is its own.

    Examples
    --------
    >>> kind_in("en", "the need begins in 1412, after the plan's last year")
    "the need begins after the plan's last year"
    """
    found = _find(text)
    if found is None or found[0].kind is None:
        return reason_in(locale, text)
    return found[0].kind[locale]


def _find(text: str) -> tuple[Reason, dict[str, str]] | None:
    for reason in reasons():
        match = reason.pattern.fullmatch(text)
        if match:
            return reason, match.groupdict()
    return None
