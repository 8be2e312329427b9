"""The page on planning under risk says what the code does."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "plan_risk.md"


def test_the_examples_of_the_page_run():
    run = doctest.testfile(str(PAGE), module_relative=False)
    assert run.attempted > 20
    assert run.failed == 0
