"""What is declared recordable, trained with and without recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

import numpy as np

from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.models.sequential import Sequential
from layerkit.optimizers.adam import Adam
from layerkit.testing.closeness import difference
from layerkit.testing.verdicts import Unmet
from layerkit.training.trainer import Trainer
from layerkit.types import Array, Shape, Value

_ROWS = 4


@final
class _Unrecorded(Layer):
    """Changes nothing, and keeps a network from being recorded."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Value, ctx: Context) -> Value:
        return x

    def backward(self, grad: Value, ctx: Context) -> Value:
        return grad


def require_same_when_recorded(
    layers: Callable[[], Sequence[Layer]], cost: Callable[[], Cost], x: Array, y: Array
) -> None:
    """Train the same network twice, once with its steps recorded and once not, on batches that all differ.

    Raises:
        Unmet: the parameters are not the same to the bit.
    """
    trained = []
    for last in ([], [_Unrecorded()]):
        model = Sequential([*layers(), *last]).initialize(x.shape[1:], seed=6, dtype="float64")
        trainer = Trainer(model, cost=cost(), optimizer=Adam(0.01), silence=("all",), seed=7)
        trainer.fit((x, y), epochs=2, batch_size=_ROWS)
        trained.append(model.structure.parameters)
    recorded, plain = trained
    if not np.array_equal(recorded, plain, equal_nan=True):
        raise Unmet(
            f"recorded and repeated, a parameter is {difference(recorded, plain, units=0)} without recording",
            expected="the same bits",
            cause="recordable is declared, but an operation depends on numbers that Python reads off an array, "
            "on random draws, or on memory that is not ctx.scratch",
        )
