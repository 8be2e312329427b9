"""``onshore account`` and its verbs, on the worked example with what it lacks put in."""

import shutil

import polars as pl
import pytest

from onshore.cli import main


@pytest.fixture
def steel(worked_example, tmp_path):
    folder = tmp_path / "steel"
    shutil.copytree(worked_example, folder)
    return folder


def asked(capsys, *words, status=0) -> tuple[pl.DataFrame, str]:
    assert main(["account", *map(str, words)]) == status
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return pl.read_csv(said.out.encode() or b"nothing\n", infer_schema_length=None), said.err


def written(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


def test_the_years_of_a_basis_run_up_to_its_total(steel, capsys):
    whole, _ = asked(capsys, steel)
    annual, _ = asked(capsys, steel, "--series", "annual")
    running, _ = asked(capsys, steel, "--series", "cumulative")
    for basis, saved in whole.select("basis", "net_currency_saved").rows():
        years = annual.filter(basis=basis)["net_currency_saved"].sum()
        assert years == pytest.approx(saved)
        if saved:
            assert running.filter(basis=basis)["net_currency_saved"][-1] == pytest.approx(saved)


def test_a_claim_over_two_years_is_refused_or_split_and_that_is_said(steel, capsys):
    claims = pl.read_csv(steel / "claims.csv", infer_schema=False)
    moved = pl.when(pl.col("claim_id") == "CL-001").then(pl.lit("2024-03-20/2025-09-21"))
    late = claims.with_columns(
        period=moved.otherwise("period"),
        basis=pl.when(pl.col("claim_id") == "CL-001").then(pl.lit("MoU")).otherwise("basis"),
    )
    late.write_csv(steel / "claims.csv")
    _, said = asked(capsys, steel, "--series", "annual", status=1)
    assert "CL-001 (2024-03-20/2025-09-21)" in said
    assert "--split-days" in said
    table, said = asked(capsys, steel, "--series", "annual", "--split-days")
    assert table["split"].sum() == 2
    assert "split by their days" in said
    assert main(["account", str(steel), "--split-days"]) == 2


def test_savings_are_shared_out_among_sponsors(steel, capsys):
    written(
        steel,
        "claim_shares.csv",
        "claim_id,sponsor_id,share\nCL-001,ORG-S001,60%\nCL-001,ORG-S009,25%\n",
    )
    table, _ = asked(capsys, steel, "--by", "sponsor_id")
    verified = table.filter(basis="verified")
    own = dict(verified.select("sponsor_id", "net_currency_saved").rows())
    assert own["ORG-S001"] / own["ORG-S009"] == pytest.approx(60 / 25)
    whole, _ = asked(capsys, steel)
    assert sum(own.values()) == pytest.approx(
        whole.filter(basis="verified")["net_currency_saved"].item()
    )
    written(
        steel,
        "claim_shares.csv",
        "claim_id,sponsor_id,share\nCL-001,ORG-S001,60%\nCL-001,ORG-S009,45%\n",
    )
    _, said = asked(capsys, steel)
    assert "claim CL-001: its sponsors' shares add up to 105 %" in said


def test_itemised_imported_content_counts(steel, capsys):
    claims = pl.read_csv(steel / "claims.csv", infer_schema=False)
    before, _ = asked(capsys, steel, "--by", "item_id")
    one = claims.row(by_predicate=pl.col("claim_id") == "CL-001", named=True)
    claims.with_columns(
        imported_content=pl.when(pl.col("claim_id") != "CL-001").then("imported_content")
    ).write_csv(steel / "claims.csv")
    written(
        steel,
        "content_lines.csv",
        "claim_id,line,kind,amount,currency,over_volume,unit\n"
        "CL-001,ore,materials,100,EUR,,\nCL-001,licence,royalty,22.5,EUR,,\n"
        "CL-001,die,tooling,10000,EUR,100,TNE\n",
    )
    after, _ = asked(capsys, steel, "--by", "item_id")

    def saved(table):
        mine = table.filter(pl.col("item_id") == one["item_id"], pl.col("basis") == "verified")
        return mine["net_currency_saved"].item()

    content = float(one["imported_content"])
    assert saved(after) - saved(before) == pytest.approx(float(one["quantity"]) * (content - 222.5))


def test_jobs_are_by_basis(steel, capsys):
    deals = pl.read_csv(steel / "deals.csv", infer_schema_length=None)
    table, _ = asked(capsys, "jobs", steel, "--by", "buyer_id")
    for basis in ("MoU", "contracted"):
        stated = deals.filter(basis=basis)["jobs"].sum()
        assert table.filter(basis=basis)["jobs"].sum() == stated
    assert main(["account", "jobs", str(steel), "--by", "colour"]) == 2
    assert "colour" in capsys.readouterr().err


def test_imports_tell_what_is_banned_and_which_exceptions_do_not_count(steel, capsys):
    items = pl.read_csv(steel / "items.csv", infer_schema=False)
    code = items["hs_code"].drop_nulls()[0]
    offer = pl.read_csv(steel / "offers.csv", infer_schema=False)["offer_id"][0]
    written(
        steel,
        "import_rules.csv",
        "rule_id,hs_code,measure,equivalent_offer_id,reason,from,until\n"
        f"R1,{code[:4]},banned,{offer},made at home,2024-03-20,2026-03-20\n",
    )
    heads = (
        "exception_id,rule_id,reason,published,comment_until,decision,decision_reason,"
        "decided_on,decided_by,from,until\n"
    )
    exception = "E1,R1,strike,2024-04-01,2024-04-30,granted,agreed,{},Agency,2024-06-01,2024-08-31"
    written(steel, "exceptions.csv", heads + exception.format("2024-05-02") + "\n")
    held = items.filter(pl.col("hs_code").str.starts_with(code[:4]))["item_id"].to_list()

    def found(on):
        table, said = asked(capsys, "imports", steel, "--on", on)
        return set(table.filter(pl.col("item_id").is_in(held))["status"]), said

    assert found("2024-05-01")[0] == {"banned"}
    assert found("1403/04/11")[0] == {"excepted"}
    assert found("2027-01-01")[0] == {"free"}
    written(steel, "exceptions.csv", heads + exception.format("2024-04-20") + "\n")
    status, said = found("2024-07-01")
    assert status == {"banned"}
    assert "not counted: exception E1: it was decided on 2024-04-20" in said
    assert main(["account", "imports", str(steel), "--on", "1403"]) == 2


def test_equivalents_show_each_criterion_with_its_figures(steel, capsys):
    needs = pl.read_csv(steel / "needs.csv", infer_schema=False)
    offers = pl.read_csv(steel / "offers.csv", infer_schema=False)
    written(
        steel,
        "candidates.csv",
        "need_id,offer_id,class,decision\n"
        f"{needs['need_id'][0]},{offers['offer_id'][0]},exact,confirmed\n",
    )
    table, _ = asked(capsys, "equivalents", steel, "--premium", "0.15", "--months", "12")
    assert table["criterion"].to_list() == [
        *("class", "price", "delivery", "capacity", "specification")
    ]
    assert table.filter(criterion="class")["verdict"].item() == "met"
    assert main(["account", "equivalents", str(steel), "--premium", "-1", "--months", "12"]) == 2
