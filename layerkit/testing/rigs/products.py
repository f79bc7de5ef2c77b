"""Σ grad · output, whose derivatives are what a backward pass gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import LayerRig, Step
from layerkit.types import Array, Value


def sum_of_products(
    rig: LayerRig, inputs: Callable[[], Value], grad: Value, training: bool, mask: Array | None = None
) -> Callable[[], float]:
    """What gives Σ grad · output, for inputs and parameters as they are when it is called; in a tree of its own."""
    tree = rig.tree(training=training)
    upstream = parts(grad)

    def value() -> float:
        outputs = parts(tree.forward(inputs(), mask=mask))
        return float(sum(np.sum(g * y) for g, y in zip(upstream, outputs, strict=True) if y.dtype.kind == "f"))

    return value


def gradients_of(rig: LayerRig, points: list[Array], step: Step) -> Iterator[tuple[str, Array, Array]]:
    """What a step gave gradients of: what it is called, the point, which may be moved in place, and the gradient."""
    found = step.input_gradient if isinstance(step.input_gradient, tuple) else (step.input_gradient,)
    for place, (point, gradient) in enumerate(zip(points, found, strict=True)):
        if point.dtype.kind == "f" and gradient is not None:
            yield f"input {place} of {len(points)}" if len(points) > 1 else "x", point, gradient
    for entry in rig.structure.entries:
        yield repr(entry.path), entry.view(rig.structure.parameters), step.gradients[entry.path]


def views(points: list[Array], x: Value) -> Value:
    """Read-only views of points that are moved in place, in the form of ``x``."""
    given = []
    for point in points:
        view = point.view()
        view.flags.writeable = False
        given.append(view)
    return tuple(given) if isinstance(x, tuple) else given[0]


def size_of_products(output: Value, grad: Value) -> float:
    """How large the terms of Σ grad · output are, which are rounded."""
    return float(
        sum(np.abs(g * y).sum() for g, y in zip(parts(grad), parts(output), strict=True) if y.dtype.kind == "f")
    )
