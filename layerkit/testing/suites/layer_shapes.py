"""A layer's shapes, batch sizes and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import LayerkitError, NotBuiltError, ShapeError
from layerkit.interfaces.context import Context, PassState
from layerkit.interfaces.scratch import Scratch
from layerkit.models.sequential import Sequential
from layerkit.shapes import fits, is_many, with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import concrete, each, is_floating, parts, read_only
from layerkit.testing.rigs.faults import fault_along_a_direction
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, ROWS, LayerRig, Step, rigs
from layerkit.testing.rigs.reasons import why_none
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Shape, Value

_OFFSET, _SPREAD = 2048.0, 0.25
_DIGITS = 100.0
_GROSS = 0.25
_NOTHING = 1e-30  # some thousand times the smallest normal number, which is what large inputs make of it
_FLOAT32_UNITS = 4096.0
"""How far a result in float32 may lie from the one in float64: a chain of a few dozen rounded operations."""


def _missing(rig: LayerRig) -> str:
    if rig.layer.integer_input == "cast" or rig.case.inputs is not None:
        return "a missing return"
    return (
        "a missing return; or the layer is one for integers, and has no input gradient: then have the case draw some, "
        "inputs=lambda rng, shape: rng.integers(10, size=shape)"
    )


@told_by("keeps-shape")
def declared_output_shape(subject: Subject) -> None:
    """The output has the shape that build declares, and the input gradient has the input's."""
    for rig in rigs(subject):
        for training in (False, True):
            x = rig.inputs()
            tree = rig.tree(training=training)
            output = tree.forward(x)
            _require_shape(output, rig.node.output_shape, ROWS, _told(rig, training))
            input_gradient, _ = tree.backward(rig.upstream(x, training=training))
            for given, wanted in _aligned(input_gradient, x):
                if given is not None and wanted.dtype.kind != "f" and isinstance(x, tuple):
                    raise Unmet(
                        f"{_told(rig, training)}: a gradient of {given.dtype} for an input of {wanted.dtype}",
                        expected="None in the place of integers, which have no gradient",
                        cause="np.zeros_like(ids) stands for it: whatever is in front would be sent back through",
                    )
                if given is not None and given.shape != wanted.shape:
                    raise Unmet(
                        f"{_told(rig, training)}: an input gradient of shape {given.shape}",
                        expected=f"the input's shape, {wanted.shape}",
                        cause="backward sums over an axis too many, keeps one too few, or returns a parameter's "
                        "gradient",
                    )
            if input_gradient is None and is_floating(x):
                raise Unmet(
                    f"{_told(rig, training)}: backward returns None",
                    expected="the gradient with respect to x, where ctx.needs_input_gradient is true",
                    cause=why_none(rig, training=training) or _missing(rig),
                )


@told_by("declared-output-shape", "gradient-overwritten", "floating-warnings")
def batch_sizes(subject: Subject) -> None:
    """Batches of one row and of many work in training and inference, and one of no rows at inference; a single row's
    gradients are true."""
    for rig in rigs(subject):
        found: dict[int, tuple[Array, ...]] = {}
        alone: list[tuple[LayerRig, Value, Value, Step, bool]] = []
        for rows, training in ((0, False), (1, False), (1, True), (2 * ROWS, True)):
            x = rig.inputs(rows)
            told = f"{_told(rig, training)}, a batch of {rows}"
            try:
                tree = rig.tree(training=training)
                output = tree.forward(x)
                _require_shape(output, rig.node.output_shape, rows, told)
                if rows:
                    grad = rig.upstream(x, training=training)
                    input_gradient, gradients = tree.backward(grad)
                    _require_finite((output, input_gradient, tuple(gradients.values())), told)
                    found[rows] = tree.proposals()
                    if rows > 1:
                        continue
                    alone.append((rig, x, grad, Step(output, input_gradient, gradients, ()), training))
            except Unmet:
                raise
            except Exception as error:
                raise Unmet(
                    f"{told}: {type(error).__name__}: {error}",
                    expected="an output of as many rows",
                    cause="a reshape with −1 or a reduction that needs at least one row, a squeeze, or a shape "
                    "remembered from another batch",
                ) from error
        if all(np.isfinite(array).all() for array in found[2 * ROWS]):
            _require_finite(found[1], f"{_told(rig, True)}, a batch of 1", "a proposed state")
        for row in alone:
            _require_true_alone(*row)


def _require_true_alone(rig: LayerRig, x: Value, grad: Value, step: Step, training: bool) -> None:
    """Where the gradients of a single row are wrong, and those of five are true, it is the number of rows."""
    fault = fault_along_a_direction(rig, x, grad, step, training)
    if fault is None:
        return
    several = rig.inputs()
    upstream = rig.upstream(several, training=training)
    tree = rig.tree(training=training)
    if fault_along_a_direction(rig, several, upstream, tree.step(several, upstream), training) is None:
        raise Unmet(
            f"{_told(rig, training)}, a batch of 1: {fault}",
            expected="the derivative of Σ grad · output, as in a batch of more rows",
            cause="a case of its own for a single row (a squeeze, a division by the rows less one), in forward or in "
            "backward alone",
        )


def dtypes_kept(subject: Subject) -> None:
    """Outputs and input gradients have the model's dtype, float32 or float64, and its precision."""
    for double in rigs(subject):
        x = double.inputs()
        single = LayerRig(subject.make(), double.shape, subject.case, dtype=np.float32)
        narrow = single.inputs()
        for training in (False, True):
            grad = double.upstream(x, training=training)
            wide_step = double.tree(training=training).step(x, grad)
            small_step = single.tree(training=training).step(narrow, each(lambda g: g.astype(np.float32), grad))
            for rig, step in ((double, wide_step), (single, small_step)):
                _require_dtype(rig, step.output, "output", training)
                _require_dtype(rig, step.input_gradient, "input gradient", training)
            if double.stochastic and training:
                continue  # numbers drawn in one dtype are not those drawn in the other
            for what, small, wide in (
                ("output", small_step.output, wide_step.output),
                ("input gradient", small_step.input_gradient, wide_step.input_gradient),
                ("parameters' gradients", tuple(small_step.gradients.values()), tuple(wide_step.gradients.values())),
            ):
                told = difference(small, wide, units=_FLOAT32_UNITS)
                if told is not None:
                    raise Unmet(
                        f"{_told(single, training)}: in float32 the {what} is {told} in float64",
                        expected="the same but for float32's rounding",
                        cause="a formula that loses precision, or a branch on the dtype",
                    )


@told_by("dtypes-kept", "rows-independent", "same-seed-same-result")
def far_from_zero(subject: Subject) -> None:
    """In float32, large inputs that differ little give what they give in float64, as far as they determine it."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    tried = False
    for double in rigs(subject):
        if not is_floating(double.inputs()):
            continue
        tried = True
        single = LayerRig(subject.make(), double.shape, subject.case, dtype=np.float32)
        x = each(_far, double.inputs())
        narrow = each(lambda array: array.astype(np.float32), x)
        for training in (False,) if double.stochastic else (False, True):
            found = single.forward(read_only(narrow), training=training)
            wanted = double.forward(read_only(x), training=training)
            moved = double.forward(read_only(each(_last_digit_moved, x)), training=training)
            for small, wide, other in zip(parts(found), parts(wanted), parts(moved), strict=True):
                finite = bool(np.isfinite(wide).all())
                # what the last digit of the inputs makes of itself is no fault, nor are a few digits lost
                own = _DIGITS * float(np.abs(other - wide).max(initial=0.0)) if finite else np.inf
                limit = max(own, _GROSS * float(np.abs(wide).max(initial=0.0)), _NOTHING)
                off = float(np.abs(small.astype(np.float64) - wide).max(initial=0.0)) if finite else 0.0
                if not off <= limit:
                    raise Unmet(
                        f"{_told(double, training)}, of numbers near {_OFFSET:g} that differ by about {_SPREAD:g}: in "
                        f"float32 an output is off by {off:.3g}, where a change in the inputs' last digit makes "
                        f"{own / _DIGITS:.3g}",
                        expected="the output in float64, as far as float32 inputs determine it",
                        cause="a difference of two large numbers, such as a variance as E[x²] − E[x]²; take the mean "
                        "off first, then square",
                    )
    if not tried:
        raise NotApplicable("the inputs are integers")


def _far(array: Array) -> Array:
    if array.dtype.kind != "f":
        return array
    return _OFFSET + np.round(256 * _SPREAD * array) / 256


def _last_digit_moved(array: Array) -> Array:
    if array.dtype.kind != "f":
        return array
    return array + np.spacing(np.float32(_OFFSET)) * generator(62).choice([-1.0, 1.0], array.shape)


@told_by("declared-output-shape", "batch-sizes", "other-lengths")
def wrong_shapes(subject: Subject) -> None:
    """A shape that the layer cannot take is refused by build with a ShapeError; any other shape works as declared."""
    for shape in subject.case.input_shapes or DEFAULT_SHAPES:
        for other in _other_shapes(shape):
            told = f"inputs of {with_batch(other)}"
            try:
                rig = LayerRig(subject.make(), other, subject.case)
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"build raised {type(error).__name__} for {told}: {error}",
                    expected="a ShapeError that says what shape the layer takes, or a layer that works",
                    cause="build uses an axis before it looks whether the axis is there and has a length",
                ) from error
            try:
                x = rig.inputs()
                _require_shape(rig.forward(x, training=False), rig.node.output_shape, ROWS, told)
                rig.tree(training=True).step(x, rig.upstream(x, training=True))
            except LayerkitError:
                continue
            except Exception as error:
                raise Unmet(
                    f"build accepts {told}, and then: {type(error).__name__}: {error}",
                    expected="a ShapeError from build, or a layer that works as declared",
                    cause="build does not check the rank or the last axis of its input shape",
                ) from error


def wrong_width(subject: Subject) -> None:
    """In a model, data of another width is refused by an error that names both shapes."""
    for shape in subject.case.input_shapes or DEFAULT_SHAPES:
        fixed = concrete(shape)
        if is_many(fixed) or not fixed or shape[-1] is None:
            continue
        model = Sequential([subject.make()]).initialize(fixed, seed=0)
        wrong = (*fixed[:-1], fixed[-1] + 1)
        try:
            model.predict(np.zeros((2, *wrong), np.float32))
        except ShapeError as error:
            if str(wrong[-1]) in str(error) and str(fixed[-1]) in str(error):
                continue
            raise Unmet(
                str(error), expected=f"a ShapeError that names {fixed} and {wrong}", cause="the message"
            ) from None
        raise Unmet(
            f"a model for {fixed} takes {wrong}", expected="ShapeError", cause="the layer changes its own input shape"
        )


def used_before_build(subject: Subject) -> None:
    """A parameter of a layer that has no values yet is reported as just that."""
    for rig in rigs(subject):
        fresh = subject.make()
        for name in (*rig.node.parameters, *rig.node.states):
            try:
                value = getattr(fresh, name)
            except NotBuiltError:
                continue
            except Exception as error:
                raise Unmet(
                    f"{name!r} of a layer without values raises {type(error).__name__}: {error}",
                    expected="NotBuiltError",
                    cause="a property or __getattr__ of the layer's own hides layerkit's",
                ) from None
            raise Unmet(
                f"{name!r} of a layer without values is {value!r}",
                expected="NotBuiltError, which says what to do",
                cause=f"the constructor or the class sets {name!r}; parameters exist from build on",
            )
        if rig.node.parts or not rig.node.parameters:
            continue
        context = Context(
            "", PassState(lambda path: generator(0)), Scratch(np.dtype(float)), training=False, layer=fresh
        )
        try:
            fresh.connect(context)
            fresh.forward(rig.inputs(), context)
        except LayerkitError:
            continue
        except Exception as error:
            raise Unmet(
                f"forward before build raised {type(error).__name__}: {error}",
                expected="NotBuiltError",
                cause="forward uses something else than the declared parameters first",
            ) from None
        raise Unmet(
            "forward before build gave an output",
            expected="NotBuiltError",
            cause="the layer makes parameters of its own, outside the model's vector",
        )


def _require_finite(value: Value, told: str, what: str = "an output or a gradient") -> None:
    if not all(np.isfinite(array).all() for array in parts(value) if array.dtype.kind == "f"):
        raise Unmet(
            f"{told}: {what} that is not finite",
            expected="finite numbers",
            cause="a division by the number of rows less one, or by a deviation of 0: one row has none",
        )


def _require_shape(value: Value, shape: Shape, rows: int, told: str) -> None:
    shapes = shape if is_many(shape) else (shape,)
    arrays = parts(value)
    if isinstance(value, tuple) != is_many(shape) or len(arrays) != len(shapes):
        found: Any = f"{len(arrays)} arrays" if isinstance(value, tuple) else "one array"
        raise Unmet(f"{told}: {found}", expected=with_batch(shape), cause="build declares another number of outputs")
    for array, wanted in zip(arrays, shapes, strict=True):
        if array.shape[:1] != (rows,) or not fits(array.shape[1:], wanted):
            raise Unmet(
                f"{told}: an output of shape {array.shape}",
                expected=f"({rows}, {', '.join(map(str, wanted))})".replace("None", "any"),
                cause="build returns another shape than forward gives, or forward drops, adds or broadcasts an axis",
            )


def _require_dtype(rig: LayerRig, value: Value, what: str, training: bool) -> None:
    for array in parts(value):
        if array.dtype.kind == "f" and array.dtype != rig.dtype:
            raise Unmet(
                f"{_told(rig, training)}: in a {rig.dtype} model the {what} is {array.dtype}",
                expected=str(rig.dtype),
                cause="a NumPy array or scalar of another dtype takes part (np.zeros without dtype, a float64 "
                "constant, np.float64(…)); use the dtype of x or ctx.scratch",
            )


def _aligned(input_gradient: Value, x: Value) -> list[tuple[Any, Any]]:
    """Each input with its gradient, None in the place of integers; none where their numbers do not fit."""
    if isinstance(x, tuple) != isinstance(input_gradient, tuple):
        return []
    return list(zip(input_gradient, x, strict=False)) if isinstance(x, tuple) else [(input_gradient, x)]


def _told(rig: LayerRig, training: bool) -> str:
    return f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}"


def _other_shapes(shape: Shape) -> list[Shape]:
    if is_many(shape):
        return [shape[:1], (*shape, shape[0])] if len(shape) > 1 else [shape[0]]
    found: list[Shape] = [(), (*shape, 3)]
    if shape:
        found += [shape[:-1], (*shape[:-1], None), (None, *shape[1:])]
    return [other for other in dict.fromkeys(found) if other != shape]


SHAPES = suite(
    declared_output_shape,
    batch_sizes,
    dtypes_kept,
    far_from_zero,
    wrong_shapes,
    wrong_width,
    used_before_build,
)
