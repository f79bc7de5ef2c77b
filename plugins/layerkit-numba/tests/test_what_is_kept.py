"""Functions are compiled once: for all shapes, all networks and all processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from layerkit_numba import NumbaEngine
from layerkit_numba.natives import spent

from layerkit import Dense, GradientDescent, Quadratic, ReLU, Sequential, Trainer

PROGRAM = """
import numpy as np
from layerkit import Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit_numba import NumbaEngine
from layerkit_numba.natives import spent

engine = NumbaEngine()
model = Sequential([Dense(3)]).initialize(4, seed=0)
trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine, seed=0)
trainer.fit((np.ones((8, 4)), np.ones((8, 3))), epochs=1)
print(spent.compiled, spent.loaded)
print(model.parameters["0.weight"].tobytes().hex())
"""


def started(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "LAYERKIT_CACHE": str(folder)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=environment)


def ended(process: subprocess.Popen[str]) -> tuple[int, int, str]:
    """How much it compiled and loaded, and the parameters."""
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    compiled, loaded, parameters = output.split()
    return int(compiled), int(loaded), parameters


@pytest.mark.thorough
def test_processes_that_start_together_compile_once_and_what_is_broken_is_compiled_anew(tmp_path: Path) -> None:
    both = [ended(process) for process in [started(tmp_path) for _ in range(2)]]
    assert sum(compiled for compiled, _, _ in both) == both[0][0] + both[0][1]
    files = sorted((tmp_path / "numba").iterdir())
    assert [file.suffix for file in files] == [".o"] * len(files) != []
    content = files[0].read_bytes()
    files[0].write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    files[1].write_bytes(b"")
    again = ended(started(tmp_path))
    assert again == (2, len(files) - 2, both[0][2])
    assert ended(started(tmp_path)) == (0, len(files), both[0][2])


def counted(widths: list[int], batch_size: int) -> int:
    """How many functions a training brought."""
    before = spent.compiled + spent.loaded
    model = Sequential([Dense(width, activation=ReLU()) for width in widths]).initialize(6, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=NumbaEngine(), seed=0)
    trainer.fit((np.ones((37, 6)), np.ones((37, widths[-1]))), epochs=1, batch_size=batch_size)
    return spent.compiled + spent.loaded - before


def test_another_depth_compiles_nothing_and_another_width_products_alone() -> None:
    assert counted([8, 8, 8], 8) > 0
    assert counted([8, 8, 8, 8, 8], 8) == 0
    assert counted([8, 24, 8], 8) <= 6
    assert counted([8, 24, 24, 8], 8) <= 3


def test_another_batch_size_compiles_no_more_than_products() -> None:
    counted([8, 8], 8)
    assert counted([8, 8], 12) < 5
