"""What a method of prospectivity is: it fits known deposits, then scores any cells.

A method sees arrays, never rasters or places: what it learns cannot be where the deposits lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

import numpy as np
import polars as pl

from onshore.explore.errors import ExploreError

Array: TypeAlias = np.ndarray[Any, Any]
Json: TypeAlias = Any

KINDS = ("numeric", "categorical", "binary")


@dataclass(frozen=True)
class Parts:
    """A fitted method in plain arrays and settings, as it is saved.

    Attributes
    ----------
    arrays : dict of str to array
        Numbers only; no Python objects.
    settings : dict
        What JSON can hold.
    """

    arrays: Mapping[str, Array]
    settings: Mapping[str, Json]


@runtime_checkable
class Fitted(Protocol):
    """A method that has learned, and scores cells.

    Attributes
    ----------
    name : str
        The method's name, as `method` takes it.
    uncertainty : str
        What the second array of `score` is, in words.
    """

    name: str
    uncertainty: str

    def score(self, values: Array) -> tuple[Array, Array]:
        """Score cells: values float32 (n, layers) give score and uncertainty, float32 (n,).

        The score is from 0 to 1 with deposits and background taken as equally frequent: 0.5 is
        as many deposits as in the country as a whole. A cell's score depends on the cell alone.
        """
        ...

    def describe(self) -> pl.DataFrame:
        """Tell what counts: ``layer`` (Int64, its place), ``what`` (str), ``value`` (Float64)."""
        ...

    def parts(self) -> Parts:
        """Give what `restored` makes the same fitted method of."""
        ...


class Method(Protocol):
    """What can be fitted to cells with and without known deposits."""

    @property
    def name(self) -> str:
        """The name that `method` knows it by."""
        ...

    def fit(self, values: Array, kinds: Sequence[str], counts: Array, *, seed: int) -> Fitted:
        """Learn from cells.

        Parameters
        ----------
        values
            float32 (n, layers), no NaN; classes of categorical layers are whole numbers.
        kinds
            ``numeric``, ``categorical`` or ``binary``, for each layer.
        counts
            float64 (n,): known deposits in the cell, weighted; 0 where none is known.
        seed
            Of all random draws.
        """
        ...


_MODULES = {
    "boosted": "onshore.explore.boosting",
    "forest": "onshore.explore.forests",
    "logistic": "onshore.explore.logistic",
    "positive-unlabelled": "onshore.explore.unlabelled",
    "weights": "onshore.explore.weighing",
}
METHODS = tuple(sorted(_MODULES))


def method(name: str = "boosted", **options: Any) -> Method:
    """Give a method by its name.

    Parameters
    ----------
    name
        ``boosted`` (bagged gradient boosting, the default), ``forest``, ``logistic``,
        ``positive-unlabelled`` or ``weights`` (weights of evidence).
    options
        The method's own settings; `docs/methods/explore_models.md` lists them.

    Raises
    ------
    ExploreError
        No such method, or it has no such option (the message lists those there are), or a value
        that the option cannot have.

    Examples
    --------
    >>> method("logistic", ridge=2.0)
    Logistic(ridge=2.0)
    """
    if name not in _MODULES:
        raise ExploreError(
            f"there is no method '{name}'. Found: {name!r}. Take one of {', '.join(METHODS)}."
        )
    made = _module(name).METHOD
    known = tuple(made.__dataclass_fields__)
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise ExploreError(
            f"the method '{name}' has no option {', '.join(unknown)}. "
            f"Its options are {', '.join(known)}."
        )
    for option, value in options.items():
        _check_option(name, option, value, made.__dataclass_fields__[option].default)
    return cast(Method, made(**options))


def restored(name: str, parts: Parts) -> Fitted:
    """Make a fitted method of its parts; a part that cannot be is an `ExploreError`."""
    if name not in _MODULES:
        raise ExploreError(
            f"the model was saved by a method this version does not know: {name!r}. "
            f"It knows {', '.join(METHODS)}; train the model anew or install a later version."
        )
    make = cast(Callable[[Parts], Fitted], _module(name).restored)
    try:
        return make(parts)
    except (KeyError, TypeError, IndexError) as problem:
        raise ExploreError(
            f"the saved model is not whole ({type(problem).__name__}: {problem}). "
            "Train it anew, or fetch the file again."
        ) from problem


def checked_cells(
    values: Array, kinds: Sequence[str], counts: Array
) -> tuple[Array, list[str], Array]:
    """Give values float32, kinds and counts float64 after checking that they can be learned from.

    Raises
    ------
    ExploreError
        Shapes that do not fit, an unknown kind, NaN or infinite values (with the layer's place
        and how many), negative counts, fewer than two cells with deposits or without.
    """
    values = np.asarray(values, dtype=np.float32)
    counts = np.asarray(counts, dtype=np.float64)
    if values.ndim != 2 or counts.shape != values.shape[:1] or len(kinds) != values.shape[1]:
        raise ExploreError(
            f"values, kinds and counts do not fit together. Found: values {values.shape}, "
            f"{len(kinds)} kinds, counts {counts.shape}. Give values (cells, layers), a kind "
            "for each layer and a count for each cell."
        )
    strange = sorted(set(kinds) - set(KINDS))
    if strange:
        raise ExploreError(f"kinds of layers are {', '.join(KINDS)}. Found: {', '.join(strange)}.")
    checked_values(values, values.shape[1])
    if not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise ExploreError(
            "deposit counts must be 0 or more. "
            f"Found: {int(np.sum(~(counts >= 0)))} that are negative or not numbers. "
            "Mend the deposits' weights."
        )
    known = int(np.count_nonzero(counts))
    if known < 2 or known == len(counts):
        raise ExploreError(
            f"a method needs cells with deposits and cells without. Found: {known} with and "
            f"{len(counts) - known} without. Add deposits, or background cells."
        )
    return values, list(kinds), counts


def checked_values(values: Array, layers: int) -> Array:
    """Give values float32 (n, layers) after checking that none is missing.

    Raises
    ------
    ExploreError
        Another number of layers, or NaN and infinite values: nothing missing reaches a model.
    """
    values = np.asarray(values, dtype=np.float32)
    if values.ndim != 2 or values.shape[1] != layers:
        raise ExploreError(
            f"the model was trained on {layers} layers. Found: an array of shape {values.shape}. "
            f"Give (cells, {layers})."
        )
    for layer in range(layers):
        missing = int(np.count_nonzero(~np.isfinite(values[:, layer])))
        if missing:
            raise ExploreError(
                f"layer {layer} has {missing} cells without a value (NaN or infinite). "
                "Leave these cells out (`Cells.valid`), or declare the layer's nodata."
            )
    return values


def _check_option(name: str, option: str, value: object, default: object) -> None:
    """Options are numbers above 0, whole where the default is (or there is none by default)."""
    if value == default and isinstance(value, type(default)):
        return
    whole = isinstance(default, int) or default is None
    most = 1.0 if option == "features" else np.inf
    wanted = f"a {'whole ' if whole else ''}number above 0{' and up to 1' if most == 1 else ''}"
    fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not fits or not 0 < cast(float, value) <= most or value == np.inf:
        raise ExploreError(
            f"the option {option} of the method '{name}' is {wanted}, {default!r} if it is not "
            f"given. Found: {value!r}."
        )


@cache
def _module(name: str) -> Any:
    return import_module(_MODULES[name])
