"""The ranking learned from needs whose offers a person has judged."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from onshore.match.errors import MatchError
from onshore.match.facts import Table, Whole
from onshore.match.features import HEAD, Pool, measure
from onshore.match.forest import MOST_LEAVES, Forest, Tree, Vector
from onshore.match.model import GRADES, Measured, Model, stacked
from onshore.match.offered import Offered
from onshore.match.tables import read_lines, texts_of

FOLDS = 5
FALSE_ALARMS = 0.03

_GAINS = (0, 1, 3, 7)
_ORDERING = {
    "objective": "lambdarank", "num_leaves": MOST_LEAVES - 1, "learning_rate": 0.12,
    "min_data_in_leaf": 20, "label_gain": list(_GAINS), "lambdarank_truncation_level": 10,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0,
}  # fmt: skip
_GRADING = {
    "objective": "binary", "num_leaves": 8, "learning_rate": 0.09, "min_data_in_leaf": 30,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10.0,
}  # fmt: skip
_ORDERING_ROUNDS, _GRADING_ROUNDS = 60, 40
# Where few pairs were judged, trees on top of a model change it little.
_MORE_ROUNDS, _LEAST_POSITIVE = 20, 20


@dataclass(frozen=True)
class Judgements:
    """Needs and offers, and what persons said of pairs of them.

    Parameters
    ----------
    needs, offers
        As `find_candidates` takes them.
    grades
        ``need_id``, ``offer_id`` (String) and ``grade`` (whole number): 3 the same, 2 an
        acceptable equivalent, 1 the maker could make it, 0 nothing of that.
    complete
        Whether a pair that is not listed is of grade 0. If not, only listed pairs are learned.
    weight
        How much a need counts.
    decides
        Whether its needs, too, tell where *none* begins; only such as may have no offer should.
    """

    needs: pl.DataFrame
    offers: pl.DataFrame
    grades: pl.DataFrame
    complete: bool = True
    weight: float = 1.0
    decides: bool = True


@dataclass(frozen=True)
class Examples:
    """The pairs of one set of judgements: features, grades, and the fold of each need."""

    pool: Pool
    features: Table
    grades: Whole
    known: np.ndarray[tuple[int], np.dtype[np.bool_]]
    folds: Whole
    best: Whole
    weight: float
    decides: bool
    ids: tuple[list[str], list[str]] = field(repr=False)

    @classmethod
    def of(cls, judged: Judgements) -> "Examples":
        """Retrieve and measure the pairs of a set, judged ones that are not retrieved left out."""
        offered = Offered.of(judged.offers)
        texts = texts_of(judged.needs, "needs", "need_id")
        needs, lines = texts["need_id"].to_list(), list(read_lines(texts))
        pool = offered.retrieve(lines, HEAD)
        said = {(need, offer): grade for need, offer, grade in _pairs(judged.grades)}
        best: dict[str, int] = dict.fromkeys(needs, 0)
        for (need, _), grade in said.items():
            if need in best:
                best[need] = max(best[need], grade)
        need_of = pool.need_of
        found = [
            said.get((needs[need], offered.ids[offer]), -1)
            for need, offer in zip(need_of.tolist(), pool.offers.tolist(), strict=True)
        ]
        grades = np.array(found, dtype=np.int64)
        return cls(
            pool=pool,
            features=measure(offered.facts.asked_by(lines), offered.facts, pool),
            grades=np.maximum(grades, 0),
            known=np.full(len(grades), True) if judged.complete else grades >= 0,
            folds=np.array([_fold(need) for need in needs]),
            best=np.array(list(best.values()), dtype=np.int64),
            weight=judged.weight,
            decides=judged.decides,
            ids=(needs, offered.ids),
        )

    def rows(self, folds: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which pairs are of needs in these folds."""
        of_need: np.ndarray[Any, Any] = np.isin(self.folds, folds)
        return np.repeat(of_need, np.diff(self.pool.starts))


def reviewed(needs: pl.DataFrame, offers: pl.DataFrame, candidates: pl.DataFrame) -> Judgements:
    """Take a programme's reviewed candidates as judgements: confirmed is grade 3, rejected 0.

    ``candidates`` has ``need_id``, ``offer_id`` and ``decision`` (confirmed, rejected or null).
    A pair nobody decided on teaches nothing.
    """
    decided = candidates.filter(pl.col("decision").is_in(["confirmed", "rejected"]))
    grade = pl.when(pl.col("decision") == "confirmed").then(3).otherwise(0)
    grades = decided.select("need_id", "offer_id", grade.alias("grade"))
    return Judgements(needs, offers, grades, complete=False)


def train(
    judged: Sequence[Judgements], *, start: Model | None = None, trained_by: str = "train"
) -> Model:
    """Learn to rank, and to tell how likely a candidate is right, from judged pairs.

    The order of a need's offers is learned by LambdaMART (Burges 2010, "From RankNet to
    LambdaRank to LambdaMART: an overview", MSR-TR-2010-82), the odds of each grade by boosted
    trees over the same features and that order's value, taken for each need from a model that
    was not trained on it. The odds are calibrated (Platt 1999), and the least score that is not
    *none* is set, on needs not trained on: at most 5 % of those with an offer lie below it.
    Only numbers are learned; a model holds no words of the lines.

    Parameters
    ----------
    judged
        At least one set with judged pairs.
    start
        A model to begin with: trees are put on top of its own, fewer than for a new one. By
        default a new one is made.
    trained_by
        What is written into the model as the way it was trained.

    Raises
    ------
    MatchError
        If LightGBM is not installed, or fewer than 20 pairs of grade 2 or 3, or of less, are
        among the retrieved ones.
    """
    if find_spec("lightgbm") is None:
        raise MatchError("Training needs LightGBM. Install it by: pip install 'onshore[match]'.")
    sets = [Examples.of(one) for one in judged]
    positive = sum(int((one.grades[one.known] >= 2).sum()) for one in sets)
    negative = sum(int((one.grades[one.known] < 2).sum()) for one in sets)
    if min(positive, negative) < _LEAST_POSITIVE:
        raise MatchError(
            f"{positive} confirmed and {negative} rejected candidates can be learned from; at "
            f"least {_LEAST_POSITIVE} of each are needed. Review more candidates first."
        )
    aside = _SetAside.of(sets, start)
    everything = list(range(FOLDS))
    model = Model(
        ranks=_ordering(sets, everything, start),
        grades=_grading(sets, aside.tables, everything, start),
        slopes=tuple(slope for slope, _ in aside.turned),
        shifts=tuple(shift for _, shift in aside.turned),
        none_below=0.0,
        measured=Measured(0, 0.0, 0, 0.0),
        trained_by=trained_by,
    )
    return _deciding(model, sets, aside.scores, start)


def out_of_fold(
    judged: Sequence[Judgements], *, start: Model | None = None
) -> list[tuple[Examples, Vector]]:
    """Give each set's pairs with the scores of models trained on the other needs, to evaluate."""
    sets = [Examples.of(one) for one in judged]
    return list(zip(sets, _SetAside.of(sets, start).scores, strict=True))


@dataclass(frozen=True)
class _SetAside:
    """What models say of the needs that they were not trained on.

    ``tables`` are the features with the order's value; ``turned`` are slope and shift of the log
    odds of each grade; ``scores`` are as `Model.judge` gives them.
    """

    tables: list[Table]
    turned: list[tuple[float, float]]
    scores: list[Vector]

    @classmethod
    def of(cls, sets: Sequence[Examples], start: Model | None) -> "_SetAside":
        values = _values_out_of_fold(sets, start)
        tables = [
            stacked(one.features, value, one.pool) for one, value in zip(sets, values, strict=True)
        ]
        odds = _odds_out_of_fold(sets, tables, start)
        turned = [
            _platt(np.concatenate([odd[at] for odd in odds]), sets, level)
            for at, level in enumerate(GRADES)
        ]
        return cls(tables, turned, [_scores(odd, turned) for odd in odds])


def _pairs(grades: pl.DataFrame) -> list[tuple[str, str, int]]:
    missing = [name for name in ("need_id", "offer_id", "grade") if name not in grades.columns]
    if missing:
        raise MatchError(f"grades: no column {' or '.join(missing)}. Add need_id, offer_id, grade.")
    rows = grades.select(
        pl.col("need_id").cast(pl.String),
        pl.col("offer_id").cast(pl.String),
        pl.col("grade").cast(pl.Int64, strict=False),
    ).drop_nulls()
    wrong = rows.filter(~pl.col("grade").is_between(0, 3))
    if wrong.height:
        raise MatchError(f"grades: a grade is {wrong['grade'][0]}. Write 0, 1, 2 or 3.")
    return list(rows.iter_rows())


def _fold(need: str) -> int:
    return int.from_bytes(hashlib.sha256(need.encode()).digest()[:4], "big") % FOLDS


def _others(fold: int) -> list[int]:
    return [other for other in range(FOLDS) if other != fold]


def _values_out_of_fold(sets: Sequence[Examples], start: Model | None) -> list[Vector]:
    values = [np.zeros(len(one.grades)) for one in sets]
    for fold in range(FOLDS):
        forest = _ordering(sets, _others(fold), start)
        for one, value in zip(sets, values, strict=True):
            rows = one.rows([fold])
            value[rows] = forest.sums(one.features[rows])
    return values


def _odds_out_of_fold(
    sets: Sequence[Examples], tables: Sequence[Table], start: Model | None
) -> list[Table]:
    odds = [np.zeros((len(GRADES), len(one.grades))) for one in sets]
    for fold in range(FOLDS):
        forests = _grading(sets, tables, _others(fold), start)
        for one, table, odd in zip(sets, tables, odds, strict=True):
            rows = one.rows([fold])
            for at, forest in enumerate(forests):
                odd[at, rows] = forest.sums(table[rows])
    return odds


def _ordering(sets: Sequence[Examples], folds: Sequence[int], start: Model | None) -> Forest:
    features, grades, weights, groups, begin = [], [], [], [], []
    for one in sets:
        rows = one.rows(folds) & one.known
        need_of = np.repeat(np.arange(len(one.folds)), np.diff(one.pool.starts))[rows]
        sizes = np.bincount(need_of, minlength=len(one.folds))
        features.append(one.features[rows])
        grades.append(one.grades[rows])
        weights.append(np.full(int(rows.sum()), one.weight))
        groups.append(sizes[sizes > 0])
        begin.append(start.ranks.sums(one.features[rows]) if start else np.zeros(int(rows.sum())))
    forest = _boosted(
        _ORDERING, _MORE_ROUNDS if start else _ORDERING_ROUNDS, np.concatenate(features),
        np.concatenate(grades), np.concatenate(weights), np.concatenate(begin),
        group=np.concatenate(groups),
    )  # fmt: skip
    return Forest([*start.ranks.trees, *forest.trees]) if start else forest


def _grading(
    sets: Sequence[Examples], tables: Sequence[Table], folds: Sequence[int], start: Model | None
) -> tuple[Forest, ...]:
    chosen = [one.rows(folds) & one.known for one in sets]
    table = np.concatenate([table[rows] for table, rows in zip(tables, chosen, strict=True)])
    grades = np.concatenate([one.grades[rows] for one, rows in zip(sets, chosen, strict=True)])
    weights = np.concatenate(
        [np.full(int(rows.sum()), one.weight) for one, rows in zip(sets, chosen, strict=True)]
    )
    forests = []
    for at, level in enumerate(GRADES):
        begin = start.grades[at].sums(table) if start else np.zeros(len(table))
        forest = _boosted(
            _GRADING, _MORE_ROUNDS if start else _GRADING_ROUNDS, table,
            (grades >= level).astype(np.int64), weights, begin,
        )  # fmt: skip
        forests.append(Forest([*start.grades[at].trees, *forest.trees]) if start else forest)
    return tuple(forests)


def _boosted(
    settings: Mapping[str, Any],
    rounds: int,
    features: Table,
    labels: Whole,
    weights: Vector,
    begin: Vector,
    **more: Any,
) -> Forest:
    try:
        import lightgbm
    except OSError as missing:
        raise MatchError(
            f"Learning needs a system library: {missing}. On Debian: apt-get install libgomp1."
        ) from None
    data = lightgbm.Dataset(
        features, labels, weight=weights, init_score=begin if begin.any() else None, **more
    )
    fixed = {"seed": 1, "deterministic": True, "force_row_wise": True, "verbose": -1}
    booster = lightgbm.train({**settings, **fixed}, data, rounds)
    return forest_of(booster)


def forest_of(booster: Any) -> Forest:
    """Take over the trees of a LightGBM booster."""
    return Forest([_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]])


def _tree(root: dict[str, Any]) -> Tree:
    tree = Tree([], [], [], [], [])

    def add(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            tree.values.append(node["leaf_value"])  # type: ignore[attr-defined]
            return ~(len(tree.values) - 1)
        at = len(tree.features)
        for column, value in zip(
            (tree.features, tree.thresholds, tree.left, tree.right),
            (node["split_feature"], node["threshold"], 0, 0),
            strict=True,
        ):
            column.append(value)  # type: ignore[attr-defined]
        tree.left[at] = add(node["left_child"])  # type: ignore[index]
        tree.right[at] = add(node["right_child"])  # type: ignore[index]
        return at

    add(root)
    return tree


def _platt(odds: Vector, sets: Sequence[Examples], level: int) -> tuple[float, float]:
    """Fit slope and shift of the log odds by Newton's method, towards slope 1 and shift 0."""
    known = np.concatenate([one.known for one in sets])
    right = np.concatenate([one.grades >= level for one in sets])[known].astype(np.float64)
    weight = np.concatenate([np.full(len(one.grades), one.weight) for one in sets])[known]
    columns = np.stack((odds[known], np.ones(int(known.sum()))))
    turn = np.array([1.0, 0.0])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-(turn @ columns)))
        slope = columns @ (weight * (chance - right)) + turn - (1.0, 0.0)
        curve = (columns * (weight * chance * (1 - chance))) @ columns.T + np.eye(2)
        turn = turn - np.linalg.solve(curve, slope)
    return float(turn[0]), float(turn[1])


def _scores(odds: Table, turned: Sequence[tuple[float, float]]) -> Vector:
    chances = np.array(
        [
            1 / (1 + np.exp(-(slope * odd + shift)))
            for odd, (slope, shift) in zip(odds, turned, strict=True)
        ]
    )
    scores: Vector = np.minimum.accumulate(chances, axis=0).round(6).mean(axis=0).round(6)
    return scores


def _deciding(
    model: Model, sets: Sequence[Examples], scores: Sequence[Vector], start: Model | None
) -> Model:
    """Set where *none* begins, by the best score of each need."""
    tops, best = [], []
    for one, score in zip(sets, scores, strict=True):
        if one.decides:
            tops.append(one.pool.best(score[:, None])[:, 0])
            best.append(one.best)
    top, grade = np.concatenate(tops), np.concatenate(best)
    somebody, nobody = np.sort(top[grade >= 2]), top[grade == 0]
    if len(somebody) < _LEAST_POSITIVE and start:
        below = start.none_below
    else:
        below = float(somebody[int(FALSE_ALARMS * len(somebody))])
    measured = Measured(
        needs=len(somebody),
        false_alarms=float((somebody < below).mean()) if len(somebody) else 0.0,
        nobody=len(nobody),
        caught=float((nobody < below).mean()) if len(nobody) else 0.0,
    )
    parts = {name: getattr(model, name) for name in model.__dataclass_fields__}
    return Model(**{**parts, "none_below": below, "measured": measured})
