"""A layer: the suites of its shapes, gradients and passes, of networks with it, and of what it learns from data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from layerkit.interfaces.layer import Layer
from layerkit.shapes import is_many
from layerkit.testing.case import Case
from layerkit.testing.inputs import VARYING, draw_like, owned
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite
from layerkit.testing.suites.argument_values import arguments_elsewhere, arguments_read_anew
from layerkit.testing.suites.layer_adaptation import ADAPTATION
from layerkit.testing.suites.layer_adaptation_limits import LIMITS
from layerkit.testing.suites.layer_any_mask import ANY_MASK
from layerkit.testing.suites.layer_anywhere import ANYWHERE
from layerkit.testing.suites.layer_arrays import ARRAYS
from layerkit.testing.suites.layer_fans import FANS
from layerkit.testing.suites.layer_frozen import FROZEN
from layerkit.testing.suites.layer_gradients import GRADIENTS
from layerkit.testing.suites.layer_integers import INTEGERS
from layerkit.testing.suites.layer_lengths import LENGTHS
from layerkit.testing.suites.layer_masks import MASKS
from layerkit.testing.suites.layer_networks import NETWORKS
from layerkit.testing.suites.layer_parts import PARTS
from layerkit.testing.suites.layer_parts_made import MADE
from layerkit.testing.suites.layer_passes import FIRST, PASSES
from layerkit.testing.suites.layer_places import PLACES
from layerkit.testing.suites.layer_precision import FAR, PRECISION
from layerkit.testing.suites.layer_read_anew import READ_ANEW
from layerkit.testing.suites.layer_recording import RECORDING
from layerkit.testing.suites.layer_shapes import SHAPES
from layerkit.testing.suites.layer_sizes import SIZES
from layerkit.testing.suites.layer_states import STATES
from layerkit.testing.suites.layer_values import VALUES
from layerkit.types import Value

_LONGER = 20


def use(layer: Layer, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    return _passes(layer, case, dtype, (True, False))


def when(subject: Subject) -> str:
    """Under what condition typical use raises; empty where it always does."""
    for told, modes, change in (
        (", where what it receives is read-only, as it is everywhere", (True, False), owned),
        (", after an inference pass; a training pass goes well", (True,), None),
        (", in a training pass; an inference pass goes well", (False,), None),
    ):
        try:
            _passes(subject.make(), subject.case, np.float64, modes, change)
        except Exception:
            continue
        return told
    length = _varying_length(subject.case)
    if length:
        try:
            _passes(subject.make(), subject.case, np.float64, (True, False), varying=length)
        except Exception:
            return ""
        return f", for sequences of {VARYING} steps; those of {length} go well"
    return ""


def _varying_length(case: Case) -> int:
    """A length of which sequences are longer than any kernel; 0 where no axis varies."""
    shape = (case.input_shapes or DEFAULT_SHAPES)[0]
    shapes = shape if is_many(shape) else (shape,)
    return _LONGER if any(None in each for each in shapes) else 0


def _passes(
    layer: Layer,
    case: Case,
    dtype: Any,
    modes: tuple[bool, ...],
    change: Callable[[Value], Value] | None = None,
    *,
    varying: int = VARYING,
) -> Value:
    shape = (case.input_shapes or DEFAULT_SHAPES)[0]
    rig = LayerRig(layer, shape, case, dtype=dtype, lock=False)
    given = []
    for training in modes:
        x = rig.inputs(varying=varying)
        x = x if change is None else change(x)
        tree = rig.tree(training=training)
        output = tree.forward(x)
        grad = draw_like(output, generator(3))
        input_gradient, gradients = tree.backward(grad if change is None else change(grad))
        given.append((output, input_gradient, tuple(gradients.values()), tree.proposals()))
    return tuple(given)


CHECKS = (
    *MADE,
    *FIRST,
    *ARRAYS,
    *SHAPES,
    *PRECISION,
    *INTEGERS,
    *STATES,
    *GRADIENTS,
    *PASSES,
    *SIZES,
    *READ_ANEW,
    *VALUES,
    *ANYWHERE,
    *LENGTHS,
    *FAR,
    *MASKS,
    *ANY_MASK,
    *PARTS,
    *FROZEN,
    *PLACES,
    *NETWORKS,
    *ADAPTATION,
    *LIMITS,
    *RECORDING,
    *FANS,
    *suite(arguments_elsewhere, arguments_read_anew),
)
