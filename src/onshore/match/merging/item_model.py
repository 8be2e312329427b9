"""The model that tells how probable it is that two items are the same good."""

import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from onshore.match.errors import MatchError
from onshore.match.merging.forest import Floats, Forest
from onshore.match.merging.item_features import NAMES
from onshore.records import write_whole

_FORM = "onshore item model 1"


@dataclass(frozen=True)
class ItemModel:
    """A forest over the features of two items.

    ``threshold`` is the probability from which two items are merged; ``made_by`` the command
    that learned the model.
    """

    forest: Forest
    threshold: float
    made_by: str

    def probability(self, features: Floats) -> Floats:
        """Give the probability that each row's two items are the same, 0 to 1."""
        return 1 / (1 + np.exp(-self.forest.log_odds(features)))

    def save(self, path: str | Path) -> None:
        """Write the model to a file: arrays and a heading in JSON, nothing that is run."""
        heading = {
            "form": _FORM,
            "features": NAMES,
            "threshold": self.threshold,
            "made_by": self.made_by,
        }
        arrays: dict[str, Any] = {
            "heading": np.frombuffer(json.dumps(heading).encode(), dtype=np.uint8),
            **self.forest.arrays(),
        }
        content = io.BytesIO()
        np.savez_compressed(content, **arrays)
        path = Path(path)
        write_whole(path.parent, {path.name: content.getvalue()})

    @classmethod
    def load(cls, content: bytes, name: str) -> "ItemModel":
        """Read what `save` wrote.

        Raises
        ------
        MatchError
            It is not such a model, is cut short or is of another version.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
            heading = json.loads(arrays.pop("heading").tobytes())
            if heading["form"] != _FORM or tuple(heading["features"]) != NAMES:
                raise ValueError("another version")
            forest = Forest.from_arrays(arrays, len(NAMES))
            return cls(forest, float(heading["threshold"]), str(heading["made_by"]))
        except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as mistake:
            raise MatchError(
                f"{name} is not a model of items that this version reads: it is another file, is "
                "cut short, or is of another version."
            ) from mistake


@cache
def shipped_model() -> ItemModel:
    """Give the model that comes with the package (``items.npz``)."""
    file = resources.files("onshore.match.merging").joinpath("items.npz")
    return ItemModel.load(file.read_bytes(), "items.npz")
