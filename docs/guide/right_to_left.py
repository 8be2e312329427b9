"""Sets the pages that are written in Persian from right to left, with Persian words around them."""

from typing import Any


def on_page_context(context: Any, *, page: Any, config: Any, **_others: Any) -> Any:
    """Give the theme the language of the page that it is about to show."""
    persian = page.file.src_uri.endswith(".fa.md")
    config.theme["language"] = "fa" if persian else "en"
    config.theme["direction"] = "rtl" if persian else "ltr"
    return context
