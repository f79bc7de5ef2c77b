"""A training that is watched by all that layerkit says about why a network does not learn."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from layerkit import (
    BinaryCrossEntropy,
    Cost,
    CrossEntropy,
    Diagnosis,
    Layer,
    Optimizer,
    Sequential,
    Trainer,
    Transform,
    Unstandardize,
)
from layerkit.errors import LayerkitWarning
from layerkit.types import Array


@final
@dataclass(kw_only=True)
class ObservedRun:
    """What is trained, and how; one of ``expected`` must be told, of a layer whose title begins as one of ``layer``."""

    kind: str
    layers: Sequence[Layer]
    cost: Cost
    optimizer: Optimizer
    x: Array
    y: Array
    epochs: int
    batch_size: int
    seed: int
    shuffle: bool = True
    standardize_targets: bool = False
    transforms: list[Transform] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()

    def outcome(self) -> tuple[list[str], list[dict[str, Any]], float]:
        """The names of the warnings before the first step, the findings, and how much was learnt.

        That is the part of the cost of the best constant prediction that is left at inference, over all training rows:
        1 is nothing learnt, 0 everything.
        """
        model, diagnosis = Sequential(list(self.layers)), Diagnosis()
        trainer = Trainer(
            model,
            cost=self.cost,
            optimizer=self.optimizer,
            transforms=self.transforms,
            standardize_targets=self.standardize_targets,
            seed=self.seed,
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            trainer.fit(
                (self.x, self.y),
                epochs=self.epochs,
                batch_size=self.batch_size,
                shuffle=self.shuffle,
                callbacks=[diagnosis],
            )
        later = {finding["name"] for finding in diagnosis.findings}
        early = [one.message.name for one in caught if isinstance(one.message, LayerkitWarning)]
        y = model.readout.inverse(self.y) if isinstance(model.readout, Unstandardize) else self.y
        left = trainer.evaluate((self.x, self.y))["cost"] / self._constant(y, model.output_shape[-1])
        return [name for name in early if name not in later], diagnosis.findings, left

    def _constant(self, y: Array, outputs: int) -> float:
        """The cost of the best prediction of targets ``y``, for so many ``outputs``, that is the same for every row."""
        if y.dtype.kind in "iu" and y.ndim == 1:
            # two classes may have one output
            y = y[:, None].astype(float) if outputs == 1 else np.eye(int(y.max()) + 1)[y]
        mean = y.mean(axis=0)
        if isinstance(self.cost, BinaryCrossEntropy):
            mean = np.append(mean, 1 - mean)
        if isinstance(self.cost, (BinaryCrossEntropy, CrossEntropy)):
            return float(-(mean * np.log(np.maximum(mean, 1e-12))).sum())
        return float(0.5 * ((y - mean) ** 2).sum(axis=1).mean())
