"""What a layer proposes as new states."""

from __future__ import annotations

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.inputs import draw_like, each, is_floating, parts, read_only
from layerkit.testing.rigs.layer_rig import rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_STEP = 1e-6
_STEPS = 9
_ROUGH = 1e-9


@told_by("inputs-not-mutated", "parameters-untouched", "same-seed-same-result")
def states_keep_precision(subject: Subject) -> None:
    """In a float64 model, new states are computed in float64."""
    checked = False
    for rig in rigs(subject):
        x = rig.inputs()
        if not is_floating(x):
            continue
        tree = rig.tree(training=True)
        direction = each(np.array, draw_like(x, generator(54)))
        proposed = []
        for step in range(_STEPS):
            pairs = zip(parts(x), parts(direction), strict=True)
            moved = tuple(array + step * _STEP * by for array, by in pairs)
            tree.forward(read_only(moved if isinstance(x, tuple) else moved[0]))
            proposed.append(tree.proposals())
        for values in zip(*proposed, strict=True):
            checked = True
            curve = np.stack(values)
            bends = np.abs(np.diff(curve, n=2, axis=0)).max(axis=0, initial=0.0)
            # a smooth function bends by the square of the step, 1e-12; what is rounded to float32 jumps by 6e-8
            rough = bends > _ROUGH * max(1e-6, float(np.abs(curve).max(initial=0.0)))
            if curve.dtype.itemsize < rig.dtype.itemsize or (rough.size and rough.mean() > 0.5):
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}: a state is proposed, {curve.shape[1:]}, that was float32",
                    expected=f"the precision of the model's dtype, {rig.dtype}",
                    cause="an array or a sum in float32 (astype, dtype=np.float32) on the way to ctx.update_state; use "
                    "the dtype of x or ctx.scratch",
                )
    if not checked:
        raise NotApplicable("no state is proposed, or the inputs are integers")


STATES = suite(states_keep_precision)
