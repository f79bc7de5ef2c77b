"""Models whose files are attacked: together they hold every kind of thing that a file can hold."""

from __future__ import annotations

from pathlib import Path

from layerkit import (
    BatchNormalization,
    Constant,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    Normal,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Residual,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    save,
)


def write_models(folder: Path) -> list[bytes]:
    """The files of four models, as bytes."""
    shared = Dense(3, activation=Tanh())
    plain = Sequential([Dense(4, activation=Sigmoid()), Dense(2, activation=Sigmoid())]).initialize(3, seed=0)
    repeated = Sequential([Dense(3), shared, Residual(Sequential([shared, Dropout(0.5)])), Dense(2)])
    repeated.initialize(2, seed=1, dtype="float64")
    images = Sequential([Rescale(), Flatten(), Dense(4, initializer=Normal()), BatchNormalization(), ReLU(), Dense(2)])
    images.initialize((3, 3), seed=2)
    images.readout = Softmax()
    reshaped = Sequential([Reshape((2, 3)), Dense(2, bias_initializer=Constant(0.5), use_bias=True), Flatten()])
    reshaped.initialize(6, seed=3)
    reshaped[1].freeze()
    files = []
    for model, cost in ((plain, Quadratic()), (repeated, None), (images, CrossEntropy()), (reshaped, None)):
        save(model, folder / "model.safetensors", cost=cost)
        files.append((folder / "model.safetensors").read_bytes())
    return files
