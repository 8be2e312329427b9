"""The kinds of arrays that large plans are made of."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Short = npt.NDArray[np.int32]
Bits = npt.NDArray[np.uint64]
