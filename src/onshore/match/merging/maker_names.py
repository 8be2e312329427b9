"""Names of makers, read across scripts: the words that tell a maker, and how they sound."""

import re
from dataclasses import dataclass
from functools import lru_cache

from onshore.match.letters import normalise
from onshore.match.terms import glossary
from onshore.match.words import WORD

# Forms of companies and words that only say that a name is one, as `normalise` writes them.
_FORMS = """
    ltd limited llc llp inc incorporated corp corporation co company companies plc gmbh mbh ag kg
    sa sas sarl srl spa bv nv oy ab as pjs pjsc psc jsc ojsc cjsc pao ooo zao oao pvt private
    public joint stock pty sherkat sahami khas am the of and for
    شرکت شرکتهای سهامی خاص عام مسئولیت مسیولیت محدود با تضامنی تعاونی موسسه موسسات و
    ооо оао зао пао ао нао тоо ип гк общество с ограниченнои ответственностью акционерное открытое
    закрытое публичное непубличное компания фирма и
"""
_LEGAL = frozenset(_FORMS.split())

# What many names have in common, in the languages of names; each notion is its first word.
_NOTION_ROWS = """
    industry industries industrial sanat sanaye sanati صنعت صنایع صنعتی
        промышленность промышленная промышленныи
    manufacturing manufacture manufacturers production producing producer products
        tolidi tolid تولید تولیدی تولیدات производство производственная производственное
    engineering engineers mohandesi مهندسی مهندسین инжиниринг инженерная
    trading trade commercial bazargani بازرگانی تجاری торговая торговыи
    technical technic fanni فنی техническая
    group goruh gorooh holding گروه هلدینگ группа холдинг
    factory factories plant works karkhane karkhaneh karkhanejat کارخانه کارخانجات
        завод комбинат фабрика
    complex mojtama مجتمع комплекс
    services khadamat خدمات услуги сервис
    development tosee toseeh توسعه развитие
    iran iranian irani ایران ایرانی иран иранская
    international beinolmelali بینالمللی международная
"""
_NOTIONS = {
    spelling: row.split()[0]
    for row in re.split(r"\n {4}(?! )", _NOTION_ROWS.rstrip())[1:]
    for spelling in row.split()
}
NOTION_WEIGHT = 0.25

# Consonants as they sound; S, C and x stand for sh, ch and kh. All other letters are vowels, or
# are left out of one script or another.
_PERSIAN = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "C", "ح": "h", "خ": "x", "د": "d",
    "ذ": "z", "ر": "r", "ز": "z", "ژ": "j", "س": "s", "ش": "S", "ص": "s", "ض": "z", "ط": "t",
    "ظ": "z", "غ": "q", "ف": "f", "ق": "q", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
    "ه": "h",
}  # fmt: skip
_RUSSIAN = {
    "б": "b", "г": "g", "д": "d", "ж": "j", "з": "z", "к": "k", "л": "l", "м": "m", "н": "n",
    "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "x", "ц": "ts", "ч": "C", "ш": "S",
    "щ": "S",
}  # fmt: skip
_LATIN = [
    (r"(.)\1+", r"\1"), ("ck", "k"), ("kh", "x"), ("sh", "S"), ("ch", "C"), ("zh", "j"),
    ("gh", "q"), ("ph", "f"), ("th", "t"), ("x(?![a-z])", "ks"), ("c(?=[eiy])", "s"), ("c", "k"),
    ("[aeiouywv]+", ""),
]  # fmt: skip
# A last h after a vowel is written and hardly said: Mobarakeh, مبارکه.
_SILENT = re.compile("(?<=[aeo])h$|ه$")


@dataclass(frozen=True)
class Word:
    """A word of a name: as written, the forms under which it may be met, and its weight."""

    written: str
    forms: frozenset[str]
    weight: float


def read_name(name: str) -> tuple[Word, ...]:
    """Read a maker's name without its legal form.

    Examples
    --------
    >>> [word.written for word in read_name("Foolad Mobarakeh Co. (P.J.S.)")]
    ['foolad', 'mobarakeh']
    >>> latin, persian = read_name("Mobarakeh Ltd")[0], read_name("شرکت مبارکه (سهامی عام)")[0]
    >>> sorted(latin.forms & persian.forms)
    ['mbrk']
    """
    text = re.sub(r"\b([^\W\d_])\.(?=[^\W\d_]\b)", r"\1", normalise(name[:500]))
    words = [word for word in WORD.findall(text) if word not in _LEGAL]
    return tuple(_word(word) for word in dict.fromkeys(words))


def sound(word: str) -> str:
    """Give the consonants of a normalised word as they sound in Persian, Russian or Latin script.

    Examples
    --------
    >>> sound("فولاد"), sound("foolad"), sound("фулад")
    ('fld', 'fld', 'fld')
    """
    word = _SILENT.sub("", word)
    if not word.isascii():
        return "".join(_PERSIAN.get(letter, _RUSSIAN.get(letter, "")) for letter in word)
    for pattern, letters in _LATIN:
        word = re.sub(pattern, letters, word)
    return word


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> Word:
    if word in _NOTIONS:
        return Word(word, frozenset({f"notion {_NOTIONS[word]}"}), NOTION_WEIGHT)
    if any(map(str.isdigit, word)):
        return Word(word, frozenset({word}), 1.0)
    forms = {word}
    if not word.isascii():
        terms = glossary().read([word])
        forms |= {english for term in terms if len(term.english) == 1 for english in term.english}
    if len(said := sound(word)) >= 2:
        forms.add(said)
    return Word(word, frozenset(forms), 1.0)
