"""The quick count of differences over many offers against the plain comparison of two lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from onshore.match.agreement import compare
from onshore.match.differences import Differences
from onshore.match.lines import read_line

PHRASES = [
    "DN200", "DN250", "8 inch", '10"', "PN16", "PN40", "400 V", "380 V", "690 V", "75 kW",
    "100 HP", "0-10 bar", "6 bar", "16 bar", "M16x80", "M20x80", "KX-100", "KX-200", "KX200A",
    "ISO 4014", "ISO 4017", "230x114x64", "230x114", "230x65", "bearing 6205", "bearing 6206-2RS",
]  # fmt: skip
lines = st.lists(st.sampled_from(PHRASES), max_size=6).map("; ".join)


@settings(deadline=None, max_examples=300)
@given(need=lines, offers=st.lists(lines, min_size=1, max_size=5))
def test_the_count_is_that_of_the_reasons(need, offers):
    asked, offered = read_line(need), [read_line(offer) for offer in offers]
    plain = [len(compare(asked, offer).differ) for offer in offered]
    assert Differences.of(offered).count(asked).tolist() == plain


@settings(deadline=None)
@given(one=lines, other=lines)
def test_differences_are_mutual(one, other):
    a, b = read_line(one), read_line(other)
    mutual = {kind for kind, *_ in compare(a, b).differ} - {"DN", "inch"}
    assert {kind for kind, *_ in compare(b, a).differ} - {"DN", "inch"} == mutual
