"""A layer reads what it computes with in each pass: parameters, states, inputs and gradients change where they lie."""

from __future__ import annotations

import numpy as np

from layerkit.testing.closeness import ROUNDING, difference
from layerkit.testing.inputs import owned, parts
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs, told_pass
from layerkit.testing.rigs.products import views
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_MODES = (True, False)
_KEPT = "something is worked out from a parameter or a state at the first pass, and kept"


@told_by("scratch-reused", "backward-repeatable", "pickle-and-deepcopy")
def parameters_read_anew(subject: Subject) -> None:
    """After parameters and states have changed in place, as an update changes them, passes use the new ones."""
    checked = False
    for first in rigs(subject):
        if not first.structure.entries and not first.structure.state_entries:
            continue
        checked = True
        for training in _MODES:
            # of its own for each mode, so that the one that keeps something can be told
            rig = LayerRig(subject.make(), first.shape, subject.case)
            x = rig.inputs()
            grad = rig.upstream(x, training=training)
            used, idle = rig.tree(training=training), rig.tree(training=training)
            used.step(x, grad)
            copied = LayerRig(rig.layer.copy(), first.shape, subject.case)
            for change in (_grown, _turned):
                for vector in (rig.structure.parameters, rig.structure.states):
                    change(rig, vector)
                fresh = LayerRig(subject.make(), first.shape, subject.case)
                for other in (fresh, copied):
                    other.structure.parameters[...] = rig.structure.parameters
                    other.structure.states[...] = rig.structure.states
                wanted = fresh.tree(training=training).step(x, grad)
                late = rig.tree(training=training)
                for tree, where, cause in (
                    (late, "in a context that is made afterwards", f"{_KEPT} on self, or in the module"),
                    (idle, "in a context that was set up before", "connect works something out from a parameter"),
                    (used, "in a context that had a pass before", f"{_KEPT} on ctx.saved"),
                    (copied.tree(training=training), "in a copy", "build works something out from a parameter's value"),
                ):
                    what, told = changed(tree.step(x, grad), wanted)
                    if told is not None:
                        raise Unmet(
                            f"{told_pass(rig, training)}: after the parameters have changed in place, {where}, the "
                            f"{what} is {told}",
                            expected="what a layer gives that begins with these values",
                            cause=f"{cause}; work it out in each forward pass. Views of a parameter may be kept",
                        )
    if not checked:
        raise NotApplicable("the layer has neither parameters nor states")


@told_by("scratch-reused", "backward-repeatable", "parameters-read-anew")
def inputs_read_anew(subject: Subject) -> None:
    """A pass reads the numbers of its input and of its gradient, also where they lie in the same array as before."""
    for rig in rigs(subject):
        for training in _MODES:
            first, second = rig.inputs(seed=32), rig.inputs(seed=33)
            grads = [rig.upstream(x, training=training, seed=seed) for x, seed in ((first, 34), (second, 35))]
            wanted = rig.tree(training=training).step(second, grads[1])
            memory = [parts(owned(value)) for value in (first, grads[0])]
            x, grad = (views(arrays, like) for arrays, like in zip(memory, (first, grads[0]), strict=True))
            tree = rig.tree(training=training)
            tree.step(x, grad)
            for arrays, values in zip(memory, (second, grads[1]), strict=True):
                for array, value in zip(arrays, parts(values), strict=True):
                    array[...] = value
            what, told = changed(tree.step(x, grad), wanted)
            if told is not None:
                raise Unmet(
                    f"{told_pass(rig, training)}: with other numbers in the same array, the {what} is {told}",
                    expected="what these numbers give",
                    cause="an array is taken for known because it is the same array as in an earlier pass: the layer "
                    "before gives the same memory each time",
                )


def changed(found: Step, wanted: Step, *, units: float = ROUNDING) -> tuple[str, str | None]:
    """What of two steps differs, and how."""
    for what, one, other in (
        ("output", found.output, wanted.output),
        ("input gradient", found.input_gradient, wanted.input_gradient),
        *((f"gradient of {path!r}", found.gradients[path], wanted.gradients[path]) for path in wanted.gradients),
        ("proposed state", found.proposals, wanted.proposals),
    ):
        told = difference(one, other, units=units)
        if told is not None:
            return what, told
    return "", None


def _grown(rig: LayerRig, vector: Array) -> None:
    np.multiply(vector, 1 + 0.5 * generator(17).random(vector.size), out=vector)


def _turned(rig: LayerRig, vector: Array) -> None:
    """Values change places but for the first: sums and first numbers, by which somebody might know them, stay."""
    structure = rig.structure
    for entry in structure.entries if vector is structure.parameters else structure.state_entries:
        flat = vector[entry.start : entry.stop]
        flat[1:] = flat[1:][::-1].copy()


READ_ANEW = suite(parameters_read_anew, inputs_read_anew)
