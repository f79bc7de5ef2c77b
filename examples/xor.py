"""The smallest network that learns what no single layer can: exclusive or, by 2-4-1 sigmoid units."""

from __future__ import annotations

import sys

import numpy as np

from layerkit import Dense, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])


def main() -> int:
    """Train, print the four answers, and say whether all are right."""
    model = Sequential([Dense(4, activation=Sigmoid()), Dense(1, activation=Sigmoid())])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(5.0), seed=0)
    history = trainer.fit((X, Y), epochs=3000, batch_size=4)

    prediction = model.predict(X)
    for inputs, output in zip(X, prediction, strict=True):
        print(f"{inputs[0]} xor {inputs[1]} = {output[0]:.3f}")
    print(f"cost {history['cost'][-1]:.5f} after {len(history):,} epochs")

    if not np.array_equal(prediction.round(), Y):
        print("Missed: every output must be on the right side of ½.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
