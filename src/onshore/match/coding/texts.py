"""The texts of a scheme's codes, read: one's own, those above it, other wordings."""

from collections import Counter
from dataclasses import dataclass

from onshore.match.coding.bounds import Bounds
from onshore.match.coding.reading import read
from onshore.match.coding.schemes import Scheme

Words = tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """What is said of each code, in the order of the scheme's codes.

    Parameters
    ----------
    own, head
        Words of its description, and of that up to the first semicolon.
    all
        Words of its description and other wordings, with the number of texts that have them.
    above
        Words of the code above it.
    covering
        All these words and those of the code two above.
    shut_out
        Words that its texts exclude and none of them wants.
    residual
        Whether it is for what is not elsewhere specified.
    bounds
        Measures of its description.
    groups, roots
        The code above it and the one above that; empty where there is none.
    """

    own: list[Words]
    head: list[Words]
    all: list[Counter[str]]
    above: list[Words]
    covering: list[set[str]]
    shut_out: list[set[str]]
    residual: list[bool]
    bounds: list[tuple[Bounds, ...]]
    groups: list[str]
    roots: list[str]

    @classmethod
    def of(cls, scheme: Scheme) -> "Texts":
        """Read a scheme."""
        texts = cls([], [], [], [], [], [], [], [], [], [])
        higher = {code: read(scheme.descriptions[code]).wanted for code in scheme.parents.values()}
        for code in scheme.codes:
            path = list(scheme.above(code))
            text = _own_text(scheme, code)
            own = read(text)
            said = [own, *(read(wording) for wording in scheme.wordings.get(code, ()))]
            words = Counter(word for one in said for word in set(one.wanted))
            texts.own.append(own.wanted)
            texts.head.append(read(text.split(";")[0]).wanted)
            texts.all.append(words)
            texts.above.append(higher[path[0]] if path else ())
            # The sections of the HS say too much; heading and chapter tell what a good is.
            texts.covering.append(set(words).union(*(higher[above] for above in path[:2])))
            texts.shut_out.append({word for one in said for word in one.shut_out} - set(words))
            texts.residual.append(any(one.residual for one in said))
            texts.bounds.append(own.bounds)
            texts.groups.append(path[0] if path else "")
            texts.roots.append(path[1] if len(path) > 1 else texts.groups[-1])
        return texts


def _own_text(scheme: Scheme, code: str) -> str:
    """Give a code's description; where it only says "other", with that of the code above."""
    text = scheme.descriptions[code]
    if read(text).wanted or code not in scheme.parents:
        return text
    return f"{scheme.descriptions[scheme.parents[code]]}; {text}"
