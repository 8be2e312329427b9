"""How alike two words are spelled."""

from functools import lru_cache

_PREFIX, _MOST_PREFIX = 0.1, 4


@lru_cache(maxsize=1 << 18)
def jaro_winkler(a: str, b: str) -> float:
    """Give the Jaro-Winkler likeness of two words, 0 to 1.

    References
    ----------
    Winkler, W. E. (1990). String comparator metrics and enhanced decision rules in the
    Fellegi-Sunter model of record linkage. Proceedings of the Section on Survey Research
    Methods, American Statistical Association, 354-359.

    Examples
    --------
    >>> round(jaro_winkler("martha", "marhta"), 4), round(jaro_winkler("dwayne", "duane"), 4)
    (0.9611, 0.84)
    """
    if a == b:
        return 1.0
    jaro = _jaro(a, b)
    prefix = 0
    for x, y in zip(a[:_MOST_PREFIX], b, strict=False):
        if x != y:
            break
        prefix += 1
    return jaro + prefix * _PREFIX * (1 - jaro)


def _jaro(a: str, b: str) -> float:
    if not a or not b:
        return 0.0
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    taken = [False] * len(b)
    common: list[str] = []
    for at, letter in enumerate(a):
        for place in range(max(0, at - reach), min(len(b), at + reach + 1)):
            if not taken[place] and b[place] == letter:
                taken[place] = True
                common.append(letter)
                break
    if not common:
        return 0.0
    other = [letter for letter, is_taken in zip(b, taken, strict=True) if is_taken]
    moved = sum(x != y for x, y in zip(common, other, strict=True)) / 2
    m = len(common)
    return (m / len(a) + m / len(b) + (m - moved) / m) / 3
