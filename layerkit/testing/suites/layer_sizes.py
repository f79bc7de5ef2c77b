"""Batches of other sizes, lengths and shapes than those that the author had before the eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import fits, is_many, with_batch
from layerkit.testing.closeness import difference, identical
from layerkit.testing.inputs import concrete, draw_inputs, draw_like, parts
from layerkit.testing.rigs.faults import fault_along_a_direction
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, ROWS, LayerRig, Step, rigs
from layerkit.testing.rigs.reasons import left_unwritten
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Shape, Value

_BATCHES = ((ROWS, 3, 40), (2 * ROWS, 5, 41), (3, 4, 42), (ROWS, 3, 43))
"""Rows, the length of axes that vary, a seed: what the kit has everywhere, then more, less, and the same again. Never
less than it has elsewhere: a layer may need so much."""
_SHORTEST = 1
_GRADIENTS = ("input-gradient", "parameter-gradients")


@told_by("declared-output-shape", "batch-sizes", "input-gradient", "parameter-gradients")
def sizes_vary(subject: Subject) -> None:
    """Batches of other sizes, and of other lengths where an axis varies, follow one another in one tree of contexts;
    those of a single step have true gradients."""
    for rig in rigs(subject):
        for training in (True, False):
            used = rig.tree(training=training)
            for rows, length, seed in _BATCHES[: None if training else 2]:
                told = f"inputs of {with_batch(rig.shape)}, after batches of another size: {rows} rows"
                told += f", length {length}" if _varies(rig.shape) else ""
                x = _inputs(rig, rows, length, seed)
                wanted = _fresh(rig, x, training, told)
                if wanted is None:
                    continue
                try:
                    found = used.step(x, _upstream(wanted.output))
                except Exception as error:
                    found_told = f"{type(error).__name__}: {error}"
                    raise Unmet(f"{told}: {found_told}", expected=_AS_FRESH, cause=_KEPT) from error
                if not identical(found.everything, wanted.everything):
                    difference_told = difference(found.everything, wanted.everything)
                    if difference_told is not None:
                        raise Unmet(f"{told}: {difference_told}", expected=_AS_FRESH, cause=_KEPT)
            if _varies(rig.shape):
                _require_short(rig, training)


def _require_short(rig: LayerRig, training: bool) -> None:
    """Where an axis has the length 1, the layer gives finite numbers, unless it needs more and raises."""
    try:
        step = _step(rig, _inputs(rig, ROWS, _SHORTEST, 44), training)
    except Exception:
        return
    if not all(np.isfinite(array).all() for array in parts(step.everything)):
        raise Unmet(
            f"inputs of {with_batch(rig.shape)}, of length {_SHORTEST}: an output, a gradient or a proposed state "
            "that is not finite",
            expected="finite numbers, or a ShapeError that says how long an input must be",
            cause="a division by the length less one, or by a spread of 0: a single step has none",
        )
    x = _inputs(rig, ROWS, _SHORTEST, 44)
    fault = fault_along_a_direction(rig, x, _upstream(step.output), step, training)
    if fault is not None and not (training and rig.coupled):
        raise Unmet(
            f"inputs of {with_batch(rig.shape)}, of length {_SHORTEST}, {'training' if training else 'inference'}: "
            f"{fault}",
            expected="the derivative of Σ grad · output, as for more steps",
            cause="a case of its own for a single step, in forward or in backward alone",
        )


@told_by(
    "declared-output-shape",
    "sizes-vary",
    "floating-warnings",
    "scratch-reused",
    "gradient-overwritten",
    "input-gradient",
    "parameter-gradients",
    "gradient-linear",
    "batch-gradient-is-sum",
    "rows-independent",
    "derivative-matches",
    "backward-matches-derivative",
    "elementwise",
)
def other_lengths(subject: Subject) -> None:
    """Built for other lengths of its axes, one more or less, or any, the layer refuses or works as declared."""
    known = {*subject.case.expected_failures, *getattr(subject.case, "waived", ())}
    for shape in subject.case.input_shapes or DEFAULT_SHAPES:
        for other in dict.fromkeys(shapes_near(shape)):
            told = f"inputs of {with_batch(other)}"
            try:
                rig = LayerRig(subject.make(), other, subject.case)
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"build raised {type(error).__name__} for {told}: {error}",
                    expected="a ShapeError that says what shape the layer takes, or a layer that works",
                    cause=_FORMULA,
                ) from error
            # what is never written shows itself
            rig.fresh = np.nan
            for training in (False, True):
                step = _require_works(rig, training, told)
                # whose author knows that they are no derivatives need not hear it for each length
                if step is not None and not any(name in known for name in _GRADIENTS):
                    _require_gradients(rig, step, training, told)


_AS_FRESH = "what a fresh tree of contexts gives"
_KEPT = (
    "an array is made for the first batch and kept on ctx.saved, or on self: ask ctx.scratch for it in each pass, by "
    "the shape that it has to have now; or a length is read once that varies from batch to batch"
)
_FORMULA = (
    "a formula that is right for another length alone: a number in the place of x.shape, one axis's length in the "
    "place of another's, a division that rounds; or build accepts lengths that do not go together"
)


def _require_works(rig: LayerRig, training: bool, told: str) -> Step | None:
    """A step over such inputs; None where the layer refuses them."""
    x = rig.inputs()
    try:
        tree = rig.tree(training=training)
        grad = _upstream(tree.forward(x))
        tree.poison(np.nan)
        step = tree.step(x, grad)
    except LayerkitError:
        return None
    except Exception as error:
        raise Unmet(
            f"build accepts {told}, and then: {type(error).__name__}: {error}",
            expected="a ShapeError from build, or a layer that works as declared",
            cause=f"what is computed in a pass does not fit another length; {_FORMULA}",
        ) from error
    _require_shapes(rig, x, step, told)
    return step


def _require_gradients(rig: LayerRig, step: Step, training: bool, told: str) -> None:
    x = rig.inputs()
    fault = fault_along_a_direction(rig, x, _upstream(step.output), step, training)
    if fault is not None:
        raise Unmet(
            f"{told}, {'training' if training else 'inference'}: {fault}",
            expected="the same, as for the shapes of the case",
            cause=left_unwritten(rig, x, step.input_gradient, training=training)
            or f"backward has a number of another length in it; {_FORMULA}",
        )


def _require_shapes(rig: LayerRig, x: Value, step: Step, told: str) -> None:
    shape = rig.node.output_shape
    outputs, shapes = parts(step.output), shape if is_many(shape) else (shape,)
    for output, declared in zip(outputs, shapes, strict=False):
        if not fits(output.shape[1:], declared):
            raise Unmet(
                f"{told}: build returns {with_batch(declared)}, and an output has the shape {output.shape}",
                expected="an output of the declared shape, None standing for any length",
                cause=f"build returns another shape than forward gives; {_FORMULA}",
            )
    gradients = step.input_gradient if isinstance(x, tuple) else (step.input_gradient,)
    inputs = x if isinstance(x, tuple) else (x,)
    for gradient, array in zip(gradients or (), inputs, strict=False):
        if gradient is not None and gradient.shape != array.shape:
            raise Unmet(
                f"{told}: an input gradient of shape {gradient.shape} for an input of shape {array.shape}",
                expected="the input's shape",
                cause=f"backward gives the shape of another length; {_FORMULA}",
            )


def _fresh(rig: LayerRig, x: Value, training: bool, told: str) -> Step | None:
    """A step in contexts of its own; None where the layer refuses such a batch."""
    try:
        step = _step(rig, x, training)
    except LayerkitError:
        return None
    except Exception as error:
        raise Unmet(
            f"{told}, or in a fresh tree of contexts: {type(error).__name__}: {error}",
            expected="an output of as many rows, for any length of an axis that varies",
            cause=f"{_FORMULA}. An axis that is declared as any has another length in each batch",
        ) from error
    _require_shapes(rig, x, step, told)
    return step


def _step(rig: LayerRig, x: Value, training: bool) -> Step:
    tree = rig.tree(training=training)
    output = tree.forward(x)
    input_gradient, gradients = tree.backward(_upstream(output))
    return Step(output, input_gradient, gradients, tree.proposals())


def _upstream(output: Value) -> Value:
    return draw_like(output, generator(55))


def _inputs(rig: LayerRig, rows: int, length: int, seed: int) -> Value:
    return draw_inputs(rig.case, concrete(rig.shape, length), rows, generator(seed), rig.dtype)


def _varies(shape: Shape) -> bool:
    return any(_varies(part) if isinstance(part, tuple) else part is None for part in shape)


def shapes_near(shape: Shape) -> Iterator[Shape]:
    """Shapes that differ by one in the length of an axis, or have one of any length; of several inputs, all too."""
    if is_many(shape):
        for place, part in enumerate(shape):
            yield from ((*shape[:place], other, *shape[place + 1 :]) for other in shapes_near(part))
        for change in _CHANGES:
            last = tuple((*part[:-1], change(part[-1])) if part and part[-1] else part for part in shape)
            if last != shape and all(all(axis is None or axis > 0 for axis in part) for part in last):
                yield last
        return
    for place, axis in enumerate(shape):
        if isinstance(axis, int):
            for change in _CHANGES:
                other = change(axis)
                if other is None or other > 0:
                    yield (*shape[:place], other, *shape[place + 1 :])


_CHANGES: tuple[Callable[[int], int | None], ...] = (lambda axis: axis + 1, lambda axis: axis - 1, lambda axis: None)

SIZES = suite(sizes_vary, other_lengths)
