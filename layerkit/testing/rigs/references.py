"""An author's reference at vectors of other lengths and numbers of other sizes than those of the kit's usual steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from layerkit.testing.closeness import difference
from layerkit.testing.rigs.updates import first_parameters
from layerkit.testing.subject import generator
from layerkit.types import Array

Reference: TypeAlias = Callable[[Array, Array], tuple[Array, ...]]
"""What becomes of parameters by a gradient; it may write into what it is given."""

SCALES = ((1.0, 0.01), (1.0, 5.0), (1.0, 1e-3), (1.0, 1e3), (1e-3, 5.0), (1e3, 5.0))
"""How many times their usual size parameters and gradients are."""


def fits_any_length(reference: Reference, gradient: Array) -> bool:
    """Whether a reference does the same to every place: then it says what becomes of longer vectors, too.

    One that knows which places are biases, or that of a matrix's columns, gives something else for permuted vectors.
    """
    parameters = first_parameters()
    order = generator(118).permutation(len(parameters))
    try:
        plain = reference(parameters.copy(), gradient.copy())
        mixed = reference(parameters[order], gradient[order])
        told: Any = difference(tuple(mixed), tuple(np.asarray(array)[order] for array in plain))
    except Exception:
        return False
    return told is None
