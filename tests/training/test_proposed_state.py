"""What a layer proposes as its state is taken as it was then."""

from __future__ import annotations

import numpy as np

from layerkit import Context, GradientDescent, Layer, Quadratic, Sequential, Trainer, Zeros
from layerkit.types import Array, Shape


class LastMean(Layer):
    """y = x; its state is the mean of the batch, proposed in memory that the next pass writes over."""

    mean: Array

    def build(self, input_shape: Shape) -> Shape:
        self.state("mean", input_shape, Zeros())
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        if ctx.training:
            ctx.update_state("mean", np.mean(x, axis=0, out=ctx.scratch("mean", x.shape[1:])))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


def test_memory_that_is_used_again_does_not_change_a_proposal() -> None:
    x = np.array([[1.0], [3.0], [10.0], [20.0]])
    model = Sequential([LastMean()])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    trainer.fit((x, x), epochs=1, batch_size=2, accumulate=2, shuffle=False)
    # two batches of two rows: (2 + 15) / 2
    np.testing.assert_array_equal(model.states["0.mean"], [8.5])
