"""Memory of decisions: nobody is asked twice, and two writers never make a pair twice."""

import multiprocessing
import sqlite3

import polars as pl
import pytest

from onshore.cli.merging import merge
from onshore.cli.ranking import match
from onshore.match import MatchError, explain, find_candidates
from onshore.match.merging import Decisions, apply_decisions, rank_undecided

NEEDS = pl.DataFrame(
    {
        "need_id": ["N1", "N2"],
        "description": ["Gear pump 7.5 kW KX-8814", "شیر پروانه‌ای DN200 PN16"],
    }
)
OFFERS = pl.DataFrame(
    {
        "offer_id": ["O1", "O2", "O3"],
        "maker": ["Armon", "Beltek", "Corvin"],
        "description": ["Gear pump 7.5 kW", "Butterfly valve DN200 PN16", "Roller chain 16B-1"],
    }
)


def reviewed(*rows):
    schema = ["need_id", "offer_id", "decision", "reviewer", "decided_on"]
    return pl.DataFrame(rows, schema=schema, orient="row")


@pytest.fixture
def store(tmp_path):
    return Decisions(tmp_path / "decisions.sqlite")


def test_a_decision_holds_for_the_same_lines_under_new_ids(store):
    store.add(reviewed(("N1", "O1", "rejected", "Sara", "2024-05-01")), NEEDS, OFFERS)
    needs = NEEDS.with_columns(
        need_id="9" + pl.col("need_id"),
        description=pl.Series(["GEAR  PUMP, 7500 W, KX–8814", "شير پروانه اي DN ۲۰۰ PN 16"]),
    )
    offers = OFFERS.with_columns(offer_id="9" + pl.col("offer_id"))[::-1]
    held = store.candidates(needs, offers)
    assert held.rows() == [("9N1", "9O1", "rejected", "Sara", "2024-05-01")]
    again = apply_decisions(find_candidates(needs, offers), needs, offers, store)
    assert again.filter(need_id="9N1", offer_id="9O1")["decision"].to_list() == ["rejected"]


def test_another_maker_with_the_same_line_is_another_pair(store):
    store.add(reviewed(("N1", "O1", "rejected", "Sara", "2024-05-01")), NEEDS, OFFERS)
    offers = OFFERS.with_columns(maker=pl.lit("Danlux"))
    assert store.candidates(NEEDS, offers).is_empty()


def test_confirmed_come_first_and_rejected_last(store):
    rows = ("N1", "O1", "rejected", None, None), ("N1", "O3", "confirmed", None, None)
    store.add(reviewed(*rows), NEEDS, OFFERS)
    matches = find_candidates(NEEDS, OFFERS, top=2)
    assert matches.filter(need_id="N1")["offer_id"][0] == "O1"
    decided = apply_decisions(matches, NEEDS, OFFERS, store)
    mine = decided.filter(need_id="N1")
    assert mine["rank"].to_list() == list(range(1, mine.height + 1))
    first, last = mine.row(0, named=True), mine.row(-1, named=True)
    assert (first["offer_id"], first["decision"], first["class"]) == ("O3", "confirmed", "near")
    assert (last["offer_id"], last["decision"], last["class"]) == ("O1", "rejected", "none")
    assert first["score"] == 1.0
    assert last["score"] == 0.0
    assert isinstance(explain(first["reasons"]), str)
    other = decided.filter(need_id="N2").drop("decision")
    assert other.equals(matches.filter(need_id="N2"))


def test_without_decisions_nothing_changes(store):
    matches = find_candidates(NEEDS, OFFERS)
    assert apply_decisions(matches, NEEDS, OFFERS, store).drop("decision").equals(matches)


def test_the_later_decision_holds(store):
    def decide(decision, day):
        return store.add(reviewed(("N1", "O1", decision, "Sara", day)), NEEDS, OFFERS)

    assert decide("rejected", "2024-05-01") == 1
    assert decide("confirmed", "2024-06-01") == 1
    assert decide("rejected", "2024-05-15") == 0
    assert store.table()["decision"].to_list() == ["confirmed"]


def test_equal_rows_are_kept_once(store):
    twice = pl.concat([reviewed(("N1", "O1", "confirmed", "Sara", "2024-05-01"))] * 2)
    assert store.add(twice, NEEDS, OFFERS) == 1
    assert store.add(twice, NEEDS, OFFERS) == 0
    assert store.table().height == 1


def many(start):
    """Give 200 needs whose second half another writer has as its first."""
    numbers = range(start, start + 200)
    needs = pl.DataFrame(
        {
            "need_id": [f"{start}-{n}" for n in numbers],
            "description": [f"Gear pump KX-{n}" for n in numbers],
        }
    )
    rows = [(need, "O1", "confirmed", "Sara", "2024-05-01") for need in needs["need_id"]]
    return needs, reviewed(*rows)


def write(path, start):
    needs, rows = many(start)
    store = Decisions(path)
    for at in range(0, 200, 5):
        store.add(rows[at : at + 5], needs, OFFERS)


def test_writers_at_once_lose_nothing_and_make_no_pair_twice(tmp_path):
    path = tmp_path / "decisions.sqlite"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write, args=(path, 1000 + 100 * k)) for k in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * 4
    lines = Decisions(path).table().select("need_line", "offer_line")
    assert lines.height == 500
    assert lines.is_unique().all()


def test_nothing_is_added_where_a_row_is_wrong(store):
    good = ("N1", "O1", "confirmed", None, None)
    for bad, said in (
        (("N1", "O2", "perhaps", None, None), "perhaps"),
        (("N9", "O2", "confirmed", None, None), "need_id N9"),
        (("N1", "O9", "confirmed", None, None), "offer_id O9"),
    ):
        with pytest.raises(MatchError, match=said):
            store.add(reviewed(good, bad), NEEDS, OFFERS)
    assert store.table().is_empty()


def test_another_file_is_not_overwritten(tmp_path):
    text, other = tmp_path / "a.csv", tmp_path / "other.sqlite"
    text.write_text("need_id,offer_id\n" * 100)
    with sqlite3.connect(other) as file:
        file.execute("CREATE TABLE decisions (x)")
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(MatchError, match="Name another file"):
            Decisions(path).add(reviewed(("N1", "O1", "confirmed", None, None)), NEEDS, OFFERS)
        assert path.read_bytes() == before


def test_the_commands_remember_and_recall(tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in ("needs", "offers", "matches", "reviewed")}
    NEEDS.write_csv(paths["needs"])
    OFFERS.write_csv(paths["offers"])
    find_candidates(NEEDS, OFFERS).write_csv(paths["matches"])
    reviewed(("N1", "O3", "confirmed", "Sara", None)).write_csv(paths["reviewed"])
    store, out = tmp_path / "d.sqlite", tmp_path / "out.csv"
    tables = [str(paths["needs"]), str(paths["offers"]), "--decisions", str(store)]
    for words in (
        ["remember", str(paths["reviewed"]), *tables],
        ["recall", str(paths["matches"]), *tables, "--out", str(out)],
    ):
        result = merge(words, exit_on_error=False, print_error=False, result_action="return_value")
        assert result == 0
    first = pl.read_csv(out).row(0, named=True)
    assert (first["need_id"], first["offer_id"], first["decision"]) == ("N1", "O3", "confirmed")


def test_rejected_offers_take_no_place_from_others(store):
    offers = pl.DataFrame(
        {
            "offer_id": [f"O{n}" for n in range(6)],
            "description": [f"Gear pump 7.5 kW type {n}" for n in range(6)],
        }
    )
    needs = NEEDS[:1]
    first = find_candidates(needs, offers, top=2)["offer_id"].to_list()
    store.add(reviewed(*(("N1", offer, "rejected", None, None) for offer in first)), needs, offers)
    ranked = rank_undecided(needs, offers, store, top=2)
    assert ranked["rank"].to_list() == [1, 2]
    assert ranked["decision"].to_list() == [None, None]
    assert not set(ranked["offer_id"]) & set(first)


def test_the_ranking_command_asks_the_decisions(tmp_path, capsys):
    needs, offers, store = (tmp_path / name for name in ("needs.csv", "offers.csv", "d.sqlite"))
    NEEDS.write_csv(needs)
    OFFERS.write_csv(offers)
    Decisions(store).add(reviewed(("N1", "O3", "confirmed", "Sara", None)), NEEDS, OFFERS)
    words = ["rank", str(needs), str(offers), "--decisions", str(store)]
    match(words, exit_on_error=False, print_error=False, result_action="return_value")
    written = pl.read_csv(capsys.readouterr().out.encode())
    assert written.row(0, named=True)["decision"] == "confirmed"
    assert written.row(0, named=True)["offer_id"] == "O3"
