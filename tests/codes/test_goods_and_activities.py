"""HS 2022 and ISIC Rev. 4: how codes are found, and what is said when they are not."""

import pytest

from onshore.codes import UnknownCode, hs, isic

LEVELS = {1: 0, 2: 97, 4: 1229, 6: 5613}


def test_the_harmonized_system_is_whole():
    digits = [code for code in hs.codes if code.isdigit()]
    for length in (2, 4, 6):
        assert sum(len(code) == length for code in digits) == LEVELS[length]
    assert len(hs.codes) - len(digits) == 21
    for code in digits:
        parent = hs.get(code).parent
        if len(code) > 2:
            assert parent == code[:-2]
        else:
            assert parent in hs or code == "99"


def test_isic_is_whole():
    by_length = [sum(len(code) == n for code in isic.codes) for n in (1, 2, 3, 4)]
    assert by_length == [21, 88, 238, 419]  # United Nations, ISIC Rev. 4 (2008)
    assert isic.get("2410").parent == "241"
    assert isic.get("24").parent == "C"
    assert isic.get("C").parent is None
    assert all(entry.parent in isic for entry in isic if entry.parent)


@pytest.mark.parametrize("codes", [hs, isic], ids=["hs", "isic"])
def test_every_code_is_found_by_itself(codes):
    for code in codes.codes:
        assert codes.find(code).code == code
        assert codes.find(f" {code.lower()} ").code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("720711", "720711"),
        ("7207.11", "720711"),
        ("7207 11", "720711"),
        ("72.07", "7207"),
        ("HS 7207.11", "720711"),
        ("hs2022: 720711", "720711"),
        ("۷۲۰۷۱۱", "720711"),
        ("٧٢٠٧.١١", "720711"),
        ("0101", "0101"),
        ("Ball bearings", "848210"),
        ("xv", "XV"),
    ],
)
def test_hs_codes_are_found_as_people_write_them(text, code):
    assert hs.find(text).code == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("72071100", "longer than the Harmonized System. Write its six digits, 720711"),
        ("72079900", "its first six, 720799, are not an HS 2022 code"),
        ("10121", "its leading zero is lost. Write 010121"),
        ("72071", "has 5 digits; an HS 2022 code has 2 .chapter., 4 .heading. or 6"),
        ("720", "has 3 digits; an HS"),
        ("720799", "is not an HS 2022 code. Near it: 720711"),
        ("7299", "is not an HS 2022 code. Near it: 72"),
        ("851712", "Near it: .*851713"),  # telephones for cellular networks, until 2021
        ("ball bearing", "Near it: 848210"),
        ("", "An HS 2022 code is missing"),
        ("qqqqq", "Nothing is near it; write one such as 720711"),
    ],
)
def test_what_is_no_hs_code_is_refused_with_what_is_near(text, why):
    with pytest.raises(UnknownCode, match=why):
        hs.find(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("2410", "2410"), ("C2410", "2410"), ("ISIC Rev. 4: 2410", "2410"), ("c", "C")],
)
def test_isic_codes_are_found_as_people_write_them(text, code):
    assert isic.find(text).code == code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("24101", "has 5 digits; an ISIC"),
        ("2419", "Near it: 24"),
        ("A2410", "is not an ISIC"),
        ("basic steel", "Near it: 241"),
    ],
)
def test_what_is_no_isic_code_is_refused_with_what_is_near(text, why):
    with pytest.raises(UnknownCode, match=why):
        isic.find(text)


def test_a_name_that_two_entries_share_is_refused_with_both():
    with pytest.raises(UnknownCode, match=r"more than one entry.*9999 .*999999"):
        hs.find("Commodities not specified according to kind")


def test_names_and_near_ones():
    assert hs.name("7207").startswith("Iron or non-alloy steel; semi-finished")
    assert hs.name("7207", "fa") == hs.name("7207", "en")  # no source gives Persian names
    assert [code.code for code in hs.near("72071", 2)] == ["720711", "720712"]
    assert len(hs.near("pump", 5)) == 5
    with pytest.raises(UnknownCode):
        hs.name("0000")
