"""Components of somebody's own tried once: what they give is what the contract says, or is told by their names."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit.errors import LayerkitError, ShapeError
from layerkit.interfaces.assignment import is_own
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.types import Array, Value


def has_others(node: Node) -> bool:
    """Whether a network has a layer whose class is not layerkit's own."""
    return not all(is_own(type(inner.layer)) for inner in node.walk())


def watch_once(passes: Pass, *, training: bool) -> None:
    """Look at what the layers of somebody's own give, in the first pass of a tree, and at no other."""
    if has_others(passes.node):
        passes.context.trace(_FirstPass(passes, training=training))


@final
class _FirstPass:
    """Refuses what a layer gives that is no array, and ends with the first whole pass."""

    def __init__(self, passes: Pass, *, training: bool) -> None:
        self._context = passes.context
        self._training = training
        self._of_numbers: set[int] = set()
        """The contexts whose input has a gradient: one array of floating numbers."""

    def forward(self, ctx: Context, x: Value, output: Value) -> None:
        _require_value(ctx, "forward", output, "the output")
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            self._of_numbers.add(id(ctx))
        if ctx is self._context and not self._training:
            ctx.trace(None)

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None:
        if output is not None or (ctx.needs_input_gradient and id(ctx) in self._of_numbers):
            # of several inputs, integers have none
            parts = tuple(part for part in output if part is not None) if isinstance(output, tuple) else output
            _require_value(ctx, "backward", parts, "the gradient of its input")
        if ctx is self._context:
            ctx.trace(None)


def _require_value(ctx: Context, method: str, value: Any, wanted: str) -> None:
    parts = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(part, np.ndarray) for part in parts):
        kind = type(ctx.layer).__name__
        place = f"layer {ctx.path} ({kind})" if ctx.path else kind
        raise LayerkitError(f"{place}: {kind}.{method} must return {wanted}, an array (batch, …); it {_told(value)}")


def require_costs(cost: Cost, costs: Any, rows: int) -> None:
    """Refuse what a cost's ``forward`` gives that is not one number for each example.

    Raises:
        ShapeError: it is not.
    """
    if not isinstance(costs, np.ndarray) or costs.shape != (rows,):
        kind = type(cost).__name__
        mean = ": the mean over the batch is taken by the trainer" if np.ndim(costs) == 0 and costs is not None else ""
        raise ShapeError(
            f"{kind}.forward must return the cost of each example, an array of the shape (batch,), here ({rows},); it "
            f"{_told(costs)}{mean}"
        )


def require_gradient(cost: Cost, gradient: Any, prediction: Array) -> None:
    """Refuse what a cost's ``backward`` gives that is not shaped like the prediction.

    Raises:
        ShapeError: it is not.
    """
    if not isinstance(gradient, np.ndarray) or gradient.shape != prediction.shape:
        raise ShapeError(
            f"{type(cost).__name__}.backward must return the gradient of each example's cost, an array shaped like the "
            f"prediction, here {prediction.shape}; it {_told(gradient)}"
        )


def _told(value: Any) -> str:
    if value is None:
        return "returned None: is a `return` missing?"
    if isinstance(value, np.ndarray):
        return f"returned one of the shape {value.shape}"
    return f"returned a {type(value).__name__}"
