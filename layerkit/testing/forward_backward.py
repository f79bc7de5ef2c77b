"""One forward and one backward pass over a model, as training makes them: for comparisons with known values."""

from __future__ import annotations

import numpy as np

from layerkit.models.model import Model
from layerkit.models.passes import Pass
from layerkit.random_streams import RandomStreams
from layerkit.testing.inputs import owned, parts
from layerkit.testing.rigs.layer_rig import Step
from layerkit.types import Array, Value


def step(
    model: Model, x: Value, grad: Value, *, mask: Array | None = None, training: bool = True, seed: int = 0
) -> Step:
    """What a built ``model`` gives for ``x``, and the gradients that follow from ``grad``, that of its output.

    ``output``, ``input_gradient`` (None for integer inputs) and ``gradients``, by path, are copies. Nothing of the
    model changes; ``mask`` is that of ragged sequences, ``seed`` that of the layers' generators.

    >>> import numpy as np
    >>> from layerkit import Constant, Dense, Sequential
    >>> from layerkit.testing import step
    >>> model = Sequential([Dense(1, initializer=Constant(2.0))]).initialize(1)
    >>> found = step(model, np.array([[3.0]], "float32"), np.array([[1.0]], "float32"))
    >>> found.output.item(), found.input_gradient.item(), found.gradients["0.weight"].item()
    (6.0, 2.0, 3.0)
    """
    structure = model.structure
    gradient = np.full_like(structure.parameters, np.nan)
    tree = Pass(
        structure,
        structure.node,
        RandomStreams(seed),
        training=training,
        gradient=gradient,
        needs_input_gradient=True,
    )
    output = owned(tree.forward(x, float(len(parts(x)[0])), mask))
    input_gradient = owned(tree.backward(grad))
    gradients = {entry.path: entry.view(gradient).copy() for entry in structure.entries}
    return Step(output, input_gradient, gradients, tuple(value for _, value, _ in tree.shared.proposals))
