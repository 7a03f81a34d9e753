"""The mean of two mark networks of one build: ``python -m training.marks.average A B --out C``.

A network that was trained on from another one learns what is new and forgets some of what is old;
half way between the two (Wortsman et al. 2022, "Model soups") it keeps both. Needs onnx.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def main() -> None:
    """Write the mean of both networks' numbers and print its digest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=Path, nargs=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    first, second = (onnx.load(str(path)) for path in options.networks)
    others = {item.name: numpy_helper.to_array(item) for item in first.graph.initializer}
    for item in second.graph.initializer:
        mean = (others[item.name] + numpy_helper.to_array(item)) / 2
        item.CopyFrom(numpy_helper.from_array(mean.astype(np.float32), item.name))
    data = second.SerializeToString()
    options.out.write_bytes(data)
    print(f"{options.out.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
