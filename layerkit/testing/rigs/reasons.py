"""Why a layer's gradient is missing or wrong, as far as running it once more can tell: for failures alone."""

from __future__ import annotations

import numpy as np

from layerkit.testing.closeness import identical
from layerkit.testing.inputs import parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.types import Value

_PLACES = 64


def why_none(rig: LayerRig, *, training: bool) -> str:
    """Why there is no input gradient where one is wanted; empty if nothing special is seen."""
    # the outermost is asked for it; which parts are is for connect to say
    unasked = [part.path for part in rig.tree(training=training).contexts() if not part.needs_input_gradient]
    if not unasked:
        return ""
    return (
        f"connect sets needs_input_gradient of the part {min(unasked, key=len)!r} to False, and backward hands its "
        "gradient on: give it ctx.needs_input_gradient"
    )


def run_again(rig: LayerRig, *, training: bool) -> str:
    """What is said of a part that a forward pass runs several times in one context; else empty."""
    counts = rig.tree(training=training).runs_of(rig.inputs())
    several = [path for path, count in counts.items() if count > 1]
    if not several:
        return ""
    return (
        f"the part {min(several, key=len)!r} is run several times in one context, where each pass overwrites what the "
        "one before had kept: declare it under a name for each place, self.part(name, layer, input_shape), and run "
        "each once"
    )


def left_unwritten(rig: LayerRig, x: Value, gradient: Value, *, training: bool) -> str:
    """What is said of a gradient at places that no output depends on; empty if it is 0 there."""
    tree = rig.tree(training=training)
    wanted = tree.forward(x)
    inputs = [np.array(array) for array in parts(x)]
    gradients = gradient if isinstance(gradient, tuple) else (gradient,)
    for array, own in zip(inputs, gradients, strict=False):
        if own is None or array.dtype.kind != "f":
            continue
        for place in range(min(array[0].size, _PLACES)):
            index = (0, *map(int, np.unravel_index(place, array.shape[1:])))
            before = array[index]
            array[index] = before + 1
            found = tree.forward(read_only(tuple(inputs) if isinstance(x, tuple) else inputs[0]))
            array[index] = before
            if own[index] != 0 and identical(found, wanted):
                return (
                    f"x at {index} has no influence on the output, and a gradient of {own[index]:.3g}: backward leaves "
                    "what lay in memory there (np.empty, ctx.scratch). Write zeros, or have build refuse such a shape"
                )
    return ""
