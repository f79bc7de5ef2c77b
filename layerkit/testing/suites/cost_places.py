"""A cost where mistakes hide: at special places, in large batches, in the last digits, and for labels of any dtype."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.rigs.precision import computes_narrowly, out_of_range
from layerkit.testing.rigs.predictions import (
    LABEL_DTYPES,
    MANY_ROWS,
    cost_and_gradient,
    cost_context,
    draw_pair,
    shapes,
    target_form,
)
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Shape

_BLOCK = 7
_SIZES: dict[str, Sequence[float]] = {
    "0, 0.01 and 0.001": (0.0, 0.01, 0.001),
    "of a size of 60, 8 and 1000": (60.0, 8.0, 1000.0),
}
_FAR = (30.0, 100.0, 1000.0)


@told_by(
    "one-cost-per-example",
    "gradient-shape-and-dtype",
    "full-precision",
    "examples-independent",
    "gradient-matches",
    "finite-at-the-ends",
)
def special_places(subject: Subject) -> None:
    """Where a prediction is 0, far out, at an end of its range or right, or a target is of another size, all is finite
    and the gradient is true."""
    for shape in shapes(subject.case):
        for told, row, target in _planted(subject.make(), subject.case, shape):
            cost: Cost = subject.make()
            prediction, targets = (np.array(each) for each in draw_pair(cost, subject.case, shape, rows=2))
            prediction[0] = row
            if target is not None:
                targets[0] = target
            if not _takes(cost, targets):
                continue
            _require_true(cost, prediction, read_only(targets), told)


def _takes(cost: Cost, targets: Array) -> bool:
    try:
        cost.check_target(read_only(targets), cost_context())
    except LayerkitError:
        return False
    return True


def _require_true(cost: Cost, point: Array, target: Array, told: str) -> None:
    costs, gradient = cost_and_gradient(cost, read_only(point), target)
    if not (np.isfinite(costs).all() and np.isfinite(gradient).all()):
        raise Unmet(
            f"{told}: costs {costs[:1]}, and a gradient of {gradient[0]} is not finite",
            expected="finite numbers; at a kink, any slope between those of its two sides",
            cause="0/0, or a logarithm of 0; keep the denominator away from 0, as by max(length, tiny)",
        )

    def value() -> float:
        return float(cost.forward(read_only(point), target, cost_context()).sum())

    mismatch = compare(value, point, gradient, generator(98), size=float(np.abs(costs).sum()))
    # where most places are kinks, as for a distance of 0, there is no derivative to compare with
    if mismatch is not None and not np.isnan(mismatch.wanted):
        raise Unmet(
            f"{told}: the gradient is {mismatch}",
            expected="the derivative of the cost, there as elsewhere",
            cause="a case of its own for such places (np.where, a clip, a test for 0 or for equality) in backward, and "
            "not in forward",
        )


def _planted(cost: Cost, case: Case, shape: Shape) -> Iterator[tuple[str, Any, Any]]:
    """What is special, a prediction's row, and a target's row where that matters."""
    low, high = case.prediction_range
    drawn, target = draw_pair(cost, case, shape, rows=1, seed=99)
    every_other = np.arange(int(np.prod(shape))).reshape(shape) % 2 == 1
    if low <= 0 <= high:
        yield "where every other prediction is exactly 0", np.where(every_other, low + 0.7 * (high - low), 0.0), None
        yield "where a row of predictions is all of zeros", 0.0, None
    yield f"where predictions are {low:g} and {high:g}, the ends of their range", np.where(every_other, high, low), None
    if case.prediction_range == Case().prediction_range:
        # nothing was said about what predictions can be, so they can be anything
        for far in (8.0, 20.0):
            yield f"where predictions are {far:g} and {-far:g}, far out", np.where(every_other, -far, far), None
    if target_form(cost, case) == "real":
        anywhere = case.prediction_range == Case().prediction_range
        for told, sizes in _SIZES.items():
            row = np.resize(sizes, shape) * np.where(every_other, -1.0, 1.0)
            if anywhere or (low <= row.min() and row.max() <= high):
                near = row + 0.3 * np.maximum(1.0, np.abs(row)) if anywhere else drawn[0]
                yield f"where targets are {told}", near, row
    if target_form(cost, case) == "probabilities":
        yield "where a target is certain, a 1 among zeros", drawn[0], np.eye(shape[-1])[np.zeros(shape[:-1], int)]
    elif target_form(cost, case) == "unit":
        yield "where targets are exactly 0 and 1", drawn[0], np.where(every_other, 1.0, 0.0)
    if target.shape[1:] == shape and low <= target.min() and target.max() <= high:
        other = np.where(every_other, (low + high) / 2 + 0.1 * (high - low), target[0])
        yield "where a prediction equals its target in every other place", other, target[0]
        yield "where a row of predictions equals its target", target[0], target[0]


@told_by("one-cost-per-example", "gradient-shape-and-dtype", "full-precision", "gradient-matches", "special-places")
def large_predictions(subject: Subject) -> None:
    """In float32, predictions of ±30, ±100 and ±1000 give what they give in float64, where float32 can hold it."""
    if subject.case.prediction_range != Case().prediction_range:
        raise NotApplicable("the case says between which numbers predictions lie")
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        drawn, target = draw_pair(cost, subject.case, shape, dtype=np.float32)
        wide_target = target.astype(np.float64) if target.dtype.kind == "f" else target
        signs = np.where(np.arange(drawn[0].size).reshape(shape) % 2 == 1, -1.0, 1.0)
        for far in _FAR:
            for sign in (signs, -signs, np.ones(shape), -np.ones(shape)):
                place = read_only(np.broadcast_to(far * sign, drawn.shape).astype(np.float32))
                found = cost_and_gradient(cost, place, target)
                wanted = cost_and_gradient(cost, read_only(place.astype(np.float64)), read_only(wide_target))
                for what, one, other in zip(("cost", "gradient"), found, wanted, strict=True):
                    off = out_of_range(one, other, other, size=max(1.0, far))
                    if off is not None:
                        raise Unmet(
                            f"for predictions of ±{far:g}, in float32, a {what} is {off} in float64",
                            expected="what float64 gives, since float32 can hold it",
                            cause="an exponential that overflows on the way (float32 ends at e^88): take off the "
                            "largest first, or use e^−|d|; log cosh d is |d| + log(1 + e^−2|d|) − log 2",
                        )


@told_by("one-cost-per-example", "gradient-shape-and-dtype", "examples-independent", "gradient-matches")
def many_rows(subject: Subject) -> None:
    """A batch of 300 rows gives what its parts give, and what a row alone gives."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        prediction, target = draw_pair(cost, subject.case, shape, rows=MANY_ROWS)
        together = cost_and_gradient(cost, prediction, target)
        cuts = [slice(0, 1), *(slice(start, start + _BLOCK) for start in range(1, MANY_ROWS, _BLOCK))]
        parts = [cost_and_gradient(cost, read_only(prediction[rows]), read_only(target[rows])) for rows in cuts]
        told = difference(together, tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
        if told is not None:
            raise Unmet(
                f"in a batch of {MANY_ROWS} rows a cost or a gradient is {told}",
                expected=f"what batches of 1 and of {_BLOCK} rows give",
                cause="a large batch is cut into blocks, and the last or all but the first are left out; or rows are "
                "counted in a dtype that ends at 255",
            )


def full_precision(subject: Subject) -> None:
    """In a float64 model, costs and gradients are computed in float64."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        prediction, target = draw_pair(cost, subject.case, shape)
        for place, what in enumerate(("costs are", "the gradient is")):

            def of_prediction(point: Array, cost: Cost = cost, target: Array = target, place: int = place) -> Array:
                return cost_and_gradient(cost, read_only(point), target)[place]

            def of_target(point: Array, cost: Cost = cost, given: Array = prediction, place: int = place) -> Array:
                return cost_and_gradient(cost, given, read_only(point))[place]

            for moved, found, point in (("predictions", of_prediction, prediction), ("targets", of_target, target)):
                if point.dtype.kind == "f" and computes_narrowly(found, point):
                    raise Unmet(
                        f"{what} rounded to float32: {moved} that differ by less give the same",
                        expected="the precision of the predictions' dtype, float64 here",
                        cause="a cast to np.float32, or an array or a scratch of that dtype, on the way",
                    )


@told_by("one-cost-per-example", "many-rows")
def label_dtypes(subject: Subject) -> None:
    """Labels of any integer dtype, bytes without a sign too, give what the same labels in int64 give."""
    if target_form(subject.make(), subject.case) != "labels":
        raise NotApplicable("targets are no labels: they come in the model's dtype")
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        prediction, target = draw_pair(cost, subject.case, shape, rows=MANY_ROWS)
        wanted = cost_and_gradient(cost, prediction, target)
        cost.check_target(target, cost_context())
        for name in LABEL_DTYPES[1:]:
            told: str | None
            try:
                given = read_only(target.astype(name))
                cost.check_target(given, cost_context())
                told = difference(cost_and_gradient(cost, prediction, given), wanted)
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
            if told is not None:
                raise Unmet(
                    f"with labels in {name}, {MANY_ROWS} rows: {told}",
                    expected="the costs and the gradient that the same labels in int64 give",
                    cause="arithmetic in the labels' dtype: 0 − 1 wraps to 255 in uint8, and places above 127 in int8 "
                    "overflow; write target.astype(np.int64) first, or use labels as an index alone. Or check_target "
                    "asks for one dtype: ask for target.dtype.kind in 'iu'",
                )


def readout_usable(subject: Subject) -> None:
    """What readout gives is an activation that takes the predictions, or None."""
    cost: Cost = subject.make()
    readout: Any = cost.readout()
    if readout is None:
        raise NotApplicable("the cost has no readout")
    if not isinstance(readout, Activation):
        brackets = isinstance(readout, type) and issubclass(readout, Activation)
        raise Unmet(
            f"readout() gives {readout!r}",
            expected="an activation, such as Softmax(), or None",
            cause=f"a class where an object is wanted: write {readout.__name__}(), with brackets"
            if brackets
            else "a function, or a name; model files hold activations alone, and Trainer refuses all else",
        )
    for shape in shapes(subject.case):
        case = Case(prediction_range=subject.case.prediction_range)
        prediction, _ = draw_pair(cost, subject.case, shape)
        try:
            read = LayerRig(cost.readout(), shape, case).forward(prediction, training=False)  # type: ignore[arg-type]
        except LayerkitError as error:
            raise Unmet(
                f"{readout!r} refuses predictions of shape {prediction.shape}: {error}",
                expected="an activation that takes what the cost takes",
                cause="the readout is that of other predictions",
            ) from error
        if not isinstance(read, np.ndarray) or read.shape != prediction.shape or not np.isfinite(read).all():
            raise Unmet(
                f"{readout!r} makes {np.shape(read)} of predictions {prediction.shape}",
                expected="finite numbers in the shape of the predictions",
                cause="the readout is no activation that keeps the shape",
            )
        if len(read) > 1 and np.ptp(read, axis=0).max() == 0:
            raise Unmet(
                f"{readout!r} makes {read[0].ravel()} of each of {len(read)} predictions that differ",
                expected="an output that says what the prediction says",
                cause="a readout over several outputs where there is one: Softmax of a single output is always 1; take "
                "Sigmoid there",
            )
