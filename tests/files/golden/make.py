"""Writes the golden files of the current format: `python -m tests.files.golden.make`, once for each format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from layerkit import (
    Adam,
    BatchNormalization,
    Checkpoint,
    Constant,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Normal,
    Quadratic,
    ReLU,
    Rescale,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Standardize,
    Tanh,
    Trainer,
    Unstandardize,
    save,
)
from layerkit.files.format.document import FORMAT
from layerkit.models.schema import Schema

FOLDER = Path(__file__).parent


def model() -> Sequential:
    """One of everything; its numbers are a plain sequence."""
    shared = Dense(3, activation=Tanh(), bias_initializer=Constant(0.25))
    layers = [Rescale(0.5), Flatten(), Dense(3, initializer=Normal(), activation=ReLU()), shared, BatchNormalization()]
    made = Sequential([*layers, Residual(Sequential((shared, Dropout(0.5)))), Dense(2, activation=Sigmoid())])
    made.initialize((2, 2), seed=0)
    made[2].freeze()
    made.readout = Softmax()
    made.schema = Schema(target="answer", classes=("no", "yes"))
    made.threshold = 0.375
    for number, array in enumerate([*made.parameters.values(), *made.states.values()]):
        array[...] = (np.arange(array.size).reshape(array.shape) % 7 - 3) / 4 + number / 8 if array.ndim else number
    made.states["4.variance"][...] = 1.5
    return made


def scaled() -> Sequential:
    """What learned of its data: features, and the scale of its targets."""
    made = Sequential([Standardize(), Dense(2)]).initialize(3, seed=0)
    for place, array in enumerate([*made.parameters.values(), *made.states.values()]):
        array[...] = (np.arange(array.size).reshape(array.shape) + place + 1) / 8 if array.ndim else 1
    made.readout = Unstandardize([1e4, -2.5], [300.0, 0.125])
    made.schema = Schema(columns=("a", "b", "c"), target=("up", "down"))
    return made


def main() -> None:
    """Write models and a checkpoint."""
    save(scaled(), FOLDER / f"scaled-{FORMAT}.safetensors", cost=Quadratic())
    save(model(), FOLDER / f"model-{FORMAT}.safetensors", cost=CrossEntropy())
    trainer = Trainer(model(), cost=CrossEntropy(), optimizer=Adam(), seed=0)
    x, y = np.ones((6, 2, 2)), np.arange(6) % 2
    trainer.fit((x, y), epochs=1, batch_size=2, callbacks=[Checkpoint(FOLDER / f"checkpoint-{FORMAT}.safetensors")])


if __name__ == "__main__":
    main()
