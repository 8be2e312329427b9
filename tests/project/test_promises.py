"""What the repository promises about itself: its lock file, its floors, its documents."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = [
    "account", "chain", "cli", "codes", "desk", "economy", "explore", "figures", "match",
    "plan", "records", "report", "series", "trade",
]  # fmt: skip


def test_the_lock_file_names_public_registries_only():
    hosts = set(re.findall(r"https?://[^/\"]+", (ROOT / "uv.lock").read_text()))
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_the_rooms_of_the_house_are_the_packages():
    packages = sorted(p.parent.name for p in (ROOT / "src/onshore").glob("*/__init__.py"))
    assert packages == ROOMS


def test_no_file_names_a_path_of_some_machine():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    here = Path(__file__).relative_to(ROOT).as_posix()
    machine = re.compile(rb"(/home/\w+/|/Users/\w+/|/root/|/work/|/tmp/\w)")
    texts = (".py", ".md", ".toml", ".csv", ".sh", ".yml", ".lock", "run")
    found = [
        name
        for name in tracked
        if name.endswith(texts) and name != here and machine.search((ROOT / name).read_bytes())
    ]
    assert found == []


def test_importing_onshore_is_light():
    heavy = {"polars", "numpy", "highspy", "typst", "xlsxwriter", "babel", "jinja2"}
    code = f"import sys, onshore; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_generated_pages_are_fresh():
    done = subprocess.run(
        [sys.executable, ROOT / "docs/generate.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_documentation_builds_without_warnings(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "index.html").exists()


def test_run_lists_its_commands_and_refuses_others():
    listed = subprocess.run(["sh", ROOT / "run", "help"], capture_output=True, text=True)
    assert listed.returncode == 0
    for command in ("setup", "demo", "test", "serve", "bench", "lint", "docs"):
        assert f"\n  {command}" in listed.stdout
    wrong = subprocess.run(["sh", ROOT / "run", "dmeo"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "dmeo" in wrong.stderr


def test_test_files_have_names_of_their_own():
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []
