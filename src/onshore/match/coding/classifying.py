"""Items given codes: of HS 2022, of a user's list, or as the user's own lines were coded."""

import json
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import polars as pl

from onshore.match.coding.evidence import Asked, Evidence
from onshore.match.coding.item_table import Item, read_items
from onshore.match.coding.learned import CodeModel
from onshore.match.coding.reading import read
from onshore.match.coding.saying import not_read, said_by_marks, said_by_words
from onshore.match.coding.schemes import Scheme, hs_scheme, scheme_of
from onshore.match.coding.weighing import default_weighing
from onshore.match.errors import MatchError

_AT_ONCE = 256  # lines whose candidates are weighed together
_SCHEMA = {
    "item_id": pl.String,
    "rank": pl.Int64,
    "code": pl.String,
    "probability": pl.Float64,
    "description": pl.String,
    "reasons": pl.String,
}

Row = tuple[str, int, str | None, float, str | None, str]
Found = list[tuple[str, float]]


def classify_items(
    items: pl.DataFrame,
    scheme: str | pl.DataFrame = "hs",
    *,
    model: CodeModel | None = None,
    top: int = 5,
) -> pl.DataFrame:
    """Give items codes, each with its probability and the words that decided.

    A line in English, Persian or Russian is set beside what is said of each code: its
    description, those of the codes above it, other wordings and what the goods are called.
    What a description shuts out ("other than ...") speaks against it. A small network that was
    learned from the United States' Schedule B turns this into probabilities. With a ``model`` of
    the user's own coded lines, its probabilities are joined with these, the more its own the more
    of the item it has met in learning.

    Parameters
    ----------
    items
        Columns ``item_id`` and ``description``; optional ``part_number`` and ``maker``, which a
        model needs and the scheme's descriptions do not answer. Other columns are ignored. Only
        the first 4,000 characters of a description are read.
    scheme
        ``"hs"``: the six-digit codes of HS 2022. Or a table with the columns ``code``,
        ``parent`` (empty at the top) and ``description``; codes above others are not given.
    model
        What `learn_codes` made. Its codes are the scheme's own or refine them, as national
        tariff lines refine the HS.
    top
        Most codes for an item, at least 1.

    Returns
    -------
    polars.DataFrame
        ``item_id`` (String, in the order of ``items``), ``rank`` (Int64, from 1), ``code``
        (String), ``probability`` (Float64, 0 to 1; those of an item add up to at most 1),
        ``description`` (String, the scheme's) and ``reasons`` (String): a JSON object with the
        lists ``words`` (of the line, that the code's texts have), ``bridged`` (what the line
        says and how it was read), ``against`` (words that the code shuts out), ``marks`` (of a
        model: kind and piece), or with ``note`` where nothing could be read. Such an item has one
        row with null ``code``. Equal probabilities are ranked by code.

    Raises
    ------
    MatchError
        A column is missing, an id is empty or occurs twice, the scheme is unknown or its table
        wrong, the model is of another scheme, or ``top`` is below 1.

    Examples
    --------
    >>> items = pl.DataFrame({"item_id": ["1"], "description": ["بلبرینگ"]})
    >>> classify_items(items, top=1).select("code", "description").row(0)
    ('848210', 'Ball bearings')
    """
    if top < 1:
        raise MatchError(f"top is {top}; ask for at least 1 code.")
    ids, read_lines = read_items(items, "items")
    evidence = _evidence(scheme)
    if model is not None:
        _check_model(model, evidence.scheme)
    rows: list[Row] = []
    for start in range(0, len(ids), _AT_ONCE):
        batch = read_lines[start : start + _AT_ONCE]
        rows += _coded(ids[start : start + _AT_ONCE], batch, evidence, model, top)
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _evidence(scheme: str | pl.DataFrame) -> Evidence:
    if isinstance(scheme, pl.DataFrame):
        return Evidence(scheme_of(scheme))
    if scheme.casefold() != "hs":
        raise MatchError(
            f"There is no scheme '{scheme}'. Use 'hs', or give a table with the columns code, "
            "parent and description."
        )
    return _hs_evidence()


@cache
def _hs_evidence() -> Evidence:
    return Evidence(hs_scheme())


def _check_model(model: CodeModel, scheme: Scheme) -> None:
    strange = [code for code in model.codes if scheme.description(code) is None]
    if 2 * len(strange) >= len(model.codes):
        raise MatchError(
            f"The model is of another scheme: {len(strange)} of its {len(model.codes)} codes, such "
            f"as {strange[0]}, are not in {scheme.name}. Give the scheme that its lines were coded "
            "by, or learn a model of this one."
        )


def _coded(
    ids: Sequence[str], items: Sequence[Item], evidence: Evidence, model: CodeModel | None, top: int
) -> Iterator[Row]:
    asked = [evidence.of(read(item.description)) for item in items]
    found = _by_texts(asked, evidence.scheme)
    learned = _by_model(items, model) if model else [[] for _ in items]
    known = model.known(items) if model else np.zeros(len(items))
    for identifier, item, line, told, own, met in zip(
        ids, items, asked, found, learned, known.tolist(), strict=True
    ):
        ranked = _joined(told, own, met if line.places.size else 1.0, evidence.scheme)[:top]
        for rank, (code, probability) in enumerate(ranked, start=1):
            why = said_by_words(line.said, code, evidence)
            if model is not None and code in model.codes:
                why |= said_by_marks(model.reasons(item, code))
            reasons = json.dumps(why, ensure_ascii=False)
            description = evidence.scheme.description(code)
            yield identifier, rank, code, probability, description, reasons
        if not ranked:
            yield identifier, 1, None, 0.0, None, json.dumps(not_read(item))


def _by_texts(asked: Sequence[Asked], scheme: Scheme) -> list[Found]:
    counts = [line.places.size for line in asked if line.places.size]
    if not counts:
        return [[] for _ in asked]
    numbers = np.concatenate([line.numbers for line in asked if line.places.size])
    likely = iter(np.split(default_weighing().probabilities(numbers, counts), np.cumsum(counts)))
    return [
        [
            (scheme.codes[place], float(probability))
            for place, probability in zip(line.places, next(likely), strict=True)
        ]
        if line.places.size
        else []
        for line in asked
    ]


def _by_model(items: Sequence[Item], model: CodeModel) -> list[Found]:
    return [
        list(zip(model.codes, row.tolist(), strict=True)) if any(item) else []
        for item, row in zip(items, model.probabilities(items), strict=True)
    ]


def _joined(told: Found, learned: Found, met: float, scheme: Scheme) -> Found:
    """Join both, the model's part as large as the share of the item that it has met.

    What the texts say of a code is divided among the model's codes that refine it, as likely as
    the model finds each.
    """
    if not learned:
        return sorted(told, key=_rank)
    joined = {code: met * probability for code, probability in learned}
    refining: dict[str, Found] = {}
    for code, probability in learned:
        refining.setdefault(scheme.refined(code) or code, []).append((code, probability))
    for code, probability in told:
        finer = refining.get(code, [(code, 1.0)])
        whole = sum(share for _, share in finer)
        for fine, share in finer:
            part = share / whole if whole else 1 / len(finer)
            joined[fine] = joined.get(fine, 0.0) + (1 - met) * probability * part
    return sorted(joined.items(), key=_rank)


def _rank(found: tuple[str, float]) -> tuple[float, str]:
    code, probability = found
    return -probability, code
