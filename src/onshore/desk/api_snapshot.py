"""The description of the API as a file, so that a change of it is seen where it is made.

``python -m onshore.desk.api_snapshot`` renews ``docs/api/openapi.json`` of a checkout.
"""

import json
import os
from pathlib import Path
from typing import Any

PLACE = Path("docs") / "api" / "openapi.json"


def text(described: dict[str, Any]) -> str:
    """Write a description with one line for each operation and each component."""
    told = json.loads(json.dumps(described, sort_keys=True))
    parts = [
        *_lines("paths", told.pop("paths")),
        *(f'"{name}": {_plain(told.pop(name))},' for name in ("info", "openapi", "servers")),
        '"components": {',
    ]
    components = told.pop("components")
    for number, (kind, of) in enumerate(sorted(components.items())):
        lines = _lines(kind, of)
        if number == len(components) - 1:
            lines[-1] = "}"
        parts += lines
    return "\n".join(["{", *parts, "}", "}"]) + "\n"


def _lines(name: str, of: dict[str, Any]) -> list[str]:
    rows = [f"{_plain(key)}: {_plain(value)}," for key, value in sorted(of.items())]
    if rows:
        rows[-1] = rows[-1].removesuffix(",")
    return [f"{_plain(name)}: {{", *rows, "},"]


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def main() -> None:
    """Write the description to its place, from the top folder of a checkout."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onshore.desk.settings")
    import django

    django.setup()
    from onshore.desk.api import document

    PLACE.write_text(text(document()), encoding="utf-8")


if __name__ == "__main__":
    main()
