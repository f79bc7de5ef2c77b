"""What a layer says of its weights to the initializer: how many connections lead into one unit."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.models.structure import Entry
from layerkit.shapes import is_many, with_batch
from layerkit.testing.inputs import is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import LayerRig, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_MATRIX = 2
_OTHER = 7


@told_by("declared-output-shape", "rows-independent", "input-gradient", "parameter-gradients", "batch-sizes")
def fans_of_weights(subject: Subject) -> None:
    """Where all weights of a unit lead in from inputs, their number is the fan_in that an initializer is told."""
    tried = False
    for rig in rigs(subject):
        if is_many(rig.shape) or is_many(rig.node.output_shape) or not is_floating(rig.inputs()):
            continue
        for entry in rig.structure.entries:
            # what is a part's is the part's to say
            if entry.layer is not rig.layer or len(entry.declaration.shape) < _MATRIX:
                continue
            tried = True
            _require_fan_in(rig, entry)
    if not tried:
        raise NotApplicable("no parameter of the layer's own has two axes or more")


def _require_fan_in(rig: LayerRig, entry: Entry) -> None:
    declaration = entry.declaration
    axis = _axis_of_units(rig, entry)
    if axis is None:
        return
    weights = int(np.prod(declaration.shape)) // declaration.shape[axis]
    # from what takes least to what takes most
    if weights == declaration.fan_in or not _goes_by_fans(entry) or _connections(rig) != weights:
        return
    raise Unmet(
        f"inputs of {with_batch(rig.shape)}: into each unit lead {weights} connections, whose weights lie along axis "
        f"{axis} of {declaration.name!r}, of shape {declaration.shape}; an initializer is told fan_in "
        f"{declaration.fan_in} and fan_out {declaration.fan_out}",
        expected=f"fan_in={weights} in self.parameter(…): outputs then begin with a size of about 1",
        cause="the fans are not said, so the first axis is taken for the inputs and the last for the units, or they "
        "are said the wrong way round",
    )


def _goes_by_fans(entry: Entry) -> bool:
    """Whether what the initializer draws depends on the fans."""
    declaration = entry.declaration
    draw = partial(declaration.initializer.initialize, declaration.shape, dtype=np.dtype(np.float64))
    one, other = (
        draw(rng=generator(130), fan_in=factor * declaration.fan_in, fan_out=declaration.fan_out)
        for factor in (1, _OTHER)
    )
    return not np.array_equal(one, other)


def _axis_of_units(rig: LayerRig, entry: Entry) -> int | None:
    """The first or the last axis of a weight, if its places are units: features of the output that it alone decides."""
    x = rig.inputs()
    before = parts(rig.forward(x, training=False))[0]
    point = entry.view(rig.structure.parameters)
    for axis in (0, point.ndim - 1):
        if before.shape[-1:] != (point.shape[axis],):
            continue
        place = np.moveaxis(point, axis, 0)[0]
        kept = place.copy()
        place += 1.0
        try:
            after = parts(rig.forward(x, training=False))[0]
        finally:
            place[...] = kept
        moved = np.flatnonzero((after != before).reshape(-1, before.shape[-1]).any(axis=0))
        if moved.tolist() == [0]:
            return axis
    return None


def _connections(rig: LayerRig) -> int:
    """On how many numbers of an example one number of the output depends at most."""
    x = rig.inputs()
    tree = rig.tree(training=False)
    output = parts(tree.forward(x))[0]
    most = 0
    for place in range(output[0].size):
        grad: Array = np.zeros_like(output)
        grad[0].flat[place] = 1.0
        found, _ = tree.backward(read_only(grad))
        most = max(most, int(np.count_nonzero(parts(found)[0][0])))
    return most


FANS = suite(fans_of_weights)
