"""What the desk acknowledged stays, even when its server is killed in the middle of writing."""

from pathlib import Path

import pytest

from desk import killing

ROUNDS = 4


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(empty_desk: Path) -> None:
    acknowledged, told = killing.rounds(ROUNDS, empty_desk=empty_desk)
    assert told == []
    assert acknowledged > ROUNDS * killing.CLIENTS
