"""A table of vectors, looked up by token."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.errors import DataError
from layerkit.initializers.normal import Normal
from layerkit.interfaces.context import Context
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape


@final
class Embedding(Layer):
    """A learned vector for each token: y = table[x].

    Shapes: x ``(batch, time)`` integers, 0 ≤ x < count (any further axes, or none, will do); ``table``
    ``(count, width)``; y ``(batch, time, width)``. ∂table[k] = Σ δ over all places where x is k; integers have no
    gradient.

    Args:
        count: how many tokens there are.
        width: the length of a token's vector.
        initializer: draws the table; N(0, 1) by default.

    Raises:
        DataError: in a pass, a token is out of range, or ``x`` does not hold integers.

    Source: Bengio, Ducharme, Vincent and Jauvin, *A neural probabilistic language model*, JMLR 3, 2003.

    >>> import numpy as np
    >>> from layerkit import Embedding, Sequential
    >>> model = Sequential([Embedding(10, 4)]).initialize(3, seed=0)
    >>> model.predict(np.array([[1, 1, 9]])).shape
    (1, 3, 4)
    """

    integer_input = "accept"
    table: Array

    def __init__(self, count: int, width: int, *, initializer: Initializer | None = None) -> None:
        check_integer(self, "count", count, minimum=1)
        check_integer(self, "width", width, minimum=1)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        self.count = count
        self.width = width
        self.initializer = initializer

    def build(self, input_shape: Shape) -> Shape:
        self.parameter(
            "table",
            (self.count, self.width),
            self.initializer or Normal(),
            fan_in=self.count,
            fan_out=self.width,
            tags=("embedding",),
        )
        return (*input_shape, self.width)

    def forward(self, x: Array, ctx: Context) -> Array:
        table = self.table
        self._check(x, ctx)
        ctx.saved.tokens = x.reshape(-1)
        # every token is in range, so nothing is clipped: "clip" saves a second check and a copy
        out = ctx.scratch("y", (*x.shape, self.width))
        return np.take(table, x, axis=0, out=out, mode="clip")

    def backward(self, grad: Array, ctx: Context) -> None:
        # rows of one token are brought together, so that each sum is taken in one piece and in the order of the batch
        tokens = ctx.saved.tokens
        gradient = ctx.gradient("table")
        gradient[...] = 0.0
        if tokens.size == 0:
            return
        order = np.argsort(tokens, kind="stable")
        ordered = tokens[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        gradient[ordered[starts]] = np.add.reduceat(grad.reshape(-1, self.width)[order], starts, axis=0)

    def _check(self, x: Array, ctx: Context) -> None:
        place = f"layer {ctx.path} (Embedding)"
        if x.dtype.kind not in "iu":
            raise DataError(
                f"{place}: takes integer tokens, got numbers of dtype {x.dtype}: it stands first in a network, and its "
                "data are integers (x.astype(int))"
            )
        if x.size == 0:
            return
        lowest, highest = int(x.min()), int(x.max())
        if lowest < 0 or highest >= self.count:
            wrong = lowest if lowest < 0 else highest
            where = tuple(int(axis) for axis in np.argwhere(x == wrong)[0])
            raise DataError(f"{place}: tokens must be 0 to {self.count - 1}, got {wrong} at {where} of x {x.shape}")
