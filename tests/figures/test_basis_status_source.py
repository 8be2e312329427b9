"""The ladder of seven, the status of observations, and sources."""

from datetime import date
from itertools import pairwise

import pytest

from onshore.figures import Basis, FigureError, Source, Status

LADDER = ["target", "announced", "MoU", "contracted", "delivered", "accepted", "verified"]


def test_the_ladder_is_the_seven_steps_in_order():
    assert [basis.value for basis in Basis] == LADDER
    assert [basis.step for basis in Basis] == list(range(1, 8))
    assert all(low < high and high > low and low <= high for low, high in pairwise(Basis))
    assert max(Basis) is Basis.VERIFIED
    assert sorted([Basis.VERIFIED, Basis.MOU, Basis.TARGET]) == [
        Basis.TARGET,
        Basis.MOU,
        Basis.VERIFIED,
    ]


def test_statuses_are_ordered_but_not_with_the_ladder():
    assert [status.value for status in Status] == ["reported", "provisional", "revised", "final"]
    assert Status.REPORTED < Status.FINAL
    with pytest.raises(TypeError):
        assert Basis.TARGET < Status.FINAL


@pytest.mark.parametrize("kind", [Basis, Status])
def test_values_names_and_labels_read_back(kind):
    for member in kind:
        for text in (member.value, member.name, member.label("en"), member.label("fa")):
            assert kind.parse(text) is member
            assert kind.parse(f" {text.upper()} ") is member
        assert member.label("fa") != member.label("en")


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("mou", Basis.MOU),
        ("memorandum of understanding", Basis.MOU),
        ("تفاهم‌نامه", Basis.MOU),
        ("تفاهم نامه", Basis.MOU),
        ("قرارداد", Basis.CONTRACTED),
        ("هدف", Basis.TARGET),
        ("تحويل شده", Basis.DELIVERED),
        ("راستی‌آزمایی شده", Basis.VERIFIED),
        ("Verified", Basis.VERIFIED),
    ],
)
def test_other_spellings(text, basis):
    assert Basis.parse(text) is basis


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("contractd", "Did you mean 'contracted'"),
        ("", "basis is missing"),
        ("saved", "target, ann"),
    ],
)
def test_what_is_no_basis_is_refused_with_what_is_near(text, why):
    with pytest.raises(FigureError, match=why):
        Basis.parse(text)


def test_a_source_names_who_said_it():
    source = Source("IMIDRO", "https://example.org/a", date(2024, 10, 27))
    assert str(source) == "IMIDRO, 2024-10-27, https://example.org/a"
    with pytest.raises(FigureError, match="source is empty"):
        Source("  ")
