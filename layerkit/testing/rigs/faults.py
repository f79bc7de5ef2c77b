"""What is wrong with a layer's gradients at one input."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.testing.differences import slopes, worst
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import LayerRig, Step
from layerkit.testing.rigs.products import gradients_of, size_of_products, sum_of_products, views
from layerkit.testing.rigs.slopes import Direction
from layerkit.testing.subject import generator
from layerkit.types import Array, Value


def fault_at(rig: LayerRig, x: Value, training: bool) -> str | None:
    """What is wrong with the gradients at an input; None if nothing is, or if the output is not finite there."""
    grad = rig.upstream(x, training=training)
    step = rig.tree(training=training).step(x, grad)
    if not all(np.isfinite(array).all() for array in parts(step.output)):
        return None  # what the layer cannot take is its author's to say
    points = [np.array(array) for array in parts(x)]
    value = sum_of_products(rig, partial(views, points, x), grad, training)
    size = max(size_of_products(step.output, grad), 1.0)
    for what, point, gradient in gradients_of(rig, points, step):
        if np.isnan(gradient).any():
            return f"the gradient with respect to {what} holds NaN, and the output is finite"
        # planted points lie on kinks, as 0 does for relu: there is no derivative, and nothing to compare
        told = worst(slopes(value, point, gradient, generator(19), size=size)[0])
        if told is not None:
            return f"the gradient with respect to {what} is {told}"
    return None


def fault_along_a_direction(
    rig: LayerRig, x: Value, grad: Value, step: Step, training: bool, mask: Array | None = None
) -> str | None:
    """What a step's gradients, all of them together, say along one random direction, if its slope is another."""
    direction = Direction(rig, x, mask)
    wanted = direction.slope(grad, training=training)
    if wanted is None:
        return None
    found = direction.of_gradients(step)
    if abs(found - wanted.value) <= wanted.tolerance:
        return None
    return f"along a random direction the gradients give {found:.9g} where central differences give {wanted.value:.9g}"


def is_finite(value: Value) -> bool:
    """Whether no number of it is NaN or infinite."""
    return all(bool(np.isfinite(array).all()) for array in parts(value))
