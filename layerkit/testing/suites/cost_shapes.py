"""The shapes of a cost: one number an example, a gradient like the prediction, and nothing broadcast."""

from __future__ import annotations

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.cost import Cost
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import (
    cost_and_gradient,
    cost_context,
    cost_pairs,
    draw_pair,
    shapes,
    target_form,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet
from layerkit.types import Array


def one_cost_per_example(subject: Subject) -> None:
    """Forward gives one finite cost for each example, in the predictions' dtype."""
    for dtype in (np.float64, np.float32):
        for shape in shapes(subject.case):
            cost = subject.make()
            prediction, target = draw_pair(cost, subject.case, shape, dtype=dtype)
            found = cost.forward(prediction, target, cost_context(dtype))
            if not isinstance(found, np.ndarray) or found.shape != (len(prediction),):
                raise Unmet(
                    f"predictions of shape {prediction.shape} cost {_shown(found)}",
                    expected=f"an array of shape ({len(prediction)},)",
                    cause="the mean or sum over the batch is taken, or an axis of an example is left over; means "
                    "belong to the trainer",
                )
            if not np.isfinite(found).all():
                raise Unmet(
                    f"costs {found}", expected="finite costs", cause="a logarithm or a division of the wrong number"
                )
            if found.dtype != dtype:
                raise Unmet(
                    f"{np.dtype(dtype)} predictions cost {found.dtype} numbers",
                    expected=str(np.dtype(dtype)),
                    cause="a NumPy array or scalar of another dtype takes part",
                )


@told_by("one-cost-per-example")
def gradient_shape_and_dtype(subject: Subject) -> None:
    """Backward gives an array of the predictions' shape and dtype."""
    for dtype in (np.float64, np.float32):
        for cost, prediction, target in cost_pairs(subject, dtype):
            _, gradient = cost_and_gradient(cost, prediction, target)
            if gradient.shape != prediction.shape or gradient.dtype != prediction.dtype:
                raise Unmet(
                    f"a gradient of shape {gradient.shape}, {gradient.dtype}",
                    expected=f"shape {prediction.shape}, {prediction.dtype}",
                    cause="a reduction too many, broadcasting, or a constant of another dtype",
                )


def no_broadcasting(subject: Subject) -> None:
    """Targets of another shape than the cost declares are refused with a ShapeError, nothing is broadcast."""
    cost: Cost = subject.make()
    labels = target_form(cost, subject.case) == "labels"
    for shape in shapes(subject.case):
        prediction, target = draw_pair(cost, subject.case, shape)
        rows = len(prediction)
        wrong = [target[:1], target.sum(axis=None, keepdims=True)]
        if not labels:
            column, other = (read_only(array.reshape(rows, -1)[:, :1]) for array in (prediction, target))
            for one, two in ((column, read_only(other[:, 0])), (read_only(column[:, 0]), other)):
                if not _measures_as_one(cost, one, two):
                    _require_refusal(cost, one, two)
            wrong += [target.reshape(rows, -1)[:, 0]] if target.ndim > 1 else [target[:, None]]
            wrong += [target.T]
        else:
            wrong += [target[..., None]]
        for bad in wrong:
            column_of_one = {bad.shape, prediction.shape} == {(rows,), (rows, 1)}
            if bad.shape != target.shape and not column_of_one:
                _require_refusal(cost, prediction, read_only(bad))


def _measures_as_one(cost: Cost, prediction: Array, target: Array) -> bool:
    """Whether a column against a vector costs what two of one shape cost: then nothing was broadcast."""
    try:
        costs, gradient = cost_and_gradient(cost, prediction, target)
        wanted, slope = cost_and_gradient(cost, prediction, read_only(target.reshape(prediction.shape)))
    except Exception:
        return False
    return difference((costs, gradient), (wanted, slope)) is None


def _require_refusal(cost: Cost, prediction: Array, target: Array) -> None:
    told = f"predictions {prediction.shape} with targets {target.shape}"
    wanted = "a ShapeError: nothing is broadcast"
    cause = "call self.require_same_shape(prediction, target) first in forward, or compare the shapes there"
    try:
        found = cost.forward(prediction, target, cost_context())
    except ShapeError:
        return
    except Exception as error:
        raise Unmet(f"{told}: {type(error).__name__}: {error}", expected=wanted, cause=cause) from error
    raise Unmet(f"{told} cost {_shown(found)}", expected=wanted, cause=cause)


def _shown(found: object) -> str:
    if isinstance(found, np.ndarray):
        return f"an array of shape {found.shape}"
    return f"{found!r}: a NumPy scalar, not an array" if isinstance(found, np.generic) else f"{found!r}"
