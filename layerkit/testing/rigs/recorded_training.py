"""What is declared recordable, recorded once and repeated on other numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from layerkit.engines.recorded_step import Recording
from layerkit.errors import LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.layer import Layer
from layerkit.models.sequential import Sequential
from layerkit.random_streams import RandomStreams
from layerkit.steps.differentiate import Differentiate
from layerkit.testing.closeness import difference
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array

_SCALES = (0.1, 1.0, 10.0, 100.0, 0.0, -1.0, -10.0)
"""By what inputs and parameters are multiplied: a branch that numbers decide is to be reached."""


def require_same_when_recorded(
    layers: Callable[[], Sequence[Layer]], cost: Callable[[], Cost], x: Array, y: Array
) -> None:
    """Record a step, and repeat the recording on inputs of other sizes: each time it must give the bits of the passes.

    Raises:
        Unmet: it does not, or nothing could be recorded.
    """
    model = Sequential(layers()).initialize(x.shape[1:], seed=6, dtype="float64")
    memory, target = np.array(x), np.array(y)
    plain = Differentiate(model, cost(), RandomStreams(0))
    batch = Batch(memory, target)
    plain(batch)
    recording = Recording(plain, batch)
    if not recording.valid:
        raise Unmet(
            "nothing could be recorded",
            expected="passes that can be repeated by their NumPy operations alone, or recordable left at False",
            cause="recordable is declared, but Python reads numbers off an array (float, item, an if, np.asarray, a "
            "boolean index), or random numbers are drawn, or memory is read that is not ctx.scratch or a parameter",
        )
    parameters = model.structure.parameters
    start = parameters.copy()
    for scale in _SCALES:
        for factor in (1.0, -3.0):
            np.multiply(x, scale, out=memory)
            np.multiply(start, factor, out=parameters)
            try:
                plain(batch)
            except LayerkitError:
                # what the cost or a layer refuses is no matter of recording
                continue
            wanted = plain.costs.copy(), plain.gradient.copy()
            plain.gradient.fill(np.nan)
            recording.run()
            found = recording.costs, plain.gradient
            if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found, wanted, strict=True)):
                told = difference(found, wanted, units=0)
                raise Unmet(
                    f"recorded once, and repeated for inputs {scale:g} times as large, a cost or a gradient is {told} "
                    "without recording",
                    expected="the same bits",
                    cause="recordable is declared, but an operation depends on numbers that Python reads off an array, "
                    "on random draws, or on memory that is not ctx.scratch",
                )
