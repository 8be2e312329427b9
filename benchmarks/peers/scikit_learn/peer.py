"""A forest over a stack of rasters with scikit-learn by hand: the whole stack in memory.

    python benchmarks/peers/scikit_learn/peer.py FOLDER

Reads layer_NN.tif of the folder as the usual toolkits do (each raster whole, stacked, one row for
a cell, rows with a missing value left out), predicts with forest.joblib on one thread and writes
score.npy. Prints the CPU seconds of preparing and predicting, and the greatest memory held. It is
run by benchmarks/explore_predict.py in an environment of its own (see requirements.txt).
"""

import json
import resource
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import rasterio
import sklearn


def main() -> None:
    folder = Path(sys.argv[1])
    forest = joblib.load(folder / "forest.joblib")
    forest.n_jobs = 1
    began = time.process_time()
    bands = []
    for path in sorted(folder.glob("layer_*.tif")):
        with rasterio.open(path) as raster:
            band = raster.read(1)
            band[band == raster.nodata] = np.nan
            bands.append(band)
    stack = np.stack(bands)
    shape = stack.shape[1:]
    rows = stack.reshape(len(bands), -1).T
    whole = ~np.isnan(rows).any(axis=1)
    rows = rows[whole]
    prepared = time.process_time()
    share = forest.predict_proba(rows)[:, 1]
    score = np.full(shape[0] * shape[1], np.nan, np.float32)
    score[whole] = share
    predicted = time.process_time()
    np.save(folder / "score.npy", score.reshape(shape))
    told = {
        "prepare": prepared - began,
        "predict": predicted - prepared,
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "version": sklearn.__version__,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
