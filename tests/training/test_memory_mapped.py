"""Data many times larger than the memory that is allowed is trained on from a memory-mapped file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEGABYTE = 2**20
LIMIT = 280 * MEGABYTE

CHILD = """
import json, resource, sys
import numpy as np

path, rows, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

from layerkit import Callback, Dense, GradientDescent, Quadratic, Rescale, Sequential, Sigmoid, Trainer


def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


class Watch(Callback):
    peak = 0

    def progress(self, fit):
        self.peak = max(self.peak, anonymous())


before = anonymous()
images = np.memmap(path, np.uint8, "r", shape=(rows, 784))
labels = (np.arange(rows) % 10).astype(np.uint8)
model = Sequential([Rescale(), Dense(16, activation=Sigmoid()), Dense(10, activation=Sigmoid())])
watch = Watch()
trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1.0), seed=0)
history = trainer.fit((images, labels), epochs=1, batch_size=1000, callbacks=[watch])
own = model.structure.parameters.nbytes * 3
try:
    np.ones(limit, np.uint8)
    held = False
except MemoryError:
    held = True
print(json.dumps({"peak": watch.peak - before - own, "cost": history["cost"][0], "held": held}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits and counts memory as Linux does")
def test_a_file_three_times_the_memory_limit_is_trained_on(tmp_path: Path) -> None:
    rows = 3 * LIMIT // 784 + 1000
    path = tmp_path / "images"
    with path.open("wb") as file:
        # most of it a hole: the file system need not store what nobody wrote
        file.write(bytes(range(256)) * (MEGABYTE // 256))
        file.truncate(rows * 784)
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(rows), str(LIMIT)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["held"], "the limit on memory was none"
    assert told["cost"] > 0
    assert told["peak"] < 200 * MEGABYTE
