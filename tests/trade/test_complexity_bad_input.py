"""Facts that are not as they should be: each is named, and nothing becomes NaN."""

import polars as pl
import pytest
from made_exports import assert_plain, drawn, facts_of

from onshore.trade import TradeError, complexity, scan_exports

WORLD = ("irn", "tur", "chn", "deu", "usa", "jpn")


def world(products=20, seed=0):
    names = {f"c{n:02}": name for n, name in enumerate(WORLD)}
    facts = facts_of(drawn(len(WORLD), products, seed))
    return facts.with_columns(pl.col("country").replace(names))


def found_of(facts, **given):
    found = complexity(facts, reliable=False, **given)
    assert_plain(found)
    assert found.metadata["warnings"] == found.warnings
    return found


def told(found, text):
    matching = [warning for warning in found.warnings if text in warning]
    assert len(matching) == 1, found.warnings
    return matching[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_texts_in_another_encoding_are_refused_in_plain_words(tmp_path, encoding):
    text = "\ufeffcountry,product,value\nirn,p1,5\n"
    (tmp_path / "facts.csv").write_text(text, encoding=encoding)
    with pytest.raises(TradeError, match=r"not in UTF-8\. Save it as CSV \(UTF-8\)") as refused:
        scan_exports(tmp_path / "facts.csv")
    assert str(refused.value).isprintable()


def test_a_value_whose_sums_are_not_finite_is_refused():
    facts = world().with_columns(pl.col("value").cast(pl.String))
    facts = pl.concat([facts, pl.DataFrame({"country": "irn", "product": "p9", "value": "1e308"})])
    with pytest.raises(TradeError, match="'1e308' of irn, p9"):
        complexity(facts)


def test_an_empty_file_says_what_to_give(tmp_path):
    (tmp_path / "facts.csv").touch()
    with pytest.raises(TradeError, match=r"empty CSV\. Save it as CSV"):
        scan_exports(tmp_path / "facts.csv")


def test_persian_headings_of_two_words_are_known():
    facts = world()
    renamed = {"country": "کشور صادرکننده", "product": "کد تعرفه", "value": "ارزش دلاری"}
    assert found_of(facts.rename(renamed)).countries.equals(found_of(facts).countries)


def test_good_facts_give_no_warning():
    assert found_of(world()).warnings == []


def test_a_country_and_a_product_without_exports_are_named_and_kept():
    facts = pl.concat(
        [
            world(),
            pl.DataFrame({"country": ["omn"], "product": ["p000"], "value": [0.0]}),
            pl.DataFrame({"country": ["irn"], "product": ["p999"], "value": [0.0]}),
        ]
    )
    found = found_of(facts)
    assert told(found, "country without exports") == "1 country without exports: omn."
    assert told(found, "product without exports") == "1 product without exports: p999."
    assert found.countries.row(-1) == ("omn", 0, None, None, None)
    assert found.products.row(-1) == ("p999", 0, None)
    assert found.countries.height == len(WORLD) + 1
    assert found.countries.head(-1).equals(found_of(world()).countries)


def test_a_product_of_one_country_is_named():
    facts = pl.concat(
        [world(), pl.DataFrame({"country": ["irn"], "product": ["p999"], "value": [1.0]})]
    )
    found = found_of(facts)
    assert told(found, "exported by one country alone").endswith("that country: p999.")
    assert found.products.filter(pl.col("product") == "p999")["ubiquity"].item() == 1


def test_all_with_the_same_mix_have_no_indices():
    found = found_of(facts_of([[3.0, 1.0, 2.0]] * 4))
    assert found.countries["eci"].null_count() == 4
    assert found.products["pci"].null_count() == 3
    assert found.countries["diversity"].to_list() == [3] * 4
    assert found.countries["fitness"].to_list() == pytest.approx([1.0] * 4)
    assert "all countries have their advantages in the same products" in told(found, "empty")


def test_one_country_or_one_product_cannot_be_compared():
    for values in ([[1.0, 2.0]], [[1.0], [2.0]]):
        found = found_of(facts_of(values))
        assert found.countries["eci"].null_count() == found.countries.height
        assert "only one country, or only one product" in told(found, "empty")


def test_two_patterns_of_the_same_strength_are_no_index():
    # Three countries, each apart from the others in the same way.
    found = found_of(facts_of([[1, 1, 0], [0, 1, 1], [1, 0, 1]]))
    assert found.countries["eci"].null_count() == 3
    assert "equally strong" in told(found, "empty")


def test_a_network_in_parts_is_reckoned_in_its_largest():
    # Every one has an advantage only where it makes something, so the two parts share nothing.
    values = [
        [4, 2, 0, 3, 0, 0, 0],
        [1, 5, 2, 0, 0, 0, 0],
        [0, 1, 4, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 3, 1],
        [0, 0, 0, 0, 5, 0, 2],
    ]
    found = found_of(facts_of(values))
    warning = told(found, "falls into 2 parts")
    assert "2 countries and 3 products of the others have none: c03, c04" in warning
    by_code = found.countries.sort("country")
    assert by_code["eci"].is_null().to_list() == [False] * 3 + [True] * 2
    assert by_code["fitness"].is_null().to_list() == [False] * 3 + [True] * 2
    assert by_code["coi"].is_null().to_list() == [False] * 3 + [True] * 2
    alone = found_of(facts_of([row[:4] for row in values[:3]]))
    # The world of the larger part alone has another mix, so only its own sums are compared.
    assert alone.countries["eci"].mean() == pytest.approx(0)
    assert found.pairs["density"].null_count() == 0
    across = found.pairs.filter(pl.col("country") < "c03", pl.col("product") >= "p004")
    assert across["density"].sum() == 0
    assert across["cog"].null_count() == across.height


def test_a_sign_that_diversity_does_not_decide_is_told():
    # A chain of three: all make two things, and only the first is rich.
    rows = [[9, 9, 0, 0], [0, 1, 1, 0], [0, 0, 2, 2]]
    found = found_of(facts_of(rows), rca=1e-6)
    assert found.countries["diversity"].to_list() == [2, 2, 2]
    assert found.countries["country"].to_list() == ["c00", "c01", "c02"]
    assert found.countries["eci"][1] == pytest.approx(0, abs=1e-12)
    assert "its sign was chosen by the value of exports" in told(found, "diversity")
    turned = found_of(facts_of(rows[::-1]), rca=1e-6)
    assert turned.countries["country"].to_list() == ["c02", "c01", "c00"]


def test_a_threshold_that_nobody_reaches_leaves_names():
    facts = facts_of([[5.0, 5.0, 0.1], [5.0, 5.0, 0.1], [1.0, 1.0, 9.0]])
    found = found_of(facts, rca=2.0)
    assert told(found, "countries without an advantage").endswith("so without indices: c00, c01.")
    assert told(found, "nobody's advantage").startswith("2 products that are")
    assert found.countries["eci"].null_count() == 3


def test_missing_and_negative_values_are_named_and_left_out():
    faulty = pl.DataFrame(
        {"country": ["irn", "irn", "tur"], "product": ["p900", "p901", "p900"],
         "value": [None, float("nan"), -4.0]}
    )  # fmt: skip
    found = found_of(pl.concat([world(), faulty]))
    assert "2 values are missing and left out: irn, p900; irn, p901" in told(found, "missing")
    assert "1 value is negative and left out: tur, p900" in told(found, "negative")


def test_a_value_that_is_no_number_is_refused(tmp_path):
    path = tmp_path / "facts.csv"
    path.write_text("country,product,value\nirn,0101,5\nirn,0102,\nirn,0103,3 t\nirn,0104,n/a\n")
    with pytest.raises(TradeError, match=r"facts\.csv: 1 values are no numbers: '3 t' of irn, 010"):
        complexity(scan_exports(path), source=path.name)


def test_rows_without_a_country_or_a_product_are_left_out():
    faulty = pl.DataFrame({"country": [None, "irn"], "product": ["p001", ""], "value": [1.0, 2.0]})
    found = found_of(pl.concat([world(), faulty]))
    assert "2 rows without country or product were left out" in told(found, "rows without")
    assert found.countries.equals(found_of(world()).countries)


def test_the_world_beside_countries_is_not_counted():
    facts = world()
    total = facts.group_by("product").agg(pl.col("value").sum())
    for name in ("World", "WLD"):
        whole = total.select(pl.lit(name).alias("country"), "product", "value")
        found = found_of(pl.concat([facts, whole]))
        assert f"the exports of {name} were left out" in told(found, "repeat")
        assert found.countries.equals(found_of(facts).countries)


def test_a_partner_that_repeats_the_others_is_not_counted():
    facts = world()
    to = [facts.with_columns(partner=pl.lit(name)) for name in ("fra", "ita", "World")]
    found = found_of(pl.concat(to))
    assert "rows of the partners World were left out" in told(found, "partners")
    assert found.countries.equals(found_of(facts).countries)
    assert found_of(to[2]).countries.equals(found.countries)


def test_flows_are_told_apart():
    facts = world()
    flows = {"flow": pl.lit("Export")}
    imports = facts.with_columns(pl.col("value") * 3, flow=pl.lit("Import"))
    found = found_of(pl.concat([facts.with_columns(**flows), imports]))
    assert found.countries.equals(found_of(facts).countries)
    with pytest.raises(TradeError, match="holds import, no exports"):
        complexity(imports.with_columns(flow=pl.lit("import")))


def test_imports_alone_are_taken_as_their_partners_exports():
    facts = world().select(
        "product", "value", reporter=pl.lit("fra"), partner="country", flow=pl.lit("M")
    )
    found = found_of(facts)
    assert "imports only" in told(found, "partner's exports")
    assert found.countries.equals(found_of(world()).countries)


def test_a_heading_beside_its_subheadings_is_not_counted():
    codes = ["870810", "870821", "870829", "870830", "870840", "870850", "720711", "720712",
             "720719", "720720", "260111", "260112"]  # fmt: skip
    facts = world(products=len(codes)).with_columns(
        pl.col("product").replace({f"p{n:03}": code for n, code in enumerate(codes)})
    )
    headings = facts.group_by("country", product=pl.col("product").str.head(4)).agg(
        pl.col("value").sum()
    )
    found = found_of(pl.concat([facts, headings.select(facts.columns)]))
    assert "3 codes, such as 2601, 7207, 8708" in told(found, "headings")
    assert found.countries.equals(found_of(facts).countries)


def test_mixed_revisions_of_the_harmonized_system_are_named():
    codes = ["854231", "854232", "854233", "854239", "854290", "848620", "848630", "848640",
             "854250", "853400"]  # fmt: skip
    facts = world(products=len(codes)).with_columns(
        pl.col("product").replace({f"p{n:03}": code for n, code in enumerate(codes)})
    )
    found = found_of(facts)
    assert "854250" in told(found, "HS revisions are mixed")
    assert found.metadata["revision"].startswith("HS")


def test_rows_told_twice_are_added_up_and_told():
    facts = world()
    halves = facts.with_columns(pl.col("value") / 2)
    found = found_of(pl.concat([halves, halves]))
    assert "more than one row" in told(found, "added up")
    assert found.countries.equals(found_of(facts).countries)


def test_keys_stay_as_they_are_and_unknown_ones_are_kept():
    facts = world().with_columns(pl.col("country").replace({"tur": "Türkei Nord", "chn": " 156"}))
    found = found_of(facts)
    assert {"Türkei Nord", " 156"} <= set(found.countries["country"])
    assert "Türkei Nord" in told(found, "kept as they are")
    own = facts_of(drawn(4, 12)).with_columns(
        pl.col("country").replace({"c00": "1", "c01": "2", "c02": "3", "c03": "7000"})
    )
    assert set(found_of(own).countries["country"]) >= {"7000"}


def test_a_year_without_exports_is_named():
    facts = pl.concat(
        [
            world().with_columns(year=pl.lit(2020)),
            world().with_columns(pl.col("value") * 0, year=pl.lit(2021)),
        ]
    )
    found = found_of(facts)
    assert "in 2021: chn, deu, irn, jpn, tur, usa." in told(found, "countries without exports")
    of_2021 = found.countries.filter(pl.col("year") == 2021)
    assert of_2021["diversity"].to_list() == [0] * len(WORLD)
    assert found.pairs["year"].unique().to_list() == [2020]
    assert complexity(facts).countries.filter(pl.col("year") == 2020)["eci"].null_count() == 0


def test_two_currencies_are_not_added_up():
    facts = world().with_columns(
        currency=pl.when(pl.col("country") == "deu").then(pl.lit("EUR")).otherwise(pl.lit("USD"))
    )
    with pytest.raises(TradeError, match="EUR, USD, which cannot be added up"):
        complexity(facts)
    assert found_of(facts.with_columns(currency=pl.lit("EUR"))).metadata["currency"] == "EUR"


@pytest.mark.parametrize(
    "headings",
    [
        ("exporter", "hs6", "export_usd"),
        ("reporter", "sitc2", "value"),
        ("i", "k", "v"),
        ("reporterISO", "cmdCode", "primaryValue"),
        ("کشور", "تعرفه", "ارزش"),
    ],
)
def test_headings_are_known_by_their_usual_names(headings):
    facts = world()
    renamed = facts.rename(dict(zip(facts.columns, headings, strict=True)))
    assert found_of(renamed).countries.equals(found_of(facts).countries)


@pytest.mark.parametrize(("mark", "separator"), [("", ";"), ("", "\t"), ("\ufeff", ",")])
def test_tables_of_other_forms_are_read(tmp_path, mark, separator):
    path = tmp_path / "facts.csv"
    path.write_text(mark + world().write_csv(separator=separator), encoding="utf-8")
    assert found_of(scan_exports(path)).countries.equals(found_of(world()).countries)
    sheet, folder = tmp_path / "facts.xlsx", tmp_path / "parts"
    world().write_excel(sheet)
    assert found_of(scan_exports(sheet)).countries.equals(found_of(world()).countries)
    folder.mkdir()
    world().head(50).write_parquet(folder / "a.parquet")
    world().tail(-50).write_parquet(folder / "b.parquet")
    assert found_of(scan_exports(folder)).countries.equals(found_of(world()).countries)


def test_a_file_that_is_no_table_is_refused(tmp_path):
    good = world().write_csv()
    contents = {
        "empty.csv": b"",
        "latin.csv": good.replace("irn", "Côte").encode("latin-1"),
        "ragged.csv": f"{good}irn,p000,1,2,3\n".encode(),
        "text.parquet": b"country,product,value",
        "text.xlsx": b"country,product,value",
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(TradeError, match=name):
            complexity(scan_exports(path), source=name)
    with pytest.raises(TradeError, match="cannot be read"):
        complexity(scan_exports(tmp_path / "nothing.csv"), source="nothing")


def test_missing_headings_are_named():
    with pytest.raises(TradeError, match="'value'"):
        complexity(world().drop("value"))


def test_nothing_at_all_is_refused():
    for facts in (world().clear(), world().with_columns(value=pl.lit(None, dtype=pl.Float64))):
        with pytest.raises(TradeError, match="no exports"):
            complexity(facts, reliable=False)
