"""Fixtures for every room's tests."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]


# The first example of a test may load data; a slow machine is no failure. In CI the examples
# are always the same, so that a red run can be repeated.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture(scope="session")
def worked_example() -> Path:
    """The folder of the worked example."""
    return ROOT / "examples" / "steel"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of data sets that are not part of the repository, or a skip."""
    folder = Path(os.environ.get("ONSHORE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"needs the shared data sets; there is no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; absent, a skip, but a failure in CI, which installs it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium: .ci/run should have installed it")
        pytest.skip("needs Chromium")
    return path
