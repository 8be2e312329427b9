"""A model as one file: numbers and JSON in an archive, with nothing that could be run."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from onshore.explore.errors import ExploreError
from onshore.explore.methods import KINDS, Array, Parts, restored
from onshore.explore.training import Model

_FORM = "onshore prospectivity model"
_VERSION = 1
_TOLD = "model.json"
_MOST_BYTES = 2_000_000_000


def save_model(model: Model, path: Path) -> Path:
    """Write a model to one file, by rename when it is whole.

    Parameters
    ----------
    model
        What was trained.
    path
        The file, usually ``NAME.npz``; it is replaced where it is there already.

    Returns
    -------
    Path
        ``path``. The same model gives the same bytes.
    """
    parts = model.fitted.parts()
    arrays = {name: np.ascontiguousarray(array) for name, array in sorted(parts.arrays.items())}
    told = {
        "form": _FORM,
        "version": _VERSION,
        "layers": model.names,
        "kinds": model.kinds,
        "method": model.fitted.name,
        "settings": dict(parts.settings),
        "facts": model.facts,
        "warnings": model.warnings,
        "sha256": _digest(arrays),
    }
    path = Path(path)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, _TOLD, json.dumps(told, ensure_ascii=False, sort_keys=True).encode())
        for name, array in arrays.items():
            _put(archive, f"{name}.npy", _bytes(array))
    part = path.with_name(f"{path.name}.part-{os.getpid()}")
    try:
        part.write_bytes(held.getvalue())
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise ExploreError(
            f"the model cannot be written to {path}: {problem.strerror}. "
            "Give a folder that is there and may be written to."
        ) from problem
    return path


def load_model(path: Path) -> Model:
    """Read a model that `Model.save` wrote.

    Raises
    ------
    ExploreError
        The file is not there, is no such model, is damaged, or is of a later version.
    """
    path = Path(path)
    try:
        told, arrays = _read(path)
    except FileNotFoundError as problem:
        raise ExploreError(
            f"there is no model at {path}. Make one with `onshore explore train`."
        ) from problem
    except OSError as problem:
        raise ExploreError(f"the model {path} cannot be read: {problem.strerror}.") from problem
    except ExploreError:
        raise
    except (ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error) as problem:
        raise ExploreError(
            f"{path} is no model of this programme, or is damaged ({problem}). "
            "Give the file that `onshore explore train` wrote, or train the model anew."
        ) from problem
    _check(path, told, arrays)
    fitted = restored(str(told["method"]), Parts(arrays, told["settings"]))
    if told["settings"].get("layers") != len(told["layers"]):
        raise ExploreError(f"{path} names other layers than it was trained on. Train it anew.")
    return Model(told["layers"], told["kinds"], fitted, told["facts"], told["warnings"])


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > _MOST_BYTES:
            raise ExploreError(
                f"{path} unpacks to {size / 1e9:.1f} GB, more than any model. Do not use it."
            )
        told = json.loads(archive.read(_TOLD))
        arrays = {
            entry.filename.removesuffix(".npy"): np.lib.format.read_array(
                io.BytesIO(archive.read(entry)), allow_pickle=False
            )
            for entry in archive.infolist()
            if entry.filename.endswith(".npy")
        }
    return told, arrays


def _check(path: Path, told: Any, arrays: dict[str, Array]) -> None:
    if not isinstance(told, dict) or told.get("form") != _FORM:
        raise ExploreError(
            f"{path} is not a prospectivity model. "
            "Give the file that `onshore explore train` wrote."
        )
    if told.get("version") != _VERSION:
        raise ExploreError(
            f"{path} is of version {told.get('version')}; this programme reads {_VERSION}. "
            "Install the version that wrote it, or train the model anew."
        )
    wanted = {"layers": list, "kinds": list, "method": str, "settings": dict, "facts": dict}
    wanted |= {"warnings": list, "sha256": str}
    wrong = [name for name, kind in wanted.items() if not isinstance(told.get(name), kind)]
    layers, kinds = told.get("layers") or [], told.get("kinds") or []
    if wrong or len(layers) != len(kinds) or not set(kinds) <= set(KINDS) or not layers:
        raise ExploreError(
            f"{path} is damaged: {', '.join(wrong) or 'layers and kinds'} cannot be read. "
            "Train the model anew, or fetch the file again."
        )
    if told["sha256"] != _digest(arrays):
        raise ExploreError(
            f"{path} is damaged: its numbers are not those that were written. "
            "Train the model anew, or fetch the file again."
        )


def _digest(arrays: dict[str, Array]) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _bytes(array: Array) -> bytes:
    held = io.BytesIO()
    np.lib.format.write_array(held, array, allow_pickle=False)
    return held.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # no clock: the same bytes every time
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
