"""What the tests share: the same training by both engines, followed step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from layerkit_numba import NumbaEngine

from layerkit import Callback, Cost, Engine, Model, NumpyEngine, Optimizer, Trainer
from layerkit.types import Array


class Recorder(Callback):
    """Keeps parameters and states after every step."""

    every_steps = 1

    def __init__(self) -> None:
        self.parameters: list[Array] = []
        self.states: list[Array] = []

    def steps_ended(self, fit: Any) -> None:
        self.parameters.append(fit.model.structure.parameters.copy())
        self.states.append(fit.model.structure.states.copy())


class Experiment:
    """A model, a cost and an optimizer, made anew for each training."""

    def __init__(
        self,
        model: Callable[[], Model],
        cost: Callable[[], Cost],
        optimizer: Callable[[], Optimizer],
        shape: tuple[int, ...],
        *,
        dtype: str,
        transforms: Callable[[], tuple[Any, ...]] = tuple,
        **fit: Any,
    ) -> None:
        self.model, self.cost, self.optimizer, self.transforms = model, cost, optimizer, transforms
        self.shape, self.dtype, self.fit_arguments = shape, dtype, fit

    def trainer(self, engine: Engine) -> Trainer:
        model = self.model().initialize(self.shape, seed=3, dtype=self.dtype)
        parts: dict[str, Any] = {"cost": self.cost(), "optimizer": self.optimizer(), "transforms": self.transforms()}
        return Trainer(model, engine=engine, seed=5, **parts)

    def train(self, engine: Engine, data: tuple[Array, ...], *, epochs: int = 2, recorded: bool = True) -> Result:
        trainer = self.trainer(engine)
        recorder = Recorder()
        callbacks = [recorder] if recorded else []
        history = trainer.fit(data, epochs=epochs, callbacks=callbacks, **self.fit_arguments)
        return Result(trainer, recorder, [record["cost"] for record in history.records])

    def assert_equal(self, data: tuple[Array, ...], tolerance: float) -> None:
        """Both engines agree after each step, and a long run of steps gives the bits of single ones."""
        ours = self.train(engine := NumbaEngine(), data)
        theirs = self.train(NumpyEngine(), data)
        assert len(ours.recorder.parameters) == len(theirs.recorder.parameters) > 2
        for name in ("parameters", "states"):
            for mine, other in zip(getattr(ours.recorder, name), getattr(theirs.recorder, name), strict=True):
                np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(ours.costs, theirs.costs, rtol=tolerance)
        assert _generators(ours) == _generators(theirs)
        together = self.train(engine, data, recorded=False)
        np.testing.assert_array_equal(
            together.trainer.model.structure.parameters, ours.trainer.model.structure.parameters
        )
        assert together.costs == ours.costs


class Result:
    """What a training left."""

    def __init__(self, trainer: Trainer, recorder: Recorder, costs: list[float]) -> None:
        self.trainer, self.recorder, self.costs = trainer, recorder, costs


def _generators(result: Result) -> Any:
    kept = result.trainer.state()["streams"]["kept"]
    return {key: state for key, state in kept.items() if key.startswith("layer")}
