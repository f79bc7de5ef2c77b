"""One forward and one backward pass over a model, as training makes them: for comparisons with known values."""

from __future__ import annotations

from layerkit.models.model import Model
from layerkit.testing.rigs.layer_rig import Step, Tree
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
    return Tree(structure, structure.node, training=training).step(x, grad, mask=mask, seed=seed)
