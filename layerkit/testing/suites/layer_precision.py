"""A layer's numbers in both dtypes: float64 all the way in the one, and in range in the other, far out and for long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.shapes import is_many, with_batch
from layerkit.testing.closeness import identical
from layerkit.testing.inputs import each, is_floating, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig, Step, rigs
from layerkit.testing.rigs.precision import computes_narrowly, out_of_range
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_SCALES = (100.0, 1000.0)
_MODERATE = (10.0, 30.0)
_LONG = 200
_SEQUENCES = 2
_MOST = 20_000
"""How many numbers the longest input may hold: of an image whose sides both vary, 200 each would be too many."""
_SHORT_DIGITS = 16
_SEVERAL = 3
_NARROW = "a cast to np.float32, dtype=np.float32, or an array or a scratch of that dtype, on the way"
_DIGIT = float(np.finfo(np.float32).eps)


@told_by("dtypes-kept")
def full_precision(subject: Subject) -> None:
    """In a float64 model, outputs are computed in float64, with tables and constants of that precision."""
    tried = False
    for rig in rigs(subject):
        x = rig.inputs()
        if isinstance(x, tuple) or not is_floating(x):
            continue
        tried = True
        for training in (True, False):

            def output(point: Array, rig: LayerRig = rig, training: bool = training) -> Array:
                found = parts(rig.tree(training=training).forward(read_only(point)))
                return np.concatenate([array.ravel() for array in found if array.dtype.kind == "f"] or [np.zeros(0)])

            if computes_narrowly(output, x):
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}, {'training' if training else 'inference'}: the output is "
                    "rounded to float32: inputs that differ by less give the same",
                    expected="the precision of the model's dtype, float64 here",
                    cause=_NARROW,
                )
        table = _narrow_constants(rig)
        if table is not None:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}, inference: for {table}, where float64 would have more digits",
                expected="the precision of the model's dtype, float64 here, in constants and tables, too",
                cause=f"what is added or multiplied was worked out in float32: {_NARROW}",
            )
    if not tried:
        raise NotApplicable("the inputs are integers, or several")


def _narrow_constants(rig: LayerRig) -> str | None:
    """Where inputs of 0 and 1 give numbers that a float32 holds, and fewer digits do not: a constant's, it must be.

    A number of float64 is one of float32 once in 2²⁹ times; whole numbers and halves are left out.
    """
    if rig.case.inputs is not None:
        return None
    # an argument may happen to be such a number, and what is computed of it another one
    own = np.array([value for value in rig.case.arguments.values() if isinstance(value, float)])
    if len(_narrow_among(own)):
        return None
    x = np.zeros_like(parts(rig.inputs())[0])
    flat = x.reshape(len(x), -1)
    flat[1] = 1.0
    for row in range(2, len(x)):
        flat[row, (row - 2) % flat.shape[1] :: x.shape[-1]] = 1.0
    for array in parts(rig.forward(read_only(x), training=False)):
        if array.dtype != np.float64:
            continue
        for row, values in enumerate(array.reshape(len(array), -1)):
            wide = _long_among(values)
            narrow = _narrow_among(wide)
            if len(narrow) >= _SEVERAL and 2 * len(narrow) > len(wide):
                given = ("0", "1")[row] if row < 2 else "0 but for single ones"
                return f"inputs of {given}, {len(narrow)} of {len(values)} outputs are float32's, {narrow[0]:.17g}"
    return None


def _long_among(values: Array) -> Array:
    """The numbers with more digits than a person writes down."""
    return values[np.isfinite(values) & (values != _rounded_to(values, _SHORT_DIGITS))]


def _narrow_among(values: Array) -> Array:
    """The numbers with many digits, and no more than a float32 has."""
    wide = _long_among(values)
    with np.errstate(over="ignore"):
        return wide[wide == wide.astype(np.float32)]


def _rounded_to(values: Array, digits: int) -> Array:
    """Numbers with so many binary digits."""
    mantissa, exponent = np.frexp(values)
    rounded: Array = np.ldexp(np.round(mantissa * 2.0**digits) / 2.0**digits, exponent)
    return rounded


@told_by("dtypes-kept", "full-precision", "far-from-zero", "finite-far-out", "planted-points", "batch-sizes")
def large_inputs(subject: Subject) -> None:
    """In float32, inputs of about 10, 30, 100 and 1000, and sequences of 200, give what float64 gives where it is
    finite."""
    if subject.case.inputs is not None:
        raise NotApplicable("the case draws the inputs itself, so it is not known what else the layer can take")
    tried = False
    for double in rigs(subject):
        if not is_floating(double.inputs()):
            continue
        tried = True
        single = LayerRig(subject.make(), double.shape, subject.case, dtype=np.float32)
        double.structure.parameters[...] = single.structure.parameters
        double.structure.states[...] = single.structure.states
        for told, x in _inputs(double):
            seen: Step | None = None
            for training in (False,) if double.stochastic else (False, True):
                seen = _require_in_range(double, single, x, training, told, seen)
    if not tried:
        raise NotApplicable("the inputs are integers")


def _inputs(rig: LayerRig) -> Iterator[tuple[str, Value]]:
    """Inputs that float32 can tell, in float64, and what is special about them."""
    yield "about 10 and 30 large, row by row", _rounded(each(_of_two_sizes, rig.inputs(seed=45)))
    for scale in _SCALES:
        yield f"about {scale:g} large", _rounded(each(lambda array: scale * array, rig.inputs(seed=45)))  # noqa: B023
    shapes = rig.shape if is_many(rig.shape) else (rig.shape,)
    if any(None in shape for shape in shapes):
        long = rig.inputs(_SEQUENCES, seed=46, varying=_LONG)
        if sum(array.size for array in parts(long)) <= _MOST:
            yield f"of length {_LONG}", _rounded(long)


def _of_two_sizes(array: Array) -> Array:
    sizes = np.resize(_MODERATE, len(array)).reshape(-1, *[1] * (array.ndim - 1))
    scaled: Array = array * sizes
    return scaled


def _rounded(x: Value) -> Value:
    return read_only(each(lambda array: array.astype(np.float32).astype(np.float64), x))


def _require_in_range(
    double: LayerRig, single: LayerRig, x: Value, training: bool, told: str, seen: Step | None
) -> Step | None:
    """The step in float64; ``seen`` is that of another mode, and what is the same in both is looked at once."""
    try:
        first = _step(double, x, training)
    except LayerkitError:
        return None  # there is a longest one, and this is longer
    fine = _held(first, len(parts(x)[0]))
    same = seen is not None and identical(seen.everything, first.everything)
    if same or not fine.any() or (double.coupled and training and not fine.all()):
        return first
    x = rows_of(x, fine)
    wide = first if fine.all() else _step(double, x, training)
    moved = _step(double, read_only(each(_last_digit_moved, x)), training)
    narrow = _step(single, read_only(each(lambda array: array.astype(np.float32), x)), training)
    large = max(1.0, *(float(np.abs(array).max(initial=0.0)) for array in parts(x)))
    largest = max(1.0, *(float(np.abs(array).max(initial=0.0)) for array in parts(wide.output)))
    for what, size, steps in (
        ("an output", large, [step.output for step in (narrow, wide, moved)]),
        ("the gradient with respect to x", large * largest, [step.input_gradient for step in (narrow, wide, moved)]),
        (
            "a parameter's gradient",
            large * large * largest,
            [tuple(step.gradients.values()) for step in (narrow, wide, moved)],
        ),
    ):
        for found, wanted, other in zip(*map(parts, steps), strict=True):
            off = out_of_range(found, wanted, other, size=size)
            if off is not None:
                raise Unmet(
                    f"inputs of {with_batch(double.shape)}, {told}, {'training' if training else 'inference'}: in "
                    f"float32 {what} is {off} in float64",
                    expected="the number of float64, as far as float32 inputs determine it: float32 can hold it",
                    cause="an exponential or a power that overflows on the way (float32 ends at e^88): take off the "
                    "largest first, use e^−|z|, or divide before multiplying; then inf / inf or 0 · inf is NaN",
                )
    return first


def _step(rig: LayerRig, x: Value, training: bool) -> Step:
    tree = rig.tree(training=training)
    output = tree.forward(x)
    rng = generator(47)
    # drawn in float64 and rounded, so that both dtypes see the same numbers
    grad = each(lambda array: rng.normal(size=array.shape).astype(np.float32).astype(array.dtype), output)
    input_gradient, gradients = tree.backward(read_only(grad))
    return Step(output, input_gradient, gradients, ())


def _held(step: Step, rows: int) -> Array:
    """The rows of which float32 could hold the output and the input gradient, far from its ends."""
    fine = np.ones(rows, bool)
    for array in (*parts(step.output), *parts(step.input_gradient)):
        with np.errstate(all="ignore"):
            fine &= (np.abs(array) < 1e30).reshape(rows, -1).all(axis=1)
    return fine


def _last_digit_moved(array: Array) -> Array:
    return array * (1 + _DIGIT * generator(62).choice([-1.0, 1.0], array.shape))


PRECISION = suite(full_precision)
FAR = suite(large_inputs)
