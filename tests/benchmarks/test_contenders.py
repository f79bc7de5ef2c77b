"""The hand-written contenders train as the reference does, so that their times may be believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks import data
from benchmarks.cases import Case
from benchmarks.contender import Contender, Problem, RefusedError
from benchmarks.contenders import CONTENDERS, entry_named
from benchmarks.contenders.c_floor import CFloor
from benchmarks.contenders.gemm_floor import GemmFloor
from benchmarks.contenders.layerkit_numpy import LayerkitNumpy
from benchmarks.contenders.numpy_loop import NumpyLoop
from benchmarks.data import Data
from benchmarks.reference import deviation, initial_parameters, sigmoid, train

SMALL = (Case((784, 30, 10), 10, 3.0), Case((784, 8, 8, 10), 7, 3.0), Case((784, 40, 37, 10), 33, 0.5))
COMPILER = pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="needs a C compiler")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise of MNIST's size, as the benchmark lays it out."""
    path = tmp_path_factory.mktemp("data")
    data.store(None, path)
    return path


@pytest.fixture(scope="module")
def arrays(folder: Path) -> Data:
    return data.load(folder)


def problem(case: Case, folder: Path, arrays: Data, *, threads: int = 1) -> Problem:
    return Problem(case, arrays, folder, initial_parameters(case), threads)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
@pytest.mark.parametrize("kind", [NumpyLoop, LayerkitNumpy, pytest.param(CFloor, marks=COMPILER)])
def test_it_trains_as_the_reference_does(kind: type[Contender], case: Case, folder: Path, arrays: Data) -> None:
    contender = kind(problem(case, folder, arrays))
    rows = np.random.default_rng(3).permutation(60_000)[: 12 * case.batch_size].reshape(12, -1)
    cost = contender.train(rows)
    expected, parameters = train(case, arrays.x, arrays.y, rows, "quadratic")
    assert cost == pytest.approx(expected, rel=1e-5)
    assert deviation(case, contender.parameters(), parameters) < 1e-3


@pytest.mark.parametrize("kind", [NumpyLoop, LayerkitNumpy])
def test_it_predicts_with_its_parameters(kind: type[Contender], folder: Path, arrays: Data) -> None:
    contender = kind(problem(SMALL[0], folder, arrays))
    expected = arrays.x_test[:9]
    for weights, biases in contender.parameters():
        expected = sigmoid(expected @ weights + biases)
    assert np.allclose(contender.predict(arrays.x_test[:9]), expected, atol=1e-6)


def test_the_time_of_a_step_is_that_of_a_round_shared_out(folder: Path, arrays: Data) -> None:
    contender = NumpyLoop(problem(SMALL[0], folder, arrays))
    asked = []

    def shuffled(steps: int) -> data.Array:
        asked.append(steps)
        return np.zeros((steps, 10), np.intp)

    assert 0 < contender.step_seconds(shuffled, 50) < 0.1
    assert asked == [50]


def test_the_products_alone_leave_their_parameters_as_they_are(folder: Path, arrays: Data) -> None:
    floor = GemmFloor(problem(SMALL[0], folder, arrays))
    assert floor.cost is None
    with np.errstate(all="raise"):
        assert floor.train(np.zeros((500, 10), np.intp)) == 0


@COMPILER
def test_the_c_program_is_written_for_one_thread(folder: Path, arrays: Data) -> None:
    with pytest.raises(RefusedError, match="one thread"):
        CFloor(problem(SMALL[0], folder, arrays, threads=2))


def test_names_are_distinct_and_unknown_ones_are_refused() -> None:
    names = [entry.name for entry in CONTENDERS]
    assert len(set(names)) == len(names)
    with pytest.raises(ValueError, match="numpy_loop"):
        entry_named("nump_loop")
