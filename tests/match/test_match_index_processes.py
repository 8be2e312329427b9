"""Needs ranked in several processes, and an index that is being saved when its process ends."""

import os
import shutil
import subprocess
import sys

import polars as pl
import pytest

from onshore.match import MatchError, find_candidates, spread
from onshore.match.index import Index
from onshore.match.lines import read_line
from onshore.match.spread import rank_spread

GOODS = ["gate valve DN200 PN16", "شیر کشویی DN250", "задвижка", "bearing 6205", "KX-8814", ""]
OFFERS = pl.DataFrame(
    {
        "offer_id": [f"O{at}" for at in range(60)],
        "description": [f"{GOODS[at % 6]} {GOODS[at // 6 % 5]} {at % 7} kW" for at in range(60)],
    }
)
NEEDS = pl.DataFrame(
    {"need_id": [f"N{at}" for at in range(23)], "description": [GOODS[at % 6] for at in range(23)]}
)


@pytest.mark.parametrize("processes", [1, 3])
def test_ranking_does_not_depend_on_the_number_of_processes(processes, monkeypatch):
    monkeypatch.setattr(spread, "_AT_ONCE", 4)
    ranked = rank_spread(NEEDS, OFFERS, top=7, model=None, processes=processes)
    assert ranked.equals(find_candidates(NEEDS, OFFERS, top=7))


def test_tables_without_rows_are_ranked_too():
    for needs, offers in ((NEEDS.clear(), OFFERS), (NEEDS, OFFERS.clear())):
        ranked = rank_spread(needs, offers, top=7, model=None, processes=2)
        assert ranked.equals(find_candidates(needs, offers, top=7))
        assert ranked.is_empty()


def test_bad_tables_are_refused_as_in_one_process():
    twice = pl.concat([NEEDS, NEEDS])
    with pytest.raises(MatchError) as alone:
        find_candidates(twice, OFFERS)
    with pytest.raises(MatchError) as spread_out:
        rank_spread(twice, OFFERS, top=7, model=None, processes=2)
    assert str(spread_out.value) == str(alone.value)


def refusing(word):
    def refuse(part):
        raise MatchError(f"{word} {part.height}")

    return refuse


def test_what_the_work_refuses_is_refused():
    with pytest.raises(MatchError, match="not this: 23"):
        list(spread.spread(refusing, ("not this:",), [NEEDS], processes=2))


def test_a_process_that_ends_is_named():
    with pytest.raises(MatchError, match="fewer processes"):
        list(spread.spread(os._exit, (3,), [NEEDS], processes=2))


# Saves a changed index in each folder, and is killed at the first, the second, ... thing that this
# does to files. Nothing of Polars has run before the process is forked.
SAVE_AND_DIE = """
import os, signal, sys
import polars as pl
from onshore.match.index import Index

def save(folder, at):
    index = Index.open(folder)
    index.change(pl.DataFrame({"offer_id": ["O1"], "description": ["zanto"]}))
    events = []
    def count(event, given):
        touched = event == "open" and folder in str(given)
        if touched or event in ("os.rename", "os.remove", "os.rmdir"):
            events.append(event)
            if len(events) == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    index.save(folder)

for at, folder in enumerate(sys.argv[1:], start=1):
    process = os.fork()
    if not process:
        save(folder, at)
        os._exit(0)
    print(os.waitpid(process, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="ends processes by a signal of Unix")
def test_an_index_is_the_old_or_the_new_one_whenever_its_saving_is_killed(tmp_path):
    Index.of(OFFERS).save(tmp_path / "old")
    new = Index.open(tmp_path / "old")
    new.change(pl.DataFrame({"offer_id": ["O1"], "description": ["zanto"]}))
    whole = [ids_of(Index.of(OFFERS)), ids_of(new)]
    assert whole[0] != whole[1]
    folders = [shutil.copytree(tmp_path / "old", tmp_path / f"copy-{at}") for at in range(20)]
    command = [sys.executable, "-c", SAVE_AND_DIE, *map(str, folders)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    ended = list(map(int, said.split()))
    assert ended[0] == 9  # killed
    assert ended[-1] == 0  # went through: every step of saving has been tried
    for folder, status in zip(folders, ended, strict=True):
        opened = Index.open(folder)
        assert ids_of(opened) in (whole if status else whole[1:])
        opened.save(folder)  # and what is left of the killed process is in nobody's way
        assert ids_of(Index.open(folder)) == ids_of(opened)


def ids_of(index):
    found = index.retrieve([read_line(line) for line in (*GOODS, "zanto")], 5)
    return [[index.ids[at] if at >= 0 else None for at in row] for row in found.positions.tolist()]
