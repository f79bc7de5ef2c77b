"""A number that Python reads off an array may be another one in a later step, however long it stays the same."""

from __future__ import annotations

import copy
import ctypes
import math
import pickle
import struct
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
import pytest

from layerkit import Constant, Context, Cost, Dense, GradientDescent, Layer, Quadratic, Sequential, Trainer
from layerkit.types import Array, Shape

READS: dict[str, Callable[[Any], float]] = {
    "bool": lambda x: 1.0 if np.any(x > 0.5, axis=None, keepdims=True)[0, 0] else 0.0,
    "truth of one": lambda x: 1.0 if x[:1, :1] > 0.5 else 0.0,
    "float": lambda x: float(x[:1, 0].sum()),
    "int": lambda x: float(int(x[:1, 0].sum() * 8)),
    "index": lambda x: float(range(9)[np.multiply(x[:1, 0].sum(), 8).astype(int)]),
    "item": lambda x: x[:1, :1].item(),
    "item at a place": lambda x: x.item(0),
    "tolist": lambda x: x.tolist()[0][0],
    "element": lambda x: float(x[0, 0]),
    "elements in turn": lambda x: float(sum(x[0])),
    "how many are large": lambda x: float(len(x[x > 0.5])),
    "place of the largest": lambda x: float(x[0].argmax()),
    "place of the smallest": lambda x: float(x[0].argmin()),
    "a function's answer": lambda x: float(np.count_nonzero(x > 0.5)),
    "asarray": lambda x: float(np.asarray(x).max() > 0.5),
    "array": lambda x: float(np.array(x).max() > 0.5),
    "ascontiguousarray": lambda x: float(np.ascontiguousarray(x).max() > 0.5),
    "asarray of several": lambda x: float(np.array([x, x]).max() > 0.5),
    "view": lambda x: float(x.view(np.ndarray).max() > 0.5),
    "base": lambda x: float(struct.pack("=d", 0.75) in x.base.tobytes()),
    "boolean index": lambda x: float(len(x[x > 0.5])),
    "boolean index of the base class": lambda x: float(len(np.ndarray.__getitem__(x, x > 0.5))),
    "argwhere": lambda x: float(len(np.argwhere(x > 0.5))),
    "nonzero": lambda x: float(len(np.nonzero(x > 0.5)[0])),
    "nonzero as a method": lambda x: float(len((x > 0.5).nonzero()[0])),
    "flatnonzero": lambda x: float(len(np.flatnonzero(x > 0.5))),
    "where with a condition alone": lambda x: float(len(np.where(x > 0.5)[0])),
    "unique": lambda x: float(len(np.unique(x))),
    "flat": lambda x: float(x.flat[0] > 0.5),
    "iteration over flat": lambda x: float(max(x.flat)),
    "bytes": lambda x: float(x.tobytes()[7]),
    "memoryview": lambda x: float(memoryview(x)[0, 0] > 0.5),
    "data": lambda x: float(x.data[0, 0] > 0.5),
    "frombuffer": lambda x: float(np.frombuffer(x).max() > 0.5),
    "ctypes": lambda x: float(_double_at(x.ctypes.data) > 0.5),
    "array interface": lambda x: float(_double_at(x.__array_interface__["data"][0]) > 0.5),
    "dlpack": lambda x: float(np.from_dlpack(x).max() > 0.5),
    "copy": lambda x: float(x.copy().max() > 0.5),
    "copy by the module": lambda x: float(copy.copy(x).max() > 0.5),
    "deep copy": lambda x: float(copy.deepcopy(x).max() > 0.5),
    "astype": lambda x: float(x.astype(bool).any()),
    "as_strided": lambda x: float(np.lib.stride_tricks.as_strided(x, (1,), (8,))[0] > 0.5),
    "sliding window": lambda x: float(np.lib.stride_tricks.sliding_window_view(x, 3, axis=1).max() > 0.5),
    "argsort": lambda x: float(x[0].argsort()[0]),
    "argmax of a function": lambda x: float(np.argmax(x[0])),
    "fancy index": lambda x: float(x[0][[0, 1]].max() > 0.5),
    "searchsorted": lambda x: float(np.searchsorted(np.array([0.5]), x[0])[0]),
    "nditer": lambda x: max(float(np.asarray(each)) for each in np.nditer(x)),
    "membership": lambda x: float(0.75 in x),
    "text": lambda x: float(len(str(x)) % 3),
    "format": lambda x: float(f"{x[0, 0]:.2f}"),
    "math": lambda x: math.floor(x[0, 0] * 4),
    "pickle": lambda x: float(pickle.loads(pickle.dumps(x)).max() > 0.5),
    "isclose": lambda x: float(np.allclose(x, 0.0)),
    "array_equal": lambda x: float(np.array_equal(x, x * 0)),
    "own function along an axis": lambda x: float(np.apply_along_axis(lambda row: row * (row[0] > 0.5), 1, x)[0, 0]),
    "fromiter": lambda x: float(np.fromiter(x[0], float).max() > 0.5),
    "sorted": lambda x: float(sorted(x[0])[-1] > 0.5),
    "builtin max": lambda x: float(max(x[0]) > 0.5),
    "length of text of bytes": lambda x: float(len(x.tobytes().replace(bytes(8), b"")) % 3),
    "put into a plain array": lambda x: float(_filled(x).max() > 0.5),
    "out of a plain array": lambda x: float(np.abs(x, out=np.empty(x.shape, x.dtype)).max() > 0.5),
    "copied to a plain array": lambda x: float(_copied(x).max() > 0.5),
    "matrix product of a plain array": lambda x: float(np.ones(len(x), x.dtype).dot(x)[0] > 0.5),
}


def _double_at(address: int) -> float:
    return ctypes.cast(address, ctypes.POINTER(ctypes.c_double))[0]


def _filled(x: Array) -> Array:
    plain = np.empty(x.shape, x.dtype)
    plain[...] = x
    return plain


def _copied(x: Array) -> Array:
    plain = np.empty(x.shape, x.dtype)
    np.copyto(plain, x)
    return plain


class Reads(Layer):
    """y = factor · x + a number that is read off x."""

    factor: Array

    def __init__(self, how: str, *, recordable: bool) -> None:
        self.how = how
        self.recordable = recordable  # type: ignore[misc]

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", (), Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))
        return np.add(y, READS[self.how](x), out=y)

    def backward(self, grad: Array, ctx: Context) -> Array:
        np.sum(grad * ctx.saved.x, out=ctx.gradient("factor"))
        return np.multiply(grad, self.factor, out=ctx.scratch("gradient", grad.shape))


def trained(layer: Any, cost: Any = None, *, target: float = 1.0) -> Array:
    """The parameters after eight steps, the last two of which meet other numbers than those before."""
    x = np.zeros((40, 3))
    x[:, 2] = 0.25
    x[30:] = [0.75, 0.5, 0.0]
    y = np.ones((40, 2))
    y[30:] = target
    model = Sequential([layer, Dense(2)]).astype("float64")
    trainer = Trainer(model, cost=cost or Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    trainer.fit((x, y), epochs=1, batch_size=5, shuffle=False)
    return trainer.model.structure.parameters


class ReadsParameter(Reads):
    """y = factor · x + a number that is read off the factor, whose sign changes once."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))
        return np.add(y, 1.0 if self.factor > 0.95 else 0.5, out=y)


class ReadsPart(Layer):
    """Runs a part, and adds a number that is read off the part's parameter."""

    def __init__(self, inner: Layer, *, recordable: bool) -> None:
        self.inner = inner
        self.recordable = recordable  # type: ignore[misc]
        self._held = {"inner": [inner]}

    def build(self, input_shape: Shape) -> Shape:
        return self.part("body", self.inner, input_shape)

    def forward(self, x: Array, ctx: Context) -> Any:
        factor: Any = self._held["inner"][0].factor
        y = ctx.part("body").forward(x)
        return np.add(y, 1.0 if factor > 0.95 else 0.5, out=ctx.scratch("y", x.shape))

    def backward(self, grad: Array, ctx: Context) -> Any:
        return ctx.part("body").backward(grad)


class ReadsInCost(Cost):
    """Half the squared difference, twice as much where a prediction is large."""

    def __init__(self, *, recordable: bool) -> None:
        self.recordable = recordable  # type: ignore[misc]

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        ctx.saved.factor = 2.0 if float(np.asarray(target).max()) > 1.5 else 1.0
        costs: Array = 0.5 * ctx.saved.factor * ((prediction - target) ** 2).sum(axis=1)
        return costs

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return ctx.saved.factor * (prediction - target)


class DrawsOnce(Reads):
    """y = factor · x, doubled where a draw says so, which it rarely does."""

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        y = np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))
        return np.multiply(y, 2.0 if ctx.rng.random() < 0.2 else 1.0, out=y)


@pytest.mark.parametrize("how", READS)
def test_what_is_read_is_read_at_every_step(how: str) -> None:
    np.testing.assert_array_equal(trained(Reads(how, recordable=True)), trained(Reads(how, recordable=False)))


@pytest.mark.parametrize("kind", [ReadsParameter, DrawsOnce])
def test_what_a_parameter_or_a_draw_decides_is_decided_at_every_step(kind: Any) -> None:
    np.testing.assert_array_equal(trained(kind("", recordable=True)), trained(kind("", recordable=False)))


def test_the_parameters_of_a_part_are_not_read_unseen() -> None:
    fast, plain = (ReadsPart(Reads("element", recordable=True), recordable=flag) for flag in (True, False))
    np.testing.assert_array_equal(trained(fast), trained(plain))


def test_targets_are_not_read_unseen() -> None:
    fast, plain = (trained(Dense(3), ReadsInCost(recordable=flag), target=2.0) for flag in (True, False))
    np.testing.assert_array_equal(fast, plain)


class HoldsALock(Reads):
    """y = factor · x, by a layer that cannot be copied, and so not be recorded."""

    def __init__(self, how: str, *, recordable: bool) -> None:
        super().__init__(how, recordable=recordable)
        self._lock = Lock()

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        with self._lock:
            return np.multiply(x, self.factor, out=ctx.scratch("y", x.shape))


def test_what_cannot_be_copied_is_left_to_the_passes() -> None:
    np.testing.assert_array_equal(trained(HoldsALock("", recordable=True)), trained(HoldsALock("", recordable=False)))


def test_a_predictor_reads_at_every_prediction() -> None:
    model = Sequential([Reads("asarray", recordable=True)]).initialize(3, seed=0)
    predictor = model.predictor()
    for value in (0.1, 0.9, 0.2, 2.0):
        x = np.full((1, 3), value, np.float32)
        np.testing.assert_array_equal(predictor.predict(x), model.predict(x))
