"""What the desk says: every message of its code and templates, and the Persian of each."""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

DESK = Path(__file__).parents[2] / "src" / "onshore" / "desk"
LOCALE = DESK / "locale"
_KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "_translated", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def messages() -> dict[tuple[str, str], list[str]]:
    """Give each message as (context, English) with the places where it is said."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(DESK.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt") or "migrations" in path.parts:
            continue
        for context, english, line in _of_file(path):
            found.setdefault((context, english), []).append(f"{path.relative_to(DESK)}:{line}")
    return found


def _of_file(path: Path) -> Iterator[tuple[str, str, int]]:
    text = path.read_text(encoding="utf-8")
    code = text if path.suffix == ".py" else templatize(text, origin=str(path))
    lines = extract_python(BytesIO(code.encode()), _KEYWORDS, [], {"encoding": "utf-8"})
    for line, function, told, _comments in lines:
        parts = tuple(told) if isinstance(told, tuple | list) else (told,)
        if function.startswith(("np", "pg")):
            if isinstance(parts[0], str) and isinstance(parts[1], str):
                yield parts[0], parts[1], line
        elif isinstance(parts[0], str) and parts[0]:
            yield "", parts[0], line


@cache
def catalogues() -> dict[str, object]:
    """Give the Persian catalogues by the subject that each is for."""
    found = {}
    for path in sorted(LOCALE.glob("*/fa/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            found[path.relative_to(LOCALE).parts[0]] = read_po(file, locale="fa")
    return found


def persian() -> dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]]:
    """Give what each message is in Persian, with the catalogues that say so."""
    told: dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]] = {}
    for subject, catalogue in catalogues().items():
        for message in catalogue:  # type: ignore[attr-defined]
            if not message.id or message.fuzzy:
                continue
            english = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else message.string
            if all(forms):
                key = (message.context or "", english)
                told.setdefault(key, []).append((subject, tuple(forms)))
    return told


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|%%")
