"""A curve out of noisy points: tanh units, Adam, and early stopping on points that were held out."""

from __future__ import annotations

import sys

import numpy as np

from layerkit import Adam, Dense, EarlyStopping, MeanSquaredError, Quadratic, Sequential, Tanh, Trainer
from layerkit.types import Array

NOISE = 0.1
TARGET = 0.06  # how far from the curve itself the model may be on average (root mean square)


def curve(x: Array) -> Array:
    """What the points scatter around."""
    return np.sin(3 * x) + 0.5 * x


def main() -> int:
    """Train, draw, and say whether the target is reached."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, size=(1000, 1))
    y = curve(x) + NOISE * rng.normal(size=x.shape)

    model = Sequential([Dense(32, activation=Tanh()), Dense(32, activation=Tanh()), Dense(1)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.005), metrics=[MeanSquaredError()], seed=0)
    stopping = EarlyStopping("validation_mean_squared_error", patience=50, restore_best=True)
    history = trainer.fit(
        (x[:800], y[:800]), validation=(x[800:], y[800:]), epochs=1000, batch_size=50, callbacks=[stopping]
    )
    print(f"{len(history)} epochs: {history.stop_reason or 'all of them'}")

    grid = np.linspace(-2, 2, 61)[:, None]
    print(drawn(model.predict(grid)[:, 0], curve(grid)[:, 0]))
    distance = float(np.sqrt(np.mean((model.predict(grid) - curve(grid)) ** 2)))
    print(f"distance from the curve: {distance:.4f} (the noise: {NOISE})")

    if distance > TARGET:
        print(f"Missed: the distance must be at most {TARGET}.", file=sys.stderr)
        return 1
    return 0


def drawn(model: Array, truth: Array, rows: int = 15) -> str:
    """The two curves as text: o is the model, . the truth, @ where they meet."""
    low, high = min(model.min(), truth.min()), max(model.max(), truth.max())
    canvas = [[" "] * len(model) for _ in range(rows)]
    for values, mark in ((truth, "."), (model, "o")):
        for column, value in enumerate(values):
            row = round((high - value) / (high - low) * (rows - 1))
            canvas[row][column] = "@" if mark == "o" and canvas[row][column] == "." else mark
    return "\n".join("".join(line).rstrip() for line in canvas)


if __name__ == "__main__":
    sys.exit(main())
