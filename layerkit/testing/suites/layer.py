"""A layer: the suites of its shapes, gradients and passes, of networks with it, and of what it learns from data."""

from __future__ import annotations

from typing import Any

from layerkit.interfaces.layer import Layer
from layerkit.testing.case import Case
from layerkit.testing.inputs import draw_like
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig
from layerkit.testing.subject import generator
from layerkit.testing.suites.layer_adaptation import ADAPTATION
from layerkit.testing.suites.layer_arrays import ARRAYS
from layerkit.testing.suites.layer_gradients import GRADIENTS
from layerkit.testing.suites.layer_integers import INTEGERS
from layerkit.testing.suites.layer_masks import MASKS
from layerkit.testing.suites.layer_networks import NETWORKS
from layerkit.testing.suites.layer_parts import PARTS
from layerkit.testing.suites.layer_parts_made import MADE
from layerkit.testing.suites.layer_passes import FIRST, PASSES
from layerkit.testing.suites.layer_precision import FAR, PRECISION
from layerkit.testing.suites.layer_read_anew import READ_ANEW
from layerkit.testing.suites.layer_recording import RECORDING
from layerkit.testing.suites.layer_shapes import SHAPES
from layerkit.testing.suites.layer_sizes import SIZES
from layerkit.testing.suites.layer_states import STATES
from layerkit.testing.suites.layer_values import VALUES
from layerkit.types import Value


def use(layer: Layer, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    shape = (case.input_shapes or DEFAULT_SHAPES)[0]
    rig = LayerRig(layer, shape, case, dtype=dtype, lock=False)
    x = rig.inputs()
    given = []
    for training in (True, False):
        tree = rig.tree(training=training)
        output = tree.forward(x)
        input_gradient, gradients = tree.backward(draw_like(output, generator(3)))
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
    *FAR,
    *MASKS,
    *PARTS,
    *NETWORKS,
    *ADAPTATION,
    *RECORDING,
)
