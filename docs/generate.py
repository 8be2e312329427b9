"""Write docs/records.md and docs/commands.md from the schemas and from the commands' own help.

python docs/generate.py          write them
python docs/generate.py --check  exit 1 when they are stale
"""

import contextlib
import csv
import io
import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
TABLES = HERE.parent / "src" / "onshore" / "records" / "tables"
COMMANDS = (
    "new", "check", "run", "match", "match rank", "match why", "match train", "merge",
    "merge items", "merge makers", "merge learn", "merge score", "merge remember", "merge recall",
    "classify", "classify items", "classify learn", "plan", "account",
    "account content", "account parts", "account formulas", "account jobs", "account imports",
    "account equivalents", "reconcile", "series", "series growth", "series targets",
    "series forecast", "series projects", "series export", "series bulletin", "series template",
    "trade", "trade dependency", "trade complexity", "trade opportunity", "trade exports",
    "economy", "economy multipliers", "economy linkages", "economy extract", "economy substitute",
    "economy decompose", "economy regions",
    "chain", "chain run", "chain target", "chain shock", "chain expand",
    "explore", "explore weights", "explore train", "explore map", "explore validate",
    "explore targets", "explore desurvey", "explore resources",
    "rates", "serve", "load", "export", "audit", "audit verify", "audit head", "backup", "restore",
)  # fmt: skip


def records_page() -> str:
    """Give the page of all tables and columns."""
    lines = [
        "# The records",
        "",
        "One table a file. `*` marks the columns that must be there. Types: *key* a stable id,",
        "*ref* the key of another table, *money* and *number* decimals that are not negative,",
        "*signed* a decimal, *share* a fraction (0.35 or 35 %), *whole* an integer, *list* texts",
        "joined by `;`.",
        "This page is written from the schemas that the reader itself uses.",
        "",
    ]
    for table in _rows(TABLES / "_tables.csv"):
        lines += [f"## {table['table']}", "", f"{table['meaning']} Key: `{table['key']}`.", ""]
        lines += [
            "| column | type | unit | meaning | also known as |",
            "| --- | --- | --- | --- | --- |",
        ]
        for column in _rows(TABLES / f"{table['table']}.csv"):
            star = "*" if column["required"] else ""
            cells = [
                f"`{column['column']}`{star}",
                column["type"].replace("/", ", "),
                column["unit"],
                column["meaning"],
                column["synonyms"].replace(";", ","),
            ]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Give the page of every command's help."""
    os.environ["COLUMNS"] = "92"
    lines = ["# The command line", "", "Written from the commands' own help.", ""]
    lines += ["```text", _help(""), "```", ""]
    for command in COMMANDS:
        lines += [f"## onshore {command}", "", "```text", _help(command), "```", ""]
    return "\n".join(lines)


def _help(command: str) -> str:
    from onshore.cli import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([*command.split(), "--help"])
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Write the pages, or say which are stale."""
    pages = {"records.md": records_page(), "commands.md": commands_page()}
    if "--check" not in sys.argv:
        for name, text in pages.items():
            (HERE / name).write_text(text, encoding="utf-8")
        return 0
    stale = [n for n, t in pages.items() if (HERE / n).read_text(encoding="utf-8") != t]
    for name in stale:
        print(f"docs/{name} is stale: run python docs/generate.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
