"""Rules between cells, between rows and between tables."""

import pytest

from onshore.records import check, read_table

CLAIMS = (
    "claim_id,item_id,buyer_id,period,basis,quantity,baseline_id,stated_amount,stated_currency,"
    "claimed_by,verified_by"
)


def found(errors):
    return errors.select("row", "column").rows()


@pytest.mark.parametrize(
    ("heading", "sound", "broken", "column"),
    [
        ("price,currency", "5,EUR", "5,", "currency"),
        ("qty,unit,item_id", "5,,IT-1", "5,,", "unit"),
        ("qty,unit,item_id", "5,kg,", "5,,", "unit"),
        ("freight_insurance,currency", "5,EUR", "5,", "currency"),
    ],
)
def test_values_that_need_another_are_refused_without_it(needs, heading, sound, broken, column):
    assert needs(heading, f"N-1,Pump,{sound}").is_empty()
    errors = needs(heading, f"N-1,Pump,{broken}")
    assert found(errors) == [(2, column)]


def test_a_price_without_a_column_for_its_currency_is_refused(needs):
    assert found(needs("price", "N-1,Pump,5")) == [(2, "currency")]


def test_a_cell_that_cannot_be_read_is_not_also_called_missing(needs):
    errors = needs("price,currency", "N-1,Pump,5,XXQ")
    assert errors.height == 1


def test_an_end_before_its_beginning_is_refused(write):
    text = (
        "base,quote,date,until,rate,rate_type,source\n"
        "USD,IRR,2024-09-22,2024-09-21,42000,official,CBI\n"
        "USD,IRR,1403/07/01,1403/07/30,42000,market,CBI\n"
    )
    errors = read_table(write("rates.csv", text), "rates").errors
    assert found(errors) == [(2, "until")]


def test_numbers_out_of_bounds_are_refused(write):
    text = "offer_id,description,trl,mrl\nO-1,Pump,9,10\nO-2,Pump,10,0\n"
    errors = read_table(write("offers.csv", text), "offers").errors
    assert found(errors) == [(3, "trl"), (3, "mrl")]


def test_more_cannot_be_accepted_than_was_delivered(write):
    text = (
        "delivery_id,deal_id,delivered_on,quantity,accepted,accepted_on\n"
        "D-1,C-1,2024-09-22,5,5,2024-09-22\nD-2,C-1,2024-09-22,5,6,2024-09-21\n"
    )
    errors = read_table(write("deliveries.csv", text), "deliveries").errors
    assert sorted(found(errors)) == [(3, "accepted"), (3, "accepted_on")]


def test_a_repeated_key_names_both_rows(needs):
    errors = needs("unit", "N-1,Pump,kg", "N-2,Pump,kg", "N-۱,Pump,kg", "N-1,Pump,kg")
    assert found(errors) == [(4, "need_id"), (5, "need_id")]
    assert all("row 2" in reason for reason in errors["reason"])
    assert "row 2 or row 4" in errors["next_step"][0]


def test_a_repeated_combination_of_key_columns_names_both_rows(write):
    text = "year,fund,amount,currency\n1404,a,5,EUR\n1404,b,5,EUR\n۱۴۰۴,a,6,EUR\n"
    errors = read_table(write("budgets.csv", text), "budgets").errors
    assert found(errors) == [(4, "year")]
    assert "row 2" in errors["reason"][0]


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        ("C-1,IT-1,O-1,1403,accepted,5,B-1,,,ali,", []),
        ("C-1,,,1403,announced,,,5,EUR,,", []),
        ("C-1,IT-1,O-1,1403,accepted,5,,,,ali,", ["stated_amount"]),
        ("C-1,,,1403,announced,,,,,,", ["stated_amount"]),
        ("C-1,,,1403,announced,,,5,,,", ["stated_currency"]),
        ("C-1,IT-1,O-1,1403,verified,5,B-1,,,ali,sara", []),
        ("C-1,IT-1,O-1,1403,verified,5,B-1,,,ali,", ["verified_by"]),
        ("C-1,IT-1,O-1,1403,verified,5,B-1,,,Ali,ali", ["verified_by"]),
    ],
)
def test_a_claim_needs_an_amount_and_a_verifier_who_did_not_file_it(write, row, columns):
    errors = read_table(write("claims.csv", f"{CLAIMS}\n{row}\n"), "claims").errors
    assert errors["column"].to_list() == columns


def test_overlapping_claims_for_an_item_and_buyer_are_named_both(write):
    rows = [
        "C-1,IT-1,O-1,1403,accepted,5,B-1,,,ali,",
        "C-2,IT-1,O-1,1404,accepted,5,B-1,,,ali,",
        "C-3,IT-1,O-1,1403-Q2,accepted,5,B-1,,,ali,",
        "C-4,IT-1,O-2,1403,accepted,5,B-1,,,ali,",
        "C-5,IT-1,O-1,1403-Q4,accepted,5,B-1,,,ali,",
    ]
    text = "\n".join([CLAIMS, *rows]) + "\n"
    errors = read_table(write("claims.csv", text), "claims").errors
    assert found(errors) == [(4, "period"), (6, "period")]
    assert all("row 2" in reason for reason in errors["reason"])


NEEDS = "need_id,description,item_id,buyer_id\n"
ITEMS = "item_id,description,class,unit\nIT-0001,Pump,mechanical,piece\n"
BUYERS = "organisation_id,name,name_fa,role\nORG-1,Steel Works,فولاد,buyer\n"


def test_references_are_looked_up_across_the_tables(programme):
    needs = NEEDS + "N-1,Pump,IT-0001,ORG-1\nN-2,Pump,IT-1,فولاد\nN-3,Pump,IT-0002,XX\n"
    result = check(programme({"needs": needs, "items": ITEMS, "organisations": BUYERS}))
    assert found(result.errors) == [
        (3, "item_id"),
        (3, "buyer_id"),
        (4, "item_id"),
        (4, "buyer_id"),
    ]
    steps = result.errors["next_step"].to_list()
    assert "write IT-0001" in steps[0]
    assert "write ORG-1" in steps[1]
    assert "IT-0001" in steps[2]
    assert all("organisations" in reason or "items" in reason for reason in result.errors["reason"])


@pytest.mark.parametrize("items", [None, "item_id,description,class,unit\n"])
def test_a_table_that_is_absent_or_empty_is_one_error_not_thousands(programme, items):
    needs = NEEDS + "".join(f"N-{i},Pump,IT-{i},\n" for i in range(1000))
    tables = {"needs": needs} | ({"items": items} if items else {})
    result = check(programme(tables))
    [error] = result
    assert error.column == "item_id"
    assert "1,000 cells" in error.reason


def test_a_reference_to_a_table_that_could_not_be_read_is_not_reported_again(programme):
    folder = programme({"needs": NEEDS + "N-1,Pump,IT-1,\n"})
    (folder / "items.csv").write_bytes(bytes(range(256)) * 10)
    [error] = check(folder)
    assert error.file == "items.csv"


def test_lists_of_references_are_looked_up_one_by_one(programme):
    tables = {
        "needs": "need_id,description\nN-1,Pump\nN-2,Pump\n",
        "packages": "package_id,title,need_ids\nP-1,Pumps,N-1;N-2\nP-2,Pumps,N-1; N-9\n",
    }
    [error] = check(programme(tables))
    assert (error.file, error.row, error.found) == ("packages.csv", 3, "N-9")


def test_a_table_may_refer_to_itself(programme):
    places = "place_id,name,kind,parent\nIR,Iran,country,\nIR-10,Isfahan,province,IR\n"
    assert list(check(programme({"places": places}))) == []
    [error] = check(programme({"places": places + "P-1,Park,park,IR-99\n"}))
    assert (error.row, error.column) == (4, "parent")


def test_places_may_be_the_programmes_own_or_iso_codes(programme):
    tables = {
        "places": "place_id,name,kind\nPARK-1,Mobarakeh,park\n",
        "needs": "need_id,description,place\nN-1,Pump,PARK-1\nN-2,Pump,IR-10\nN-3,Pump,PARK-2\n",
    }
    [error] = check(programme(tables))
    assert (error.file, error.row) == ("needs.csv", 4)


def test_references_may_be_checked_for_one_table(write):
    path = write("needs.csv", NEEDS + "N-1,Pump,IT-1,\nN-2,Pump,IT-2,\n")
    assert read_table(path, "needs").errors.is_empty()
    reading = read_table(path, "needs", references={"items": ["IT-1"]})
    assert found(reading.errors) == [(3, "item_id")]
