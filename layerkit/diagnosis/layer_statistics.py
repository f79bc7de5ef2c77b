"""Statistics of each layer while a network trains."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, final

import numpy as np

from layerkit.arguments import check_boolean, check_integer
from layerkit.callbacks.record_log import RecordLog
from layerkit.diagnosis.sampled_pass import SampledPass
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.context import Context
from layerkit.steps.example_gradients import trained_entries
from layerkit.steps.sample import sample
from layerkit.types import Array, Value

PERCENTILES = (5, 25, 50, 75, 95)


@final
class LayerStatistics(RecordLog):
    """Keeps, for each layer, what it puts out and how steep the cost is in its parameters.

    The same rows of the training data are taken forward and backward each time, with passes of their own in inference
    mode (layers that mix rows, such as batch normalisation, as in training): no bit of the training changes. A record
    holds ``epoch`` and ``step``, how many are done, ``cost``, and by the path of each layer, such as ``0`` or
    ``0.function``:

    - ``PATH.mean``, ``PATH.deviation``: of all its outputs; ``PATH.zeros``: the share of them that is exactly 0;
    - ``PATH.gradient``: the norm √Σ g² of the gradient of the mean cost in its own parameters, ``PATH.parameters``: the
      norm of those, where it has any that are trained; of a layer that stands in several places, or lends its matrix to
      a ``TiedDense``, that of the sum over all of them, by the first path;
    - with ``percentiles``, ``PATH.output_5``, ``PATH.output_25`` and so on, 50, 75 and 95: below which so many per cent
      of its outputs lie; ``PATH.gradient_5`` and so on likewise: how they are spread, as ``layerkit.plots`` draws it.

    A number that is not finite, of which the fit itself tells, is kept as 0. The records are part of checkpoints, so a
    run that is resumed goes on with them; every other fit begins anew.

    Args:
        path: a file that ends in ``.csv`` or ``.jsonl``, where each record is written as it comes; what it held is
            replaced. Without, they are kept in memory alone.
        every_steps: a record after each so many steps; without, after each epoch.
        rows: how many rows of the training data are looked at, at least 1; fewer where a row is large.
        percentiles: whether they are kept, too.

    Raises:
        ArgumentError: an argument is out of range; at the start of a fit, the training data does not come in arrays,
            the file cannot be written, or another log writes it.

    >>> import numpy as np
    >>> from layerkit import Dense, GradientDescent, LayerStatistics, Quadratic, ReLU, Sequential, Trainer
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> model = Sequential([Dense(8, activation=ReLU()), Dense(1)])
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    >>> statistics = LayerStatistics()
    >>> history = trainer.fit((x, x**2), epochs=2, callbacks=[statistics])
    >>> 0 < statistics.records[-1]["0.function.zeros"] < 1, statistics.records[-1]["1.gradient"] > 0
    (True, True)
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        every_steps: int | None = None,
        rows: int = 64,
        percentiles: bool = False,
    ) -> None:
        super().__init__(path, every_steps)
        check_integer(self, "rows", rows, minimum=1)
        check_boolean(self, "percentiles", percentiles)
        self.rows = rows
        self.percentiles = percentiles
        self._passes: SampledPass | None = None

    def fit_started(self, fit: Any) -> None:
        self._passes = None
        if sample(fit.job.data, 1) is None:
            raise ArgumentError(
                "LayerStatistics: it looks at the same rows of the training data again and again, so the data must "
                "come in arrays: leave the callback out where it is a stream or a source of your own"
            )
        super().fit_started(fit)

    def fit_ended(self, fit: FitView) -> None:
        self._passes = None
        super().fit_ended(fit)

    def measured(self, fit: Any) -> dict[str, float]:
        if self._passes is None or self._passes.version != fit.model.structure.version:
            batch = sample(fit.job.data, self.rows)
            assert batch is not None
            self._passes = SampledPass(fit.model, fit.job.cost, batch)
        watch = _Watch(self.percentiles)
        cost = self._passes.run(watch)
        structure = fit.model.structure
        for node in structure.node.walk():
            own = trained_entries(structure, node)
            if own:
                gradients = [entry.view(self._passes.gradient) for entry in own]
                watch.parameters(node.path, gradients, [entry.view(structure.parameters) for entry in own])
        found = {"cost": cost, **watch.numbers}
        return {name: value if np.isfinite(value) else 0.0 for name, value in found.items()}


@final
class _Watch:
    """A tracer that keeps the numbers of each layer."""

    def __init__(self, percentiles: bool) -> None:
        self.numbers: dict[str, float] = {}
        self._percentiles = percentiles

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        if isinstance(output, tuple) or not output.size or output.dtype.kind != "f":
            return
        self._put(ctx.path, "mean", float(output.mean(dtype=np.float64)))
        self._put(ctx.path, "deviation", float(output.std(dtype=np.float64)))
        self._put(ctx.path, "zeros", float(np.mean(output == 0)))
        self._spread(ctx.path, "output", [output])

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        """Nothing: the gradients of a layer in several places are added up after the pass."""

    def parameters(self, path: str, gradients: list[Array], values: list[Array]) -> None:
        """The numbers of a layer's own parameters."""
        self._put(path, "gradient", _norm(gradients))
        self._put(path, "parameters", _norm(values))
        self._spread(path, "gradient", gradients)

    def _spread(self, path: str, name: str, arrays: Iterable[Array]) -> None:
        if self._percentiles:
            numbers = np.concatenate([array.ravel() for array in arrays])
            for percentile, value in zip(PERCENTILES, np.percentile(numbers, PERCENTILES).tolist(), strict=True):
                self._put(path, f"{name}_{percentile}", value)

    def _put(self, path: str, name: str, value: float) -> None:
        self.numbers[f"{path}.{name}" if path else name] = value


def _norm(arrays: Iterable[Array]) -> float:
    return float(np.sqrt(sum(float(np.sum(np.square(array, dtype=np.float64))) for array in arrays)))
