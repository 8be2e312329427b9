"""Every command that the documents show runs, in the order they show it."""

import re
import shlex
from pathlib import Path

import pytest

from onshore.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# `check` on a page may well be shown on sheets with errors.
FINE = {0}


def commands(page: Path) -> list[list[str]]:
    shown = "\n".join(SHELL.findall(page.read_text(encoding="utf-8")))
    told, found = {}, []
    for line in shown.replace("\\\n", " ").splitlines():
        if named := re.fullmatch(r"([A-Z]+)=(\S+)", line):
            told[f"${named[1]}/"] = f"{named[2]}/"
            continue
        for name, meant in told.items():
            line = line.replace(name, meant)
        if line.strip():
            found.append(shlex.split(line, comments=True))
    return found


def pages_with(program: str) -> list[Path]:
    return [p for p in PAGES if any(c and c[0] == program for c in commands(p))]


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("onshore"), ids=lambda p: p.name)
def test_the_commands_of_a_page_run(page, tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    shown = [c[1:] for c in commands(page) if c and c[0] == "onshore"]
    if not any(c[0] == "new" for c in shown):
        assert main(["new", "my-programme"]) == 0
    for words in shown:
        assert main(words) in FINE, f"{page.name}: onshore {shlex.join(words)}"


def test_the_commands_of_run_that_documents_name_exist():
    known = set(re.findall(r"^([a-z]+)\)$", (ROOT / "run").read_text(), re.MULTILINE))
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        named = {c[1] for c in commands(page) if c and c[0] == "./run" and len(c) > 1}
        assert named <= known, f"{page.name} names {named - known}"


def test_links_between_documents_lead_somewhere():
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "examples/steel/README.md"]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
