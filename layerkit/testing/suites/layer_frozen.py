"""A layer that is frozen, on its own or in a part, while what is around it is trained."""

from __future__ import annotations

from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import parts
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs
from layerkit.testing.rigs.slopes import Direction
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_CAUSE = (
    "where ctx.trainable or ctx.training is false, more is left out than the gradients of the parameters: forward does "
    "not keep what the input gradient needs, or backward returns before it has worked it out"
)
_GRADIENTS = ("input-gradient", "parameter-gradients")


@told_by(*_GRADIENTS, "inference-deterministic", "parameters-untouched", "declared-output-shape", "batch-sizes")
def frozen_passes(subject: Subject) -> None:
    """Frozen, while others train, a layer gives its inference output, and the input gradient that belongs to it."""
    for rig in rigs(subject):
        x = rig.inputs()
        grad = rig.upstream(x, training=False)
        wanted = rig.tree(training=False).step(x, grad)
        rig.layer.freeze()
        found = _step(rig, x, grad, f"inputs of {with_batch(rig.shape)}, frozen, in a training pass")
        for what, one, other in (
            ("output", found.output, wanted.output),
            ("input gradient", found.input_gradient, wanted.input_gradient),
        ):
            told = difference(one, other)
            if told is not None:
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, frozen, in a training pass: the {what} is {told}",
                    expected="what an inference pass gives: layers in front of a frozen one learn through it",
                    cause=_CAUSE,
                )
        if found.proposals:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, frozen, in a training pass: a state is proposed",
                expected="states that stay as they are while the layer is frozen",
                cause="forward does not look at ctx.training before ctx.update_state",
            )


@told_by(*_GRADIENTS, "frozen-passes", "input-gradient-not-wanted", "declared-output-shape", "batch-sizes")
def frozen_parts(subject: Subject) -> None:
    """Where one part of a container is frozen, all else has its gradients, the input as well if that is wanted."""
    if any(name in subject.case.expected_failures or name in subject.case.waived for name in _GRADIENTS):
        raise NotApplicable("its author knows that its gradients are no derivatives")
    checked = False
    for planned in rigs(subject):
        for name in planned.node.parts:
            checked = True
            rig = LayerRig(subject.make(), planned.shape, subject.case)
            rig.node.parts[name].layer.freeze()
            _require_gradients(rig, f"inputs of {with_batch(rig.shape)}, with the part {name!r} frozen")
    if not checked:
        raise NotApplicable("the layer has no parts")


def _require_gradients(rig: LayerRig, told: str) -> None:
    x = rig.inputs()
    grad = rig.upstream(x, training=True)
    step = _step(rig, x, grad, told)
    if any(array.dtype.kind == "f" and gradient is None for array, gradient in _pairs(x, step.input_gradient)):
        raise Unmet(
            f"{told}: backward gives no input gradient, and it is wanted",
            expected="the gradient with respect to x, for the layers in front",
            cause="connect sets needs_input_gradient by what the parts learn alone: it is wanted where "
            "ctx.needs_input_gradient says so, too",
        )
    direction = Direction(rig, x)
    wanted = direction.slope(grad, training=True)
    found = direction.of_gradients(step)
    if wanted is not None and not abs(found - wanted.value) <= wanted.tolerance:
        raise Unmet(
            f"{told}: along a random direction of the input and of what is trained, the gradients give {found:.9g} "
            f"where central differences give {wanted.value:.9g}",
            expected="the derivative of Σ grad · output, as with no part frozen",
            cause="connect or backward takes a part that is not trained for one that nothing is to be sent back to or "
            "through: others lie in front of it",
        )
    alone = rig.tree(training=True, needs_input_gradient=False).step(x, grad)
    trained = [entry.path for entry in rig.structure.entries if entry.trainable]
    apart = difference(*(tuple(each.gradients[path] for path in trained) for each in (alone, step)))
    if apart is not None:
        raise Unmet(
            f"{told}, and ctx.needs_input_gradient false: a parameter's gradient is {apart}",
            expected="the same gradients of what is trained",
            cause="connect or backward ends the way back in front of a part that is trained",
        )


def _pairs(x: Value, gradients: Value) -> list[tuple[Value, Value]]:
    inputs = parts(x)
    found = gradients if isinstance(x, tuple) else (gradients,)
    return list(zip(inputs, found or [None] * len(inputs), strict=False))


def _step(rig: LayerRig, x: Value, grad: Value, told: str) -> Step:
    try:
        return rig.tree(training=True).step(x, grad)
    except Exception as error:
        raise Unmet(
            f"{told}: {type(error).__name__}: {error}",
            expected="both passes: what is frozen is run while others train",
            cause=_CAUSE,
        ) from error


FROZEN = suite(frozen_passes, frozen_parts)
