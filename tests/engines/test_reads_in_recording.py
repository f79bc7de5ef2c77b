"""A number that Python reads off an array may be another one in a later step, however long it stays the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layerkit import Constant, Context, Dense, GradientDescent, Layer, Quadratic, Sequential, Trainer
from layerkit.types import Array, Shape

READS: dict[str, Callable[[Array], float]] = {
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
    "an array without its recorder": lambda x: float(np.asarray(x).max()),
    "a copy": lambda x: float(np.array(x)[0, 0]),
    "a copy by its method": lambda x: float(x.copy()[0, 0]),
    "another dtype": lambda x: float(x.astype("float32")[0, 0]),
    "a view": lambda x: float(x.view(np.ndarray).max()),
    "a sorted copy": lambda x: float(np.sort(x, axis=None)[-1]),
    "places in order": lambda x: float(x[0].argsort()[0]),
    "bytes": lambda x: x.tobytes()[7] / 100,
    "memory": lambda x: bytes(memoryview(x.data))[7] / 100,
    "memory as numbers": lambda x: float(np.frombuffer(x.tobytes(), x.dtype)[0]),
    "flat": lambda x: float(x.flat[0]),
    "how many there are": lambda x: len(np.argwhere(x > 0.5)) / 10,
    "where they are": lambda x: len(x.nonzero()[0]) / 10,
    "a list": lambda x: float(next(iter(x[0]))),
    "text": lambda x: len(str(x)) / 1000,
    "a test": lambda x: 1.0 if np.isclose(x, 0.75).any() else 0.0,
    "equality": lambda x: 1.0 if np.array_equal(x, np.zeros((5, 3))) else 0.0,
    "an interface": lambda x: x.__array_interface__["shape"][0] / 10,
    "a function's answer": lambda x: float(np.count_nonzero(x > 0.5)),
}


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


def trained(layer: Any) -> Array:
    """The parameters after eight steps, the last two of which meet other numbers than those before."""
    x = np.zeros((40, 3))
    x[:, 2] = 0.25
    x[30:] = [0.75, 0.5, 0.0]
    trainer = Trainer(Sequential([layer, Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    trainer.fit((x, np.ones((40, 2))), epochs=1, batch_size=5, shuffle=False)
    return trainer.model.structure.parameters


@pytest.mark.parametrize("how", READS)
def test_what_is_read_is_read_at_every_step(how: str) -> None:
    np.testing.assert_array_equal(trained(Reads(how, recordable=True)), trained(Reads(how, recordable=False)))
