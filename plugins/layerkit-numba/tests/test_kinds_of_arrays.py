"""Any dtype in any layout, at every door: the results of plain arrays, or one clear error, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layerkit_numba import NumbaEngine

from layerkit import (
    Accuracy,
    CrossEntropy,
    Dense,
    Engine,
    GradientDescent,
    NumpyEngine,
    Quadratic,
    Rescale,
    Sequential,
    Tanh,
    Trainer,
)
from layerkit.errors import DataError
from layerkit.types import Array

ROWS, FEATURES = 11, 6
NUMBERS = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "g", "?", "i1", "u1", "<i2", ">i2", ">i4", ">u4", "<i8", ">i8"]
NO_NUMBERS = ["O", "U8", "S8", "c8", ">c16", "M8[s]", "m8[s]", "V4"]


class Own(np.ndarray[Any, Any]):
    """A subclass without ways of its own."""


def _apart(x: Array) -> Array:
    wide = np.zeros((2 * x.shape[0], 3 * x.shape[1]), x.dtype)
    wide[::2, ::3] = x
    return wide[::2, ::3]


def _misaligned(x: Array) -> Array:
    memory = np.zeros(x.nbytes + 1, np.uint8)
    found = memory[1:].view(x.dtype).reshape(x.shape)
    found[...] = x
    return found


def _read_only(x: Array) -> Array:
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS: dict[str, Callable[[Array], Any]] = {
    "plain": np.ascontiguousarray,
    "columns first": np.asfortranarray,
    "backwards": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "apart": _apart,
    "misaligned": _misaligned,
    "read-only": _read_only,
    "subclass": lambda x: x.copy().view(Own),
    "nothing masked": np.ma.masked_array,
    "list": lambda x: x.tolist(),
    "repeated": lambda x: np.broadcast_to(x[:1], x.shape),
}
MAPS = ["map", "map of columns", "map apart"]


def laid_out(x: Array, layout: str, folder: Path) -> Any:
    if layout not in MAPS:
        return LAYOUTS[layout](x)
    path = folder / "x.bin"
    wide = np.zeros((2 * x.shape[0], x.shape[1]), x.dtype)
    if layout == "map apart":
        wide[::2] = x
        wide.tofile(path)
        return np.memmap(path, x.dtype, "r", shape=wide.shape)[::2]
    order: Any = "F" if layout == "map of columns" else "C"
    path.write_bytes(x.tobytes(order=order))
    return np.memmap(path, x.dtype, "r", shape=x.shape, order=order)


def outcomes(x: Any, y: Any, engine: Engine, *, labels: bool, rescale: bool) -> list[Array]:
    """What every door gives."""
    layers = [*([Rescale(0.5)] if rescale else []), Dense(4, activation=Tanh()), Dense(3)]
    model = Sequential(layers).initialize(FEATURES, seed=0)
    cost: Any = CrossEntropy() if labels else Quadratic()
    trainer = Trainer(model, cost=cost, optimizer=GradientDescent(0.1), engine=engine, seed=1)
    if labels:
        trainer.metrics = (Accuracy(),)
    history = trainer.fit((x, y), epochs=1, batch_size=4, validation=(x, y))
    return [
        np.array(history["cost"]),
        np.array(history["validation_cost"]),
        model.structure.parameters.copy(),
        np.array(list(trainer.evaluate((x, y)).values())),
        model.predict(x),
        model.predictor(ROWS).predict(x),
    ]


def numbers(dtype: str, seed: int, shape: tuple[int, ...]) -> Array:
    rng = np.random.default_rng(seed)
    low = -3 if np.dtype(dtype).kind in "fi" else 0
    high = 2 if np.dtype(dtype).kind == "b" else 4
    found = rng.uniform(low, high, shape) if np.dtype(dtype).kind == "f" else rng.integers(low, high, shape)
    return found.astype(dtype)


def assert_as_plain_arrays(
    x_kind: str, y_kind: str, layout: str, y_layout: str, seed: int, folder: Path, *, labels: bool, rescale: bool
) -> None:
    if labels and np.dtype(y_kind).kind not in "iu":
        y_kind = ">i4"
    x, y = numbers(x_kind, seed, (ROWS, FEATURES)), numbers(y_kind, seed + 1, (ROWS, 3))
    if labels:
        y = np.random.default_rng(seed).integers(0, 3, ROWS).astype(y_kind)
    given_x, given_y = laid_out(x, layout, folder), y if labels else LAYOUTS[y_layout](y)
    expected = outcomes(
        np.array(given_x, np.float64),
        np.array(given_y, np.int64 if labels else np.float64),
        NumpyEngine(),
        labels=labels,
        rescale=rescale,
    )
    for engine in (NumpyEngine(), NumbaEngine()):
        found = outcomes(given_x, given_y, engine, labels=labels, rescale=rescale)
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=2e-5)


any_kinds = given(
    x_kind=st.sampled_from(NUMBERS),
    y_kind=st.sampled_from(NUMBERS),
    layout=st.sampled_from([*LAYOUTS, *MAPS]),
    y_layout=st.sampled_from(list(LAYOUTS)),
    seed=st.integers(0, 2**32),
    labels=st.booleans(),
    rescale=st.booleans(),
)


@settings(deadline=None, max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@any_kinds
def test_numbers_of_any_kind_give_the_results_of_plain_arrays(tmp_path: Path, **drawn: Any) -> None:
    assert_as_plain_arrays(folder=tmp_path, **drawn)


@pytest.mark.thorough
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@any_kinds
def test_and_of_many_more(tmp_path: Path, **drawn: Any) -> None:
    assert_as_plain_arrays(folder=tmp_path, **drawn)


@pytest.mark.parametrize("engine", [NumpyEngine, NumbaEngine])
@pytest.mark.parametrize("layout", ["plain", "columns first", "apart", "subclass", "map"])
@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_what_is_no_number_is_one_clear_error(kind: str, layout: str, engine: type[Engine], tmp_path: Path) -> None:
    if kind == "O" and layout == "map":
        pytest.skip("no map holds objects")
    x = laid_out(np.zeros((ROWS, FEATURES), kind), layout, tmp_path)
    good, targets = np.zeros((ROWS, FEATURES)), np.zeros((ROWS, 3))
    model = Sequential([Dense(3)]).initialize(FEATURES, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), engine=engine())
    doors: list[Callable[[], Any]] = [
        lambda: trainer.fit((x, targets), epochs=1),
        lambda: trainer.fit((good, x[:, :3]), epochs=1),
        lambda: trainer.evaluate((x, targets)),
        lambda: model.predict(x),
        lambda: model.predictor(ROWS).predict(x),
    ]
    for door in doors:
        with pytest.raises(DataError, match=r"numbers, got an array of dtype|targets in words name one class"):
            door()
