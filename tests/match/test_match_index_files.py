"""A saved index: the same when opened, refused when it is not as it was written."""

import json
import struct

import polars as pl
import pytest

from onshore.match import MatchError, stored
from onshore.match.index import Index
from onshore.match.lines import read_line
from onshore.match.shards import Shards

OFFERS = pl.DataFrame(
    {
        "offer_id": ["A", "B", "C"],
        "description": ["gate valve DN200", "شیر کشویی", None],
        "part_number": ["KX-8814", None, "6205"],
    }
)
NEEDS = [read_line(need) for need in ("gate valve", "kx8814", "شیر", "bearing 6205", "")]


def results(index):
    got = index.retrieve(NEEDS, 3)
    ids = [[index.ids[at] if at >= 0 else None for at in row] for row in got.positions.tolist()]
    return ids, got.score.tolist(), got.words.tolist(), got.numbers.tolist()


@pytest.fixture
def saved(tmp_path):
    Index.of(OFFERS).save(tmp_path / "index")
    return tmp_path / "index"


def segment_of(folder):
    (segment,) = folder.glob("segment-*")
    return segment


def test_an_opened_index_answers_as_the_saved_one(saved):
    assert results(Index.open(saved)) == results(Index.of(OFFERS))


def test_an_opened_index_can_be_changed_and_saved_again(saved):
    index = Index.open(saved)
    index.add(OFFERS.head(1).with_columns(offer_id=pl.lit("D")))
    index.remove(["A"])
    index.save(saved)
    assert results(Index.open(saved)) == results(index)
    assert len(list(saved.glob("segment-*"))) == len(index.snapshot.parts)


def test_saving_keeps_other_files_and_segments_that_are_there(saved):
    (saved / "notes.txt").write_text("mine")
    before = segment_of(saved).stat().st_mtime_ns
    Index.open(saved).save(saved)
    assert segment_of(saved).stat().st_mtime_ns == before
    assert (saved / "notes.txt").read_text() == "mine"


def test_an_empty_index_can_be_saved(tmp_path):
    Index.of(OFFERS.head(0)).save(tmp_path)
    assert len(Index.open(tmp_path)) == 0


def cut(folder):
    path = segment_of(folder)
    path.write_bytes(path.read_bytes()[:-100])


def cut_to_the_start(folder):
    segment_of(folder).write_bytes(b"onshore\n")


def emptied(folder):
    segment_of(folder).write_bytes(b"")


def one_bit_turned(folder):
    path = segment_of(folder)
    content = bytearray(path.read_bytes())
    content[-500] ^= 1
    path.write_bytes(content)


def another_version(folder):
    path = segment_of(folder)
    content = bytearray(path.read_bytes())
    content[8:12] = struct.pack("<I", 99)
    path.write_bytes(content)


def another_version_of_the_list(folder):
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))


def another_file(folder):
    segment_of(folder).write_bytes(b"PK\3\4" * 100)


def a_segment_gone(folder):
    segment_of(folder).unlink()


def the_list_gone(folder):
    (folder / "index.json").unlink()


def the_list_cut(folder):
    (folder / "index.json").write_text('{"format": "onsh')


def the_list_leads_elsewhere(folder):
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"segments": ["../x"]}))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (cut, "cut short or damaged"),
        (cut_to_the_start, "cut short"),
        (emptied, "cut short"),
        (one_bit_turned, "damaged"),
        (another_version, "version 99, this onshore reads version 1"),
        (another_version_of_the_list, "version 99, this onshore reads version 1"),
        (another_file, "not a segment of an index"),
        (a_segment_gone, "missing"),
        (the_list_gone, "Index.save"),
        (the_list_cut, "not the list"),
        (the_list_leads_elsewhere, "not the list"),
    ],
)
def test_an_index_that_is_not_as_written_is_refused_with_what_to_do(harm, said, saved):
    harm(saved)
    with pytest.raises(MatchError, match=said) as refused:
        Index.open(saved)
    assert "Build it again" in str(refused.value) or "Give the folder" in str(refused.value)


def test_an_index_read_by_another_glossary_is_refused(saved, monkeypatch):
    monkeypatch.setattr(stored, "reading", lambda: "another")
    with pytest.raises(MatchError, match="another glossary"):
        Index.open(saved)


def test_shards_that_cannot_be_opened_are_refused(tmp_path):
    with pytest.raises(MatchError, match="no shards are here"):
        Shards(tmp_path)
    Shards.build(OFFERS, tmp_path, shards=2)
    with pytest.raises(MatchError, match="shards are here already"):
        Shards.build(OFFERS, tmp_path, shards=2)
    cut(tmp_path / "shard-0001")
    with pytest.raises(MatchError, match="cut short"):
        Shards(tmp_path, processes=1)
