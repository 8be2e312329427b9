"""The texts of a bulletin: one key, both languages."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Locale = Literal["en", "fa"]


@cache
def texts() -> dict[str, dict[str, str]]:
    """Return every text by its dotted key, then by language, as ``words.toml`` holds them."""
    with files("onshore.report").joinpath("words.toml").open("rb") as file:
        tree = tomllib.load(file)
    flat: dict[str, dict[str, str]] = {}
    _flatten(tree, "", flat)
    return flat


def _flatten(tree: dict[str, Any], prefix: str, flat: dict[str, dict[str, str]]) -> None:
    for name, branch in tree.items():
        if "en" in branch:
            flat[prefix + name] = branch
        else:
            _flatten(branch, f"{prefix}{name}.", flat)


class Words:
    """The texts of one language.

    Parameters
    ----------
    locale
        ``en`` or ``fa``.

    Examples
    --------
    >>> Words("en").say("html.contents")
    'Contents'
    >>> Words("fa").say("html.contents")
    'فهرست'
    >>> Words("en").name("item class", "raw material")
    'Raw material'
    >>> Words("fa").name("item class", "a class of one's own")
    "a class of one's own"
    """

    def __init__(self, locale: Locale) -> None:
        self.locale = locale

    def say(self, key: str, **values: object) -> str:
        """Return the text of a key with its placeholders filled."""
        return texts()[key][self.locale].format(**values)

    def count(self, key: str, how_many: int, **values: object) -> str:
        """Return the text for one or for several: ``KEY.one`` or ``KEY.other``."""
        return self.say(f"{key}.{'one' if how_many == 1 else 'other'}", **values)

    def name(self, kind: str, term: str) -> str:
        """Return the name of a term the data use, or the term itself where none is known.

        A programme may use terms of its own, in whatever language; they are shown as written.
        """
        known = texts().get(f"name.{kind}.{term}")
        return known[self.locale] if known else term
