"""One derivative of a layer that all its gradients take part in: a quick look at shapes that are not the case's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from layerkit.testing.inputs import draw_like, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig, Step
from layerkit.testing.subject import generator
from layerkit.types import Array, Value

_STEP = 1e-4
_TOLERANCE = 1e-6


@final
@dataclass(frozen=True, slots=True)
class Slope:
    """A derivative by central differences, and how far off a right gradient may be."""

    value: float
    tolerance: float


@final
class Direction:
    """A way to move all floating inputs and all trained parameters of a layer at once."""

    def __init__(self, rig: LayerRig, x: Value, mask: Array | None = None) -> None:
        self._rig = rig
        self._mask = mask
        self._x = x
        self._of_inputs = [np.asarray(draw_like(array, generator(52))) for array in parts(x)]
        self._of_parameters: Array = generator(53).random(rig.structure.parameters.size) - 0.5
        self._trained = [entry for entry in rig.structure.entries if entry.trainable]
        # what is frozen lies behind what is trained
        self._of_parameters[rig.structure.trainable :] = 0.0

    def slope(self, upstream: Value, *, training: bool) -> Slope | None:
        """d Σ upstream · output along the direction; None where there is a kink nearby."""
        tree, parameters = self._rig.tree(training=training), self._rig.structure.parameters
        start = parameters.copy()

        def value(distance: float) -> tuple[float, float]:
            np.add(start, distance * self._of_parameters, out=parameters)
            outputs = parts(tree.forward(self._moved(distance), mask=self._mask))
            pairs = zip(parts(upstream), outputs, strict=True)
            terms = [grad * output for grad, output in pairs if output.dtype.kind == "f"]
            return sum(float(term.sum()) for term in terms), sum(float(np.abs(term).sum()) for term in terms)

        try:
            (middle, size), (right, _), (left, _) = value(0.0), value(_STEP), value(-_STEP)
            (near_right, _), (near_left, _) = value(_STEP / 2), value(-_STEP / 2)
        finally:
            np.copyto(parameters, start)
        coarse, fine = (right - left) / (2 * _STEP), (near_right - near_left) / _STEP
        bend = (right + left - 2 * middle) / _STEP - 4 * (near_right + near_left - 2 * middle) / _STEP
        limit = _TOLERANCE * max(size, abs(fine), 1.0)
        # a smooth function's estimates agree up to the square of the step; where there is a kink in between they do not
        if not (abs(coarse - fine) <= limit and abs(bend) <= limit):
            return None
        return Slope((4 * fine - coarse) / 3, limit)

    def of_gradients(self, step: Step) -> float:
        """The same derivative, as a step's gradients say."""
        gradients = step.input_gradient if isinstance(self._x, tuple) else (step.input_gradient,)
        total = 0.0
        for array, gradient, by in zip(parts(self._x), gradients or (), self._of_inputs, strict=False):
            if gradient is not None and array.dtype.kind == "f":
                total += float(np.sum(gradient * by))
        for entry in self._trained:
            total += float(np.sum(step.gradients[entry.path] * entry.view(self._of_parameters)))
        return total

    def _moved(self, distance: float) -> Value:
        moved = [
            array + distance * by if array.dtype.kind == "f" else array
            for array, by in zip(parts(self._x), self._of_inputs, strict=True)
        ]
        return read_only(tuple(moved) if isinstance(self._x, tuple) else moved[0])
