"""What the desk acknowledged stays, even when its server is killed in the middle of writing."""

import pytest

from desk import killing


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_the_server_is_killed() -> None:
    acknowledged, told = killing.rounds(5)
    assert told == []
    assert acknowledged > 5 * killing.CLIENTS
