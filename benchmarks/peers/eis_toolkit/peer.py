"""EIS Toolkit's weights of evidence of one layer: CPU seconds, peak memory, its table.

    python benchmarks/peers/eis_toolkit/peer.py LAYER.tif DEPOSITS.csv OUT.csv KIND

DEPOSITS.csv has x and y in the layer's CRS; KIND is unique, categorical, ascending or descending.
Prints the CPU seconds of one run (reading the layer included, imports not), the peak memory of the
process in MB and the version. It is run by benchmarks/explore_weights.py in an environment of its
own, Python 3.10: `uv pip install -r requirements.txt`, then `uv pip install --no-deps
eis-toolkit==1.1.6` (the package asks for bindings of GDAL that have no wheel; its weights of
evidence do not use them).
"""

import resource
import sys
import time
from importlib.metadata import version

import geopandas as gpd
import pandas as pd
import rasterio
from eis_toolkit.prediction.weights_of_evidence import weights_of_evidence_calculate_weights


def main() -> None:
    layer, deposits, out, kind = sys.argv[1:]
    points = pd.read_csv(deposits)
    with rasterio.open(layer) as raster:
        places = gpd.GeoDataFrame(
            geometry=gpd.points_from_xy(points["x"], points["y"]), crs=raster.crs
        )
        began = time.process_time()
        table, *_ = weights_of_evidence_calculate_weights(raster, places, weights_type=kind)
        took = time.process_time() - began
    table["Class"] = [str(name) for name in table["Class"]]
    table.to_csv(out, index=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(took, peak, version("eis-toolkit"))


if __name__ == "__main__":
    main()
