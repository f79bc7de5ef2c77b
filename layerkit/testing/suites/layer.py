"""A layer: the suites of its shapes, gradients and passes, of networks with it, and of what it learns from data."""

from __future__ import annotations

from typing import Any

from layerkit.interfaces.layer import Layer
from layerkit.testing.case import Case
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig
from layerkit.testing.suites.layer_adaptation import ADAPTATION
from layerkit.testing.suites.layer_gradients import GRADIENTS
from layerkit.testing.suites.layer_networks import NETWORKS
from layerkit.testing.suites.layer_passes import FIRST, PASSES
from layerkit.testing.suites.layer_shapes import SHAPES
from layerkit.types import Value


def use(layer: Layer, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    shape = (case.input_shapes or DEFAULT_SHAPES)[0]
    rig = LayerRig(layer, shape, case, dtype=dtype, lock=False)
    x = rig.inputs()
    given = []
    for training in (True, False):
        step = rig.tree(training=training).step(x, rig.upstream(x, training=training))
        given.append(step.everything)
    return tuple(given)


CHECKS = (*FIRST, *SHAPES, *GRADIENTS, *PASSES, *NETWORKS, *ADAPTATION)
