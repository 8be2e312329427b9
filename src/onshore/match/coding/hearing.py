"""Words that a scheme does not have, read as those of its words that they may stand for."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from onshore.match.coding.translating import is_foreign
from onshore.match.sounds import sound

_MOST = 3
_LEAST_SOUNDS = 4
_ALIKE_WITH_VOWELS, _ALIKE_WITHOUT = 0.75, 0.6  # Persian writes no short vowels
_LEAST_SHORT, _LEAST_TEXTS = 3, 2

# Letters of the three scripts that are said alike, in one spelling.
_LATIN = str.maketrans(
    dict(
        zip(
            "абвгдежзиклмнопрстуфхцчшщыэюя" "ابپتثجچحخدذرزژسشصضطظغفقکگلمنوهی" "cqwyx",
            "abvgdejziklmnoprstufkscssieua" "abptsjchkdzrzjsssztzgfkkglmnohi" "kkvis",
            strict=True,
        )
    )
)  # fmt: skip


@dataclass
class Hearing:
    """The words of a scheme, found by how they sound or by how they are written short.

    Parameters
    ----------
    texts
        Of each word the number of texts that have it.
    """

    texts: Mapping[str, int]
    _sounds: dict[str, list[str]] = field(default_factory=dict, init=False)
    _initials: dict[str, list[str]] = field(default_factory=dict, init=False)
    _heard: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Sort the words by their consonants and by their first letters."""
        sounds, initials = defaultdict(list), defaultdict(list)
        for word in sorted(self.texts):
            if word.isalpha() and word.isascii():
                sounds[sound(word)].append(word)
                initials[word[0]].append(word)
        self._sounds, self._initials = dict(sounds), dict(initials)

    def words(self, word: str) -> tuple[str, ...]:
        """Give the scheme's words that an unknown one may stand for, at most three.

        A Persian or Russian word stands for those whose consonants it has in their order and
        whose letters, vowels among them, are mostly its own. An English one is taken for a
        shortened word: it begins the long one, or its letters stand there in the same order from
        the first on, with few other consonants; of these, the words that most texts have.
        """
        if word not in self._heard:
            find = self._by_sound if is_foreign(word) else self._by_letters
            self._heard[word] = find(word)
        return self._heard[word]

    def _by_sound(self, word: str) -> tuple[str, ...]:
        consonants = sound(word)
        if len(consonants) < _LEAST_SOUNDS:
            return ()
        least = _ALIKE_WITHOUT if word[0] >= "\u0600" else _ALIKE_WITH_VOWELS
        alike = [(_likeness(word, other), other) for other in self._sounds.get(consonants, ())]
        best = sorted((-share, other) for share, other in alike if share >= least)
        return tuple(other for _, other in best[:_MOST])

    def _by_letters(self, word: str) -> tuple[str, ...]:
        if len(word) < _LEAST_SHORT or not word.isalpha():
            return ()
        long = [
            (-self.texts[other], other)
            for other in self._initials.get(word[0], ())
            if self.texts[other] >= _LEAST_TEXTS and _shortens(word, other)
        ]
        return tuple(other for _, other in sorted(long)[:_MOST])


def _likeness(word: str, english: str) -> float:
    """Give the share of letters that two words have in common, in their order."""
    return SequenceMatcher(
        None, word.translate(_LATIN), english.replace("ph", "f").translate(_LATIN), autojunk=False
    ).ratio()


def _shortens(short: str, word: str) -> bool:
    """Tell whether a word begins with the short one, or has its letters and few others."""
    if len(short) >= len(word):
        return False
    if word.startswith(short):
        return True
    rest = iter(word)
    if not all(letter in rest for letter in short):
        return False
    left_out = sum(letter not in "aeiouy" for letter in word) - sum(
        letter not in "aeiouy" for letter in short
    )
    return left_out <= len(short) // 2
