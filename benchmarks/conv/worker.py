"""The measured process: ``python -m benchmarks.conv.worker CONTENDER FOLDER THREADS SEED`` prints one JSON object."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.conv.network import BATCH, initial_parameters, order

CHECKED_STEPS = 16
CONTENDERS = {
    "layerkit-conv": ("layerkit_contender:LayerkitConv", "layerkit_conv"),
    "layerkit-conv, compiled": ("layerkit_contender:compiled", "layerkit_numba"),
    "torch": ("torch_contender:TorchConv", "torch"),
}
"""For each contender its class, and the package that it needs."""


def run(name: str, folder: Path, threads: int, seed: int) -> dict[str, Any]:
    """A few steps, to be compared; then the whole training, in seconds, and what it reaches."""
    module, kind = CONTENDERS[name][0].split(":")
    contender = getattr(importlib.import_module(f"benchmarks.conv.{module}"), kind)
    arrays = data.load(folder)
    checked = contender(arrays, initial_parameters(seed), threads)
    rows = order(seed, 0, len(arrays.x))[: CHECKED_STEPS * BATCH].reshape(CHECKED_STEPS, BATCH)
    cost = checked.steps(rows)
    np.savez(folder / f"{name}.npz", **checked.parameters())

    trained = contender(arrays, initial_parameters(seed), threads)
    started = time.perf_counter(), time.process_time()
    trained.train(seed)
    seconds, processor = time.perf_counter() - started[0], time.process_time() - started[1]
    right = trained.predict(arrays.x_test) == arrays.labels_test
    return {"cost": cost, "seconds": seconds, "processor_seconds": processor, "test_accuracy": float(right.mean())}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
